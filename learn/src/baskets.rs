//! How far a converter's basket depends on the message. Never believes one huge
//! basket, and never needs more than sums: of an arm only its converters, what
//! they bought, and the sum of the squares are known.
//!
//! Baskets are heavy-tailed: one in a hundred is six times the mean, and the arm
//! that happens to get it looks rich. But such an arm's squares give it away:
//! where all arms' baskets have one shape, an arm of more scatter than the others
//! has a mean too high, and one of less scatter a mean too low. So means are
//! compared as logarithms, corrected by a part of what the scatter is off (a
//! control variate; its weight was fitted to log-normal baskets of many sizes and
//! counts), which takes a quarter to a third off the variance where baskets are
//! log-normal with σ = 1 and about half at 1.5. The part fades as an arm's own converters grow, so
//! that in the end every arm's mean is its own.

use libm::{exp, log, sqrt};

use crate::evidence::Count;
use crate::spread::{Known, between};

/// Spreads of the arms' baskets that are thought possible, where there are any.
const APART: [f64; 8] = [0.03, 0.05, 0.08, 0.12, 0.18, 0.27, 0.4, 0.6];
/// How probable it is beforehand that messages change whether, not what, is bought.
const ALIKE: f64 = 0.4;
/// The likeliest of [`APART`], and how far off it the others may lie, in logarithms.
const LIKELY: f64 = 0.12;
/// See [`LIKELY`].
const WIDTH: f64 = 0.8;
/// The squared coefficient of variation of baskets where nothing is known yet, and
/// so many converters' worth is that.
const SCATTER: f64 = 1.5;
/// See [`SCATTER`].
const SCATTER_KNOWN: f64 = 3.0;
/// The variance of a corrected logarithm is believed to be so many times that of
/// log-normal baskets: real ones are not.
const CAUTION: f64 = 1.4;
/// A basket so many times as large as the largest that is expected among so many is
/// huge.
const HUGE: f64 = 1.5;
/// No more of the scatter's surprise is taken off: half takes off a basket
/// that alone makes the scatter.
const MOST: f64 = 0.5;
/// Converters of an arm at which half of what the scatter says in the long run is
/// left: by then its own mean says enough, and its baskets may have their own shape.
const FADES: f64 = 1000.0;
/// Rounds in which a huge basket is told from the mean that it has raised; each
/// leaves a fifth of the rest or less.
const ROUNDS: usize = 24;

/// What is believed of an arm's mean basket.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Basket {
    /// Over the dearest arm's; at most 1.
    pub ratio: f64,
    /// The variance of its logarithm.
    pub unsure: f64,
}

/// Converters, what they bought, and the sum of the squares.
#[derive(Clone, Copy)]
struct Sums {
    hits: f64,
    sum: f64,
    squares: f64,
}

/// How far baskets scatter around their arm's mean.
#[derive(Clone, Copy, Default)]
struct Scatter {
    /// Squares of what they are off, over the squared mean.
    squares: f64,
    /// Of how many baskets.
    known: f64,
}

impl Scatter {
    /// The squared coefficient of variation, with what is known of baskets elsewhere.
    fn squared(self) -> f64 {
        (self.squares + SCATTER * SCATTER_KNOWN) / (self.known + SCATTER_KNOWN)
    }

    fn add(self, other: Scatter) -> Scatter {
        Scatter { squares: self.squares + other.squares, known: self.known + other.known }
    }

    fn less(self, other: Scatter) -> Scatter {
        Scatter { squares: (self.squares - other.squares).max(0.0), known: self.known - other.known }
    }
}

impl Sums {
    fn of(count: &Count) -> Sums {
        Sums { hits: count.tally.split().0, sum: count.revenue as f64, squares: count.revenue2 as f64 }
    }

    fn says_something(&self) -> bool {
        self.hits > 0.0 && self.sum > 0.0
    }

    fn mean(&self) -> f64 {
        self.sum / self.hits
    }

    fn scatter(&self) -> Scatter {
        if !self.says_something() {
            return Scatter::default();
        }
        let mean = self.mean();
        Scatter { squares: (self.squares / (mean * mean) - self.hits).max(0.0), known: self.hits - 1.0 }
    }

    /// Without what the largest basket has above the largest that is expected
    /// among so many, where the others scatter by `scatter`.
    fn trimmed(self, scatter: f64) -> Sums {
        if !self.says_something() {
            return self;
        }
        let spread = log(1.0 + scatter);
        let largest = HUGE * exp(sqrt(2.0 * spread * log(self.hits + 1.0)) - 0.5 * spread);
        let mut trimmed = self;
        for _ in 0..ROUNDS {
            let mean = trimmed.mean();
            let square = (self.squares - self.hits * (1.0 + scatter) * mean * mean).max(0.0);
            let (basket, expected) = (sqrt(square), largest * mean);
            if basket <= expected {
                break;
            }
            // In forged sums one basket may be more than all.
            trimmed.sum = (self.sum - basket).max(0.0) + expected;
            trimmed.squares = self.squares - square + expected * expected;
        }
        trimmed
    }

    /// The logarithm of the mean, with how sure it is; baskets scatter by
    /// `scatter` in all arms alike.
    fn known(&self, scatter: f64, least: f64) -> Known {
        if self.hits <= 0.0 {
            return Known::default();
        }
        let spread = log(1.0 + scatter);
        let variance = CAUTION * spread * (1.0 + 0.25 * spread) / self.hits;
        let mean = self.mean().max(least / (1.0 + self.hits));
        let found = log((self.squares / self.hits / (mean * mean)).max(1.0));
        // So few baskets show less than all of the scatter.
        let expected = log(1.0 + scatter * self.hits / (self.hits + 6.0 * scatter));
        let whole = 1.0 + scatter;
        let part = FADES / (FADES + self.hits) / (whole * whole + 2.0 * whole - 1.0);
        let part = (part + sqrt(scatter / self.hits)).min(MOST);
        // A mean of few heavy-tailed baskets lies below the true one as a rule.
        let log = log(mean) - part * (found - expected) + 0.5 * variance;
        Known { precision: 1.0 / variance, sum: log / variance }
    }
}

/// What is believed of each arm's basket, over all leaves.
#[must_use]
pub fn baskets(window: &[Vec<Count>]) -> Vec<Basket> {
    let mut arms: Vec<Count> = Vec::new();
    for leaf in window {
        arms.resize(arms.len().max(leaf.len()), Count::default());
        arms.iter_mut().zip(leaf).for_each(|(sum, count)| sum.add(count));
    }
    let arms: Vec<Sums> = arms.iter().map(Sums::of).collect();
    let all = arms.iter().map(Sums::scatter).fold(Scatter::default(), Scatter::add);
    let trimmed = |arm: &Sums| arm.trimmed(all.less(arm.scatter()).squared());
    let arms: Vec<Sums> = arms.iter().map(trimmed).collect();
    let scatter = arms.iter().map(Sums::scatter).fold(Scatter::default(), Scatter::add).squared();
    let (hits, sum) = arms.iter().fold((0.0, 0.0), |all, arm| (all.0 + arm.hits, all.1 + arm.sum));
    if sum <= 0.0 {
        return vec![Basket { ratio: 1.0, unsure: (1.0 - ALIKE) * LIKELY * LIKELY }; arms.len()];
    }
    let known: Vec<Known> = arms.iter().map(|arm| arm.known(scatter.max(0.01), sum / hits)).collect();
    let (center, between) = between(&known, &prior());
    let drawn = |arm: &Known| {
        let whole = 1.0 + between * arm.precision;
        ((center + between * arm.sum) / whole, between / whole)
    };
    let drawn: Vec<(f64, f64)> = known.iter().map(drawn).collect();
    let dearest = drawn.iter().map(|(log, _)| *log).fold(f64::NEG_INFINITY, f64::max);
    drawn.iter().map(|(log, unsure)| Basket { ratio: exp(log - dearest), unsure: *unsure }).collect()
}

/// Each spread and the logarithm of how probable it is beforehand.
fn prior() -> Vec<(f64, f64)> {
    let log_of = |spread: &f64| {
        let off = log(spread / LIKELY) / WIDTH;
        -0.5 * off * off
    };
    let all: f64 = APART.iter().map(|spread| exp(log_of(spread))).sum();
    let apart = APART.iter().map(|spread| (*spread, log_of(spread) + log((1.0 - ALIKE) / all)));
    std::iter::once((0.0, log(ALIKE))).chain(apart).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::Tally;
    use vitrine_engine::rng::Rng;

    /// Arms' converters' log-normal baskets with σ = `spread`.
    fn window(means: &[f64], (converters, spread): (u64, f64), seed: u64) -> Vec<Vec<Count>> {
        let mut rng = Rng::new(seed, 5);
        let arm = |mean: &f64| {
            let tally = Tally { visitors: 50 * converters, converters };
            let mut count = Count { tally, ..Count::default() };
            for _ in 0..converters {
                let basket = (mean * exp(spread * (rng.normal() - 0.5 * spread))) as u128;
                count.revenue += basket;
                count.revenue2 += basket * basket;
            }
            count
        };
        vec![means.iter().map(arm).collect()]
    }

    /// The mean and the mean square error of the logarithm of the second arm's
    /// basket over the first's, by the corrected means and by the plain ones.
    fn errors(means: &[f64], size: (u64, f64)) -> [(f64, f64); 2] {
        let truth = log(means[1] / means[0]);
        let mut sums = [(0.0, 0.0); 2];
        let runs = 400;
        for seed in 0..runs {
            let leaf = window(means, size, seed).remove(0);
            let arms: Vec<Sums> = leaf.iter().map(Sums::of).collect();
            let scatter = arms[0].scatter().add(arms[1].scatter()).squared();
            let corrected =
                arms.iter().map(|arm| arm.known(scatter, 1.0)).map(|known| known.sum / known.precision);
            let corrected: Vec<f64> = corrected.collect();
            let plain = log(arms[1].mean() / arms[0].mean());
            for (sum, found) in sums.iter_mut().zip([corrected[1] - corrected[0], plain]) {
                let off = (found - truth) / runs as f64;
                *sum = (sum.0 + off, sum.1 + (found - truth) * off);
            }
        }
        sums
    }

    #[test]
    fn what_the_squares_say_of_the_luck_of_an_arm_makes_its_mean_surer() {
        for (size, gain) in [((30, 1.0), 0.8), ((100, 1.0), 0.85), ((100, 1.5), 0.7), ((300, 0.5), 1.0)] {
            let [corrected, plain] = errors(&[30_000.0, 45_000.0], size);
            assert!(corrected.0.abs() < 0.03, "{size:?}: {corrected:?} {plain:?}");
            assert!(corrected.1 < gain * plain.1, "{size:?}: {corrected:?} {plain:?}");
        }
    }

    #[test]
    fn dear_and_cheap_are_told_apart_and_equals_are_not() {
        let mut equal = 0.0;
        for seed in 0..40 {
            let found = baskets(&window(&[30_000.0, 45_000.0], (1000, 1.0), seed));
            assert!(found[1].ratio == 1.0 && (0.55..0.85).contains(&found[0].ratio), "{found:?}");
            let found = baskets(&window(&[30_000.0; 2], (1000, 1.0), seed));
            equal += (log(found[0].ratio) + log(found[1].ratio)) / 40.0;
        }
        assert!(equal > -0.06, "{equal}");
    }

    #[test]
    fn one_huge_basket_is_worth_no_more_than_a_large_one() {
        for seed in 0..10 {
            let window = window(&[30_000.0; 3], (100, 1.0), seed);
            let before = baskets(&window);
            for basket in [1_000_000u128, 100_000_000, 100_000_000_000] {
                let mut lucky = window.clone();
                lucky[0][1].revenue += basket;
                lucky[0][1].revenue2 += basket * basket;
                let after = baskets(&lucky);
                let rise = after[1].ratio / after[0].ratio / (before[1].ratio / before[0].ratio);
                assert!((0.8..1.15).contains(&rise), "{seed} {basket}: {before:?} {after:?}");
            }
        }
    }

    #[test]
    fn forged_sums_give_numbers() {
        let forged = |revenue: u128, revenue2: u128, converters: u64| {
            let tally = Tally { visitors: 100, converters };
            Count { tally, revenue, revenue2 }
        };
        for first in
            [forged(0, 0, 0), forged(0, u128::MAX, 9), forged(u128::MAX, 0, 100), forged(5, u128::MAX, 1)]
        {
            for second in [forged(300, 30_000, 3), forged(0, 0, 3), forged(u128::MAX, u128::MAX, 200)] {
                for found in baskets(&[vec![first, second]]) {
                    assert!(
                        (0.0..=1.0).contains(&found.ratio) && found.unsure.is_finite(),
                        "{first:?} {second:?}"
                    );
                }
            }
        }
    }
}
