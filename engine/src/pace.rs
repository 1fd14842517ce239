//! How often and when a campaign may be seen. Never looks at who the visitor
//! is: only at the clock and at what was shown before.

use crate::arm::Arm;
use crate::facts::Facts;
use crate::plan::{Pace, Schedule};
use crate::profile::VISIT_GAP;
use crate::time::{DAY, MINUTE, Millis};

/// Why a campaign has to wait or to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Seen often enough in this visit.
    PerVisit,
    /// Seen often enough today.
    PerDay,
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

/// The first cap that an arm has reached, if any.
#[must_use]
pub fn stopped(pace: &Pace, arm: &Arm, facts: &mut Facts) -> Option<Stop> {
    let now = facts.moment.now;
    // Put away on this page: not again on this page.
    if arm.dismissed.is_some() && arm.dismissed_view == facts.profile.views {
        return Some(Stop::Dismissed);
    }
    let (in_visit, in_day) = shown_of_late(arm, facts);
    let rested = arm
        .shown
        .filter(|_| pace.cool_down > 0)
        .map(|shown| shown.plus(pace.cool_down))
        .filter(|until| *until > now);
    if let Some(until) = rested {
        facts.wake_at(until);
    }
    if reached(pace.per_day, in_day) {
        facts.wake_at_local(next_day(facts));
    }
    if arm.quiet_until > now {
        facts.wake_at(arm.quiet_until);
        return Some(Stop::Quiet);
    }
    let checks = [
        (pace.stop_clicked && arm.clicked.is_some(), Stop::Clicked),
        (pace.stop_dismissed && arm.dismissed.is_some(), Stop::Dismissed),
        (pace.stop_converted && arm.converted, Stop::Converted),
        (reached(pace.ever, arm.ever), Stop::Ever),
        (reached(pace.per_visit, in_visit), Stop::PerVisit),
        (reached(pace.per_day, in_day), Stop::PerDay),
        (rested.is_some(), Stop::CoolDown),
    ];
    checks.into_iter().find(|(reached, _)| *reached).map(|(_, stop)| stop)
}

/// Until when a campaign stays silent for an arm on the pages after this one,
/// for the edge's digest: `None` if it may speak on the next, [`Millis`] at the
/// end of time if never again.
#[must_use]
pub fn quiet_until(pace: &Pace, arm: &Arm, facts: &Facts) -> Option<Millis> {
    let now = facts.moment.now;
    let (in_visit, in_day) = shown_of_late(arm, facts);
    let stops_for_good = (pace.stop_clicked && arm.clicked.is_some())
        || (pace.stop_dismissed && arm.dismissed.is_some())
        || (pace.stop_converted && arm.converted)
        || reached(pace.ever, arm.ever);
    let until = [
        stops_for_good.then_some(Millis(u64::MAX)),
        reached(pace.per_visit, in_visit).then(|| facts.profile.visit.last.plus(VISIT_GAP)),
        reached(pace.per_day, in_day).then(|| next_day(facts)),
        arm.shown.map(|shown| shown.plus(pace.cool_down)),
    ];
    until.into_iter().flatten().max().filter(|until| *until > now)
}

fn reached(limit: u32, shown: u32) -> bool {
    limit > 0 && shown >= limit
}

/// Showings in this visit and on this local day.
fn shown_of_late(arm: &Arm, facts: &Facts) -> (u32, u32) {
    let today = facts.terms.zone.day(facts.moment.now);
    let times = |(when, times): (u32, u32), now: u32| if when == now { times } else { 0 };
    (times(arm.in_visit, facts.profile.visits), times(arm.in_day, today))
}

/// When the next local day begins.
fn next_day(facts: &Facts) -> Millis {
    let now = facts.moment.now;
    let minute = u64::from(facts.terms.zone.minute_of_day(now));
    Millis(now.0 - now.0 % MINUTE).plus(DAY - minute * MINUTE)
}

/// Whether a schedule is open now; notes when that changes.
#[must_use]
pub fn on_schedule(schedule: &Schedule, facts: &mut Facts) -> bool {
    let now = facts.moment.now;
    let (minute, weekday) = (facts.terms.zone.minute_of_day(now), facts.terms.zone.weekday(now));
    for bound in [schedule.from, schedule.until].into_iter().flatten() {
        facts.wake_at(bound);
    }
    let start_of_minute = Millis(now.0 - now.0 % MINUTE);
    let in_minutes = |target: u16| {
        let ahead = (u64::from(target) + DAY / MINUTE - u64::from(minute)) % (DAY / MINUTE);
        if ahead == 0 { DAY / MINUTE } else { ahead }
    };
    if let Some((from, until)) = schedule.minutes {
        facts.wake_at_local(start_of_minute.plus(in_minutes(from) * MINUTE));
        facts.wake_at_local(start_of_minute.plus(in_minutes(until) * MINUTE));
    }
    if schedule.weekdays != 0 {
        facts.wake_at_local(start_of_minute.plus(in_minutes(0) * MINUTE));
    }
    let in_hours = schedule.minutes.is_none_or(|(from, until)| {
        if from <= until { (from..until).contains(&minute) } else { minute >= from || minute < until }
    });
    schedule.from.is_none_or(|from| now >= from)
        && schedule.until.is_none_or(|until| now < until)
        && in_hours
        && (schedule.weekdays == 0 || schedule.weekdays >> weekday & 1 == 1)
}
