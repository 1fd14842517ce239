//! The arm that a visitor holds in a campaign, and what came of it. Never
//! drawn here: `bandit` draws.

use alloc::string::String;
use alloc::vec::Vec;

use crate::event::{self, Event};
use crate::pack::{pack_enum, pack_struct};
use crate::time::{Millis, WEEK_DAYS};

/// How an arm was drawn; the results weigh the streams differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Stream {
    /// Uniformly.
    #[default]
    Random,
    /// From learnt odds.
    Adaptive,
    /// By the marketer's weights.
    Fixed,
    /// Kept from the campaign.
    Holdout,
    /// Kept from every campaign of the site: another question than the
    /// campaign's own holdout answers, so the two are never added up.
    Global,
}

impl Stream {
    /// The report's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Stream::Random => "random",
            Stream::Adaptive => "adaptive",
            Stream::Fixed => "fixed",
            Stream::Holdout => "holdout",
            Stream::Global => "global",
        }
    }

    /// The stream of a report's word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Stream> {
        [Stream::Random, Stream::Adaptive, Stream::Fixed, Stream::Holdout, Stream::Global]
            .into_iter()
            .find(|s| s.word() == word)
    }
}

/// The name of the arm that shows nothing.
pub const HOLDOUT: &str = "holdout";

/// Local days of showings that are told apart: a week, today included, and
/// one more that fills the bits.
const DAYS: u32 = 8;

/// The number that stands for messages of every kind; a kind's own is above it.
pub const ALL_KINDS: u8 = 0;

/// How often something was shown of late: what caps are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Showings {
    /// The latest one.
    pub last: Option<Millis>,
    /// Those in the visit named by its ordinal.
    pub in_visit: (u32, u32),
    /// The site's local day of the latest.
    pub day: u32,
    /// A byte a local day, the lowest that of `day`, the next the day before
    /// it; at most 255 are counted a day.
    pub by_day: u64,
    /// Those ever.
    pub ever: u32,
    /// Only at the edge, from the page's digest: silent until then.
    pub quiet_until: Millis,
}

impl Showings {
    /// Adds one, in a visit and on a local day.
    pub fn add(&mut self, at: Millis, visit: u32, day: u32) {
        let (known, times) = self.in_visit;
        self.in_visit = (visit, if known == visit { times.saturating_add(1) } else { 1 });
        self.by_day = self.seen_from(day);
        self.day = self.day.max(day);
        if self.by_day & 0xff < 0xff {
            self.by_day += 1;
        }
        self.ever = self.ever.saturating_add(1);
        self.last = Some(at);
    }

    /// Those in a visit.
    #[must_use]
    pub fn in_visit(&self, visit: u32) -> u32 {
        if self.in_visit.0 == visit { self.in_visit.1 } else { 0 }
    }

    /// Those on a local day.
    #[must_use]
    pub fn on_day(&self, day: u32) -> u32 {
        (self.seen_from(day) & 0xff) as u32
    }

    /// Those on the seven local days that end with this one.
    #[must_use]
    pub fn in_week(&self, day: u32) -> u32 {
        let mut days = self.seen_from(day);
        let mut sum = 0;
        for _ in 0..WEEK_DAYS {
            sum += (days & 0xff) as u32;
            days >>= 8;
        }
        sum
    }

    /// The bytes as of a later day; a clock set back is still the latest day.
    fn seen_from(&self, day: u32) -> u64 {
        let gone = day.saturating_sub(self.day);
        if gone < DAYS { self.by_day << (8 * gone) } else { 0 }
    }
}

/// Counts a showing of a kind of message: by kind, and of all kinds together.
pub fn note(showings: &mut Vec<Showings>, kind: u8, (at, visit, day): (Millis, u32, u32)) {
    for scope in [ALL_KINDS, kind] {
        let scope = usize::from(scope);
        if showings.len() <= scope {
            showings.resize(scope + 1, Showings::default());
        }
        if let Some(seen) = showings.get_mut(scope) {
            seen.add(at, visit, day);
        }
    }
}

/// The arm that this visitor holds in one campaign, and what came of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Arm {
    /// The campaign.
    pub campaign: String,
    /// The message, or [`HOLDOUT`].
    pub message: String,
    /// The first segment of the campaign's `by` that was held, else `else`.
    pub leaf: String,
    /// How it was drawn.
    pub stream: Stream,
    /// The epoch of the odds it was drawn from; 0 without.
    pub epoch: u32,
    /// The site's local day on which it was drawn.
    pub day: u32,
    /// When it was drawn.
    pub drawn: Millis,
    /// The page view in which it last was due.
    pub view: u32,
    /// When it became due there.
    pub due: Millis,
    /// The number of its message's kind.
    pub kind: u8,
    /// Drawn by an edge and not counted yet: the page counts it when it is due.
    pub adopted: bool,
    /// How often it was shown.
    pub seen: Showings,
    /// The page view of the latest showing.
    pub shown_view: u32,
    /// The latest click.
    pub clicked: Option<Millis>,
    /// The latest dismissal.
    pub dismissed: Option<Millis>,
    /// The page view of the latest dismissal.
    pub dismissed_view: u32,
    /// Whether its goal was reached within the window.
    pub converted: bool,
    /// The goal's value so far, in minor units, on the site's grid.
    pub revenue: u64,
}

impl Arm {
    /// Notes what happened to its message, in which visit, page view and day;
    /// returns whether it was shown in this page view for the first time.
    pub fn mark(&mut self, event: &Event, (visit, view, day): (u32, u32, u32)) -> bool {
        if self.message != event.message {
            return false;
        }
        match event.name.as_str() {
            // Scrolled out of view and in again is one showing.
            event::SHOWN if self.shown_view != view || self.seen.last.is_none() => {
                self.seen.add(event.at, visit, day);
                self.shown_view = view;
                return true;
            }
            event::CLICKED => self.clicked = Some(event.at),
            event::DISMISSED => {
                self.dismissed = Some(event.at);
                self.dismissed_view = view;
            }
            _ => {}
        }
        false
    }
}

pack_enum!(Stream { 0 Random, 1 Adaptive, 2 Fixed, 3 Holdout, 4 Global } else Stream::Random);
pack_struct!(Showings { last, in_visit, day, by_day, ever, quiet_until });
pack_struct!(Arm {
    campaign,
    message,
    leaf,
    stream,
    epoch,
    day,
    drawn,
    view,
    due,
    kind,
    adopted,
    seen,
    shown_view,
    clicked,
    dismissed,
    dismissed_view,
    converted,
    revenue,
});
