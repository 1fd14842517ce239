//! All that one device remembers of its visitor: a short ring of recent
//! deeds, daily roll-ups and lifetime counters. Never grows without bound,
//! never leaves the device, and never says "no" of what it has forgotten.

mod goods;
mod view;

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::arm::{self, Arm, Showings};
use crate::channel::Arrival;
use crate::event::{self, Event, Item};
use crate::hash::hash64;
use crate::interest::Interest;
use crate::kind::Kinds;
use crate::pack::pack_struct;
use crate::ring::{Count, DayCount, Deed, Tally, drop_where, keep_last};
use crate::sign::{self, Given};
use crate::text::clip;
use crate::time::{DAY, MINUTE, Millis, Zone};
use crate::value::Value;

/// Inactivity that ends a visit: GA4's and everybody's half hour.
pub const VISIT_GAP: u64 = 30 * MINUTE;
/// Half-life of a taste where the plan says nothing, in milliseconds: two weeks.
pub const HALF_LIFE: u64 = 14 * DAY;
/// Distinct recent paths, so that a new plan's questions find old page views.
const PLACE_LIMIT: usize = 64;
/// Lines of the cart.
const CART_LIMIT: usize = 30;
/// Products viewed, most recent last, for "recently viewed" and the recommender.
const VIEWED_LIMIT: usize = 32;
/// Purchases remembered, so that a reloaded "thank you" page counts once.
const TRANSACTION_LIMIT: usize = 16;
/// Attributes of the site that a device keeps.
pub const ATTRIBUTE_LIMIT: usize = 48;
/// Campaigns in which this visitor holds an arm.
const ARM_LIMIT: usize = 64;

/// What the plan says about remembering.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    /// The site's time zone.
    pub zone: Zone,
    /// Half-life of a taste, in milliseconds; at least one.
    pub half_life: u64,
    /// Minor units in one unit of the currency: 1 for won, 100 for euro.
    pub minor_per_unit: u32,
    /// Price bands by name, each from and below an amount in minor units.
    pub bands: Vec<Band>,
    /// The kinds of deeds that the plan's questions count.
    pub kinds: Kinds,
    /// Rows of sites that the plan knows besides the common ones.
    pub sites: String,
}

/// A price band.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Band {
    /// Its name, as `interest.price.NAME` asks for it.
    pub name: String,
    /// From this price on, in minor units.
    pub from: u64,
    /// Below this price; [`u64::MAX`] without an end.
    pub below: u64,
}

impl Default for Terms {
    fn default() -> Self {
        Terms {
            zone: Zone::default(),
            half_life: HALF_LIFE,
            minor_per_unit: 1,
            bands: Vec::new(),
            kinds: Kinds::default(),
            sites: String::new(),
        }
    }
}

/// All that one device remembers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Profile {
    /// Drawn once by the body; every draw of this visitor comes from it.
    pub seed: u64,
    /// True of an edge's profile, made of a digest: what it lacks is unknown.
    pub partial: bool,
    /// The page's answers to the plan's lasting conditions, in their order, as
    /// [`crate::judge::judge`] reads them; only of a partial profile.
    pub found: Vec<u8>,
    /// Visits so far, this one included.
    pub visits: u32,
    /// Page views so far, this one included.
    pub views: u32,
    /// When the first visit began.
    pub first_at: Millis,
    /// When the visit before this one ended; zero with the first.
    pub before: Millis,
    /// Where the first visit came from.
    pub first: Arrival,
    /// This visit.
    pub visit: Visit,
    /// Lifetime counters by event name.
    pub counts: Vec<Count>,
    /// Recent deeds, oldest first.
    pub ring: Vec<Deed>,
    /// Daily counts, oldest first.
    pub days: Vec<DayCount>,
    /// The latest event whose name found no counter; zero if none.
    pub unnamed: Millis,
    /// The kinds by which the deeds are recognised, by their key.
    pub asked: u32,
    /// What is kept of each of these kinds, in their order.
    pub tallies: Vec<Tally>,
    /// Distinct paths by hash, the latest last: the page in view.
    pub places: Vec<(u32, String)>,
    /// Leanings by category.
    pub categories: Interest,
    /// Leanings by brand.
    pub brands: Interest,
    /// Leanings by tag.
    pub tags: Interest,
    /// Leanings by price band.
    pub bands: Interest,
    /// The cart's lines, last touched last.
    pub cart: Vec<Item>,
    /// Products viewed, most recent last, as they were then: id, category,
    /// brand and price.
    pub viewed: Vec<Item>,
    /// Ids of products bought, most recent last.
    pub bought: Vec<String>,
    /// Ids of products put away, most recent last: taken out of the cart, or
    /// named by a `dismissed` event.
    pub declined: Vec<String>,
    /// Purchases' value so far, in minor units.
    pub spent: u64,
    /// Hashes of the last transactions.
    pub transactions: Vec<u64>,
    /// The last search in the shop.
    pub term: String,
    /// What the site said of the visitor, by name.
    pub attributes: Vec<(String, Value)>,
    /// The arms held, oldest first.
    pub arms: Vec<Arm>,
    /// Showings of all campaigns together: of every kind, then kind by kind.
    pub showings: Vec<Showings>,
}

/// One visit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Visit {
    /// When it began.
    pub started: Millis,
    /// Its last event.
    pub last: Millis,
    /// Its page views.
    pub views: u32,
    /// The path it began on.
    pub landing: String,
    /// Where it came from.
    pub arrival: Arrival,
    /// The signs that its pages gave, oldest first.
    pub signs: Vec<Given>,
}

impl Profile {
    /// A stranger.
    #[must_use]
    pub fn new(seed: u64) -> Profile {
        let mut profile = Profile::default();
        profile.seed = seed;
        profile
    }

    /// Folds one event in. Returns whether it was news: a purchase with a
    /// transaction that is known already is not.
    pub fn observe(&mut self, event: &Event, terms: &Terms) -> bool {
        if event.name == event::PAGE_LEAVE {
            return true;
        }
        if event.name == event::SET {
            event.attributes.iter().for_each(|(name, value)| self.set(name, value.clone()));
            return true;
        }
        if event.name == event::PURCHASE && !self.is_new_transaction(event) {
            return false;
        }
        self.settle(&terms.kinds);
        self.join_visit(event);
        if let Some(page) = &event.page {
            self.view_page(event, page, terms);
        }
        let (visit, view, day) = (self.visits, self.views, terms.zone.day(event.at));
        if let Some(arm) = self.arms.iter_mut().find(|arm| arm.campaign == event.campaign)
            && arm.mark(event, (visit, view, day))
        {
            arm::note(&mut self.showings, arm.kind, (event.at, visit, day));
        }
        let is_sign = sign::hear(&mut self.visit.signs, event, view);
        self.remember(event, terms, is_sign);
        self.touch_items(event, terms);
        if event.name == event::SEARCH {
            self.term = clip(event.term.trim(), event::WORD_LIMIT).into();
        }
        true
    }

    /// Sets or clears (with null) one attribute; one that is too deep or too
    /// large for a device to keep is cleared.
    pub fn set(&mut self, name: &str, value: Value) {
        let name = clip(name, event::WORD_LIMIT);
        drop_where(&mut self.attributes, |(known, _)| known == name);
        if !value.is_missing() && value.is_small() && self.attributes.len() < ATTRIBUTE_LIMIT {
            self.attributes.push((name.into(), value));
        }
    }

    /// What the site set under the whole of a dotted name, or under its first
    /// parts, with the rest of them.
    pub(crate) fn set_value<'a>(&'a self, name: &'a str) -> Option<(&'a Value, Option<&'a str>)> {
        for (known, value) in &self.attributes {
            // One look at the name's length tells most of them apart.
            let behind = name.as_bytes().get(known.len()..);
            if matches!(behind, Some([] | [b'.', ..])) && name.starts_with(known.as_str()) {
                return Some((value, name.get(known.len() + 1..)));
            }
        }
        None
    }

    /// The arm held in a campaign.
    #[must_use]
    pub fn arm(&self, campaign: &str) -> Option<&Arm> {
        self.arms.iter().find(|arm| arm.campaign == campaign)
    }

    /// Takes an arm into memory, in place of an older one of its campaign.
    pub fn hold(&mut self, arm: Arm) {
        drop_where(&mut self.arms, |known| known.campaign == arm.campaign);
        if self.arms.len() >= ARM_LIMIT {
            self.arms.remove(0);
        }
        self.arms.push(arm);
    }

    /// The lifetime counter of an event name.
    #[must_use]
    pub fn count(&self, name: u32) -> Option<&Count> {
        self.counts.iter().find(|count| count.name == name)
    }

    /// The path of the page in view.
    #[must_use]
    pub fn path(&self) -> &str {
        self.places.last().map_or("", |(_, path)| path.as_str())
    }

    /// The cart's value in minor units.
    #[must_use]
    pub fn cart_value(&self) -> u64 {
        self.cart
            .iter()
            .fold(0, |sum, line| sum.saturating_add(line.price.saturating_mul(u64::from(line.quantity))))
    }

    fn is_new_transaction(&mut self, event: &Event) -> bool {
        if event.transaction.is_empty() {
            return true;
        }
        let id = hash64(event.transaction.as_bytes());
        if self.transactions.contains(&id) {
            return false;
        }
        keep_last(&mut self.transactions, id, TRANSACTION_LIMIT);
        true
    }

    fn join_visit(&mut self, event: &Event) {
        if self.visits == 0 || event.at.since(self.visit.last) >= VISIT_GAP {
            self.before = self.visit.last;
            self.visits = self.visits.saturating_add(1);
            self.visit = Visit { started: event.at, arrival: self.visit.arrival.clone(), ..Visit::default() };
            if self.visits == 1 {
                self.first_at = event.at;
            }
        }
        self.visit.last = self.visit.last.max(event.at);
    }
}

impl Visit {
    /// The channel of this visit as the word that rules use.
    #[must_use]
    pub fn channel(&self) -> String {
        self.arrival.medium.word().to_string()
    }
}

pack_struct!(Terms { zone, half_life, minor_per_unit, bands, kinds, sites });
pack_struct!(Band { name, from, below });
pack_struct!(Profile {
    seed,
    partial,
    found,
    visits,
    views,
    first_at,
    before,
    first,
    visit,
    counts,
    ring,
    days,
    unnamed,
    asked,
    tallies,
    places,
    categories,
    brands,
    tags,
    bands,
    cart,
    viewed,
    bought,
    declined,
    spent,
    transactions,
    term,
    attributes,
    arms,
    showings,
});
pack_struct!(Visit { started, last, views, landing, arrival, signs });

#[cfg(test)]
mod tests;
