//! How many more days until a winner can be named. Never promises: futures are
//! drawn from what the messages may be worth, and where too many of them have
//! no winner within a year, no date is said.
//!
//! A date comes with the span in which three of five futures end, since nobody
//! can do this well: who knew the true rates would still be off by 44 % of the
//! days left in the median, for the conversions to come are luck; and the rates
//! are what the campaign has yet to find out.

use libm::{exp, log, sqrt};
use vitrine_engine::rng::Rng;

use crate::duel::mixture_of_ratios;
use crate::interval::end;
use crate::mean::reach;

/// What is known of one message: for every purpose the logarithm of what it
/// brings is as good as normal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lane {
    /// The logarithm of its rate, or of its revenue per visitor.
    pub level: f64,
    /// How much is known of it, as 1 / variance: its converters, or as many
    /// baskets of equal size as would say as much.
    pub known: f64,
    /// How much more a day brings.
    pub daily: f64,
}

/// By which test the winner will be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Test {
    /// The one of [`crate::duel`].
    Conversions,
    /// The one of [`crate::mean`].
    Revenue,
}

/// When there may be a winner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Forecast {
    /// In so many days.
    Days(Days),
    /// Hardly any future has one within [`HORIZON`] days.
    Beyond,
    /// Too many futures have one so late, or their ends are so far apart, that no
    /// date can be said.
    Unclear,
    /// The policy gives those behind ever fewer visitors, so there may never be one.
    Starved,
}

/// A date, and the span around it, in days from now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Days {
    /// The date near which most futures end.
    pub about: f64,
    /// One future of five ends sooner.
    pub low: f64,
    /// One future of five ends later.
    pub high: f64,
}

/// The spread of log ratios between two messages before any is known. Most
/// changes of a shop's words move a rate by less than a third.
const SPREAD: f64 = 0.3;
/// Futures that are drawn.
const FUTURES: usize = 200;
/// The share of futures that end before the span that is said, and after it.
const OUTSIDE: f64 = 0.2;
/// The share of futures that have to end near a date for it to be said.
const AGREE: f64 = 0.36;
/// Futures near a date end between its 1/1.5 and its double: then the date is
/// off by half of the days left, or less.
const NEAR: (f64, f64) = (1.5, 2.0);
/// The purpose of the draws.
const PURPOSE: u64 = 0xf07e;
/// Moments of a future that are looked at, each so many times as far away as
/// the one before: from a quarter of a day to [`HORIZON`].
const LATER: f64 = 1.15;
/// The first of them, in days.
const FIRST: f64 = 0.25;
/// Days after which nobody waits any more: campaigns, shops and seasons change.
pub const HORIZON: f64 = 365.0;
/// Below this many days no number is said.
pub const SOON: f64 = 4.0;
/// Messages that are followed: those that lead. Others hardly ever win.
const FOLLOWED: usize = 5;
/// The steps of the table of [`Bar`], in logarithms of what is known, and how
/// many: up to 10^9 converters.
const BAR_STEP: f64 = 0.25;
const BAR_STEPS: usize = 84;

/// When one message will have beaten every other, if each of these tests may
/// be wrong in a share `alpha` of all campaigns.
#[must_use]
pub fn forecast(lanes: &[Lane], test: Test, alpha: f64) -> Forecast {
    let mut lanes: Vec<Lane> = lanes.iter().copied().filter(is_sound).collect();
    lanes.sort_by(|one, two| two.level.total_cmp(&one.level));
    lanes.truncate(FOLLOWED);
    if lanes.len() < 2 {
        return Forecast::Unclear;
    }
    let bar = Bar::new(test, alpha);
    let mut rng = Rng::new(0, PURPOSE);
    let mut ends: Vec<f64> = (0..FUTURES).map(|_| future(&lanes, &bar, &mut rng)).collect();
    ends.sort_by(f64::total_cmp);
    said(&ends)
}

fn is_sound(lane: &Lane) -> bool {
    lane.level.is_finite() && lane.known > 0.0 && lane.daily > 0.0 && lane.daily.is_finite()
}

/// What the ends of the futures say, which are in order.
fn said(ends: &[f64]) -> Forecast {
    let quantile = |share: f64| {
        let at = (share * ends.len() as f64) as usize;
        ends.get(at).copied().unwrap_or(f64::INFINITY)
    };
    let (low, high) = (quantile(OUTSIDE), quantile(1.0 - OUTSIDE));
    if !low.is_finite() {
        return Forecast::Beyond;
    }
    let (mut most, mut about) = (0, 0.0);
    for (at, first) in ends.iter().enumerate().filter(|(_, first)| first.is_finite()) {
        let last = first * NEAR.0 * NEAR.1;
        let near = ends.partition_point(|end| *end <= last) - at;
        if near > most {
            (most, about) = (near, first * NEAR.0);
        }
    }
    if high.is_finite() && most as f64 >= AGREE * ends.len() as f64 {
        Forecast::Days(Days { about, low, high })
    } else {
        Forecast::Unclear
    }
}

/// The days until one future has a winner; infinite without one.
fn future(lanes: &[Lane], bar: &Bar, rng: &mut Rng) -> f64 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for lane in lanes {
        sum += lane.level * lane.known;
        weights += lane.known;
    }
    let middle = sum / weights;
    // Each message's own part of the spread between two.
    let prior = 2.0 / (SPREAD * SPREAD);
    // What each is really worth, then its score so far and what is known.
    let mut drawn: Vec<(f64, f64, Lane)> = Vec::with_capacity(lanes.len());
    for lane in lanes {
        let belief = lane.known + prior;
        let truth = (lane.level * lane.known + middle * prior) / belief + rng.normal() / sqrt(belief);
        drawn.push((truth, lane.level * lane.known, *lane));
    }
    let (mut now, mut day) = (0.0, FIRST);
    while day <= HORIZON {
        for (truth, score, lane) in &mut drawn {
            let more = lane.daily * (day - now);
            *score += *truth * more + sqrt(more) * rng.normal();
            lane.known += more;
            lane.level = *score / lane.known;
        }
        if has_winner(&drawn, bar) {
            return day;
        }
        now = day;
        day *= LATER;
    }
    f64::INFINITY
}

fn has_winner(drawn: &[(f64, f64, Lane)], bar: &Bar) -> bool {
    let mut best = 0;
    for (at, (_, _, lane)) in drawn.iter().enumerate() {
        if drawn.get(best).is_some_and(|(_, _, leader)| lane.level > leader.level) {
            best = at;
        }
    }
    let Some((_, _, leader)) = drawn.get(best) else { return false };
    drawn.iter().enumerate().all(|(at, (_, _, lane))| {
        let information = 1.0 / (1.0 / leader.known + 1.0 / lane.known);
        let lead = (leader.level - lane.level) * sqrt(information);
        at == best || lead >= bar.height(information, leader.known.min(lane.known))
    })
}

/// How many standard errors one message has to lead another by.
struct Bar {
    test: Test,
    alpha: f64,
    /// By the logarithm of the information of a duel.
    heights: Vec<f64>,
}

impl Bar {
    fn new(test: Test, alpha: f64) -> Bar {
        let enough = log(1.0 / alpha);
        let height = |at: usize| {
            let known = exp(at as f64 * BAR_STEP);
            let is_short = |errors: f64| {
                let score = errors * sqrt(known);
                mixture_of_ratios(|step| score * step - 0.5 * known * step * step) < enough
            };
            // A score of a hundred standard errors suffices everywhere.
            end(0.0, 100.0 + enough, is_short)
        };
        let heights = match test {
            Test::Conversions => (0..BAR_STEPS).map(height).collect(),
            Test::Revenue => Vec::new(),
        };
        Bar { test, alpha, heights }
    }

    fn height(&self, information: f64, least: f64) -> f64 {
        if self.test == Test::Revenue {
            return reach(least, self.alpha);
        }
        let at = f64::max(0.0, log(information) / BAR_STEP);
        let (floor, part) = (libm::floor(at), at - libm::floor(at));
        let height =
            |at: usize| self.heights.get(at).or(self.heights.last()).copied().unwrap_or(f64::INFINITY);
        height(floor as usize) * (1.0 - part) + height(floor as usize + 1) * part
    }
}

impl Days {
    /// The days as people say them: the date, where it is not too near for one,
    /// and the span around it.
    #[must_use]
    pub fn told(&self) -> (Option<u32>, u32, u32) {
        let (low, high) = (rounded(self.low), rounded(f64::max(self.high, SOON)));
        ((self.about >= SOON).then(|| rounded(self.about)), low, high)
    }
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

    fn two(rates: [f64; 2], converters: f64, daily: f64) -> Forecast {
        let lane = |rate: f64| Lane { level: log(rate), known: converters, daily };
        forecast(&rates.map(lane), Test::Conversions, 0.025)
    }

    #[test]
    fn more_conversions_a_day_take_fewer_days_and_a_quiet_campaign_has_no_forecast() {
        let about = |forecast| match forecast {
            Forecast::Days(days) => days,
            other => panic!("{other:?}"),
        };
        let (busy, calm) =
            (about(two([0.0219, 0.02], 1000.0, 100.0)), about(two([0.0219, 0.02], 1000.0, 25.0)));
        assert!(busy.about < calm.about && busy.high < calm.high, "{busy:?} {calm:?}");
        assert!(busy.low < busy.about && busy.about < busy.high, "{busy:?}");
        assert_eq!(two([0.03, 0.02], 60.0, 0.0), Forecast::Unclear, "nothing more comes");
        assert_eq!(two([0.02, 0.02], 400.0, 0.5), Forecast::Beyond, "alike, and hardly anybody comes");
        assert_eq!(forecast(&[], Test::Conversions, 0.05), Forecast::Unclear);
    }

    #[test]
    fn days_are_told_as_people_say_them() {
        let days = |about, low, high| Days { about, low, high }.told();
        assert_eq!([0.2, 7.4, 23.0, 87.0, 123.0].map(rounded), [1, 7, 23, 90, 120]);
        assert_eq!(days(9.2, 4.1, 24.0), (Some(9), 4, 24));
        assert_eq!(days(2.2, 0.7, 3.1), (None, 1, 4));
    }
}
