//! Ids and weighted lists in few bytes: what a model is mostly made of. Never
//! trusts what it reads: every read can end with nothing.
//!
//! Ids stand in order, each with only what differs from the one before.
//! Lists are bits, lowest first: how many followers (Elias's gamma code), one
//! scale, then for each follower the gap to the one before (Rice's code, whose
//! parameter follows from the count) and its weight in four bits.

use alloc::string::String;
use alloc::vec::Vec;

use crate::pack::{Input, Pack, push_varint};

/// Ids of one block share prefixes; the first of each stands alone, so that
/// finding one is a search among blocks and a walk through one.
pub const BLOCK: usize = 16;
/// Followers of one list: more than any page shows, and a count whose code
/// has at most five leading zeros.
pub const LIST_LIMIT: u32 = 62;
/// The highest scale of a list; see [`scale`].
pub const SCALE_MAX: u8 = 31;
/// The highest weight of a follower within its list.
pub const WEIGHT_MAX: u8 = 15;
/// A nibble that says that the number stands in a byte of its own.
const LONG: usize = 15;
/// The most leading zeros of a list's count.
const COUNT_ZEROS: u32 = 5;
/// A gap's unary part below this, with at most 20 low bits of a model's
/// million items and a weight, fits into one look of 56 bits and more. Its
/// high part then has at most 5 + 20 bits.
const SHORT_UNARY: u32 = 24;

/// Bytes that are kept as they came: copied at once, not one by one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Packed(pub Vec<u8>);

impl Pack for Packed {
    fn pack(&self, out: &mut Vec<u8>) {
        push_varint(out, self.0.len() as u64);
        out.extend(&self.0);
    }
    fn unpack(input: &mut Input) -> Self {
        let length = input.length();
        Packed(input.slice(length).to_vec())
    }
}

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

/// Ids in few bytes; they must be in ascending order and at most 255 bytes each.
#[must_use]
pub fn pack_ids<S: AsRef<str>>(ids: &[S]) -> Packed {
    let mut out = Vec::new();
    let mut last: &[u8] = &[];
    for (at, id) in ids.iter().enumerate() {
        let id = id.as_ref().as_bytes();
        if at % BLOCK == 0 {
            last = &[];
        }
        let shared = id.iter().zip(last).take_while(|(a, b)| a == b).count();
        let own = id.get(shared..).unwrap_or_default();
        out.push((shared.min(LONG) << 4 | own.len().min(LONG)) as u8);
        for length in [shared, own.len()] {
            if length >= LONG {
                out.push(length as u8);
            }
        }
        out.extend(own);
        last = id;
    }
    Packed(out)
}

/// Walks packed ids one by one, rebuilding each from the one before.
#[derive(Debug)]
pub struct Ids<'a> {
    bytes: &'a [u8],
    id: Vec<u8>,
}

impl<'a> Ids<'a> {
    /// From the first byte of a block.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Ids<'a> {
        Ids { bytes, id: Vec::new() }
    }

    /// The bytes not yet walked.
    #[must_use]
    pub fn rest(&self) -> usize {
        self.bytes.len()
    }

    /// The next id, or nothing at the end and where the bytes are no ids.
    pub fn step(&mut self) -> Option<&[u8]> {
        let head = self.byte()?;
        let mut length = |nibble: usize| match nibble {
            LONG => self.byte(),
            short => Some(short),
        };
        let (shared, own) = (length(head >> 4)?, length(head & LONG)?);
        let (own, rest) = self.bytes.split_at_checked(own)?;
        if shared > self.id.len() {
            return None;
        }
        self.id.truncate(shared);
        self.id.extend(own);
        self.bytes = rest;
        Some(&self.id)
    }

    fn byte(&mut self) -> Option<usize> {
        let (byte, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(usize::from(*byte))
    }
}

/// The id that stands `steps` after the first of a block.
#[must_use]
pub fn id_at(block: &[u8], steps: usize) -> Option<String> {
    let mut ids = Ids::new(block);
    for _ in 0..steps {
        ids.step()?;
    }
    ids.step().and_then(|id| core::str::from_utf8(id).ok()).map(String::from)
}

/// Writes bits, lowest first.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
    held: u64,
    count: u32,
}

impl Writer {
    /// Appends one list of a model of `items` items; `followers` in ascending
    /// order of item, at most [`LIST_LIMIT`].
    pub fn list(&mut self, items: u32, scale: u8, followers: &[Follower]) {
        let count = followers.len() as u32;
        let width = (count + 1).ilog2();
        self.bits(0, width);
        self.bits(1, 1);
        self.bits(count + 1 - (1 << width), width);
        if count == 0 {
            return;
        }
        self.bits(u32::from(scale.min(SCALE_MAX)), 5);
        let low = rice(items, count);
        let mut next = 0;
        for follower in followers {
            let gap = follower.item.saturating_sub(next);
            for _ in 0..gap >> low {
                self.bits(0, 1);
            }
            self.bits(1, 1);
            self.bits(gap & ((1 << low) - 1), low);
            self.bits(u32::from(follower.weight & 15), 4);
            next = follower.item + 1;
        }
    }

    /// The bytes, the last one padded with zeros.
    #[must_use]
    pub fn finish(mut self) -> Packed {
        if self.count > 0 {
            self.bytes.push(self.held as u8);
        }
        Packed(self.bytes)
    }

    fn bits(&mut self, value: u32, width: u32) {
        self.held |= u64::from(value) << self.count;
        self.count += width;
        while self.count >= 8 {
            self.bytes.push(self.held as u8);
            self.held >>= 8;
            self.count -= 8;
        }
    }
}

/// Reads what [`Writer`] wrote, from any bit on.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// From bit `at` on.
    #[must_use]
    pub fn new(bytes: &'a [u8], at: usize) -> Reader<'a> {
        Reader { bytes, at }
    }

    /// The next bit's place.
    #[must_use]
    pub fn at(&self) -> usize {
        self.at
    }

    /// Whether only the padding of the last byte is left, all zeros.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.at.div_ceil(8) == self.bytes.len() && self.window() == 0
    }

    /// The scale of the next list, after which come its followers, each given
    /// to `each`; nothing where the bits are no list of a model of `items` items.
    pub fn list(&mut self, items: u32, mut each: impl FnMut(u8, Follower)) -> Option<()> {
        let width = self.unary().filter(|zeros| *zeros <= COUNT_ZEROS)?;
        let count = (1u32 << width) + self.take(width)? - 1;
        if count == 0 {
            return Some(());
        }
        let scale = self.take(5)? as u8;
        let low = rice(items, count);
        let mut next = 0u32;
        for _ in 0..count {
            // Nearly always one look at the bits is enough for a follower.
            let window = self.window();
            let zeros = window.trailing_zeros();
            let (gap, weight) = if zeros < SHORT_UNARY {
                let rest = window >> (zeros + 1);
                self.advance(zeros + 1 + low + 4)?;
                (zeros << low | (rest & ((1 << low) - 1)) as u32, (rest >> low) as u8 & 15)
            } else {
                let high = self.unary()?.checked_mul(1 << low)?;
                (high | self.take(low)?, self.take(4)? as u8)
            };
            let item = next.checked_add(gap).filter(|item| *item < items)?;
            each(scale, Follower { item, weight });
            next = item + 1;
        }
        Some(())
    }

    /// At least 56 of the next bits; zeros after the end.
    fn window(&self) -> u64 {
        let from = self.bytes.get(self.at / 8..).unwrap_or_default();
        let whole = from.first_chunk::<8>().copied().unwrap_or_else(|| {
            let mut end = [0; 8];
            end.iter_mut().zip(from).for_each(|(to, byte)| *to = *byte);
            end
        });
        u64::from_le_bytes(whole) >> (self.at % 8)
    }

    fn advance(&mut self, bits: u32) -> Option<()> {
        self.at += bits as usize;
        (self.at <= self.bytes.len() * 8).then_some(())
    }

    fn take(&mut self, width: u32) -> Option<u32> {
        let value = self.window() & ((1u64 << width) - 1);
        self.advance(width)?;
        Some(value as u32)
    }

    /// The zeros before the next one; a window always holds this many bits.
    fn unary(&mut self) -> Option<u32> {
        const STRIDE: u32 = 48;
        let mut zeros = 0;
        loop {
            let run = self.window().trailing_zeros();
            if run < STRIDE {
                self.advance(run + 1)?;
                return Some(zeros + run);
            }
            self.advance(STRIDE)?;
            zeros += STRIDE;
        }
    }
}

/// Rice's parameter: the bits of a gap that are written as they are. Gaps
/// average `items / count`, and the power of two below that is near the best.
fn rice(items: u32, count: u32) -> u32 {
    (items / count.max(1)).max(1).ilog2()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    /// A list of up to `most` followers with ascending items.
    fn random_list(rng: &mut Rng, items: u32, most: u64) -> Vec<Follower> {
        let mut places: Vec<u32> =
            (0..rng.below(most + 1)).map(|_| rng.below(u64::from(items)) as u32).collect();
        places.sort_unstable();
        places.dedup();
        places.into_iter().map(|item| Follower { item, weight: 1 + rng.below(15) as u8 }).collect()
    }

    #[test]
    fn lists_come_back_as_they_were() {
        let mut rng = Rng::new(1, 0);
        for items in [1, 2, 7, 1000, 1 << 20] {
            let lists: Vec<(u8, Vec<Follower>)> = (0..200)
                .map(|_| (rng.below(32) as u8, random_list(&mut rng, items, u64::from(LIST_LIMIT))))
                .collect();
            let mut writer = Writer::default();
            for (scale, list) in &lists {
                writer.list(items, *scale, list);
            }
            let Packed(bytes) = writer.finish();
            let mut reader = Reader::new(&bytes, 0);
            for (scale, list) in &lists {
                let mut found = Vec::new();
                reader
                    .list(items, |step, follower| {
                        assert_eq!(step, *scale);
                        found.push(follower);
                    })
                    .unwrap();
                assert_eq!(&found, list);
            }
            assert!(reader.is_done());
        }
    }

    #[test]
    fn ids_come_back_in_order_also_long_and_korean_ones() {
        let mut ids: Vec<String> = (0..500u32).map(|n| alloc::format!("상품-{}", n * 7919 % 5000)).collect();
        ids.extend((0..40u32).map(|n| alloc::format!("{}{n}", "long-shared-prefix-".repeat(5))));
        ids.sort();
        ids.dedup();
        let Packed(bytes) = pack_ids(&ids);
        let mut walk = Ids::new(&bytes);
        for id in &ids {
            assert_eq!(walk.step(), Some(id.as_bytes()));
        }
        assert_eq!((walk.rest(), walk.step()), (0, None));
    }

    #[test]
    fn noise_is_read_to_an_end_and_never_past_the_items() {
        let mut rng = Rng::new(2, 0);
        for round in 0..3000 {
            let bytes: Vec<u8> =
                (0..rng.below(40)).map(|_| if round % 3 == 0 { 0 } else { rng.next_u64() as u8 }).collect();
            let items = 1 + rng.below(1 << 20) as u32;
            let mut reader = Reader::new(&bytes, rng.below(9) as usize);
            while reader.list(items, |_, follower| assert!(follower.item < items)).is_some() {
                assert!(reader.at() <= bytes.len() * 8);
            }
            let mut ids = Ids::new(&bytes);
            while ids.step().is_some() {}
        }
    }
}
