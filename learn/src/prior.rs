//! From counts to what is believed of every arm in every leaf. Never takes a
//! rate for known that few visitors speak for: it borrows from the other arms
//! and the other leaves, the less the more of its own there is.
//!
//! The model is empirical Bayes in two layers, with the variances learnt from
//! the counts themselves (Efron and Morris 1975). A leaf's arm converts at
//! `leaf's rate · arm's effect · its own deviation`: effects spread around 1 by
//! `between` (how different messages are), deviations by `within` (how far the
//! leaves disagree about them, `disagree.rs`). An arm's effect is taken from the
//! *other* leaves, so that no visitor is counted twice; with what is left unsure
//! it becomes the prior of the leaf's own counts.

use libm::pow;

use crate::baskets::{Basket, baskets};
use crate::best::Beta;
use crate::disagree::{Variances, disagreement};
use crate::evidence::{Count, Worth};
use crate::fit::{Cell, Fit, MOST, said};
use crate::spread::{BETWEEN, between, effects, spreads};

/// Of so many leaves the constants were searched for.
pub(crate) const LEAVES: f64 = 20.0;
/// How much more a leaf's deviation matters that is one of fewer: the ratio to this
/// power, since what is found out about it pays back for more of the visitors.
const FEW: f64 = 0.3;
/// Leaves are believed to differ by so many times the variance that is found,
/// per probability that they disagree at all, and at most by [`WIDE`] times it;
/// both more where there are few leaves ([`FEW`]).
const DOUBT: f64 = 1.15;
/// See [`DOUBT`].
const WIDE: f64 = 0.95;
/// What is heard of leaves that disagree, by what effects as far apart as the site's
/// would show in all leaves together: half at this. Until that can be seen, what all
/// leaves share is learnt first.
const HEARD: f64 = 1.35;
/// The same of one leaf that is learnt of for itself: before, it borrows.
const HEARD_OF_ONE: f64 = 0.1;
/// The probability that leaves have nothing in common, to this power, is the part
/// in which each is learnt of for itself.
const ALONE: f64 = 0.85;
/// Where that part is smaller it is not reckoned: it would cost time and move nothing.
const PART: f64 = 0.01;
/// Leaves with nothing in common are believed to have so many times the variance
/// that is found, and never less than the site's messages have, as are effects where
/// leaves agree: a prior too narrow is dearer than one too wide.
const WIDER: f64 = 1.8;
/// The least variance of effects that is reckoned with.
const LEAST: f64 = 1e-4;

/// What is believed of an arm in a leaf.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Belief {
    /// Of its rate.
    pub beta: Beta,
    /// The part of its variance that is the leaf's own, not shared with all.
    pub own: f64,
}

/// What is believed of a campaign.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Beliefs {
    /// By leaf, and in it by arm.
    pub leaves: Vec<Vec<Belief>>,
    /// Converters' worth of what is known of an arm, in the mean, by all leaves
    /// together.
    pub known: f64,
    /// Converters that were counted of an arm, in the mean, by all leaves together;
    /// more where rates are high, since each then says more.
    pub counted: f64,
    /// By leaf, what is believed if it has nothing in common with the others;
    /// empty where that is out of the question.
    pub lonely: Vec<Lonely>,
}

/// A leaf that is learnt of for itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Lonely {
    /// The part, 0 to 1, in which it is.
    pub part: f64,
    /// By arm.
    pub beliefs: Vec<Belief>,
}

/// What is believed of each leaf's arms, as the worth asks. `spread`: how far
/// messages are apart on this site, where that is known.
#[must_use]
pub fn beliefs(window: &[Vec<Count>], worth: Worth, spread: Option<f64>) -> Beliefs {
    let spread = spread.unwrap_or(BETWEEN);
    let mut found = match window {
        [leaf] => one(leaf, spread),
        _ => many(window, spread),
    };
    if worth == Worth::Revenue {
        let shared = baskets(window);
        found.leaves.iter_mut().for_each(|leaf| earning(leaf, &shared));
        for (leaf, counts) in found.lonely.iter_mut().zip(window) {
            earning(&mut leaf.beliefs, &baskets(std::slice::from_ref(counts)));
        }
        if let [leaf] = found.leaves.as_slice() {
            found.known = known(leaf);
        }
    }
    found
}

/// Turns beliefs of rates into beliefs of revenue a visitor.
fn earning(leaf: &mut [Belief], baskets: &[Basket]) {
    for (belief, basket) in leaf.iter_mut().zip(baskets) {
        let relative = belief.beta.spread() / belief.beta.mean();
        // All leaves share the doubt about baskets.
        belief.own /= 1.0 + basket.unsure / (relative * relative);
        belief.beta = worth_of(belief.beta, basket.ratio, basket.unsure);
    }
}

/// The beliefs of a campaign with one leaf: its own counts, drawn to the mean
/// of its arms.
fn one(leaf: &[Count], spread: f64) -> Beliefs {
    let fit = Fit::new(&[leaf.to_vec()], 0.0);
    let (Some(rate), Some(cells)) = (fit.rates.first(), fit.cells.first()) else { return Beliefs::default() };
    let (center, between) = between(&effects(&fit), &spreads(spread));
    let mean = (rate * center.clamp(0.3, 3.0)).min(MOST);
    let strength = strength(mean, between);
    let arm = |cell: &Cell| {
        let hits = mean * strength + cell.hits;
        let misses = (1.0 - mean) * strength + cell.visitors - cell.hits;
        Belief { beta: Beta { hits, misses }, own: 0.0 }
    };
    let leaf: Vec<Belief> = cells.iter().map(arm).collect();
    Beliefs { known: known(&leaf), counted: counted(&fit), leaves: vec![leaf], ..Beliefs::default() }
}

/// Converters' worth of what is known of an arm of this leaf, in the mean.
pub(crate) fn known(leaf: &[Belief]) -> f64 {
    let hits = leaf.iter().map(|belief| belief.beta.hits / (1.0 - belief.beta.mean()).max(0.01));
    hits.sum::<f64>() / leaf.len().max(1) as f64
}

fn counted(fit: &Fit) -> f64 {
    let cells = fit.cells.iter().flatten();
    let said = cells.map(|cell| cell.hits / (1.0 - cell.hits / cell.visitors.max(1.0)).max(0.01));
    said.sum::<f64>() / fit.effects.len().max(1) as f64
}

/// What all leaves say of an arm: converters, and those expected without an
/// effect, both as Poisson counts of the same precision.
#[derive(Clone, Copy, Default)]
struct Heard {
    hits: f64,
    expected: f64,
}

impl Heard {
    fn of(cell: &Cell, (rate, effect): (f64, f64), within: f64) -> Heard {
        let said = said(cell, (rate, effect), within) / (1.0 - rate);
        Heard { hits: said * cell.hits, expected: said * cell.visitors * rate }
    }
}

/// The beliefs of a campaign with several leaves.
fn many(window: &[Vec<Count>], spread: f64) -> Beliefs {
    let few = pow(LEAVES / window.len().max(1) as f64, FEW);
    let found = disagreement(window, spread, few);
    let (apart, usual) = (found.apart, spread * spread);
    let seen = heard(window, spread, HEARD);
    let within = seen * few * found.disagreed.within * (DOUBT * apart).min(WIDE);
    let between = apart * found.disagreed.between + (1.0 - apart) * found.agreed.between;
    let mut all = borrowed(window, Variances { between: between.max(usual), within });
    let alone = seen * pow(found.alone, ALONE);
    if alone >= PART {
        let within = (WIDER * found.lonely.within).max(usual);
        let lonely = borrowed(window, Variances { between: LEAST, within });
        let part = |leaf| alone * heard(std::slice::from_ref(leaf), spread, HEARD_OF_ONE);
        let lonely =
            window.iter().zip(lonely.leaves).map(|(leaf, beliefs)| Lonely { part: part(leaf), beliefs });
        all.lonely = lonely.collect();
    }
    all
}

/// How much of what effects as far apart as the site's would show (a χ² a degree of
/// freedom) these leaves can have shown, 0 to 1; a half at `half`.
fn heard(leaves: &[Vec<Count>], spread: f64, half: f64) -> f64 {
    let said = |count: &Count| {
        let (hits, misses) = count.tally.split();
        hits / (misses / (hits + misses).max(1.0)).max(0.01)
    };
    let shown = spread * spread * leaves.iter().flatten().map(said).sum::<f64>();
    shown / (shown + half)
}

/// What each leaf's arms are believed to do, where effects and deviations have
/// these variances.
fn borrowed(window: &[Vec<Count>], Variances { between, within }: Variances) -> Beliefs {
    let fit = Fit::new(window, within);
    let mut all = vec![Heard::default(); fit.effects.len()];
    for (cells, rate) in fit.cells.iter().zip(&fit.rates) {
        for ((sum, cell), effect) in all.iter_mut().zip(cells).zip(&fit.effects) {
            let heard = Heard::of(cell, (*rate, *effect), within);
            sum.hits += heard.hits;
            sum.expected += heard.expected;
        }
    }
    let center = center(&all, between);
    let leaf = |(rate, cells): (&f64, &Vec<Cell>)| {
        let arm = |((cell, all), effect): ((&Cell, &Heard), &f64)| {
            let own = Heard::of(cell, (*rate, *effect), within);
            // What the other leaves say, with the prior of effects.
            let hits = 1.0 / between + (all.hits - own.hits).max(0.0);
            let expected = 1.0 / between + center * (all.expected - own.expected).max(0.0);
            let mean = (rate * center * hits / expected).min(MOST);
            let strength = strength(mean, 1.0 / hits + within);
            let beta = Beta {
                hits: mean * strength + cell.hits,
                misses: (1.0 - mean) * strength + cell.visitors - cell.hits,
            };
            // The doubts left: of the arm's effect, and of the leaf's deviation.
            let left = 1.0 / (1.0 + within * cell.visitors * mean / (1.0 - rate));
            let (shared, alone) = (left * left / (hits + own.hits), within * left);
            Belief { beta, own: alone / (shared + alone) }
        };
        cells.iter().zip(&all).zip(&fit.effects).map(arm).collect()
    };
    let leaves = fit.rates.iter().zip(&fit.cells).map(leaf).collect();
    let heard: f64 = all.iter().map(|all| 1.0 / between + all.hits).sum();
    let known = heard / all.len().max(1) as f64;
    Beliefs { leaves, known, counted: counted(&fit), ..Beliefs::default() }
}

/// The arms' mean effect, where they spread around it with the variance `between`.
fn center(arms: &[Heard], between: f64) -> f64 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for arm in arms.iter().filter(|arm| arm.expected > 0.0) {
        let effect = arm.hits / arm.expected;
        let weight = 1.0 / (between + effect.max(0.3) / arm.expected);
        sum += weight * effect;
        weights += weight;
    }
    if weights > 0.0 { (sum / weights).clamp(0.3, 3.0) } else { 1.0 }
}

/// A belief of a rate times a basket, as the Beta of the same mean and
/// variance. `ratio`: the basket, in a unit in which no rate times it is above 1;
/// `unsure`: its relative variance.
pub(crate) fn worth_of(rate: Beta, ratio: f64, unsure: f64) -> Beta {
    let mean = (rate.mean() * ratio).clamp(1e-9, MOST);
    let relative = rate.spread() / rate.mean();
    let strength = strength(mean, relative * relative + unsure);
    Beta { hits: mean * strength, misses: (1.0 - mean) * strength }
}

/// How many visitors a Beta counts for whose mean and relative variance these
/// are; at least so many that both of its shapes are 1, so that it has one peak.
fn strength(mean: f64, unsure: f64) -> f64 {
    ((1.0 - mean) / (mean * unsure) - 1.0).max(1.0 / mean).max(1.0 / (1.0 - mean))
}
