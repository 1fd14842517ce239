//! What a training laid down, one model or a head and its shards, as a page would
//! have it. Never divides a model: `shards` does.

use vitrine_engine::recommend::{Index, Model};

use crate::shards::Sharded;

/// A model as it lies in a folder, ready to be asked.
#[derive(Debug)]
pub enum Library {
    /// One file.
    Whole(Box<(Model, Index)>),
    /// A head and its shards.
    Divided {
        /// The head.
        head: Box<(Model, Index)>,
        /// The head joined by each shard, in the order of its directory.
        shards: Vec<(Model, Index)>,
    },
}

impl Library {
    /// What a page has that shows a session's next items: the one model, or the
    /// head and the shard of the last item that any shard knows, or the head.
    #[must_use]
    pub fn open(&self, session: &[&str]) -> &(Model, Index) {
        let (head, shards) = match self {
            Library::Whole(whole) => return whole,
            Library::Divided { head, shards } => (head, shards),
        };
        let of = |id: &&str| {
            let directory = head.0.directory.as_ref()?;
            let shard = directory.shard(id).and_then(|shard| shards.get(shard))?;
            shard.1.find(id).map(|_| shard)
        };
        session.iter().rev().find_map(of).unwrap_or(head)
    }

    /// How many items there are in all.
    #[must_use]
    pub fn items(&self) -> usize {
        match self {
            Library::Whole(whole) => whole.0.items as usize,
            // Strangers are at home elsewhere.
            Library::Divided { head, .. } => {
                head.0.directory.as_ref().map_or(0, |known| known.items as usize)
            }
        }
    }

    /// The library of what was divided; nothing if it does not hold together.
    #[must_use]
    pub fn of(sharded: &Sharded) -> Option<Library> {
        Library::divided(Model::load(&sharded.bytes).ok()?, sharded.shards.iter().map(Vec::as_slice))
    }

    /// The library of a head and its shards; nothing if one is not the head's.
    #[must_use]
    pub fn divided<'a>(head: (Model, Index), shards: impl Iterator<Item = &'a [u8]>) -> Option<Library> {
        let joined = |bytes: &[u8]| {
            let (mut model, mut index) = head.clone();
            index.join(&mut model, bytes).ok()?;
            Some((model, index))
        };
        let shards = shards.map(joined).collect::<Option<_>>()?;
        Some(Library::Divided { head: Box::new(head), shards })
    }
}
