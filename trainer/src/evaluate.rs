//! How good a model's lists are: the share of next clicks among the first
//! twenty, and how far up. Never ranks by itself: the engine's `rank` does.

use std::collections::HashSet;
use std::io::BufRead;
use std::ops::Range;

use vitrine_engine::recommend::{Index, Model, rank};
use vitrine_engine::rng::Rng;

use crate::library::Library;
use crate::lines::{Lines, Trouble};
use crate::log::Log;

/// Places of a list that are judged.
const DEPTH: usize = 20;
/// Places of the shorter list.
const SHORT: usize = 10;
/// Drawings of sessions that an interval is taken from, and their seed.
const DRAWINGS: usize = 1000;
const DRAWING_SEED: u64 = 20;

/// What a model achieves. All: nothing is excluded. Novel: rows whose label is
/// not in the prefix, and the prefix's items are kept out of the list.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Figures {
    /// Rows judged.
    pub rows: usize,
    /// Rows with a novel label.
    pub novel_rows: usize,
    /// Share of all rows whose label is among the first 20.
    pub hr20: f64,
    /// Mean of 1 / place of the label, 0 beyond the 20th.
    pub mrr20: f64,
    /// Share of all rows whose label is among the first 10.
    pub hr10: f64,
    /// As `hr20`, novel.
    pub novel_hr20: f64,
    /// As `mrr20`, novel.
    pub novel_mrr20: f64,
    /// Share of all items that some list of all rows names; only of a file.
    pub coverage20: f64,
}

/// The interval that holds a figure in 95 of 100 drawings of as many sessions
/// from those judged.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// Intervals of the figures.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Intervals {
    /// Of [`Figures::hr20`].
    pub hr20: Interval,
    /// Of [`Figures::mrr20`].
    pub mrr20: Interval,
    /// Of [`Figures::novel_hr20`].
    pub novel_hr20: Interval,
    /// Of [`Figures::novel_mrr20`].
    pub novel_mrr20: Interval,
}

/// What became of one row: the places of its label from 1 on, 0 where it is
/// not among the first 20.
#[derive(Debug, Clone, Copy)]
struct Row {
    place: u8,
    /// With the prefix kept out; nothing where the label is in it.
    novel: Option<u8>,
    /// Whether it goes on where the row before ended: the same session.
    goes_on: bool,
}

/// Judges models row by row.
#[derive(Debug, Default)]
pub struct Judge {
    rows: Vec<Row>,
}

impl Judge {
    /// One row: the items seen, oldest first, and the one that came next;
    /// `goes_on` says that it is of the same session as the row before. Gives the
    /// list that was judged over all rows.
    pub fn row(
        &mut self,
        (model, index): (&Model, &Index),
        prefix: &[&str],
        label: &str,
        goes_on: bool,
    ) -> Vec<u32> {
        let wanted = index.find(label);
        let place_in = |list: &mut dyn Iterator<Item = &u32>| {
            let at = list.take(DEPTH).position(|item| Some(*item) == wanted);
            at.map_or(0, |at| at as u8 + 1)
        };
        // Without its first items a list goes on as it stands, so that one that
        // is longer by the prefix serves both ways to judge.
        let mut list = rank((model, index), prefix, &[], DEPTH + prefix.len());
        let place = place_in(&mut list.iter());
        let novel = (!prefix.contains(&label)).then(|| {
            let seen: Vec<u32> = prefix.iter().filter_map(|id| index.find(id)).collect();
            place_in(&mut list.iter().filter(|item| !seen.contains(item)))
        });
        self.rows.push(Row { place, novel, goes_on });
        list.truncate(DEPTH);
        list
    }

    /// One row by the places of its label from 1 on, among all and, where it is
    /// not in the prefix, among those that are not.
    pub fn record(&mut self, place: usize, novel: Option<usize>) {
        let judged = |place: usize| if place <= DEPTH { place as u8 } else { 0 };
        self.rows.push(Row { place: judged(place), novel: novel.map(judged), goes_on: false });
    }

    /// The figures of all rows so far; zeros without a row.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let mut sums = Sums::default();
        self.rows.iter().for_each(|row| sums.add(row));
        sums.figures()
    }

    /// How far chance may have moved the figures: whole sessions are drawn anew,
    /// as many as there are, by a seed that never changes.
    #[must_use]
    pub fn intervals(&self) -> Intervals {
        let sessions: Vec<Sums> = self
            .rows
            .chunk_by(|_, next| next.goes_on)
            .map(|rows| {
                let mut sums = Sums::default();
                rows.iter().for_each(|row| sums.add(row));
                sums
            })
            .collect();
        let mut rng = Rng::new(DRAWING_SEED, 0);
        let drawn: Vec<Figures> = (0..DRAWINGS)
            .map(|_| {
                let mut sums = Sums::default();
                for _ in &sessions {
                    let at = rng.below(sessions.len() as u64) as usize;
                    sessions.get(at).iter().for_each(|session| sums.join(session));
                }
                sums.figures()
            })
            .collect();
        let interval = |of: fn(&Figures) -> f64| {
            let mut values: Vec<f64> = drawn.iter().map(of).collect();
            values.sort_unstable_by(f64::total_cmp);
            let at = |place: usize| values.get(place).copied().unwrap_or_default();
            Interval { low: at(DRAWINGS / 40), high: at(DRAWINGS - 1 - DRAWINGS / 40) }
        };
        Intervals {
            hr20: interval(|figures| figures.hr20),
            mrr20: interval(|figures| figures.mrr20),
            novel_hr20: interval(|figures| figures.novel_hr20),
            novel_mrr20: interval(|figures| figures.novel_mrr20),
        }
    }
}

/// Rows added up.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    rows: usize,
    hits: usize,
    short_hits: usize,
    reciprocals: f64,
    novel_rows: usize,
    novel_hits: usize,
    novel_reciprocals: f64,
}

impl Sums {
    fn add(&mut self, row: &Row) {
        let reciprocal = |place: u8| if place > 0 { 1.0 / f64::from(place) } else { 0.0 };
        self.rows += 1;
        self.hits += usize::from(row.place > 0);
        self.short_hits += usize::from(row.place > 0 && usize::from(row.place) <= SHORT);
        self.reciprocals += reciprocal(row.place);
        if let Some(place) = row.novel {
            self.novel_rows += 1;
            self.novel_hits += usize::from(place > 0);
            self.novel_reciprocals += reciprocal(place);
        }
    }

    fn join(&mut self, other: &Sums) {
        self.rows += other.rows;
        self.hits += other.hits;
        self.short_hits += other.short_hits;
        self.reciprocals += other.reciprocals;
        self.novel_rows += other.novel_rows;
        self.novel_hits += other.novel_hits;
        self.novel_reciprocals += other.novel_reciprocals;
    }

    fn figures(&self) -> Figures {
        let (all, novel) = (self.rows.max(1) as f64, self.novel_rows.max(1) as f64);
        Figures {
            rows: self.rows,
            novel_rows: self.novel_rows,
            hr20: self.hits as f64 / all,
            mrr20: self.reciprocals / all,
            hr10: self.short_hits as f64 / all,
            novel_hr20: self.novel_hits as f64 / novel,
            novel_mrr20: self.novel_reciprocals / novel,
            coverage20: 0.0,
        }
    }
}

/// Judges a library by a file of rows, `prefix<TAB>label`, the prefix's items
/// oldest first. A row that begins with all of the row before, label and all,
/// is of the same session.
///
/// # Errors
/// Where a line is no such row, or there is none.
pub fn by_file(library: &Library, input: &mut dyn BufRead) -> Result<(Figures, Intervals), Trouble> {
    let mut judge = Judge::default();
    let mut named: HashSet<String> = HashSet::new();
    let mut before = String::new();
    let mut lines = Lines::new(input);
    while let Some((number, line)) = lines.read()? {
        let no_row = || Trouble::at(number, "is no row: items seen, a tab, and the item that came next");
        let (prefix, label) = line.split_once('\t').ok_or_else(no_row)?;
        let (prefix, label): (Vec<&str>, &str) = (prefix.split_whitespace().collect(), label.trim());
        if prefix.is_empty() || label.is_empty() || label.contains(char::is_whitespace) {
            return Err(no_row());
        }
        let seen = prefix.join(" ");
        let (model, index) = library.open(&prefix);
        let list = judge.row((model, index), &prefix, label, seen == before);
        named.extend(list.into_iter().filter_map(|item| index.id(item)));
        before = format!("{seen} {label}");
    }
    match judge.figures() {
        Figures { rows: 0, .. } => Err(Trouble::Bad("it holds no row".into())),
        figures => {
            let coverage20 = named.len() as f64 / library.items().max(1) as f64;
            Ok((Figures { coverage20, ..figures }, judge.intervals()))
        }
    }
}

/// Judges a library by a span of a log's sessions, on at most about `rows` rows
/// spread evenly.
#[must_use]
pub fn by_tail<'a>(
    open: &dyn Fn(&[&str]) -> (&'a Model, &'a Index),
    log: &Log,
    span: Range<usize>,
    rows: usize,
) -> Figures {
    let mut judge = Judge::default();
    let id = |item: &u32| log.ids.get(*item as usize).map(String::as_str);
    for (prefix, label) in log.sessions.rows(span, rows) {
        let prefix: Vec<&str> = prefix.iter().filter_map(id).collect();
        judge.row(open(&prefix), &prefix, id(&label).unwrap_or_default(), false);
    }
    judge.figures()
}
