//! The order of what to offer: item-to-item lists walked from the visitor's own
//! last items. Never touches a float.

use alloc::vec::Vec;

use super::{HISTORY, Index, Model};
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
pub fn rank(model: &Model, index: &Index, session: &[&str], exclude: &[&str], count: usize) -> Vec<u32> {
    let banned = places(model, index, exclude);
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
        match index.find(model, id) {
            Some(item) if !recent.contains(&item) => recent.push(item),
            _ => {}
        }
        if recent.len() >= HISTORY {
            break;
        }
    }
    // An item and its score in one number, so that one sort serves both orders.
    let mut scores: Vec<u64> = Vec::with_capacity(HISTORY * (LIST_LIMIT as usize / 2));
    for (ago, item) in recent.iter().enumerate() {
        let decay = u32::from(model.decay.get(ago).copied().unwrap_or_default());
        if lists == Lists::Next {
            let repeat = model.repeat.get(ago).copied().unwrap_or_default();
            scores.push(u64::from(*item) << 32 | u64::from(repeat));
        }
        index.followers(model, (lists, *item), |step, follower| {
            let score = decay * u32::from(follower.weight) * scale(step);
            scores.push(u64::from(follower.item) << 32 | u64::from(score));
        });
    }
    sort(&mut scores);
    // Add up what several items of the session said of the same candidate;
    // then the score stands in front, inverted, and the item behind.
    let mut sums: Vec<u64> = Vec::with_capacity(scores.len());
    for said in scores.chunk_by(|a, b| a >> 32 == b >> 32) {
        let sum = said.iter().fold(0u32, |sum, score| sum.saturating_add(*score as u32));
        let item = said.first().map_or(0, |score| score >> 32);
        if sum > 0 {
            sums.push(u64::from(!sum) << 32 | item);
        }
    }
    sort(&mut sums);
    let mut best = Vec::with_capacity(sums.len());
    for sum in sums {
        best.push(sum as u32);
    }
    best
}

/// Ascending, by Shell's method with Ciura's gaps: a few hundred numbers in
/// some microseconds, where the library's sort for millions would cost every
/// page two kilobytes more (measured, gzip).
fn sort(numbers: &mut [u64]) {
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

pub(super) fn places(model: &Model, index: &Index, ids: &[&str]) -> Vec<u32> {
    ids.iter().filter_map(|id| index.find(model, id)).collect()
}
