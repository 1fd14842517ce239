//! Chooses how to count and to serve, on the log's own tail. Never looks at
//! the part of the tail that the printed accuracy comes from.

use std::ops::Range;

use vitrine_engine::recommend::{HISTORY, Index, Model};

use crate::assemble::{Goods, Serving, fit, serve, whole};
use crate::evaluate::{Figures, by_tail};
use crate::lists::{Lists, Occurrences, Shape, count, returns};
use crate::log::Log;
use crate::shards::{Library, divide};

/// Rows below which nothing is chosen by them: chance would choose.
const ROWS_NEEDED: usize = 100;
/// Rows by which a choice is made: each costs one ranking a trial.
const ROWS_TRIED: usize = 6_000;
/// Rows by which the choice is proved.
const ROWS_PROVED: usize = 20_000;
/// What a change must gain, or chance would choose: in the sum of two hit rates
/// and two doubled mean reciprocal ranks.
const GAIN: f64 = 2e-4;

/// How to count and how to serve. The defaults are where the search begins, and
/// what a log too short to choose by gets.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Settings {
    /// Counting.
    pub shape: Shape,
    /// Serving.
    pub serving: Serving,
}

/// A number of the settings, and the values that are tried for it.
struct Axis {
    values: &'static [f32],
    of: fn(&mut Settings) -> &mut f32,
}

/// In this order: first what moves most, so that the others are tried near it.
const AXES: [Axis; 9] = [
    Axis { values: &[0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6], of: |settings| &mut settings.serving.repeat },
    Axis { values: &[0.15, 0.25, 0.35, 0.5, 0.65, 0.8], of: |settings| &mut settings.serving.decay },
    Axis { values: &[0.0, 0.05, 0.1, 0.25, 0.5, 0.8, 1.2], of: |settings| &mut settings.serving.hop },
    Axis { values: &[0.25, 0.4, 0.55, 0.7, 0.85], of: |settings| &mut settings.shape.step },
    Axis { values: &[0.0, 0.2, 0.4, 0.6, 0.8, 1.0], of: |settings| &mut settings.shape.back },
    Axis { values: &[0.0, 0.15, 0.3, 0.45], of: |settings| &mut settings.shape.lift },
    Axis { values: &[0.25, 0.5, 0.75, 1.0], of: |settings| &mut settings.serving.power },
    Axis { values: &[0.0, 0.5, 1.0, 2.0, 3.5], of: |settings| &mut settings.shape.age },
    Axis { values: &[0.0, 0.2, 0.4, 0.7], of: |settings| &mut settings.shape.crowd },
];

/// The accuracy of one minimum support, without a budget.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Price {
    /// Distinct sessions a pair.
    pub support: u32,
    /// What it leaves.
    pub figures: Figures,
}

/// The accuracy of one budget.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The most bytes.
    pub budget: usize,
    /// The bytes taken.
    pub bytes: usize,
    /// What they hold.
    pub figures: Figures,
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
    clicks: Vec<u32>,
    returns: Vec<f32>,
    tail: Range<usize>,
}

/// Lists counted in one way, and the model made of them.
struct Made {
    settings: Settings,
    lists: Lists,
    model: Model,
    index: Index,
}

impl<'a> Bench<'a> {
    /// For a log, with the support that the model will have.
    #[must_use]
    pub fn new(log: &'a Log, support: u32) -> Bench<'a> {
        Bench { log, support }
    }

    /// The settings that do best on the tenth of the sessions before the last
    /// tenth: from the defaults, one number after the other goes uphill.
    #[must_use]
    pub fn search(&self, progress: &mut dyn FnMut(usize, usize)) -> Settings {
        let split = self.split(8);
        let mut best = self.make(&split, Settings::default(), None);
        let figures = self.judge(&split, &mut best);
        if figures.rows < ROWS_NEEDED {
            return best.settings;
        }
        let mut highest = worth(figures);
        for (axis, tried) in AXES.iter().zip(0..) {
            progress(tried, AXES.len());
            let now = *(axis.of)(&mut best.settings);
            let upward: Vec<f32> = axis.values.iter().copied().filter(|value| *value > now).collect();
            let downward: Vec<f32> = axis.values.iter().rev().copied().filter(|value| *value < now).collect();
            for way in [upward, downward] {
                let from = highest;
                for value in way {
                    let mut settings = best.settings;
                    *(axis.of)(&mut settings) = value;
                    let mut made = self.make(&split, settings, Some(&best));
                    let found = worth(self.judge(&split, &mut made));
                    if found < highest + GAIN {
                        break;
                    }
                    (best, highest) = (made, found);
                }
                if highest > from {
                    break;
                }
            }
        }
        best.settings
    }

    /// The accuracy on the last tenth, counted on what is before it, for each
    /// support; nothing if the tenth is too small to say.
    #[must_use]
    pub fn prices(&self, settings: Settings, supports: &[u32]) -> Vec<Price> {
        let split = self.split(9);
        let price = |support: &u32| {
            let bench = Bench { support: *support, ..*self };
            let made = bench.make(&split, settings, None);
            let open = |_: &[&str]| (&made.model, &made.index);
            let figures = by_tail(&open, self.log, split.tail.clone(), ROWS_PROVED);
            Price { support: *support, figures }
        };
        supports.iter().map(price).filter(|price| price.figures.rows >= ROWS_NEEDED).collect()
    }

    /// As [`Bench::prices`], for budgets; those that hold no model are left out.
    #[must_use]
    pub fn curve(&self, settings: Settings, budgets: &[usize]) -> Vec<Point> {
        let split = self.split(9);
        let lists = self.count(&split, settings);
        let models = fit(&self.goods(&split, &lists), settings.serving, budgets);
        let mut curve = Vec::new();
        for (budget, model) in budgets.iter().zip(models) {
            let Some((model, bytes)) = model else { continue };
            let index = Index::new(&model);
            let open = |_: &[&str]| (&model, &index);
            let figures = by_tail(&open, self.log, split.tail.clone(), ROWS_PROVED);
            if figures.rows >= ROWS_NEEDED {
                curve.push(Point { budget: *budget, bytes: bytes.len(), figures });
            }
        }
        curve
    }

    /// The accuracy of a head and any one shard, as [`Bench::curve`].
    #[must_use]
    pub fn divided(&self, settings: Settings, shards: usize, budget: usize) -> Option<Figures> {
        let split = self.split(9);
        let lists = self.count(&split, settings);
        let sharded = divide(&self.goods(&split, &lists), settings.serving, shards, budget)?;
        let library = Library::of(&sharded)?;
        let open = |session: &[&str]| {
            let (model, index) = library.open(session);
            (model, index)
        };
        let figures = by_tail(&open, self.log, split.tail, ROWS_PROVED);
        (figures.rows >= ROWS_NEEDED).then_some(figures)
    }

    /// The first so many tenths of the sessions, and the tenth after them.
    fn split(&self, tenths: usize) -> Split {
        let until = |tenths: usize| self.log.sessions.len() * tenths / 10;
        let end = until(tenths);
        let occurrences = Occurrences::new(&self.log.sessions, end, self.log.ids.len());
        let clicks = clicks(&occurrences);
        let returns = returns(&self.log.sessions, end, HISTORY);
        Split { occurrences, clicks, returns, tail: end..until(tenths + 1) }
    }

    fn count(&self, split: &Split, settings: Settings) -> Lists {
        count(&self.log.sessions, &split.occurrences, settings.shape, self.support)
    }

    fn goods<'b>(&'b self, split: &'b Split, lists: &'b Lists) -> Goods<'b> {
        let Split { clicks, returns, .. } = split;
        Goods {
            ids: &self.log.ids,
            clicks,
            lists,
            returns,
            cards: &[],
            together: None,
            hours: &[],
            intent: None,
        }
    }

    /// A model of these settings; what it has in common with another is taken
    /// from there.
    fn make(&self, split: &Split, settings: Settings, like: Option<&Made>) -> Made {
        let same_shape = like.filter(|like| like.settings.shape == settings.shape);
        let same_lists = same_shape.filter(|like| like.settings.serving.power == settings.serving.power);
        let lists = same_shape.map_or_else(|| self.count(split, settings), |like| like.lists.clone());
        let (model, index) = match same_lists {
            Some(like) => (like.model.clone(), like.index.clone()),
            None => whole(&self.goods(split, &lists), settings.serving),
        };
        Made { settings, lists, model, index }
    }

    fn judge(&self, split: &Split, made: &mut Made) -> Figures {
        serve(&mut made.model, &split.returns, made.settings.serving);
        let open = |_: &[&str]| (&made.model, &made.index);
        by_tail(&open, self.log, split.tail.clone(), ROWS_TRIED)
    }
}

/// How often each item is clicked.
#[must_use]
pub fn clicks(occurrences: &Occurrences) -> Vec<u32> {
    (0..occurrences.items()).map(|item| occurrences.get(item).len() as u32).collect()
}

/// What is sought: hits, and their places which are about half as high, of all
/// rows and of novel ones.
fn worth(figures: Figures) -> f64 {
    figures.hr20 + 2.0 * figures.mrr20 + figures.novel_hr20 + 2.0 * figures.novel_mrr20
}
