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
    /// Each card's category and brand, by number.
    of: Vec<(u16, u16)>,
    /// Places of the cards that most people look at, best first.
    pub(super) popular: Vec<u32>,
}

/// The names of one kind in ascending order, and the cards that bear each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Names {
    names: Vec<String>,
    cards: Vec<Vec<u32>>,
}

impl Shelves {
    pub(super) fn new(model: &Model) -> Shelves {
        let mut shelves = Shelves::default();
        let (categories, brands) =
            (Names::number(model, |card| &card.category), Names::number(model, |card| &card.brand));
        (shelves.categories.names, shelves.brands.names) = (categories.0, brands.0);
        shelves.of = categories.1.into_iter().zip(brands.1).collect();
        for names in [&mut shelves.categories, &mut shelves.brands] {
            names.cards.resize(names.names.len(), Vec::new());
        }
        // What everybody likes first, in order, then the rest by how often each
        // was looked at, so that a small category has its best at hand too.
        let mut is_placed = Vec::new();
        is_placed.resize(model.cards.len(), false);
        for item in &model.popular {
            if let Some(at) = model.card_at(*item) {
                shelves.place(at, &mut is_placed);
            }
        }
        let mut rest = Vec::with_capacity(model.cards.len());
        for (card, at) in model.cards.iter().zip(0u64..) {
            rest.push(u64::from(u8::MAX - card.wanted) << 32 | at);
        }
        sort(&mut rest);
        for at in rest {
            shelves.place(at as u32, &mut is_placed);
        }
        shelves
    }

    fn place(&mut self, at: u32, is_placed: &mut [bool]) {
        let Some(placed) = is_placed.get_mut(at as usize).filter(|placed| !**placed) else { return };
        *placed = true;
        if self.popular.len() < SHELF {
            self.popular.push(at);
        }
        let (category, brand) = self.of(at);
        for (names, number) in [(&mut self.categories, category), (&mut self.brands, brand)] {
            if let Some(cards) = names.cards.get_mut(usize::from(number)).filter(|cards| cards.len() < SHELF)
            {
                cards.push(at);
            }
        }
    }

    /// A card's category and brand, by number.
    pub(super) fn of(&self, at: u32) -> (u16, u16) {
        self.of.get(at as usize).copied().unwrap_or((NONE, NONE))
    }
}

impl Names {
    /// The folded names of all cards in ascending order, and each card's number.
    fn number(model: &Model, name: fn(&Card) -> &String) -> (Vec<String>, Vec<u16>) {
        // As they are spelt, each once, so that few are folded.
        let mut spelt: Vec<(&str, u16)> = Vec::new();
        for card in &model.cards {
            let name = name(card).as_str();
            let place = spelt.partition_point(|(known, _)| *known < name);
            let is_known = spelt.get(place).is_some_and(|(known, _)| *known == name);
            if !name.is_empty() && !is_known && spelt.len() < usize::from(NONE) {
                spelt.insert(place, (name, NONE));
            }
        }
        let mut names: Vec<String> = Vec::new();
        for (name, _) in &spelt {
            let name = fold(name);
            let place = names.partition_point(|known| *known < name);
            if names.get(place) != Some(&name) {
                names.insert(place, name);
            }
        }
        for (name, number) in &mut spelt {
            *number = names.partition_point(|known| *known < fold(name)) as u16;
        }
        let mut numbers = Vec::with_capacity(model.cards.len());
        for card in &model.cards {
            let name = name(card).as_str();
            let found = spelt.get(spelt.partition_point(|(known, _)| *known < name));
            numbers.push(found.filter(|(known, _)| *known == name).map_or(NONE, |(_, number)| *number));
        }
        (names, numbers)
    }

    /// The number of a folded name.
    pub(super) fn find(&self, name: &str) -> Option<u16> {
        let at = self.names.partition_point(|known| known.as_str() < name);
        self.names.get(at).filter(|known| *known == name).map(|_| at as u16)
    }

    /// The cards that bear a name, by its number, most wanted first.
    pub(super) fn cards(&self, number: u16) -> &[u32] {
        self.cards.get(usize::from(number)).map_or(&[], Vec::as_slice)
    }
}
