//! How often each leaf converts, and what each arm does to that, told apart
//! from counts of arms in leaves. Never believes anything: no prior of effects
//! is in it but one conversion's worth.
//!
//! Iterative proportional fitting (Deming and Stephan 1940), where a cell counts
//! for no more than its own deviation lets it say: with `within` as the variance
//! of deviations, a cell of many visitors is one opinion of its leaf's.

use crate::evidence::Count;

/// Conversions' worth of the campaign's rate that every leaf's rate begins with.
pub const LEAF: f64 = 2.0;
/// Rounds of fitting rates of leaves and effects of arms to each other.
const ROUNDS: usize = 4;
/// No rate is believed to be above it.
pub const MOST: f64 = 0.999;

/// What a leaf's arm counted, as fractions may be needed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// Visitors.
    pub visitors: f64,
    /// Converters.
    pub hits: f64,
}

/// Leaves and arms.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// What was counted: by leaf, and in it by arm.
    pub cells: Vec<Vec<Cell>>,
    /// The campaign's rate.
    pub rate: f64,
    /// The leaves' rates.
    pub rates: Vec<f64>,
    /// The arms' effects on them: 1 is none.
    pub effects: Vec<f64>,
}

impl Fit {
    /// Fits rates and effects to the counts, in turns.
    #[must_use]
    pub fn new(window: &[Vec<Count>], within: f64) -> Fit {
        Fit::fitted(window, |_| LEAF, within)
    }

    /// The same without deviations, where leaves' rates have the standard
    /// deviation `level`, as a part of the campaign's.
    #[must_use]
    pub fn drawn(window: &[Vec<Count>], level: f64) -> Fit {
        Fit::fitted(window, |rate| ((1.0 - rate) / (level * level)).max(1.0), 0.0)
    }

    /// `begun`: by the campaign's rate, the conversions' worth of it that each
    /// leaf's begins with.
    fn fitted(window: &[Vec<Count>], begun: impl Fn(f64) -> f64, within: f64) -> Fit {
        let cell = |count: &Count| {
            let (hits, misses) = count.tally.split();
            Cell { visitors: hits + misses, hits }
        };
        let cells: Vec<Vec<Cell>> = window.iter().map(|leaf| leaf.iter().map(cell).collect()).collect();
        let arms = cells.iter().map(Vec::len).max().unwrap_or(0);
        let (mut hits, mut visitors) = (0.5, 25.0);
        for cell in cells.iter().flatten() {
            hits += cell.hits;
            visitors += cell.visitors;
        }
        let rate = hits / visitors;
        let mut fit = Fit { rate, rates: vec![rate; cells.len()], effects: vec![1.0; arms], cells };
        let begun = begun(rate);
        for _ in 0..ROUNDS {
            fit.leaves(begun, within);
            if fit.cells.len() < 2 {
                break;
            }
            fit.arms(within);
        }
        fit
    }

    fn leaves(&mut self, begun: f64, within: f64) {
        for (leaf, cells) in self.rates.iter_mut().zip(&self.cells) {
            let (mut hits, mut expected) = (begun, begun / self.rate);
            for (cell, effect) in cells.iter().zip(&self.effects) {
                let said = said(cell, (*leaf, *effect), within);
                hits += said * cell.hits;
                expected += said * cell.visitors * effect;
            }
            *leaf = (hits / expected).min(MOST);
        }
    }

    fn arms(&mut self, within: f64) {
        for (at, effect) in self.effects.iter_mut().enumerate() {
            let (mut hits, mut expected) = (1.0, 1.0);
            for (cells, rate) in self.cells.iter().zip(&self.rates) {
                let Some(cell) = cells.get(at) else { continue };
                let said = said(cell, (*rate, *effect), within);
                hits += said * cell.hits;
                expected += said * cell.visitors * rate;
            }
            *effect = hits / expected;
        }
    }
}

/// How much of a cell's counts speaks for all leaves or arms, 0 to 1, where
/// deviations have the variance `within`.
#[must_use]
pub fn said(cell: &Cell, (rate, effect): (f64, f64), within: f64) -> f64 {
    1.0 / (1.0 + within * cell.visitors * rate * effect / (1.0 - rate))
}
