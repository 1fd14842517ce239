//! Counts → the odds that are published. The same function serves the
//! collector, the audit and the simulator. Never draws.

use vitrine_engine::bandit::{Aim, WHOLE};

use crate::evidence::Evidence;
use crate::policy::{Earn, Policy, TopTwo};

/// Visitors in all before odds are published: below it, every message is drawn
/// alike, and counted as drawn at random.
const WARM_UP: u64 = 20;
/// A weight that moved by this much is news: 1 %.
const MOVED: u32 = WHOLE / 100;
/// So is a smaller move of at least a tenth of it that halves or doubles the
/// weight: exploration has to fade all the way.
const MOVED_LITTLE: u32 = WHOLE / 1000;

/// Each leaf's weights, which sum to [`WHOLE`]; `None` where nothing is learnt,
/// or too little is known to learn from.
#[must_use]
pub fn odds(aim: Aim, evidence: &Evidence) -> Option<Vec<Vec<u32>>> {
    let arms = || evidence.all().iter().flatten();
    if arms().fold(0, |sum: u64, arm| sum.saturating_add(arm.tally.visitors)) < WARM_UP {
        return None;
    }
    let shares = match aim {
        Aim::Earn => Earn::default().shares(evidence),
        Aim::Learn => TopTwo.shares(evidence),
        Aim::Split => return None,
    };
    Some(shares.iter().map(|shares| apportion(shares)).collect())
}

/// Whether new weights differ enough from those that are published.
#[must_use]
pub fn has_moved(known: &[u32], fresh: &[u32]) -> bool {
    known.len() != fresh.len()
        || known.iter().zip(fresh).any(|(old, new)| {
            let by = old.abs_diff(*new);
            by >= MOVED || (by >= MOVED_LITTLE && by.saturating_mul(2) >= *old)
        })
}

/// Shares as the weights that are published: integers that sum to [`WHOLE`];
/// what rounding leaves over goes to the largest, where it matters least.
#[must_use]
pub fn apportion(shares: &[f64]) -> Vec<u32> {
    let all: f64 = shares.iter().sum();
    let whole = f64::from(WHOLE);
    let weight = |share: &f64| (share / all * whole).clamp(0.0, whole) as u32;
    let mut weights: Vec<u32> = shares.iter().map(weight).collect();
    let rest = WHOLE.saturating_sub(weights.iter().sum());
    if let Some(largest) = weights.iter_mut().max() {
        *largest += rest;
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Count, History, Worth};
    use crate::tally::Tally;
    use vitrine_engine::rng::Rng;

    fn count(visitors: u64, converters: u64) -> Count {
        let revenue = u128::from(converters) * 30_000;
        let tally = Tally { visitors, converters };
        Count { tally, revenue, revenue2: u128::from(converters) * 1_000_000_000 }
    }

    fn evidence(arms: &[(u64, u64)]) -> Evidence {
        let arms = arms.iter().map(|(visitors, converters)| count(*visitors, *converters)).collect();
        Evidence { windows: vec![vec![arms]], ..Evidence::default() }
    }

    #[test]
    fn odds_lean_to_the_better_arm_and_sum_to_the_whole() {
        let known = evidence(&[(1000, 20), (1000, 60), (1000, 20)]);
        for aim in [Aim::Earn, Aim::Learn] {
            let odds = odds(aim, &known).unwrap().remove(0);
            assert_eq!(odds.iter().sum::<u32>(), WHOLE);
            let least = if aim == Aim::Earn { WHOLE / 100 * 99 } else { WHOLE / 100 * 49 };
            assert!(odds[1] >= least, "{aim:?} {odds:?}");
        }
        assert_eq!(odds(Aim::Split, &known), None);
        assert_eq!(odds(Aim::Earn, &evidence(&[(10, 1), (9, 1)])), None);
    }

    #[test]
    fn one_huge_basket_wins_nothing_and_dearer_baskets_do() {
        let mut known = evidence(&[(5000, 100), (5000, 100)]);
        known.worth = Worth::Revenue;
        let even = odds(Aim::Earn, &known).unwrap().remove(0);
        assert!(even[0].abs_diff(even[1]) <= 2, "{even:?}");
        for times in [3u128, 10, 30, 100, 1000, 10_000] {
            let mut forged = known.clone();
            forged.windows[0][0][1].revenue += times * 30_000;
            forged.windows[0][0][1].revenue2 += (times * 30_000) * (times * 30_000);
            let odds_then = odds(Aim::Earn, &forged).unwrap().remove(0);
            let most = if times > 3 { 55 } else { 60 };
            assert!(odds_then[1] < WHOLE / 100 * most, "{times} times: {odds_then:?}");
            assert!(odds_then[1] > WHOLE / 100 * 40, "{times} times: {odds_then:?}");
        }
        let mut dearer = known.clone();
        dearer.windows[0][0][1].revenue *= 2;
        dearer.windows[0][0][1].revenue2 *= 4;
        let odds_then = odds(Aim::Earn, &dearer).unwrap().remove(0);
        assert!(odds_then[1] > WHOLE / 100 * 95, "{odds_then:?}");
    }

    #[test]
    fn the_order_and_grouping_of_reports_cannot_be_seen() {
        let mut rng = Rng::new(7, 7);
        for _ in 0..20 {
            let (leaves, arms) = (1 + rng.below(3) as usize, 2 + rng.below(32) as usize);
            // A report: a day, a leaf, an arm, a count.
            let mut reports: Vec<(usize, usize, usize, Count)> = (0..400)
                .map(|_| {
                    let visitors = 1 + rng.below(30);
                    let place = (rng.below(5) as usize, rng.below(leaves as u64) as usize);
                    let arm = rng.below(arms as u64) as usize;
                    (place.0, place.1, arm, count(visitors, rng.below(visitors / 4 + 1)))
                })
                .collect();
            let mut found: Option<Vec<Vec<Vec<u32>>>> = None;
            for _ in 0..5 {
                for at in (1..reports.len()).rev() {
                    reports.swap(at, rng.below(at as u64 + 1) as usize);
                }
                // Groups are added up first, then merged.
                let size = 1 + rng.below(50) as usize;
                let mut days = vec![vec![vec![Count::default(); arms]; leaves]; 5];
                for group in reports.chunks(size) {
                    let mut sums = vec![vec![vec![Count::default(); arms]; leaves]; 5];
                    group.iter().for_each(|(day, leaf, arm, count)| sums[*day][*leaf][*arm].add(count));
                    for (day, leaf, arm) in group.iter().map(|(day, leaf, arm, _)| (*day, *leaf, *arm)) {
                        days[day][leaf][arm].add(&std::mem::take(&mut sums[day][leaf][arm]));
                    }
                }
                let mut history = History::default();
                days.iter().for_each(|day| history.push(day));
                let all = [
                    (Aim::Earn, Worth::Conversion),
                    (Aim::Earn, Worth::Revenue),
                    (Aim::Learn, Worth::Conversion),
                ];
                let odds = all.map(|(aim, worth)| {
                    odds(aim, &Evidence { worth, spread: Some(0.15), windows: history.windows() }).unwrap()
                });
                assert_eq!(*found.get_or_insert_with(|| odds.to_vec()), odds.to_vec());
            }
        }
    }
}
