//! `vitrine recommend`: sessions in, ranked ids out, a line each. Never
//! reorders lines and never leaves one out: an empty session gives what
//! everybody likes.

use std::path::{Path, PathBuf};

use clap::Args;
use vitrine_collector::shard_path;
use vitrine_engine::recommend::{Index, MODEL_BYTES, Model, rank};
use vitrine_engine::seal::{self, Broken};
use vitrine_trainer::library::Library;

use crate::failure::{Failure, stdout};
use crate::input::{at_most_one_standard, bytes, lines, name};

/// Rank items after sessions, a line each.
#[derive(Debug, Args)]
pub struct Recommend {
    /// The model, as `vitrine train` wrote it
    #[arg(long)]
    model: PathBuf,
    /// How many ids a line
    #[arg(long, value_name = "N", default_value_t = 20)]
    top: usize,
    /// Sessions, one a line, item ids oldest first; `-` is standard input
    #[arg(value_name = "SESSIONS.txt", default_value = "-")]
    input: PathBuf,
}

impl Recommend {
    /// Does it.
    pub fn run(self) -> Result<(), Failure> {
        at_most_one_standard(&[Some(&self.model), Some(&self.input)])?;
        let (library, _) = load(&self.model)?;
        stdout(|out| {
            let mut lines = lines(&self.input)?;
            while let Some((_, text)) = lines.any()? {
                let session: Vec<&str> = text.split_whitespace().collect();
                let (model, index) = library.open(&session);
                let best = rank((model, index), &session, &[], self.top);
                let ids: Vec<String> = best.into_iter().filter_map(|item| index.id(item)).collect();
                writeln!(out, "{}", ids.join(" "))?;
            }
            Ok::<(), Failure>(())
        })
    }
}

/// A model from a file with the shards that it names, and how many bytes a page
/// fetches for its first strip: the file, and of shards the largest.
pub fn load(path: &Path) -> Result<(Library, usize), Failure> {
    let Files { head, size, shards } = Files::read(path)?;
    if shards.is_empty() {
        return Ok((Library::Whole(Box::new(head)), size));
    }
    let largest = shards.iter().map(Vec::len).max().unwrap_or(0);
    let library = Library::divided(head, shards.iter().map(Vec::as_slice));
    Ok((library.ok_or_else(|| refuse(path, Broken::Content))?, size + largest))
}

/// A model from a file with all the shards that it names, as one.
pub fn load_whole(path: &Path) -> Result<(Model, Index), Failure> {
    let Files { head: (mut model, mut index), shards, .. } = Files::read(path)?;
    for bytes in shards {
        index.join(&mut model, &bytes).map_err(|broken| refuse(path, broken))?;
    }
    Ok((model, index))
}

/// What makes up a model.
struct Files {
    head: (Model, Index),
    /// The head's bytes.
    size: usize,
    shards: Vec<Vec<u8>>,
}

impl Files {
    fn read(path: &Path) -> Result<Files, Failure> {
        let head = bytes(path, MODEL_BYTES)?;
        let (model, index) = Model::load(&head).map_err(|broken| refuse(path, broken))?;
        let mut shards = Vec::new();
        for name in model.directory.iter().flat_map(|directory| &directory.shards) {
            let place = shard_path(path, name);
            let shard = bytes(&place, MODEL_BYTES)?;
            if seal::name(&shard) != *name {
                return Err(Failure::Input(format!("{}: is not the shard of this name", place.display())));
            }
            Model::open(&shard).map_err(|broken| refuse(&place, broken))?;
            shards.push(shard);
        }
        Ok(Files { head: (model, index), size: head.len(), shards })
    }
}

fn refuse(path: &Path, broken: Broken) -> Failure {
    let (name, reason) = (name(path), broken.reason());
    Failure::Input(format!("{name} {reason}; a model is needed, as `vitrine train` writes it"))
}
