//! A model ready to be asked: unfolded once after loading. Never changes, and
//! never takes more room than the model's bytes account for.

use alloc::string::String;

use super::rank::Lists;
use super::shelves::Shelves;
use super::{ITEM_LIMIT, Model};
use crate::event::WORD_LIMIT;
use crate::ids::{ID_LIMIT, Ids};
use crate::lists::{Follower, Followers};

/// A model's ids and lists, ready to be asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Index {
    ids: Ids,
    lists: Followers,
    /// What goes into one basket; empty where nobody knows.
    together: Followers,
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
    pub fn find(&self, id: &str) -> Option<u32> {
        self.ids.find(id)
    }

    /// The id of an item.
    #[must_use]
    pub fn id(&self, item: u32) -> Option<String> {
        self.ids.id(item)
    }

    /// Gives every follower of `item` in some lists to `each`, with its list's scale.
    pub fn followers(&self, (of, item): (Lists, u32), each: impl FnMut(u8, Follower)) {
        match of {
            Lists::Next => self.lists.each(item, each),
            Lists::Together => self.together.each(item, each),
        }
    }

    /// Reads all ids and lists; nothing if any of them is not sound.
    pub(super) fn build(model: &Model) -> Option<Index> {
        if model.items > ITEM_LIMIT {
            return None;
        }
        let mut index = Index {
            ids: Ids::read(&model.ids.0, model.items as usize)?,
            lists: Followers::read(&model.lists.0, model.items)?,
            ..Index::default()
        };
        if !model.together.0.is_empty() {
            index.together = Followers::read(&model.together.0, model.items)?;
        }
        index.shelves = Shelves::new(model);
        Some(index)
    }
}

const _: () = assert!(ID_LIMIT == WORD_LIMIT);
