//! Counted lists → a model within a budget. Never passes the budget by a byte,
//! and drops first what the shop's visitors would miss least.

use vitrine_engine::ids::{ascending, pack_ids};
use vitrine_engine::intent::Intent;
use vitrine_engine::lists::{Follower, SCALE_MAX, WEIGHT_MAX, Writer, scale};
use vitrine_engine::recommend::{
    Card, DECAY_ONE, HISTORY, HOP_MAX, HOP_SHIFT, Index, Model, POPULAR_LIMIT, REPEAT_MAX,
};

use crate::lists::Lists;
use crate::order::by_likeness;
use crate::together::Together;

/// Steps of a list's scale in one doubling; see [`scale`].
const STEPS_A_DOUBLING: f32 = 4.0;
/// The part of the budget that ids may take before the lists, as a fraction:
/// an item without an id cannot be returned to.
const IDS_SHARE: (usize, usize) = (2, 3);
/// The part that ids and cards may take together.
const CARDS_SHARE: (usize, usize) = (1, 2);
/// The part that ids, cards and baskets may take together.
const BASKETS_SHARE: (usize, usize) = (3, 5);
/// The stretches of likes that are tried, as powers of two, and one of all items.
const STRETCHES: [u32; 5] = [2, 4, 6, 8, ALL];
const ALL: u32 = 30;
/// A model this near below the budget, as a part of it, is near enough.
const NEAR: usize = 500;
/// Drafts that the search for the nearest one may take.
const DRAFTS: usize = 24;

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
    /// What the strongest follower of a candidate gains, when the candidate has
    /// 1; 0..=3.
    pub hop: f32,
    /// Exp
    pub trust: f32,
    /// Exp
    pub depth: f32,
    /// Exp
    pub levels: u8,
}

/// Where the search begins, and what a log too short to choose by gets.
impl Default for Serving {
    fn default() -> Self {
        Serving { power: 0.75, decay: 0.5, repeat: 0.8, hop: 0.5, trust: 1.0, depth: 1.0, levels: 15 }
    }
}

/// What a model is made of.
#[derive(Debug, Clone)]
pub struct Goods<'a> {
    /// Ids of all items, ascending.
    pub ids: &'a [String],
    /// Clicks of each item.
    pub clicks: &'a [u32],
    /// Their followers.
    pub lists: &'a Lists,
    /// What goes into one basket with them.
    pub together: Option<&'a Together>,
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
    /// The best pairs of baskets.
    baskets: usize,
    /// The best pairs of followers.
    pairs: usize,
    /// Like stands beside like but for stretches of 2 to this power, in which ids
    /// ascend: they need say the less, and the gaps between likes the more.
    stretch: u32,
}

/// Goods on their way to a model: what is the same for every extent.
struct Workshop<'a> {
    goods: &'a Goods<'a>,
    serving: Serving,
    /// Items, most clicked first; equals by id.
    popular: Vec<u32>,
    /// For each item what its list's scale measures.
    strengths: Vec<f32>,
    /// For each follower, as the lists have them, the rank of its pair: 0 is
    /// worth the most; empty while nobody asked.
    ranks: Vec<u32>,
    pairs: usize,
    /// Items, like beside like; in order while nobody asked.
    likeness: Vec<u32>,
    /// For each item where its id stands among the ids as they are written.
    written: Vec<u32>,
}

/// A model of all lists, ids in order, with its index: for trying. Its lists are
/// not packed.
#[must_use]
pub fn whole(goods: &Goods, serving: Serving) -> (Model, Index) {
    let shop = Workshop::new(goods, serving);
    let extent =
        Extent { items: goods.ids.len(), cards: 0, pairs: usize::MAX, baskets: 0, stretch: ALL };
    let (mut model, lists) = shop.lay_out(&extent);
    serve(&mut model, goods.returns, serving);
    let index = lists.unfold().and_then(|lists| Index::of(&model, lists));
    (model, index.unwrap_or_default())
}

/// The sealed model with as much as fits into `budget` bytes; nothing if not
/// even an empty one fits.
#[must_use]
pub fn within(goods: &Goods, serving: Serving, budget: usize) -> Option<(Model, Vec<u8>)> {
    fit(goods, serving, &[budget]).pop().flatten()
}

/// As [`within`], for several budgets.
#[must_use]
pub fn fit(goods: &Goods, serving: Serving, budgets: &[usize]) -> Vec<Option<(Model, Vec<u8>)>> {
    let mut shop = Workshop::new(goods, serving);
    shop.likeness = by_likeness(goods.lists);
    for (item, rank) in ascending(goods.ids).into_iter().zip(0..) {
        shop.written.iter_mut().skip(item as usize).take(1).for_each(|known| *known = rank);
    }
    (shop.ranks, shop.pairs) = rank_pairs(goods.lists, serving);
    budgets.iter().map(|budget| shop.within(*budget)).collect()
}

/// How each item ranks with what it is served with; to be set after counting.
pub fn serve(model: &mut Model, returns: &[f32], serving: Serving) {
    let unit = u32::from(DECAY_ONE) * u32::from(WEIGHT_MAX) * scale(SCALE_MAX);
    let mut left = 1.0;
    let decay = std::iter::repeat_with(|| {
        let now = libm::roundf(f32::from(DECAY_ONE) * left) as u16;
        left *= serving.decay;
        now
    });
    let repeat = returns.iter().map(|share| {
        let gain = f64::from(serving.repeat) * f64::from(*share) * f64::from(unit);
        libm::round(gain).clamp(0.0, f64::from(REPEAT_MAX)) as u32
    });
    let strongest = f64::from(u32::from(WEIGHT_MAX) * scale(SCALE_MAX));
    let hop = f64::from(serving.hop) * f64::from(1u32 << HOP_SHIFT) / strongest;
    model.decay = decay.take(HISTORY).collect();
    model.repeat = repeat.take(HISTORY).collect();
    model.hop = libm::round(hop).clamp(0.0, f64::from(HOP_MAX)) as u16;
}

/// What a list's scale measures: how much its first follower is to be trusted.
fn strength(lists: &Lists, item: usize, power: f32) -> f32 {
    let first = lists.get(item).first().map_or(0.0, |(_, weight)| *weight);
    if first > 0.0 { first / libm::powf(lists.total(item), power) } else { 0.0 }
}

/// The highest strength of all lists, which every scale of a model is measured by.
#[must_use]
pub fn strongest(lists: &Lists, power: f32) -> f32 {
    (0..lists.items()).map(|item| strength(lists, item, power)).fold(0.0, f32::max)
}

impl<'a> Workshop<'a> {
    fn new(goods: &'a Goods<'a>, serving: Serving) -> Workshop<'a> {
        let clicks = |item: &u32| goods.clicks.get(*item as usize).copied().unwrap_or_default();
        let mut popular: Vec<u32> = (0..goods.ids.len() as u32).collect();
        popular.sort_by_key(|item| std::cmp::Reverse(clicks(item)));
        Workshop {
            goods,
            serving,
            popular,
            strengths: (0..goods.ids.len()).map(|item| strength(goods.lists, item, serving.power)).collect(),
            ranks: Vec::new(),
            pairs: 0,
            likeness: (0..goods.ids.len() as u32).collect(),
            written: (0..goods.ids.len() as u32).collect(),
        }
    }

    fn everything(&self) -> Extent {
        Extent {
            items: self.goods.ids.len(),
            cards: self.goods.cards.len(),
            baskets: self.goods.together.map_or(0, Together::pairs),
            pairs: self.pairs,
            stretch: ALL,
        }
    }

    fn within(&self, budget: usize) -> Option<(Model, Vec<u8>)> {
        let size = |extent: &Extent| self.draft(extent).seal().len();
        let share = |(part, of): (usize, usize)| budget * part / of;
        let all = self.everything();
        let shortest = |extent: &Extent| {
            let stretched = STRETCHES.iter().map(|stretch| Extent { stretch: *stretch, ..extent.clone() });
            stretched.min_by_key(&size).unwrap_or_else(|| extent.clone())
        };
        let mut extent = shortest(&all);
        if size(&extent) > budget {
            let Extent { stretch, .. } = extent;
            extent = Extent { cards: 0, baskets: 0, pairs: 0, ..all };
            extent.items =
                most(all.items, share(IDS_SHARE), |items| size(&Extent { items, ..extent.clone() }));
            extent.cards =
                most(all.cards, share(CARDS_SHARE), |cards| size(&Extent { cards, ..extent.clone() }));
            extent.baskets = most(all.baskets, share(BASKETS_SHARE), |baskets| {
                size(&Extent { baskets, ..extent.clone() })
            });
            extent.stretch = stretch;
            extent.pairs = most(all.pairs, budget, |pairs| size(&Extent { pairs, ..extent.clone() }));
            let shorter = shortest(&extent);
            if shorter.stretch != extent.stretch {
                extent = shorter;
                extent.pairs = most(all.pairs, budget, |pairs| size(&Extent { pairs, ..extent.clone() }));
            }
        }
        let model = self.draft(&extent);
        let bytes = model.seal();
        (bytes.len() <= budget).then_some((model, bytes))
    }

    fn draft(&self, extent: &Extent) -> Model {
        let (mut model, lists) = self.lay_out(extent);
        model.lists = lists.finish();
        model
    }

    /// A model but for its lists.
    fn lay_out(&self, extent: &Extent) -> (Model, Writer) {
        const ABSENT: u32 = u32::MAX;
        let goods = self.goods;
        let mut places = vec![ABSENT; goods.ids.len()];
        for item in self.popular.iter().take(extent.items) {
            places.iter_mut().skip(*item as usize).take(1).for_each(|place| *place = 0);
        }
        let mut items = self.likeness.clone();
        items.retain(|item| places.get(*item as usize).is_some_and(|place| *place != ABSENT));
        for stretch in items.chunks_mut(1 << extent.stretch) {
            stretch.sort_unstable_by_key(|item| self.written.get(*item as usize));
        }
        for (item, at) in items.iter().zip(0..) {
            places.iter_mut().skip(*item as usize).take(1).for_each(|place| *place = at);
        }
        // Where an item of the log stands in the model.
        let place = |item: u32| places.get(item as usize).copied().filter(|place| *place != ABSENT);
        let ids: Vec<&str> =
            items.iter().filter_map(|item| goods.ids.get(*item as usize)).map(String::as_str).collect();
        let mut model = Model {
            items: items.len() as u32,
            ids: pack_ids(&ids),
            together: goods
                .together
                .map(|together| together.write(&items, extent.baskets, &place))
                .unwrap_or_default(),
            popular: self.popular.iter().take(POPULAR_LIMIT).filter_map(|item| place(*item)).collect(),
            cards: choose_cards(goods, &self.popular, extent.cards, &place),
            intent: goods.intent.clone(),
            ..Model::default()
        };
        serve(&mut model, goods.returns, self.serving);
        (model, self.write(&items, extent.pairs, &place))
    }

    /// The lists of these items with the followers of the best pairs.
    fn write(&self, items: &[u32], pairs: usize, place: &dyn Fn(u32) -> Option<u32>) -> Writer {
        let strength = |item: u32| self.strengths.get(item as usize).copied().unwrap_or_default();
        let strongest = items.iter().map(|item| strength(*item)).fold(0.0, f32::max);
        let mut writer = Writer::default();
        let mut list: Vec<Follower> = Vec::new();
        for item in items {
            let followers = self.goods.lists.get(*item as usize);
            let from = self.goods.lists.start(*item as usize);
            let first = followers.first().map_or(1.0, |(_, weight)| *weight);
            list.clear();
            for ((follower, weight), at) in followers.iter().zip(from..) {
                if self.ranks.get(at).is_none_or(|rank| (*rank as usize) < pairs) {
                    let share = libm::roundf(weight / first * f32::from(WEIGHT_MAX));
                    let weight = share.clamp(1.0, f32::from(WEIGHT_MAX)) as u8;
                    let weight = match self.serving.levels {
                        8 => [1, 1, 2, 3, 4, 4, 6, 6, 8, 8, 8, 11, 11, 11, 15, 15][weight as usize],
                        5 => [1, 1, 2, 2, 4, 4, 4, 7, 7, 7, 10, 10, 10, 10, 15, 15][weight as usize],
                        3 => [1, 1, 2, 2, 2, 5, 5, 5, 5, 5, 5, 15, 15, 15, 15, 15][weight as usize],
                        1 => 15,
                        _ => weight,
                    };
                    list.extend(place(*follower).map(|item| Follower { item, weight }));
                }
            }
            let below = if list.is_empty() { 0.0 } else { libm::log2f(strength(*item) / strongest) };
            let step = f32::from(SCALE_MAX) + libm::roundf(below * STEPS_A_DOUBLING);
            writer.list(if list.is_empty() { 0 } else { step.max(0.0) as u8 }, &list);
        }
        writer
    }
}

/// For each follower the rank of its pair, and how many pairs there are. A
/// follower is worth the clicks it stands for, and the less the further down its
/// list, where better ones have taken the places already; a pair is worth what
/// both of its sides are, since the second side costs but a weight.
fn rank_pairs(lists: &Lists, serving: Serving) -> (Vec<u32>, usize) {
    let mut sides: Vec<(u32, u32, u32, f32)> = Vec::new();
    for (item, from) in (0..lists.items()).zip(0u32..) {
        for ((other, weight), place) in lists.get(item).iter().zip(0u16..) {
            let at = lists.start(item) as u32 + u32::from(place);
            sides.push((from.min(*other), from.max(*other), at, libm::powf(*weight, serving.trust) / libm::powf(f32::from(place + 1), serving.depth)));
        }
    }
    sides.sort_unstable_by_key(|side| (side.0, side.1, side.2));
    let mut pairs: Vec<(f32, u32, u32)> = Vec::new();
    for same in sides.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let worth = same.iter().map(|side| side.3).sum();
        if let (Some(first), Some(last)) = (same.first(), same.last()) {
            pairs.push((worth, first.2, last.2));
        }
    }
    drop(sides);
    pairs.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut ranks = vec![0u32; lists.followers()];
    for ((_, one, other), rank) in pairs.iter().zip(0..) {
        for at in [one, other] {
            ranks.iter_mut().skip(*at as usize).take(1).for_each(|known| *known = rank);
        }
    }
    (ranks, pairs.len())
}

/// The highest number up to `limit`, or one near it, whose size was seen to be
/// within the budget; 0 if none was. Sizes grow with the number but for a few
/// bytes, so that a line between two known ones points near the place.
fn most(limit: usize, budget: usize, size: impl Fn(usize) -> usize) -> usize {
    let (mut high, mut high_size) = (limit, size(limit));
    if high_size <= budget {
        return limit;
    }
    let (mut low, mut low_size) = (0, size(0));
    for draft in 0..DRAFTS {
        if high - low <= 1 || low_size > budget || low_size + budget / NEAR >= budget {
            break;
        }
        let part = (budget - low_size) as f64 / (high_size - low_size).max(1) as f64;
        // Where the line is bent, halving comes to its help; and a guess a
        // little short fits and ends the search.
        let guess = match draft % 4 {
            3 => low.midpoint(high),
            _ => low + ((high - low) as f64 * part * 0.9995) as usize,
        };
        let guess = guess.clamp(low + 1, high - 1);
        let found = size(guess);
        if found <= budget { (low, low_size) = (guess, found) } else { (high, high_size) = (guess, found) }
    }
    low
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
