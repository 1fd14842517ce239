//! Chooses how to count, to cut and to serve within a budget, on the log's own
//! tail. Never looks at the part of the tail that the printed accuracy comes from.

mod prove;

use std::cell::OnceCell;
use std::ops::Range;
use std::rc::Rc;

use vitrine_engine::recommend::HISTORY;

use crate::assemble::{Goods, Serving, by_clicks, fit};
use crate::cut::{Cut, Pairs};
use crate::evaluate::Figures;
use crate::lists::{Lists, Occurrences, Shape, count, returns};
use crate::log::Log;
use crate::order::by_likeness;
use crate::trial::{Stand, Trial};
use Turn::{Always, Once, Twice};

pub use prove::{Point, Price};

/// Rows below which nothing is chosen by them: chance would choose.
const ROWS_NEEDED: usize = 100;
/// Rows by which a choice is made: each costs one ranking a trial.
const ROWS_TRIED: usize = 20_000;
/// What a change must gain, or chance would choose: in the sum of two hit rates
/// and two doubled mean reciprocal ranks.
const GAIN: f64 = 1e-3;
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
    turn: Turn,
}

/// How often an axis is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    /// Once.
    Once,
    /// Again when all others are chosen.
    Twice,
    /// And for every other budget of the curve.
    Always,
}

/// In this order: first what moves most, so that the others are tried near it.
const AXES: [Axis; 12] = [
    Axis { values: &[0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2], of: |it| &mut it.serving.repeat, turn: Twice },
    Axis { values: &[0.1, 0.15, 0.25, 0.35, 0.5, 0.65, 0.8], of: |it| &mut it.serving.decay, turn: Twice },
    Axis { values: &[0.0, 0.05, 0.1, 0.25, 0.5, 0.8, 1.2], of: |it| &mut it.serving.hop, turn: Always },
    Axis { values: &[0.0, 1.0, 2.0, 3.0, 4.0], of: |it| &mut it.serving.cut.grain, turn: Always },
    Axis { values: &[0.0, 0.25, 0.5, 1.0, 1.5], of: |it| &mut it.serving.cut.depth, turn: Always },
    Axis { values: &[0.7, 1.0, 1.4, 2.0, 3.0], of: |it| &mut it.serving.cut.trust, turn: Always },
    Axis { values: &[0.1, 0.25, 0.4, 0.55, 0.7, 0.85], of: |it| &mut it.shape.step, turn: Once },
    Axis { values: &[0.0, 0.2, 0.4, 0.6, 0.8, 1.0], of: |it| &mut it.shape.back, turn: Once },
    Axis { values: &[0.0, 0.15, 0.3, 0.45, 0.6], of: |it| &mut it.shape.lift, turn: Once },
    Axis { values: &[0.25, 0.5, 0.75, 1.0], of: |it| &mut it.serving.power, turn: Once },
    Axis { values: &[0.0, 0.5, 1.0, 2.0, 3.5, 6.0], of: |it| &mut it.shape.age, turn: Once },
    Axis { values: &[0.0, 0.2, 0.4, 0.7, 1.0], of: |it| &mut it.shape.crowd, turn: Once },
];

/// Parts of the pairs that may be enough, the greatest first.
const PARTS: [f32; 8] = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2];

/// Tries settings on a log.
#[derive(Debug)]
pub struct Bench<'a> {
    log: &'a Log,
    support: u32,
    tried: Split,
    proved: Split,
    /// Items, like beside like, near enough for all that is only tried.
    likeness: OnceCell<Vec<u32>>,
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
        Bench { log, support, tried, proved, likeness: OnceCell::new() }
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
        let likeness = self.likeness.get_or_init(|| by_likeness(&best.lists));
        let turns = |least: Turn| AXES.iter().filter(move |axis| axis.turn >= least);
        let all = AXES.len() + turns(Twice).count() + turns(Always).count() * others.len();
        let mut done = 0;
        let mut climb = |best: &mut Made, axes: &mut dyn Iterator<Item = &Axis>, budget: usize| {
            let room = self.room(best, likeness, budget);
            *best = self.make(best.settings, Some(best), room);
            for axis in axes {
                progress(done, all);
                done += 1;
                self.climb(best, axis, room);
            }
            room
        };
        climb(&mut best, &mut turns(Once), budget);
        let mut again = |best: &Made, least: Turn, budget: usize| {
            let mut best = best.clone();
            let room = climb(&mut best, &mut turns(least), budget);
            self.thin(&mut best, room);
            best
        };
        let chosen = again(&best, Twice, budget);
        best.settings.serving = Serving { cut: best.settings.serving.cut, ..chosen.settings.serving };
        let refined = others.iter().map(|other| again(&best, Always, *other).settings).collect();
        (chosen.settings, refined)
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

    /// Leaves out the pairs that are worth least where the tail is better without
    /// them, or as good.
    fn thin(&self, best: &mut Made, room: Option<Room>) {
        let full = best.clone();
        let kept = |part: f32| (full.pairs.ends().len() as f64 * f64::from(part)) as usize;
        let mut misses = 0;
        for part in PARTS.into_iter().filter(|part| kept(*part) < full.kept) {
            let mut settings = full.settings;
            settings.serving.cut.keep = part;
            let made = self.make(settings, Some(&full), room);
            match made.worth >= best.worth {
                true => (*best, misses) = (made, 0),
                false => misses += 1,
            }
            if misses > 1 {
                break;
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
        if fitted.pairs >= made.pairs.ends().len() {
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
        let most = (pairs.ends().len() as f64 * f64::from(serving.cut.keep)) as usize;
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
