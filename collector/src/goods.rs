//! A site's recommendation model as it is served: one file, or a head and its
//! shards. Never serves what a page could not read, and never takes away what is
//! served for something broken that came in its place.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

use vitrine_engine::recommend::Model;

use crate::start::StartError;
use crate::state::File;

/// The files of a model.
#[derive(Debug, Clone, Default)]
pub struct Goods {
    /// The model, or the head of its shards: what the pointer names.
    pub head: File,
    /// The shards, in the head's order.
    pub shards: Vec<File>,
    /// The files of the model before, for pages that were told of it still.
    pub before: Vec<File>,
}

impl Goods {
    /// Reads a model, and the shards that lie beside it.
    ///
    /// # Errors
    /// A file cannot be read, or is not what its name says.
    pub fn read(path: &Path) -> Result<Goods, StartError> {
        let head = contents(path)?;
        let wrong = |path: &Path, reason: &str| {
            let shown = path.display();
            StartError::Input(format!("the model `{shown}` {reason}; make one with `vitrine train`"))
        };
        let model = Model::open(&head).map_err(|broken| wrong(path, broken.reason()))?;
        let mut goods = Goods { head: File::new(head), ..Goods::default() };
        for name in model.directory.iter().flat_map(|directory| &directory.shards) {
            let place = shard_path(path, name);
            let shard = File::new(contents(&place)?);
            Model::open(&shard.bytes).map_err(|broken| wrong(&place, broken.reason()))?;
            if shard.hash != *name {
                return Err(wrong(&place, "is not the shard of this name"));
            }
            goods.shards.push(shard);
        }
        Ok(goods)
    }

    /// The file of a name.
    #[must_use]
    pub fn file(&self, hash: &str) -> Option<&File> {
        [&self.head].into_iter().chain(&self.shards).chain(&self.before).find(|file| file.hash == hash)
    }

    /// These, which take the place of others.
    #[must_use]
    pub fn instead_of(mut self, others: Option<&Goods>) -> Goods {
        if let Some(Goods { head, shards, .. }) = others {
            self.before = [head].into_iter().chain(shards).cloned().collect();
        }
        self
    }
}

fn contents(path: &Path) -> Result<Vec<u8>, StartError> {
    fs::read(path).map_err(|e| StartError::Unusable(format!("cannot read `{}`: {e}", path.display())))
}

/// Where the shards of a model lie: in a folder beside it, by their names.
#[must_use]
pub fn shard_path(model: &Path, name: &str) -> PathBuf {
    let mut folder = model.as_os_str().to_owned();
    folder.push(".shards");
    // A name is what the head says, and no way out of the folder.
    let safe: String = name.chars().filter(char::is_ascii_hexdigit).collect();
    PathBuf::from(folder).join(format!("{safe}.model"))
}

/// When a file was written, and its size; none where there is no file.
type Stamp = Option<(SystemTime, u64)>;

/// A model's place, looked at again and again.
#[derive(Debug)]
pub struct Watch {
    path: PathBuf,
    /// What stood there when it was last looked at, and when it was last read.
    stamps: Mutex<(Stamp, Stamp)>,
}

impl Watch {
    /// Of a model that was just read.
    #[must_use]
    pub fn new(path: &Path) -> Watch {
        let stamp = stamp(path);
        Watch { path: path.into(), stamps: Mutex::new((stamp, stamp)) }
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The model, if another one lies there and is no longer being written; or
    /// why it cannot be served, once.
    #[must_use]
    pub fn look(&self) -> Option<Result<Goods, StartError>> {
        let mut stamps = self.stamps.lock().ok()?;
        let now = stamp(&self.path);
        if now != stamps.0 || now == stamps.1 {
            stamps.0 = now;
            return None;
        }
        stamps.1 = now;
        Some(Goods::read(&self.path))
    }
}

fn stamp(path: &Path) -> Stamp {
    let file = fs::metadata(path).ok()?;
    Some((file.modified().ok()?, file.len()))
}
