//! How deeds are remembered: recognised by the plan's kinds once, counted by
//! kind, by name and by day, and kept in a short ring. Never judges, and never
//! forgets without noting what.

use alloc::vec::Vec;

use crate::event::Event;
use crate::hash::name32;
use crate::kind::{Kinds, Sight};
use crate::profile::{Profile, Terms};
use crate::ring::{
    Count, DAY_ROWS, DAYS_KEPT, DayCount, Deed, NAME_LIMIT, RING_LIMIT, THINGS_LIMIT, Tally, drop_where,
    keep_last, things,
};
use crate::time::Millis;
use crate::truth::Truth;

impl Profile {
    /// The latest deed of an event's name that is no longer in the ring; zero
    /// where all of them are.
    #[must_use]
    pub fn forgotten(&self, name: u32) -> Millis {
        self.count(name).map_or(self.unnamed, |count| count.forgotten)
    }

    /// Takes up the questions of another plan: deeds are recognised anew as far
    /// as they are remembered, and what is counted already goes on.
    pub fn settle(&mut self, kinds: &Kinds) {
        if self.partial || self.is_settled(kinds) {
            return;
        }
        let known = core::mem::take(&mut self.tallies);
        let mut before = Vec::new();
        for deed in &mut self.ring {
            before.push(core::mem::take(&mut deed.kinds));
        }
        for ((asked, key), id) in kinds.iter().zip(0u16..) {
            let old = known.iter().zip(0u16..).find(|(tally, _)| tally.key == key);
            let mut tally = Tally { key, since: self.forgotten(asked.kind.event), ..Tally::default() };
            for (deed, before) in self.ring.iter_mut().zip(&before) {
                if deed.name != asked.kind.event {
                    continue;
                }
                let fits = match old {
                    Some((_, old)) => before.contains(&old).into(),
                    None => {
                        // Before the first page view there was no path to forget.
                        let nowhere = (deed.place == name32("")).then_some("");
                        let path = self.places.iter().find(|(hash, _)| *hash == deed.place);
                        asked.kind.fits(&Sight {
                            things: &deed.things,
                            is_whole: deed.things.len() < THINGS_LIMIT,
                            path: path.map_or(nowhere, |(_, path)| Some(path.as_str())),
                            event: None,
                        })
                    }
                };
                match fits {
                    Truth::True => {
                        deed.kinds.push(id);
                        tally.note(deed.at, asked.keep);
                    }
                    Truth::Unknown => tally.blurred = tally.blurred.max(deed.at),
                    Truth::False => {}
                }
            }
            tally.since = tally.since.max(tally.blurred);
            self.tallies.push(match old {
                Some((old, _)) => old.clone(),
                None => tally,
            });
        }
        self.asked = kinds.key();
    }

    /// Whether the deeds are recognised by these kinds already.
    #[must_use]
    pub fn is_settled(&self, kinds: &Kinds) -> bool {
        self.asked == kinds.key() && self.tallies.len() == kinds.len()
    }

    /// Folds one event into the deeds; a page's sign only if some rule names it.
    pub(crate) fn remember(&mut self, event: &Event, terms: &Terms, is_sign: bool) {
        let name = name32(&event.name);
        let mut things = things(&event.items);
        let mut deed =
            Deed { at: event.at, name, place: name32(self.path()), things: Vec::new(), kinds: Vec::new() };
        let sight = Sight {
            things: &things,
            is_whole: true,
            path: Some(self.path()),
            event: Some((event, terms.minor_per_unit)),
        };
        for ((asked, _), id) in terms.kinds.iter().zip(0u16..) {
            if asked.kind.event == name && asked.kind.fits(&sight) == Truth::True {
                deed.kinds.push(id);
            }
        }
        if is_sign && deed.kinds.is_empty() {
            return;
        }
        for id in &deed.kinds {
            let id = usize::from(*id);
            let keep = terms.kinds.keep(id);
            if let Some(tally) = self.tallies.get_mut(id) {
                tally.note(event.at, keep);
            }
        }
        things.truncate(THINGS_LIMIT);
        deed.things = things;
        let known = self.counts.iter().position(|count| count.name == name);
        if known.is_none() && self.counts.len() >= NAME_LIMIT {
            self.unnamed = self.unnamed.max(event.at);
            return;
        }
        if self.ring.len() >= RING_LIMIT {
            self.drop_commonest();
        }
        match known.and_then(|at| self.counts.get_mut(at)) {
            Some(count) => {
                count.times = count.times.saturating_add(1);
                count.held += 1;
                count.last = count.last.max(event.at);
            }
            None => self.counts.push(Count { name, times: 1, last: event.at, forgotten: Millis(0), held: 1 }),
        }
        let day = terms.zone.day(event.at);
        match self.days.iter_mut().find(|row| row.name == name && row.day == day) {
            Some(row) => row.times = row.times.saturating_add(1),
            None => keep_last(&mut self.days, DayCount { day, name, times: 1 }, DAY_ROWS),
        }
        drop_where(&mut self.days, |row| row.day.saturating_add(DAYS_KEPT) <= day);
        self.ring.push(deed);
    }

    /// Makes room by dropping the oldest deed of the name that fills the ring
    /// most: a flood of `view_item_list` thus pushes out itself, not a purchase.
    fn drop_commonest(&mut self) {
        let Some(most) = self.counts.iter_mut().max_by_key(|count| (count.held, count.name)) else { return };
        let Some(oldest) = self.ring.iter().position(|deed| deed.name == most.name) else {
            // Foreign counts: the ring itself says what it holds.
            most.held = 0;
            self.ring.remove(0);
            return;
        };
        most.held = most.held.saturating_sub(1);
        most.forgotten = most.forgotten.max(self.ring.remove(oldest).at);
    }
}
