//! From a campaign's counts to what a forecast follows. Never looks further
//! back than a week for the pace: campaigns have weekdays, and policies move
//! visitors from one message to another.

use libm::log;
use vitrine_engine::report::Counts;

use crate::forecast::{Forecast, Lane, Test, forecast};
use crate::interval::ALPHA;
use crate::judge::Campaign;
use crate::mean::baskets;

/// Settled days from which the pace is taken.
const RECENT: u32 = 7;
/// Added to every message's converters, so that one without any has a rate.
const HALF: f64 = 0.5;

/// When a campaign may have a winner, by its counts of settled visitors.
#[must_use]
pub fn outlook(campaign: &Campaign, settled: &[Counts]) -> Forecast {
    if campaign.starves {
        return Forecast::Starved;
    }
    let Some(last) = campaign.strata.iter().map(|stratum| stratum.day).max() else {
        return Forecast::Unclear;
    };
    let (mut first, mut recent) = (last, vec![Counts::default(); settled.len()]);
    for stratum in campaign.strata.iter().filter(|stratum| stratum.day.saturating_add(RECENT) > last) {
        first = first.min(stratum.day);
        recent.iter_mut().zip(&stratum.arms).for_each(|(sum, more)| sum.add(more));
    }
    let days = f64::from(last - first + 1);
    let lane = |(counts, recent): (&Counts, &Counts)| match campaign.by_revenue {
        true => of_revenue(counts, recent, days),
        false => of_conversions(counts, recent, days),
    };
    let lanes: Vec<Lane> = settled.iter().zip(&recent).map(lane).collect();
    let test = if campaign.by_revenue { Test::Revenue } else { Test::Conversions };
    forecast(&lanes, test, ALPHA / settled.len().max(1) as f64)
}

fn of_conversions(counts: &Counts, recent: &Counts, days: f64) -> Lane {
    let known = counts.converters as f64 + HALF;
    let level = log(known / (counts.visitors as f64 + 2.0 * HALF));
    Lane { level, known, daily: recent.converters as f64 / days }
}

fn of_revenue(counts: &Counts, recent: &Counts, days: f64) -> Lane {
    let level = log(counts.revenue as f64 / counts.visitors as f64);
    // What a buyer's basket is worth as evidence is seen best in all of them.
    let worth = baskets(counts) / f64::max(1.0, counts.converters as f64);
    Lane { level, known: baskets(counts), daily: recent.converters as f64 * worth / days }
}
