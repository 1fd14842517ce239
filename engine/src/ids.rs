//! Items' ids in few bytes, found by id and by place. Never holds an id twice,
//! and never trusts what it reads.
//!
//! Ids stand in ascending order, as the differences of their numbers where all
//! are digits behind one prefix, else each with only what differs from the one
//! before. Where the items' places follow another order, such as one that puts
//! like beside like, the places of the ids stand behind them, as coarsely as that
//! order allows: where the items of a stretch of places ascend by their ids, an id
//! needs to say in which stretch it stands and no more.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::bits::{BitWriter, Bits};
use crate::pack::{Input, Packed, push_varint};

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

/// Ids by their places, all different and at most 255 bytes each, in few bytes;
/// in the fewest where stretches of places ascend as [`ascending`] has them.
#[must_use]
pub fn pack_ids<S: AsRef<str>>(ids: &[S]) -> Packed {
    let mut out = Vec::new();
    let (sorted, digits) = sort(ids);
    match digits {
        Some((prefix, width)) => {
            let number = |id: &str| id.get(prefix.len()..).and_then(|digits| digits.parse().ok());
            push_varint(&mut out, width as u64);
            push_varint(&mut out, prefix.len() as u64);
            out.extend(prefix.as_bytes());
            let mut next = 0;
            let mut gaps: Vec<u64> = Vec::with_capacity(sorted.len());
            for (id, _) in &sorted {
                let number = number(id).unwrap_or(next);
                gaps.push(number - next);
                next = number + 1;
            }
            let written = |low: u32| {
                let mut bits = BitWriter::default();
                gaps.iter().for_each(|gap| bits.number(*gap, low));
                (bits.finish(), low)
            };
            let shortest = (0..24).map(written).min_by_key(|(bytes, _)| bytes.len());
            let (bytes, low) = shortest.unwrap_or_default();
            push_varint(&mut out, u64::from(low));
            push_varint(&mut out, bytes.len() as u64);
            out.extend(bytes);
        }
        None => {
            push_varint(&mut out, NAMES);
            let names = pack_names(&sorted);
            push_varint(&mut out, names.len() as u64);
            out.extend(names);
        }
    }
    let stretch = longest_stretch(&sorted);
    let width = width_of(sorted.len()).saturating_sub(stretch);
    if width > 0 {
        push_varint(&mut out, u64::from(stretch));
        let mut bits = BitWriter::default();
        sorted.iter().for_each(|(_, place)| bits.bits(u64::from(*place >> stretch), width));
        out.extend(bits.finish());
    }
    Packed(out)
}

/// The places of ids in the order in which [`pack_ids`] writes them: as numbers
/// where they are numbers behind one prefix, else as text.
#[must_use]
pub fn ascending<S: AsRef<str>>(ids: &[S]) -> Vec<u32> {
    sort(ids).0.into_iter().map(|(_, place)| place).collect()
}

/// A prefix before digits, and their width.
type Digits<'a> = Option<(&'a str, usize)>;

fn sort<S: AsRef<str>>(ids: &[S]) -> (Vec<(&str, u32)>, Digits<'_>) {
    let mut sorted: Vec<(&str, u32)> = ids.iter().map(AsRef::as_ref).zip(0..).collect();
    sorted.sort_unstable();
    let digits = digits_of(&sorted);
    if let Some((prefix, _)) = digits {
        sorted.sort_by_cached_key(|(id, _)| {
            id.get(prefix.len()..).and_then(|digits| digits.parse().ok()).unwrap_or(0u64)
        });
    }
    (sorted, digits)
}

/// The longest stretch of places, as a power of two, in each of which ids ascend.
fn longest_stretch(sorted: &[(&str, u32)]) -> u32 {
    let mut ranks = vec![0u32; sorted.len()];
    for ((_, place), rank) in sorted.iter().zip(0..) {
        if let Some(known) = ranks.get_mut(*place as usize) {
            *known = rank;
        }
    }
    let ascend = |stretch: &u32| ranks.chunks(1 << stretch).all(<[u32]>::is_sorted);
    (0..=width_of(sorted.len())).rev().find(ascend).unwrap_or(0)
}

/// The prefix before all ids' digits, and their width.
fn digits_of<'a>(sorted: &[(&'a str, u32)]) -> Digits<'a> {
    let (first, last) = (sorted.first()?.0, sorted.last()?.0);
    // What the first and the last of sorted ids share, all share.
    let shared = first.bytes().zip(last.bytes()).take_while(|(a, b)| a == b).count();
    let is_digit = |byte: u8| byte.is_ascii_digit();
    let digits = first.bytes().take(shared).rev().take_while(|byte| is_digit(*byte)).count();
    let prefix = first.get(..shared - digits)?;
    let own = |id: &'a str| id.get(prefix.len()..).unwrap_or_default();
    let width = own(first).len();
    let fits = |id: &str| (1..=DIGITS_LIMIT).contains(&id.len()) && id.bytes().all(is_digit);
    let is_plain = |id: &str| !id.starts_with('0') || id.len() == 1;
    if !sorted.iter().all(|(id, _)| fits(own(id))) {
        None
    } else if sorted.iter().all(|(id, _)| is_plain(own(id))) {
        Some((prefix, ANY_WIDTH as usize))
    } else {
        sorted.iter().all(|(id, _)| own(id).len() == width).then_some((prefix, width))
    }
}

fn pack_names(sorted: &[(&str, u32)]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut last: &[u8] = &[];
    for (at, (id, _)) in sorted.iter().enumerate() {
        let id = id.as_bytes();
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
    out
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
