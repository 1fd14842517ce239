//! Sessions of numbered items, at four bytes a click. Never knows whose they are.

use std::ops::Range;

use vitrine_engine::recommend::hours;
use vitrine_engine::time::Millis;

/// The block of a session of which nobody knows when it was.
pub const UNTIMED: u8 = u8::MAX;
/// Clicks of one session before a judged row: a robot's thousandth click says
/// nothing of people.
const PREFIX_LIMIT: usize = 100;

/// Sessions, stored flat.
#[derive(Debug, Default)]
pub struct Sessions {
    clicks: Vec<u32>,
    ends: Vec<usize>,
    /// In which block of the day each ended, or [`UNTIMED`]; none for baskets.
    blocks: Vec<u8>,
}

impl Sessions {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The items of one session, oldest first.
    #[must_use]
    pub fn get(&self, session: usize) -> &[u32] {
        let end = |at: usize| self.ends.get(at).copied().unwrap_or(self.clicks.len());
        let start = if session == 0 { 0 } else { end(session - 1) };
        self.clicks.get(start..end(session)).unwrap_or_default()
    }

    /// In which block of the day a session ended; see [`hours::block`].
    #[must_use]
    pub fn block(&self, session: usize) -> u8 {
        self.blocks.get(session).copied().unwrap_or(UNTIMED)
    }

    /// Clicks in all.
    #[must_use]
    pub fn clicks(&self) -> usize {
        self.clicks.len()
    }

    /// About so many rows of a span of sessions, spread evenly: what was seen,
    /// oldest first, and what came next.
    pub fn rows(&self, span: Range<usize>, rows: usize) -> impl Iterator<Item = (&[u32], u32)> {
        let judged = |session: usize| self.get(session).len().saturating_sub(1).min(PREFIX_LIMIT);
        let all: usize = span.clone().map(judged).sum();
        let stride = all.div_ceil(rows.max(1)).max(1);
        let ends = span.flat_map(move |session| (1..=judged(session)).map(move |end| (session, end)));
        ends.skip(stride - 1).step_by(stride).filter_map(|(session, end)| {
            let (prefix, rest) = self.get(session).split_at_checked(end)?;
            rest.first().map(|label| (prefix, *label))
        })
    }

    /// Adds one.
    pub fn push(&mut self, session: &[u32]) {
        self.clicks.extend(session);
        self.ends.push(self.clicks.len());
    }

    /// Adds one that ended at a moment, if that is known.
    pub fn push_at(&mut self, session: &[u32], at: Option<Millis>) {
        self.push(session);
        self.blocks.push(at.map_or(UNTIMED, |at| hours::block(at) as u8));
    }

    /// Every click, to be renumbered.
    pub fn items_mut(&mut self) -> impl Iterator<Item = &mut u32> {
        self.clicks.iter_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_spread_evenly_over_a_span() {
        let mut sessions = Sessions::default();
        for session in [&[0, 1, 2][..], &[3], &[0, 1], &[2, 3, 4, 5]] {
            sessions.push(session);
        }
        let rows = |span: Range<usize>, most: usize| -> Vec<(usize, u32)> {
            sessions.rows(span, most).map(|(prefix, label)| (prefix.len(), label)).collect()
        };
        assert_eq!(rows(0..4, 9), [(1, 1), (2, 2), (1, 1), (1, 3), (2, 4), (3, 5)]);
        assert_eq!(rows(0..4, 3), [(2, 2), (1, 3), (3, 5)]);
        assert!(rows(1..2, 3).is_empty());
    }
}
