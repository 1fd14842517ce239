//! What to offer next: item-to-item lists walked from the visitor's own last
//! items. Never ships another visitor's session, never touches a float, and
//! never trusts a model's bytes: [`Model::open`] checks them once.

use alloc::string::String;
use alloc::vec::Vec;

use crate::event::WORD_LIMIT;
use crate::intent::Intent;
use crate::lists::{BLOCK, Follower, Ids, LIST_LIMIT, Packed, Reader, WEIGHT_MAX, id_at, scale};
use crate::pack::pack_struct;
use crate::profile::Profile;
use crate::seal::{self, Broken, Kind};
use crate::text::{fold, is_safe_link};

/// How many of the visitor's last items speak. On the tail of bol_last2d's
/// training log 4 hit .6163 of the next clicks, 8 .6285 and 16 .6291.
pub const HISTORY: usize = 8;
/// Bytes of a model. A shop of 40,000 items needs one megabyte for its lists;
/// the rest is room for cards.
pub const MODEL_BYTES: usize = 4 * 1024 * 1024;
/// Items of a model, so that a few bytes cannot ask for gigabytes.
pub const ITEM_LIMIT: u32 = 1 << 20;
/// Items liked by everybody that a model names, for who has no history.
pub const POPULAR_LIMIT: usize = 256;
/// The highest decay: an item's full weight.
pub const DECAY_ONE: u16 = 256;
/// The highest repeat score: above every sum of followers, which is
/// [`HISTORY`] times the highest decay, weight and scale.
pub const REPEAT_MAX: u32 = 1 << 30;

/// A trained model. Items are known by their place among the ids in ascending
/// order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Model {
    /// How many items there are.
    pub items: u32,
    /// Their ids, packed by [`crate::lists::pack_ids`].
    pub ids: Packed,
    /// For each item its followers, packed by [`crate::lists::Writer`].
    pub lists: Packed,
    /// How much the item seen n items ago counts, 0..=[`DECAY_ONE`]; index 0
    /// the last; at most [`HISTORY`].
    pub decay: Vec<u16>,
    /// What an item of the session itself gains, in the unit of decay × weight
    /// × scale, by how many other items ago it was seen; index 0 the last
    /// item; at most [`HISTORY`], each at most [`REPEAT_MAX`].
    pub repeat: Vec<u32>,
    /// The most popular items, best first; at most [`POPULAR_LIMIT`].
    pub popular: Vec<u32>,
    /// What is needed to draw an item, for those worth showing; ascending by item.
    pub cards: Vec<Card>,
    /// The propensity model, where the log held purchases.
    pub intent: Option<Intent>,
}

/// What is needed to draw an item.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Card {
    /// The item's place among the ids.
    pub item: u32,
    /// Its title.
    pub title: String,
    /// Where it leads; a safe link.
    pub link: String,
    /// Its picture; a safe link, or empty.
    pub image: String,
    /// In minor units.
    pub price: u64,
    /// The reduced price in minor units; 0 where there is none.
    pub sale: u64,
    /// Its category.
    pub category: String,
}

impl Model {
    /// Reads sealed bytes of unknown origin.
    ///
    /// # Errors
    /// Says why the bytes are no model.
    pub fn open(bytes: &[u8]) -> Result<Model, Broken> {
        Model::load(bytes).map(|(model, _)| model)
    }

    /// As [`Model::open`], with the index that checking the bytes gives.
    ///
    /// # Errors
    /// Says why the bytes are no model.
    pub fn load(bytes: &[u8]) -> Result<(Model, Index), Broken> {
        if bytes.len() > MODEL_BYTES {
            return Err(Broken::Foreign);
        }
        let model: Model = seal::open(Kind::Model, bytes)?;
        match Index::build(&model) {
            Some(index) if model.is_sound() => Ok((model, index)),
            _ => Err(Broken::Content),
        }
    }

    /// The sealed bytes.
    #[must_use]
    pub fn seal(&self) -> Vec<u8> {
        seal::seal(Kind::Model, self)
    }

    /// Every place is an item's, every bound holds, every link is harmless;
    /// ids and lists are checked by the index.
    fn is_sound(&self) -> bool {
        let card = |card: &Card| {
            card.item < self.items
                && is_safe_link(&card.link)
                && (card.image.is_empty() || is_safe_link(&card.image))
        };
        self.decay.len() <= HISTORY
            && self.decay.iter().all(|decay| *decay <= DECAY_ONE)
            && self.repeat.len() <= HISTORY
            && self.repeat.iter().all(|repeat| *repeat <= REPEAT_MAX)
            && self.popular.len() <= POPULAR_LIMIT
            && self.popular.iter().all(|item| *item < self.items)
            && self.cards.iter().all(card)
            && self.cards.is_sorted_by(|a, b| a.item < b.item)
    }

    /// The card of an item, if it has one.
    #[must_use]
    pub fn card(&self, item: u32) -> Option<&Card> {
        let at = self.cards.binary_search_by_key(&item, |card| card.item);
        self.cards.get(at.ok()?)
    }
}

/// Where things stand in a model's packed bytes; built once after loading.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Index {
    /// Where each block of ids begins, in bytes.
    blocks: Vec<u32>,
    /// Where each item's list begins, in bits.
    lists: Vec<u32>,
}

impl Index {
    /// The index of a model; empty for a model that [`Model::open`] refuses.
    #[must_use]
    pub fn new(model: &Model) -> Index {
        Index::build(model).unwrap_or_default()
    }

    /// The place of an item.
    #[must_use]
    pub fn find(&self, model: &Model, id: &str) -> Option<u32> {
        let after = self.blocks.partition_point(|start| {
            let mut ids = Ids::new(tail(&model.ids.0, *start));
            ids.step().is_some_and(|first| first <= id.as_bytes())
        });
        let block = after.checked_sub(1)?;
        let mut ids = Ids::new(tail(&model.ids.0, *self.blocks.get(block)?));
        let first = (block * BLOCK) as u32;
        (first..model.items).take(BLOCK).find(|_| ids.step().is_some_and(|known| known == id.as_bytes()))
    }

    /// The id of an item.
    #[must_use]
    pub fn id(&self, model: &Model, item: u32) -> Option<String> {
        let (block, steps) = (item as usize / BLOCK, item as usize % BLOCK);
        id_at(tail(&model.ids.0, *self.blocks.get(block)?), steps)
    }

    /// Gives every follower of `item` to `each`, with its list's scale.
    pub fn followers(&self, model: &Model, item: u32, each: impl FnMut(u8, Follower)) {
        if let Some(start) = self.lists.get(item as usize) {
            // An index is built only of lists that can be read to their end.
            let _read = Reader::new(&model.lists.0, *start as usize).list(model.items, each);
        }
    }

    /// Walks all ids and lists; nothing if any of them is not sound.
    fn build(model: &Model) -> Option<Index> {
        // An id takes at least a byte and a list at least a bit, so that what
        // is reserved here is in proportion to the bytes.
        let items = model.items as usize;
        if model.items > ITEM_LIMIT || items > model.ids.0.len() || items > model.lists.0.len() * 8 {
            return None;
        }
        let mut index =
            Index { blocks: Vec::with_capacity(items.div_ceil(BLOCK)), lists: Vec::with_capacity(items) };
        let mut ids = Ids::new(&model.ids.0);
        let mut last: Vec<u8> = Vec::with_capacity(WORD_LIMIT);
        for at in 0..items {
            let start = model.ids.0.len() - ids.rest();
            if at % BLOCK == 0 {
                index.blocks.push(start as u32);
                ids = Ids::new(tail(&model.ids.0, start as u32));
            }
            let id = ids.step()?;
            let ascending = at == 0 || last.as_slice() < id;
            if !ascending || id.len() > WORD_LIMIT || core::str::from_utf8(id).is_err() {
                return None;
            }
            last.clear();
            last.extend(id);
        }
        let mut bits = Reader::new(&model.lists.0, 0);
        for _ in 0..items {
            index.lists.push(bits.at() as u32);
            bits.list(model.items, |_, _| {})?;
        }
        (ids.rest() == 0 && bits.is_done()).then_some(index)
    }
}

/// What must not be offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exclude {
    /// What was bought.
    pub purchased: bool,
    /// What is in the cart.
    pub in_cart: bool,
    /// What was viewed.
    pub viewed: bool,
}

/// The `count` best items after a session (oldest first), as places among the
/// ids; filled up with the most popular ones.
#[must_use]
pub fn rank(model: &Model, index: &Index, session: &[&str], exclude: &[&str], count: usize) -> Vec<u32> {
    let banned = places(model, index, exclude);
    let mut best = score(model, index, session);
    best.retain(|item| !banned.contains(item));
    best.truncate(count);
    for item in &model.popular {
        if best.len() < count && !banned.contains(item) && !best.contains(item) {
            best.push(*item);
        }
    }
    best
}

/// What of a visitor's past speaks for what comes next. The page hands it to
/// the shelf, which knows no profile.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Past {
    /// Items viewed, oldest first.
    pub viewed: Vec<String>,
    /// Items that must not be offered.
    pub banned: Vec<String>,
    /// The category that the visitor leans to; empty for none.
    pub leaning: String,
}

impl Past {
    /// Of a profile; what is in view is never its own recommendation.
    #[must_use]
    pub fn of(profile: &Profile, exclude: Exclude) -> Past {
        let mut past = Past::default();
        for id in &profile.viewed {
            past.viewed.push(id.clone());
            if exclude.viewed {
                past.banned.push(id.clone());
            }
        }
        if exclude.purchased {
            profile.bought.iter().for_each(|id| past.banned.push(id.clone()));
        }
        if exclude.in_cart {
            profile.cart.iter().for_each(|line| past.banned.push(line.id.clone()));
        }
        past.banned.extend(profile.viewed.last().cloned());
        past.leaning.push_str(profile.categories.top().unwrap_or_default());
        past
    }
}

/// The cards to show a visitor; only items that have one. First what follows
/// from the items viewed, then the popular ones of the category that the
/// visitor leans to, then that category's others, then the popular ones.
#[must_use]
pub fn cards<'a>(model: &'a Model, index: &Index, past: &Past, count: usize) -> Vec<&'a Card> {
    let session: Vec<&str> = past.viewed.iter().map(String::as_str).collect();
    let exclude: Vec<&str> = past.banned.iter().map(String::as_str).collect();
    let banned = places(model, index, &exclude);
    let leaning = &past.leaning;
    let fits = |card: &Card| !leaning.is_empty() && fold(&card.category) == *leaning;
    let mut best: Vec<&Card> = Vec::new();
    let mut offer = |card: &'a Card| {
        let is_new = !banned.contains(&card.item) && best.iter().all(|known| known.item != card.item);
        if best.len() < count && is_new {
            best.push(card);
        }
    };
    for item in score(model, index, &session) {
        model.card(item).map(&mut offer);
    }
    for item in &model.popular {
        model.card(*item).filter(|card| fits(card)).map(&mut offer);
    }
    model.cards.iter().filter(|card| fits(card)).for_each(&mut offer);
    for item in &model.popular {
        model.card(*item).map(&mut offer);
    }
    best
}

/// Everything that the session's last distinct items speak for, best first.
/// Equals stand in the order of their ids, which means nothing and never changes.
fn score(model: &Model, index: &Index, session: &[&str]) -> Vec<u32> {
    let mut recent: Vec<u32> = Vec::with_capacity(HISTORY);
    for id in session.iter().rev() {
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
        let repeat = model.repeat.get(ago).copied().unwrap_or_default();
        scores.push(u64::from(*item) << 32 | u64::from(repeat));
        index.followers(model, *item, |step, follower| {
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

fn places(model: &Model, index: &Index, ids: &[&str]) -> Vec<u32> {
    ids.iter().filter_map(|id| index.find(model, id)).collect()
}

fn tail(bytes: &[u8], from: u32) -> &[u8] {
    bytes.get(from as usize..).unwrap_or_default()
}

pack_struct!(Model { items, ids, lists, decay, repeat, popular, cards, intent });
pack_struct!(Card { item, title, link, image, price, sale, category });
pack_struct!(Exclude { purchased, in_cart, viewed });
pack_struct!(Past { viewed, banned, leaning });

const _: () = {
    // No sum of followers passes the highest repeat score or 32 bits.
    let most = HISTORY as u64 * DECAY_ONE as u64 * WEIGHT_MAX as u64 * (108 << 7);
    assert!(most < REPEAT_MAX as u64 && most + REPEAT_MAX as u64 <= u32::MAX as u64);
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{ADD_TO_CART, Event, Item, PURCHASE, VIEW_ITEM};
    use crate::lists::{Writer, pack_ids};
    use crate::profile::Terms;
    use crate::rng::Rng;
    use crate::time::Millis;
    use alloc::vec;

    /// Followers by place: `(scale, [(item, weight)])` for each of the ids.
    fn model(ids: &[&str], lists: &[(u8, &[(u32, u8)])]) -> Model {
        let mut writer = Writer::default();
        for (scale, list) in lists {
            let followers: Vec<Follower> =
                list.iter().map(|(item, weight)| Follower { item: *item, weight: *weight }).collect();
            writer.list(ids.len() as u32, *scale, &followers);
        }
        Model {
            items: ids.len() as u32,
            ids: pack_ids(ids),
            lists: writer.finish(),
            decay: vec![256, 128],
            repeat: vec![0, 1 << 20],
            popular: vec![2, 0],
            ..Model::default()
        }
    }

    fn shoes() -> Model {
        // belt, boot, polish, shoe, sock
        model(
            &["belt", "boot", "polish", "shoe", "sock"],
            &[(0, &[]), (4, &[(2, 5), (3, 15)]), (0, &[]), (4, &[(0, 6), (1, 15), (4, 10)]), (0, &[(3, 1)])],
        )
    }

    fn names(model: &Model, session: &[&str], exclude: &[&str], count: usize) -> Vec<String> {
        let index = Index::new(model);
        let best = rank(model, &index, session, exclude, count);
        best.into_iter().map(|item| index.id(model, item).unwrap()).collect()
    }

    fn card(item: u32, title: &str, category: &str) -> Card {
        Card { item, title: title.into(), link: "/p".into(), category: category.into(), ..Card::default() }
    }

    #[test]
    fn followers_of_the_last_item_come_first_and_popular_ones_fill_up() {
        let model = shoes();
        assert_eq!(names(&model, &["shoe"], &[], 9), ["boot", "sock", "belt", "polish"]);
        assert_eq!(names(&model, &["shoe"], &["boot", "polish"], 9), ["sock", "belt"]);
        assert_eq!(names(&model, &["unheard-of"], &[], 9), ["polish", "belt"]);
        assert_eq!(names(&model, &[], &[], 1), ["polish"]);
        assert_eq!(names(&Model::default(), &["shoe"], &[], 5), [""; 0]);
    }

    #[test]
    fn an_item_left_a_moment_ago_is_offered_again_unless_it_is_excluded() {
        let model = shoes();
        assert_eq!(names(&model, &["boot", "shoe"], &[], 2), ["boot", "sock"]);
        assert_eq!(names(&model, &["sock", "shoe"], &[], 1), ["sock"]);
        // The same item twice is one item, seen when it was seen last.
        assert_eq!(
            names(&model, &["shoe", "sock", "shoe"], &[], 9),
            names(&model, &["sock", "shoe"], &[], 9)
        );
        assert!(!names(&model, &["sock", "shoe"], &["sock", "shoe"], 9).contains(&"sock".into()));
    }

    #[test]
    fn every_id_is_found_and_no_other() {
        let ids: Vec<String> = (0..333u32).map(|n| alloc::format!("{:05}", n * 7)).collect();
        let names: Vec<&str> = ids.iter().map(String::as_str).collect();
        let model = model(&names, &vec![(0, [].as_slice()); 333]);
        let index = Index::new(&model);
        for (id, at) in ids.iter().zip(0..) {
            assert_eq!(index.find(&model, id), Some(at));
            assert_eq!(index.id(&model, at).as_ref(), Some(id));
        }
        for other in ["", "0", "00001", "99999", "000000"] {
            assert_eq!(index.find(&model, other), None, "{other}");
        }
        assert_eq!(index.id(&model, 333), None);
    }

    #[test]
    fn cards_leave_out_what_is_in_view_in_the_cart_or_bought() {
        let mut model = shoes();
        model.cards = vec![
            card(0, "Belt", "belts"),
            card(1, "Boot", "Shoes"),
            card(3, "Shoe", "Shoes"),
            card(4, "Sock", "socks"),
        ];
        let index = Index::new(&model);
        let mut profile = Profile::new(1);
        let mut happen = |name: &str, id: &str, category: &str| {
            let item = Item { id: id.into(), category: category.into(), quantity: 1, ..Item::default() };
            profile.observe(&Event { items: vec![item], ..Event::new(name, Millis(1)) }, &Terms::default());
            profile.clone()
        };
        let titles = |profile: &Profile, exclude: Exclude| -> Vec<&str> {
            let past = Past::of(profile, exclude);
            cards(&model, &index, &past, 9).iter().map(|card| card.title.as_str()).collect()
        };
        let seen = happen(VIEW_ITEM, "shoe", "shoes");
        assert_eq!(titles(&seen, Exclude::default()), ["Boot", "Sock", "Belt"]);
        let all = Exclude { purchased: true, in_cart: true, viewed: true };
        happen(PURCHASE, "sock", "");
        assert_eq!(titles(&happen(ADD_TO_CART, "boot", ""), all), ["Belt"]);
        // An item that the model does not know still says its category.
        let mut stranger = Profile::new(2);
        let item = Item { id: "new".into(), category: "SHOES".into(), quantity: 1, ..Item::default() };
        stranger.observe(&Event { items: vec![item], ..Event::new(VIEW_ITEM, Millis(1)) }, &Terms::default());
        assert_eq!(titles(&stranger, Exclude::default()), ["Boot", "Shoe", "Belt"]);
    }

    #[test]
    fn a_model_is_opened_as_it_was_sealed_and_every_flipped_byte_is_refused() {
        let mut model = shoes();
        model.cards = vec![card(1, "Boot", "shoes")];
        let bytes = model.seal();
        assert_eq!(Model::open(&bytes), Ok(model));
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            assert!(Model::open(&flipped).is_err(), "byte {at}");
            assert!(Model::open(&bytes[..at]).is_err(), "cut at {at}");
        }
        assert_eq!(Model::open(&vec![0; MODEL_BYTES + 1]), Err(Broken::Foreign));
    }

    #[test]
    fn what_points_nowhere_or_leads_astray_is_refused() {
        let broken: [fn(&mut Model); 13] = [
            |model| model.items = 4,
            |model| model.items = 6,
            |model| model.items = u32::MAX,
            |model| model.ids = pack_ids(&["a", "b", "b", "c", "d"]),
            |model| model.lists.0.push(0),
            |model| model.lists.0.clear(),
            |model| model.popular = vec![5],
            |model| model.decay = vec![257],
            |model| model.repeat = vec![1; HISTORY + 1],
            |model| model.cards = vec![card(5, "", "")],
            |model| model.cards = vec![card(2, "", ""), card(1, "", "")],
            |model| model.cards = vec![Card { link: "javascript:alert(1)".into(), ..Card::default() }],
            |model| {
                model.intent = Some(Intent { bias: f64::NAN, ..Intent::default() });
            },
        ];
        for (at, spoil) in broken.iter().enumerate() {
            let mut model = shoes();
            spoil(&mut model);
            assert_eq!(Model::open(&model.seal()), Err(Broken::Content), "way {at}");
        }
    }

    #[test]
    fn forged_models_are_refused_or_rank_within_their_bounds() {
        let mut rng = Rng::new(7, 0);
        let mut opened = 0;
        for _ in 0..4000 {
            let mut model = shoes();
            for _ in 0..=rng.below(2) {
                let part = if rng.below(2) == 0 { &mut model.ids.0 } else { &mut model.lists.0 };
                let at = rng.below(part.len() as u64) as usize;
                part[at] ^= 1 << rng.below(8);
            }
            let Ok(model) = Model::open(&model.seal()) else { continue };
            opened += 1;
            let index = Index::new(&model);
            let best = rank(&model, &index, &["shoe", "boot", "sock"], &[], 50);
            assert!(best.iter().all(|item| *item < model.items));
            assert!((0..model.items).all(|item| index.id(&model, item).is_some()));
        }
        assert!(opened > 100, "{opened} forgeries could be opened at all");
    }

    #[test]
    fn a_thousand_items_of_history_and_the_highest_scores_stay_within_bounds() {
        let mut model = shoes();
        model.repeat = vec![REPEAT_MAX; HISTORY];
        model.decay = vec![DECAY_ONE; HISTORY];
        let session: Vec<&str> = ["shoe", "boot", "sock", "belt", "polish"].repeat(200);
        assert_eq!(names(&model, &session, &[], 99).len(), 5);
    }
}
