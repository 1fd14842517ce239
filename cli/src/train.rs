//! `vitrine train`: a shop's own log → a model. Never changes the log, and
//! leaves no half-written model behind.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use vitrine_collector::shard_path;
use vitrine_engine::recommend::MODEL_BYTES;
use vitrine_engine::recommend::directory::SHARD_LIMIT;
use vitrine_trainer::catalog::{self, Catalog};
use vitrine_trainer::evaluate::Figures;
use vitrine_trainer::tune::{Point, Price, Settings};
use vitrine_trainer::{Progress, Trained, Wish, train};

use crate::account::{self, points};
use crate::behaviour;
use crate::failure::Failure;
use crate::input::{at_most_one_standard, open, outside, troubled};
use crate::output::{is_standard, replace, tell};
use crate::progress::Bar;

/// Products of the feed that are named one by one when they are left out.
const COMPLAINTS_SHOWN: usize = 5;

/// Make a recommendation model of a shop's own log.
#[derive(Debug, Args)]
pub struct Train {
    /// Session text (one session a line, item ids oldest first, the oldest session
    /// first), events as JSON lines or GA4's BigQuery export in any order, or counts
    /// of pairs as JSON lines of `from`, `to`, `count`; `-` is standard input
    sessions: PathBuf,
    /// The model to write; `-` is standard output
    #[arg(short, long)]
    output: PathBuf,
    /// The most bytes that the model may take. It takes fewer where the log's own
    /// tail tells of no gain by more
    #[arg(long, value_name = "BYTES", default_value_t = MODEL_BYTES)]
    budget: usize,
    /// In how many distinct sessions two items must have met
    #[arg(long, value_name = "SESSIONS", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
    min_support: u32,
    /// Divide the model, so that a page fetches the head and one shard, which
    /// the budget then bounds together; shards go to OUTPUT.shards/
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = shard_count)]
    shards: usize,
    /// A product feed (Google Merchant Center, tab-separated or XML) for titles,
    /// links, pictures, prices, categories, brands and stock. Repeat it as `en=FEED`
    /// for titles and links on pages in another language
    #[arg(long, value_name = "[LANG=]FEED", value_parser = feed)]
    catalog: Vec<Feed>,
    /// Print the account as one line of JSON
    #[arg(long)]
    json: bool,
}

/// A product feed, and the language that it is in where it is not the first.
#[derive(Debug, Clone)]
struct Feed {
    language: Option<String>,
    path: PathBuf,
}

/// `en=FEED`, `pt-br=FEED` or `FEED`; what stands before a `=` and is no language
/// belongs to the path.
fn feed(text: &str) -> Result<Feed, String> {
    let is_language = |tag: &&str| {
        let mut parts = tag.split('-');
        let primary = parts.next().unwrap_or_default();
        (2..=3).contains(&primary.len())
            && primary.bytes().all(|letter| letter.is_ascii_alphabetic())
            && parts.all(|part| {
                (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
            })
    };
    let tagged = text.split_once('=').filter(|(tag, _)| is_language(tag));
    let (language, path) = tagged.map_or((None, text), |(tag, path)| (Some(tag.to_owned()), path));
    Ok(Feed { language, path: path.into() })
}

/// The first feed with the others' words; a sentence for each of these that has
/// products which the first has not.
fn read_feeds(feeds: &[Feed]) -> Result<(Catalog, Vec<String>), Failure> {
    let read = |path: &Path| catalog::read(&mut *open(path)?).map_err(|trouble| troubled(path, trouble));
    let Some((first, others)) = feeds.split_first() else { return Ok(Default::default()) };
    let (mut catalog, mut passed) = (read(&first.path)?, Vec::new());
    for Feed { language, path } in others {
        let Some(language) = language else {
            let path = path.display();
            return Err(Failure::Input(format!(
                "{path}: say which language it is in: `--catalog en={path}`"
            )));
        };
        let mut other = read(path)?;
        let at = path.display();
        other.complaints.iter_mut().for_each(|complaint| *complaint = format!("{at}: {complaint}"));
        let unknown = catalog.speak(language, other);
        if let Some(one) = unknown.first() {
            let count = unknown.len();
            passed.push(format!("{at}: {count} products are not in the first feed, such as `{one}`"));
        }
    }
    Ok((catalog, passed))
}

impl Train {
    /// Does it.
    pub fn run(self) -> Result<(), Failure> {
        let start = Instant::now();
        let feeds = self.catalog.iter().map(|feed| Some(feed.path.as_path()));
        at_most_one_standard(&feeds.chain([Some(self.sessions.as_path())]).collect::<Vec<_>>())?;
        if self.shards > 0 && is_standard(&self.output) {
            return Err(Failure::Outside(
                "`-o -` has no room for shards beside the model; name a file".into(),
            ));
        }
        let (catalog, passed) = read_feeds(&self.catalog)?;
        let wish = Wish { budget: self.budget, support: self.min_support, shards: self.shards };
        let mut bar = Bar::new(Some(&self.sessions));
        let mut show = |progress| match progress {
            Progress::Read(bytes) => bar.read(bytes),
            Progress::Tried(tried, all) => bar.done(tried as u64, all as u64, "choosing settings"),
            Progress::Packing => bar.done(1, 1, "packing"),
        };
        let trained = train(&mut *open(&self.sessions)?, &catalog, wish, &mut show);
        drop(bar);
        let trained = trained.map_err(|trouble| troubled(&self.sessions, trouble))?;
        for (bytes, name) in trained.shards.iter().zip(names(&trained)) {
            let path = shard_path(&self.output, name);
            let folder = path.parent().unwrap_or(&path);
            std::fs::create_dir_all(folder).map_err(|error| outside(folder, &error))?;
            replace(&path, bytes)?;
        }
        replace(&self.output, &trained.bytes)?;
        complain(&catalog, &passed);
        let seconds = start.elapsed().as_secs_f64();
        if self.json {
            return tell(&account::json(&trained, seconds).to_string(), &self.output);
        }
        let mut text = Vec::new();
        self.account(&mut text, &trained)?;
        if !self.catalog.is_empty() {
            let (cards, sold_out) = (trained.model.cards.len(), catalog.sold_out);
            let place =
                if trained.shards.is_empty() { "" } else { " in the head, the others in their shards" };
            writeln!(text, "cards      {cards} products to show{place}, {sold_out} sold out")?;
        }
        write!(text, "took       {seconds:.1} s")?;
        if let Some(kilobytes) = account::peak_memory() {
            write!(text, ", {} MB at the peak", kilobytes / 1024)?;
        }
        tell(&String::from_utf8_lossy(&text), &self.output)
    }

    fn account(&self, out: &mut dyn Write, trained: &Trained) -> io::Result<()> {
        let Trained { sessions, clicks, items, .. } = trained;
        writeln!(out, "read       {sessions} sessions, {clicks} clicks, {items} items")?;
        self.size(out, trained)?;
        chosen(out, trained.settings)?;
        self.accuracy(out, trained)?;
        hours(out, trained)?;
        behaviour::say(out, trained)
    }

    fn size(&self, out: &mut dyn Write, trained: &Trained) -> io::Result<()> {
        let Trained { model, items, .. } = trained;
        let (path, size) = (self.output.display(), trained.bytes.len());
        if trained.shards.is_empty() {
            let each = size as f64 / f64::from(model.items.max(1));
            writeln!(out, "wrote      {path}: {size} bytes, {each:.1} an item")?;
            if (model.items as usize) < *items {
                writeln!(out, "           the budget holds the {} most popular items", model.items)?;
            }
        } else {
            let shards = trained.shards.len();
            let sizes = trained.shards.iter().map(Vec::len);
            let (all, largest): (usize, usize) = (sizes.clone().sum(), sizes.max().unwrap_or(0));
            writeln!(out, "wrote      {path}: {size} bytes, the head, and {shards} shards of {all} bytes")?;
            let mean = size + all / shards;
            writeln!(out, "           a first page fetches {mean} bytes, at most {}", size + largest)?;
        }
        Ok(())
    }

    fn accuracy(&self, out: &mut dyn Write, trained: &Trained) -> io::Result<()> {
        writeln!(out, "accuracy   on the last tenth of the log, from what is before it")?;
        if trained.prices.is_empty() {
            writeln!(out, "           the log is too short to measure it; the usual settings were taken")?;
        } else {
            writeln!(out, "           support      bytes   HR@20  MRR@20   novel HR@20  MRR@20   rows")?;
        }
        for Price { support, figures } in &trained.prices {
            let is_asked = *support == self.min_support;
            row(out, is_asked, &format!("{support:>7}   no limit"), figures)?;
        }
        for (Point { bytes, figures, .. }, is_asked) in points(trained, self.budget) {
            row(out, is_asked, &format!("{:>7} {bytes:>10}", self.min_support), figures)?;
        }
        if let Some(figures) = &trained.divided {
            row(out, true, &format!("{:>7} head+shard", self.min_support), figures)?;
        }
        Ok(())
    }
}

fn chosen(out: &mut dyn Write, Settings { shape, serving }: Settings) -> io::Result<()> {
    writeln!(
        out,
        "chosen     step {}, back {}, age {}, crowd {}, lift {}; power {}, decay {}, repeat {}, hop {}; trust {}, depth {}, grain {}, keep {}",
        shape.step,
        shape.back,
        shape.age,
        shape.crowd,
        shape.lift,
        serving.power,
        serving.decay,
        serving.repeat,
        serving.hop,
        serving.cut.trust,
        serving.cut.depth,
        serving.cut.grain,
        serving.cut.keep
    )
}

fn hours(out: &mut dyn Write, trained: &Trained) -> io::Result<()> {
    match trained.hours {
        None => writeln!(out, "hours      the log has no times; the time of day moves nothing"),
        Some(0) => writeln!(
            out,
            "hours      no category of the feed is surely looked at more at one time of day than at another"
        ),
        Some(count) => writeln!(
            out,
            "hours      {count} categories are looked at more at some times of day than at others"
        ),
    }
}

fn shard_count(text: &str) -> Result<usize, String> {
    let count = text.parse().ok().filter(|count| *count <= SHARD_LIMIT);
    count.ok_or_else(|| format!("a number up to {SHARD_LIMIT} is needed"))
}

/// The names of a divided model's shards.
fn names(trained: &Trained) -> impl Iterator<Item = &String> {
    trained.model.directory.iter().flat_map(|directory| &directory.shards)
}

fn row(out: &mut dyn Write, is_asked: bool, what: &str, figures: &Figures) -> io::Result<()> {
    writeln!(
        out,
        "         {} {what}   {:.4}  {:.4}        {:.4}  {:.4}   {}",
        if is_asked { "→" } else { " " },
        figures.hr20,
        figures.mrr20,
        figures.novel_hr20,
        figures.novel_mrr20,
        figures.rows
    )
}

/// Names what was left out of the feed.
fn complain(catalog: &Catalog, passed: &[String]) {
    let mut err = io::stderr();
    for sentence in passed {
        let _unheard = writeln!(err, "vitrine: {sentence}");
    }
    for complaint in catalog.complaints.iter().take(COMPLAINTS_SHOWN) {
        let _unheard = writeln!(err, "vitrine: left out of the catalogue, {complaint}");
    }
    let more = catalog.complaints.len().saturating_sub(COMPLAINTS_SHOWN);
    if more > 0 {
        let _unheard = writeln!(err, "vitrine: and {more} more products");
    }
}
