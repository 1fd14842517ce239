//! How late conversions come, and how much of a visitor counts meanwhile. Never
//! asks a clock: the latest day on which anybody was drawn is the day it is.
//!
//! A message that was added lately has only visitors who may still convert,
//! while those of its sisters have had their time; by what they brought so far
//! it would look worse than it is. So a visitor counts only as far as whoever
//! will convert would have by now: the share `F(age)` of converters who come
//! within so many days of the draw (Chapelle 2014 for the correction). `F` is
//! found as in a reporting triangle: of the days that are old enough to have
//! seen a lag, how many of its converters came before it (Kalbfleisch and
//! Lawless 1989). All messages are treated alike, so where they ran side by side
//! nothing changes; where nobody converts late, nothing changes at all.

use crate::evidence::{Count, History, Window};

/// Lags are counted up to this many days; whoever comes later comes with the
/// last. The marketer is warned of goals with longer windows.
pub const LAGS: usize = 90;
/// Converters who speak against any coming late before those of a lag are
/// counted; as many as a day brings, where that is more. So a few on one thin old
/// day, or a forger's, say little of all the others.
const DOUBT: f64 = 20.0;
/// The highest rate that is reckoned with: who all converted tells nothing of
/// those who wait.
const MOST: f64 = 0.99;
/// How sure it is before the latest day's conversions that half of it is over,
/// in conversions.
const SURE: f64 = 4.0;

/// The visitors drawn on one day.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cohort {
    /// The day.
    pub day: u32,
    /// What was counted of them, by leaf and message.
    pub counts: Window,
    /// Their converters by the days from the draw to the conversion; `None` where
    /// these are not all known. Of all messages, also those that no longer run.
    pub by_lag: Option<Vec<u64>>,
}

/// Which part of the converters of a draw has come by what age, and how much of
/// the latest day is over.
#[derive(Debug, Clone, PartialEq)]
struct Delay {
    latest: u32,
    /// The share of converters who come within so many whole days.
    within: Vec<f64>,
    /// How much of the latest day is over, 0 to 1, as conversions have it.
    passed: f64,
    /// The share of visitors who convert in the end.
    rate: f64,
}

/// A campaign's days, oldest first, as what odds are learnt from: every day a
/// period, in which visitors count as far as they could have converted.
#[must_use]
pub fn history(cohorts: &[Cohort], none: &Window) -> History {
    let delay = Delay::new(cohorts);
    let (mut exact, mut counted) = (sums(none), none.clone());
    let mut history = History::default();
    history.push(none);
    for cohort in cohorts {
        let mut period = none.clone();
        for ((leaf, sums), (counted, exposed)) in
            cohort.counts.iter().zip(&mut exact).zip(counted.iter_mut().zip(&mut period))
        {
            for ((count, sum), (counted, exposed)) in
                leaf.iter().zip(sums).zip(counted.iter_mut().zip(exposed))
            {
                // What rounding leaves over goes to the next day, so that no
                // message loses more than half a visitor by it.
                *sum += delay.exposed(cohort.day, count);
                let whole = libm::round(*sum) as u64;
                *exposed = *count;
                exposed.tally.visitors = whole.saturating_sub(counted.tally.visitors);
                counted.tally.visitors = whole;
            }
        }
        history.push(&period);
    }
    history
}

fn sums(window: &Window) -> Vec<Vec<f64>> {
    window.iter().map(|leaf| vec![0.0; leaf.len()]).collect()
}

impl Delay {
    fn new(cohorts: &[Cohort]) -> Delay {
        let latest = cohorts.last().map_or(0, |cohort| cohort.day);
        let mut delay = Delay { latest, within: Vec::new(), passed: 1.0, rate: 0.0 };
        let known =
            || cohorts.iter().filter_map(|cohort| Some((latest - cohort.day, cohort.by_lag.as_ref()?)));
        // The latest day is not over, so a lag is known of days that are older.
        let oldest = known().map(|(age, _)| age as usize).max().unwrap_or(0).min(LAGS + 1);
        if oldest == 0 {
            return delay;
        }
        let all: u64 = known().map(|(_, by_lag)| by_lag.iter().sum::<u64>()).sum();
        let doubt = f64::max(DOUBT, all as f64 / known().count() as f64);
        let (mut share, mut within) = (1.0, vec![1.0; oldest]);
        for lag in (1..oldest).rev() {
            let (mut before, mut late) = (0, 0);
            for (_, by_lag) in known().filter(|(age, _)| *age as usize > lag) {
                before += by_lag.iter().take(lag).sum::<u64>();
                late += by_lag.get(lag).copied().unwrap_or(0);
            }
            if late > 0 {
                let before = before as f64 + doubt;
                share *= before / (before + late as f64);
            }
            within.get_mut(lag - 1).into_iter().for_each(|within| *within = share);
        }
        // Nobody converts late: whoever came counts, whatever the time of day.
        if share == 1.0 {
            return delay;
        }
        delay.within = within;
        delay.rate = delay.rate(cohorts);
        delay.passed = delay.passed(cohorts);
        delay
    }

    /// The share of converters who come within so many whole days of the draw.
    fn within(&self, days: Option<u32>) -> f64 {
        let Some(days) = days else { return 0.0 };
        self.within.get(days as usize).copied().unwrap_or(1.0)
    }

    /// The share who have come, of a day's draws.
    fn come(&self, day: u32, passed: f64) -> f64 {
        let age = self.latest - day;
        let before = self.within(age.checked_sub(1));
        before + passed * (self.within(Some(age)) - before)
    }

    fn rate(&self, cohorts: &[Cohort]) -> f64 {
        let (mut visitors, mut converters) = (0.0, 0.0);
        for cohort in cohorts.iter().filter(|cohort| cohort.day < self.latest) {
            let (n, hits) = sum(&cohort.counts);
            visitors += n * self.come(cohort.day, 0.5);
            converters += hits;
        }
        if visitors > 0.0 { (converters / visitors).min(MOST) } else { 0.0 }
    }

    /// How much of the latest day is over: what has come on it, over what a whole
    /// day would bring of those who were drawn by now.
    fn passed(&self, cohorts: &[Cohort]) -> f64 {
        let (mut come, mut whole) = (0.5 * SURE, SURE);
        for cohort in cohorts {
            let Some(by_lag) = &cohort.by_lag else { continue };
            let age = self.latest - cohort.day;
            come += by_lag.get(age as usize).copied().unwrap_or(0) as f64;
            let before = self.within(age.checked_sub(1));
            let more = self.within(Some(age)) - before;
            whole += match age {
                0 => sum(&cohort.counts).0 * self.rate * more,
                _ if before > 0.0 => by_lag.iter().take(age as usize).sum::<u64>() as f64 * more / before,
                _ => 0.0,
            };
        }
        (come / whole).min(1.0)
    }

    /// How many visitors those of one message and day count for: a converter for
    /// one, whoever has not converted for as much as leaves the rate as it is.
    fn exposed(&self, day: u32, count: &Count) -> f64 {
        let (hits, misses) = count.tally.split();
        if self.within.is_empty() {
            return hits + misses;
        }
        let come = self.come(day, self.passed);
        hits + misses * come * (1.0 - self.rate) / (1.0 - self.rate * come)
    }
}

fn sum(window: &Window) -> (f64, f64) {
    let (mut visitors, mut hits) = (0.0, 0.0);
    for count in window.iter().flatten() {
        let (own, others) = count.tally.split();
        visitors += own + others;
        hits += own;
    }
    (visitors, hits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::Tally;

    /// Two messages alike, 1,000 visitors a day each, of whom 100 convert: 40 on
    /// the day of the draw and 20 on each of the next three; and one that began
    /// on a later day.
    fn cohorts(days: u32, began: u32, lags: &[u64]) -> Vec<Cohort> {
        let cohort = |day: u32| {
            let by_lag: Vec<u64> = lags.iter().take((days - day) as usize).copied().collect();
            let converters = by_lag.iter().sum();
            let count = Count { tally: Tally { visitors: 1000, converters }, ..Count::default() };
            let late = if day < began { Count::default() } else { count };
            let arms = if day < began { 2 } else { 3 };
            let by_lag = Some(by_lag.iter().map(|hits| hits * arms).collect());
            Cohort { day, counts: vec![vec![count, count, late]], by_lag }
        };
        (0..days).map(cohort).collect()
    }

    fn rates(cohorts: &[Cohort]) -> Vec<f64> {
        let none = vec![vec![Count::default(); 3]];
        let windows = history(cohorts, &none).windows();
        let rate = |count: &Count| count.tally.converters as f64 / count.tally.visitors as f64;
        windows[0][0].iter().map(rate).collect()
    }

    #[test]
    fn a_message_that_began_late_has_the_rate_of_its_sisters_from_its_first_day_on() {
        for began in 16..20 {
            let days = cohorts(20, began, &[40, 20, 20, 20]);
            for rate in rates(&days) {
                assert!((rate - 0.1).abs() < 0.006, "began on day {began}: {rate}");
            }
            // Without lags nothing can be known of it.
            let unknown: Vec<Cohort> =
                days.into_iter().map(|cohort| Cohort { by_lag: None, ..cohort }).collect();
            assert!(rates(&unknown)[2] < 0.085, "{:?}", rates(&unknown));
        }
    }

    #[test]
    fn one_stray_converter_of_an_old_day_takes_nobody_away() {
        let mut days = cohorts(20, 20, &[100]);
        let visitors = |days: &[Cohort]| {
            let windows = history(days, &vec![vec![Count::default(); 3]]).windows();
            windows[0][0][0].tally.visitors as f64
        };
        for (ago, lag) in [(400, 90), (80, 7), (2, 1)] {
            let mut by_lag = vec![0; lag];
            by_lag.push(3);
            let counts = vec![vec![Count::default(); 3]];
            let mut forged: Vec<Cohort> =
                days.iter().cloned().map(|cohort| Cohort { day: cohort.day + 500, ..cohort }).collect();
            forged.insert(0, Cohort { day: 500 - ago, counts, by_lag: Some(by_lag) });
            let left = visitors(&forged) / 20_000.0;
            assert!(left > 0.98, "{ago} days before: {left}");
        }
        // All convert: who waits is still somebody.
        for cohort in &mut days {
            cohort.counts[0][0].tally = Tally { visitors: 100, converters: 100 };
            cohort.counts[0][1] = Count::default();
            cohort.by_lag = Some(vec![50, 50]);
        }
        days[19].counts[0][0].tally = Tally { visitors: 1000, converters: 0 };
        assert!(visitors(&days) >= 1900.0);
    }

    #[test]
    fn where_nobody_converts_late_all_visitors_count_to_the_last() {
        let days = cohorts(20, 17, &[100]);
        let counted = history(&days, &vec![vec![Count::default(); 3]]).windows();
        let visitors: Vec<u64> = counted[0][0].iter().map(|count| count.tally.visitors).collect();
        assert_eq!(visitors, [20_000, 20_000, 3000]);
        assert!(history(&[], &vec![vec![]]).windows()[0][0].is_empty());
    }

    #[test]
    fn rounding_leaves_nothing_over() {
        // A visitor a day, who counts for less than a half on every latest day.
        let count = Count { tally: Tally { visitors: 1, converters: 0 }, ..Count::default() };
        let mut days = cohorts(20, 20, &[40, 20, 20, 20]);
        days.iter_mut().for_each(|cohort| cohort.counts[0][2] = count);
        let windows = history(&days, &vec![vec![Count::default(); 3]]).windows();
        let visitors = windows[0][0][2].tally.visitors;
        assert!((17..=19).contains(&visitors), "{visitors}");
    }
}
