//! What is learnt of how visitors behave: how likely this one is to buy, and
//! which of a few groups it behaves like. Never trained here: the trainer fits
//! both on features that this file computes, so that training and judging
//! cannot differ. Exponentials and logarithms are taken to the base 2, whose
//! functions the decay of tastes needs anyhow.

use alloc::vec::Vec;
use core::f64::consts::{LN_2, LOG2_E};

use crate::event;
use crate::hash::name32;
use crate::pack::pack_struct;
use crate::power::{exp2, log2};
use crate::profile::Profile;

/// Counts that features are made of; their order is part of the model's format.
pub const COUNTS: usize = 6;
/// The constant, the logarithms of the counts, and their squares: a little of
/// something and a great deal of it may mean different things.
pub const FEATURES: usize = 1 + 2 * COUNTS;
/// The most clusters: more than people can give a name to.
pub const CLUSTER_LIMIT: usize = 8;

/// What is learnt of behaviour, as lines over the same features. The first is
/// the log-odds of a purchase. The others say how near each cluster is: the
/// nearest has the highest value, since of the squared distance only a straight
/// line differs between clusters. The first of these buys most often.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Intent {
    /// At least one, and at most [`CLUSTER_LIMIT`] more.
    pub lines: Vec<Line>,
}

/// A value that grows evenly with each of [`features`]; by the first, which is
/// constant, it begins.
pub type Line = [f64; FEATURES];

impl Intent {
    /// The propensity, 0..=1, and the cluster's number from 1; that is 0 where
    /// there are none.
    #[must_use]
    pub fn judge(&self, profile: &Profile) -> (f64, u64) {
        let features = features(profile);
        let (mut odds, mut best, mut nearest) = (0.0, 0.0, 0);
        for (line, number) in self.lines.iter().zip(0u64..) {
            let mut value = 0.0;
            for (weight, feature) in line.iter().zip(features) {
                value += weight * feature;
            }
            if number == 0 {
                odds = value;
            } else if number == 1 || value > best {
                (best, nearest) = (value, number);
            }
        }
        (1.0 / (1.0 + exp2(-odds * LOG2_E)), nearest)
    }
}

/// What the model sees: 1, then logarithms of one plus visits, page views of
/// this visit, product views ever, cart lines, purchases ever, searches ever,
/// then their squares.
#[must_use]
pub fn features(profile: &Profile) -> Line {
    let times = |name: &str| profile.count(name32(name)).map_or(0, |count| count.times);
    let counts = [
        profile.visits,
        profile.visit.views,
        times(event::VIEW_ITEM),
        profile.cart.len() as u32,
        times(event::PURCHASE),
        times(event::SEARCH),
    ];
    let mut features = [1.0; FEATURES];
    for (at, count) in counts.into_iter().enumerate() {
        let log = log2(1.0 + f64::from(count)) * LN_2;
        for (place, value) in [(1 + at, log), (1 + COUNTS + at, log * log)] {
            if let Some(feature) = features.get_mut(place) {
                *feature = value;
            }
        }
    }
    features
}

pack_struct!(Intent { lines });

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::profile::Terms;
    use crate::time::Millis;

    #[test]
    fn a_fuller_cart_raises_the_propensity_and_changes_the_cluster() {
        let line = |bias: f64, cart: f64| {
            let mut line = [0.0; FEATURES];
            (line[0], line[4]) = (bias, cart);
            line
        };
        let (purchase, buyers) = (line(-3.0, 1.5), line(-1.0, 2.0));
        let intent = Intent { lines: alloc::vec![purchase, buyers, [0.0; FEATURES]] };
        let mut profile = Profile::new(1);
        let before = intent.judge(&profile).0;
        assert_eq!(intent.judge(&profile).1, 2);
        assert_eq!(Intent::default().judge(&profile).1, 0);
        let item = event::Item { id: "a".into(), quantity: 1, ..event::Item::default() };
        let add = Event { items: alloc::vec![item], ..Event::new(event::ADD_TO_CART, Millis(1)) };
        profile.observe(&add, &Terms::default());
        assert!(intent.judge(&profile).0 > before * 2.0);
        assert_eq!(intent.judge(&profile).1, 1);
    }
}
