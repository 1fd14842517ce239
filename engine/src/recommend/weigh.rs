//! What of this visitor and this moment moves a product up or down. Never
//! gathers and never leaves out: that is `picks`.

use alloc::vec::Vec;

use super::hours::factor;
use super::picks::{Moved, Table};
use super::shelves::Names;
use super::{FACTOR_ONE, Past, Ranking, Trait};
use crate::interest::Interest;

/// How fast the place among the candidates counts less: the fifth counts half
/// of the first, so that doubling a product lifts it by about five places.
const HALF_AT: u32 = 4;
/// The first place's weight.
const FIRST: u32 = 1 << 12;
/// What a reduced price counts for who compares prices, in 1/256: half more,
/// and twice the reduction. Nothing here is fitted: the public logs know no
/// channel. A merchant who knows better has boosts.
const REDUCED: u32 = 384;
/// What a price near those looked at counts, in 1/256.
const NEAR: u32 = 320;
/// What is put away counts a quarter.
const DECLINED: u32 = 64;

impl Table<'_> {
    /// Gives every candidate a score by its place and by this visitor and
    /// moment, and brings them into that order.
    pub(super) fn weigh(&mut self) {
        let past = self.past;
        if matches!(self.wish.ranking, Ranking::RecentlyViewed | Ranking::BackInReach) {
            return;
        }
        let shelves = &self.index.shelves;
        let categories = leanings(past, &past.categories, &shelves.categories);
        let brands = leanings(past, &past.brands, &shelves.brands);
        let share = |list: &[(u16, u32)], number: u16| {
            list.iter().find(|(known, _)| *known == number).map_or(0, |(_, share)| *share)
        };
        let mut declined: Vec<u32> = Vec::new();
        for id in &past.declined {
            if let Some(item) = self.index.find(id) {
                declined.push(item);
            }
        }
        let usual = usual_price(past);
        let mut boosts: Vec<((Trait, u32), u16)> = Vec::new();
        for (of, name, factor) in &self.wish.boosts {
            if let Some(number) = self.number(*of, name) {
                boosts.push(((*of, number), *factor));
            }
        }
        let mut hours: Vec<(u16, u32)> = Vec::new();
        for (name, levels) in self.model.hours_of.iter().zip(&self.model.hours) {
            if let Some(number) = shelves.categories.find(name) {
                hours.push((number, factor(*levels, past.now)));
            }
        }
        let mut found = core::mem::take(&mut self.found);
        for (candidate, place) in found.iter_mut().zip(0u32..) {
            let Some(card) = self.model.cards.get(candidate.at as usize) else { continue };
            let (category, brand) = self.index.shelves.of(candidate.at);
            let now = card.now();
            let mut weight = Weight { score: u64::from(FIRST * HALF_AT / (HALF_AT + place)) << 8, moved: 0 };
            if past.compares_prices() && now < card.price {
                let reduction = ((card.price - now).saturating_mul(256) / card.price) as u32;
                weight.by(REDUCED + 2 * reduction, Moved::Reduced);
            }
            // Who has trousers in the basket needs a belt, not more trousers.
            if self.wish.ranking != Ranking::BoughtTogether {
                weight.by(256 + share(&categories, category), Moved::Category);
            }
            weight.by(256 + share(&brands, brand) / 2, Moved::Brand);
            if let Some((_, factor)) = hours.iter().find(|(known, _)| *known == category) {
                weight.by(*factor, if *factor < FACTOR_ONE.into() { Moved::OffHour } else { Moved::Hour });
            }
            // From two thirds of the usual price to half more than it.
            if now > 0
                && now.saturating_mul(3) >= usual.saturating_mul(2)
                && now <= usual.saturating_add(usual / 2)
            {
                weight.by(NEAR, Moved::Price);
            }
            if declined.contains(&card.item) {
                weight.by(DECLINED, Moved::Declined);
            }
            for (boosted, factor) in &boosts {
                if self.bears(candidate.at, *boosted) {
                    let moved = if *factor < FACTOR_ONE { Moved::Lowered } else { Moved::Boosted };
                    weight.by(u32::from(*factor), moved);
                }
            }
            candidate.moved = weight.moved;
            candidate.score = u32::try_from(weight.score).unwrap_or(u32::MAX);
        }
        self.found = found;
        self.sort();
    }
}

/// The shares of the names that cards bear, by number.
fn leanings(past: &Past, interest: &Interest, names: &Names) -> Vec<(u16, u32)> {
    let mut found = Vec::new();
    interest.shares(past.now, past.half_life, |name, share| {
        if let Some(number) = names.find(name) {
            found.push((number, share));
        }
    });
    found
}

/// A score under way, and what moved it.
struct Weight {
    score: u64,
    moved: u16,
}

impl Weight {
    /// Times a factor in 1/256; one that changes nothing leaves no trace.
    fn by(&mut self, factor: u32, moved: Moved) {
        if factor != u32::from(FACTOR_ONE) {
            self.score = self.score.saturating_mul(u64::from(factor)) >> 8;
            self.moved |= moved as u16;
        }
    }
}

/// The middle of the prices looked at; 0 where there are fewer than two.
fn usual_price(past: &Past) -> u64 {
    let mut prices: Vec<u64> = Vec::new();
    for seen in &past.viewed {
        if seen.price > 0 {
            let place = prices.partition_point(|known| *known < seen.price);
            prices.insert(place, seen.price);
        }
    }
    if prices.len() < 2 { 0 } else { prices.get(prices.len() / 2).copied().unwrap_or_default() }
}
