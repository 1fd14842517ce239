//! `vitrine eval`: whether conditions hold, a line each. Never stops at a line
//! that is no condition: it says so in that line's place.

use std::io::{self, BufRead};

use clap::Args;
use vitrine_engine::json::Json;
use vitrine_rules::eval::eval;

use crate::failure::{Failure, stdout};

/// Judge conditions: JSON lines `{"condition", "attributes", "groups"?}` on
/// standard input, `true` or `false` a line.
#[derive(Debug, Args)]
pub struct Eval {}

impl Eval {
    /// Does it.
    pub fn run(self) -> Result<(), Failure> {
        stdout(|out| {
            for line in io::stdin().lock().split(b'\n') {
                match eval(&String::from_utf8_lossy(&line?)) {
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
            Ok(())
        })
    }
}
