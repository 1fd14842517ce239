//! `vitrine replay`: a log of many visitors through the very engine of the
//! page. Never reads a clock: the log's times are all the time there is.

mod people;
mod shoppers;

use std::fs::File;
use std::io::{self, BufRead, BufWriter, IsTerminal, Write};
use std::path::PathBuf;

use clap::Args;
use vitrine_engine::time::Millis;
use vitrine_trainer::line;

use crate::failure::{Failure, open, outside, stdout};
use crate::published::Files;
use people::{People, Said};
use shoppers::Shoppers;

/// Lines between two signs of life.
const SIGN_EVERY: u64 = 20_000;

/// Run a log of events through the engine; decisions as JSON lines.
#[derive(Debug, Args)]
pub struct Replay {
    #[command(flatten)]
    files: Files,
    /// Visitors without a `seed` of their own get theirs from this and their name
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Seeded people who see, click, dismiss and buy at given rates a message
    #[arg(long, value_name = "S.json")]
    shoppers: Option<PathBuf>,
    /// Where to write what would have left the devices, a report a line
    #[arg(long, value_name = "FILE")]
    reports: Option<PathBuf>,
    /// Events, sorted by time, a JSON object a line; `-` is standard input
    #[arg(value_name = "EVENTS.jsonl")]
    events: PathBuf,
}

impl Replay {
    /// Does it.
    pub fn run(self) -> Result<(), Failure> {
        let published = self.files.read()?;
        let digits = published.plan.currency.digits;
        let shoppers = self.shoppers.as_deref().map(|path| Shoppers::read(path, digits)).transpose()?;
        let mut people = People::new(published, self.seed, shoppers);
        let mut mail = match &self.reports {
            Some(path) => Some(BufWriter::new(File::create(path).map_err(|error| outside(path, &error))?)),
            None => None,
        };
        let mut stopped = Ok(());
        stdout(|out| {
            stopped = self.walk(&mut people, out, mail.as_mut().map(|mail| mail as &mut dyn Write));
            Ok(())
        })?;
        stopped?;
        let flushed = mail.map_or(Ok(()), |mut mail| mail.flush());
        flushed.map_err(|error| Failure::Outside(format!("the reports: {error}")))?;
        let sums = people.sums();
        let _unheard = writeln!(io::stderr(), "{sums}");
        Ok(())
    }

    fn walk(
        &self,
        people: &mut People,
        out: &mut dyn Write,
        mut mail: Option<&mut dyn Write>,
    ) -> Result<(), Failure> {
        let digits = people.digits();
        let shows_signs = io::stderr().is_terminal();
        let mut last = Millis(0);
        let mut write = |said: Vec<Said>| -> Result<(), Failure> {
            for said in said {
                let done = match (said, &mut mail) {
                    (Said::Decision(line), _) => writeln!(out, "{line}"),
                    (Said::Report(line), Some(mail)) => writeln!(mail, "{line}"),
                    (Said::Report(_), None) => Ok(()),
                };
                done.map_err(|error| Failure::Outside(format!("standard output: {error}")))?;
            }
            Ok(())
        };
        for (number, text) in (1u64..).zip(open(&self.events)?.lines()) {
            let text = text.map_err(|error| outside(&self.events, &error))?;
            if text.trim().is_empty() {
                continue;
            }
            let refuse =
                |why: &str| Failure::Input(format!("{}: line {number}: {why}", self.events.display()));
            let line = line::read(&text, digits).map_err(|why| refuse(&why))?;
            if line.event.at < last {
                return Err(refuse("`t` is before that of the line above; sort the log by time"));
            }
            last = line.event.at;
            write(people.take(line))?;
            if shows_signs && number.is_multiple_of(SIGN_EVERY) {
                eprint!("\r{number} events");
            }
        }
        write(people.finish())
    }
}
