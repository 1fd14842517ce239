//! What goes into the same basket: pairs of items bought, or at least put into
//! the cart, together. Never looks at an order: a basket has none.

use std::collections::BTreeMap;

use vitrine_engine::lists::{Follower, WEIGHT_MAX, Writer};
use vitrine_engine::pack::Packed;

use crate::sessions::Sessions;

/// Items kept beside one item.
const LENGTH: usize = 12;
/// Items of one basket that are paired; more is a wholesaler's.
const BASKET: usize = 30;
/// Pairs that are counted, so that memory stays below 200 MB; later ones of a
/// larger log are not begun.
const PAIRS: usize = 4_000_000;
/// The scale of every list: a basket's items speak alike.
const SCALE: u8 = 16;

/// For each item what goes with it, best pairs first.
#[derive(Debug, Clone, Default)]
pub struct Together {
    /// How much, of which item, with which: 0..=1.
    pairs: Vec<(f32, u32, u32)>,
    items: usize,
}

impl Together {
    /// Counts baskets; a pair must have been in `support` of them.
    #[must_use]
    pub fn count(baskets: &Sessions, items: usize, support: u32) -> Together {
        let mut times = vec![0u32; items];
        let mut counts: BTreeMap<(u32, u32), u32> = BTreeMap::new();
        for at in 0..baskets.len() {
            let mut basket: Vec<u32> = baskets.get(at).iter().copied().take(BASKET).collect();
            basket.sort_unstable();
            basket.dedup();
            for (place, one) in basket.iter().enumerate() {
                if let Some(times) = times.get_mut(*one as usize) {
                    *times += 1;
                }
                for other in basket.iter().skip(place + 1) {
                    let is_full = counts.len() >= PAIRS;
                    match counts.get_mut(&(*one, *other)) {
                        Some(count) => *count += 1,
                        None if is_full => {}
                        None => _ = counts.insert((*one, *other), 1),
                    }
                }
            }
        }
        let often = |item: u32| f64::from(times.get(item as usize).copied().unwrap_or(1).max(1));
        let mut of: Vec<Vec<(f32, u32)>> = vec![Vec::new(); items];
        for ((one, other), count) in counts.into_iter().filter(|(_, count)| *count >= support) {
            // By both items' frequency, so that what everybody buys does not
            // go with everything (the cosine of the two columns of baskets).
            let share = (f64::from(count) / libm::sqrt(often(one) * often(other))) as f32;
            for (from, to) in [(one, other), (other, one)] {
                if let Some(list) = of.get_mut(from as usize) {
                    list.push((share, to));
                }
            }
        }
        let mut pairs = Vec::new();
        for (list, from) in of.iter_mut().zip(0u32..) {
            list.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            pairs.extend(list.iter().take(LENGTH).map(|(share, to)| (*share, from, *to)));
        }
        pairs.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        Together { pairs, items }
    }

    /// How many pairs there are.
    #[must_use]
    pub fn pairs(&self) -> usize {
        self.pairs.len()
    }

    /// The best `pairs` as a model's lists, for its `items` by their places
    /// here; nothing where there are none.
    #[must_use]
    pub fn write(&self, items: &[u32], pairs: usize, place: &dyn Fn(u32) -> Option<u32>) -> Packed {
        let mut of: Vec<Vec<(f32, u32)>> = vec![Vec::new(); self.items];
        for (share, from, to) in self.pairs.iter().take(pairs) {
            if let Some(list) = of.get_mut(*from as usize) {
                list.push((*share, *to));
            }
        }
        if of.iter().all(Vec::is_empty) {
            return Packed::default();
        }
        let mut writer = Writer::default();
        for item in items {
            let list = of.get(*item as usize).map_or(&[][..], Vec::as_slice);
            let best = list.first().map_or(1.0, |(share, _)| *share);
            let mut followers = Vec::new();
            for (share, to) in list {
                let weight = libm::roundf(share / best * f32::from(WEIGHT_MAX));
                let weight = weight.clamp(1.0, f32::from(WEIGHT_MAX)) as u8;
                followers.extend(place(*to).map(|item| Follower { item, weight }));
            }
            followers.sort_unstable_by_key(|follower| follower.item);
            writer.list(SCALE, &followers);
        }
        writer.finish()
    }
}
