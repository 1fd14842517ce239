//! Chooses how to count, to cut and to serve within a budget, on the log's own
//! tail. Never looks at the part of the tail that the printed accuracy comes from.

use std::ops::Range;
use std::rc::Rc;

use vitrine_engine::recommend::{HISTORY, Index};

use crate::assemble::{Goods, Serving, by_clicks, fit};
use crate::cut::{Cut, Pairs};
use crate::evaluate::{Figures, by_tail};
use crate::lists::{Lists, Occurrences, Shape, count, returns};
use crate::log::Log;
use crate::order::by_likeness;
use crate::shards::{Library, divide};
use crate::trial::{Stand, Trial};

/// Rows below which nothing is chosen by them: chance would choose.
const ROWS_NEEDED: usize = 100;
/// Rows by which a choice is made: each costs one ranking a trial.
const ROWS_TRIED: usize = 12_000;
/// Rows by which the choice is proved.
const ROWS_PROVED: usize = 20_000;
/// What a change must gain, or chance would choose: in the sum of two hit rates
/// and two doubled mean reciprocal ranks.
const GAIN: f64 = 1e-3;
/// What half a model may cost, in the same sum: less than chance moves it.
const SPARE: f64 = 1e-3;
/// Of a budget, this part may be missing where a choice is made.
const ROUGHLY: usize = 200;
/// The tenths of the log that a choice is made from, and those it is proved from.
const TRIED_FROM: usize = 8;
const PROVED_FROM: usize = 9;

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
    /// Whether it is tried again at the end, when all others are chosen, and for
    /// every budget of the curve.
    twice: bool,
}

/// In this order: first what moves most, so that the others are tried near it.
const AXES: [Axis; 12] = [
    Axis { values: &[0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6], of: |it| &mut it.serving.repeat, twice: true },
    Axis { values: &[0.15, 0.25, 0.35, 0.5, 0.65, 0.8], of: |it| &mut it.serving.decay, twice: true },
    Axis { values: &[0.0, 0.05, 0.1, 0.25, 0.5, 0.8, 1.2], of: |it| &mut it.serving.hop, twice: true },
    Axis { values: &[0.0, 1.0, 2.0, 3.0, 4.0], of: |it| &mut it.serving.cut.grain, twice: true },
    Axis { values: &[0.0, 0.25, 0.5, 1.0, 1.5], of: |it| &mut it.serving.cut.depth, twice: true },
    Axis { values: &[0.7, 1.0, 1.4, 2.0, 3.0], of: |it| &mut it.serving.cut.trust, twice: true },
    Axis { values: &[0.25, 0.4, 0.55, 0.7, 0.85], of: |it| &mut it.shape.step, twice: false },
    Axis { values: &[0.0, 0.2, 0.4, 0.6, 0.8, 1.0], of: |it| &mut it.shape.back, twice: false },
    Axis { values: &[0.0, 0.15, 0.3, 0.45], of: |it| &mut it.shape.lift, twice: false },
    Axis { values: &[0.25, 0.5, 0.75, 1.0], of: |it| &mut it.serving.power, twice: false },
    Axis { values: &[0.0, 0.5, 1.0, 2.0, 3.5], of: |it| &mut it.shape.age, twice: false },
    Axis { values: &[0.0, 0.2, 0.4, 0.7], of: |it| &mut it.shape.crowd, twice: false },
];

/// Parts of the pairs that may be enough.
const PARTS: [f32; 8] = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

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
    tried: Split,
    proved: Split,
}

/// The earlier part of a log, ready to be counted, and the part to judge by.
#[derive(Debug)]
struct Split {
    occurrences: Occurrences,
    clicks: Vec<u32>,
    popular: Vec<u32>,
    returns: Vec<f32>,
    tail: Range<usize>,
}

/// Lists counted and cut in one way, and how they speak.
#[derive(Clone)]
struct Made {
    settings: Settings,
    lists: Rc<Lists>,
    pairs: Rc<Pairs>,
    ranks: Rc<Vec<u32>>,
    room: Option<Room>,
    kept: usize,
    trial: Rc<Trial>,
    worth: f64,
}

/// What a budget leaves for lists.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Room {
    /// Pairs that fit, in one way to say them.
    pairs: usize,
    /// Bits of all lists.
    bits: f64,
    /// Bits of a pair, but for its weights.
    gap: f64,
}

impl<'a> Bench<'a> {
    /// For a log, with the support that the model will have.
    #[must_use]
    pub fn new(log: &'a Log, support: u32) -> Bench<'a> {
        let (tried, proved) = (split(log, TRIED_FROM), split(log, PROVED_FROM));
        Bench { log, support, tried, proved }
    }

    /// The settings that do best within a budget on the tenth of the sessions
    /// before the last tenth: from the defaults, one number after the other goes
    /// uphill, and those that a budget moves most do so twice. For each of the
    /// other budgets only the latter do, once, on lists counted alike.
    #[must_use]
    pub fn search(
        &self,
        budget: usize,
        others: &[usize],
        progress: &mut dyn FnMut(usize, usize),
    ) -> (Settings, Vec<Settings>) {
        let mut best = self.make(Settings::default(), None, None);
        if self.figures(&best).rows < ROWS_NEEDED {
            return (best.settings, vec![best.settings; others.len()]);
        }
        let likeness = by_likeness(&best.lists);
        let again = AXES.iter().filter(|axis| axis.twice).count();
        let all = AXES.len() + again * (1 + others.len());
        let mut done = 0;
        let mut climb = |best: &mut Made, axes: &mut dyn Iterator<Item = &Axis>, budget: usize| {
            let room = self.room(best, &likeness, budget);
            *best = self.make(best.settings, Some(best), room);
            for axis in axes {
                progress(done, all);
                done += 1;
                self.climb(best, axis, room);
            }
            room
        };
        climb(&mut best, &mut AXES.iter(), budget);
        let mut twice = |best: &Made, budget: usize| {
            let mut best = best.clone();
            let room = climb(&mut best, &mut AXES.iter().filter(|axis| axis.twice), budget);
            self.thin(&mut best, room);
            best.settings
        };
        let settings = twice(&best, budget);
        (settings, others.iter().map(|other| twice(&best, *other)).collect())
    }

    /// Goes uphill along one number.
    fn climb(&self, best: &mut Made, axis: &Axis, room: Option<Room>) {
        let now = *(axis.of)(&mut best.settings);
        let upward: Vec<f32> = axis.values.iter().copied().filter(|value| *value > now).collect();
        let downward: Vec<f32> = axis.values.iter().rev().copied().filter(|value| *value < now).collect();
        for way in [upward, downward] {
            let from = best.worth;
            for value in way {
                let mut settings = best.settings;
                *(axis.of)(&mut settings) = value;
                let made = self.make(settings, Some(best), room);
                if made.worth < best.worth + GAIN {
                    break;
                }
                *best = made;
            }
            if best.worth > from {
                break;
            }
        }
    }

    /// Leaves out the pairs that are worth least where nothing is lost by it: what
    /// the tail cannot tell from chance is not worth its bytes.
    fn thin(&self, best: &mut Made, room: Option<Room>) {
        let all = best.pairs.len();
        let full = best.clone();
        for part in PARTS.iter().rev() {
            let mut settings = full.settings;
            settings.serving.cut.keep = *part;
            if (all as f64 * f64::from(*part)) as usize >= full.kept {
                continue;
            }
            let made = self.make(settings, Some(&full), room);
            let lost = full.worth - made.worth;
            let saved = 1.0 - made.kept as f64 / full.kept.max(1) as f64;
            if lost <= SPARE * saved * 2.0 {
                *best = made;
            }
        }
    }

    /// What a budget leaves for lists such as these; nothing where all fit. Of a
    /// budget for the whole log, the part that the tenths here are of it.
    fn room(&self, made: &Made, likeness: &[u32], budget: usize) -> Option<Room> {
        let mut serving = made.settings.serving;
        serving.cut.keep = 1.0;
        let goods = self.goods(&self.tried, &made.lists);
        let budget = budget * TRIED_FROM / 10;
        let fitted = fit(&goods, serving, likeness, (budget, budget / ROUGHLY))?;
        if fitted.pairs >= made.pairs.len() {
            return None;
        }
        let bits = fitted.model.lists.0.len() as f64 * 8.0;
        let stand = Stand { lists: &made.lists, pairs: &made.pairs, ranks: &made.ranks };
        let trial = Trial::new(stand, serving, fitted.pairs);
        let gap = (bits - trial.bits).max(0.0) / fitted.pairs.max(1) as f64;
        Some(Room { pairs: fitted.pairs, bits, gap })
    }

    /// Lists of these settings with as many pairs as there is room for; what they
    /// have in common with others is taken from there.
    fn make(&self, settings: Settings, like: Option<&Made>, room: Option<Room>) -> Made {
        let Settings { shape, serving } = settings;
        let same_shape = like.filter(|like| like.settings.shape == shape);
        let (lists, pairs) = same_shape.map_or_else(
            || {
                let lists = count(&self.log.sessions, &self.tried.occurrences, shape, self.support);
                let pairs = Pairs::of(&lists);
                (Rc::new(lists), Rc::new(pairs))
            },
            |like| (like.lists.clone(), like.pairs.clone()),
        );
        let order = |cut: Cut| (cut.trust, cut.depth);
        let same_order = same_shape.filter(|like| order(like.settings.serving.cut) == order(serving.cut));
        let ranks = match same_order {
            Some(like) => like.ranks.clone(),
            None => Rc::new(pairs.ranks(&lists, serving.cut)),
        };
        let stand = Stand { lists: &lists, pairs: &pairs, ranks: &ranks };
        let most = (pairs.len() as f64 * f64::from(serving.cut.keep)) as usize;
        let said = |serving: Serving| (serving.power, serving.cut);
        let same_words = same_order.filter(|like| said(like.settings.serving) == said(serving));
        let (kept, trial) = match (same_words.filter(|like| like.room == room), room) {
            (Some(like), _) => (like.kept, like.trial.clone()),
            (_, None) => (most, Rc::new(Trial::new(stand, serving, most))),
            (_, Some(room)) => {
                let guess = room.pairs.min(most);
                let trial = Trial::new(stand, serving, guess);
                let each = room.gap + trial.bits / guess.max(1) as f64;
                let fitting = ((room.bits / each) as usize).min(most);
                match fitting.abs_diff(guess) * 200 < guess {
                    true => (guess, Rc::new(trial)),
                    false => (fitting, Rc::new(Trial::new(stand, serving, fitting))),
                }
            }
        };
        let mut made = Made { settings, lists, pairs, ranks, room, kept, trial, worth: 0.0 };
        made.worth = worth(self.figures(&made));
        made
    }

    fn figures(&self, made: &Made) -> Figures {
        let Split { returns, popular, tail, .. } = &self.tried;
        let serving = made.settings.serving;
        made.trial.judge(self.log, (tail.clone(), ROWS_TRIED), (serving, returns, popular))
    }

    /// The accuracy on the last tenth, counted on what is before it, for each
    /// support and without a budget; nothing if the tenth is too small to say.
    #[must_use]
    pub fn prices(&self, settings: Settings, supports: &[u32]) -> Vec<Price> {
        let Split { occurrences, returns, popular, tail, .. } = &self.proved;
        let serving = Serving { cut: Cut::default(), ..settings.serving };
        let price = |support: &u32| {
            let lists = count(&self.log.sessions, occurrences, settings.shape, *support);
            let pairs = Pairs::of(&lists);
            let ranks = vec![0; lists.followers()];
            let stand = Stand { lists: &lists, pairs: &pairs, ranks: &ranks };
            let trial = Trial::new(stand, serving, usize::MAX);
            let figures = trial.judge(self.log, (tail.clone(), ROWS_PROVED), (serving, returns, popular));
            Price { support: *support, figures }
        };
        supports.iter().map(price).filter(|price| price.figures.rows >= ROWS_NEEDED).collect()
    }

    /// As [`Bench::prices`], for budgets, each with settings of its own; those that
    /// hold no model are left out.
    #[must_use]
    pub fn curve(&self, budgets: &[(usize, Settings)]) -> Vec<Point> {
        let mut curve = Vec::new();
        let Some((_, settings)) = budgets.first() else { return curve };
        let mut shape = settings.shape;
        let mut lists = self.count(*settings);
        let likeness = by_likeness(&lists);
        for (budget, settings) in budgets {
            if settings.shape != shape {
                (shape, lists) = (settings.shape, self.count(*settings));
            }
            let fitted = fit(&self.goods(&self.proved, &lists), settings.serving, &likeness, (*budget, 0));
            let Some(fitted) = fitted else { continue };
            let index = Index::new(&fitted.model);
            let open = |_: &[&str]| (&fitted.model, &index);
            let figures = by_tail(&open, self.log, self.proved.tail.clone(), ROWS_PROVED);
            if figures.rows >= ROWS_NEEDED {
                curve.push(Point { budget: *budget, bytes: fitted.bytes.len(), figures });
            }
        }
        curve
    }

    /// The accuracy of a head and any one shard, as [`Bench::curve`].
    #[must_use]
    pub fn divided(&self, settings: Settings, shards: usize, budget: usize) -> Option<Figures> {
        let lists = self.count(settings);
        let sharded = divide(&self.goods(&self.proved, &lists), settings.serving, shards, budget)?;
        let library = Library::of(&sharded)?;
        let open = |session: &[&str]| {
            let (model, index) = library.open(session);
            (model, index)
        };
        let figures = by_tail(&open, self.log, self.proved.tail.clone(), ROWS_PROVED);
        (figures.rows >= ROWS_NEEDED).then_some(figures)
    }

    fn count(&self, settings: Settings) -> Lists {
        count(&self.log.sessions, &self.proved.occurrences, settings.shape, self.support)
    }

    fn goods<'b>(&'b self, split: &'b Split, lists: &'b Lists) -> Goods<'b> {
        let Split { clicks, returns, .. } = split;
        Goods { ids: &self.log.ids, clicks, lists, returns, cards: &[], together: None, intent: None }
    }
}

/// The first so many tenths of the sessions, and the tenth after them.
fn split(log: &Log, tenths: usize) -> Split {
    let until = |tenths: usize| log.sessions.len() * tenths / 10;
    let end = until(tenths);
    let occurrences = Occurrences::new(&log.sessions, end, log.ids.len());
    let clicks = clicks(&occurrences);
    let popular = by_clicks(&clicks, log.ids.len());
    let returns = returns(&log.sessions, end, HISTORY);
    Split { occurrences, clicks, popular, returns, tail: end..until(tenths + 1) }
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
