//! `vitrine recommend`: sessions in, ranked ids out, a line each. Never
//! reorders lines and never leaves one out: an empty session gives what
//! everybody likes.

use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

use clap::Args;
use vitrine_engine::recommend::{Index, MODEL_BYTES, Model, rank};

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
        let (model, index, _) = load(&self.model)?;
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
                let best = rank(&model, &index, &session, &[], self.top);
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

/// A model from a file, its index, and its size in bytes.
pub fn load(path: &Path) -> Result<(Model, Index, usize), Failure> {
    let bytes = bytes(path, MODEL_BYTES)?;
    let (model, index) = Model::load(&bytes)
        .map_err(|broken| Failure::Input(format!("{}: {}", path.display(), broken.reason())))?;
    Ok((model, index, bytes.len()))
}
