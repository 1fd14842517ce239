//! Whether revenue's intervals and winners hold with heavy-tailed baskets.
//! Never checks one run: only shares of many.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use vitrine_engine::report::Counts;
use vitrine_engine::rng::Rng;
use vitrine_learn::interval::ALPHA;
use vitrine_learn::mean::{difference, revenue, richest};

/// A world of shoppers. Baskets are lognormal, and now and then a company
/// orders for all of its people.
#[derive(Clone, Copy)]
struct World {
    /// Buyers per visitor.
    rate: f64,
    /// The spread of a basket's logarithm: at 1 the mean is 1.65 times the
    /// median, and one in a hundred is ten times it.
    spread: f64,
    /// The share of baskets that are thirty times as large.
    bulk: f64,
}

impl World {
    fn shopper(&self, counts: &mut Counts, rate: f64, rng: &mut Rng) {
        counts.visitors += 1;
        if rng.unit() < rate {
            let bulk = if rng.unit() < self.bulk { 30.0 } else { 1.0 };
            let basket = (30_000.0 * bulk * (self.spread * rng.normal()).exp()).min(1e9) as u128;
            counts.converters += 1;
            counts.revenue += basket;
            counts.revenue2 += basket * basket;
        }
    }

    /// The expected revenue of a visitor.
    fn truth(&self) -> f64 {
        let basket = 30_000.0 * (0.5 * self.spread * self.spread).exp();
        self.rate * basket * (1.0 + 29.0 * self.bulk)
    }
}

/// Campaigns a world.
fn runs() -> u64 {
    std::env::var("VITRINE_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(400)
}

/// The upper 95 % bound of a share seen `hits` times in `runs` (Wilson).
fn upper(hits: u32, runs: u64) -> f64 {
    let (n, z) = (runs as f64, 1.645);
    let p = f64::from(hits) / n;
    (p + z * z / (2.0 * n) + z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt()) / (1.0 + z * z / n)
}

#[test]
fn revenue_stays_in_its_interval_at_every_look_although_baskets_are_heavy_tailed() {
    let world = |rate, spread, bulk| World { rate, spread, bulk };
    let worlds = [
        world(0.005, 1.0, 0.0),
        world(0.03, 1.0, 0.0),
        world(0.03, 1.3, 0.0),
        world(0.03, 1.0, 0.002),
        world(0.1, 1.0, 0.0),
    ];
    for (number, world) in worlds.into_iter().enumerate() {
        let (truth, mut missed, mut differs) = (world.truth(), 0, 0);
        for run in 0..runs() {
            let mut rng = Rng::new(run, 70 + number as u64);
            let mut arms = [Counts::default(); 2];
            let mut pairs = Vec::new();
            let (mut is_missed, mut is_different) = (false, false);
            for look in 0..60 {
                let mut today = [Counts::default(); 2];
                // The first arm's share swings, as a bandit's does.
                for _ in 0..1000 {
                    let at = usize::from(rng.unit() < [0.2, 0.5, 0.9][look % 3]);
                    world.shopper(&mut today[at], world.rate, &mut rng);
                }
                for (arm, today) in arms.iter_mut().zip(&today) {
                    arm.add(today);
                    is_missed |= revenue(arm, ALPHA / 2.0)
                        .is_some_and(|found| !(found.low..=found.high).contains(&truth));
                }
                pairs.push((today[0], today[1]));
                is_different |=
                    difference(&pairs, ALPHA).is_some_and(|found| found.low > 0.0 || found.high < 0.0);
            }
            missed += u32::from(is_missed);
            differs += u32::from(is_different);
        }
        let (World { rate, spread, bulk }, runs) = (world, runs());
        println!("rate {rate}, spread {spread}, bulk {bulk}: {missed} missed, {differs} differ of {runs}");
        assert!(upper(missed, runs) <= 0.05 && upper(differs, runs) <= 0.05, "{missed} {differs}");
    }
}

/// In how many campaigns of 60 days a message was named the richest, and in how
/// many it was the last one, under a policy that follows the money as greedily
/// as one can and spreads a fifth evenly.
fn named(world: &World, rates: &[f64], runs: u64) -> [u32; 2] {
    let mut named = [0; 2];
    for run in 0..runs {
        let mut rng = Rng::new(run, 80);
        let mut days: Vec<Vec<Counts>> = Vec::new();
        let mut totals = vec![Counts::default(); rates.len()];
        for _ in 0..60 {
            let worth = |arm: &Counts| arm.revenue as f64 / (arm.visitors as f64 + 100.0);
            let ahead =
                (0..rates.len()).max_by(|a, b| worth(&totals[*a]).total_cmp(&worth(&totals[*b]))).unwrap();
            let mut day = vec![Counts::default(); rates.len()];
            for _ in 0..1500 {
                let at = if rng.unit() < 0.2 { rng.below(rates.len() as u64) as usize } else { ahead };
                world.shopper(&mut day[at], rates[at], &mut rng);
            }
            totals.iter_mut().zip(&day).for_each(|(total, more)| total.add(more));
            days.push(day);
            let days: Vec<&[Counts]> = days.iter().map(Vec::as_slice).collect();
            if let Some(winner) = richest(&days, rates.len(), ALPHA) {
                named[0] += 1;
                named[1] += u32::from(winner + 1 == rates.len());
                break;
            }
        }
    }
    named
}

#[test]
fn of_equally_rich_messages_hardly_ever_one_wins_by_money() {
    for (rates, spread, bulk) in [
        (vec![0.03; 2], 1.0, 0.0),
        (vec![0.03; 2], 1.3, 0.002),
        (vec![0.1; 2], 1.0, 0.0),
        (vec![0.05; 5], 1.0, 0.0),
    ] {
        let world = World { rate: rates[0], spread, bulk };
        let [winners, _] = named(&world, &rates, runs());
        println!("{} equal at {}, spread {spread}: {winners} winners of {}", rates.len(), rates[0], runs());
        assert!(upper(winners, runs()) <= 0.05, "{winners}");
    }
}

#[test]
fn the_richer_message_wins_by_money_soon_enough() {
    let world = World { rate: 0.03, spread: 1.0, bulk: 0.0 };
    let [winners, right] = named(&world, &[0.03, 0.048], runs());
    println!("3 and 4.8 %: {right} right of {winners} winners of {}", runs());
    assert!(f64::from(right) >= 0.6 * runs() as f64 && upper(winners - right, runs()) <= 0.05, "{right}");
}

#[test]
fn no_single_basket_makes_a_winner() {
    let world = World { rate: 0.03, spread: 1.0, bulk: 0.0 };
    for run in 0..40 {
        let mut rng = Rng::new(run, 90);
        let mut arms = [Counts::default(); 2];
        for _ in 0..10_000 {
            let at = rng.below(2) as usize;
            world.shopper(&mut arms[at], world.rate, &mut rng);
        }
        if richest(&[&arms[..]], 2, ALPHA).is_some() {
            continue;
        }
        for times in [3u128, 10, 30, 100, 1000, 1_000_000] {
            let mut lucky = arms;
            let basket = 50_000 * times;
            lucky[1].converters += 1;
            lucky[1].revenue += basket;
            lucky[1].revenue2 += basket * basket;
            assert_eq!(richest(&[&lucky[..]], 2, ALPHA), None, "run {run}, {times} times a basket");
        }
    }
}
