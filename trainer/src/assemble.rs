//! Counted lists → a model within a budget. Never passes the budget by a byte,
//! and drops first what the shop's visitors would miss least.

use vitrine_engine::ids::{ascending, pack_ids};
use vitrine_engine::intent::Intent;
use vitrine_engine::lists::{Follower, SCALE_MAX, WEIGHT_MAX, Writer, scale};
use vitrine_engine::pack::Packed;
use vitrine_engine::recommend::{
    Card, DECAY_ONE, HISTORY, HOP_MAX, HOP_SHIFT, Model, POPULAR_LIMIT, REPEAT_MAX, wanted_level,
};

use crate::cut::{Cut, Mill, Pairs};
use crate::lists::Lists;
use crate::order::by_likeness;
use crate::together::Together;

/// The part of the budget that ids may take before the lists, as a fraction:
/// an item without an id cannot be returned to.
const IDS_SHARE: (usize, usize) = (2, 3);
/// The part that ids and cards may take together.
const CARDS_SHARE: (usize, usize) = (1, 2);
/// The part that ids, cards and baskets may take together.
const BASKETS_SHARE: (usize, usize) = (3, 5);
/// The stretches of likes that are tried, as powers of two; the last is one of
/// all items, where ids stand as they are written and likes are far apart.
const STRETCHES: [u32; 5] = [2, 4, 6, 8, 30];
/// The stretch that pairs are first fitted with, before the others are tried.
const FIRST_STRETCH: u32 = 6;
/// This part of a budget is near enough where nothing is packed yet.
const NEAR: usize = 200;
/// Drafts that the search for the nearest one to a budget may take. Nearly all
/// end in less than ten, with the next pair not fitting any more.
const DRAFTS: usize = 40;

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
    /// What is left out where bytes are short.
    pub cut: Cut,
}

/// Where the search begins, and what a log too short to choose by gets.
impl Default for Serving {
    fn default() -> Self {
        Serving { power: 0.75, decay: 0.5, repeat: 0.8, hop: 0.5, cut: Cut::default() }
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
    /// When in the day categories are looked at; see [`crate::hours`].
    pub hours: &'a [(String, u32)],
    /// The propensity model.
    pub intent: Option<Intent>,
}

/// How much of the goods a model holds.
#[derive(Debug, Clone, PartialEq)]
struct Extent {
    /// The most popular items.
    items: usize,
    /// The cards of the most popular items that have one.
    cards: usize,
    /// The best pairs of baskets.
    baskets: usize,
    /// Like stands beside like but for stretches of 2 to this power, in which ids
    /// ascend: ids need say the less, and gaps between likes the more.
    stretch: u32,
}

/// A model within a budget.
#[derive(Debug, Clone)]
pub struct Fitted {
    /// The model.
    pub model: Model,
    /// The model, sealed.
    pub bytes: Vec<u8>,
    /// How many of the best pairs of followers it holds.
    pub pairs: usize,
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
    /// worth the most.
    ranks: Vec<u32>,
    /// How many pairs there are that are worth keeping.
    pairs: usize,
    /// Items, like beside like.
    likeness: &'a [u32],
    /// For each item where its id stands among the ids as they are written.
    written: Vec<u32>,
}

/// A model but for its lists, and where the items of the log stand in it.
struct Frame {
    model: Model,
    items: Vec<u32>,
    places: Vec<u32>,
}

/// The place of an item that a model does not hold.
const ABSENT: u32 = u32::MAX;

/// The sealed model with as much as fits into `budget` bytes; nothing if not
/// even an empty one fits.
#[must_use]
pub fn within(goods: &Goods, serving: Serving, budget: usize) -> Option<(Model, Vec<u8>)> {
    let likeness = by_likeness(goods.lists);
    let fitted = fit(goods, serving, &likeness, (budget, 0))?;
    Some((fitted.model, fitted.bytes))
}

/// As [`within`], with items of which [`by_likeness`] has put like beside like; a
/// model `near` so many bytes below the budget will do.
#[must_use]
pub fn fit(
    goods: &Goods,
    serving: Serving,
    likeness: &[u32],
    (budget, near): (usize, usize),
) -> Option<Fitted> {
    Workshop::new(goods, serving, likeness).within(budget, near)
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
#[must_use]
pub fn strength(lists: &Lists, item: usize, power: f32) -> f32 {
    let first = lists.get(item).first().map_or(0.0, |(_, weight)| *weight);
    if first > 0.0 { first / libm::powf(lists.total(item), power) } else { 0.0 }
}

/// The highest strength of all lists, which every scale of a model is measured by.
#[must_use]
pub fn strongest(lists: &Lists, power: f32) -> f32 {
    (0..lists.items()).map(|item| strength(lists, item, power)).fold(0.0, f32::max)
}

impl<'a> Workshop<'a> {
    fn new(goods: &'a Goods<'a>, serving: Serving, likeness: &'a [u32]) -> Workshop<'a> {
        let pairs = Pairs::of(goods.lists);
        let mut written = vec![0; goods.ids.len()];
        for (item, rank) in ascending(goods.ids).into_iter().zip(0..) {
            if let Some(known) = written.get_mut(item as usize) {
                *known = rank;
            }
        }
        Workshop {
            goods,
            serving,
            popular: by_clicks(goods.clicks, goods.ids.len()),
            strengths: (0..goods.ids.len()).map(|item| strength(goods.lists, item, serving.power)).collect(),
            ranks: pairs.ranks(goods.lists, serving.cut),
            pairs: (pairs.ends().len() as f64 * f64::from(serving.cut.keep)) as usize,
            likeness,
            written,
        }
    }

    fn within(&self, budget: usize, near: usize) -> Option<Fitted> {
        let share = |(part, of): (usize, usize)| budget * part / of;
        let mut extent = Extent {
            items: self.goods.ids.len(),
            cards: self.goods.cards.len(),
            baskets: self.goods.together.map_or(0, Together::pairs),
            stretch: FIRST_STRETCH,
        };
        let mut frame = self.frame(&extent);
        let mut whole = self.size(&mut frame, self.pairs);
        // Where bytes are short, first come ids, then cards, baskets and pairs.
        if whole > budget {
            let all = extent.clone();
            let [.., longest] = STRETCHES;
            extent = Extent { cards: 0, baskets: 0, stretch: longest, ..extent };
            let rough = budget / NEAR;
            let size = |extent: Extent| self.size(&mut self.frame(&extent), 0);
            let most = |limit: usize, share: usize, size: &dyn Fn(usize) -> usize| {
                most((limit, size(limit)), (share, rough), size)
            };
            extent.items =
                most(all.items, share(IDS_SHARE), &|items| size(Extent { items, ..extent.clone() }));
            extent.cards =
                most(all.cards, share(CARDS_SHARE), &|cards| size(Extent { cards, ..extent.clone() }));
            extent.baskets = most(all.baskets, share(BASKETS_SHARE), &|baskets| {
                size(Extent { baskets, ..extent.clone() })
            });
            extent.stretch = FIRST_STRETCH;
            if extent != all {
                frame = self.frame(&extent);
                whole = self.size(&mut frame, self.pairs);
            }
        }
        let all = (self.pairs, whole);
        let rough = (budget, near.max(budget / NEAR));
        let pairs = most(all, rough, |pairs| self.size(&mut frame, pairs));
        let (mut stretch, mut least) = (FIRST_STRETCH, self.size(&mut frame, pairs));
        for other in STRETCHES.into_iter().filter(|other| *other != FIRST_STRETCH) {
            let mut tried = self.frame(&Extent { stretch: other, ..extent.clone() });
            let size = self.size(&mut tried, pairs);
            if size < least {
                (stretch, least, frame) = (other, size, tried);
            }
        }
        let pairs = match stretch {
            FIRST_STRETCH if rough.1 == near => pairs,
            _ => most(all, (budget, near), |pairs| self.size(&mut frame, pairs)),
        };
        frame.model.lists = self.write(&frame, pairs);
        let bytes = frame.model.seal();
        (bytes.len() <= budget).then_some(Fitted { model: frame.model, bytes, pairs })
    }

    /// The bytes of a model with its best pairs.
    fn size(&self, frame: &mut Frame, pairs: usize) -> usize {
        frame.model.lists = self.write(frame, pairs);
        frame.model.seal().len()
    }

    fn frame(&self, extent: &Extent) -> Frame {
        let goods = self.goods;
        let mut places = vec![ABSENT; goods.ids.len()];
        for item in self.popular.iter().take(extent.items) {
            if let Some(place) = places.get_mut(*item as usize) {
                *place = 0;
            }
        }
        let mut items = self.likeness.to_vec();
        items.retain(|item| places.get(*item as usize).is_some_and(|place| *place != ABSENT));
        for stretch in items.chunks_mut(1 << extent.stretch) {
            stretch.sort_unstable_by_key(|item| self.written.get(*item as usize));
        }
        for (item, at) in items.iter().zip(0..) {
            if let Some(place) = places.get_mut(*item as usize) {
                *place = at;
            }
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
            hours: goods.hours.iter().map(|(_, levels)| *levels).collect(),
            hours_of: goods.hours.iter().map(|(name, _)| name.clone()).collect(),
            intent: goods.intent.clone(),
            ..Model::default()
        };
        serve(&mut model, goods.returns, self.serving);
        Frame { model, items, places }
    }

    /// The lists of a frame's items with the followers of the best pairs.
    fn write(&self, frame: &Frame, pairs: usize) -> Packed {
        let place = |item: u32| frame.places.get(item as usize).copied().filter(|place| *place != ABSENT);
        let strength = |item: u32| self.strengths.get(item as usize).copied().unwrap_or_default();
        let strongest = frame.items.iter().map(|item| strength(*item)).fold(0.0, f32::max);
        let mill = Mill::new(self.serving.cut.grain);
        let mut writer = Writer::default();
        let mut list: Vec<Follower> = Vec::new();
        for item in &frame.items {
            let followers = self.goods.lists.get(*item as usize);
            let from = self.goods.lists.start(*item as usize);
            let first = followers.first().map_or(1.0, |(_, weight)| *weight);
            list.clear();
            for ((follower, weight), at) in followers.iter().zip(from..) {
                if self.ranks.get(at).is_some_and(|rank| (*rank as usize) < pairs) {
                    let weight = mill.weight(weight / first);
                    list.extend(place(*follower).map(|item| Follower { item, weight }));
                }
            }
            writer.list(if list.is_empty() { 0 } else { mill.scale(strength(*item) / strongest) }, &list);
        }
        writer.finish()
    }
}

/// Items, most clicked first; equals by place.
#[must_use]
pub fn by_clicks(clicks: &[u32], items: usize) -> Vec<u32> {
    let mut popular: Vec<u32> = (0..items as u32).collect();
    popular.sort_by_key(|item| std::cmp::Reverse(clicks.get(*item as usize)));
    popular
}

/// The highest number up to one whose size is known that is within the budget, or
/// one whose size is `near` so many bytes below it; 0 if none is. Sizes grow with
/// the number but for a few bytes, so that a line between two known ones points
/// near the place.
fn most(
    (mut high, mut high_size): (usize, usize),
    (budget, near): (usize, usize),
    mut size: impl FnMut(usize) -> usize,
) -> usize {
    if high_size <= budget {
        return high;
    }
    let (mut low, mut low_size) = (0, size(0));
    for draft in 0..DRAFTS {
        if high - low <= 1 || low_size + near >= budget {
            break;
        }
        let part = (budget - low_size) as f64 / (high_size - low_size).max(1) as f64;
        // Where the line is bent, halving comes to its help.
        let guess = match draft % 4 {
            3 => low.midpoint(high),
            _ => low + ((high - low) as f64 * part) as usize,
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
        .filter_map(|card| {
            let wanted = wanted_level(goods.clicks.get(card.item as usize).copied().unwrap_or_default());
            place(card.item).map(|item| Card { item, wanted, ..card.clone() })
        })
        .collect();
    cards.sort_unstable_by_key(|card| card.item);
    cards
}
