//! Intervals of means and sums of any kind, such as revenue per visitor.
//! Never trusts a few big baskets: with few buyers an interval is wide.
//!
//! Robbins' normal mixture (1970) over a sum's own variance: valid at every
//! look as the buyers grow many (Waudby-Smith et al. 2024), and checked with
//! heavy-tailed baskets in `tests/worth.rs`.

use libm::{log, log1p, sqrt};
use vitrine_engine::report::Counts;

use crate::interval::Estimate;

/// The buyers at which an interval is narrowest for what it promises.
const NARROWEST: f64 = 150.0;
/// Buyers below which nothing is said: a variance of fewer is a guess.
const LEAST: f64 = 5.0;

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

/// Revenue per visitor, in minor units; `None` while there are too few buyers.
#[must_use]
pub fn revenue(counts: &Counts, alpha: f64) -> Option<Estimate> {
    let (value, variance) = moments(counts)?;
    let buyers = counts.converters as f64;
    if buyers < LEAST {
        return None;
    }
    let off = reach(buyers, alpha) * sqrt(variance / counts.visitors as f64);
    Some(Estimate { value, low: f64::max(0.0, value - off), high: value + off })
}

/// Two arms' counts of visitors who were allotted alike, such as one leaf's on
/// one day.
pub type Pair = (Counts, Counts);

/// How much more revenue a visitor of the first arm brings, compared day by
/// day, so that a rich day with most visitors for one arm does not speak for
/// it; `None` while there are too few buyers.
#[must_use]
pub fn difference(pairs: &[Pair], alpha: f64) -> Option<Estimate> {
    let (mut ours, mut theirs) = (Counts::default(), Counts::default());
    for (first, second) in pairs {
        ours.add(first);
        theirs.add(second);
    }
    let ((_, our_variance), (_, their_variance)) = (moments(&ours)?, moments(&theirs)?);
    let buyers = ours.converters.min(theirs.converters) as f64;
    if buyers < LEAST {
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
    let (value, off) = (sum / weights, reach(buyers, alpha) * sqrt(variance) / weights);
    Some(Estimate { value, low: value - off, high: value + off })
}
