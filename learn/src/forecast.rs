//! How many more days until a winner can be named. Never promises: the future
//! is drawn many times from what the ratio of the rates may be.
//!
//! Nobody can do this well: who knew the ratio exactly would still be off by
//! 44 % of the days left in the median, for the conversions to come are luck.
//! So nothing is said before a lead shows, and near the end no number.

use libm::{exp, log, sqrt};
use vitrine_engine::rng::Rng;

use crate::duel::{Duel, mixture_of_ratios};
use crate::interval::end;

/// The spread of log ratios between two messages, before any is known: wide,
/// so that the campaign's own counts speak.
const SPREAD: f64 = 0.5;
/// Standard errors by which one message has to lead.
const LEAD: f64 = 1.5;
/// Futures that are drawn.
const FUTURES: usize = 200;
/// The share of futures that end before what is said. Below one half, since
/// days are missed by factors, and a factor upwards weighs more.
const SOONER: f64 = 0.2;
/// The purpose of the draws.
const PURPOSE: u64 = 0xf07e;
/// Moments of a future that are looked at, each a tenth later than the one
/// before, from a quarter of a day to 400 days.
const MOMENTS: usize = 78;
/// The first of them, in days.
const FIRST: f64 = 0.25;
/// Each is so many times the one before.
const LATER: f64 = 1.1;
/// Below this many days no number is said.
pub const SOON: f64 = 4.0;

/// Days until the evidence of a duel reaches `enough` on either side, given
/// the information (1 / variance of the log ratio) that a day brings; `None`
/// while nobody leads, or where it would take more than a year.
#[must_use]
pub fn days(duel: &Duel, daily: f64, enough: f64) -> Option<f64> {
    let best = duel.best();
    if daily.is_nan() || daily <= 0.0 || !best.is_finite() {
        return None;
    }
    let known = duel.information(best);
    let score = best * known;
    if score.abs() < LEAD * sqrt(known) {
        return None;
    }
    let belief = known + 1.0 / (SPREAD * SPREAD);
    let moments = moments(known, daily, enough);
    let mut rng = Rng::new(0, PURPOSE);
    let mut ends: Vec<f64> = Vec::with_capacity(FUTURES);
    for _ in 0..FUTURES {
        let ratio = score / belief + rng.normal() / sqrt(belief);
        let (mut score, mut now, mut ends_at) = (score, 0.0, f64::INFINITY);
        for (day, needed) in &moments {
            let more = daily * (day - now);
            score += ratio * more + sqrt(more) * rng.normal();
            now = *day;
            if score.abs() >= *needed {
                ends_at = now;
                break;
            }
        }
        ends.push(ends_at);
    }
    ends.sort_by(f64::total_cmp);
    ends.get((SOONER * FUTURES as f64) as usize).copied().filter(|days| days.is_finite())
}

/// Days from now, and the score that suffices on each.
fn moments(known: f64, daily: f64, enough: f64) -> Vec<(f64, f64)> {
    let mut day = FIRST / LATER;
    let mut moments = Vec::with_capacity(MOMENTS);
    for _ in 0..MOMENTS {
        day *= LATER;
        let known = known + daily * day;
        let is_short =
            |score: f64| mixture_of_ratios(|step| score * step - 0.5 * known * step * step) < enough;
        // A score of a hundred standard errors suffices everywhere.
        moments.push((day, end(0.0, 100.0 * (sqrt(known) + enough), is_short)));
    }
    moments
}

/// Days as a person says them: two digits are already too many.
#[must_use]
pub fn rounded(days: f64) -> u32 {
    let days = f64::max(1.0, days);
    let unit = exp(log(10.0) * libm::floor(libm::log10(days) - 0.7));
    let unit = f64::max(1.0, unit);
    (libm::round(days / unit) * unit) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clearer_lead_takes_fewer_days_and_a_quiet_campaign_has_no_forecast() {
        let duel = |ours, theirs| {
            let mut duel = Duel::default();
            duel.add(ours, theirs, 0.5);
            duel
        };
        let enough = log(40.0);
        let (clear, unclear) = (days(&duel(145, 100), 10.0, enough), days(&duel(1250, 1150), 10.0, enough));
        assert!(clear.unwrap() < unclear.unwrap(), "{clear:?} {unclear:?}");
        assert_eq!(days(&duel(105, 100), 10.0, enough), None, "nobody leads");
        assert_eq!(days(&duel(145, 100), 0.0, enough), None);
        assert_eq!(days(&Duel::default(), 1e-9, enough), None);
        assert_eq!([0.2, 7.4, 23.0, 87.0, 123.0].map(rounded), [1, 7, 23, 90, 120]);
    }
}
