//! What was done, how often, and in which order. Never backtracks: a count is
//! looked up, and an order is found in one pass over the remembered deeds for
//! each of its steps.

use alloc::vec::Vec;

use crate::facts::Facts;
use crate::pack::{pack_enum, pack_struct};
use crate::ring::{DAYS_KEPT, Deed, Tally};
use crate::time::{DAY, MINUTE, Millis};
use crate::truth::Truth;

/// The most repetitions of all steps of one sequence together: the passes over
/// the remembered deeds. The compiler refuses more.
pub const UNIT_LIMIT: usize = 64;

/// How far back to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// As long as the device remembers anything.
    Ever,
    /// This visit.
    Visit,
    /// The last so many milliseconds.
    Last(u64),
}

impl Span {
    /// The first moment that counts.
    #[must_use]
    pub fn since(self, facts: &Facts) -> Millis {
        match self {
            Span::Ever => Millis(0),
            Span::Visit => facts.profile.visit.started,
            Span::Last(length) => Millis(facts.moment.now.0.saturating_sub(length)),
        }
    }
}

/// `$did`: a kind of deed, how often, within which span.
#[derive(Debug, Clone, PartialEq)]
pub struct Did {
    /// Which deeds, by the plan's table of kinds.
    pub kind: u16,
    /// At least so many times.
    pub at_least: u32,
    /// At most so many times.
    pub at_most: u32,
    /// Since when.
    pub span: Span,
}

/// `$sequence` and `$path`: deeds in this order.
#[derive(Debug, Clone, PartialEq)]
pub struct Sequence {
    /// The steps.
    pub steps: Vec<Step>,
    /// From the first deed to the last, at most so many milliseconds.
    pub within: Option<u64>,
    /// A deed of this kind between the first and the last undoes the match.
    pub without: Option<u16>,
    /// Since when.
    pub span: Span,
    /// Deeds of these names never come between two steps, or with `only` none
    /// but these do: a page view between two clicks is not a detour, and a path
    /// is made of page views alone.
    pub beside: Vec<u32>,
    /// Turns `beside` around.
    pub only: bool,
}

/// One step of a sequence.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Which deeds.
    pub kind: u16,
    /// How many times, at least 1.
    pub times: u32,
    /// Whether more in a row are as good.
    pub or_more: bool,
    /// Whether it follows the step before, and its repetitions each other, with
    /// nothing in between.
    pub next: bool,
    /// At least and at most so many milliseconds after the step before.
    pub gap: (u64, u64),
    /// No deed of this kind since the step before.
    pub without: Option<u16>,
}

/// Judges `$did`.
#[must_use]
pub fn did(did: &Did, facts: &mut Facts) -> Truth {
    let profile = facts.profile;
    let Some(tally) = profile.tallies.get(usize::from(did.kind)) else { return Truth::Unknown };
    let since = did.span.since(facts);
    let enough = had(did, did.at_least, tally, facts);
    let too_many = did.at_most.checked_add(1).map_or(Some(false), |most| had(did, most, tally, facts));
    if let (Some(enough), Some(too_many), true) = (enough, too_many, tally.is_whole(since)) {
        return (enough && !too_many).into();
    }
    let (low, high) = times(did.kind, since, facts);
    if let (Span::Last(length), true) = (did.span, low != high) {
        wake_of_bounds(did.kind, since, length, facts);
    }
    if low >= did.at_least && high <= did.at_most {
        Truth::True
    } else if high < did.at_least || low > did.at_most {
        Truth::False
    } else {
        Truth::Unknown
    }
}

/// Whether there were so many, as far as the moments kept can say: they stand
/// in order, so one look tells. The truth can change when that one leaves the span.
fn had(did: &Did, nth: u32, tally: &Tally, facts: &mut Facts) -> Option<bool> {
    if nth == 0 || nth > tally.times || did.span == Span::Ever {
        return Some(nth <= tally.times);
    }
    let at = *tally.hits.get(tally.hits.len().checked_sub(nth as usize)?)?;
    if let Span::Last(length) = did.span {
        facts.wake_at(at.plus(length + 1));
    }
    Some(at >= did.span.since(facts))
}

/// How often, at least and at most, since a moment. A tally answers exactly
/// from the moment at which a plan first asked; before it, daily counts and
/// the lifetime counter of the event's name bound what the ring has dropped.
pub(crate) fn times(id: u16, since: Millis, facts: &Facts) -> (u32, u32) {
    let profile = facts.profile;
    let Some(tally) = profile.tallies.get(usize::from(id)) else { return (0, u32::MAX) };
    let seen = tally.hits.iter().rev().take_while(|hit| **hit >= since).count() as u32;
    let seen = if since == Millis(0) { tally.times } else { seen };
    let is_listed = (seen as usize) < tally.hits.len() || tally.hits.len() as u32 == tally.times;
    if tally.is_whole(since) {
        return (seen, if is_listed { seen } else { tally.times });
    }
    let name = facts.terms.kinds.event(id);
    let is_any = facts.terms.kinds.get(id).is_some_and(|kind| kind.filters.is_empty());
    let all = profile.count(name).map_or(0, |count| count.times);
    let (first_day, today) = (facts.terms.zone.day(since), facts.terms.zone.day(facts.moment.now));
    let (mut whole_days, mut touched) = (0u32, 0u32);
    for row in &profile.days {
        if row.name == name && row.day >= first_day {
            touched += row.times;
            whole_days += if row.day > first_day { row.times } else { 0 };
        }
    }
    let mut known = 0;
    for deed in &profile.ring {
        known += u32::from(deed.name == name && deed.at >= since && deed.at > tally.blurred);
    }
    let is_rolled_up = today.saturating_sub(first_day) < DAYS_KEPT;
    let most = if is_rolled_up { touched } else { all };
    if !is_any {
        return (seen, seen.saturating_add(most.saturating_sub(known.max(seen))));
    }
    let low = seen.max(known).max(whole_days);
    if since == Millis(0) { (all, all) } else { (low, most.max(low)) }
}

/// Bounds move with every remembered deed that leaves the span, with every
/// local day, and end where the tally begins.
fn wake_of_bounds(id: u16, since: Millis, length: u64, facts: &mut Facts) {
    let (profile, zone) = (facts.profile, &facts.terms.zone);
    let name = facts.terms.kinds.event(id);
    let begun = profile.tallies.get(usize::from(id)).map_or(Millis(0), |tally| tally.since);
    let midnight = Millis(since.0 - since.0 % MINUTE)
        .plus(DAY - u64::from(zone.minute_of_day(since)) * MINUTE)
        .plus(length);
    facts.wake_at(begun.plus(length + 1));
    facts.wake_at_local(midnight);
    for deed in &profile.ring {
        if deed.name == name && deed.at >= since {
            facts.wake_at(deed.at.plus(length + 1));
        }
    }
}

/// Judges `$sequence` and `$path`. For every repetition and every deed it
/// keeps the latest possible beginning of a match that ends there: a later
/// beginning can only help, so one pass a repetition suffices.
#[must_use]
pub fn sequence(sequence: &Sequence, facts: &mut Facts) -> Truth {
    let profile = facts.profile;
    if profile.partial || !profile.is_settled(&facts.terms.kinds) {
        return Truth::Unknown;
    }
    let since = sequence.span.since(facts);
    let first = profile.ring.iter().take_while(|deed| deed.at < since).count();
    let deeds = profile.ring.get(first..).unwrap_or_default();
    let mut begun: Vec<Option<Millis>> = Vec::new();
    let mut units = 0;
    // The latest deed that could have been a step, and the latest that could
    // have come between two, of which nobody knows any more.
    let (mut missing, mut doubt) = (Millis(0), Millis(0));
    let lost = |kind: &Option<u16>| kind.map_or(Millis(0), |kind| lost(kind, facts));
    for step in &sequence.steps {
        missing = missing.max(lost(&Some(step.kind)));
        doubt = doubt.max(lost(&step.without));
        if step.next && units + step.times as usize > 1 {
            doubt = doubt.max(profile.unnamed);
            profile.counts.iter().for_each(|count| doubt = doubt.max(count.forgotten));
        }
        for nth in 0..step.times {
            if units < UNIT_LIMIT {
                begun = pass(sequence, step, (units, nth), &begun, deeds);
                units += 1;
            }
        }
    }
    doubt = doubt.max(lost(&sequence.without));
    let mut found = None;
    for (deed, start) in deeds.iter().zip(&begun) {
        let in_time = |start: &Millis| sequence.within.is_none_or(|limit| deed.at.since(*start) <= limit);
        found = found.max(start.filter(in_time));
    }
    if let Span::Last(length) = sequence.span {
        for at in [found.unwrap_or_default(), missing, doubt] {
            facts.wake_at(at.plus(length + 1));
        }
    }
    let is_lost = |at: Millis| at > Millis(0) && at >= since;
    match found {
        Some(start) if is_lost(doubt) && doubt >= start => Truth::Unknown,
        Some(_) => Truth::True,
        None if is_lost(missing) => Truth::Unknown,
        None => Truth::False,
    }
}

/// The latest deed that may have been of a kind and is no longer known.
fn lost(kind: u16, facts: &Facts) -> Millis {
    let blurred = facts.profile.tallies.get(usize::from(kind)).map_or(Millis(0), |tally| tally.blurred);
    blurred.max(facts.profile.forgotten(facts.terms.kinds.event(kind)))
}

/// One pass: for every deed, the latest beginning of a match whose latest deed
/// it is, given those of one repetition less.
fn pass(
    sequence: &Sequence,
    step: &Step,
    (unit, nth): (usize, u32),
    before: &[Option<Millis>],
    deeds: &[Deed],
) -> Vec<Option<Millis>> {
    let (least, most) = if nth == 0 { step.gap } else { (0, u64::MAX) };
    let undone = |deed: &Deed| {
        sequence.without.is_some_and(|kind| deed.is(kind))
            || nth == 0 && step.without.is_some_and(|kind| deed.is(kind))
    };
    let mut begun = Vec::new();
    // Candidates in the order of their ends, and of falling beginnings: a later
    // end with a later beginning makes all before it useless.
    let mut open: Vec<(Millis, Millis)> = Vec::new();
    let (mut head, mut ready) = (0, 0);
    // What ended at the deed right before, to go on with nothing in between:
    // one repetition less, with its end, and as many.
    let (mut last, mut longer): (Option<(Millis, Millis)>, _) = (None, None);
    for (at, deed) in deeds.iter().enumerate() {
        if undone(deed) {
            open.clear();
            (head, ready) = (0, at);
            (last, longer) = (None, None);
        }
        while ready < at {
            let Some(ended) = deeds.get(ready) else { break };
            if deed.at.since(ended.at) < least {
                break;
            }
            if let Some(start) = before.get(ready).copied().flatten() {
                while open.len() > head && open.last().is_some_and(|(_, known)| *known <= start) {
                    open.pop();
                }
                open.push((ended.at, start));
            }
            ready += 1;
        }
        while open.get(head).is_some_and(|(end, _)| deed.at.since(*end) > most) {
            head += 1;
        }
        let is_beside = sequence.beside.contains(&deed.name) != sequence.only;
        let mut start = None;
        if deed.is(step.kind) {
            start = match (unit, step.next) {
                (0, _) => Some(deed.at),
                (_, true) => last
                    .filter(|(end, _)| (least..=most).contains(&deed.at.since(*end)))
                    .map(|(_, start)| start),
                (_, false) => open.get(head).map(|(_, start)| *start),
            };
            // In a row, a further repetition goes on where the last one ended.
            if step.next && step.or_more && nth + 1 == step.times {
                start = start.max(longer);
            }
        }
        if !is_beside {
            last = before.get(at).copied().flatten().map(|start| (deed.at, start));
            longer = start;
        }
        begun.push(start);
    }
    begun
}

pack_enum!(Span { 0 Ever, 1 Visit, 2 Last(length) } else Span::Ever);
pack_struct!(Did { kind, at_least, at_most, span });
pack_struct!(Sequence { steps, within, without, span, beside, only });
pack_struct!(Step { kind, times, or_more, next, gap, without });
