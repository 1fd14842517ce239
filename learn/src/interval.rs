//! Intervals of a rate that stay right however often somebody looks and
//! however the visitors were allotted. Never approximates: the promise holds
//! from the first visitor on.
//!
//! An arm's visitors are alike, so whatever its conversions were drawn by, the
//! likelihood of a Beta mixture over that of the true rate is a martingale
//! that starts at 1, and by Ville's inequality passes 1/α in at most a share α
//! of all campaigns, ever (Robbins 1970; Howard et al. 2021). The interval is
//! every rate that has not been passed.

use crate::tally::Tally;
use libm::{lgamma, log, log1p};

/// What is left to error in all intervals of a campaign together.
pub const ALPHA: f64 = 0.05;
/// The mixture's Beta(½, 4): most of it lies where shops' rates lie, from
/// 0.1 % to 10 %; at 40 % it costs a tenth of the width.
const PRIOR: (f64, f64) = (0.5, 4.0);
/// Halvings of the search for an end: 2^-45 of where it starts is below what anybody reads.
const STEPS: u32 = 45;

/// From `low` to `high`, both possible.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// What is thought of a number, and how far off it may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The likeliest value.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// Whether a value lies within.
    #[must_use]
    pub fn holds(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }
}

/// The rates that an arm's counts leave possible, 0 to 1; `alpha` is the share
/// of campaigns in which it may ever be wrong. Where several arms are looked
/// at together, each gets its part of [`ALPHA`].
#[must_use]
pub fn rate(arm: Tally, alpha: f64) -> Interval {
    let (hits, misses) = split(arm);
    if hits + misses == 0.0 {
        return Interval { low: 0.0, high: 1.0 };
    }
    let center = hits / (hits + misses);
    let level = mixture(hits, misses) + log(alpha);
    let is_out = |p: f64| likelihood(hits, misses, p) < level;
    Interval { low: end(0.0, center, is_out), high: end(1.0, center, is_out) }
}

/// Whether [`rate`] holds `truth`, without a search.
#[must_use]
pub fn covers(arm: Tally, truth: f64, alpha: f64) -> bool {
    let (hits, misses) = split(arm);
    likelihood(hits, misses, truth) >= mixture(hits, misses) + log(alpha)
}

/// Converters and the others; forged reports may add up to more converters
/// than visitors, who then all count as converters.
fn split(arm: Tally) -> (f64, f64) {
    let hits = arm.converters.min(arm.visitors);
    (hits as f64, (arm.visitors - hits) as f64)
}

/// The logarithm of the mixture's likelihood.
fn mixture(hits: f64, misses: f64) -> f64 {
    let (a, b) = PRIOR;
    log_beta(a + hits, b + misses) - log_beta(a, b)
}

fn likelihood(hits: f64, misses: f64, p: f64) -> f64 {
    let part = |count: f64, log: f64| if count == 0.0 { 0.0 } else { count * log };
    part(hits, log(p)) + part(misses, log1p(-p))
}

fn log_beta(a: f64, b: f64) -> f64 {
    lgamma(a) + lgamma(b) - lgamma(a + b)
}

/// The place between `out` and `inside` where `is_out` ends; `out` itself if
/// it is not out.
pub(crate) fn end(mut out: f64, mut inside: f64, is_out: impl Fn(f64) -> bool) -> f64 {
    if !is_out(out) {
        return out;
    }
    for _ in 0..STEPS {
        let middle = 0.5 * (out + inside);
        if is_out(middle) {
            out = middle;
        } else {
            inside = middle;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(converters: u64, visitors: u64) -> Tally {
        Tally { visitors, converters }
    }

    #[test]
    fn an_interval_holds_its_rate_and_narrows() {
        let mut width = 1.1;
        for n in [0, 1, 10, 100, 1000, 10_000, 1_000_000] {
            let Interval { low, high } = rate(tally(n / 50, n), ALPHA);
            assert!((0.0..=0.02).contains(&low) && (0.02..=1.0).contains(&high), "{n}: {low} {high}");
            assert!(high - low < width, "{n}: {low} {high}");
            width = high - low;
        }
        assert!(width < 0.0014, "{width}");
        assert!(rate(tally(0, 100), ALPHA).low == 0.0 && rate(tally(100, 100), ALPHA).high == 1.0);
        assert_eq!(rate(tally(7, 3), ALPHA), rate(tally(3, 3), ALPHA));
    }

    #[test]
    fn the_search_finds_what_covers_says() {
        for (hits, trials) in [(0, 5), (3, 40), (20, 1000), (400, 1000), (2_345, 100_000)] {
            let arm = tally(hits, trials);
            let Interval { low, high } = rate(arm, 0.01);
            for p in (1..1000).map(|p| f64::from(p) / 1000.0) {
                let is_near = (p - low).abs() < 1e-9 || (p - high).abs() < 1e-9;
                assert!(is_near || covers(arm, p, 0.01) == (low..=high).contains(&p), "{hits}/{trials} {p}");
            }
        }
    }
}
