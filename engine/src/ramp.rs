//! A campaign that begins with a small share of the visitors and grows. Never
//! draws: each visitor has a place of their own, and the share passes it.

use crate::pack::pack_struct;
use crate::time::Millis;

/// Visitors are told apart as finely as this: shares and places are counted in
/// 1/10,000.
pub const PLACES: u64 = 10_000;

/// How the share of visitors grows that a campaign is open to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ramp {
    /// The share at the start, in 1/10,000.
    pub from: u64,
    /// The share in the end, in 1/10,000.
    pub to: u64,
    /// When it starts; nobody has a turn before.
    pub start: Millis,
    /// How long it takes to let in one more of 10,000, in milliseconds.
    pub step: u64,
}

impl Ramp {
    /// When a visitor's turn comes, by their place, 0..10,000; `None` if never.
    /// Places are let in in order, so whoever is in stays in while it grows. A
    /// foreign plan's numbers may wrap, which is shorter than to saturate.
    #[must_use]
    pub fn turn(&self, place: u64) -> Option<Millis> {
        if place >= self.to {
            return None;
        }
        let before = (place + 1).saturating_sub(self.from);
        Some(Millis(self.start.0.wrapping_add(before.wrapping_mul(self.step))))
    }

    /// The share at a moment, in 1/10,000; 0 before the start.
    #[must_use]
    pub fn share(&self, now: Millis) -> u64 {
        if now < self.start {
            return 0;
        }
        let grown = now.since(self.start) / self.step.max(1);
        grown.saturating_add(self.from).min(self.to)
    }

    /// When it has grown as far as it grows.
    #[must_use]
    pub fn end(&self) -> Millis {
        self.turn(self.to.saturating_sub(1)).unwrap_or(self.start)
    }
}

pack_struct!(Ramp { from, to, start, step });

#[cfg(test)]
mod tests {
    use super::*;

    const RAMP: Ramp = Ramp { from: 1_000, to: 6_000, start: Millis(50_000), step: 10 };

    #[test]
    fn a_place_has_its_turn_when_the_share_passes_it() {
        for place in 0..PLACES {
            match RAMP.turn(place) {
                None => assert!(place >= 6_000),
                Some(turn) => {
                    assert!(RAMP.share(turn) > place, "{place} at {turn:?}");
                    assert!(RAMP.share(Millis(turn.0 - 1)) <= place, "{place} at {turn:?}");
                }
            }
        }
    }

    #[test]
    fn it_begins_and_ends_with_the_shares_that_were_asked() {
        assert_eq!(
            [49_999, 50_000, 50_009, 50_010].map(|now| RAMP.share(Millis(now))),
            [0, 1_000, 1_000, 1_001]
        );
        assert_eq!(RAMP.end(), Millis(100_000));
        assert_eq!([99_999, 100_000, u64::MAX].map(|now| RAMP.share(Millis(now))), [5_999, 6_000, 6_000]);
    }

    #[test]
    fn foreign_numbers_end_nothing() {
        let wild = Ramp { from: 1, to: 5, start: Millis(u64::MAX), step: u64::MAX };
        assert!(wild.turn(4).is_some() && wild.turn(PLACES).is_none());
        assert_eq!(Ramp { step: 0, ..wild }.share(Millis(u64::MAX)), 1);
        assert_eq!(Ramp::default().end(), Millis(0));
    }
}
