//! Puts like beside like, so that the gaps between an item and its followers are
//! short. Never changes what a model says, only where its items stand.
//!
//! Items that follow each other are first joined into chains, the strongest pair
//! first; then each half of the chains trades items with the other as long as
//! that brings followers together, and so on within the halves (after Dhulipala
//! et al., "Compressing graphs and indexes with recursive graph bisection", 2016,
//! with plain counts of neighbours for the gain).

use crate::lists::Lists;

/// Rounds of trade between two halves; most settle in half as many.
const ROUNDS: usize = 8;
/// Fewer items than these are not divided further.
const SMALL: usize = 8;

/// All items of the lists, like beside like.
#[must_use]
pub fn by_likeness(lists: &Lists) -> Vec<u32> {
    let near = Neighbours::of(lists);
    let mut order = chains(lists);
    let mut sides = vec![Side::Away; order.len()];
    let mut parts: Vec<&mut [u32]> = vec![&mut order];
    while let Some(part) = parts.pop() {
        if part.len() >= SMALL {
            let half = part.len() / 2;
            trade(part, half, &near, &mut sides);
            let (left, right) = part.split_at_mut(half);
            parts.extend([left, right]);
        }
    }
    order
}

/// Where an item stands while two halves trade.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Side {
    Away,
    Left,
    Right,
}

/// Who follows or is followed by whom.
struct Neighbours {
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Neighbours {
    fn of(lists: &Lists) -> Neighbours {
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        for (item, at) in (0..lists.items()).zip(0u32..) {
            for (other, _) in lists.get(item) {
                pairs.extend([(at, *other), (*other, at)]);
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        let mut starts = vec![0u32; lists.items() + 1];
        for (item, _) in &pairs {
            if let Some(count) = starts.get_mut(*item as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        Neighbours { starts, items: pairs.into_iter().map(|(_, other)| other).collect() }
    }

    fn get(&self, item: u32) -> &[u32] {
        let bound = |at: usize| self.starts.get(at).map_or(0, |start| *start as usize);
        self.items.get(bound(item as usize)..bound(item as usize + 1)).unwrap_or_default()
    }
}

/// Joins items into chains, the strongest pair first.
fn chains(lists: &Lists) -> Vec<u32> {
    let mut pairs: Vec<(f32, u32, u32)> = Vec::new();
    for (item, at) in (0..lists.items()).zip(0u32..) {
        pairs.extend(lists.get(item).iter().map(|(other, weight)| (*weight, at, *other)));
    }
    pairs.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut chain_of: Vec<u32> = (0..lists.items() as u32).collect();
    let mut chains: Vec<Vec<u32>> = chain_of.iter().map(|item| vec![*item]).collect();
    let length = |chains: &[Vec<u32>], chain: u32| chains.get(chain as usize).map_or(0, Vec::len);
    for (_, one, other) in pairs {
        let chain = |item: u32| chain_of.get(item as usize).copied().unwrap_or_default();
        let (mut long, mut short) = (chain(one), chain(other));
        if long == short {
            continue;
        }
        if length(&chains, long) < length(&chains, short) {
            (long, short) = (short, long);
        }
        let moved = chains.get_mut(short as usize).map(std::mem::take).unwrap_or_default();
        for item in &moved {
            if let Some(chain) = chain_of.get_mut(*item as usize) {
                *chain = long;
            }
        }
        if let Some(chain) = chains.get_mut(long as usize) {
            chain.extend(moved);
        }
    }
    chains.concat()
}

/// Swaps items between the halves while both together gain neighbours by it.
fn trade(part: &mut [u32], half: usize, near: &Neighbours, sides: &mut [Side]) {
    let mut gains: Vec<(i32, usize)> = Vec::with_capacity(part.len());
    for _ in 0..ROUNDS {
        for (item, at) in part.iter().zip(0..) {
            let side = if at < half { Side::Left } else { Side::Right };
            if let Some(known) = sides.get_mut(*item as usize) {
                *known = side;
            }
        }
        gains.clear();
        for (item, at) in part.iter().zip(0..) {
            let mut right = 0;
            for other in near.get(*item) {
                match sides.get(*other as usize) {
                    Some(Side::Left) => right -= 1,
                    Some(Side::Right) => right += 1,
                    _ => {}
                }
            }
            gains.push((if at < half { right } else { -right }, at));
        }
        let (left, right) = gains.split_at_mut(half);
        left.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        right.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut traded = 0;
        for ((gain, one), (other_gain, other)) in left.iter().zip(right.iter()) {
            if gain + other_gain <= 0 {
                break;
            }
            part.swap(*one, *other);
            traded += 1;
        }
        if traded == 0 {
            break;
        }
    }
    for item in part.iter() {
        if let Some(known) = sides.get_mut(*item as usize) {
            *known = Side::Away;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists::{Occurrences, Shape, count};
    use crate::read::read;

    #[test]
    fn items_of_one_kind_end_up_side_by_side() {
        // Eight kinds of eight items, whose ids are dealt out like cards.
        let mut text = String::new();
        for visit in 0..400u32 {
            let kind = visit % 8;
            (0..5).for_each(|step| {
                text.push_str(&format!("{:03} ", (visit / 8 * 7 + step * 3) % 8 * 8 + kind))
            });
            text.push('\n');
        }
        let log = read(&mut text.as_bytes(), &[], &mut |_| ()).unwrap();
        let occurrences = Occurrences::new(&log.sessions, log.sessions.len(), log.ids.len());
        let lists = count(&log.sessions, &occurrences, Shape::default(), 1);
        let order = by_likeness(&lists);
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..64).collect::<Vec<u32>>());
        let kinds: Vec<&str> = order.iter().map(|item| log.ids[*item as usize].as_str()).collect();
        let kind = |id: &str| id.parse::<u32>().unwrap() % 8;
        let changes = kinds.windows(2).filter(|pair| kind(pair[0]) != kind(pair[1])).count();
        assert!(changes <= 12, "{changes} changes of kind: {kinds:?}");
    }
}
