//! What is believed of the messages: how probably each is the best, and what
//! it would cost to keep it alone. Never a reason to stop: a belief looked at
//! often enough calls a winner among equals in most campaigns.

use libm::sqrt;
use vitrine_engine::report::Counts;
use vitrine_engine::rng::Rng;

use crate::mean::moments;

/// Draws from the beliefs: a share of one half is off by 1 %.
const DRAWS: u32 = 2_000;
/// The purpose of the draws, so that no other reader of the seed has the same.
const PURPOSE: u64 = 0xbe11ef;
/// Each message starts with as much belief as this many buyers of the
/// campaign's mean are worth.
const BUYERS: f64 = 1.0;

/// What is believed of one message.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Belief {
    /// How probably its rate is the highest, 0 to 1.
    pub best: f64,
    /// Conversions lost by keeping it alone, per visitor.
    pub conversions_lost: f64,
    /// Revenue lost by keeping it alone, per visitor in minor units.
    pub revenue_lost: f64,
}

/// The beliefs about messages, one each; the same counts and seed give the
/// same bits.
#[must_use]
pub fn beliefs(arms: &[Counts], seed: u64) -> Vec<Belief> {
    let mut all = Counts::default();
    arms.iter().for_each(|arm| all.add(arm));
    let mut beliefs = vec![Belief::default(); arms.len()];
    if all.converters == 0 {
        beliefs.iter_mut().for_each(|belief| belief.best = 1.0 / arms.len() as f64);
        return beliefs;
    }
    let rate = all.converters as f64 / all.visitors.max(all.converters) as f64;
    let basket = Basket::of(&all, None);
    let baskets: Vec<Basket> = arms.iter().map(|arm| Basket::of(arm, Some(&basket))).collect();
    let mut rng = Rng::new(seed, PURPOSE);
    let mut drawn = vec![(0.0, 0.0); arms.len()];
    for _ in 0..DRAWS {
        for ((arm, basket), drawn) in arms.iter().zip(&baskets).zip(&mut drawn) {
            let hits = arm.converters.min(arm.visitors) as f64;
            let misses = arm.visitors as f64 - hits;
            let rate = rng.beta(BUYERS + hits, BUYERS * (1.0 / rate - 1.0) + misses + f64::MIN_POSITIVE);
            *drawn = (rate, rate * f64::max(0.0, basket.mean + basket.error * rng.normal()));
        }
        let most =
            drawn.iter().fold((0.0, 0.0), |most: (f64, f64), one| (most.0.max(one.0), most.1.max(one.1)));
        let mut has_won = false;
        for (belief, drawn) in beliefs.iter_mut().zip(&drawn) {
            if drawn.0 == most.0 && !has_won {
                belief.best += 1.0;
                has_won = true;
            }
            belief.conversions_lost += most.0 - drawn.0;
            belief.revenue_lost += most.1 - drawn.1;
        }
    }
    for belief in &mut beliefs {
        belief.best /= f64::from(DRAWS);
        belief.conversions_lost /= f64::from(DRAWS);
        belief.revenue_lost /= f64::from(DRAWS);
    }
    beliefs
}

/// What a buyer spends.
struct Basket {
    mean: f64,
    variance: f64,
    error: f64,
}

impl Basket {
    /// One message's baskets, drawn to everybody's where there are few.
    fn of(counts: &Counts, wide: Option<&Basket>) -> Basket {
        let buyers = counts.converters as f64;
        let own = Counts { visitors: counts.converters, ..*counts };
        let (mean, variance) = moments(&own).unwrap_or_default();
        let Some(wide) = wide else {
            return Basket { mean, variance, error: 0.0 };
        };
        let all = buyers + BUYERS;
        let mean = (buyers * mean + BUYERS * wide.mean) / all;
        let variance = (buyers * variance + BUYERS * wide.variance) / all;
        Basket { mean, variance, error: sqrt(variance / all) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(visitors: u64, converters: u64, basket: u128) -> Counts {
        let revenue = u128::from(converters) * basket;
        Counts { visitors, converters, revenue, revenue2: revenue * basket, ..Counts::default() }
    }

    #[test]
    fn the_better_message_is_believed_in_and_the_worse_costs() {
        let found = beliefs(&[counts(10_000, 200, 1000), counts(10_000, 300, 1000)], 1);
        assert!(found[1].best > 0.99 && found[0].best < 0.01, "{found:?}");
        assert!((found[0].conversions_lost - 0.01).abs() < 0.001, "{found:?}");
        assert!((found[0].revenue_lost - 10.0).abs() < 1.0, "{found:?}");
        assert!(found[1].conversions_lost < 1e-4, "{found:?}");
    }

    #[test]
    fn who_sells_dearer_loses_less_money_than_conversions() {
        let found = beliefs(&[counts(10_000, 200, 5000), counts(10_000, 300, 1000)], 1);
        assert!(found[0].conversions_lost > 0.009 && found[0].revenue_lost < 0.1, "{found:?}");
        assert!(found[1].revenue_lost > 60.0, "{found:?}");
    }

    #[test]
    fn without_a_conversion_all_are_believed_in_alike() {
        let found = beliefs(&[counts(5, 0, 0), counts(900, 0, 0)], 1);
        assert!(found.iter().all(|belief| belief.best == 0.5), "{found:?}");
        assert!(beliefs(&[], 1).is_empty());
    }
}
