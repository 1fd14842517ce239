//! A model ready to be asked: unfolded once after loading, and shard by shard.
//! Never forgets what it took in, and never takes more room than the bytes
//! account for.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::rank::Lists;
use super::shelves::Shelves;
use super::{Card, ITEM_LIMIT, Model};
use crate::bits::{BitWriter, Bits};
use crate::event::WORD_LIMIT;
use crate::ids::{ID_LIMIT, Ids};
use crate::lists::{Follower, Followers};
use crate::pack::Packed;
use crate::seal::{self, Broken};

/// A model's ids and lists, ready to be asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Index {
    /// The model itself, and the shards that joined it.
    parts: Vec<Part>,
    /// The cards by category and brand.
    pub(super) shelves: Shelves,
}

/// Some items with their lists. What is told of them outside goes by their
/// places in the whole model.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Part {
    /// Which shard it is; none for the model or the head itself.
    shard: Option<usize>,
    ids: Ids,
    lists: Followers,
    /// What goes into one basket; empty where nobody knows.
    together: Followers,
    /// Each item's place in the whole, ascending; empty where this is the whole.
    places: Vec<u32>,
}

impl Index {
    /// The index of a model; empty for a model that [`Model::open`] refuses.
    #[must_use]
    pub fn new(model: &Model) -> Index {
        Index::build(model).unwrap_or_default()
    }

    /// The place of an item.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<u32> {
        for part in &self.parts {
            if let Some(at) = part.ids.find(id) {
                return Some(part.place(at));
            }
        }
        None
    }

    /// The id of an item.
    #[must_use]
    pub fn id(&self, item: u32) -> Option<String> {
        self.parts.iter().find_map(|part| part.ids.id(part.at(item)?))
    }

    /// Gives every follower of `item` in some lists to `each`, with its list's
    /// scale. Of all parts only the one where an item is at home has its list.
    pub fn followers(&self, (of, item): (Lists, u32), mut each: impl FnMut(u8, Follower)) {
        for part in &self.parts {
            let Some(at) = part.at(item) else { continue };
            let lists = if of == Lists::Next { &part.lists } else { &part.together };
            lists.each(at, |step, follower| {
                each(step, Follower { item: part.place(follower.item), ..follower });
            });
        }
    }

    /// Reads all ids and lists; nothing if any of them is not sound.
    pub(super) fn build(model: &Model) -> Option<Index> {
        Some(Index { parts: vec![Part::read(model)?], shelves: Shelves::new(model) })
    }

    /// The card of an item, if it has one.
    #[must_use]
    pub fn card<'a>(&self, model: &'a Model, item: u32) -> Option<&'a Card> {
        model.cards.get(self.shelves.card_at(item)? as usize)
    }

    /// Whether a shard has joined.
    #[must_use]
    pub fn has(&self, shard: usize) -> bool {
        self.parts.iter().any(|part| part.shard == Some(shard))
    }

    /// Takes in a shard of the model: its items with their lists, and its cards.
    /// Twice is once.
    ///
    /// # Errors
    /// Says why the bytes are none of the model's shards; then nothing changed.
    pub fn join(&mut self, model: &mut Model, bytes: &[u8]) -> Result<(), Broken> {
        let name = seal::name(bytes);
        let shards = model.directory.as_ref().map_or(&[][..], |directory| &directory.shards);
        let shard = shards.iter().position(|known| *known == name).ok_or(Broken::Foreign)?;
        let (mut joining, mut index) = Model::load(bytes)?;
        if !self.has(shard) {
            for part in &mut index.parts {
                part.shard = Some(shard);
            }
            self.parts.append(&mut index.parts);
            model.cards.append(&mut joining.cards);
            self.shelves = Shelves::new(model);
        }
        Ok(())
    }
}

impl Part {
    fn read(model: &Model) -> Option<Part> {
        if model.items > ITEM_LIMIT {
            return None;
        }
        let mut part = Part {
            ids: Ids::read(&model.ids.0, model.items as usize)?,
            lists: Followers::read(&model.lists.0, model.items)?,
            ..Part::default()
        };
        if !model.together.0.is_empty() {
            part.together = Followers::read(&model.together.0, model.items)?;
        }
        if let Some((low, bytes)) = model.places.0.split_first() {
            let (mut bits, mut next) = (Bits::new(bytes), 0);
            part.places.reserve_exact(model.items as usize);
            for _ in 0..model.items {
                let place = bits.number(u32::from(*low).min(32))? + next;
                if place >= u64::from(ITEM_LIMIT) {
                    return None;
                }
                part.places.push(place as u32);
                next = place + 1;
            }
        }
        Some(part)
    }

    /// The place in the whole of the item that stands at `at` here.
    fn place(&self, at: u32) -> u32 {
        self.places.get(at as usize).copied().unwrap_or(at)
    }

    /// Where an item of the whole stands here.
    fn at(&self, item: u32) -> Option<u32> {
        if self.places.is_empty() {
            Some(item)
        } else {
            self.places.binary_search(&item).ok().map(|at| at as u32)
        }
    }
}

/// Places in a whole model, ascending, as [`Model::places`] has them.
#[must_use]
pub fn pack_places(places: &[u32]) -> Packed {
    let written = |low: u8| {
        let (mut bits, mut next) = (BitWriter::default(), 0);
        for place in places {
            bits.number(u64::from(place - next), u32::from(low));
            next = place + 1;
        }
        let mut out = vec![low];
        out.extend(bits.finish());
        out
    };
    Packed((0..20).map(written).min_by_key(Vec::len).unwrap_or_default())
}

// An id that an event may carry is one that a model may hold.
const _: () = assert!(ID_LIMIT == WORD_LIMIT);
