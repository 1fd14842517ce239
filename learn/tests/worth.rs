//! Whether revenue's intervals hold with heavy-tailed baskets, and whether the
//! forecast of days is worth saying. Never checks one run: only shares of many.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use vitrine_engine::report::Counts;
use vitrine_engine::rng::Rng;
use vitrine_learn::forecast::{SOON, days, rounded};
use vitrine_learn::interval::ALPHA;
use vitrine_learn::mean::{difference, revenue};
use vitrine_learn::race::Race;
use vitrine_learn::tally::Tally;

/// A basket's logarithm has this spread: the mean is 1.65 times the median,
/// and one in a hundred is ten times it.
const SPREAD: f64 = 1.0;

fn shopper(counts: &mut Counts, rate: f64, rng: &mut Rng) {
    counts.visitors += 1;
    if rng.unit() < rate {
        let basket = (30_000.0 * (SPREAD * rng.normal()).exp()).min(1e6) as u128;
        counts.converters += 1;
        counts.revenue += basket;
        counts.revenue2 += basket * basket;
    }
}

#[test]
fn revenue_stays_in_its_interval_at_every_look_although_baskets_are_heavy_tailed() {
    let mut rng = Rng::new(1, 1);
    let mut many = Counts::default();
    (0..4_000_000).for_each(|_| shopper(&mut many, 1.0, &mut rng));
    let basket = many.revenue as f64 / many.visitors as f64;
    for rate in [0.005, 0.03] {
        let (runs, mut missed, mut differs) = (400, 0, 0);
        for run in 0..runs {
            let mut rng = Rng::new(run, 2);
            let mut arms = [Counts::default(); 2];
            let mut pairs = Vec::new();
            let (mut is_missed, mut is_different) = (false, false);
            for look in 0..60 {
                let mut today = [Counts::default(); 2];
                // The first arm's share swings, as a bandit's does.
                for _ in 0..1000 {
                    let at = usize::from(rng.unit() < [0.2, 0.5, 0.9][look % 3]);
                    shopper(&mut today[at], rate, &mut rng);
                }
                for (arm, today) in arms.iter_mut().zip(&today) {
                    arm.add(today);
                    is_missed |= revenue(arm, ALPHA / 2.0)
                        .is_some_and(|found| !(found.low..=found.high).contains(&(rate * basket)));
                }
                pairs.push((today[0], today[1]));
                is_different |=
                    difference(&pairs, ALPHA).is_some_and(|found| found.low > 0.0 || found.high < 0.0);
            }
            missed += u32::from(is_missed);
            differs += u32::from(is_different);
        }
        println!("rate {rate}: {missed} missed, {differs} differ of {runs}");
        assert!(missed <= 16 && differs <= 16, "{missed} {differs}");
    }
}

#[test]
fn the_forecast_of_days_is_off_by_half_or_less_in_the_median() {
    let (mut all, mut shares) = (Vec::new(), Vec::new());
    // Rates, visitors a day; as many days as it takes.
    for (rates, daily) in [([0.02, 0.024], 2_000), ([0.03, 0.045], 400), ([0.1, 0.11], 2_000)] {
        let mut errors = Vec::new();
        for run in 0..60 {
            let mut rng = Rng::new(run, 3);
            let mut race = Race::new(2);
            let mut said: Vec<(i32, f64)> = Vec::new();
            for day in 0..400 {
                let mut today = [Tally::default(); 2];
                for _ in 0..daily {
                    let at = rng.below(2) as usize;
                    today[at].visitors += 1;
                    today[at].converters += u64::from(rng.unit() < rates[at]);
                }
                race.add(&today, None);
                if race.winner(ALPHA).is_some() {
                    for (on, days) in said {
                        let left = f64::from(day - on);
                        errors.push((days - left).abs() / left);
                        shares.push((days - left).abs() / f64::from(day + 1));
                    }
                    break;
                }
                let duel = race.duel(0, 1).unwrap();
                let known = duel.information(duel.best()) / f64::from(day + 1);
                let days = days(&duel, known, (1.0 / race.part(ALPHA)).ln()).filter(|days| *days >= SOON);
                said.extend(days.map(|days| (day, f64::from(rounded(days)))));
            }
        }
        println!(
            "{rates:?}: {} forecasts, median error {:.3} of the days left",
            errors.len(),
            median(&mut errors)
        );
        all.append(&mut errors);
    }
    let (of_left, of_all) = (median(&mut all), median(&mut shares));
    println!("median error {of_left:.3} of the days left, {of_all:.3} of the campaign's days");
    assert!(of_left <= 0.5 && of_all <= 0.25, "{of_left} {of_all}");
}

fn median(errors: &mut [f64]) -> f64 {
    errors.sort_by(f64::total_cmp);
    errors[errors.len() / 2]
}
