//! How many more days until a winner can be named. Never promises: what is said
//! is what most of the futures have in common that are drawn from what is known.
//!
//! A date is said only where half of the futures, or nearly, end within half of
//! the days left: the rates are what the campaign has yet to find out, so mostly
//! the futures do not agree, and then the span in which three of five end is
//! all that is told. Who knew the true rates could name a date seven times as
//! often.

use libm::{exp, floor, log, log10, round};
use vitrine_engine::rng::Rng;

use crate::future::{HORIZON, Standing, futures};

/// When there may be a winner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Forecast {
    /// In so many days.
    Days(Days),
    /// Hardly within so many days; too many futures have none within
    /// [`HORIZON`] for more to be said.
    After(u32),
    /// Hardly any future has one within [`HORIZON`] days.
    Beyond,
    /// The futures have nothing in common.
    Unclear,
    /// The policy gives those behind ever fewer visitors, so there may never be one.
    Starved,
}

/// In how many days a winner is likely, as people say them ([`rounded`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// The date near which half of the futures end, where there is one.
    pub about: Option<u32>,
    /// One future of five ends sooner.
    pub low: u32,
    /// One future of five ends later.
    pub high: u32,
}

/// Futures that are drawn.
const FUTURES: usize = 400;
/// The share of futures that end before the span that is said, and after it.
const OUTSIDE: f64 = 0.2;
/// The share of futures that end within the days of which it is said that there
/// will hardly be a winner in them.
const HARDLY: f64 = 0.1;
/// The share of futures that have to end near a date for it to be said. Where
/// one is said, more than half do in the mean.
const AGREE: f64 = 0.48;
/// Futures near a date end between its 1/1.5 and its double: then the date is
/// off by half of the days left, or less.
const NEAR: (f64, f64) = (1.5, 2.0);
/// Of dates with as many futures near, the one with most so near is said.
const NEARER: (f64, f64) = (1.1, 1.1);
/// The purpose of the draws.
const PURPOSE: u64 = 0xf07e;
/// Below this many days it is not worth saying that there will hardly be a
/// winner within them.
const LATE: u32 = 3;

/// When one message will have beaten every other.
#[must_use]
pub fn forecast(standing: &Standing) -> Forecast {
    let lanes = &standing.lanes;
    let is_sound = lanes.iter().all(|lane| lane.level.is_finite() && lane.known > 0.0);
    let comes: f64 = lanes.iter().map(|lane| lane.daily).sum();
    if lanes.len() < 2 || !is_sound || !(comes > 0.0 && comes.is_finite()) {
        return Forecast::Unclear;
    }
    said(&futures(standing, FUTURES, &mut Rng::new(0, PURPOSE)))
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
    if high.is_finite() {
        return Forecast::Days(Days { about: about(ends), low: rounded(low), high: rounded(high) });
    }
    let hardly = rounded(quantile(HARDLY));
    if hardly < LATE { Forecast::Unclear } else { Forecast::After(hardly) }
}

/// The date near which most futures end, if these are enough.
fn about(ends: &[f64]) -> Option<u32> {
    let (mut most, mut about) = ((0, 0), 0);
    for day in (1..=HORIZON as u32).filter(|day| rounded(f64::from(*day)) == *day) {
        let within = |(sooner, later): (f64, f64)| {
            let (first, last) = (f64::from(day) / sooner, f64::from(day) * later);
            ends.partition_point(|end| *end <= last) - ends.partition_point(|end| *end < first)
        };
        let near = (within(NEAR), within(NEARER));
        if near > most {
            (most, about) = (near, day);
        }
    }
    (most.0 as f64 >= AGREE * ends.len() as f64).then_some(about)
}

/// Days as a person says them: two digits are already too many.
#[must_use]
pub fn rounded(days: f64) -> u32 {
    let days = f64::max(1.0, days);
    let unit = exp(log(10.0) * floor(log10(days) - 0.7));
    let unit = f64::max(1.0, unit);
    (round(days / unit) * unit) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::future::{Lane, Lead, Test};

    fn two(rates: [f64; 2], converters: f64, daily: f64) -> Forecast {
        let lanes = rates.map(|rate| Lane { level: log(rate), known: converters, daily }).to_vec();
        let information = 0.5 * converters;
        let lead = Lead { score: (log(rates[0]) - log(rates[1])) * information, information };
        let leads = vec![lead];
        forecast(&Standing { lanes, leads, test: Test::Conversions, alpha: 0.025, is_top_two: false })
    }

    #[test]
    fn more_conversions_a_day_take_fewer_days_and_a_quiet_campaign_has_no_forecast() {
        let span = |forecast| match forecast {
            Forecast::Days(days) => days,
            other => panic!("{other:?}"),
        };
        let (busy, calm) =
            (span(two([0.0223, 0.02], 1000.0, 100.0)), span(two([0.0223, 0.02], 1000.0, 25.0)));
        assert!(busy.low < calm.low && busy.high < calm.high, "{busy:?} {calm:?}");
        assert!(busy.low < busy.high, "{busy:?}");
        assert_eq!(two([0.03, 0.02], 60.0, 0.0), Forecast::Unclear, "nothing more comes");
        assert_eq!(two([0.02, 0.02], 400.0, 0.5), Forecast::Beyond, "alike, and hardly anybody comes");
        let none =
            Standing { lanes: vec![], leads: vec![], test: Test::Conversions, alpha: 0.05, is_top_two: true };
        assert_eq!(forecast(&none), Forecast::Unclear);
    }

    #[test]
    fn a_date_is_said_where_half_of_the_futures_agree_and_else_the_span_or_its_beginning() {
        let ends = |parts: &[(usize, f64)]| -> Vec<f64> {
            parts.iter().flat_map(|(count, end)| vec![*end; *count]).collect()
        };
        let days = |about, low, high| Forecast::Days(Days { about, low, high });
        assert_eq!(said(&ends(&[(30, 4.0), (50, 9.0), (20, 30.0)])), days(Some(5), 4, 30));
        assert_eq!(said(&ends(&[(15, 2.0), (70, 9.0), (15, 60.0)])), days(Some(9), 9, 9));
        assert_eq!(said(&ends(&[(34, 4.0), (33, 14.0), (33, 50.0)])), days(None, 4, 50));
        let never = f64::INFINITY;
        assert_eq!(
            said(&ends(&[(79, 9.0), (21, never)])),
            Forecast::After(9),
            "the end of its span is not known"
        );
        assert_eq!(said(&ends(&[(30, 12.0), (70, never)])), Forecast::After(12));
        assert_eq!(said(&ends(&[(30, 1.0), (70, never)])), Forecast::Unclear);
        assert_eq!(said(&ends(&[(10, 12.0), (90, never)])), Forecast::Beyond);
    }

    #[test]
    fn days_are_told_as_people_say_them() {
        assert_eq!([0.2, 7.4, 23.0, 87.0, 123.0].map(rounded), [1, 7, 23, 90, 120]);
    }
}
