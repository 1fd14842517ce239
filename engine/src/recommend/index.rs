//! Where things stand in a model's packed bytes. Never copies them: an id or a
//! list is read where it lies.

use alloc::string::String;
use alloc::vec::Vec;

use super::rank::Lists;
use super::shelves::Shelves;
use super::{ITEM_LIMIT, Model};
use crate::event::WORD_LIMIT;
use crate::lists::{BLOCK, Follower, Ids, Packed, Reader, id_at};

/// Where things stand in a model's packed bytes; built once after loading.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Index {
    /// Where each block of ids begins, in bytes.
    blocks: Vec<u32>,
    /// Where each item's list begins, in bits.
    lists: Vec<u32>,
    /// The same of what goes into one basket; empty where nobody knows.
    together: Vec<u32>,
    /// The cards by category and brand.
    pub(super) shelves: Shelves,
}

impl Index {
    /// The index of a model; empty for a model that [`Model::open`] refuses.
    #[must_use]
    pub fn new(model: &Model) -> Index {
        Index::build(model).unwrap_or_default()
    }

    /// The place of an item.
    #[must_use]
    pub fn find(&self, model: &Model, id: &str) -> Option<u32> {
        let after = self.blocks.partition_point(|start| {
            let mut ids = Ids::new(tail(&model.ids.0, *start));
            ids.step().is_some_and(|first| first <= id.as_bytes())
        });
        let block = after.checked_sub(1)?;
        let mut ids = Ids::new(tail(&model.ids.0, *self.blocks.get(block)?));
        let first = (block * BLOCK) as u32;
        (first..model.items).take(BLOCK).find(|_| ids.step().is_some_and(|known| known == id.as_bytes()))
    }

    /// The id of an item.
    #[must_use]
    pub fn id(&self, model: &Model, item: u32) -> Option<String> {
        let (block, steps) = (item as usize / BLOCK, item as usize % BLOCK);
        id_at(tail(&model.ids.0, *self.blocks.get(block)?), steps)
    }

    /// Gives every follower of `item` in some lists to `each`, with its list's scale.
    pub fn followers(&self, model: &Model, (of, item): (Lists, u32), each: impl FnMut(u8, Follower)) {
        let (starts, bits) = match of {
            Lists::Next => (&self.lists, &model.lists),
            Lists::Together => (&self.together, &model.together),
        };
        if let Some(start) = starts.get(item as usize) {
            // An index is built only of lists that can be read to their end.
            let _read = Reader::new(&bits.0, *start as usize).list(model.items, each);
        }
    }

    /// Walks all ids and lists; nothing if any of them is not sound.
    pub(super) fn build(model: &Model) -> Option<Index> {
        // An id takes at least a byte, so that what is reserved here is in
        // proportion to the bytes.
        let items = model.items as usize;
        if model.items > ITEM_LIMIT || items > model.ids.0.len() {
            return None;
        }
        let mut index = Index { blocks: Vec::with_capacity(items.div_ceil(BLOCK)), ..Index::default() };
        let mut ids = Ids::new(&model.ids.0);
        let mut last: Vec<u8> = Vec::with_capacity(WORD_LIMIT);
        for at in 0..items {
            let start = model.ids.0.len() - ids.rest();
            if at % BLOCK == 0 {
                index.blocks.push(start as u32);
                ids = Ids::new(tail(&model.ids.0, start as u32));
            }
            let id = ids.step()?;
            let ascending = at == 0 || last.as_slice() < id;
            if !ascending || id.len() > WORD_LIMIT || core::str::from_utf8(id).is_err() {
                return None;
            }
            last.clear();
            last.extend(id);
        }
        index.lists = starts(&model.lists, model.items)?;
        if !model.together.0.is_empty() {
            index.together = starts(&model.together, model.items)?;
        }
        index.shelves = Shelves::new(model);
        (ids.rest() == 0).then_some(index)
    }
}

/// Where each item's list begins, in bits; nothing if some list is not sound
/// or there are other bits than theirs.
fn starts(lists: &Packed, items: u32) -> Option<Vec<u32>> {
    // A list takes at least a bit.
    if items as usize > lists.0.len() * 8 {
        return None;
    }
    let mut starts = Vec::with_capacity(items as usize);
    let mut bits = Reader::new(&lists.0, 0);
    for _ in 0..items {
        starts.push(bits.at() as u32);
        bits.list(items, |_, _| {})?;
    }
    bits.is_done().then_some(starts)
}

fn tail(bytes: &[u8], from: u32) -> &[u8] {
    bytes.get(from as usize..).unwrap_or_default()
}
