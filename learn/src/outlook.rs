//! From a campaign's counts to what a forecast follows. Never looks further
//! back for the pace than it must: campaigns grow, and policies move visitors
//! from one message to another; but they have weekdays, so it is a week at least.

use libm::log;
use vitrine_engine::report::Counts;

use crate::forecast::{Forecast, forecast};
use crate::future::{Lane, Lead, Standing, Test};
use crate::interval::ALPHA;
use crate::mean::equal_baskets;
use crate::race::Race;
use crate::settled::Campaign;

/// Days from which the pace is taken.
const RECENT: u32 = 7;
/// The part of the latest day that is yet to come, in the mean.
const TODAY: f64 = 0.5;
/// Added to every message's converters, so that one without any has a rate.
const HALF: f64 = 0.5;
/// Messages that are followed: those that lead, or may. Others hardly ever win.
const FOLLOWED: usize = 5;
/// How much more a message may be worth than it showed, in logarithms, as long
/// as nothing is known of it.
const HOPE: f64 = 0.3;
/// The most that one message is taken to lead another by, in logarithms, 7.4 times:
/// one without conversions would be infinitely far behind.
const FAR: f64 = 2.0;

/// When a campaign may have a winner, by its race and its counts of settled
/// visitors.
#[must_use]
pub fn outlook(campaign: &Campaign, race: &Race, settled: &[Counts]) -> Forecast {
    if campaign.starves {
        return Forecast::Starved;
    }
    let Some(paces) = paces(campaign, settled.len()) else { return Forecast::Unclear };
    let mut all = Counts::default();
    settled.iter().for_each(|counts| all.add(counts));
    let mut lanes: Vec<(usize, Lane)> = Vec::with_capacity(settled.len());
    for (at, (counts, pace)) in settled.iter().zip(paces).enumerate() {
        let lane = match campaign.by_revenue {
            true => of_revenue(counts, &all, pace),
            false => of_conversions(counts, &all, pace),
        };
        lanes.push((at, lane));
    }
    let may_be = |lane: &Lane| lane.level + 1.0 / libm::sqrt(lane.known + 1.0 / (HOPE * HOPE));
    lanes.sort_by(|(_, one), (_, two)| may_be(two).total_cmp(&may_be(one)));
    lanes.truncate(FOLLOWED);
    let mut leads = Vec::new();
    for (at, (ours, lane)) in lanes.iter().enumerate() {
        for (theirs, other) in lanes.iter().skip(at + 1) {
            leads.push(match campaign.by_revenue {
                true => by_levels(lane, other),
                false => by_duel(race, *ours, *theirs),
            });
        }
    }
    forecast(&Standing {
        lanes: lanes.into_iter().map(|(_, lane)| lane).collect(),
        leads,
        test: if campaign.by_revenue { Test::Revenue } else { Test::Conversions },
        alpha: ALPHA / settled.len().max(1) as f64,
        is_top_two: campaign.is_top_two,
    })
}

/// Each message's visitors a day, in the shares of those who came last: as many
/// in all as on the latest days, settled or not, that are a week at least.
fn paces(campaign: &Campaign, arms: usize) -> Option<Vec<f64>> {
    let last = campaign.strata.iter().map(|stratum| stratum.day).max()?;
    let (mut first, mut recent) = (last, vec![0.0; arms]);
    for stratum in campaign.strata.iter().filter(|stratum| stratum.day.saturating_add(RECENT) > last) {
        first = first.min(stratum.day);
        for (sum, more) in recent.iter_mut().zip(&stratum.arms) {
            *sum += more.visitors as f64;
        }
    }
    let open: Vec<f64> = campaign.open.iter().map(|counts| counts.visitors as f64).collect();
    let sum = |visitors: &[f64]| visitors.iter().sum::<f64>();
    let whole = match campaign.open_days > RECENT {
        true => sum(&open) / (f64::from(campaign.open_days) - TODAY),
        false => sum(&recent) / f64::from(last - first + 1),
    };
    let latest = if sum(&open) > 0.0 { open } else { recent };
    Some(latest.iter().map(|visitors| whole * visitors / sum(&latest)).collect())
}

/// Of a message whose first visitors may still convert nothing is known but
/// what all are worth.
fn of_conversions(counts: &Counts, all: &Counts, pace: f64) -> Lane {
    let usual = |counts: &Counts| {
        let known = counts.converters.min(counts.visitors) as f64 + HALF;
        (log(known / (counts.visitors as f64 + 2.0 * HALF)), known)
    };
    let (level, known) = if counts.visitors > 0 { usual(counts) } else { (usual(all).0, HALF) };
    Lane { level, known, daily: pace * libm::exp(level) }
}

fn of_revenue(counts: &Counts, all: &Counts, pace: f64) -> Lane {
    let mean = |counts: &Counts| counts.revenue as f64 / counts.visitors as f64;
    let (level, known) = match equal_baskets(counts) {
        known if known >= 1.0 => (log(mean(counts)), known),
        _ => (log(mean(all)), HALF),
    };
    // What a visitor's basket is worth as evidence is seen best in all of them.
    let worth = equal_baskets(all) / all.visitors as f64;
    Lane { level, known, daily: pace * worth }
}

fn by_duel(race: &Race, ours: usize, theirs: usize) -> Lead {
    let Some(duel) = race.duel(ours, theirs) else { return Lead::default() };
    let best = duel.best().clamp(-FAR, FAR);
    let information = duel.information(best);
    Lead { score: best * information, information }
}

fn by_levels(ours: &Lane, theirs: &Lane) -> Lead {
    let information = 1.0 / (1.0 / ours.known + 1.0 / theirs.known);
    Lead { score: (ours.level - theirs.level) * information, information }
}
