//! The short memory: recent deeds, daily counts, lifetime counters. Never
//! judges, and says of every name how far back it reaches.

use alloc::vec::Vec;

use crate::event::Item;
use crate::hash::name32;
use crate::pack::pack_struct;
use crate::text::fold;
use crate::time::Millis;

/// Recent deeds: two weeks of a busy shopper, and about 3 kB stored.
pub const RING_LIMIT: usize = 128;
/// Products kept of one deed.
pub(crate) const THINGS_LIMIT: usize = 8;
/// Distinct event names counted for ever.
pub(crate) const NAME_LIMIT: usize = 48;
/// Rows of (day, event name): a month of eight kinds of events.
pub(crate) const DAY_ROWS: usize = 256;
/// Days rolled up; older ones are only in the lifetime counters.
pub const DAYS_KEPT: u32 = 60;

/// One recent deed.
#[derive(Debug, Clone, PartialEq)]
pub struct Deed {
    /// When.
    pub at: Millis,
    /// The event's name.
    pub name: u32,
    /// The path it happened on.
    pub place: u32,
    /// Its first products.
    pub things: Vec<Thing>,
    /// Which of the plan's kinds it is, ascending.
    pub kinds: Vec<u16>,
}

impl Deed {
    /// Whether it is of a kind.
    #[must_use]
    pub fn is(&self, kind: u16) -> bool {
        self.kinds.contains(&kind)
    }
}

/// One product of a deed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thing {
    /// Hash of the product's id.
    pub item: u32,
    /// Hash of its category, folded.
    pub category: u32,
    /// Hash of its brand, folded.
    pub brand: u32,
    /// Its price in minor units, for one piece.
    pub price: u64,
}

/// What is kept of one kind of deeds that the plan asks about, from the moment
/// at which a plan first asked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tally {
    /// The kind, by [`crate::kind::Kinds`]' key.
    pub key: u32,
    /// How often since the count began.
    pub times: u32,
    /// Deeds up to this moment may be missing; zero where none is.
    pub since: Millis,
    /// The latest deed of which nobody can say any more whether it was one.
    pub blurred: Millis,
    /// The latest moments, ascending.
    pub hits: Vec<Millis>,
}

impl Tally {
    /// Whether nothing is missing from a moment on.
    #[must_use]
    pub fn is_whole(&self, from: Millis) -> bool {
        self.since == Millis(0) || self.since < from
    }

    /// Counts one deed, keeping its moment among the latest `keep`.
    pub fn note(&mut self, at: Millis, keep: u16) {
        self.times = self.times.saturating_add(1);
        let later = self.hits.iter().rev().take_while(|hit| **hit > at).count();
        self.hits.insert(self.hits.len() - later, at);
        if self.hits.len() > usize::from(keep) {
            self.hits.remove(0);
        }
    }
}

/// A lifetime counter.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Count {
    /// The event's name.
    pub name: u32,
    /// How often, ever.
    pub times: u32,
    /// When last.
    pub last: Millis,
    /// The latest deed of this name that the ring has dropped; zero if none.
    pub forgotten: Millis,
    /// Deeds of this name in the ring.
    pub held: u32,
}

/// One day's count of one event name.
#[derive(Debug, Clone, PartialEq)]
pub struct DayCount {
    /// The site's local day since 1970-01-01.
    pub day: u32,
    /// The event's name.
    pub name: u32,
    /// How often that day.
    pub times: u32,
}

/// The hash under which a category or brand is compared.
#[must_use]
pub fn folded(text: &str) -> u32 {
    name32(&fold(text))
}

/// All products of an event, as they are compared.
pub(crate) fn things(items: &[Item]) -> Vec<Thing> {
    let mut things = Vec::new();
    for item in items {
        let (category, brand) = (folded(&item.category), folded(&item.brand));
        things.push(Thing { item: name32(&item.id), category, brand, price: item.price });
    }
    things
}

/// Drops the entries that are `gone`. One `remove` a list is all the code it
/// takes, where `retain` would be compiled anew for every question.
pub(crate) fn drop_where<T>(list: &mut Vec<T>, gone: impl Fn(&T) -> bool) {
    while let Some(at) = list.iter().position(&gone) {
        list.remove(at);
    }
}

/// Appends, dropping the oldest entry where the list is full.
pub(crate) fn keep_last<T>(list: &mut Vec<T>, entry: T, limit: usize) {
    if list.len() >= limit {
        list.remove(0);
    }
    list.push(entry);
}

pack_struct!(Deed { at, name, place, things, kinds });
pack_struct!(Thing { item, category, brand, price });
pack_struct!(Tally { key, times, since, blurred, hits });
pack_struct!(Count { name, times, last, forgotten, held });
pack_struct!(DayCount { day, name, times });
