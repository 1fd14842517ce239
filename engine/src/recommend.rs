//! What to offer next: item-to-item lists walked from the visitor's own last
//! items. Never ships another visitor's session, never touches a float.

use alloc::string::String;
use alloc::vec::Vec;

use crate::hash::hash64;
use crate::intent::Intent;
use crate::pack::pack_struct;
use crate::profile::Profile;

/// How many of the visitor's last items speak.
const HISTORY: usize = 8;

/// A trained model. Lists are stored flat: `starts[i]..starts[i + 1]` are the
/// followers of item `i`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Model {
    /// Every item's id, by popularity, most popular first.
    pub ids: Vec<String>,
    /// For each item, where its followers begin; one more than items.
    pub starts: Vec<u32>,
    /// Followers, best first within an item.
    pub followers: Vec<u32>,
    /// Their weights, 1..=15, two a byte, low half first.
    pub weights: Vec<u8>,
    /// How much the item seen n items ago counts, in 1/256; index 0 the last.
    pub decay: Vec<u16>,
    /// What an item of the session itself gains, in the unit of weights × 256,
    /// by how long ago it was seen; index 0 the last item.
    pub repeat: Vec<u16>,
    /// What is needed to draw an item, for those worth showing.
    pub cards: Vec<Card>,
    /// The propensity model, where the log held purchases.
    pub intent: Option<Intent>,
}

/// What is needed to draw an item.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Card {
    /// Index of the item in `ids`.
    pub item: u32,
    /// Its title.
    pub title: String,
    /// Where it leads.
    pub link: String,
    /// Its picture.
    pub image: String,
    /// In minor units.
    pub price: u64,
    /// The reduced price in minor units; 0 where there is none.
    pub sale: u64,
    /// Its category.
    pub category: String,
}

/// Finds items by id; built once after loading.
#[derive(Debug, Clone, Default)]
pub struct Index {
    by_hash: Vec<(u64, u32)>,
}

impl Index {
    /// The index of a model.
    #[must_use]
    pub fn new(model: &Model) -> Index {
        let mut by_hash: Vec<(u64, u32)> =
            model.ids.iter().zip(0u32..).map(|(id, at)| (hash64(id.as_bytes()), at)).collect();
        by_hash.sort_unstable();
        Index { by_hash }
    }

    /// The place of an item.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<u32> {
        let hash = hash64(id.as_bytes());
        let at = self.by_hash.binary_search_by_key(&hash, |(known, _)| *known).ok()?;
        self.by_hash.get(at).map(|(_, item)| *item)
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

/// The `count` best items after a session (oldest first), as places in `ids`.
#[must_use]
pub fn rank(model: &Model, index: &Index, session: &[&str], exclude: &[&str], count: usize) -> Vec<u32> {
    let recent: Vec<u32> = session.iter().rev().filter_map(|id| index.find(id)).take(HISTORY).collect();
    let banned: Vec<u32> = exclude.iter().filter_map(|id| index.find(id)).collect();
    let mut scores: Vec<(u32, u32)> = Vec::new();
    for (ago, item) in recent.iter().enumerate() {
        let decay = u32::from(model.decay.get(ago).copied().unwrap_or_default());
        let repeat = u32::from(model.repeat.get(ago).copied().unwrap_or_default());
        if repeat > 0 && recent.iter().position(|known| known == item) == Some(ago) {
            scores.push((*item, repeat));
        }
        scores.extend(followers(model, *item).map(|(next, weight)| (next, decay * u32::from(weight))));
    }
    // Add up what several items of the session said of the same candidate.
    scores.sort_unstable();
    let mut sums: Vec<(u32, u32)> = Vec::new();
    for (item, score) in scores {
        match sums.last_mut() {
            Some((known, sum)) if *known == item => *sum = sum.saturating_add(score),
            _ => sums.push((item, score)),
        }
    }
    sums.retain(|(item, _)| !banned.contains(item));
    // Ids are sorted by popularity, so a tie goes to the more popular item.
    sums.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut best: Vec<u32> = sums.into_iter().take(count).map(|(item, _)| item).collect();
    // Back off to what everybody likes.
    let popular = (0..model.ids.len() as u32).filter(|item| !banned.contains(item));
    for item in popular {
        if best.len() >= count {
            break;
        }
        if !best.contains(&item) {
            best.push(item);
        }
    }
    best
}

/// The cards to show a visitor; only items that have one.
#[must_use]
pub fn cards<'a>(
    model: &'a Model,
    index: &Index,
    profile: &Profile,
    exclude: Exclude,
    count: usize,
) -> Vec<&'a Card> {
    let session: Vec<&str> = profile.viewed.iter().map(String::as_str).collect();
    let mut banned: Vec<&str> = Vec::new();
    if exclude.purchased {
        banned.extend(profile.bought.iter().map(String::as_str));
    }
    if exclude.in_cart {
        banned.extend(profile.cart.iter().map(|line| line.id.as_str()));
    }
    if exclude.viewed {
        banned.extend(&session);
    }
    // The product in view is never its own recommendation.
    banned.extend(session.last());
    let ranked = rank(model, index, &session, &banned, count.saturating_mul(4).saturating_add(16));
    ranked
        .into_iter()
        .filter_map(|item| model.cards.iter().find(|card| card.item == item))
        .take(count)
        .collect()
}

fn followers(model: &Model, item: u32) -> impl Iterator<Item = (u32, u8)> + '_ {
    let bound = |at: usize| model.starts.get(at).map_or(0, |start| *start as usize);
    let (from, to) = (bound(item as usize), bound(item as usize + 1));
    (from..to).filter_map(|at| {
        let byte = model.weights.get(at / 2)?;
        let weight = if at % 2 == 0 { byte & 15 } else { byte >> 4 };
        Some((*model.followers.get(at)?, weight))
    })
}

impl Model {
    /// Reads sealed bytes of unknown origin.
    ///
    /// # Errors
    /// Says why the bytes are no model.
    pub fn open(bytes: &[u8]) -> Result<Model, crate::seal::Broken> {
        crate::seal::open(crate::seal::Kind::Model, bytes)
    }
}

pack_struct!(Model { ids, starts, followers, weights, decay, repeat, cards, intent });
pack_struct!(Card { item, title, link, image, price, sale, category });
pack_struct!(Exclude { purchased, in_cart, viewed });
