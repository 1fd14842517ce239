//! A shop's log as sessions of numbered items. Never keeps a visitor's name,
//! and never holds more than four bytes a click.

use std::collections::HashMap;
use std::io::BufRead;

use vitrine_engine::event::WORD_LIMIT;
use vitrine_engine::recommend::{ITEM_LIMIT, hours};
use vitrine_engine::text::clip;
use vitrine_engine::time::Millis;

use crate::events::{Events, Visits};
use crate::lines::{Lines, Trouble};
use crate::pairs::{self, Pair};
use crate::propensity::Moments;

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

/// Sessions, stored flat.
#[derive(Debug, Default)]
pub struct Sessions {
    clicks: Vec<u32>,
    ends: Vec<usize>,
    /// In which block of the day each ended, or [`UNTIMED`]; none for baskets.
    blocks: Vec<u8>,
}

/// The block of a session of which nobody knows when it was.
pub const UNTIMED: u8 = u8::MAX;

impl Sessions {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The items of one session, oldest first.
    #[must_use]
    pub fn get(&self, session: usize) -> &[u32] {
        let end = |at: usize| self.ends.get(at).copied().unwrap_or(self.clicks.len());
        let start = if session == 0 { 0 } else { end(session - 1) };
        self.clicks.get(start..end(session)).unwrap_or_default()
    }

    /// In which block of the day a session ended; see [`hours::block`].
    #[must_use]
    pub fn block(&self, session: usize) -> u8 {
        self.blocks.get(session).copied().unwrap_or(UNTIMED)
    }

    /// Clicks in all.
    #[must_use]
    pub fn clicks(&self) -> usize {
        self.clicks.len()
    }

    fn push(&mut self, session: &[u32]) {
        self.clicks.extend(session);
        self.ends.push(self.clicks.len());
    }
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
            self.sessions.push(items);
            self.sessions.blocks.push(at.map_or(UNTIMED, |at| hours::block(at) as u8));
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
        sessions.clicks.iter_mut().chain(&mut baskets.clicks).for_each(renumber);
        for pair in &mut pairs {
            renumber(&mut pair.from);
            renumber(&mut pair.to);
        }
        Log { ids: order.into_iter().map(|(id, _)| id).collect(), sessions, baskets, pairs, moments }
    }
}

/// Reads a log: session text, or events or counts of pairs as JSON lines; the
/// first line tells which. `known` ids become items also where the log does not name them.
///
/// # Errors
/// Says what is wrong with the log, and in which line.
pub fn read(
    input: &mut dyn BufRead,
    known: &[String],
    progress: &mut dyn FnMut(u64),
) -> Result<Log, Trouble> {
    /// Lines between two signs of life.
    const STRIDE: u64 = 4096;
    let mut builder = Builder::default();
    for id in known {
        builder.item(id)?;
    }
    let mut lines = Lines::new(input);
    let mut events: Option<Events> = None;
    let mut counted: Option<Vec<Pair>> = None;
    let mut is_first = true;
    let mut session: Vec<u32> = Vec::new();
    while let Some((number, line)) = lines.read()? {
        if is_first && serde_json::from_str::<Vec<serde::de::IgnoredAny>>(line).is_ok() {
            let sentence =
                "is a JSON list; a session is its ids with spaces between them, an event a JSON object";
            return Err(Trouble::at(number, sentence));
        }
        match is_first && line.trim_start().starts_with('{') {
            true if pairs::is_pair(line) => counted = Some(Vec::new()),
            true => events = Some(Events::default()),
            false => {}
        }
        is_first = false;
        match (&mut events, &mut counted) {
            (Some(events), _) => events.take(number, line)?,
            (None, Some(counted)) => pairs::take(number, line, &mut builder, counted)?,
            (None, None) => {
                session.clear();
                for id in line.split_whitespace() {
                    session.push(builder.item(id)?);
                }
                builder.session(&session, None)?;
            }
        }
        if number % STRIDE == 0 {
            progress(lines.bytes());
        }
    }
    let moments = match events {
        Some(events) => {
            let mut visits = Visits::default();
            events.finish(&mut |line| visits.take(line, &mut builder))?;
            Some(visits.finish(&mut builder)?)
        }
        None => None,
    };
    let counted = counted.unwrap_or_default();
    if builder.sessions.is_empty() && counted.is_empty() {
        return Err(Trouble::Bad("it holds no session: no line names an item".into()));
    }
    Ok(builder.finish(moments, counted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_numbered_in_the_order_of_their_ids() {
        let log = read(&mut "b a\r\n\n c b \n".as_bytes(), &["aa".into()], &mut |_| ()).unwrap();
        assert_eq!(log.ids, ["a", "aa", "b", "c"]);
        assert_eq!(log.sessions.get(0), [2, 0]);
        assert_eq!(log.sessions.get(1), [3, 2]);
        assert_eq!((log.sessions.len(), log.sessions.clicks()), (2, 4));
        assert!(log.moments.is_none());
    }

    #[test]
    fn an_empty_log_is_refused_in_a_sentence() {
        let refusal = read(&mut " \n\n".as_bytes(), &[], &mut |_| ()).unwrap_err();
        assert_eq!(refusal.to_string(), "it holds no session: no line names an item");
        assert!(read(&mut [0xff, 0xfe, b'\n'].as_slice(), &[], &mut |_| ()).is_err());
        let refusal = read(&mut "[{\"visitor\": \"a\"}]\n".as_bytes(), &[], &mut |_| ()).unwrap_err();
        assert!(refusal.to_string().starts_with("line 1: is a JSON list"), "{refusal}");
    }
}
