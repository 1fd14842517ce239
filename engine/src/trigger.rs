//! What a campaign waits for: a deed, and perhaps another that does not follow.
//! Never judges who the visitor is, and never sets a timer: it says when to
//! look again.

use crate::facts::Facts;
use crate::pack::pack_struct;
use crate::time::Millis;

/// What an absence or a delay waits for.
#[derive(Debug, Clone, PartialEq)]
pub struct Trigger {
    /// The kind of deed that starts the wait.
    pub after: u16,
    /// A deed of this kind after it ends the wait for good.
    pub without: Option<u16>,
    /// How long to wait, in milliseconds; 0 at once.
    pub delay: u64,
}

/// Whether a trigger has fired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fired {
    /// It fired, by the deed at this moment.
    Yes(Millis),
    /// It will at this moment, unless the awaited deed comes first.
    At(Millis),
    /// Its first deed has not happened, or the awaited one has.
    No,
}

/// Judges a trigger: the latest starting deed, unless the awaited one followed.
#[must_use]
pub fn fired(trigger: &Trigger, facts: &Facts) -> Fired {
    let ring = &facts.profile.ring;
    let Some(start) = ring.iter().rposition(|deed| deed.is(trigger.after)) else {
        return Fired::No;
    };
    let mut after = ring.iter().skip(start);
    let Some(deed) = after.next() else {
        return Fired::No;
    };
    if trigger.without.is_some_and(|kind| after.any(|later| later.is(kind))) {
        return Fired::No;
    }
    let due = deed.at.plus(trigger.delay);
    if due <= facts.moment.now { Fired::Yes(deed.at) } else { Fired::At(due) }
}

pack_struct!(Trigger { after, without, delay });
