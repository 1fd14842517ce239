//! Which message a visitor gets. Never learns: a device cannot learn across
//! visitors; it draws from odds that the collector publishes, by its own seed.

use alloc::string::String;
use alloc::vec::Vec;

use crate::arm::Stream;
use crate::hash::hash64;
use crate::pack::{pack_enum, pack_struct};
use crate::rng::Rng;

/// The sum of the weights of one leaf's odds: 16 bits are finer than any
/// campaign can tell apart.
pub const WHOLE: u32 = 65_536;
/// Draws behind each set of odds. The error of a share of one half is 0.5 %.
const DRAWS: u32 = 10_000;
/// Visitors in all before odds are learnt: below it, every arm is drawn alike.
const WARM_UP: u64 = 20;

/// What the collector publishes for a site.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Odds {
    /// Raised whenever the odds change; 0 before the first.
    pub epoch: u32,
    /// One entry a learning campaign and leaf.
    pub leaves: Vec<LeafOdds>,
}

/// The odds of one campaign for the visitors of one leaf.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LeafOdds {
    /// The campaign.
    pub campaign: String,
    /// The leaf.
    pub leaf: String,
    /// Messages and weights; the weights sum to [`WHOLE`].
    pub weights: Vec<(String, u32)>,
}

/// What a campaign wants of its draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    /// Most conversions: Thompson sampling on published odds.
    Earn,
    /// The marketer's weights.
    Split,
}

/// What is known of one arm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Visitors who were due.
    pub visitors: u64,
    /// Those of them who reached the goal.
    pub converters: u64,
}

impl Odds {
    /// The weights of a campaign's leaf, if any were published.
    #[must_use]
    pub fn of(&self, campaign: &str, leaf: &str) -> Option<&LeafOdds> {
        self.leaves.iter().find(|odds| odds.campaign == campaign && odds.leaf == leaf)
    }
}

/// Whether this visitor is kept from a campaign; `share` in 1/10,000.
#[must_use]
pub fn held_out(seed: u64, campaign: &str, share: u16) -> bool {
    Rng::new(seed, hash64(campaign.as_bytes()) ^ 1).below(10_000) < u64::from(share)
}

/// One of the arms, by weight; the same visitor always draws the same number
/// in the same campaign. `None` where no weight is above zero.
#[must_use]
pub fn draw(seed: u64, campaign: &str, weights: &[u32]) -> Option<usize> {
    let sum: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
    let mut left = Rng::new(seed, hash64(campaign.as_bytes()) ^ 2).below(sum);
    for (at, weight) in weights.iter().enumerate() {
        if left < u64::from(*weight) {
            return Some(at);
        }
        left -= u64::from(*weight);
    }
    None
}

/// The weights and the stream by which a campaign's arm is drawn: published
/// odds if they name a message of the campaign, else all alike.
#[must_use]
pub fn weights(aim: Aim, fixed: &[u32], messages: &[&str], odds: Option<&LeafOdds>) -> (Vec<u32>, Stream) {
    if aim == Aim::Split {
        return (fixed.to_vec(), Stream::Fixed);
    }
    let published = odds.map_or(&[][..], |odds| &odds.weights);
    let mut weights: Vec<u32> = alloc::vec![0; messages.len()];
    let mut stream = Stream::Random;
    for (message, weight) in messages.iter().zip(&mut weights) {
        if let Some((_, odds)) = published.iter().find(|(id, odds)| id == message && *odds > 0) {
            *weight = *odds;
            stream = Stream::Adaptive;
        }
    }
    if stream == Stream::Random {
        weights.fill(1);
    }
    (weights, stream)
}

/// Thompson sampling as odds: the share of draws from the arms' Beta(1 + c,
/// 1 + n − c) posteriors in which each arm was best (Thompson 1933), rounded
/// so that the weights sum to [`WHOLE`]. `None` while there is too little to
/// learn from. The seed is the odds' epoch, so the collector's log can be re-run.
#[must_use]
pub fn thompson(arms: &[Tally], seed: u64) -> Option<Vec<u32>> {
    if arms.iter().map(|arm| arm.visitors).sum::<u64>() < WARM_UP {
        return None;
    }
    let mut rng = Rng::new(seed, 3);
    let mut wins: Vec<u32> = alloc::vec![0; arms.len()];
    for _ in 0..DRAWS {
        let mut best: Option<(f64, &mut u32)> = None;
        for (arm, win) in arms.iter().zip(wins.iter_mut()) {
            let converters = arm.converters.min(arm.visitors);
            let rate = rng.beta(1.0 + converters as f64, 1.0 + (arm.visitors - converters) as f64);
            if best.as_ref().is_none_or(|(known, _)| rate > *known) {
                best = Some((rate, win));
            }
        }
        if let Some((_, win)) = best {
            *win += 1;
        }
    }
    Some(apportion(&wins))
}

/// Shares out [`WHOLE`] in proportion; the rest of the rounding goes to the
/// largest, where it matters least.
fn apportion(wins: &[u32]) -> Vec<u32> {
    let all: u64 = wins.iter().map(|win| u64::from(*win)).sum::<u64>().max(1);
    let mut weights: Vec<u32> =
        wins.iter().map(|win| (u64::from(*win) * u64::from(WHOLE) / all) as u32).collect();
    let rest = WHOLE.saturating_sub(weights.iter().sum());
    if let Some(largest) = weights.iter_mut().max() {
        *largest += rest;
    }
    weights
}

pack_struct!(Odds { epoch, leaves });
pack_struct!(LeafOdds { campaign, leaf, weights });
pack_enum!(Aim { 0 Earn, 1 Split } else Aim::Earn);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_follow_the_weights_over_visitors_and_stick_to_one() {
        let mut seen = [0u32; 3];
        for seed in 0..60_000 {
            let arm = draw(seed, "c", &[1, 2, 3]).unwrap();
            assert_eq!(draw(seed, "c", &[1, 2, 3]), Some(arm));
            seen[arm] += 1;
        }
        for (arm, want) in [10_000u32, 20_000, 30_000].iter().enumerate() {
            assert!(seen[arm].abs_diff(*want) < 600, "{seen:?}");
        }
        assert_eq!(draw(1, "c", &[0, 0]), None);
    }

    #[test]
    fn the_holdout_is_its_share_and_independent_of_the_draw() {
        let held: Vec<u64> = (0..100_000).filter(|seed| held_out(*seed, "c", 500)).collect();
        assert!(held.len().abs_diff(5000) < 350, "{}", held.len());
        let first = held.iter().filter(|seed| draw(**seed, "c", &[1, 1]) == Some(0)).count();
        assert!((first * 2).abs_diff(held.len()) < 400);
    }

    #[test]
    fn thompson_leans_to_the_better_arm_and_sums_to_the_whole() {
        let arms =
            [(1000, 20), (1000, 60), (1000, 20)].map(|(visitors, converters)| Tally { visitors, converters });
        let odds = thompson(&arms, 7).unwrap();
        assert_eq!(odds.iter().sum::<u32>(), WHOLE);
        assert!(odds[1] > WHOLE * 99 / 100, "{odds:?}");
        assert_eq!(thompson(&arms, 7), Some(odds));
        assert_eq!(thompson(&[Tally::default(); 2], 7), None);
    }
}
