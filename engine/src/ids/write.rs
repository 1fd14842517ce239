//! Ids on their way out, in the fewest bytes. Never reads any.

use alloc::vec;
use alloc::vec::Vec;

use super::{ANY_WIDTH, BLOCK, DIGITS_LIMIT, LONG, NAMES, width_of};
use crate::bits::BitWriter;
use crate::pack::{Packed, push_varint};

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
