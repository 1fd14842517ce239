//! Whether what is promised of intervals and winners holds in campaigns that
//! were looked at a hundred times. Never checks one run: only shares of many.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use vitrine_engine::rng::Rng;
use vitrine_learn::evidence::{Count, Evidence, History, Worth};
use vitrine_learn::interval::{ALPHA, covers};
use vitrine_learn::odds::apportion;
use vitrine_learn::policy::{Earn, Policy, TopTwo, Uniform};
use vitrine_learn::race::Race;
use vitrine_learn::tally::Tally;

/// Visitors between two looks.
const BATCH: u64 = 1_000;
/// Looks at a campaign.
const LOOKS: u64 = 100;

#[derive(Default)]
struct Seen {
    winners: u32,
    right: u32,
    missed: u32,
    missed_by_lift: u32,
    missed_naively: u32,
}

fn campaigns(rates: &[f64], runs: u64, policy: &dyn Policy) -> Seen {
    let mut seen = Seen::default();
    for run in 0..runs {
        let (mut rng, mut arms) = (Rng::new(run, 77), vec![Tally::default(); rates.len()]);
        let (mut race, mut history) = (Race::new(rates.len()), History::default());
        history.push(&[vec![Count::default(); rates.len()]]);
        let (mut winner, mut missed, mut naive, mut lifts) = (None, false, false, false);
        for look in 0..LOOKS {
            let evidence = Evidence { worth: Worth::Conversion, spread: None, windows: history.windows() };
            let odds = apportion(&policy.shares(&evidence)[0]);
            let batch = batch(rates, &odds, &mut rng);
            race.add(&batch, Some(&odds));
            history.push(&[batch.iter().map(|tally| Count { tally: *tally, ..Count::default() }).collect()]);
            for ((arm, more), rate) in arms.iter_mut().zip(&batch).zip(rates) {
                arm.visitors += more.visitors;
                arm.converters += more.converters;
                missed |= !covers(*arm, *rate, ALPHA / rates.len() as f64);
                naive |= !naively(*arm, *rate);
            }
            winner = winner.or_else(|| race.winner(ALPHA));
            if look % 10 == 9 {
                let lift = race.lift(0, rates.len() - 1, ALPHA).unwrap();
                lifts |= !lift.holds(rates[0] / rates[rates.len() - 1] - 1.0);
            }
        }
        let best = rates.iter().copied().fold(0.0, f64::max);
        seen.winners += u32::from(winner.is_some());
        seen.right += u32::from(winner.is_some_and(|at| rates[at] == best));
        seen.missed += u32::from(missed);
        seen.missed_naively += u32::from(naive);
        seen.missed_by_lift += u32::from(lifts);
    }
    seen
}

fn batch(rates: &[f64], odds: &[u32], rng: &mut Rng) -> Vec<Tally> {
    let mut batch = vec![Tally::default(); rates.len()];
    let whole: u64 = odds.iter().map(|odds| u64::from(*odds)).sum();
    for _ in 0..BATCH {
        let mut left = rng.below(whole);
        let at = odds.iter().position(|odds| {
            let is_here = left < u64::from(*odds);
            left = left.wrapping_sub(u64::from(*odds));
            is_here
        });
        let at = at.unwrap();
        batch[at].visitors += 1;
        batch[at].converters += u64::from(rng.unit() < rates[at]);
    }
    batch
}

/// Wilson's score interval at 95 %, as if there were one look.
fn naively(arm: Tally, rate: f64) -> bool {
    let (n, z) = (arm.visitors as f64, 1.959_963_984_540_054);
    (arm.converters as f64 - n * rate).abs() <= z * (n * rate * (1.0 - rate)).sqrt()
}

/// The upper 95 % bound of a share seen `hits` times in `runs` (Wilson).
fn upper(hits: u32, runs: u64) -> f64 {
    let (n, z) = (runs as f64, 1.645);
    let p = f64::from(hits) / n;
    (p + z * z / (2.0 * n) + z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt()) / (1.0 + z * z / n)
}

/// Campaigns a world: a minute's work in all. `VITRINE_RUNS=2000` for the
/// figures in the changelog.
fn runs() -> u64 {
    std::env::var("VITRINE_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(300)
}

#[test]
fn equal_messages_have_a_winner_in_less_than_6_percent_of_campaigns_whoever_allots() {
    let learn: &dyn Policy = &TopTwo;
    for (arms, policy) in [(2, learn), (5, learn), (11, learn), (2, &Uniform), (2, &Earn::default())] {
        let seen = campaigns(&vec![0.02; arms], runs(), policy);
        println!(
            "{arms} equal: {} winners in {}, at most {:.4}",
            seen.winners,
            runs(),
            upper(seen.winners, runs())
        );
        assert!(upper(seen.winners, runs()) <= 0.06);
    }
}

#[test]
fn of_2_and_2_4_percent_the_better_is_named_by_100_000_in_four_of_five_campaigns() {
    let seen = campaigns(&[0.02, 0.024], runs(), &TopTwo);
    println!("right {} of {}, wrong {}", seen.right, runs(), seen.winners - seen.right);
    assert!(f64::from(seen.right) / runs() as f64 >= 0.8);
    assert!(upper(seen.winners - seen.right, runs()) <= 0.05);
}

#[test]
fn intervals_hold_the_truth_at_every_look_under_both_aims_and_naive_ones_do_not() {
    let worlds: [&[f64]; 3] = [&[0.02, 0.024], &[0.02, 0.02, 0.022, 0.024, 0.03], &[0.4, 0.36, 0.3]];
    for rates in worlds {
        for policy in [&TopTwo as &dyn Policy, &Earn::default()] {
            let seen = campaigns(rates, runs(), policy);
            println!(
                "{rates:?}: missed {} of {}, lifts {}, naive {}",
                seen.missed,
                runs(),
                seen.missed_by_lift,
                seen.missed_naively
            );
            assert!(upper(seen.missed, runs()) <= 0.05);
            assert!(upper(seen.missed_by_lift, runs()) <= 0.05);
            assert!(f64::from(seen.missed_naively) / runs() as f64 > 0.3);
        }
    }
}
