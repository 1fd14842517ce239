//! From a campaign's counts to what a forecast follows. Never looks further
//! back than a week for the pace: campaigns have weekdays, and policies move
//! visitors from one message to another.

use libm::log;
use vitrine_engine::report::Counts;

use crate::forecast::{Forecast, forecast};
use crate::future::{Lane, Lead, Standing, Test};
use crate::interval::ALPHA;
use crate::judge::Campaign;
use crate::mean::baskets;
use crate::race::Race;

/// Settled days from which the pace is taken.
const RECENT: u32 = 7;
/// Added to every message's converters, so that one without any has a rate.
const HALF: f64 = 0.5;
/// Messages that are followed: those that lead, or may. Others hardly ever win.
const FOLLOWED: usize = 5;
/// How much more a message may be worth than it showed, in logarithms, as long
/// as nothing is known of it.
const HOPE: f64 = 0.3;
/// Nobody's lead over a message without conversions is more than this factor's
/// logarithm.
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

/// Each message's visitors a day: as many in all as in the latest settled days,
/// in the shares of those who came last.
fn paces(campaign: &Campaign, arms: usize) -> Option<Vec<f64>> {
    let last = campaign.strata.iter().map(|stratum| stratum.day).max()?;
    let (mut first, mut recent) = (last, vec![0.0; arms]);
    for stratum in campaign.strata.iter().filter(|stratum| stratum.day.saturating_add(RECENT) > last) {
        first = first.min(stratum.day);
        for (sum, more) in recent.iter_mut().zip(&stratum.arms) {
            *sum += more.visitors as f64;
        }
    }
    let whole = recent.iter().sum::<f64>() / f64::from(last - first + 1);
    let open: Vec<f64> = campaign.open.iter().map(|counts| counts.visitors as f64).collect();
    let latest = if open.iter().sum::<f64>() > 0.0 { open } else { recent };
    let shares: f64 = latest.iter().sum();
    Some(latest.iter().map(|visitors| whole * visitors / shares).collect())
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
    let (level, known) = match baskets(counts) {
        known if known >= 1.0 => (log(mean(counts)), known),
        _ => (log(mean(all)), HALF),
    };
    // What a visitor's basket is worth as evidence is seen best in all of them.
    let worth = baskets(all) / all.visitors as f64;
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
