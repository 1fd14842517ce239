//! `vitrine replay`: a log of many visitors through the very engine of the
//! page. Never reads a clock: the log's times are all the time there is.

pub mod people;
mod shoppers;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use vitrine_engine::time::Millis;
use vitrine_trainer::line;

use crate::failure::{Failure, stdout};
use crate::input::{lines, outside, refuse};
use crate::output;
use crate::progress::Bar;
use crate::published::Files;
use people::{People, Said};
use shoppers::Shoppers;

/// Lines between two looks at the progress.
const SIGN_EVERY: u64 = 1_000;

/// Run a log of events through the engine; decisions as JSON lines.
#[derive(Debug, Args)]
pub struct Replay {
    #[command(flatten)]
    files: Files,
    /// Visitors without a `seed` of their own get theirs from this and their name
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Seeded people who see, click, dismiss and buy at given rates a message.
    ///
    /// `see` is the share of showings that are seen, `value` what a purchase is worth,
    /// from and to, in the site's currency; `click` is of those who see, `dismiss` of
    /// those who see and do not click, `buy` of all who are due, once a visitor:
    /// {"seed":1,"see":0.8,"value":[20000,80000],"messages":{"cart-nudge/gentle":
    /// {"click":0.1,"dismiss":0.2,"buy":0.05},"cart-nudge/holdout":{"buy":0.04}}}
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
        self.files.beside(&self.events)?;
        let published = self.files.read()?;
        let digits = published.plan.currency.digits;
        let shoppers = self.shoppers.as_deref().map(|path| Shoppers::read(path, digits)).transpose()?;
        let mut people = People::new(published, self.seed, shoppers);
        let mut mail = self.reports.as_deref().map(Mail::open).transpose()?;
        stdout(|out| {
            self.walk(&mut people, &mut |said| match (said, &mut mail) {
                (Said::Decision(line), _) => Ok(writeln!(out, "{line}")?),
                (Said::Report(line), Some(mail)) => mail.post(&line),
                (Said::Report(_), None) => Ok(()),
            })
        })?;
        mail.map_or(Ok(()), Mail::close)?;
        let _unheard = writeln!(io::stderr(), "{}", people.sums());
        Ok(())
    }

    fn walk(
        &self,
        people: &mut People,
        say: &mut dyn FnMut(Said) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let digits = people.published.plan.currency.digits;
        let mut bar = Bar::new(Some(&self.events)).beside_output();
        let mut last = Millis(0);
        let mut lines = lines(&self.events)?;
        while let Some((number, text)) = lines.full()? {
            let refuse = |why: &str| refuse(&self.events, number, why);
            let line = line::read(text, digits).map_err(|why| refuse(&why))?;
            if line.event.at < last {
                return Err(refuse("`t` is before that of the line above; sort the log by time"));
            }
            last = line.event.at;
            people.take(line).into_iter().try_for_each(&mut *say)?;
            if number.is_multiple_of(SIGN_EVERY) {
                bar.read(lines.bytes());
            }
        }
        people.finish().into_iter().try_for_each(say)
    }
}

/// Where reports go.
struct Mail<'a> {
    path: &'a Path,
    file: BufWriter<File>,
}

impl Mail<'_> {
    fn open(path: &Path) -> Result<Mail<'_>, Failure> {
        if output::is_standard(path) {
            let sentence = "`--reports -` would mix reports with decisions; name a file";
            return Err(Failure::Outside(sentence.into()));
        }
        let file = File::create(path).map_err(|error| outside(path, &error))?;
        Ok(Mail { path, file: BufWriter::new(file) })
    }

    fn post(&mut self, line: &str) -> Result<(), Failure> {
        writeln!(self.file, "{line}").map_err(|error| outside(self.path, &error))
    }

    fn close(mut self) -> Result<(), Failure> {
        self.file.flush().map_err(|error| outside(self.path, &error))
    }
}
