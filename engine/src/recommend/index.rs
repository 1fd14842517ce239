//! A model ready to be asked: unfolded once after loading. Never changes, and
//! never takes more room than the model's bytes account for.

use alloc::string::String;

use super::{ITEM_LIMIT, Model};
use crate::event::WORD_LIMIT;
use crate::ids::{ID_LIMIT, Ids};
use crate::lists::{Follower, Lists};

/// A model's ids and lists, ready to be asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Index {
    ids: Ids,
    lists: Lists,
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
        self.ids.find(id)
    }

    /// The id of an item.
    #[must_use]
    pub fn id(&self, item: u32) -> Option<String> {
        self.ids.id(item)
    }

    /// Gives every follower of `item` to `each`, with its list's scale.
    pub fn followers(&self, item: u32, each: impl FnMut(u8, Follower)) {
        self.lists.each(item, each);
    }

    /// Reads all ids and lists; nothing if any of them is not sound.
    pub(super) fn build(model: &Model) -> Option<Index> {
        if model.items > ITEM_LIMIT {
            return None;
        }
        let ids = Ids::read(&model.ids.0, model.items as usize)?;
        Some(Index { ids, lists: Lists::read(&model.lists.0, model.items)? })
    }
}

const _: () = assert!(ID_LIMIT == WORD_LIMIT);
