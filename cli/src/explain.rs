//! `vitrine explain`: why each campaign is shown to a visitor or not.

use std::io::BufRead;
use std::path::PathBuf;

use clap::Args;
use vitrine_engine::explain::{Reason, explain, explain_rows, to_json};
use vitrine_engine::page::Moment;
use vitrine_engine::sentence::Sentence;
use vitrine_engine::time::Millis;
use vitrine_engine::walk::Visitor;
use vitrine_trainer::line;

use crate::failure::{Failure, open, outside, stdout};
use crate::published::Files;
use crate::rule_file::Tongue;

/// Say for every campaign whether a visitor sees it, and if not, what was missing.
#[derive(Debug, Args)]
pub struct Explain {
    #[command(flatten)]
    files: Files,
    /// The visitor's name in the log
    #[arg(long)]
    visitor: String,
    /// The moment: milliseconds since 1970, or as in RFC 3339
    #[arg(long, value_name = "T")]
    at: String,
    /// The visitor's seed, where the log does not have it
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// The language of the sentences; with `--json` there are both
    #[arg(long, value_enum, default_value_t)]
    language: Tongue,
    /// Events, sorted by time, a JSON object a line; `-` is standard input
    #[arg(value_name = "EVENTS.jsonl")]
    events: PathBuf,
}

impl Explain {
    /// Does it.
    pub fn run(self) -> Result<(), Failure> {
        let (published, shelf) = self.files.read_with_shelf()?;
        let digits = published.plan.currency.digits;
        let at = self.at.parse().ok().or_else(|| line::rfc3339(&self.at));
        let at = Millis(at.ok_or_else(|| Failure::Input(format!("`--at {}` is no moment", self.at)))?);
        let mut visitor = Visitor::new(self.seed);
        let mut is_known = false;
        for (number, text) in (1u64..).zip(open(&self.events)?.lines()) {
            let text = text.map_err(|error| outside(&self.events, &error))?;
            if text.trim().is_empty() {
                continue;
            }
            let refuse =
                |why: String| Failure::Input(format!("{}: line {number}: {why}", self.events.display()));
            let line = line::read(&text, digits).map_err(refuse)?;
            if line.visitor != self.visitor || line.event.at > at {
                continue;
            }
            if !is_known {
                visitor = Visitor::new(line.seed.unwrap_or(self.seed));
                is_known = true;
            }
            visitor.step(&published, &line.event);
        }
        if !is_known {
            return Err(Failure::Input(format!("the log has no event of `{}` until then", self.visitor)));
        }
        let moment = Moment { now: at, page: visitor.page.unwrap_or_default() };
        let mut reasons = explain(&published, &visitor.profile, &moment);
        if let Some((model, index)) = &shelf {
            explain_rows(&mut reasons, (model, index), &published, (&visitor.profile, &moment));
        }
        stdout(|out| match self.json {
            true => writeln!(out, "{}", to_json(&reasons)),
            false => reasons.iter().try_for_each(|Reason { campaign, sentence, products, .. }| {
                writeln!(out, "{campaign}: {}", self.said(sentence))?;
                products.iter().zip(1..).try_for_each(|(product, place)| {
                    writeln!(out, "  {place}. {}: {}", product.title, self.said(&product.sentence))
                })
            }),
        })
    }

    fn said<'a>(&self, sentence: &'a Sentence) -> &'a str {
        match self.language {
            Tongue::En => &sentence.english,
            Tongue::Ko => &sentence.korean,
        }
    }
}
