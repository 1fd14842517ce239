//! The cards by category and brand, most wanted first; made once after
//! loading. Never holds a card: only their places.

use alloc::string::String;
use alloc::vec::Vec;

use super::model::{Card, Model};
use super::rank::sort;
use crate::text::fold;

/// Cards of one category or brand that are kept at hand: four strips full, so
/// that what is bought, banned or sold out leaves enough.
const SHELF: usize = 48;
/// The number of a name that a card does not have.
pub(super) const NONE: u16 = u16::MAX;

/// The cards by category and brand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shelves {
    pub(super) categories: Names,
    pub(super) brands: Names,
    /// Places of the cards that most people look at, best first.
    pub(super) popular: Vec<u32>,
    /// Each card's item over its place, ascending; of an item's cards the first.
    by_item: Vec<u64>,
}

/// The names of one kind in ascending order, and the cards that bear each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Names {
    names: Vec<String>,
    cards: Vec<Vec<u32>>,
    /// Each card's name, by number.
    of: Vec<u16>,
}

impl Shelves {
    pub(super) fn new(model: &Model) -> Shelves {
        let mut shelves = Shelves {
            categories: Names::new(model, |card| &card.category),
            brands: Names::new(model, |card| &card.brand),
            ..Shelves::default()
        };
        let mut all = Vec::with_capacity(model.cards.len());
        for (card, at) in model.cards.iter().zip(0u64..) {
            all.push(u64::from(card.item) << 32 | at);
        }
        sort(&mut all);
        // The most wanted first; equals by item, which is the same in a whole
        // model and in its shards.
        let mut order = Vec::with_capacity(all.len());
        for key in all {
            let is_known = shelves.by_item.last().is_some_and(|last| last >> 32 == key >> 32);
            if let Some(card) = model.cards.get(key as u32 as usize).filter(|_| !is_known) {
                order.push(u64::from(u8::MAX - card.wanted) << 32 | shelves.by_item.len() as u64);
                shelves.by_item.push(key);
            }
        }
        sort(&mut order);
        for key in order {
            let at = shelves.by_item.get(key as u32 as usize).map_or(0, |key| *key as u32);
            if shelves.popular.len() < SHELF {
                shelves.popular.push(at);
            }
            shelves.categories.place(at);
            shelves.brands.place(at);
        }
        shelves
    }

    /// The place of an item's card.
    pub(super) fn card_at(&self, item: u32) -> Option<u32> {
        let place = self.by_item.partition_point(|key| *key >> 32 < u64::from(item));
        self.by_item.get(place).filter(|key| **key >> 32 == u64::from(item)).map(|key| *key as u32)
    }

    /// A card's category and brand, by number.
    pub(super) fn of(&self, at: u32) -> (u16, u16) {
        (self.categories.of(at), self.brands.of(at))
    }
}

impl Names {
    /// The folded names of all cards in ascending order, and each card's number.
    fn new(model: &Model, name: fn(&Card) -> &String) -> Names {
        // As they are spelt, each once, so that few are folded.
        let mut spelt: Vec<String> = Vec::new();
        for card in &model.cards {
            let name = name(card);
            let place = place(&spelt, name);
            if !name.is_empty() && spelt.get(place) != Some(name) && spelt.len() < usize::from(NONE) {
                spelt.insert(place, name.clone());
            }
        }
        let mut all = Names::default();
        for name in &spelt {
            let name = fold(name);
            let place = place(&all.names, &name);
            if all.names.get(place) != Some(&name) {
                all.names.insert(place, name);
            }
        }
        let mut numbers = Vec::with_capacity(spelt.len());
        for name in &spelt {
            numbers.push(place(&all.names, &fold(name)) as u16);
        }
        all.of.reserve_exact(model.cards.len());
        for card in &model.cards {
            let name = name(card);
            let place = place(&spelt, name);
            let number = numbers.get(place).filter(|_| spelt.get(place) == Some(name));
            all.of.push(number.copied().unwrap_or(NONE));
        }
        all.cards.resize(all.names.len(), Vec::new());
        all
    }

    /// Puts a card behind those that bear its name.
    fn place(&mut self, at: u32) {
        let number = self.of(at);
        if let Some(cards) = self.cards.get_mut(usize::from(number)).filter(|cards| cards.len() < SHELF) {
            cards.push(at);
        }
    }

    /// The number of a card's name.
    fn of(&self, at: u32) -> u16 {
        self.of.get(at as usize).copied().unwrap_or(NONE)
    }

    /// The number of a folded name.
    pub(super) fn find(&self, name: &str) -> Option<u16> {
        let at = place(&self.names, name);
        self.names.get(at).filter(|known| *known == name).map(|_| at as u16)
    }

    /// The cards that bear a name, by its number, most wanted first.
    pub(super) fn cards(&self, number: u16) -> &[u32] {
        self.cards.get(usize::from(number)).map_or(&[], Vec::as_slice)
    }
}

/// Where a name stands among ascending ones, or would.
fn place(names: &[String], name: &str) -> usize {
    names.partition_point(|known| known.as_str() < name)
}
