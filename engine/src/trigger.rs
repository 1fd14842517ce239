//! What a campaign waits for: a deed that another does not follow, or a sign
//! that the page in view gives. Never judges who the visitor is, and never sets
//! a timer: it says when to look again.

use crate::arm::Arm;
use crate::facts::Facts;
use crate::pack::{pack_enum, pack_struct};
use crate::sign::{Given, Sign};
use crate::time::Millis;

/// What a campaign waits for, and how long it then waits still.
#[derive(Debug, Clone, PartialEq)]
pub struct Trigger {
    /// What it waits for.
    pub cause: Cause,
    /// How long after it, in milliseconds; 0 at once.
    pub delay: u64,
}

/// What a campaign waits for.
#[derive(Debug, Clone, PartialEq)]
pub enum Cause {
    /// A deed of the first kind, and none of the second after it.
    Deed(u16, Option<u16>),
    /// A sign of the page in view, at least so strong: per cent or seconds.
    Sign(Sign, u32),
}

/// Whether a trigger has fired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fired {
    /// It fired, by what happened at this moment.
    Yes(Millis),
    /// It will at this moment, unless the awaited deed comes first.
    At(Millis),
    /// What it waits for has not happened, or what ends the wait has.
    No,
}

/// Judges the trigger of a campaign in which the visitor holds `arm`.
#[must_use]
pub fn fired(trigger: &Trigger, arm: Option<&Arm>, facts: &Facts) -> Fired {
    let since = match trigger.cause {
        Cause::Deed(after, without) => deed(after, without, facts),
        Cause::Sign(sign, amount) => {
            let mut found = None;
            for given in &facts.profile.visit.signs {
                let is_meant = given.sign == sign && given.amount >= amount;
                if found.is_none() && is_meant && is_fresh(given, trigger.delay, arm, facts) {
                    found = Some(given.at);
                }
            }
            found
        }
    };
    match since.map(|since| (since, since.plus(trigger.delay))) {
        None => Fired::No,
        Some((since, due)) if due <= facts.moment.now => Fired::Yes(since),
        Some((_, due)) => Fired::At(due),
    }
}

/// Whether a sign still counts. Without a delay it belongs to the page view
/// that gave it; with one it outlives the page within the visit, and is used up
/// by the campaign's becoming due.
fn is_fresh(given: &Given, delay: u64, arm: Option<&Arm>, facts: &Facts) -> bool {
    if delay == 0 {
        return given.view == facts.profile.views;
    }
    arm.is_none_or(|arm| arm.due < given.at.plus(delay))
}

/// The latest starting deed, unless the awaited one followed.
fn deed(after: u16, without: Option<u16>, facts: &Facts) -> Option<Millis> {
    let ring = &facts.profile.ring;
    let start = ring.iter().rposition(|deed| deed.is(after))?;
    let mut rest = ring.iter().skip(start);
    let deed = rest.next()?;
    if without.is_some_and(|kind| rest.any(|later| later.is(kind))) { None } else { Some(deed.at) }
}

pack_struct!(Trigger { cause, delay });
pack_enum!(Cause { 0 Deed(after, without), 1 Sign(sign, amount) } else Cause::Deed(0, None));
