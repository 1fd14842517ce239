//! What the marketer published, compiled and checked. A `Plan` cannot be
//! wrong: the compiler checks what people can mend, and [`Plan::open`] checks
//! what a foreign file could break; nothing is checked again.

use alloc::string::String;
use alloc::vec::Vec;

use crate::arm::ALL_KINDS;
use crate::bandit::Aim;
pub use crate::grid::Grid;
use crate::node::{Node, NodeId};
use crate::nodes::Nodes;
use crate::pack::{Input, Pack, pack_enum, pack_struct};
use crate::profile::Terms;
pub use crate::ramp::Ramp;
use crate::seal::{self, Broken, Kind};
use crate::template::{Currency, Words};
pub use crate::text::is_safe_link;
use crate::time::Millis;
use crate::trigger::Trigger;

/// Messages of one campaign, besides the holdout.
pub const MESSAGE_LIMIT: usize = 32;
/// Campaigns of one plan.
pub const CAMPAIGN_LIMIT: usize = 500;
/// Conditions of one plan, shared ones once.
pub const NODE_LIMIT: usize = 20_000;
/// Bytes of a plan: a device loads it before it can decide anything.
pub const PLAN_BYTES: usize = 512 * 1024;

/// A published plan.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// The site's name, as in the script tag.
    pub site: String,
    /// How amounts are written.
    pub currency: Currency,
    /// How the device remembers.
    pub terms: Terms,
    /// How revenue is coarsened before it is reported.
    pub grid: Grid,
    /// Every condition once, parts before wholes.
    pub nodes: Nodes,
    /// Named segments, in the order of the file.
    pub segments: Vec<Segment>,
    /// Where messages can stand.
    pub slots: Vec<Slot>,
    /// What campaigns aim at.
    pub goals: Vec<Goal>,
    /// Highest priority first; equals in the order of the file.
    pub campaigns: Vec<Campaign>,
    /// Pages on which nothing is shown.
    pub quiet: Option<NodeId>,
    /// Caps over all campaigns together: of messages of one kind, or of
    /// [`crate::arm::ALL_KINDS`].
    pub pace: Vec<(u8, Limits)>,
    /// Share of visitors kept from every campaign, in 1/10,000.
    pub holdout: u16,
}

/// A named segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Its name.
    pub id: String,
    /// Its condition.
    pub when: NodeId,
}

/// Where one message at a time can stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Its name.
    pub id: String,
    /// Over the page or in it.
    pub place: Place,
}

/// Where a slot is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Over the page, at its upper edge; moves nothing.
    Top,
    /// Over the page, at its lower edge; moves nothing.
    Bottom,
    /// Over the page, in the middle.
    Center,
    /// In an element of the page, by CSS selector.
    Inline {
        /// Which element.
        selector: String,
        /// Where of it.
        position: Position,
        /// The least height that the slot needs, in CSS pixels.
        min_height: u16,
    },
}

/// Where of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// In it; the shop gave it a height.
    Inside,
    /// Before it.
    Before,
    /// After it.
    After,
}

/// What counts as success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goal {
    /// Its name.
    pub id: String,
    /// The event's name.
    pub event: String,
    /// How long after the draw it still counts, in milliseconds.
    pub window: u64,
}

/// One campaign.
#[derive(Debug, Clone, PartialEq)]
pub struct Campaign {
    /// Its name.
    pub id: String,
    /// Index of its slot.
    pub slot: u16,
    /// Higher goes first.
    pub priority: i32,
    /// Who; everybody without.
    pub when: Option<NodeId>,
    /// When; at once without.
    pub trigger: Option<Trigger>,
    /// On which days and hours: in any of these; always, where there is none.
    pub schedule: Vec<Window>,
    /// Pages on which it is not shown.
    pub quiet: Option<NodeId>,
    /// How often.
    pub pace: Pace,
    /// Index of its goal.
    pub goal: u16,
    /// Share of visitors kept from it, in 1/10,000.
    pub holdout: u16,
    /// How its message is drawn.
    pub aim: Aim,
    /// Whether what is learnt is revenue per visitor, not conversions.
    pub by_revenue: bool,
    /// The share of visitors that it is open to; all of them without.
    pub ramp: Option<Ramp>,
    /// Segments whose visitors are learnt of apart, by index.
    pub by: Vec<u16>,
    /// Its messages.
    pub messages: Vec<Message>,
}

/// Days and hours on which a campaign runs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Window {
    /// From this moment on.
    pub from: Option<Millis>,
    /// Until before this moment.
    pub until: Option<Millis>,
    /// From and until before these minutes of the site's local day; a range
    /// past midnight has the first above the second.
    pub minutes: Option<(u16, u16)>,
    /// Bit n: on weekday n, 0 Sunday; 0 means every day. Hours past midnight
    /// belong to the day on which they began.
    pub weekdays: u8,
}

/// How often something may be shown; 0 means without limit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Limits {
    /// Showings a visit.
    pub per_visit: u32,
    /// Showings a local day, at most 255.
    pub per_day: u32,
    /// Showings in the seven local days that end with today, at most 255.
    pub per_week: u32,
    /// Showings ever.
    pub ever: u32,
    /// Milliseconds between two showings.
    pub cool_down: u64,
}

/// How often a campaign may be seen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pace {
    /// Its caps.
    pub limits: Limits,
    /// Never again once clicked.
    pub stop_clicked: bool,
    /// Never again once dismissed.
    pub stop_dismissed: bool,
    /// Never again once its goal was reached.
    pub stop_converted: bool,
}

/// One variant of a campaign.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Its name.
    pub id: String,
    /// What it looks like.
    pub form: Form,
    /// Its heading.
    pub title: Words,
    /// Its text; may be empty.
    pub body: Words,
    /// Its button.
    pub cta: Option<Cta>,
    /// Its share under `split`.
    pub weight: u32,
    /// The one that others are compared with.
    pub baseline: bool,
}

/// What a message looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// A line across the page's edge.
    Bar,
    /// A dialog over the page.
    Modal,
    /// A row of products, by the packed [`crate::recommend::Wish`]: what
    /// decides has no use for it, so that only what ranks reads it.
    Products {
        /// The packed wish.
        wish: Vec<u8>,
    },
}

/// A button that leads somewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Cta {
    /// What it says.
    pub text: Words,
    /// Where it leads, by language as in [`Words`]: `https:` or relative to the
    /// site; the compiler and the door refuse everything else.
    pub href: Vec<(String, String)>,
}

impl Form {
    /// The number of its kind, as caps name it.
    #[must_use]
    pub fn kind(&self) -> u8 {
        match self {
            Form::Bar => 1,
            Form::Modal => 2,
            Form::Products { .. } => 3,
        }
    }
}

impl Campaign {
    /// Whether some message of it is of a kind.
    #[must_use]
    pub fn has_kind(&self, kind: u8) -> bool {
        kind == ALL_KINDS || self.messages.iter().any(|message| message.form.kind() == kind)
    }

    /// The place of a message by its id.
    #[must_use]
    pub fn message(&self, id: &str) -> Option<u16> {
        self.messages.iter().zip(0u16..).find(|(message, _)| message.id == id).map(|(_, at)| at)
    }
}

impl Plan {
    /// Reads sealed bytes of unknown origin.
    ///
    /// # Errors
    /// Says why the bytes are no plan.
    pub fn open(bytes: &[u8]) -> Result<Plan, Broken> {
        if bytes.len() > PLAN_BYTES {
            return Err(Broken::Foreign);
        }
        let mut plan: Plan = seal::open(Kind::Plan, bytes)?;
        if plan.completes() { Ok(plan) } else { Err(Broken::Content) }
    }

    /// Fills in what is not written, and says whether the whole is sound.
    pub(crate) fn completes(&mut self) -> bool {
        self.find_segments();
        self.is_sound()
    }

    /// The sealed bytes.
    #[must_use]
    pub fn seal(&self) -> Vec<u8> {
        seal::seal(Kind::Plan, self)
    }

    /// The conditions say which of them are segments; written in both lists
    /// they cost 200 bytes of brotli for as many segments.
    fn find_segments(&mut self) {
        for (at, node) in (0..).zip(self.nodes.iter()) {
            if let Node::Segment(place, _) = node
                && let Some(segment) = self.segments.get_mut(usize::from(*place))
            {
                segment.when = at;
            }
        }
    }

    /// Every index points somewhere, every condition's parts stand before it,
    /// every bound holds, every link is harmless.
    fn is_sound(&self) -> bool {
        let node = |id: NodeId| usize::from(id) < self.nodes.len();
        let campaign = |campaign: &Campaign| {
            campaign.when.is_none_or(node)
                && campaign.quiet.is_none_or(node)
                && usize::from(campaign.slot) < self.slots.len()
                && usize::from(campaign.goal) < self.goals.len()
                && campaign.by.iter().all(|segment| usize::from(*segment) < self.segments.len())
                && (1..=MESSAGE_LIMIT).contains(&campaign.messages.len())
                && campaign
                    .messages
                    .iter()
                    .filter_map(|message| message.cta.as_ref())
                    .flat_map(|cta| &cta.href)
                    .all(|(_, href)| is_safe_link(href))
        };
        self.nodes.len() <= NODE_LIMIT
            && self.quiet.is_none_or(node)
            && self.nodes.is_sound()
            && self.terms.kinds.is_sound()
            && self.segments.iter().all(|segment| node(segment.when))
            && self.campaigns.len() <= CAMPAIGN_LIMIT
            && self.campaigns.iter().all(campaign)
    }
}

pack_struct!(Plan {
    site,
    currency,
    terms,
    grid,
    nodes,
    segments,
    slots,
    goals,
    campaigns,
    quiet,
    pace,
    holdout,
});

/// Its condition is found among the others by [`Plan::open`], which refuses a
/// plan that lacks it.
impl Pack for Segment {
    fn pack(&self, out: &mut Vec<u8>) {
        self.id.pack(out);
    }

    fn unpack(input: &mut Input) -> Self {
        Segment { id: Pack::unpack(input), when: NodeId::MAX }
    }
}
pack_struct!(Slot { id, place });
pack_enum!(Place { 0 Top, 1 Bottom, 2 Center, 3 Inline { selector, position, min_height } } else Place::Top);
pack_enum!(Position { 0 Inside, 1 Before, 2 After } else Position::Inside);
pack_struct!(Goal { id, event, window });
pack_struct!(Campaign {
    id,
    slot,
    priority,
    when,
    trigger,
    schedule,
    quiet,
    pace,
    goal,
    holdout,
    aim,
    by_revenue,
    ramp,
    by,
    messages,
});
pack_struct!(Window { from, until, minutes, weekdays });
pack_struct!(Limits { per_visit, per_day, per_week, ever, cool_down });
pack_struct!(Pace { limits, stop_clicked, stop_dismissed, stop_converted });
pack_struct!(Message { id, form, title, body, cta, weight, baseline });
pack_enum!(Form { 0 Bar, 1 Modal, 2 Products { wish } } else Form::Bar);
pack_struct!(Cta { text, href });

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::Node;

    #[test]
    fn a_plan_whose_condition_points_forward_is_refused() {
        let plan = Plan { nodes: Nodes::new(alloc::vec![Node::Not(0)], alloc::vec![]), ..Plan::default() };
        assert_eq!(Plan::open(&plan.seal()), Err(Broken::Content));
        let nodes = Nodes::new(alloc::vec![Node::All(alloc::vec![]), Node::Not(0)], alloc::vec![]);
        let plan = Plan { nodes, ..Plan::default() };
        assert_eq!(Plan::open(&plan.seal()), Ok(plan));
    }
}
