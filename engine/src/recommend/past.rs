//! What a visitor's past and this moment say to the ranking. Never knows a
//! model: the page writes it as it lies in the profile, and the shelf reads it.

use alloc::string::String;
use alloc::vec::Vec;

use crate::channel::Medium;
use crate::event::{Item, VIEW_ITEM};
use crate::hash::name32;
use crate::interest::Interest;
use crate::pack::{Input, Pack, pack_struct, push_text};
use crate::page::Moment;
use crate::profile::Profile;
use crate::time::Millis;

/// A visitor's past and this moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Past {
    /// Products viewed, oldest first, with their prices then.
    pub viewed: Vec<Item>,
    /// Ids bought, oldest first.
    pub bought: Vec<String>,
    /// The cart's lines, last touched last.
    pub cart: Vec<Item>,
    /// Ids put away: out of the cart, or by a `dismissed` event that names them.
    pub declined: Vec<String>,
    /// Leanings by category.
    pub categories: Interest,
    /// Leanings by brand.
    pub brands: Interest,
    /// This moment.
    pub now: Millis,
    /// Half-life of a taste, in milliseconds; at least one.
    pub half_life: u64,
    /// Whether the product viewed last is the page in view.
    pub in_view: bool,
    /// This visit's channel, by its word.
    pub channel: String,
    /// The path in view.
    pub path: String,
    /// The path this visit began on.
    pub landing: String,
    /// What was searched for outside before this visit.
    pub keyword: String,
    /// The last search in the shop.
    pub term: String,
}

impl Past {
    /// Of a profile at a moment.
    #[must_use]
    pub fn of(profile: &Profile, moment: &Moment, half_life: u64) -> Past {
        let mut bytes = Vec::new();
        tell(profile, moment, half_life, &mut bytes);
        Past::unpack(&mut Input::new(&bytes))
    }

    /// Whether this visit came from a price comparison.
    #[must_use]
    pub fn compares_prices(&self) -> bool {
        self.channel == Medium::PriceComparison.word()
    }
}

/// Writes a [`Past`] without making one.
pub(crate) fn tell(profile: &Profile, moment: &Moment, half_life: u64, out: &mut Vec<u8>) {
    profile.viewed.pack(out);
    profile.bought.pack(out);
    profile.cart.pack(out);
    profile.declined.pack(out);
    profile.categories.pack(out);
    profile.brands.pack(out);
    moment.now.pack(out);
    half_life.pack(out);
    let last = profile.ring.iter().rfind(|deed| deed.name == name32(VIEW_ITEM));
    last.is_some_and(|deed| deed.place == name32(profile.path())).pack(out);
    let visit = &profile.visit;
    for text in [
        visit.arrival.medium.word(),
        &moment.page.path,
        &visit.landing,
        &visit.arrival.keyword,
        &profile.term,
    ] {
        push_text(out, text);
    }
}

pack_struct!(Past {
    viewed,
    bought,
    cart,
    declined,
    categories,
    brands,
    now,
    half_life,
    in_view,
    channel,
    path,
    landing,
    keyword,
    term,
});
