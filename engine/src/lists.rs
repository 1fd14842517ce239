//! Weighted lists in few bytes: what a model is mostly made of. Never trusts
//! what it reads, and never unfolds to more than its bytes can have said.
//!
//! What follows an item mostly leads back to it, so that each pair of items
//! stands once, with both weights in one symbol: for each item a scale, how many
//! later items it is paired with, and the gaps between them. A gap's magnitude
//! is a symbol and its lower bits stand as they are. Places that put like beside
//! like make gaps short.

use alloc::vec;
use alloc::vec::Vec;

use crate::bits::{BitWriter, Bits, SymbolWriter, Symbols};
use crate::pack::{Input, Packed, push_varint};

/// Followers of one list: more than any page shows.
pub const LIST_LIMIT: usize = 62;
/// The highest scale of a list; see [`scale`].
pub const SCALE_MAX: u8 = 31;
/// The highest weight of a follower within its list.
pub const WEIGHT_MAX: u8 = 15;
/// Bits of a weight.
const WEIGHT_BITS: u32 = 4;
/// Tables: scales; magnitudes of how many pairs an item has, of the gap to the
/// first and of the other gaps; both weights of a pair.
const TABLES: [usize; 5] = [SCALE_MAX as usize + 1, MAGNITUDES, MAGNITUDES, MAGNITUDES, 256];
const SCALES: usize = 0;
const COUNTS: usize = 1;
const FIRST_GAPS: usize = 2;
const GAPS: usize = 3;
const WEIGHTS: usize = 4;
/// Magnitudes of numbers up to a model's million items.
const MAGNITUDES: usize = 21;

/// Pairs that may take less than a bit each, all alike as they can be in a toy
/// of a shop; in memory less than a megabyte.
const FEW_PAIRS: u64 = 1 << 16;

/// One follower: an item and its weight within the list, 1..=[`WEIGHT_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Follower {
    /// The item's place among the ids.
    pub item: u32,
    /// Its weight.
    pub weight: u8,
}

/// What one unit of weight is worth in a list of this scale: 64 at 0, and four
/// steps double it, so that eight octaves of certainty fit in five bits.
#[must_use]
pub fn scale(step: u8) -> u32 {
    let quarter = match step & 3 {
        0 => 64,
        1 => 76,
        2 => 91,
        _ => 108,
    };
    quarter << (step.min(SCALE_MAX) >> 2)
}

/// Gathers lists, one item after the other, and packs them.
#[derive(Debug, Clone, Default)]
pub struct Writer {
    scales: Vec<u8>,
    /// `(lower place, higher place, weight in the lower's list, in the higher's)`.
    pairs: Vec<(u32, u32, u8, u8)>,
}

impl Writer {
    /// The next item's list, at most [`LIST_LIMIT`] followers; an item never
    /// follows itself.
    pub fn list(&mut self, scale: u8, followers: &[Follower]) {
        let item = self.scales.len() as u32;
        self.scales.push(scale.min(SCALE_MAX));
        for Follower { item: other, weight } in followers {
            let weight = (*weight).clamp(1, WEIGHT_MAX);
            match item < *other {
                true => self.pairs.push((item, *other, weight, 0)),
                false => self.pairs.push((*other, item, 0, weight)),
            }
        }
    }

    /// Each pair once, in order.
    fn join(&mut self) {
        self.pairs.sort_unstable();
        self.pairs.dedup_by(|second, first| {
            let same = (first.0, first.1) == (second.0, second.1);
            if same {
                (first.2, first.3) = (first.2 | second.2, first.3 | second.3);
            }
            same
        });
    }

    /// The packed lists.
    #[must_use]
    pub fn finish(mut self) -> Packed {
        self.join();
        let mut symbols = SymbolWriter::new(&TABLES);
        let mut bits = BitWriter::default();
        let mut number = |symbols: &mut SymbolWriter, table: usize, number: u32| {
            let width = (number + 1).ilog2();
            symbols.symbol(table, width);
            bits.bits(u64::from(number + 1 - (1 << width)), width);
        };
        let mut pairs = self.pairs.as_slice();
        for (scale, item) in self.scales.iter().zip(0u32..) {
            let (own, rest) = pairs.split_at(pairs.iter().take_while(|pair| pair.0 == item).count());
            pairs = rest;
            symbols.symbol(SCALES, u32::from(*scale));
            number(&mut symbols, COUNTS, own.len() as u32);
            let (mut next, mut table) = (item + 1, FIRST_GAPS);
            for (_, other, there, back) in own {
                number(&mut symbols, table, other - next);
                symbols.symbol(WEIGHTS, u32::from(there << WEIGHT_BITS | back));
                (next, table) = (other + 1, GAPS);
            }
        }
        let mut out = Vec::new();
        push_varint(&mut out, self.pairs.len() as u64);
        symbols.finish(&mut out);
        out.extend(bits.finish());
        Packed(out)
    }
}

/// Lists ready to be walked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Followers {
    scales: Vec<u8>,
    /// Where each list begins, and the last one ends.
    starts: Vec<u32>,
    /// Each follower's place over its weight in the lowest bits.
    followers: Vec<u32>,
}

/// A pair as it is read: both places and both weights.
struct Pair {
    low: u32,
    high: u32,
    weights: u8,
}

impl Followers {
    /// Reads packed lists of `items` items; nothing if they are not sound.
    #[must_use]
    pub fn read(bytes: &[u8], items: u32) -> Option<Followers> {
        let mut input = Input::new(bytes);
        let count = input.number();
        // What is reserved is in proportion to the bytes: a pair takes a bit at
        // least where lists are many.
        if count > bytes.len() as u64 * 8 + FEW_PAIRS || items > 1 << (MAGNITUDES - 1) {
            return None;
        }
        let mut symbols = Symbols::new(&TABLES, &mut input);
        let mut bits = Bits::new(input.rest());
        let mut number = |symbols: &mut Symbols, table: usize| {
            let width = symbols.next(table);
            (1u32 << width) - 1 + bits.take(width) as u32
        };
        let mut scales = Vec::with_capacity(items as usize);
        let mut pairs: Vec<Pair> = Vec::with_capacity(count as usize);
        for item in 0..items {
            scales.push(symbols.next(SCALES) as u8);
            let own = number(&mut symbols, COUNTS);
            if u64::from(own) > count - pairs.len() as u64 {
                return None;
            }
            let (mut next, mut table) = (item + 1, FIRST_GAPS);
            for _ in 0..own {
                let high = next + number(&mut symbols, table);
                let weights = symbols.next(WEIGHTS) as u8;
                pairs.push(Pair { low: item, high, weights });
                (next, table) = (high + 1, GAPS);
                if weights == 0 {
                    return None;
                }
            }
        }
        let is_sound =
            !input.is_broken() && pairs.len() as u64 == count && symbols.is_done() && bits.is_done();
        if is_sound { Followers::of(scales, &pairs) } else { None }
    }

    /// Of pairs in order; nothing if an item is not there, or a list too long.
    fn of(scales: Vec<u8>, pairs: &[Pair]) -> Option<Followers> {
        let mut starts = vec![0u32; scales.len() + 1];
        for pair in pairs {
            if pair.high as usize >= scales.len() {
                return None;
            }
            for side in 0..2 {
                let (place, _, weight) = pair.side(side);
                *starts.get_mut(place as usize)? += u32::from(weight > 0);
            }
        }
        // Counts become the ends of lists, and filling from there the starts.
        let mut sum = 0;
        for start in &mut starts {
            if *start > LIST_LIMIT as u32 {
                return None;
            }
            sum += *start;
            *start = sum;
        }
        let mut followers = vec![0; sum as usize];
        for pair in pairs.iter().rev() {
            for side in 0..2 {
                let (place, other, weight) = pair.side(side);
                if let Some(start) = starts.get_mut(place as usize).filter(|_| weight > 0) {
                    *start -= 1;
                    *followers.get_mut(*start as usize)? = other << WEIGHT_BITS | u32::from(weight);
                }
            }
        }
        Some(Followers { scales, starts, followers })
    }

    /// Gives every follower of `item` to `each`, with its list's scale.
    pub fn each(&self, item: u32, mut each: impl FnMut(u8, Follower)) {
        let at = item as usize;
        let (Some(scale), Some([start, end, ..])) = (self.scales.get(at), self.starts.get(at..)) else {
            return;
        };
        for packed in self.followers.get(*start as usize..*end as usize).unwrap_or_default() {
            let weight = *packed as u8 & WEIGHT_MAX;
            each(*scale, Follower { item: packed >> WEIGHT_BITS, weight });
        }
    }
}

impl Pair {
    /// Either item, its possible follower, and the weight; 0 where it follows not.
    /// Asked by number, since an array of both would be walked as slowly as it is
    /// small.
    fn side(&self, side: u8) -> (u32, u32, u8) {
        match side {
            0 => (self.low, self.high, self.weights >> WEIGHT_BITS),
            _ => (self.high, self.low, self.weights & WEIGHT_MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    /// A list of up to `most` followers with ascending items.
    fn random_list(rng: &mut Rng, item: u32, items: u32, most: u64) -> Vec<Follower> {
        let mut places: Vec<u32> =
            (0..rng.below(most + 1)).map(|_| rng.below(u64::from(items)) as u32).collect();
        places.sort_unstable();
        places.dedup();
        places.retain(|place| *place != item);
        places.into_iter().map(|item| Follower { item, weight: 1 + rng.below(15) as u8 }).collect()
    }

    #[test]
    fn lists_come_back_as_they_were() {
        let mut rng = Rng::new(1, 0);
        for items in [1, 2, 7, 1000] {
            let lists: Vec<(u8, Vec<Follower>)> = (0..items)
                .map(|item| (rng.below(32) as u8, random_list(&mut rng, item, items, LIST_LIMIT as u64)))
                .collect();
            let mut writer = Writer::default();
            for (scale, list) in &lists {
                writer.list(*scale, list);
            }
            let Packed(bytes) = writer.finish();
            let read = Followers::read(&bytes, items).unwrap();
            for ((scale, list), item) in lists.iter().zip(0..) {
                let mut found = Vec::new();
                read.each(item, |step, follower| {
                    assert_eq!(step, *scale);
                    found.push(follower);
                });
                found.sort_by_key(|follower| follower.item);
                assert_eq!(&found, list);
            }
            read.each(items, |_, _| panic!("no such item"));
            assert!(items < 7 || Followers::read(&bytes, items + 1).is_none());
            assert!(Followers::read(&bytes[..bytes.len() - 1], items).is_none());
        }
    }

    #[test]
    fn noise_is_refused_or_gives_lists_within_bounds() {
        let mut rng = Rng::new(2, 0);
        let mut writer = Writer::default();
        for item in 0..50 {
            writer.list(3, &random_list(&mut rng, item, 50, 9));
        }
        let Packed(good) = writer.finish();
        let mut read = 0;
        for _ in 0..5000 {
            let mut bytes = good.clone();
            for _ in 0..=rng.below(3) {
                let at = rng.below(bytes.len() as u64) as usize;
                bytes[at] ^= 1 << rng.below(8);
            }
            let Some(lists) = Followers::read(&bytes, 50) else { continue };
            read += 1;
            for item in 0..50 {
                let mut count = 0;
                lists.each(item, |_, follower| {
                    assert!(follower.item < 50 && follower.item != item && follower.weight > 0);
                    count += 1;
                });
                assert!(count <= LIST_LIMIT);
            }
        }
        assert!(read > 20, "{read} forgeries could be read at all");
    }
}
