//! Intervals of means and sums of any kind, such as revenue per visitor.
//! Never trusts a few big baskets: with few buyers an interval is wide.
//!
//! Robbins' normal mixture (1970) over a sum's own variance: valid at every
//! look as the buyers grow many (Waudby-Smith et al. 2024). How many they are
//! is counted by what their baskets weigh, (Σx)² / Σx²: as many equal baskets
//! would say as much, and one huge basket among many is one. A mean's interval
//! is laid around its logarithm, since means of heavy-tailed baskets are off by
//! factors: mostly a little too low, now and then far too high. All of it is
//! checked with heavy-tailed baskets in `tests/worth.rs`.

use libm::{exp, log, log1p, sqrt};
use vitrine_engine::report::Counts;

use crate::interval::Estimate;

/// The baskets at which an interval is narrowest for what it promises.
const NARROWEST: f64 = 150.0;
/// Baskets below which nothing is said: a variance of fewer is a guess.
const LEAST: f64 = 5.0;
/// An interval that reaches further up or down than by this factor is not said:
/// it would tell nobody anything.
const FAR: f64 = 10.0;

/// As many baskets of equal size would say as much of a visitor's revenue.
#[must_use]
pub fn equal_baskets(counts: &Counts) -> f64 {
    let sum = counts.revenue as f64;
    let equal = sum * sum / counts.revenue2 as f64;
    if equal.is_finite() { f64::min(equal, counts.converters as f64) } else { 0.0 }
}

/// How many standard errors a sum of `events` parts may ever be off but in a
/// share `alpha` of all campaigns.
#[must_use]
pub fn reach(events: f64, alpha: f64) -> f64 {
    let spare = NARROWEST / events;
    sqrt((1.0 + spare) * (log1p(1.0 / spare) + 2.0 * log(1.0 / alpha)))
}

/// A visitor's mean revenue and its variance, both in minor units; `None`
/// without visitors.
#[must_use]
pub fn moments(counts: &Counts) -> Option<(f64, f64)> {
    let n = counts.visitors as f64;
    let mean = counts.revenue as f64 / n;
    (n > 0.0).then(|| (mean, f64::max(0.0, counts.revenue2 as f64 / n - mean * mean)))
}

/// Revenue per visitor, in minor units; `None` while there are too few baskets.
#[must_use]
pub fn revenue(counts: &Counts, alpha: f64) -> Option<Estimate> {
    let (value, variance) = moments(counts)?;
    let known = equal_baskets(counts);
    if known < LEAST {
        return None;
    }
    let off = exp(reach(known, alpha) * sqrt(variance / counts.visitors as f64) / value);
    (off <= FAR).then_some(Estimate { value, low: value / off, high: value * off })
}

/// Two arms' counts of visitors who were allotted alike, such as one leaf's on
/// one day.
pub type Pair = (Counts, Counts);

/// How much more revenue a visitor of the first arm brings, compared day by
/// day, so that a rich day with most visitors for one arm does not speak for
/// it; `None` while there are too few baskets.
#[must_use]
pub fn difference(pairs: &[Pair], alpha: f64) -> Option<Estimate> {
    let (mut ours, mut theirs) = (Counts::default(), Counts::default());
    for (first, second) in pairs {
        ours.add(first);
        theirs.add(second);
    }
    let ((_, our_variance), (_, their_variance)) = (moments(&ours)?, moments(&theirs)?);
    let known = f64::min(equal_baskets(&ours), equal_baskets(&theirs));
    if known < LEAST {
        return None;
    }
    let (mut sum, mut weights, mut variance) = (0.0, 0.0, 0.0);
    for (first, second) in pairs {
        let (Some((a, _)), Some((b, _))) = (moments(first), moments(second)) else { continue };
        let (n, m) = (first.visitors as f64, second.visitors as f64);
        let weight = n * m / (n + m);
        sum += weight * (a - b);
        weights += weight;
        variance += weight * weight * (our_variance / n + their_variance / m);
    }
    if weights == 0.0 {
        return None;
    }
    let (value, off) = (sum / weights, reach(known, alpha) * sqrt(variance) / weights);
    Some(Estimate { value, low: value - off, high: value + off })
}

/// The arm that earns more per visitor than every other, of days of counts by
/// arm: in all campaigns together, the share in which one is ever named that
/// does not is at most `alpha`, as far as baskets are many.
///
/// Whoever is named without earning most has beaten whoever does, in one of
/// the comparisons with it, of which there are fewer than arms.
#[must_use]
pub fn richest(days: &[&[Counts]], arms: usize, alpha: f64) -> Option<usize> {
    let part = alpha / arms.max(1) as f64;
    let beats = |ours: usize, theirs: usize| {
        let pair = |day: &&[Counts]| Some((*day.get(ours)?, *day.get(theirs)?));
        let pairs: Vec<Pair> = days.iter().filter_map(pair).filter(is_pair).collect();
        difference(&pairs, part).is_some_and(|found| found.low > 0.0)
    };
    let is_best = |ours: &usize| (0..arms).all(|theirs| theirs == *ours || beats(*ours, theirs));
    (0..arms).find(|ours| arms > 1 && is_best(ours))
}

/// Whether there is somebody on either side.
#[must_use]
pub fn is_pair((ours, theirs): &Pair) -> bool {
    ours.visitors > 0 && theirs.visitors > 0
}
