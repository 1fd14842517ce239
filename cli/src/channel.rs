//! `vitrine channel`: where a visit came from, a line each.

use std::io::{self, BufRead};

use clap::Args;
use serde::Deserialize;
use vitrine_engine::channel::{Landing as Door, arrive};
use vitrine_engine::json::Json;
use vitrine_engine::page::Page;
use vitrine_engine::sites::{RARE, Sites};
use vitrine_trainer::recode::recode;

use crate::failure::{Failure, stdout};

/// Judge where visits came from: JSON lines `{"url", "referrer", "user_agent"}` on standard input.
#[derive(Debug, Args)]
pub struct Channel {
    /// Know no more sites than a page does whose plan asks for none of the rare ones
    #[arg(long)]
    common: bool,
}

#[derive(Deserialize)]
struct Landing {
    url: String,
    #[serde(default)]
    referrer: String,
    #[serde(default)]
    user_agent: String,
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
                let sites = Sites(if self.common { "" } else { RARE });
                let page = Page::parse(&recode(&landing.url));
                let arrival = arrive(&Door {
                    page: &page,
                    referrer: &recode(&landing.referrer),
                    agent: &landing.user_agent,
                    sites,
                });
                let mut json = Json::default();
                json.begin('{');
                json.pair("medium", arrival.medium.word());
                json.pair("source", &arrival.source);
                if !arrival.keyword.is_empty() {
                    json.pair("keyword", &arrival.keyword);
                }
                if !arrival.campaign.is_empty() {
                    json.pair("campaign", &arrival.campaign);
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
