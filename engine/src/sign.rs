//! What a page tells of its visitor besides deeds: how far, how long, still
//! there. Signs enter as events, so that a recording replays them, but are no
//! deeds: nothing counts them unless a rule names their event, and they are
//! forgotten with the visit.

use alloc::vec::Vec;

use crate::event::Event;
use crate::pack::{pack_enum, pack_struct};
use crate::ring::keep_last;
use crate::time::Millis;
use crate::value::Value;

/// Signs kept of one visit: of a dozen pages with a trigger of every sort.
const GIVEN_LIMIT: usize = 32;

/// One thing that a page tells of its visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// How much of the page has come into view from its top, in per cent.
    Scroll,
    /// How long the page has been in view, in seconds.
    Dwell,
    /// How long nobody has touched the page in view, in seconds.
    Idle,
    /// The visitor is about to leave, or was away and is back.
    Exit,
}

/// A sign that was given in this visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Given {
    /// Which.
    pub sign: Sign,
    /// How strong.
    pub amount: u32,
    /// When.
    pub at: Millis,
    /// In which page view, by its ordinal.
    pub view: u32,
}

impl Sign {
    /// The event's name, and that of its parameter.
    #[must_use]
    pub fn names(self) -> [&'static str; 2] {
        match self {
            Sign::Scroll => ["scroll", "percent_scrolled"],
            Sign::Dwell => ["dwell", "seconds"],
            Sign::Idle => ["user_idle", "seconds"],
            Sign::Exit => ["exit_intent", ""],
        }
    }

    /// The sign of an event's name.
    #[must_use]
    pub fn of(name: &str) -> Option<Sign> {
        [Sign::Scroll, Sign::Dwell, Sign::Idle, Sign::Exit].into_iter().find(|sign| sign.names()[0] == name)
    }

    /// The event that tells it.
    #[must_use]
    pub fn event(self, amount: u32, at: Millis) -> Event {
        let [name, parameter] = self.names();
        let mut event = Event::new(name, at);
        if !parameter.is_empty() {
            event.parameters.push((parameter.into(), Value::Number(amount.into())));
        }
        event
    }
}

impl Given {
    /// The sign that an event gives, if it is one.
    #[must_use]
    pub fn of(event: &Event, view: u32) -> Option<Given> {
        let sign = Sign::of(&event.name)?;
        let amount = match event.parameter(sign.names()[1], 1) {
            Value::Number(amount) => amount as u32,
            _ => 0,
        };
        Some(Given { sign, amount, at: event.at, view })
    }
}

/// Takes an event's sign into a visit's, once a page view; returns whether the
/// event was one at all.
pub fn hear(signs: &mut Vec<Given>, event: &Event, view: u32) -> bool {
    let Some(given) = Given::of(event, view) else { return false };
    let same = |known: &Given| (known.sign, known.amount, known.view) == (given.sign, given.amount, view);
    if !signs.iter().any(same) {
        keep_last(signs, given, GIVEN_LIMIT);
    }
    true
}

pack_enum!(Sign { 0 Scroll, 1 Dwell, 2 Idle, 3 Exit } else Sign::Exit);
pack_struct!(Given { sign, amount, at, view });
