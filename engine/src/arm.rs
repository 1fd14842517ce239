//! The arm that a visitor holds in a campaign, and what came of it. Never
//! drawn here: `bandit` draws.

use alloc::string::String;

use crate::event::{self, Event};
use crate::pack::{pack_enum, pack_struct};
use crate::time::Millis;

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
        }
    }

    /// The stream of a report's word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Stream> {
        [Stream::Random, Stream::Adaptive, Stream::Fixed, Stream::Holdout]
            .into_iter()
            .find(|s| s.word() == word)
    }
}

/// The name of the arm that shows nothing.
pub const HOLDOUT: &str = "holdout";

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
    /// Drawn by an edge and not counted yet: the page counts it when it is due.
    pub adopted: bool,
    /// Only at the edge, from the page's digest: silent until then.
    pub quiet_until: Millis,
    /// The latest showing.
    pub shown: Option<Millis>,
    /// Showings in the visit named by its ordinal.
    pub in_visit: (u32, u32),
    /// Showings on the local day.
    pub in_day: (u32, u32),
    /// Showings ever.
    pub ever: u32,
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
    /// Notes what happened to its message, in which visit, page view and day.
    pub fn mark(&mut self, event: &Event, visit: u32, view: u32, day: u32) {
        if self.message != event.message {
            return;
        }
        match event.name.as_str() {
            // Scrolled out of view and in again is one showing.
            event::SHOWN if self.shown_view == view && self.shown.is_some() => {}
            event::SHOWN => {
                let again = |(when, times): (u32, u32), now: u32| {
                    (now, if when == now { times.saturating_add(1) } else { 1 })
                };
                self.in_visit = again(self.in_visit, visit);
                self.in_day = again(self.in_day, day);
                self.ever = self.ever.saturating_add(1);
                self.shown = Some(event.at);
                self.shown_view = view;
            }
            event::CLICKED => self.clicked = Some(event.at),
            event::DISMISSED => {
                self.dismissed = Some(event.at);
                self.dismissed_view = view;
            }
            _ => {}
        }
    }
}

pack_enum!(Stream { 0 Random, 1 Adaptive, 2 Fixed, 3 Holdout } else Stream::Random);
pack_struct!(Arm {
    campaign,
    message,
    leaf,
    stream,
    epoch,
    day,
    drawn,
    view,
    adopted,
    quiet_until,
    shown,
    in_visit,
    in_day,
    ever,
    shown_view,
    clicked,
    dismissed,
    dismissed_view,
    converted,
    revenue,
});
