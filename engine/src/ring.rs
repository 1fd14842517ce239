//! The short memory: recent deeds, daily counts, lifetime counters. Never
//! judges, and says of every name how far back it reaches.

use alloc::string::String;
use alloc::vec::Vec;

use crate::event::Item;
use crate::hash::name32;
use crate::pack::pack_struct;
use crate::text::fold;
use crate::time::Millis;

/// Recent deeds: two weeks of a busy shopper, and about 3 kB stored.
pub const RING_LIMIT: usize = 128;
/// Products kept of one deed.
const THINGS_LIMIT: usize = 8;
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
    /// The products, by hash of id and of category.
    pub things: Vec<Thing>,
}

/// One product of a deed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thing {
    /// Hash of the product's id.
    pub item: u32,
    /// Hash of its category, folded.
    pub category: u32,
    /// Hash of its brand, folded.
    pub brand: u32,
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

/// One page of the trail.
#[derive(Debug, Clone, PartialEq)]
pub struct Stop {
    /// When.
    pub at: Millis,
    /// Its path.
    pub path: String,
}

/// The hash under which a category or brand is compared.
#[must_use]
pub fn folded(text: &str) -> u32 {
    name32(&fold(text))
}

/// The products of a deed.
pub(crate) fn things(items: &[Item]) -> Vec<Thing> {
    let mut things = Vec::new();
    for item in items.iter().take(THINGS_LIMIT) {
        let (category, brand) = (folded(&item.category), folded(&item.brand));
        things.push(Thing { item: name32(&item.id), category, brand });
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

pack_struct!(Deed { at, name, place, things });
pack_struct!(Thing { item, category, brand });
pack_struct!(Count { name, times, last, forgotten });
pack_struct!(DayCount { day, name, times });
pack_struct!(Stop { at, path });
