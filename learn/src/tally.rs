//! Visitors and converters of one arm. Never more than two sums.

/// What is known of one arm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Visitors who were due.
    pub visitors: u64,
    /// Those of them who reached the goal.
    pub converters: u64,
}

impl Tally {
    /// Converters and the others; forged reports may add up to more converters
    /// than visitors, who then all count as converters.
    #[must_use]
    pub fn split(self) -> (f64, f64) {
        let hits = self.converters.min(self.visitors);
        (hits as f64, (self.visitors - hits) as f64)
    }
}
