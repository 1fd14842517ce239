//! Chooses how to count and to serve, on the log's own tail. Never looks at
//! the part of the tail that the printed accuracy comes from.

use std::ops::Range;

use vitrine_engine::recommend::HISTORY;

use crate::assemble::{Goods, Serving, whole};
use crate::evaluate::{Figures, by_tail};
use crate::lists::{Lists, Occurrences, Shape, count, returns};
use crate::log::Log;

/// Rows below which nothing is chosen by them: chance would choose.
const ROWS_NEEDED: usize = 100;
/// Rows by which a choice is made, and by which it is proved.
const ROWS: usize = 10_000;

/// How to count and how to serve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Counting.
    pub shape: Shape,
    /// Serving.
    pub serving: Serving,
}

/// Where the search begins, and what a log too short to choose by gets. Taken
/// from one shop's clicks (bol_last2d), the only log tried so far.
impl Default for Settings {
    fn default() -> Self {
        Settings {
            shape: Shape { step: 0.55, back: 0.6 },
            serving: Serving { power: 0.75, decay: 0.5, repeat: 0.8 },
        }
    }
}

/// Tries settings on a log.
#[derive(Debug)]
pub struct Bench<'a> {
    log: &'a Log,
    support: u32,
}

/// The earlier part of a log, ready to be counted, and the part to judge by.
struct Split {
    occurrences: Occurrences,
    returns: Vec<f32>,
    tail: Range<usize>,
}

/// The accuracy of one minimum support.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Price {
    /// Distinct sessions a pair.
    pub support: u32,
    /// What it leaves.
    pub figures: Figures,
}

impl<'a> Bench<'a> {
    /// For a log, with the support that the model will have.
    #[must_use]
    pub fn new(log: &'a Log, support: u32) -> Bench<'a> {
        Bench { log, support }
    }

    /// The settings that do best on the tenth of the sessions before the last
    /// tenth, found by trying one number after the other.
    #[must_use]
    pub fn search(&self, progress: &mut dyn FnMut(usize, usize)) -> Settings {
        const STEPS: [f32; 4] = [0.4, 0.55, 0.7, 0.85];
        const BACKS: [f32; 4] = [0.15, 0.35, 0.6, 1.0];
        const POWERS: [f32; 3] = [0.5, 0.75, 1.0];
        const DECAYS: [f32; 5] = [0.3, 0.4, 0.5, 0.65, 0.8];
        const REPEATS: [f32; 7] = [0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6];
        let split = self.split(8);
        let mut best = Settings::default();
        let mut counted = self.count(&split, best.shape);
        let judge = |lists: &Lists, settings: Settings| {
            let figures = self.figures(&split, lists, settings.serving);
            (figures.rows >= ROWS_NEEDED).then(|| worth(figures))
        };
        let Some(mut highest) = judge(&counted, best) else { return best };

        let all = STEPS.len() + BACKS.len() + POWERS.len() + DECAYS.len() + REPEATS.len();
        let mut tried = 0;
        let mut is_better = |lists: &Lists, settings: Settings| {
            tried += 1;
            progress(tried, all);
            let worth = judge(lists, settings).unwrap_or_default();
            let better = worth > highest;
            highest = highest.max(worth);
            better
        };
        for shape in STEPS.map(|step| Shape { step, ..best.shape }) {
            let lists = self.count(&split, shape);
            if is_better(&lists, Settings { shape, ..best }) {
                (best.shape, counted) = (shape, lists);
            }
        }
        for shape in BACKS.map(|back| Shape { back, ..best.shape }) {
            let lists = self.count(&split, shape);
            if is_better(&lists, Settings { shape, ..best }) {
                (best.shape, counted) = (shape, lists);
            }
        }
        for serving in REPEATS.map(|repeat| Serving { repeat, ..best.serving }) {
            if is_better(&counted, Settings { serving, ..best }) {
                best.serving = serving;
            }
        }
        for serving in POWERS.map(|power| Serving { power, ..best.serving }) {
            if is_better(&counted, Settings { serving, ..best }) {
                best.serving = serving;
            }
        }
        for serving in DECAYS.map(|decay| Serving { decay, ..best.serving }) {
            if is_better(&counted, Settings { serving, ..best }) {
                best.serving = serving;
            }
        }
        best
    }

    /// The accuracy on the last tenth, counted on what is before it, for each
    /// support; nothing if the tenth is too small to say.
    #[must_use]
    pub fn prices(&self, settings: Settings, supports: &[u32]) -> Vec<Price> {
        let split = self.split(9);
        let price = |support: &u32| {
            let lists = count(&self.log.sessions, &split.occurrences, settings.shape, *support);
            let figures = self.figures(&split, &lists, settings.serving);
            Price { support: *support, figures }
        };
        supports.iter().map(price).filter(|price| price.figures.rows >= ROWS_NEEDED).collect()
    }

    /// The first so many tenths of the sessions, and the tenth after them.
    fn split(&self, tenths: usize) -> Split {
        let until = |tenths: usize| self.log.sessions.len() * tenths / 10;
        let end = until(tenths);
        Split {
            occurrences: Occurrences::new(&self.log.sessions, end, self.log.ids.len()),
            returns: returns(&self.log.sessions, end, HISTORY),
            tail: end..until(tenths + 1),
        }
    }

    fn count(&self, split: &Split, shape: Shape) -> Lists {
        count(&self.log.sessions, &split.occurrences, shape, self.support)
    }

    fn figures(&self, split: &Split, lists: &Lists, serving: Serving) -> Figures {
        let clicks = clicks(&split.occurrences);
        let (ids, returns) = (&self.log.ids, &split.returns);
        let goods = Goods { ids, clicks: &clicks, lists, returns, cards: &[], intent: None };
        by_tail(&whole(&goods, serving), self.log, split.tail.clone(), ROWS)
    }
}

/// How often each item is clicked.
#[must_use]
pub fn clicks(occurrences: &Occurrences) -> Vec<u32> {
    (0..occurrences.items()).map(|item| occurrences.get(item).len() as u32).collect()
}

/// What is sought: hits and their places, of all rows and of novel ones.
fn worth(figures: Figures) -> f64 {
    figures.hr20 + figures.mrr20 + figures.novel_hr20 + figures.novel_mrr20
}
