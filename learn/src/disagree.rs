//! Whether leaves disagree about the messages, and how far. Never decides it:
//! it says how probable each spread is.
//!
//! A cell's ratio to what its leaf's fitted rate lets expect is
//! `1 + the leaf's level + the arm's effect + its own deviation + chance`.
//! For every pair of spreads (of effects, `between`; of deviations, `within`)
//! the normal likelihood of all cells at once is taken, with levels and effects
//! integrated out (restricted likelihood, Patterson and Thompson 1971). That
//! uses both signs of disagreement: cells that scatter too much, and arms that
//! are too much alike in the sum of the leaves. Chance has the variance of an
//! arm without effect: fitted ones would call every arm bad that was given up
//! early.

use libm::{exp, log};

use crate::fit::{Fit, LEAF};

/// Standard deviations of the arms' effects that are thought possible.
const BETWEEN: [f64; 8] = [0.02, 0.05, 0.09, 0.13, 0.18, 0.26, 0.4, 0.6];
/// Standard deviations of leaves' deviations, where there are any.
const WITHIN: [f64; 7] = [0.04, 0.08, 0.12, 0.17, 0.25, 0.37, 0.55];
/// How probable it is beforehand that leaves agree: most segments like the same
/// message.
const AGREE: f64 = 0.75;
/// How many times as probable it is, where they disagree, that they have nothing
/// in common (the first of [`BETWEEN`]) than any other spread of effects.
const NOTHING: f64 = 50.0;
/// How far a site's messages are apart differs by so much in logarithms.
const LIKELY: f64 = 0.6;
/// Likelihoods count twice: what is found out late is found out for nothing.
const HASTE: f64 = 2.0;
/// No pivot of a covariance is below it.
const LEAST: f64 = 1e-12;

/// What is believed of leaves' disagreement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Disagreement {
    /// How probably they disagree, 0 to 1.
    pub apart: f64,
    /// The variance of deviations, given that they disagree.
    pub within: f64,
    /// The variance of the arms' effects, given that they disagree.
    pub between: f64,
    /// How probably they have nothing in common at all, 0 to 1.
    pub alone: f64,
}

/// How far leaves disagree, by counts that were fitted without deviations.
/// `spread`: how far messages are apart on this site.
#[must_use]
pub fn disagreement(fit: &Fit, spread: f64) -> Disagreement {
    let prior = |within: f64, between: f64| {
        let whole = within * within + between * between;
        let off = (0.5 * log(whole) - log(spread.clamp(0.01, 1.0))) / LIKELY;
        exp(-0.5 * off * off)
    };
    // Of each pair what it says beforehand, its variances, and its likelihood.
    let mut agreed: Vec<(f64, f64, f64, f64)> = Vec::new();
    let mut apart = Vec::new();
    for (between, log) in BETWEEN.into_iter().zip(likelihoods(fit, 0.0)) {
        agreed.push((prior(0.0, between), 0.0, between * between, HASTE * log));
    }
    for within in WITHIN {
        let mut weight = NOTHING;
        for (between, log) in BETWEEN.into_iter().zip(likelihoods(fit, within * within)) {
            let part = weight * prior(within, between);
            apart.push((part, within * within, between * between, HASTE * log));
            weight = 1.0;
        }
    }
    let most = agreed.iter().chain(&apart).map(|pair| pair.3).fold(f64::NEG_INFINITY, f64::max);
    let sums = |pairs: &[(f64, f64, f64, f64)], whole: f64| {
        let all: f64 = pairs.iter().map(|pair| pair.0).sum();
        let (mut sum, mut within, mut between) = (0.0, 0.0, 0.0);
        for (part, w, b, log) in pairs {
            let weight = whole * part / all * exp(log - most);
            sum += weight;
            within += weight * w;
            between += weight * b;
        }
        (sum, within, between)
    };
    let (agreed, ..) = sums(&agreed, AGREE);
    let whole: f64 = apart.iter().map(|pair| pair.0).sum();
    let alone = apart.iter().step_by(BETWEEN.len()).map(|pair| pair.0 / whole * exp(pair.3 - most));
    let alone = (1.0 - AGREE) * alone.sum::<f64>();
    let (apart, within, other) = sums(&apart, 1.0 - AGREE);
    let all = agreed + apart;
    Disagreement {
        apart: apart / all,
        within: within / apart.max(f64::MIN_POSITIVE),
        between: other / apart.max(f64::MIN_POSITIVE),
        alone: alone / all,
    }
}

/// The logarithm of the likelihood of each of [`BETWEEN`], with one variance of
/// deviations.
fn likelihoods(fit: &Fit, within: f64) -> [f64; BETWEEN.len()] {
    let arms = fit.effects.len();
    // Effects' precision and what they are drawn to, over all leaves, with the
    // leaves' levels taken out; the last column is the right side.
    let mut system = vec![vec![0.0; arms + 1]; arms];
    let (mut logs, mut squares) = (0.0, 0.0);
    let mut cells = Vec::with_capacity(arms);
    for (leaf, rate) in fit.cells.iter().zip(&fit.rates) {
        cells.clear();
        let (mut precisions, mut pulled) = (LEAF, 0.0);
        for cell in leaf {
            let expected = cell.visitors * rate;
            let seen = expected > 0.0;
            let precision = if seen { 1.0 / (within + (1.0 - rate) / expected) } else { 0.0 };
            let off = if seen { cell.hits / expected - 1.0 } else { 0.0 };
            logs += if seen { 0.5 * log(precision) } else { 0.0 };
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
        let (determinant, explained) = solved(system.clone(), precision);
        logs - 0.5 * (squares - explained) - 0.5 * (determinant - arms as f64 * log(precision))
    })
}

/// Elimination of a symmetric system with `ridge` added to its diagonal: the
/// logarithm of the determinant, and right side · inverse · right side.
fn solved(mut system: Vec<Vec<f64>>, ridge: f64) -> (f64, f64) {
    let (mut determinant, mut explained) = (0.0, 0.0);
    let mut left = system.as_mut_slice();
    let mut at = 0;
    while let Some((row, rest)) = left.split_first_mut() {
        let pivot = (row.get(at).copied().unwrap_or(0.0) + ridge).max(LEAST);
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
    use crate::evidence::Count;
    use crate::tally::Tally;
    use vitrine_engine::rng::Rng;

    const RATES: [f64; 5] = [0.1, 0.1, 0.11, 0.12, 0.15];

    /// Twenty leaves in which the arms got so many visitors each.
    fn fit(visitors: [u64; 5], turned: bool, seed: u64) -> Fit {
        let mut rng = Rng::new(seed, 1);
        let leaf = |leaf: usize, rng: &mut Rng| -> Vec<Count> {
            let arm = |(at, visitors): (usize, &u64)| {
                let rate = RATES[(at + if turned { leaf } else { 0 }) % 5];
                let converters = binomial(rng, *visitors, rate);
                Count { tally: Tally { visitors: *visitors, converters }, ..Count::default() }
            };
            visitors.iter().enumerate().map(arm).collect()
        };
        let window: Vec<Vec<Count>> = (0..20).map(|at| leaf(at, &mut rng)).collect();
        Fit::new(&window, 0.0)
    }

    #[test]
    fn leaves_that_disagree_are_told_from_those_that_do_not_however_visitors_were_allotted() {
        for visitors in [[200; 5], [130, 90, 200, 140, 440], [60, 60, 60, 60, 760]] {
            let apart = |turned| {
                let found = (0..40).map(|seed| disagreement(&fit(visitors, turned, seed), 0.2).apart);
                found.sum::<f64>() / 40.0
            };
            let (alike, turned) = (apart(false), apart(true));
            assert!(alike < 0.1 && turned > 0.6, "{visitors:?}: {alike} {turned}");
        }
    }

    #[test]
    fn spreads_are_found() {
        let found = disagreement(&fit([4000; 5], true, 1), 0.2);
        assert!(found.apart > 0.999 && (0.02..0.04).contains(&found.within), "{found:?}");
        assert!(found.between < 0.006, "{found:?}");
        let found = disagreement(&fit([4000; 5], false, 1), 0.2);
        assert!(found.apart < 0.01 && (0.015..0.1).contains(&found.between), "{found:?}");
    }

    #[test]
    fn nothing_counted_says_nothing() {
        let found = disagreement(&fit([0; 5], false, 1), 0.2);
        assert!((found.apart - (1.0 - AGREE)).abs() < 1e-9 && found.within > 0.0, "{found:?}");
    }
}
