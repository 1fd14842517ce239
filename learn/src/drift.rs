//! Which counts still speak: those since the latest change. Never forgets
//! without a reason: while nothing changes, all counts count.
//!
//! For each stretch of latest periods three stories are told: nothing changed
//! when it began; all arms changed alike, as on a holiday or while conversions
//! are still on their way, which does not touch who is best; each arm changed
//! for itself. Given an arm's conversions, those after the change are
//! binomial; for a change of the log rate by θ ~ N(0, δ²) the score U and the
//! information I of the counts give the Bayes factor
//! exp(½ U² δ² / (1 + δ² I)) / √(1 + δ² I) (Kass and Raftery 1995; Adams and
//! MacKay 2007 for change points). All stretches share one small prior, so the
//! chance of ever believing in a change that was none stays near it.

use libm::{exp, log};

use crate::evidence::{Evidence, Window};

/// How far arms change when they do: the standard deviation of the log rate.
const CHANGE: f64 = 0.4;
/// The prior odds that each arm changed for itself in one of the stretches.
const EACH: f64 = 0.01;
/// The prior odds that all changed alike.
const ALIKE: f64 = 0.01;
/// Stretches believed less than this are left out: they would cost time and
/// move no odds.
const LEAST: f64 = 0.01;

/// How much each of the evidence's windows is believed to be the one that
/// speaks; they sum to 1, and nothing is said of those that do not.
#[must_use]
pub fn windows(evidence: &Evidence) -> Vec<(f64, &Window)> {
    let Some((all, late)) = evidence.windows.split_first() else { return Vec::new() };
    let prior = 1.0 / late.len().max(1) as f64;
    let mut logs = vec![0.0];
    let mut alike = 0.0;
    for window in late {
        let (each, common) = change(all, window);
        logs.push(log(EACH * prior) + each);
        alike += exp((log(ALIKE * prior) + common).min(300.0));
    }
    // All counts speak where nothing changed, and where all changed alike.
    if let Some(first) = logs.first_mut() {
        *first = log(1.0 + alike);
    }
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let parts: Vec<f64> = logs.iter().map(|log| exp(log - most)).collect();
    let sum: f64 = parts.iter().sum();
    let kept = |part: &f64| *part / sum >= LEAST;
    let sum: f64 = parts.iter().filter(|part| kept(part)).sum();
    let spoken = evidence.windows.iter().zip(&parts).filter(|(_, part)| kept(part));
    spoken.map(|(window, part)| (part / sum, window)).collect()
}

/// The logarithms of the Bayes factors for a change of each arm for itself and
/// of all alike, where `late` began.
fn change(all: &Window, late: &Window) -> (f64, f64) {
    let (mut each, mut score, mut information) = (0.0, 0.0, 0.0);
    let arms = all.iter().map(Vec::len).max().unwrap_or(0);
    for at in 0..arms {
        // Leaf by leaf, since an arm that is given more and more where it does
        // well has not changed.
        let (mut u, mut i) = (0.0, 0.0);
        for (leaf, late) in all.iter().zip(late) {
            let (Some(cell), Some(late)) = (leaf.get(at), late.get(at)) else { continue };
            let ((hits, misses), (late_hits, late_misses)) = (cell.tally.split(), late.tally.split());
            let (visitors, late_visitors) = (hits + misses, late_hits + late_misses);
            if hits <= 0.0 || late_visitors <= 0.0 || late_visitors >= visitors {
                continue;
            }
            let part = late_visitors / visitors;
            let free = (1.0 - hits / visitors).max(0.01);
            u += (late_hits - hits * part) / free;
            i += hits * part * (1.0 - part) / free;
        }
        each += factor(u, i);
        score += u;
        information += i;
    }
    (each, factor(score, information))
}

fn factor(score: f64, information: f64) -> f64 {
    let variance = CHANGE * CHANGE;
    let whole = 1.0 + variance * information;
    0.5 * score * score * variance / whole - 0.5 * log(whole)
}
