//! From counts to what is believed of every arm in every leaf. Never takes a
//! rate for known that few visitors speak for: it borrows from the other arms
//! and the other leaves, the less the more of its own there is.
//!
//! The model is empirical Bayes in two layers, with the variances learnt from
//! the counts themselves (Efron and Morris 1975). A leaf's arm converts at
//! `leaf's rate · arm's effect · its own deviation`: effects spread around 1 by
//! `between` (how different messages are), deviations by `within` (how much the
//! leaves disagree about them). Both are averaged over a grid by their
//! likelihood, under the normal approximation and a prior of one unit in
//! logarithms. An arm's effect is taken from the *other* leaves, so that no
//! visitor is counted twice; with what is left unsure it becomes the prior of
//! the leaf's own counts.

use libm::{exp, log, sqrt};

use crate::best::Beta;
use crate::evidence::{Count, Worth};

/// Spreads that are thought possible, relative to the mean.
const SPREADS: [f64; 8] = [0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.45, 0.7];
/// How far messages are apart where nothing is known yet: a fifth of the rate,
/// what tests of shops' words find.
const BETWEEN: f64 = 0.2;
/// How far leaves disagree about a message where nothing is known yet.
const WITHIN: f64 = 0.1;
/// The prior odds that leaves disagree at all: most segments like the same
/// message, and to doubt it costs little, since counts soon tell.
const DISAGREE: f64 = 0.2;
/// How much of those odds is for each of the spreads.
const APART: [f64; SPREADS.len()] = [0.0, 0.05, 0.15, 0.2, 0.25, 0.2, 0.1, 0.05];
/// How far baskets are apart: messages change less what is bought than whether.
const BASKETS: f64 = 0.1;
/// Conversions' worth of the campaign's rate that every leaf's rate begins with.
const LEAF: f64 = 2.0;
/// Rounds of fitting rates of leaves and effects of arms to each other.
const ROUNDS: usize = 4;
/// No rate is believed to be above it.
const MOST: f64 = 0.999;

/// What a leaf's arm counted, as fractions may be needed.
#[derive(Clone, Copy, Default)]
struct Cell {
    visitors: f64,
    hits: f64,
    /// 1 / variance of the ratio of its hits to those expected.
    precision: f64,
    /// That ratio.
    ratio: f64,
}

/// A number and how sure it is.
#[derive(Clone, Copy, Default)]
struct Known {
    precision: f64,
    sum: f64,
}

/// What is believed of each leaf's arms, as the worth asks. `spread`: how far
/// messages are apart on this site, where that is known.
#[must_use]
pub fn beliefs(window: &[Vec<Count>], worth: Worth, spread: Option<f64>) -> Vec<Vec<Beta>> {
    let mut fit = Fit::new(window);
    fit.rates();
    let within = if window.len() > 1 { fit.within() } else { 0.0 };
    fit.weigh(within);
    let arms = fit.arms();
    let (center, between) = fit.between(&arms, spread.unwrap_or(BETWEEN));
    let baskets = match worth {
        Worth::Conversion => Vec::new(),
        Worth::Revenue => baskets(window),
    };
    let leaf = |(rate, cells): (&f64, &Vec<Cell>)| {
        let arm = |(at, cell): (usize, &Cell)| {
            let all = arms.get(at).copied().unwrap_or_default();
            // What the other leaves say, in units of the arms' mean.
            let precision = (all.precision - cell.precision).max(0.0) * center * center;
            let sum = (all.sum - cell.precision * cell.ratio) * center;
            let variance = 1.0 / (1.0 / between + precision);
            let effect = (variance * (1.0 / between + sum)).max(0.01);
            let mean = (rate * center * effect).min(MOST);
            let unsure = variance + within;
            let strength = strength(mean, unsure);
            let belief = Beta {
                hits: mean * strength + cell.hits,
                misses: (1.0 - mean) * strength + cell.visitors - cell.hits,
            };
            baskets.get(at).map_or(belief, |basket| worth_of(belief, *basket))
        };
        cells.iter().enumerate().map(arm).collect()
    };
    fit.rates.iter().zip(&fit.cells).map(leaf).collect()
}

/// How far a campaign's messages are apart: the standard deviation of a rate
/// over the mean. `None` where fewer than two arms have converters.
#[must_use]
pub fn spread(window: &[Vec<Count>]) -> Option<f64> {
    let mut fit = Fit::new(window);
    fit.rates();
    fit.weigh(0.0);
    let arms = fit.arms();
    let known = arms.iter().filter(|arm| arm.sum > 0.0).count();
    (known > 1).then(|| sqrt(fit.between(&arms, BETWEEN).1))
}

/// How far messages are apart on a site: the geometric mean of what its
/// campaigns say, each a [`spread`], and of what is found elsewhere.
#[must_use]
pub fn usual(spreads: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut count) = (log(BETWEEN), 1.0);
    for spread in spreads {
        sum += log(spread);
        count += 1.0;
    }
    exp(sum / count)
}

/// The probability that the leaves disagree about which message does better,
/// rather than differ by chance.
#[must_use]
pub fn disagreement(window: &[Vec<Count>]) -> f64 {
    if window.len() < 2 {
        return 0.0;
    }
    let mut fit = Fit::new(window);
    fit.rates();
    let logs = fit.deviations();
    let [alike, ..] = logs;
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let apart: f64 = logs.iter().zip(APART).map(|(log, part)| part * exp(log - most)).sum();
    let odds = DISAGREE * apart / exp(alike - most).max(f64::MIN_POSITIVE);
    1.0 - 1.0 / (1.0 + odds)
}

struct Fit {
    cells: Vec<Vec<Cell>>,
    /// The leaves' rates.
    rates: Vec<f64>,
    /// The arms' effects.
    effects: Vec<f64>,
}

impl Fit {
    fn new(window: &[Vec<Count>]) -> Fit {
        let cell = |count: &Count| {
            let (hits, misses) = count.tally.split();
            Cell { visitors: hits + misses, hits, ..Cell::default() }
        };
        let cells: Vec<Vec<Cell>> = window.iter().map(|leaf| leaf.iter().map(cell).collect()).collect();
        let arms = cells.iter().map(Vec::len).max().unwrap_or(0);
        Fit { rates: vec![0.0; cells.len()], effects: vec![1.0; arms], cells }
    }

    /// Fits rates of leaves and effects of arms to the counts, in turns.
    fn rates(&mut self) {
        let (mut hits, mut visitors) = (0.5, 25.0);
        for cell in self.cells.iter().flatten() {
            hits += cell.hits;
            visitors += cell.visitors;
        }
        let rate = hits / visitors;
        for _ in 0..ROUNDS {
            for (leaf, cells) in self.rates.iter_mut().zip(&self.cells) {
                let (mut hits, mut expected) = (LEAF, LEAF / rate);
                for (cell, effect) in cells.iter().zip(&self.effects) {
                    hits += cell.hits;
                    expected += cell.visitors * effect;
                }
                *leaf = (hits / expected).min(MOST);
            }
            if self.cells.len() < 2 {
                break;
            }
            for (at, effect) in self.effects.iter_mut().enumerate() {
                let (mut hits, mut expected) = (1.0, 1.0);
                for (cells, rate) in self.cells.iter().zip(&self.rates) {
                    let Some(cell) = cells.get(at) else { continue };
                    hits += cell.hits;
                    expected += cell.visitors * rate;
                }
                *effect = hits / expected;
            }
        }
    }

    /// How much leaves disagree, as a variance.
    fn within(&self) -> f64 {
        mean_variance(&self.deviations(), WITHIN)
    }

    /// The logarithm of each spread's likelihood, for the leaves' deviations.
    fn deviations(&self) -> [f64; SPREADS.len()] {
        let (leaves, arms) = (self.cells.len() as f64, self.effects.len() as f64);
        // The fit has used up a part of what the cells could have differed by.
        let free = ((leaves - 1.0) * (arms - 1.0) / (leaves * arms)).max(0.1);
        let mut logs = [0.0; SPREADS.len()];
        for (cells, rate) in self.cells.iter().zip(&self.rates) {
            for (cell, effect) in cells.iter().zip(&self.effects) {
                let expected = cell.visitors * rate * effect;
                if expected <= 0.0 {
                    continue;
                }
                let off = cell.hits / expected - 1.0;
                for (sum, spread) in logs.iter_mut().zip(SPREADS) {
                    let variance = free * (spread * spread + (1.0 - rate) / expected);
                    *sum -= 0.5 * (off * off / variance + log(variance));
                }
            }
        }
        logs
    }

    /// Says of each cell how sure its ratio is.
    fn weigh(&mut self, within: f64) {
        for (cells, rate) in self.cells.iter_mut().zip(&self.rates) {
            for cell in cells {
                let expected = cell.visitors * rate;
                if expected > 0.0 {
                    cell.ratio = cell.hits / expected;
                    cell.precision = 1.0 / (within + (1.0 - rate) / expected);
                }
            }
        }
    }

    /// What all leaves together say of each arm's effect.
    fn arms(&self) -> Vec<Known> {
        let mut arms = vec![Known::default(); self.effects.len()];
        for cell in &self.cells {
            for (arm, cell) in arms.iter_mut().zip(cell) {
                arm.precision += cell.precision;
                arm.sum += cell.precision * cell.ratio;
            }
        }
        arms
    }

    /// The arms' mean effect and their variance around it, relative to it.
    fn between(&self, arms: &[Known], likely: f64) -> (f64, f64) {
        let mut logs = [0.0; SPREADS.len()];
        let mut centers = [1.0; SPREADS.len()];
        for ((sum, center), spread) in logs.iter_mut().zip(&mut centers).zip(SPREADS) {
            let variance = |arm: &Known| spread * spread + 1.0 / arm.precision;
            let (mut all, mut weights) = (0.0, 0.0);
            for arm in arms.iter().filter(|arm| arm.precision > 0.0) {
                all += arm.sum / arm.precision / variance(arm);
                weights += 1.0 / variance(arm);
            }
            if weights > 0.0 {
                *center = all / weights;
                *sum = -0.5 * log(weights);
            }
            for arm in arms.iter().filter(|arm| arm.precision > 0.0) {
                let off = arm.sum / arm.precision - *center;
                *sum -= 0.5 * (off * off / variance(arm) + log(variance(arm)));
            }
        }
        let weights = weights(&logs, likely);
        let center: f64 = weights.iter().zip(centers).map(|(weight, center)| weight * center).sum();
        (center.clamp(0.3, 3.0), mean_variance(&logs, likely))
    }
}

/// The weight of each spread, by its likelihood and by how far it is from the
/// likely one.
fn weights(logs: &[f64; SPREADS.len()], likely: f64) -> [f64; SPREADS.len()] {
    let mut weights = *logs;
    for (weight, spread) in weights.iter_mut().zip(SPREADS) {
        let off = log(spread / likely.clamp(0.01, 1.0));
        *weight -= 0.5 * off * off;
    }
    let most = weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut all = 0.0;
    for weight in &mut weights {
        *weight = exp(*weight - most);
        all += *weight;
    }
    weights.map(|weight| weight / all)
}

fn mean_variance(logs: &[f64; SPREADS.len()], likely: f64) -> f64 {
    weights(logs, likely).iter().zip(SPREADS).map(|(weight, spread)| weight * spread * spread).sum()
}

/// Each arm's basket over the campaign's, and the variance of that ratio. All
/// arms share one variance of a basket, so an arm with one huge basket is as
/// unsure as the basket is huge, and stays near the others.
fn baskets(window: &[Vec<Count>]) -> Vec<(f64, f64)> {
    let mut arms: Vec<Count> = Vec::new();
    for leaf in window {
        arms.resize(arms.len().max(leaf.len()), Count::default());
        arms.iter_mut().zip(leaf).for_each(|(sum, count)| sum.add(count));
    }
    let mut all = Count::default();
    arms.iter().for_each(|arm| all.add(arm));
    let hits = all.tally.split().0;
    if hits < 2.0 || all.revenue == 0 {
        return vec![(1.0, BASKETS * BASKETS); arms.len()];
    }
    let mean = all.revenue as f64 / hits;
    let variance = ((all.revenue2 as f64 / hits / (mean * mean) - 1.0) * hits / (hits - 1.0)).max(0.01);
    let known = |arm: &Count| {
        let hits = arm.tally.split().0;
        let precision = 1.0 / (BASKETS * BASKETS) + hits / variance;
        let sum = 1.0 / (BASKETS * BASKETS) + arm.revenue as f64 / mean / variance;
        (sum / precision, 1.0 / precision)
    };
    arms.iter().map(known).collect()
}

/// A belief of a rate times a basket, as the Beta of the same mean and
/// variance; the campaign's basket is the unit.
fn worth_of(rate: Beta, (basket, variance): (f64, f64)) -> Beta {
    let mean = (rate.mean() * basket).clamp(1e-9, MOST);
    let relative = rate.spread() / rate.mean();
    let unsure = relative * relative + variance / (basket * basket);
    let strength = strength(mean, unsure);
    Beta { hits: mean * strength, misses: (1.0 - mean) * strength }
}

/// How many visitors a Beta counts for whose mean and relative variance these
/// are; at least so many that both of its shapes are 1, so that it has one peak.
fn strength(mean: f64, unsure: f64) -> f64 {
    ((1.0 - mean) / (mean * unsure) - 1.0).max(1.0 / mean).max(1.0 / (1.0 - mean))
}
