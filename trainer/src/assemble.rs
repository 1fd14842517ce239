//! Counted lists → a model within a budget. Never passes the budget by a byte,
//! and drops first what the shop's visitors would miss least.

use vitrine_engine::intent::Intent;
use vitrine_engine::lists::{Follower, Packed, SCALE_MAX, WEIGHT_MAX, Writer, pack_ids, scale};
use vitrine_engine::recommend::{Card, DECAY_ONE, HISTORY, Model, POPULAR_LIMIT, REPEAT_MAX};

use crate::lists::{LENGTH, Lists};

/// Steps of a list's scale in one doubling; see [`scale`].
const STEPS_A_DOUBLING: f32 = 4.0;
/// The part of the budget that ids may take before the lists, as a fraction.
/// Measured on bol_last2d at 64 kB: two thirds hold all 17,676 ids and hit .435
/// of all next clicks and .126 of novel ones; one half hits .354 and .163, since
/// an item without an id cannot be returned to.
const IDS_SHARE: (usize, usize) = (2, 3);
/// The part that ids and cards may take together.
const CARDS_SHARE: (usize, usize) = (1, 2);

/// How the counted lists speak together for a visitor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Serving {
    /// A follower counts by its weight over this power of its list's total: at
    /// 1 as a share, at 0 as a count.
    pub power: f32,
    /// What is left of an item's word with each other item seen since; above 0, below 1.
    pub decay: f32,
    /// What the likeliest return gains, when the strongest follower gains 1; 0..=16.
    pub repeat: f32,
}

/// What a model is made of.
#[derive(Debug)]
pub struct Goods<'a> {
    /// Ids of all items, ascending.
    pub ids: &'a [String],
    /// Clicks of each item.
    pub clicks: &'a [u32],
    /// Their followers.
    pub lists: &'a Lists,
    /// How likely a return is; see [`crate::lists::returns`].
    pub returns: &'a [f32],
    /// Cards, by the items' places among `ids`.
    pub cards: &'a [Card],
    /// The propensity model.
    pub intent: Option<Intent>,
}

/// How much of the goods a model holds.
#[derive(Debug, Clone)]
struct Extent {
    /// The most popular items.
    items: usize,
    /// The cards of the most popular items that have one.
    cards: usize,
    /// Of each item's followers the best.
    lengths: Vec<u8>,
}

/// A model with everything, whatever it takes.
#[must_use]
pub fn whole(goods: &Goods, serving: Serving) -> Model {
    let extent = Extent {
        items: goods.ids.len(),
        cards: goods.cards.len(),
        lengths: vec![LENGTH as u8; goods.ids.len()],
    };
    draft(goods, serving, &by_popularity(goods), &extent)
}

/// The sealed model with as much as fits into `budget` bytes; nothing if not
/// even an empty one fits.
#[must_use]
pub fn within(goods: &Goods, serving: Serving, budget: usize) -> Option<(Model, Vec<u8>)> {
    let order = by_popularity(goods);
    let made = |extent: &Extent| {
        let model = draft(goods, serving, &order, extent);
        let bytes = model.seal();
        (model, bytes)
    };
    let size = |extent: &Extent| made(extent).1.len();
    let share = |(part, of): (usize, usize)| budget * part / of;
    let mut extent = Extent { items: goods.ids.len(), cards: 0, lengths: vec![0; goods.ids.len()] };
    extent.items =
        most(goods.ids.len(), |items| size(&Extent { items, ..extent.clone() }) <= share(IDS_SHARE));
    extent.cards =
        most(goods.cards.len(), |cards| size(&Extent { cards, ..extent.clone() }) <= share(CARDS_SHARE));

    // A follower is worth the clicks it stands for, and the less the further
    // down its list, where better ones have taken the places already.
    let mut worth: Vec<(f32, u32, u8)> = Vec::new();
    for (item, at) in (0..goods.lists.items()).zip(0u32..) {
        let followers = goods.lists.get(item).iter().zip(0u8..);
        worth.extend(followers.map(|((_, weight), place)| (weight / f32::from(place + 1), at, place)));
    }
    worth.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let lengths = |count: usize| {
        let mut lengths = vec![0u8; goods.ids.len()];
        for (_, item, _) in worth.iter().take(count) {
            lengths.iter_mut().skip(*item as usize).take(1).for_each(|length| *length += 1);
        }
        lengths
    };
    let kept =
        most(worth.len(), |count| size(&Extent { lengths: lengths(count), ..extent.clone() }) <= budget);
    extent.lengths = lengths(kept);
    Some(made(&extent)).filter(|(_, bytes)| bytes.len() <= budget)
}

/// The highest number up to `limit` that was seen to fit, or 0. Sizes grow
/// with the number but for a few bits, so that halving finds it.
fn most(limit: usize, fits: impl Fn(usize) -> bool) -> usize {
    if fits(limit) {
        return limit;
    }
    let (mut low, mut high) = (0, limit);
    while high - low > 1 {
        let middle = low.midpoint(high);
        if fits(middle) { low = middle } else { high = middle }
    }
    low
}

/// The places of all items, most clicked first; equals by id.
fn by_popularity(goods: &Goods) -> Vec<u32> {
    let clicks = |item: &u32| goods.clicks.get(*item as usize).copied().unwrap_or_default();
    let mut order: Vec<u32> = (0..goods.ids.len() as u32).collect();
    order.sort_by_key(|item| std::cmp::Reverse(clicks(item)));
    order
}

fn draft(goods: &Goods, serving: Serving, order: &[u32], extent: &Extent) -> Model {
    let mut items: Vec<u32> = order.iter().take(extent.items).copied().collect();
    items.sort_unstable();
    // Where an item of the log stands in the model.
    let place = |item: u32| items.binary_search(&item).ok().map(|place| place as u32);

    let strength = |item: u32| {
        let first = goods.lists.get(item as usize).first().map_or(0.0, |(_, weight)| *weight);
        let total = goods.lists.total(item as usize);
        if first > 0.0 { first / libm::powf(total, serving.power) } else { 0.0 }
    };
    let strongest = items.iter().map(|item| strength(*item)).fold(0.0, f32::max);

    let mut writer = Writer::default();
    let mut list: Vec<Follower> = Vec::new();
    for item in &items {
        let followers = goods.lists.get(*item as usize);
        let first = followers.first().map_or(1.0, |(_, weight)| *weight);
        let length = extent.lengths.get(*item as usize).copied().unwrap_or_default();
        list.clear();
        for (follower, weight) in followers.iter().take(usize::from(length)) {
            let share = libm::roundf(weight / first * f32::from(WEIGHT_MAX));
            let weight = share.clamp(1.0, f32::from(WEIGHT_MAX)) as u8;
            list.extend(place(*follower).map(|item| Follower { item, weight }));
        }
        list.sort_unstable_by_key(|follower| follower.item);
        let below = if list.is_empty() { 0.0 } else { libm::log2f(strength(*item) / strongest) };
        let step = f32::from(SCALE_MAX) + libm::roundf(below * STEPS_A_DOUBLING);
        writer.list(items.len() as u32, step.max(0.0) as u8, &list);
    }

    let ids: Vec<&str> =
        items.iter().filter_map(|item| goods.ids.get(*item as usize)).map(String::as_str).collect();
    let unit = u32::from(DECAY_ONE) * u32::from(WEIGHT_MAX) * scale(SCALE_MAX);
    let mut left = 1.0;
    let decay = std::iter::repeat_with(|| {
        let now = libm::roundf(f32::from(DECAY_ONE) * left) as u16;
        left *= serving.decay;
        now
    });
    let repeat = goods.returns.iter().map(|share| {
        let gain = f64::from(serving.repeat) * f64::from(*share) * f64::from(unit);
        libm::round(gain).clamp(0.0, f64::from(REPEAT_MAX)) as u32
    });
    Model {
        items: items.len() as u32,
        ids: pack_ids(&ids),
        lists: writer.finish(),
        together: Packed::default(),
        decay: decay.take(HISTORY).collect(),
        repeat: repeat.take(HISTORY).collect(),
        popular: order.iter().take(POPULAR_LIMIT).filter_map(|item| place(*item)).collect(),
        cards: choose_cards(goods, order, extent.cards, &place),
        intent: goods.intent.clone(),
    }
}

fn choose_cards(goods: &Goods, order: &[u32], count: usize, place: &dyn Fn(u32) -> Option<u32>) -> Vec<Card> {
    let known = |item: &u32| goods.cards.binary_search_by_key(item, |card| card.item).ok();
    let mut cards: Vec<Card> = order
        .iter()
        .filter_map(known)
        .filter_map(|at| goods.cards.get(at))
        .take(count)
        .filter_map(|card| place(card.item).map(|item| Card { item, ..card.clone() }))
        .collect();
    cards.sort_unstable_by_key(|card| card.item);
    cards
}
