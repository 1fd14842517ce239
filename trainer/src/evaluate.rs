//! How good a model's lists are: the share of next clicks among the first
//! twenty, and how far up. Never ranks by itself: the engine's `rank` does.

use std::io::BufRead;

use vitrine_engine::recommend::{Index, Model, rank};

use crate::lines::{Lines, Trouble};
use crate::log::Log;

/// Places of a list that are judged.
const DEPTH: usize = 20;
/// Places of the shorter list.
const SHORT: usize = 10;
/// Clicks of one session before a judged row, on the log's tail: a robot's
/// thousandth click says nothing of people.
const TAIL_PREFIX: usize = 100;

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
    /// Share of the model's items that some list of all rows names.
    pub coverage20: f64,
}

/// Judges a model row by row.
#[derive(Debug)]
pub struct Judge<'a> {
    model: &'a Model,
    index: &'a Index,
    sums: Figures,
    named: Vec<bool>,
}

impl<'a> Judge<'a> {
    /// A judge who has seen no row.
    #[must_use]
    pub fn new(model: &'a Model, index: &'a Index) -> Judge<'a> {
        Judge { model, index, sums: Figures::default(), named: vec![false; model.items as usize] }
    }

    /// One row: the items seen, oldest first, and the one that came next.
    pub fn row(&mut self, prefix: &[&str], label: &str) {
        let wanted = self.index.find(self.model, label);
        let place_in = |list: &[u32]| list.iter().position(|item| Some(*item) == wanted);
        let list = rank(self.model, self.index, prefix, &[], DEPTH);
        for item in &list {
            self.named.iter_mut().skip(*item as usize).take(1).for_each(|named| *named = true);
        }
        self.sums.rows += 1;
        if let Some(place) = place_in(&list) {
            self.sums.hr20 += 1.0;
            self.sums.mrr20 += 1.0 / (place + 1) as f64;
            self.sums.hr10 += f64::from(u8::from(place < SHORT));
        }
        if prefix.contains(&label) {
            return;
        }
        self.sums.novel_rows += 1;
        if let Some(place) = place_in(&rank(self.model, self.index, prefix, prefix, DEPTH)) {
            self.sums.novel_hr20 += 1.0;
            self.sums.novel_mrr20 += 1.0 / (place + 1) as f64;
        }
    }

    /// The figures of all rows so far; zeros without a row.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let (all, novel) = (self.sums.rows.max(1) as f64, self.sums.novel_rows.max(1) as f64);
        let named = self.named.iter().filter(|named| **named).count();
        Figures {
            hr20: self.sums.hr20 / all,
            mrr20: self.sums.mrr20 / all,
            hr10: self.sums.hr10 / all,
            novel_hr20: self.sums.novel_hr20 / novel,
            novel_mrr20: self.sums.novel_mrr20 / novel,
            coverage20: named as f64 / self.named.len().max(1) as f64,
            ..self.sums
        }
    }
}

/// Judges a model by a file of rows, `prefix<TAB>label`, the prefix's items
/// oldest first.
///
/// # Errors
/// Where a line is no such row, or there is none.
pub fn by_file(model: &Model, index: &Index, input: &mut dyn BufRead) -> Result<Figures, Trouble> {
    let mut judge = Judge::new(model, index);
    let mut lines = Lines::new(input);
    while let Some((number, line)) = lines.read()? {
        let no_row = || Trouble::at(number, "is no row: items seen, a tab, and the item that came next");
        let (prefix, label) = line.split_once('\t').ok_or_else(no_row)?;
        let (prefix, label): (Vec<&str>, &str) = (prefix.split_whitespace().collect(), label.trim());
        if prefix.is_empty() || label.is_empty() || label.contains(char::is_whitespace) {
            return Err(no_row());
        }
        judge.row(&prefix, label);
    }
    match judge.figures() {
        Figures { rows: 0, .. } => Err(Trouble::Bad("it holds no row".into())),
        figures => Ok(figures),
    }
}

/// Judges a model by sessions `from..until` of a log, on at most about `rows`
/// rows spread evenly.
#[must_use]
pub fn by_tail(model: &Model, log: &Log, span: std::ops::Range<usize>, rows: usize) -> Figures {
    let index = Index::new(model);
    let mut judge = Judge::new(model, &index);
    let all: usize =
        span.clone().map(|at| log.sessions.get(at).len().saturating_sub(1).min(TAIL_PREFIX)).sum();
    let stride = all.div_ceil(rows.max(1)).max(1);
    let mut passed = 0usize;
    for session in span {
        let id = |item: &u32| log.ids.get(*item as usize).map(String::as_str);
        let ids: Vec<&str> = log.sessions.get(session).iter().filter_map(id).collect();
        for end in 1..ids.len().min(TAIL_PREFIX + 1) {
            passed += 1;
            if let Some((prefix, [label, ..])) =
                ids.split_at_checked(end).filter(|_| passed.is_multiple_of(stride))
            {
                judge.row(prefix, label);
            }
        }
    }
    judge.figures()
}
