//! Items' ids in few bytes, found by id and by place. Never holds an id twice,
//! and never trusts what it reads.
//!
//! Ids stand in ascending order, as the differences of their numbers where all
//! are digits behind one prefix, else each with only what differs from the one
//! before. Where the items' places follow another order, such as one that puts
//! like beside like, the places of the ids stand behind them, as coarsely as that
//! order allows: where the items of a stretch of places ascend by their ids, an id
//! needs to say in which stretch it stands and no more.

mod write;

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::bits::Bits;
use crate::pack::Input;

pub use write::{ascending, pack_ids};

/// Bytes of an id; as long as an event's words.
pub const ID_LIMIT: usize = 100;
/// Ids of one block share prefixes; the first of each stands alone, so that
/// finding one is a search among blocks and a walk through one.
const BLOCK: usize = 16;
/// A nibble that says that the number stands in a byte of its own.
const LONG: usize = 15;
/// Digits of an id that count as a number; 10 to this power fits in 40 bits.
const DIGITS_LIMIT: usize = 12;
/// Digits as they come: no leading zeros.
const ANY_WIDTH: u64 = 0;
/// Ids that are no numbers.
const NAMES: u64 = DIGITS_LIMIT as u64 + 1;

/// Ids ready to be asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ids {
    /// What stands before the digits of every id.
    prefix: Vec<u8>,
    /// How many digits each has; [`ANY_WIDTH`], or [`NAMES`].
    width: usize,
    /// The ids' numbers, ascending; none for names.
    numbers: Vec<u64>,
    /// Names, each with what differs from the one before.
    names: Vec<u8>,
    /// Where each block of names begins.
    blocks: Vec<u32>,
    /// The place of each id, and the id at each place; empty where both are one.
    places: Vec<u32>,
    order: Vec<u32>,
}

/// Bits of a place among so many.
fn width_of(items: usize) -> u32 {
    items.max(2).next_power_of_two().ilog2()
}

impl Ids {
    /// Reads packed ids of `items` items; nothing if they are not sound.
    #[must_use]
    pub fn read(bytes: &[u8], items: usize) -> Option<Ids> {
        // An id takes at least a bit, so that what is reserved here is in
        // proportion to the bytes.
        if items > bytes.len() * 8 {
            return None;
        }
        let mut input = Input::new(bytes);
        let mut ids = Ids { width: input.number().min(NAMES + 1) as usize, ..Ids::default() };
        let is_sound = match ids.width as u64 {
            NAMES => ids.read_names(&mut input, items),
            width if width < NAMES => ids.read_numbers(&mut input, items),
            _ => None,
        };
        is_sound?;
        if !input.is_done() {
            let stretch = input.number().min(64) as u32;
            ids.read_places((input.rest(), stretch), items)?;
        }
        (!input.is_broken()).then_some(ids)
    }

    fn read_numbers(&mut self, input: &mut Input, items: usize) -> Option<()> {
        let length = input.length();
        self.prefix.extend(input.slice(length));
        let low = input.number().min(64) as u32;
        let length = input.length();
        let mut bits = Bits::new(input.slice(length));
        let digits = if self.width == ANY_WIDTH as usize { DIGITS_LIMIT } else { self.width };
        let limit = 10u64.pow(digits as u32);
        let mut next = 0;
        self.numbers.reserve_exact(items);
        for _ in 0..items {
            let number = bits.number(low)? + next;
            if number >= limit {
                return None;
            }
            self.numbers.push(number);
            next = number + 1;
        }
        (self.prefix.len() + digits <= ID_LIMIT + DIGITS_LIMIT
            && core::str::from_utf8(&self.prefix).is_ok()
            && bits.is_done())
        .then_some(())
    }

    fn read_names(&mut self, input: &mut Input, items: usize) -> Option<()> {
        let length = input.length();
        self.names.extend(input.slice(length));
        let mut names = Names::new(&self.names);
        let mut last: Vec<u8> = Vec::with_capacity(ID_LIMIT);
        for at in 0..items {
            if at % BLOCK == 0 {
                let start = self.names.len() - names.bytes.len();
                self.blocks.push(start as u32);
                names = Names::new(tail(&self.names, start as u32));
            }
            let name = names.step()?;
            let is_ascending = at == 0 || last.as_slice() < name;
            if !is_ascending || name.len() > ID_LIMIT || core::str::from_utf8(name).is_err() {
                return None;
            }
            last.clear();
            last.extend(name);
        }
        names.bytes.is_empty().then_some(())
    }

    /// The stretch of each id, each as often as it is long.
    fn read_places(&mut self, (bytes, stretch): (&[u8], u32), items: usize) -> Option<()> {
        let width = width_of(items).checked_sub(stretch).filter(|width| *width > 0)?;
        let mut bits = Bits::new(bytes);
        // How many ids each stretch has; with its first place that makes the next.
        let mut taken = vec![0u32; 1 << width];
        self.places.reserve_exact(items);
        self.order = vec![0; items];
        for at in 0..items {
            let part = bits.take(width) as u32;
            let taken = taken.get_mut(part as usize).filter(|taken| **taken < 1 << stretch)?;
            let place = (part << stretch) + *taken;
            *taken += 1;
            *self.order.get_mut(place as usize)? = at as u32;
            self.places.push(place);
        }
        bits.is_done().then_some(())
    }

    /// The place of an item.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<u32> {
        let at = if self.width == NAMES as usize { self.find_name(id)? } else { self.find_number(id)? };
        if self.places.is_empty() { Some(at as u32) } else { self.places.get(at).copied() }
    }

    fn find_number(&self, id: &str) -> Option<usize> {
        let digits = id.as_bytes().strip_prefix(self.prefix.as_slice())?;
        let has_width = match self.width {
            0 => digits.len() <= DIGITS_LIMIT && (digits.first() != Some(&b'0') || digits.len() == 1),
            width => digits.len() == width,
        };
        let mut number = 0;
        for digit in digits {
            if !digit.is_ascii_digit() || !has_width {
                return None;
            }
            number = number * 10 + u64::from(digit - b'0');
        }
        if digits.is_empty() { None } else { self.numbers.binary_search(&number).ok() }
    }

    fn find_name(&self, id: &str) -> Option<usize> {
        let after = self.blocks.partition_point(|start| {
            let mut names = Names::new(tail(&self.names, *start));
            names.step().is_some_and(|first| first <= id.as_bytes())
        });
        let block = after.checked_sub(1)?;
        let mut names = Names::new(tail(&self.names, *self.blocks.get(block)?));
        for at in block * BLOCK..(block + 1) * BLOCK {
            if names.step()? == id.as_bytes() {
                return Some(at);
            }
        }
        None
    }

    /// The id of an item.
    #[must_use]
    pub fn id(&self, item: u32) -> Option<String> {
        let at = if self.order.is_empty() { item } else { *self.order.get(item as usize)? } as usize;
        if self.width != NAMES as usize {
            let mut number = *self.numbers.get(at)?;
            let mut digits: Vec<u8> = Vec::with_capacity(DIGITS_LIMIT);
            while number > 0 || digits.len() < self.width.max(1) {
                digits.push(b'0' + (number % 10) as u8);
                number /= 10;
            }
            let mut id = self.prefix.clone();
            id.extend(digits.iter().rev());
            return String::from_utf8(id).ok();
        }
        let mut names = Names::new(tail(&self.names, *self.blocks.get(at / BLOCK)?));
        for _ in 0..at % BLOCK {
            names.step()?;
        }
        names.step().and_then(|id| core::str::from_utf8(id).ok()).map(String::from)
    }
}

/// Walks names one by one, rebuilding each from the one before.
struct Names<'a> {
    bytes: &'a [u8],
    name: Vec<u8>,
}

impl<'a> Names<'a> {
    /// From the first byte of a block.
    fn new(bytes: &'a [u8]) -> Names<'a> {
        Names { bytes, name: Vec::new() }
    }

    /// The next name, or nothing at the end and where the bytes are no names.
    fn step(&mut self) -> Option<&[u8]> {
        let head = self.byte()?;
        let mut length = |nibble: usize| match nibble {
            LONG => self.byte(),
            short => Some(short),
        };
        let (shared, own) = (length(head >> 4)?, length(head & LONG)?);
        let (own, rest) = self.bytes.split_at_checked(own)?;
        if shared > self.name.len() {
            return None;
        }
        self.name.truncate(shared);
        self.name.extend(own);
        self.bytes = rest;
        Some(&self.name)
    }

    fn byte(&mut self) -> Option<usize> {
        let (byte, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(usize::from(*byte))
    }
}

fn tail(bytes: &[u8], from: u32) -> &[u8] {
    bytes.get(from as usize..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::Packed;
    use crate::rng::Rng;
    use alloc::format;

    /// In any order of places, each id is found where it was put and no other is.
    fn come_back(mut ids: Vec<String>, most: usize) {
        let mut rng = Rng::new(9, 0);
        for shuffled in [false, true] {
            for at in (1..ids.len()).rev().filter(|_| shuffled) {
                ids.swap(at, rng.below(at as u64 + 1) as usize);
            }
            let Packed(bytes) = pack_ids(&ids);
            assert!(shuffled || bytes.len() <= most, "{} bytes for {:?}…", bytes.len(), ids.first());
            let read = Ids::read(&bytes, ids.len()).unwrap();
            for (id, at) in ids.iter().zip(0..) {
                assert_eq!(read.id(at).as_ref(), Some(id));
                assert_eq!(read.find(id), Some(at));
                for other in
                    [format!("{id}0"), format!("0{id}"), format!("x{id}"), id.chars().skip(1).collect()]
                {
                    assert_eq!(read.find(&other), ids.iter().position(|id| *id == other).map(|at| at as u32));
                }
            }
            assert_eq!((read.id(ids.len() as u32), read.find(""), read.find("上")), (None, None, None));
            assert!(Ids::read(&bytes, ids.len() + 1).is_none() && Ids::read(&bytes, ids.len() - 1).is_none());
        }
    }

    #[test]
    fn numbers_with_a_prefix_or_of_one_width_are_found_again() {
        come_back((0..300u64).map(|n| format!("{}", n * n + 3)).collect(), 400);
        come_back((0..300u64).map(|n| format!("SKU-{:06}", n * 7)).collect(), 180);
        come_back(vec!["7".into()], 6);
        come_back(vec!["0".into(), "999999999999".into()], 20);
    }

    #[test]
    fn names_are_found_again_also_long_and_korean_ones() {
        let mut ids: Vec<String> = (0..500u32).map(|n| format!("상품-{}x", n * 7919 % 5000)).collect();
        ids.extend((0..40u32).map(|n| format!("a{}{n}", "-shared-prefix-".repeat(3))));
        ids.push("9".repeat(13));
        ids.sort();
        ids.dedup();
        come_back(ids, 9000);
    }

    #[test]
    fn noise_is_refused_or_gives_ids_that_are_found() {
        let mut rng = Rng::new(2, 0);
        for round in 0..4000u64 {
            let mut bytes: Vec<u8> = (0..rng.below(40)).map(|_| rng.next_u64() as u8).collect();
            bytes.insert(0, (round % 15) as u8);
            let items = 1 + rng.below(20) as usize;
            let Some(ids) = Ids::read(&bytes, items) else { continue };
            for at in 0..items as u32 {
                assert_eq!(ids.find(&ids.id(at).unwrap()), Some(at));
            }
        }
    }
}
