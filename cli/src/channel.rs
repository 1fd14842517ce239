//! `vitrine channel`: where a visit came from, a line each.

use std::path::PathBuf;

use clap::Args;
use serde::Deserialize;
use vitrine_engine::channel::{Landing as Door, arrive};
use vitrine_engine::json::Json;
use vitrine_engine::page::Page;
use vitrine_engine::sites::{RARE, Sites};
use vitrine_trainer::recode::recode;

use crate::failure::{Failure, stdout};
use crate::input::{lines, refuse};

/// Judge where visits came from: JSON lines `{"url", "referrer"?, "user_agent"?}`.
#[derive(Debug, Args)]
pub struct Channel {
    /// Know no more sites than a page does whose plan asks for none of the rare ones
    #[arg(long)]
    common: bool,
    /// The lines; `-` is standard input
    #[arg(value_name = "LINES.jsonl", default_value = "-")]
    input: PathBuf,
}

/// A line as it should be.
const EXAMPLE: &str = r#"{"url":"https://shop.example/","referrer":"https://search.example/"}"#;

#[derive(Deserialize)]
struct Landing {
    url: String,
    // Logs write `null` where a browser said nothing.
    referrer: Option<String>,
    user_agent: Option<String>,
}

impl Channel {
    /// Does it.
    pub fn run(self) -> Result<(), Failure> {
        stdout(|out| {
            let mut lines = lines(&self.input)?;
            while let Some((number, text)) = lines.full()? {
                let landing: Landing = serde_json::from_str(text).map_err(|error| {
                    let place = error.column();
                    refuse(
                        &self.input,
                        number,
                        &format!("is no visit as JSON, at column {place}; one is `{EXAMPLE}`"),
                    )
                })?;
                let sites = Sites(if self.common { "" } else { RARE });
                let page = Page::parse(&recode(&landing.url));
                let arrival = arrive(&Door {
                    page: &page,
                    referrer: &recode(&landing.referrer.unwrap_or_default()),
                    agent: &landing.user_agent.unwrap_or_default(),
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
            Ok::<(), Failure>(())
        })
    }
}
