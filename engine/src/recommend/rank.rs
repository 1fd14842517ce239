//! The order of what to offer: item-to-item lists walked from the visitor's own
//! last items. Never touches a float.

use alloc::vec::Vec;

use super::{HISTORY, HOP_SHIFT, HOPS, Index, Model};
use crate::lists::{LIST_LIMIT, scale};

/// Which of a model's lists speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lists {
    /// What people go on to; returns count too.
    Next,
    /// What goes into the same basket.
    Together,
}

/// The `count` best items after a session (oldest first), as places among the
/// ids; filled up with the most popular ones.
#[must_use]
pub fn rank((model, index): (&Model, &Index), session: &[&str], exclude: &[&str], count: usize) -> Vec<u32> {
    let banned: Vec<u32> = exclude.iter().filter_map(|id| index.find(id)).collect();
    let mut best = score(model, index, Lists::Next, session.iter().copied());
    best.retain(|item| !banned.contains(item));
    best.truncate(count);
    for item in &model.popular {
        if best.len() < count && !banned.contains(item) && !best.contains(item) {
            best.push(*item);
        }
    }
    best
}

/// Everything that the session's last distinct items speak for, best first.
/// Equals stand in the order of their ids, which means nothing and never changes.
pub(super) fn score<'a>(
    model: &Model,
    index: &Index,
    lists: Lists,
    session: impl DoubleEndedIterator<Item = &'a str>,
) -> Vec<u32> {
    let mut recent: Vec<u32> = Vec::with_capacity(HISTORY);
    for id in session.rev() {
        match index.find(id) {
            Some(item) if !recent.contains(&item) => recent.push(item),
            _ => {}
        }
        if recent.len() >= HISTORY {
            break;
        }
    }
    // An item and its score in one number, so that one sort serves both orders.
    let mut scores: Vec<u64> = Vec::with_capacity(HISTORY * (LIST_LIMIT / 2));
    for (ago, item) in recent.iter().enumerate() {
        let decay = u32::from(model.decay.get(ago).copied().unwrap_or_default());
        if lists == Lists::Next {
            let repeat = model.repeat.get(ago).copied().unwrap_or_default();
            scores.push(u64::from(*item) << 32 | u64::from(repeat));
        }
        hear(index, (lists, *item), (decay.into(), 0), &mut scores);
    }
    let mut sums = add_up(&mut scores);
    if lists == Lists::Next && model.hop > 0 {
        // What follows the best ones says a little too: most where a list is short.
        let mut hops = 0;
        scores.clear();
        for sum in &sums {
            let (item, score) = (*sum as u32, !(*sum >> 32) as u32);
            scores.push(u64::from(item) << 32 | u64::from(score));
            if hops >= HOPS || recent.contains(&item) {
                continue;
            }
            hops += 1;
            let factor = u64::from(score) * u64::from(model.hop);
            hear(index, (lists, item), (factor, HOP_SHIFT), &mut scores);
        }
        sums = add_up(&mut scores);
    }
    let mut best = Vec::with_capacity(sums.len());
    for sum in sums {
        best.push(sum as u32);
    }
    best
}

/// Adds what an item's list says: weight × scale × the factor, over 2 to the
/// shift.
fn hear(index: &Index, of: (Lists, u32), (factor, shift): (u64, u32), scores: &mut Vec<u64>) {
    index.followers(of, |step, follower| {
        let score = (u64::from(u32::from(follower.weight) * scale(step)) * factor) >> shift;
        scores.push(u64::from(follower.item) << 32 | score.min(u64::from(u32::MAX)));
    });
}

/// Adds up what was said of the same item; then the score stands in front,
/// inverted, and the item behind: best first. Items of no score are left out.
fn add_up(scores: &mut [u64]) -> Vec<u64> {
    sort(scores);
    let mut sums: Vec<u64> = Vec::with_capacity(scores.len());
    for said in scores.chunk_by(|a, b| a >> 32 == b >> 32) {
        let sum = said.iter().fold(0u32, |sum, score| sum.saturating_add(*score as u32));
        let item = said.first().map_or(0, |score| score >> 32);
        if sum > 0 {
            sums.push(u64::from(!sum) << 32 | item);
        }
    }
    sort(&mut sums);
    sums
}

/// Ascending, by Shell's method with Ciura's gaps: a few hundred numbers in
/// some microseconds, where the library's sort for millions would cost every
/// page two kilobytes more (measured, gzip).
pub(super) fn sort(numbers: &mut [u64]) {
    for gap in [301, 132, 57, 23, 10, 4, 1] {
        for end in gap..numbers.len() {
            let mut at = end;
            while at >= gap && numbers.get(at - gap) > numbers.get(at) {
                numbers.swap(at - gap, at);
                at -= gap;
            }
        }
    }
}
