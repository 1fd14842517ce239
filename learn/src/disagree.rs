//! Whether leaves disagree about the messages, and how far. Never decides it:
//! it says how probable each spread is.
//!
//! A cell's rate is the campaign's, times
//! `1 + the leaf's level + the arm's effect + its own deviation + chance`.
//! For every three of spreads (of levels, of effects: `between`, of deviations:
//! `within`) the normal likelihood of all cells at once is taken, with levels and
//! effects integrated out (restricted likelihood, Patterson and Thompson 1971).
//! That uses all signs of disagreement: cells that scatter too much, arms that
//! are too much alike in the sum of the leaves, and leaves that convert alike
//! although all of them are shown one arm. Chance has the variance of an arm
//! without effect: fitted ones would call every arm bad that was given up early.

use libm::{exp, log};

use crate::evidence::Count;
use crate::fit::Fit;

/// Standard deviations of leaves' levels that are thought possible, each as
/// probable as the others: alike, apart as messages are, and anything.
const LEVELS: [f64; 3] = [0.03, 0.15, 0.8];
/// Standard deviations of the arms' effects that are thought possible.
const BETWEEN: [f64; 8] = [0.02, 0.05, 0.09, 0.13, 0.18, 0.26, 0.4, 0.6];
/// Standard deviations of leaves' deviations; none is the first.
const WITHIN: [f64; 8] = [0.0, 0.04, 0.08, 0.12, 0.17, 0.25, 0.37, 0.55];
/// The odds beforehand that leaves agree, where there are many of them: most
/// segments like the same message.
const AGREE: f64 = 2.8;
/// How many times as probable it is, where they disagree, that they have nothing
/// in common (the first of [`BETWEEN`]) than any other spread of effects.
const NOTHING: f64 = 17.0;
/// How far a site's messages are apart differs by so much in logarithms.
const LIKELY: f64 = 0.45;
/// Likelihoods count so many times: what is found out late is found out for nothing.
const HASTE: f64 = 1.9;
/// No pivot of a covariance is below it.
const LEAST: f64 = 1e-12;
/// The precision of the arms' mean effect, which is thus all but free.
const FREE: f64 = 0.01;

/// What is believed of leaves' disagreement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Disagreement {
    /// How probably they disagree, 0 to 1.
    pub apart: f64,
    /// How probably they have nothing in common at all, 0 to [`Disagreement::apart`].
    pub alone: f64,
    /// What is believed if they agree.
    pub agreed: Variances,
    /// What is believed if they disagree, in whatever way.
    pub disagreed: Variances,
    /// What is believed if they have nothing in common.
    pub lonely: Variances,
}

/// How far apart things are, relative to the rate.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Variances {
    /// Of the arms' effects.
    pub between: f64,
    /// Of leaves' deviations from them.
    pub within: f64,
}

/// Stories' weights, and by them their variances.
#[derive(Clone, Copy, Default)]
struct Told {
    weight: f64,
    sums: Variances,
}

impl Told {
    fn tell(&mut self, weight: f64, (within, between): (f64, f64)) {
        self.weight += weight;
        self.sums.within += weight * within * within;
        self.sums.between += weight * between * between;
    }

    fn means(&self) -> Variances {
        let all = self.weight.max(f64::MIN_POSITIVE);
        Variances { between: self.sums.between / all, within: self.sums.within / all }
    }
}

/// How far leaves disagree. `spread`: how far messages are apart on this site;
/// `few`: how much less dear it is than with many leaves to learn of each for itself.
#[must_use]
pub fn disagreement(window: &[Vec<Count>], spread: f64, few: f64) -> Disagreement {
    let prior = |within: f64, between: f64| {
        let whole = within * within + between * between;
        let off = (0.5 * log(whole) - log(spread.clamp(0.01, 1.0))) / LIKELY;
        let alone = within > 0.0 && between <= BETWEEN[0];
        exp(-0.5 * off * off) * if alone { NOTHING } else { 1.0 }
    };
    let likelihoods = mixed(window);
    let (mut agreed, mut disagreed, mut lonely) = (Told::default(), Told::default(), Told::default());
    let (mut of_agreed, mut of_disagreed) = (0.0, 0.0);
    for (within, row) in WITHIN.into_iter().zip(&likelihoods) {
        for (at, (between, likelihood)) in BETWEEN.into_iter().zip(row).enumerate() {
            let before = prior(within, between);
            let weight = before * likelihood;
            if within <= 0.0 {
                of_agreed += before;
                agreed.tell(weight, (within, between));
                continue;
            }
            of_disagreed += before;
            disagreed.tell(weight, (within, between));
            if at == 0 {
                lonely.tell(weight, (within, between));
            }
        }
    }
    let (agree, differ) = (AGREE / few / of_agreed, 1.0 / of_disagreed);
    let all = agree * agreed.weight + differ * disagreed.weight;
    Disagreement {
        apart: differ * disagreed.weight / all,
        alone: differ * lonely.weight / all,
        agreed: agreed.means(),
        disagreed: disagreed.means(),
        lonely: lonely.means(),
    }
}

/// The likelihood of each of [`WITHIN`] with each of [`BETWEEN`], over all
/// levels; the largest is near 1.
fn mixed(window: &[Vec<Count>]) -> [[f64; BETWEEN.len()]; WITHIN.len()] {
    let by_level = LEVELS.map(|level| {
        let fit = Fit::drawn(window, level);
        WITHIN.map(|within| likelihoods(&fit, level, within * within))
    });
    let most = by_level.iter().flatten().flatten().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut mixed = [[0.0; BETWEEN.len()]; WITHIN.len()];
    for level in &by_level {
        for (sum, log) in mixed.iter_mut().flatten().zip(level.iter().flatten()) {
            *sum += exp(HASTE * (log - most));
        }
    }
    mixed
}

/// The logarithm of the likelihood of each of [`BETWEEN`], with one spread of
/// levels and one variance of deviations.
fn likelihoods(fit: &Fit, level: f64, within: f64) -> [f64; BETWEEN.len()] {
    let arms = fit.effects.len();
    // Effects' precision and what they are drawn to, over all leaves, with the
    // leaves' levels taken out; the last column is the right side.
    let mut system = vec![vec![0.0; arms + 1]; arms];
    let (mut logs, mut squares) = (0.0, 0.0);
    let mut cells = Vec::with_capacity(arms);
    for (leaf, rate) in fit.cells.iter().zip(&fit.rates) {
        cells.clear();
        // All of a leaf is told in its own fitted rate, the level, too.
        let unit = fit.rate / rate;
        let drawn = 1.0 / (level * unit * level * unit);
        let (mut precisions, mut pulled) = (drawn, drawn * (unit - 1.0));
        squares += drawn * (unit - 1.0) * (unit - 1.0);
        logs += 0.5 * log(drawn);
        for cell in leaf {
            let expected = cell.visitors * rate;
            let seen = expected > 0.0;
            let precision = if seen { 1.0 / (within + (1.0 - rate) / expected) } else { 0.0 };
            let off = if seen { cell.hits / expected - 1.0 } else { 0.0 };
            logs += if seen { 0.5 * log(precision) - log(*rate) } else { 0.0 };
            squares += precision * off * off;
            precisions += precision;
            pulled += precision * off;
            cells.push((precision, off));
        }
        let level = pulled / precisions;
        logs -= 0.5 * log(precisions);
        squares -= pulled * level;
        for (at, (row, (precision, off))) in system.iter_mut().zip(&cells).enumerate() {
            for (sum, (other, _)) in row.iter_mut().zip(&cells) {
                *sum -= precision * other / precisions;
            }
            if let Some(own) = row.get_mut(at) {
                *own += precision;
            }
            if let Some(right) = row.last_mut() {
                *right += precision * (off - level);
            }
        }
    }
    BETWEEN.map(|between| {
        let precision = 1.0 / (between * between);
        let (determinant, explained) = solved(drawn_together(system.clone(), precision));
        let free = arms as f64 - 1.0;
        logs - 0.5 * (squares - explained) - 0.5 * (determinant - free * log(precision))
    })
}

/// The system with the prior of the arms: drawn to their mean with `precision`,
/// wherever that is.
fn drawn_together(mut system: Vec<Vec<f64>>, precision: f64) -> Vec<Vec<f64>> {
    let arms = system.len();
    for (at, row) in system.iter_mut().enumerate() {
        for (other, value) in row.iter_mut().take(arms).enumerate() {
            let own = if at == other { 1.0 } else { 0.0 };
            *value += precision * (own - 1.0 / arms as f64) + FREE;
        }
    }
    system
}

/// Elimination of a symmetric system: the logarithm of the determinant, and
/// right side · inverse · right side.
fn solved(mut system: Vec<Vec<f64>>) -> (f64, f64) {
    let (mut determinant, mut explained) = (0.0, 0.0);
    let mut left = system.as_mut_slice();
    let mut at = 0;
    while let Some((row, rest)) = left.split_first_mut() {
        let pivot = row.get(at).copied().unwrap_or(0.0).max(LEAST);
        let right = row.last().copied().unwrap_or(0.0);
        determinant += log(pivot);
        explained += right * right / pivot;
        for other in rest.iter_mut() {
            let factor = other.get(at).copied().unwrap_or(0.0) / pivot;
            for (value, above) in other.iter_mut().zip(row.iter()).skip(at + 1) {
                *value -= factor * above;
            }
        }
        left = rest;
        at += 1;
    }
    (determinant, explained)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binomial::binomial;
    use crate::tally::Tally;
    use vitrine_engine::rng::Rng;

    const RATES: [f64; 5] = [0.1, 0.1, 0.11, 0.12, 0.15];

    /// Twenty leaves in which the arms got so many visitors each.
    fn window(visitors: [u64; 5], turned: bool, seed: u64) -> Vec<Vec<Count>> {
        let mut rng = Rng::new(seed, 1);
        let leaf = |leaf: usize, rng: &mut Rng| -> Vec<Count> {
            let arm = |(at, visitors): (usize, &u64)| {
                let rate = RATES[(at + if turned { leaf } else { 0 }) % 5];
                let converters = binomial(rng, *visitors, rate);
                Count { tally: Tally { visitors: *visitors, converters }, ..Count::default() }
            };
            visitors.iter().enumerate().map(arm).collect()
        };
        (0..20).map(|at| leaf(at, &mut rng)).collect()
    }

    #[test]
    fn leaves_that_disagree_are_told_from_those_that_do_not_however_visitors_were_allotted() {
        for visitors in [[200; 5], [130, 90, 200, 140, 440], [60, 60, 60, 60, 760]] {
            let apart = |turned| {
                let found = (0..40).map(|seed| disagreement(&window(visitors, turned, seed), 0.2, 1.0).apart);
                found.sum::<f64>() / 40.0
            };
            let (alike, turned) = (apart(false), apart(true));
            assert!(alike < 0.1 && turned > 0.6, "{visitors:?}: {alike} {turned}");
        }
    }

    #[test]
    fn spreads_are_found() {
        let found = disagreement(&window([4000; 5], true, 1), 0.2, 1.0);
        assert!(found.apart > 0.999 && (0.02..0.04).contains(&found.disagreed.within), "{found:?}");
        assert!(found.disagreed.between < 0.006, "{found:?}");
        let found = disagreement(&window([4000; 5], false, 1), 0.2, 1.0);
        assert!(found.apart < 0.01 && (0.015..0.1).contains(&found.agreed.between), "{found:?}");
    }

    #[test]
    fn nothing_counted_says_nothing() {
        let found = disagreement(&window([0; 5], false, 1), 0.2, 1.0);
        assert!(
            (found.apart - 1.0 / (1.0 + AGREE)).abs() < 1e-9 && found.disagreed.within > 0.0,
            "{found:?}"
        );
    }
}
