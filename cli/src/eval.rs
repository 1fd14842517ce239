//! `vitrine eval`: whether conditions hold, a line each. Never stops at a line
//! that is no condition: it says so in that line's place.

use std::path::PathBuf;

use clap::Args;
use vitrine_engine::json::Json;
use vitrine_rules::eval::eval;

use crate::failure::{Failure, stdout};
use crate::input::lines;

/// Judge conditions: JSON lines `{"condition", "attributes", "groups"?}`, `true`
/// or `false` a line.
#[derive(Debug, Args)]
pub struct Eval {
    /// The lines; `-` is standard input
    #[arg(value_name = "LINES.jsonl", default_value = "-")]
    input: PathBuf,
}

impl Eval {
    /// Does it.
    pub fn run(self) -> Result<(), Failure> {
        stdout(|out| {
            let mut lines = lines(&self.input)?;
            while let Some((_, line)) = lines.any()? {
                match judge(line) {
                    Ok(holds) => writeln!(out, "{holds}")?,
                    Err(reason) => {
                        let mut json = Json::default();
                        json.begin('{');
                        json.pair("error", &reason);
                        json.end('}');
                        writeln!(out, "{}", json.finish())?;
                    }
                }
            }
            Ok::<(), Failure>(())
        })
    }
}

/// What the checker of rule files would say of a whole file is said of a line.
fn judge(line: &str) -> Result<bool, String> {
    if line.trim().is_empty() {
        return Err("the line is empty; one is `{\"condition\":{},\"attributes\":{}}`".into());
    }
    eval(line)
}
