//! A shop's log as sessions of numbered items. Never keeps a visitor's name,
//! and never holds more than four bytes a click.

use std::collections::HashMap;

use vitrine_engine::event::WORD_LIMIT;
use vitrine_engine::recommend::ITEM_LIMIT;
use vitrine_engine::text::clip;
use vitrine_engine::time::Millis;

use crate::lines::Trouble;
use crate::propensity::Moments;
use crate::sessions::Sessions;

/// Clicks of one log: at four bytes each and eight while counting, 600 MB.
const CLICK_LIMIT: usize = 50_000_000;

/// Sessions, oldest first, and the items that they are made of.
#[derive(Debug, Default)]
pub struct Log {
    /// Ids of all items, ascending; a session names them by place.
    pub ids: Vec<String>,
    /// The sessions.
    pub sessions: Sessions,
    /// Counts of pairs, in place of sessions where a shop keeps none.
    pub pairs: Vec<Pair>,
    /// What was bought, or at least put into the cart, together; a basket's
    /// items in no order. Empty for session text.
    pub baskets: Sessions,
    /// What was learnt of purchases; nothing for session text, which has none.
    pub moments: Option<Moments>,
}

/// How often people went on from one item to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// The item that they left.
    pub from: u32,
    /// The item that they went on to.
    pub to: u32,
    /// In how many sessions.
    pub count: u32,
}

/// Collects a log.
#[derive(Debug, Default)]
pub struct Builder {
    places: HashMap<String, u32>,
    ids: Vec<String>,
    sessions: Sessions,
    baskets: Sessions,
}

impl Builder {
    /// The number of an item, a new one where it is not known yet.
    ///
    /// # Errors
    /// Where there are more items than a model holds.
    pub fn item(&mut self, id: &str) -> Result<u32, Trouble> {
        // As the engine's door clips ids, so that a page finds them again.
        let id = clip(id, WORD_LIMIT);
        if let Some(place) = self.places.get(id) {
            return Ok(*place);
        }
        let place = self.ids.len() as u32;
        if place >= ITEM_LIMIT {
            return Err(Trouble::Bad(format!("there are more than {ITEM_LIMIT} different items")));
        }
        self.places.insert(id.to_owned(), place);
        self.ids.push(id.to_owned());
        Ok(place)
    }

    /// Takes one session in, and when it ended; one click alone teaches nothing
    /// but popularity.
    ///
    /// # Errors
    /// Where there are more clicks than fit in memory.
    pub fn session(&mut self, items: &[u32], at: Option<Millis>) -> Result<(), Trouble> {
        if self.sessions.clicks() + items.len() > CLICK_LIMIT {
            let sentence = format!("the log has more than {CLICK_LIMIT} clicks; give its latest part");
            return Err(Trouble::Bad(sentence));
        }
        if !items.is_empty() {
            self.sessions.push_at(items, at);
        }
        Ok(())
    }

    /// Takes one basket in; one item alone goes with nothing.
    ///
    /// # Errors
    /// Where there are more items than fit in memory.
    pub fn basket(&mut self, items: &[u32]) -> Result<(), Trouble> {
        if self.baskets.clicks() + items.len() > CLICK_LIMIT {
            let sentence =
                format!("the log's baskets hold more than {CLICK_LIMIT} items; give its latest part");
            return Err(Trouble::Bad(sentence));
        }
        if items.len() > 1 {
            self.baskets.push(items);
        }
        Ok(())
    }

    /// Whether no session was taken in.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    /// The log, with its items numbered in the order of their ids.
    #[must_use]
    pub fn finish(self, moments: Option<Moments>, mut pairs: Vec<Pair>) -> Log {
        let Builder { places, ids, mut sessions, mut baskets } = self;
        drop(places);
        let mut order: Vec<(String, u32)> = ids.into_iter().zip(0..).collect();
        order.sort_unstable();
        let mut renumbered = vec![0; order.len()];
        for ((_, old), new) in order.iter().zip(0..) {
            if let Some(place) = renumbered.get_mut(*old as usize) {
                *place = new;
            }
        }
        let renumber = |item: &mut u32| *item = renumbered.get(*item as usize).copied().unwrap_or_default();
        sessions.items_mut().chain(baskets.items_mut()).for_each(renumber);
        for pair in &mut pairs {
            renumber(&mut pair.from);
            renumber(&mut pair.to);
        }
        Log { ids: order.into_iter().map(|(id, _)| id).collect(), sessions, baskets, pairs, moments }
    }
}
