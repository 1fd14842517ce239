//! What was done, how often, in which order, along which path, and what was
//! not done. Never backtracks: every question is answered in one pass over
//! the remembered deeds, times the number of steps.

use alloc::string::String;
use alloc::vec::Vec;

use crate::attribute::Facts;
use crate::pack::{pack_enum, pack_struct};
use crate::profile::Profile;
use crate::ring::{DAYS_KEPT, Deed, Stop};
use crate::text::next_part;
use crate::time::Millis;
use crate::value::Truth;

/// The most repetitions of all steps of one sequence together: the width of
/// the table walked for each deed. The compiler refuses more.
pub const UNIT_LIMIT: usize = 64;

/// Which deeds are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// The event's name.
    pub event: u32,
    /// All of these must fit.
    pub filters: Vec<Filter>,
}

/// One property of a deed; a list fits if one entry does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// A product's id.
    Item(Vec<u32>),
    /// A product's category, folded.
    Category(Vec<u32>),
    /// A product's brand, folded.
    Brand(Vec<u32>),
    /// The path it happened on.
    Place(Vec<u32>),
}

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

/// `$did`: a kind of deed, how often, within which span.
#[derive(Debug, Clone, PartialEq)]
pub struct Did {
    /// Which deeds.
    pub kind: Kind,
    /// At least so many times.
    pub at_least: u32,
    /// At most so many times.
    pub at_most: u32,
    /// Since when.
    pub span: Span,
}

/// `$sequence`: deeds in this order, other deeds between them allowed.
#[derive(Debug, Clone, PartialEq)]
pub struct Sequence {
    /// Each step: which deeds, how many times in a row of steps (at least 1).
    pub steps: Vec<(Kind, u32)>,
    /// From the first deed to the last, at most so many milliseconds.
    pub within: Option<u64>,
    /// A deed of this kind between the first and the last undoes the match.
    pub without: Option<Kind>,
}

/// One segment of a path pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Exactly this.
    Is(String),
    /// `*`: any one segment.
    One,
    /// `**`: any segments, none too; only at the end.
    Rest,
}

impl Kind {
    /// Whether a deed is of this kind.
    #[must_use]
    pub fn fits(&self, deed: &Deed) -> bool {
        deed.name == self.event
            && self.filters.iter().all(|filter| match filter {
                Filter::Item(any) => deed.things.iter().any(|thing| any.contains(&thing.item)),
                Filter::Category(any) => deed.things.iter().any(|thing| any.contains(&thing.category)),
                Filter::Brand(any) => deed.things.iter().any(|thing| any.contains(&thing.brand)),
                Filter::Place(any) => any.contains(&deed.place),
            })
    }

    /// The latest deed of this name that the ring has dropped.
    fn forgotten(&self, profile: &Profile) -> Millis {
        profile.count(self.event).map_or(Millis(0), |count| count.forgotten)
    }
}

/// Judges `$did`.
#[must_use]
pub fn did(did: &Did, facts: &mut Facts) -> Truth {
    if facts.profile.partial {
        return Truth::Unknown;
    }
    let now = facts.moment.now;
    let since = match did.span {
        Span::Ever => Millis(0),
        Span::Visit => facts.profile.visit.started,
        Span::Last(length) => Millis(now.0.saturating_sub(length)),
    };
    let (low, high) = times(&did.kind, since, facts);
    if let Span::Last(length) = did.span {
        // Each deed leaves the span on its own; the earliest to leave wakes.
        for deed in &facts.profile.ring {
            if deed.at >= since && did.kind.fits(deed) {
                facts.wake_at(deed.at.plus(length + 1));
            }
        }
    }
    if low >= did.at_least && high <= did.at_most {
        Truth::True
    } else if high < did.at_least || low > did.at_most {
        Truth::False
    } else {
        Truth::Unknown
    }
}

/// How often, at least and at most, since a moment. The ring answers exactly
/// as far as it reaches; daily counts bound what it has dropped; the lifetime
/// counter answers "ever".
fn times(kind: &Kind, since: Millis, facts: &Facts) -> (u32, u32) {
    let profile = facts.profile;
    let (mut seen, mut in_ring) = (0u32, 0u32);
    for deed in &profile.ring {
        if deed.name == kind.event && deed.at >= since {
            in_ring += 1;
            seen += u32::from(kind.fits(deed));
        }
    }
    let forgotten = kind.forgotten(profile);
    if forgotten < since || forgotten == Millis(0) {
        return (seen, seen);
    }
    let lifetime = profile.count(kind.event).map_or(0, |count| count.times);
    let (first_day, today) = (facts.terms.zone.day(since), facts.terms.zone.day(facts.moment.now));
    let (mut whole_days, mut touched) = (0u32, 0u32);
    for row in &profile.days {
        if row.name == kind.event && row.day >= first_day {
            touched += row.times;
            whole_days += if row.day > first_day { row.times } else { 0 };
        }
    }
    let rolled_up = today.saturating_sub(first_day) < DAYS_KEPT;
    if !kind.filters.is_empty() {
        let gap = if rolled_up { touched } else { lifetime }.saturating_sub(in_ring);
        return (seen, seen.saturating_add(gap));
    }
    match (since == Millis(0), rolled_up) {
        (true, _) => (lifetime, lifetime),
        (_, true) => (seen.max(whole_days), touched.max(seen)),
        (_, false) => (seen.max(whole_days), lifetime),
    }
}

/// Judges `$sequence`. For every number of units done it keeps the latest
/// possible beginning: a later beginning can only help, so one pass suffices.
#[must_use]
pub fn sequence(sequence: &Sequence, facts: &Facts) -> Truth {
    let profile = facts.profile;
    if profile.partial {
        return Truth::Unknown;
    }
    let mut units: Vec<&Kind> = Vec::new();
    for (kind, times) in &sequence.steps {
        for _ in 0..(*times as usize).min(UNIT_LIMIT - units.len()) {
            units.push(kind);
        }
    }
    let mut begun: [Option<Millis>; UNIT_LIMIT] = [None; UNIT_LIMIT];
    let mut found = None;
    for deed in &profile.ring {
        if sequence.without.as_ref().is_some_and(|kind| kind.fits(deed)) {
            begun.iter_mut().for_each(|start| *start = None);
        }
        // From the last unit down, so that one deed serves one unit only.
        for (at, kind) in units.iter().enumerate().rev() {
            if !kind.fits(deed) {
                continue;
            }
            let start = if at == 0 { Some(deed.at) } else { begun.get(at - 1).copied().flatten() };
            if let Some((slot, start)) = begun.get_mut(at).zip(start) {
                *slot = Some(slot.map_or(start, |known| known.max(start)));
                let in_time = sequence.within.is_none_or(|limit| deed.at.since(start) <= limit);
                if at + 1 == units.len() && in_time {
                    found = Some(start);
                }
            }
        }
    }
    let dropped = |kind: &Kind| kind.forgotten(profile);
    match found {
        Some(start)
            if sequence
                .without
                .as_ref()
                .is_some_and(|kind| dropped(kind) >= start && dropped(kind) > Millis(0)) =>
        {
            Truth::Unknown
        }
        Some(_) => Truth::True,
        None if units.iter().any(|kind| dropped(kind) > Millis(0)) => Truth::Unknown,
        None => Truth::False,
    }
}

/// Judges `$path`: the pages of this visit hold, next to each other, pages
/// that fit the patterns in order.
#[must_use]
pub fn path(patterns: &[Vec<Piece>], facts: &Facts) -> Truth {
    let profile = facts.profile;
    if profile.partial {
        return Truth::Unknown;
    }
    // The trail is in order: this visit's pages are its end.
    let is_earlier = |stop: &&Stop| stop.at < profile.visit.started;
    let pages = profile.trail.get(profile.trail.iter().take_while(is_earlier).count()..).unwrap_or_default();
    let found = pages
        .windows(patterns.len().max(1))
        .any(|run| run.iter().zip(patterns).all(|(stop, pattern)| fits(&stop.path, pattern)));
    if !found && pages.len() < profile.visit.views as usize { Truth::Unknown } else { found.into() }
}

/// Whether a path fits a pattern.
#[must_use]
pub fn fits(path: &str, pattern: &[Piece]) -> bool {
    let mut rest = path;
    for piece in pattern {
        let segment = next_segment(&mut rest);
        let is_fit = match piece {
            Piece::Rest => return true,
            Piece::One => !segment.is_empty(),
            Piece::Is(want) => want == segment,
        };
        if !is_fit {
            return false;
        }
    }
    next_segment(&mut rest).is_empty()
}

/// The next segment that is not empty; empty behind the last.
fn next_segment<'a>(rest: &mut &'a str) -> &'a str {
    while let Some(behind) = rest.strip_prefix('/') {
        *rest = behind;
    }
    next_part(rest, b'/')
}

pack_struct!(Kind { event, filters });
pack_enum!(Filter { 0 Item(any), 1 Category(any), 2 Brand(any), 3 Place(any) } else Filter::Item(Vec::new()));
pack_enum!(Span { 0 Ever, 1 Visit, 2 Last(length) } else Span::Ever);
pack_struct!(Did { kind, at_least, at_most, span });
pack_struct!(Sequence { steps, within, without });
pack_enum!(Piece { 0 Is(text), 1 One, 2 Rest } else Piece::One);
