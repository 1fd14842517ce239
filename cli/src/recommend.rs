//! `vitrine recommend`: sessions in, ranked ids out, a line each. Never
//! reorders lines and never leaves one out: an empty session gives what
//! everybody likes.

use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

use clap::Args;
use vitrine_engine::recommend::{MODEL_BYTES, Model, rank};
use vitrine_trainer::shards::Library;

use crate::failure::{Failure, bytes, stdout};

/// Rank items after sessions read from standard input.
#[derive(Debug, Args)]
pub struct Recommend {
    /// The model, as `vitrine train` wrote it
    #[arg(long)]
    model: PathBuf,
    /// How many ids a line
    #[arg(long, value_name = "N", default_value_t = 20)]
    top: usize,
}

impl Recommend {
    /// Does it.
    pub fn run(self) -> Result<(), Failure> {
        let (library, _) = load(&self.model)?;
        let mut broken = None;
        stdout(|out| {
            for line in io::stdin().lock().lines() {
                let line = match line {
                    Ok(line) => line,
                    Err(error) => {
                        broken = Some(error);
                        break;
                    }
                };
                let session: Vec<&str> = line.split_whitespace().collect();
                let (model, index) = library.open(&session);
                let best = rank(model, index, &session, &[], self.top);
                let ids: Vec<String> = best.into_iter().filter_map(|item| index.id(item)).collect();
                writeln!(out, "{}", ids.join(" "))?;
            }
            Ok(())
        })?;
        match broken {
            Some(error) if error.kind() == io::ErrorKind::InvalidData => {
                Err(Failure::Input("standard input is not UTF-8 text".into()))
            }
            Some(error) => Err(Failure::Outside(format!("standard input: {error}"))),
            None => Ok(()),
        }
    }
}

/// A model from a file with the shards that it names, and how many bytes a page
/// fetches for its first strip: the file, and of shards the largest.
pub fn load(path: &Path) -> Result<(Library, usize), Failure> {
    let read = |path: &Path| {
        let bytes = bytes(path, MODEL_BYTES)?;
        let (model, index) = Model::load(&bytes)
            .map_err(|broken| Failure::Input(format!("{}: {}", path.display(), broken.reason())))?;
        Ok::<_, Failure>((model, index, bytes.len()))
    };
    let (model, index, mut size) = read(path)?;
    let head = Box::new((model, index));
    let Some(directory) = &head.0.directory else { return Ok((Library::Whole(head), size)) };
    let (mut shards, mut largest) = (Vec::new(), 0);
    for name in &directory.shards {
        let (shard, index, bytes) = read(&shard_path(path, name))?;
        shards.push((shard, index));
        largest = largest.max(bytes);
    }
    size += largest;
    Ok((Library::Divided { head, shards }, size))
}

/// Where the shards of a model lie: in a folder beside it, by their names.
pub fn shard_path(model: &Path, name: &str) -> PathBuf {
    let mut folder = model.as_os_str().to_owned();
    folder.push(".shards");
    // A name is what the head says, and no way out of the folder.
    let safe: String = name.chars().filter(char::is_ascii_hexdigit).collect();
    PathBuf::from(folder).join(format!("{safe}.model"))
}
