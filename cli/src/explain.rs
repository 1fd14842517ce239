//! `vitrine explain`: why each campaign is shown to a visitor or not.

use std::path::PathBuf;

use clap::Args;
use vitrine_engine::explain::{Reason, explain, explain_rows, to_json};
use vitrine_engine::page::Moment;
use vitrine_engine::sentence::Sentence;
use vitrine_engine::time::Millis;
use vitrine_trainer::line;

use crate::failure::{Failure, stdout};
use crate::input::{lines, refuse};
use crate::published::Files;
use crate::replay::people::People;
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
    /// As for `vitrine replay`: where the log has no seed, the visitor's is made of
    /// this and their name
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
        self.files.beside(&self.events)?;
        let (published, shelf) = self.files.read_with_shelf()?;
        let at = self.at.parse().ok().or_else(|| line::rfc3339(&self.at));
        let at = Millis(at.ok_or_else(|| {
            Failure::Input(format!(
                "`--at {}` is no moment; one is `1763700140000` or `2025-11-21T13:42:20+09:00`",
                self.at
            ))
        })?);
        let mut people = People::new(published, self.seed, None);
        self.walk(&mut people, at)?;
        let Some(visitor) = people.at(&self.visitor, at).cloned() else {
            return Err(Failure::Input(format!("the log has no event of `{}` until then", self.visitor)));
        };
        let published = people.published;
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

    /// This visitor's part of the log, as `vitrine replay` walks it.
    fn walk(&self, people: &mut People, at: Millis) -> Result<(), Failure> {
        let digits = people.published.plan.currency.digits;
        let mut lines = lines(&self.events)?;
        while let Some((number, text)) = lines.full()? {
            let line = line::read(text, digits).map_err(|why| refuse(&self.events, number, &why))?;
            if line.visitor == self.visitor && line.event.at <= at {
                drop(people.take(line));
            }
        }
        Ok(())
    }

    fn said<'a>(&self, sentence: &'a Sentence) -> &'a str {
        match self.language {
            Tongue::En => &sentence.english,
            Tongue::Ko => &sentence.korean,
        }
    }
}
