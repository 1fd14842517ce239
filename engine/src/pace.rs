//! How often and when a campaign may be seen. Never looks at who the visitor
//! is: only at the clock and at what was shown before.

use crate::arm::{Arm, HOLDOUT, Showings, Stream};
use crate::facts::Facts;
use crate::plan::{Limits, Pace, Window};
use crate::profile::VISIT_GAP;
use crate::time::{DAY, MINUTE, Millis, WEEK_DAYS};

/// Why a campaign has to wait or to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Seen often enough in this visit.
    PerVisit,
    /// Seen often enough today.
    PerDay,
    /// Seen often enough in the seven days that end today.
    PerWeek,
    /// Seen often enough.
    Ever,
    /// Seen a moment ago.
    CoolDown,
    /// It was clicked.
    Clicked,
    /// It was dismissed.
    Dismissed,
    /// Its goal was reached.
    Converted,
    /// The page said so to the edge.
    Quiet,
}

impl Stop {
    /// The rule's own word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Stop::PerVisit => "perSession",
            Stop::PerDay => "perDay",
            Stop::PerWeek => "perWeek",
            Stop::Ever => "ever",
            Stop::CoolDown => "coolDown",
            Stop::Clicked => "stopAfter clicked",
            Stop::Dismissed => "stopAfter dismissed",
            Stop::Converted => "stopAfter converted",
            Stop::Quiet => "pace, as the page told the edge",
        }
    }
}

/// Whether a message already stands in the page in view: it stays there until
/// it is dismissed or the page is left, whatever its caps say.
#[must_use]
pub fn stands(arm: &Arm, facts: &Facts) -> bool {
    let view = facts.profile.views;
    arm.view == view && !(arm.dismissed.is_some() && arm.dismissed_view == view)
}

/// The first reason for which an arm's campaign has to wait, if any.
#[must_use]
pub fn stopped(pace: &Pace, arm: &Arm, facts: &mut Facts) -> Option<Stop> {
    // Put away on this page: not again on this page.
    let is_put_away = arm.dismissed.is_some() && arm.dismissed_view == facts.profile.views;
    let cap = capped(&pace.limits, &arm.seen, 0, facts);
    if is_put_away { Some(Stop::Dismissed) } else { ended(pace, arm).or(cap) }
}

/// The first cap that is reached, if any; notes when caps open again. `more`
/// showings are as good as made: messages that are due on this page.
#[must_use]
pub fn capped(limits: &Limits, seen: &Showings, more: u32, facts: &mut Facts) -> Option<Stop> {
    reached(limits, seen, more, facts).0
}

/// Until when one cap stays reached; `None` where it is not.
#[must_use]
pub fn ends(cap: Stop, limits: &Limits, seen: &Showings, facts: &Facts) -> Option<Millis> {
    let found = caps(limits, seen, 0, facts).into_iter().find(|(holds, stop, _)| *holds && *stop == cap);
    found.map(|(_, _, until)| until)
}

/// Until when caps stay reached on the pages after this one, for the edge's
/// digest: the beginning of time if they are not, [`Millis::NEVER`] if for good.
#[must_use]
pub fn closed_until(limits: &Limits, seen: &Showings, facts: &mut Facts) -> Millis {
    reached(limits, seen, 0, facts).1
}

/// The same for one campaign.
#[must_use]
pub fn quiet_until(pace: &Pace, arm: &Arm, facts: &mut Facts) -> Millis {
    if ended(pace, arm).is_some() { Millis::NEVER } else { closed_until(&pace.limits, &arm.seen, facts) }
}

/// Whether a message is due on this page and not seen there yet.
#[must_use]
pub fn is_due_unseen(arm: &Arm, facts: &Facts) -> bool {
    let is_unseen = arm.shown_view != facts.profile.views || arm.seen.last.is_none();
    is_unseen && stands(arm, facts) && is_message(arm)
}

/// Whether an arm is a message, or takes one's place in the counts.
#[must_use]
pub fn is_message(arm: &Arm) -> bool {
    arm.message != HOLDOUT || arm.stream == Stream::Global
}

/// What ends a campaign for good.
fn ended(pace: &Pace, arm: &Arm) -> Option<Stop> {
    if pace.stop_clicked && arm.clicked.is_some() {
        return Some(Stop::Clicked);
    }
    if pace.stop_dismissed && arm.dismissed.is_some() {
        return Some(Stop::Dismissed);
    }
    if pace.stop_converted && arm.converted { Some(Stop::Converted) } else { None }
}

/// The first cap that is reached, and until when the last one is; notes when
/// each opens again.
fn reached(limits: &Limits, seen: &Showings, more: u32, facts: &mut Facts) -> (Option<Stop>, Millis) {
    let (mut first, mut latest) = (None, Millis(0));
    for (holds, stop, until) in caps(limits, seen, more, facts) {
        if !holds {
            continue;
        }
        first = first.or(Some(stop));
        latest = latest.max(until);
        // Only an event begins another visit.
        if stop != Stop::PerVisit && until < Millis::NEVER {
            facts.wake_at(until);
        }
    }
    (first, latest)
}

/// Every cap: whether it is reached, and until when it would be.
fn caps(limits: &Limits, seen: &Showings, more: u32, facts: &Facts) -> [(bool, Stop, Millis); 6] {
    let (now, zone) = (facts.moment.now, &facts.terms.zone);
    let today = zone.day(now);
    let full = |limit: u32, times: u32| limit > 0 && times.saturating_add(more) >= limit;
    let mut open = today;
    while open < today + WEEK_DAYS && full(limits.per_week, seen.in_week(open)) {
        open += 1;
    }
    // What was just shown, or is due on this page, is not over.
    let rested = seen.last.map_or(Millis(0), |shown| shown.plus(limits.cool_down));
    let is_resting = limits.cool_down > 0 && (rested > now || more > 0);
    let visit = full(limits.per_visit, seen.in_visit(facts.profile.visits));
    [
        (seen.quiet_until > now, Stop::Quiet, seen.quiet_until),
        (full(limits.ever, seen.ever), Stop::Ever, Millis::NEVER),
        (visit, Stop::PerVisit, facts.profile.visit.last.plus(VISIT_GAP)),
        (full(limits.per_day, seen.on_day(today)), Stop::PerDay, zone.begins(today + 1, now)),
        (open > today, Stop::PerWeek, zone.begins(open, now)),
        (is_resting, Stop::CoolDown, rested),
    ]
}

/// Whether a schedule is open now; notes when that may change.
#[must_use]
pub fn on_schedule(windows: &[Window], facts: &mut Facts) -> bool {
    let mut is_open = windows.is_empty();
    for window in windows {
        is_open |= is_within(window, facts);
    }
    is_open
}

fn is_within(window: &Window, facts: &mut Facts) -> bool {
    let now = facts.moment.now;
    let (minute, weekday) = (facts.terms.zone.minute_of_day(now), facts.terms.zone.weekday(now));
    for bound in [window.from, window.until].into_iter().flatten() {
        facts.wake_at(bound);
    }
    let (opens, closes) = window.minutes.unwrap_or((0, (DAY / MINUTE) as u16));
    if window.minutes.is_some() || window.weekdays != 0 {
        let start_of_minute = Millis(now.0 - now.0 % MINUTE);
        for target in [opens, closes] {
            let ahead = (u64::from(target) + DAY / MINUTE - u64::from(minute) - 1) % (DAY / MINUTE) + 1;
            facts.wake_at_local(start_of_minute.plus(ahead * MINUTE));
        }
    }
    let is_day = |weekday: u8| window.weekdays == 0 || window.weekdays >> weekday & 1 == 1;
    let is_open = if opens < closes {
        (opens..closes).contains(&minute) && is_day(weekday)
    } else {
        // The hours after midnight belong to the day before.
        (minute >= opens && is_day(weekday)) || (minute < closes && is_day((weekday + 6) % WEEK_DAYS as u8))
    };
    is_open && window.from.is_none_or(|from| now >= from) && window.until.is_none_or(|until| now < until)
}
