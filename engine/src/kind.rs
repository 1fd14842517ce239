//! Which deeds a plan asks about, and how one is recognised: once, when it
//! happens, with all of the event at hand. Never counts and never judges.

use alloc::string::String;
use alloc::vec::Vec;

use crate::automaton::Pattern;
use crate::compare::Compare;
use crate::event::Event;
use crate::hash::hash64;
use crate::pack::{Input, Pack, pack_enum, pack_struct};
use crate::ring::Thing;
use crate::truth::Truth;

/// Kinds of one plan: each is looked at once an event.
pub const KIND_LIMIT: usize = 1_000;
/// Moments kept of one kind. "At least 64 times in a week" is exact; above it
/// the daily roll-ups answer.
pub const KEEP_LIMIT: u16 = 64;
/// Moments kept of all kinds together: 16 kB stored at the worst.
pub const KEPT_LIMIT: usize = 4_096;

/// Which deeds are meant.
#[derive(Debug, Clone, PartialEq)]
pub struct Kind {
    /// The event's name.
    pub event: u32,
    /// All of these must fit; those about products, one and the same product.
    pub filters: Vec<Filter>,
}

/// One property of a deed; a list fits if one entry does.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// A product's id.
    Item(Vec<u32>),
    /// A product's category, folded.
    Category(Vec<u32>),
    /// A product's brand, folded.
    Brand(Vec<u32>),
    /// A product's price in minor units, from and up to.
    Price(u64, u64),
    /// The path it happened on.
    Page(Vec<Pattern>),
    /// A parameter of the event's own: all of these comparisons.
    Parameter(String, Vec<Compare>),
}

/// What can be seen of a deed: all of it when it happens, less afterwards.
#[derive(Debug, Clone, Copy)]
pub struct Sight<'a> {
    /// Its products.
    pub things: &'a [Thing],
    /// Whether these are all of its products.
    pub is_whole: bool,
    /// The path it happened on; `None` where that is forgotten.
    pub path: Option<&'a str>,
    /// The event itself, for its parameters, with the minor units in one unit
    /// of the currency; `None` afterwards.
    pub event: Option<(&'a Event, u32)>,
}

impl Kind {
    /// Whether a deed of the same name is of this kind; unknown where what the
    /// filters ask for is forgotten.
    #[must_use]
    pub fn fits(&self, sight: &Sight) -> Truth {
        let (mut truth, mut asks_things) = (Truth::True, false);
        for filter in &self.filters {
            let part = match filter {
                Filter::Page(any) => sight.path.map(|path| any.iter().any(|pattern| pattern.is_match(path))),
                Filter::Parameter(name, compares) => sight.event.map(|(event, minor_per_unit)| {
                    let value = event.parameter(name, minor_per_unit);
                    compares.iter().all(|compare| compare.holds(&value))
                }),
                _ => {
                    asks_things = true;
                    continue;
                }
            };
            truth = truth.min(part.map_or(Truth::Unknown, Truth::from));
        }
        if asks_things && !sight.things.iter().any(|thing| self.fits_thing(thing)) {
            truth = truth.min(if sight.is_whole { Truth::False } else { Truth::Unknown });
        }
        truth
    }

    fn fits_thing(&self, thing: &Thing) -> bool {
        self.filters.iter().all(|filter| match filter {
            Filter::Item(any) => any.contains(&thing.item),
            Filter::Category(any) => any.contains(&thing.category),
            Filter::Brand(any) => any.contains(&thing.brand),
            Filter::Price(from, to) => (*from..=*to).contains(&thing.price),
            Filter::Page(_) | Filter::Parameter(..) => true,
        })
    }
}

/// A kind, and how many of its latest moments the plan's questions need.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// Which deeds.
    pub kind: Kind,
    /// Latest moments to keep, up to [`KEEP_LIMIT`]; 0 where nobody counts.
    pub keep: u16,
}

/// The kinds that a plan asks about. What devices remember of a kind goes by
/// its key, so that it outlives a change of the plan.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Kinds {
    list: Vec<Asked>,
    keys: Vec<u32>,
    key: u32,
}

impl Kinds {
    /// The kinds, by the order in which the plan's questions name them.
    #[must_use]
    pub fn new(list: Vec<Asked>) -> Kinds {
        let (mut keys, mut bytes) = (Vec::new(), Vec::new());
        for asked in &list {
            bytes.clear();
            asked.kind.pack(&mut bytes);
            keys.push(hash64(&bytes) as u32);
        }
        Kinds::with_keys(list, keys)
    }

    fn with_keys(list: Vec<Asked>, keys: Vec<u32>) -> Kinds {
        let mut all = Vec::new();
        keys.iter().for_each(|key| all.extend_from_slice(&key.to_le_bytes()));
        // A profile that was never asked anything is settled where nothing is.
        let key = if all.is_empty() { 0 } else { hash64(&all) as u32 };
        Kinds { list, keys, key }
    }

    /// Every kind with its key.
    pub fn iter(&self) -> impl Iterator<Item = (&Asked, u32)> {
        self.list.iter().zip(self.keys.iter().copied())
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether nothing is asked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// One kind.
    #[must_use]
    pub fn get(&self, id: u16) -> Option<&Kind> {
        self.list.get(usize::from(id)).map(|asked| &asked.kind)
    }

    /// How many of its latest moments are kept.
    #[must_use]
    pub fn keep(&self, id: usize) -> u16 {
        self.list.get(id).map_or(0, |asked| asked.keep)
    }

    /// The event's name of a kind.
    #[must_use]
    pub fn event(&self, id: u16) -> u32 {
        self.get(id).map_or(0, |kind| kind.event)
    }

    /// What tells these kinds from others, in this order.
    #[must_use]
    pub fn key(&self) -> u32 {
        self.key
    }

    /// Whether a device can afford to remember them.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let kept: usize = self.list.iter().map(|asked| usize::from(asked.keep)).sum();
        self.list.len() <= KIND_LIMIT
            && kept <= KEPT_LIMIT
            && self.list.iter().all(|asked| asked.keep <= KEEP_LIMIT)
    }
}

impl Pack for Kinds {
    fn pack(&self, out: &mut Vec<u8>) {
        self.list.pack(out);
    }

    fn unpack(input: &mut Input) -> Self {
        let (mut list, mut keys) = (Vec::new(), Vec::new());
        for _ in 0..input.length() {
            let rest = input.rest();
            let kind = Pack::unpack(input);
            keys.push(hash64(input.since(rest)) as u32);
            list.push(Asked { kind, keep: Pack::unpack(input) });
            if input.is_broken() {
                break;
            }
        }
        Kinds::with_keys(list, keys)
    }
}
pack_struct!(Asked { kind, keep });
pack_struct!(Kind { event, filters });
pack_enum!(Filter {
    0 Item(any), 1 Category(any), 2 Brand(any), 3 Price(from, to), 4 Page(any), 5 Parameter(name, compares),
} else Filter::Item(Vec::new()));
