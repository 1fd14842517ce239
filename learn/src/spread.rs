//! How far messages are apart: of a campaign by its counts, of a site by its
//! campaigns. Never says which is the better one.

use libm::{exp, log, sqrt};

use crate::evidence::Count;
use crate::fit::Fit;

/// Spreads that are thought possible, relative to the mean.
pub(crate) const SPREADS: [f64; 8] = [0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.45, 0.7];
/// How far messages are apart where nothing is known yet: a fifth of the rate,
/// what tests of shops' words find.
pub(crate) const BETWEEN: f64 = 0.2;

/// A number and how sure it is.
#[derive(Clone, Copy, Default)]
pub(crate) struct Known {
    pub(crate) precision: f64,
    /// The number times its precision.
    pub(crate) sum: f64,
}

/// How far a campaign's messages are apart: the standard deviation of a rate
/// over the mean. `None` where fewer than two arms have converters.
#[must_use]
pub fn of_campaign(window: &[Vec<Count>]) -> Option<f64> {
    let arms = effects(&Fit::new(window, 0.0));
    let known = arms.iter().filter(|arm| arm.sum > 0.0).count();
    (known > 1).then(|| sqrt(between(&arms, &spreads(BETWEEN)).1))
}

/// How far messages are apart on a site: the geometric mean of what its
/// campaigns say, each as of [`of_campaign`], and of what is found elsewhere.
#[must_use]
pub fn usual(spreads: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut count) = (log(BETWEEN), 1.0);
    for spread in spreads {
        sum += log(spread);
        count += 1.0;
    }
    exp(sum / count)
}

/// What all leaves together say of each arm's effect, as if they agreed.
pub(crate) fn effects(fit: &Fit) -> Vec<Known> {
    let mut arms = vec![Known::default(); fit.effects.len()];
    for (cells, rate) in fit.cells.iter().zip(&fit.rates) {
        for (arm, cell) in arms.iter_mut().zip(cells) {
            let expected = cell.visitors * rate;
            if expected > 0.0 {
                let precision = 1.0 / ((1.0 - rate) / expected);
                arm.precision += precision;
                arm.sum += precision * (cell.hits / expected);
            }
        }
    }
    arms
}

/// The arms' mean and their variance around it. `prior`: each spread that is
/// thought possible, and the logarithm of how probable it is beforehand.
pub(crate) fn between(arms: &[Known], prior: &[(f64, f64)]) -> (f64, f64) {
    let known = || arms.iter().filter(|arm| arm.precision > 0.0);
    let story = |(spread, log_prior): &(f64, f64)| {
        let variance = |arm: &Known| spread * spread + 1.0 / arm.precision;
        let (mut all, mut weights) = (0.0, 0.0);
        for arm in known() {
            all += arm.sum / arm.precision / variance(arm);
            weights += 1.0 / variance(arm);
        }
        let (center, mut sum) = if weights > 0.0 { (all / weights, -0.5 * log(weights)) } else { (1.0, 0.0) };
        for arm in known() {
            let off = arm.sum / arm.precision - center;
            sum -= 0.5 * (off * off / variance(arm) + log(variance(arm)));
        }
        (sum + log_prior, center, spread * spread)
    };
    let stories: Vec<(f64, f64, f64)> = prior.iter().map(story).collect();
    let most = stories.iter().map(|story| story.0).fold(f64::NEG_INFINITY, f64::max);
    let (mut all, mut center, mut variance) = (0.0, 0.0, 0.0);
    for (log, mean, between) in stories {
        let weight = exp(log - most);
        all += weight;
        center += weight * mean;
        variance += weight * between;
    }
    (center / all, variance / all)
}

/// Spreads of messages' effects, the less probable the farther from the likely one.
pub(crate) fn spreads(likely: f64) -> [(f64, f64); SPREADS.len()] {
    SPREADS.map(|spread| {
        let off = log(spread / likely.clamp(0.01, 1.0));
        (spread, -0.5 * off * off)
    })
}
