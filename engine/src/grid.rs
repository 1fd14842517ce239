//! How revenue is coarsened before it leaves a device. Never rounds what the
//! device itself judges by.

use crate::pack::pack_struct;

/// Revenue leaves the device clipped and rounded, so that no amount names a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    /// Rounded to a multiple of this, in minor units; at least 1.
    pub step: u64,
    /// Clipped at this, in minor units; at most 10^9.
    pub clip: u64,
}

impl Default for Grid {
    fn default() -> Self {
        Grid { step: 1, clip: 1_000_000_000 }
    }
}

impl Grid {
    /// An amount on the grid.
    #[must_use]
    pub fn coarse(&self, minor: u64) -> u64 {
        let step = self.step.max(1);
        (minor.min(self.clip) + step / 2) / step * step
    }
}

pack_struct!(Grid { step, clip });
