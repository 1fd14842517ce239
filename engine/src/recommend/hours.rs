//! When in the day a category is looked at. Never says when one visitor was
//! there: it is a few bits a category, of all of a log's sessions together.
//!
//! The day is the clock's in Greenwich, so that no zone is needed to learn or to
//! rank; where clocks change with the season, a block begins an hour late for half
//! of the year.

use crate::time::{DAY, HOUR, Millis};

/// Blocks of a day.
pub const BLOCKS: usize = 8;
/// Categories that a model says something about: those that differ most.
pub const HOURS_LIMIT: usize = 64;
/// Bits of a block's level.
const LEVEL_BITS: u32 = 4;
/// The level that changes nothing; one up or down is a step.
pub const EVEN: u32 = 8;
/// A step, in 1/256: levels reach from a quarter less to not quite a quarter more.
pub const STEP: u32 = 8;

/// The block of a moment, 0..[`BLOCKS`].
#[must_use]
pub fn block(at: Millis) -> usize {
    (at.0 % DAY / (DAY / BLOCKS as u64)) as usize
}

/// Levels, one a block, the first in the lowest bits.
#[must_use]
pub fn levels(of: [u32; BLOCKS]) -> u32 {
    of.into_iter().rev().fold(0, |bits, level| bits << LEVEL_BITS | level.min(2 * EVEN - 1))
}

/// What a category counts at a moment, in 1/256.
#[must_use]
pub fn factor(levels: u32, now: Millis) -> u32 {
    let level = levels >> (LEVEL_BITS * block(now) as u32) & (2 * EVEN - 1);
    256 - EVEN * STEP + level * STEP
}

const _: () = assert!(DAY / BLOCKS as u64 == 3 * HOUR && BLOCKS as u32 * LEVEL_BITS == u32::BITS);
