//! A trained model as it travels. Never ships another visitor's session, and
//! never trusts its own bytes: [`Model::open`] checks them once.

use alloc::string::String;
use alloc::vec::Vec;

use super::Index;
use super::directory::Directory;
use super::hours::HOURS_LIMIT;
use crate::intent::{CLUSTER_LIMIT, Intent};
use crate::lists::WEIGHT_MAX;
use crate::pack::{Input, Packed, pack_enum, pack_struct};
use crate::seal::{self, Broken, Kind};
use crate::text::is_safe_link;

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

/// Candidates whose own followers speak too. On the tail of bol_last2d's
/// training log 5 hit .6691 of the next clicks, 10 .6690 and 40 .6692.
pub const HOPS: usize = 8;
/// The highest share of a candidate's score that its followers gain.
pub const HOP_MAX: u16 = 1 << 10;
/// At [`HOP_MAX`] the strongest follower, whose weight × scale is 2 to the 17.66,
/// gains 3.2 times the candidate's own score.
pub const HOP_SHIFT: u32 = 26;

/// A trained model. Items are known by their places, which put like beside like.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Model {
    /// How many items there are.
    pub items: u32,
    /// Their ids, packed by [`crate::ids::pack_ids`].
    pub ids: Packed,
    /// For each item its followers, packed by [`crate::lists::Writer`].
    pub lists: Packed,
    /// For each item what goes into the same basket, packed as `lists`; empty
    /// where the log held no baskets.
    pub together: Packed,
    /// How much the item seen n items ago counts, 0..=[`DECAY_ONE`]; index 0
    /// the last; at most [`HISTORY`].
    pub decay: Vec<u16>,
    /// What an item of the session itself gains, in the unit of decay × weight
    /// × scale, by how many other items ago it was seen; index 0 the last
    /// item; at most [`HISTORY`], each at most [`REPEAT_MAX`].
    pub repeat: Vec<u32>,
    /// What the followers of the best candidates gain: their weight × scale ×
    /// this × the candidate's score, over 2 to [`HOP_SHIFT`]; 0 for nothing, at
    /// most [`HOP_MAX`].
    pub hop: u16,
    /// The most popular items, best first; at most [`POPULAR_LIMIT`].
    pub popular: Vec<u32>,
    /// What is needed to draw an item, for those worth showing; ascending by item.
    pub cards: Vec<Card>,
    /// The propensity model, where the log held purchases.
    pub intent: Option<Intent>,
    /// Where the lists are, if they are in shards and this is their head.
    pub directory: Option<Directory>,
    /// When in the day categories are looked at: [`super::hours::levels`] of each
    /// of `hours_of`; at most [`HOURS_LIMIT`].
    pub hours: Vec<u32>,
    /// The folded names of the categories whose day differs from everybody's.
    pub hours_of: Vec<String>,
    /// Of a head or a shard each item's place in the whole, by which cards and
    /// popular items go; packed by [`super::pack_places`], empty for a whole.
    pub places: Packed,
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
    /// Its brand; empty where the feed names none.
    pub brand: String,
    /// Whether it could be bought when the model was trained.
    pub stock: Stock,
    /// How often it was looked at: [`wanted`].
    pub wanted: u8,
    /// Further languages of the shop: the folded name of each, the title and the
    /// link in it, as packed texts. Read only when they are asked for: as lists
    /// they were 0.3 kB more of the shelf, and longer to load.
    pub tongues: Packed,
}

/// A number of clicks in few bits: eight steps to a doubling, 0 for none.
#[must_use]
pub fn wanted(clicks: u32) -> u8 {
    let Some(octave) = clicks.checked_ilog2() else { return 0 };
    // The three bits behind the highest one.
    let eighth = (u64::from(clicks) << 3 >> octave) & 7;
    (1 + octave * 8 + eighth as u32).min(u8::MAX.into()) as u8
}

impl Card {
    /// What it costs now, in minor units.
    #[must_use]
    pub fn now(&self) -> u64 {
        if self.sale > 0 && self.sale < self.price { self.sale } else { self.price }
    }

    /// Its title and link for a page's language: of the first that is the page's
    /// or that the page's is a kind of (`en-gb` of `en`), else of the first feed.
    #[must_use]
    pub fn label(&self, language: &str) -> (&str, &str) {
        let mut input = Input::new(&self.tongues.0);
        while !input.is_done() {
            let mut part = || {
                let length = input.length();
                core::str::from_utf8(input.slice(length)).unwrap_or_default()
            };
            let (tongue, title, link) = (part(), part(), part());
            let behind = language.as_bytes().strip_prefix(tongue.as_bytes());
            let is_it = behind.is_some_and(|behind| behind.first().is_none_or(|sign| *sign == b'-'));
            // Where bytes were missing, so is the link.
            if is_it && !link.is_empty() {
                return (title, link);
            }
        }
        (&self.title, &self.link)
    }
}

/// Whether an item can be bought, as a product feed says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stock {
    /// It lies there.
    #[default]
    In,
    /// It can be ordered and comes later: `preorder`, `backorder`.
    Later,
    /// It is sold out.
    Out,
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
        let items = if self.places.0.is_empty() { self.items } else { ITEM_LIMIT };
        let card = |card: &Card| {
            card.item < items
                && is_safe_link(&card.link)
                && (card.image.is_empty() || is_safe_link(&card.image))
        };
        self.decay.len() <= HISTORY
            && self.decay.iter().all(|decay| *decay <= DECAY_ONE)
            && self.repeat.len() <= HISTORY
            && self.repeat.iter().all(|repeat| *repeat <= REPEAT_MAX)
            && self.hop <= HOP_MAX
            && self.popular.len() <= POPULAR_LIMIT
            && self.popular.iter().all(|item| *item < items)
            && self.intent.as_ref().is_none_or(|intent| (1..=1 + CLUSTER_LIMIT).contains(&intent.lines.len()))
            && self.directory.as_ref().is_none_or(Directory::is_sound)
            && self.hours_of.len() <= HOURS_LIMIT
            && self.cards.iter().all(card)
            && self.cards.is_sorted_by(|a, b| a.item < b.item)
    }
}

pack_struct!(Model {
    items,
    ids,
    lists,
    together,
    decay,
    repeat,
    hop,
    popular,
    cards,
    intent,
    directory,
    hours,
    hours_of,
    places
});
pack_struct!(Card { item, title, link, image, price, sale, category, brand, stock, wanted, tongues });
pack_enum!(Stock { 0 In, 1 Later, 2 Out } else Stock::In);

const _: () = {
    // No sum of followers passes the highest repeat score or 32 bits.
    let most = HISTORY as u64 * DECAY_ONE as u64 * WEIGHT_MAX as u64 * (108 << 7);
    assert!(most < REPEAT_MAX as u64 && most + REPEAT_MAX as u64 <= u32::MAX as u64);
    // And no product of a hop passes 64 bits.
    let hop = WEIGHT_MAX as u64 * (108 << 7) * HOP_MAX as u64;
    assert!(hop.ilog2() + 32 < 64);
};
