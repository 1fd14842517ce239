//! How likely this visitor is to buy, by a logistic model. Never trained
//! here: the trainer fits it on features that this file computes, so that
//! training and judging cannot differ. Exponentials and logarithms are taken
//! to the base 2, whose functions the decay of tastes needs anyhow.

use core::f64::consts::{LN_2, LOG2_E};

use crate::event;
use crate::hash::name32;
use crate::pack::pack_struct;
use crate::power::{exp2, log2};
use crate::profile::Profile;

/// How many features there are; the order is part of the model's format.
pub const FEATURES: usize = 6;

/// A fitted model: weights in the order of [`features`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Intent {
    /// The log-odds of a visitor of whom nothing is known.
    pub bias: f64,
    /// Change of the log-odds per unit of each feature.
    pub weights: [f64; FEATURES],
}

impl Intent {
    /// The propensity, 0..=1.
    #[must_use]
    pub fn score(&self, profile: &Profile) -> f64 {
        let mut log_odds = self.bias;
        for (weight, feature) in self.weights.iter().zip(features(profile)) {
            log_odds += weight * feature;
        }
        1.0 / (1.0 + exp2(-log_odds * LOG2_E))
    }
}

/// What the model sees: logarithms of one plus visits, page views of this
/// visit, product views ever, cart lines, purchases ever, searches ever.
#[must_use]
pub fn features(profile: &Profile) -> [f64; FEATURES] {
    let log = |count: u32| log2(1.0 + f64::from(count)) * LN_2;
    let times = |name: &str| log(profile.count(name32(name)).map_or(0, |count| count.times));
    [
        log(profile.visits),
        log(profile.visit.views),
        times(event::VIEW_ITEM),
        log(profile.cart.len() as u32),
        times(event::PURCHASE),
        times(event::SEARCH),
    ]
}

pack_struct!(Intent { bias, weights });

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::profile::Terms;
    use crate::time::Millis;

    #[test]
    fn a_fuller_cart_raises_the_propensity() {
        let intent = Intent { bias: -3.0, weights: [0.1, 0.1, 0.2, 1.5, 0.4, 0.1] };
        let mut profile = Profile::new(1);
        let before = intent.score(&profile);
        let item = event::Item { id: "a".into(), quantity: 1, ..event::Item::default() };
        let add = Event { items: alloc::vec![item], ..Event::new(event::ADD_TO_CART, Millis(1)) };
        profile.observe(&add, &Terms::default());
        assert!(intent.score(&profile) > before * 2.0);
    }
}
