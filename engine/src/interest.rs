//! Decayed tastes: what a visitor leans to. Never a list of what was seen.

use alloc::string::String;
use alloc::vec::Vec;

use crate::pack::pack_struct;
use crate::power::log2;
use crate::text::{clip, fold};
use crate::time::{Millis, decay};

/// Tastes kept of each kind. The weakest goes first; a shop has a few dozen
/// categories, and nobody leans to more than a dozen.
const TASTE_LIMIT: usize = 24;
/// The longest taste, in bytes.
const TASTE_BYTES: usize = 48;
/// Doubt, in views: with one view of shoes and no other, the interest in
/// shoes is 1 / (1 + 2), not 1.
const DOUBT: f64 = 2.0;

/// One leaning.
#[derive(Debug, Clone, PartialEq)]
pub struct Taste {
    /// The category or brand, in lower case.
    pub name: String,
    /// In views, as of the table's moment.
    pub weight: f64,
}

/// The leanings of one kind: categories, or brands.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Interest {
    tastes: Vec<Taste>,
    at: Millis,
}

impl Interest {
    /// Adds `weight` views of `name`, after decaying the rest to now.
    pub fn lean(&mut self, name: &str, weight: f64, now: Millis, half_life: u64) {
        let name = fold(clip(name, TASTE_BYTES));
        if name.is_empty() {
            return;
        }
        let left = decay(now.since(self.at), half_life);
        self.tastes.iter_mut().for_each(|taste| taste.weight *= left);
        self.at = self.at.max(now);
        let known = self.tastes.iter().position(|taste| taste.name == name);
        let known = known.map(|at| self.tastes.remove(at));
        let weight = weight + known.map_or(0.0, |taste| taste.weight);
        // Decay keeps the order; only the taste that grew has a new place in it.
        let weaker = |taste: &Taste| taste.weight < weight || taste.weight == weight && taste.name > name;
        let place = self.tastes.iter().position(weaker).unwrap_or(self.tastes.len());
        self.tastes.insert(place, Taste { name, weight });
        self.tastes.truncate(TASTE_LIMIT);
    }

    /// The interest in `name`, 0..=1: its share of all leanings, damped by
    /// doubt, so that it grows with evidence and fades with time.
    #[must_use]
    pub fn share(&self, name: &str, now: Millis, half_life: u64) -> f64 {
        let left = decay(now.since(self.at), half_life);
        let (own, all) = self.weights(name);
        own * left / (all * left + DOUBT)
    }

    /// The moment at which the interest in `name` falls to `level`, if it is
    /// above it now: the share is own·x / (all·x + doubt) with x halving each
    /// half-life, solved for x.
    #[must_use]
    pub fn falls_to(&self, name: &str, level: f64, now: Millis, half_life: u64) -> Option<Millis> {
        if level <= 0.0 || self.share(name, now, half_life) <= level {
            return None;
        }
        let (own, all) = self.weights(name);
        let x = level * DOUBT / (own - level * all);
        let elapsed = -log2(x) * half_life as f64;
        let whole = elapsed as u64;
        Some(self.at.plus(whole + u64::from((whole as f64) < elapsed)))
    }

    /// The weight of `name`, and of all tastes.
    fn weights(&self, name: &str) -> (f64, f64) {
        let (mut own, mut all) = (0.0, 0.0);
        for taste in &self.tastes {
            all += taste.weight;
            if taste.name == name {
                own = taste.weight;
            }
        }
        (own, all)
    }

    /// Gives every name to `each` with its share as of [`Interest::share`], in
    /// 1/256.
    pub fn shares(&self, now: Millis, half_life: u64, mut each: impl FnMut(&str, u32)) {
        let left = decay(now.since(self.at), half_life);
        let (_, all) = self.weights("");
        for taste in &self.tastes {
            each(&taste.name, (256.0 * taste.weight * left / (all * left + DOUBT)) as u32);
        }
    }

    /// The strongest leaning, if there is any.
    #[must_use]
    pub fn top(&self) -> Option<&str> {
        self.tastes.first().map(|taste| taste.name.as_str())
    }
}

pack_struct!(Taste { name, weight });
pack_struct!(Interest { tastes, at });

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::DAY;

    #[test]
    fn interest_grows_with_evidence_and_fades_with_time() {
        let mut interest = Interest::default();
        interest.lean("Shoes", 1.0, Millis(DAY), DAY);
        let once = interest.share("shoes", Millis(DAY), DAY);
        assert!((once - 1.0 / 3.0).abs() < 1e-12);
        interest.lean("shoes", 3.0, Millis(DAY), DAY);
        assert!(interest.share("shoes", Millis(DAY), DAY) > 0.6);
        let fall = interest.falls_to("shoes", 0.4, Millis(DAY), DAY).unwrap();
        assert!(interest.share("shoes", fall, DAY) <= 0.4);
        assert!(interest.share("shoes", Millis(fall.0 - 1000), DAY) > 0.4);
        assert_eq!(interest.top(), Some("shoes"));
    }

    #[test]
    fn a_flood_of_categories_stays_bounded_and_keeps_the_strongest() {
        let mut interest = Interest::default();
        interest.lean("shoes", 9.0, Millis(0), DAY);
        for n in 0..1000u32 {
            interest.lean(&alloc::format!("c{n}"), 1.0, Millis(u64::from(n)), DAY);
        }
        assert_eq!(interest.tastes.len(), TASTE_LIMIT);
        assert_eq!(interest.top(), Some("shoes"));
    }
}
