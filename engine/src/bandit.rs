//! Which message a visitor gets. Never learns: a device cannot learn across
//! visitors; it draws from odds that the collector publishes, by its own seed.

use alloc::string::String;
use alloc::vec::Vec;

use crate::arm::Stream;
use crate::hash::hash64;
use crate::pack::{pack_enum, pack_struct};
use crate::ramp::PLACES;
use crate::rng::Rng;

/// The sum of the weights of one leaf's odds: 16 bits are finer than any
/// campaign can tell apart.
pub const WHOLE: u32 = 65_536;
/// Of so many visitors of a campaign that learns, one is drawn evenly whatever
/// the odds: a winner is found by comparing such visitors, too.
pub const RESERVED: u64 = 10;

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
    /// Most conversions: published odds that follow what does better.
    Earn,
    /// The marketer's weights.
    Split,
    /// A winner soon: published odds for most, an even draw for the reserved.
    Learn,
}

impl Aim {
    /// The word that rules and results use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Aim::Earn => "earn",
            Aim::Split => "split",
            Aim::Learn => "learn",
        }
    }
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
    place(seed, campaign, 1) < u64::from(share)
}

/// A visitor's place in a campaign that ramps up, 0..10,000.
#[must_use]
pub fn turn(seed: u64, campaign: &str) -> u64 {
    place(seed, campaign, 4)
}

/// One visitor of 10,000, for one of a campaign's purposes.
fn place(seed: u64, campaign: &str, purpose: u64) -> u64 {
    Rng::new(seed, hash64(campaign.as_bytes()) ^ purpose).below(PLACES)
}

/// Whether this visitor of a campaign that learns is drawn evenly.
#[must_use]
pub fn reserved(seed: u64, campaign: &str) -> bool {
    place(seed, campaign, 3) < PLACES / RESERVED
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

/// The weights and the stream by which a campaign's arm is drawn, of its
/// messages' ids and fixed weights: published odds if they name a message of
/// the campaign, else all alike.
#[must_use]
pub fn weights<'a>(
    aim: Aim,
    messages: impl Iterator<Item = (&'a str, u32)>,
    odds: Option<&LeafOdds>,
) -> (Vec<u32>, Stream) {
    let published = odds.map_or(&[][..], |odds| &odds.weights);
    let mut weights = Vec::new();
    let mut stream = if aim == Aim::Split { Stream::Fixed } else { Stream::Random };
    for (message, mut weight) in messages {
        if aim != Aim::Split {
            weight = 0;
            for (id, odds) in published {
                if id == message && *odds > 0 {
                    weight = *odds;
                    stream = Stream::Adaptive;
                }
            }
        }
        weights.push(weight);
    }
    if stream == Stream::Random {
        weights.fill(1);
    }
    (weights, stream)
}

pack_struct!(Odds { epoch, leaves });
pack_struct!(LeafOdds { campaign, leaf, weights });
pack_enum!(Aim { 0 Earn, 1 Split, 2 Learn } else Aim::Earn);

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
    fn one_in_ten_is_reserved_whatever_else_is_drawn() {
        let seeds: Vec<u64> = (0..100_000).filter(|seed| reserved(*seed, "c")).collect();
        assert!(seeds.len().abs_diff(10_000) < 500, "{}", seeds.len());
        let first = seeds.iter().filter(|seed| draw(**seed, "c", &[1, 1]) == Some(0)).count();
        assert!((first * 2).abs_diff(seeds.len()) < 500);
        let held = seeds.iter().filter(|seed| held_out(**seed, "c", 5_000)).count();
        assert!((held * 2).abs_diff(seeds.len()) < 500);
    }

    #[test]
    fn a_turn_is_even_and_independent_of_every_other_draw() {
        let early: Vec<u64> = (0..100_000).filter(|seed| turn(*seed, "c") < 2_000).collect();
        assert!(early.len().abs_diff(20_000) < 700, "{}", early.len());
        let share =
            |is: &dyn Fn(u64) -> bool| early.iter().filter(|seed| is(**seed)).count() as f64 / 20_000.0;
        assert!((share(&|seed| held_out(seed, "c", 2_500)) - 0.25).abs() < 0.02);
        assert!((share(&|seed| draw(seed, "c", &[1, 1]) == Some(0)) - 0.5).abs() < 0.02);
        assert!((share(&|seed| reserved(seed, "c")) - 0.1).abs() < 0.02);
        assert!((share(&|seed| turn(seed, "d") < 2_000) - 0.2).abs() < 0.02, "campaigns ramp up apart");
    }
}
