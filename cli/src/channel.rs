//! `vitrine channel`: where a visit came from, a line each.

use std::io::{self, BufRead};

use clap::Args;
use serde::Deserialize;
use vitrine_engine::channel::arrive;
use vitrine_engine::page::Page;
use vitrine_engine::text::Json;

use crate::failure::{Failure, stdout};

/// Judge where visits came from: JSON lines `{"url", "referrer"}` on standard input.
#[derive(Debug, Args)]
pub struct Channel {}

#[derive(Deserialize)]
struct Landing {
    url: String,
    #[serde(default)]
    referrer: String,
}

impl Channel {
    /// Does it.
    pub fn run(self) -> Result<(), Failure> {
        let mut bad = Ok(());
        stdout(|out| {
            for (number, line) in (1u64..).zip(io::stdin().lock().lines()) {
                let landing: Landing = match serde_json::from_str(&line?) {
                    Ok(landing) => landing,
                    Err(error) => {
                        bad = Err(Failure::Input(format!("standard input: line {number}: {error}")));
                        break;
                    }
                };
                let arrival = arrive(&Page::parse(&landing.url), &landing.referrer);
                let mut json = Json::default();
                json.begin('{');
                json.pair("medium", arrival.medium.word());
                json.pair("source", &arrival.source);
                if !arrival.keyword.is_empty() {
                    json.pair("keyword", &arrival.keyword);
                }
                json.pair("evidence", arrival.evidence.word());
                json.end('}');
                writeln!(out, "{}", json.finish())?;
            }
            Ok(())
        })?;
        bad
    }
}
