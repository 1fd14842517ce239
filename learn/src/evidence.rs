//! What a policy may know: counts, nothing else. Never a visitor, never a
//! moment; sums of integers, so that the order in which reports came, and how
//! they were grouped, cannot be seen.

use vitrine_engine::report::Counts;

use crate::tally::Tally;

/// So many of the latest periods are looked at apart, besides all of them:
/// each stretch a third to a half longer than the one before, so that a change
/// is noticed soon after it happened, whenever that was.
const AGES: [usize; 16] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256];

/// What a campaign earns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Worth {
    /// A converter counts 1.
    #[default]
    Conversion,
    /// A converter counts what was bought.
    Revenue,
}

/// What is known of one arm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Visitors and converters.
    pub tally: Tally,
    /// What the converters bought, in minor units.
    pub revenue: u128,
    /// The sum of the squares of what each of them bought.
    pub revenue2: u128,
}

impl Count {
    /// Adds what another period or leaf counted; saturates.
    pub fn add(&mut self, more: &Count) {
        self.tally.visitors = self.tally.visitors.saturating_add(more.tally.visitors);
        self.tally.converters = self.tally.converters.saturating_add(more.tally.converters);
        self.revenue = self.revenue.saturating_add(more.revenue);
        self.revenue2 = self.revenue2.saturating_add(more.revenue2);
    }

    /// Takes away what an earlier period had counted already.
    fn less(&self, before: &Count) -> Count {
        let tally = Tally {
            visitors: self.tally.visitors.saturating_sub(before.tally.visitors),
            converters: self.tally.converters.saturating_sub(before.tally.converters),
        };
        let revenue = self.revenue.saturating_sub(before.revenue);
        Count { tally, revenue, revenue2: self.revenue2.saturating_sub(before.revenue2) }
    }
}

impl From<&Counts> for Count {
    fn from(counts: &Counts) -> Count {
        let tally = Tally { visitors: counts.visitors, converters: counts.converters };
        Count { tally, revenue: counts.revenue, revenue2: counts.revenue2 }
    }
}

/// Counts of a stretch of time: by leaf, and in it by arm.
pub type Window = Vec<Vec<Count>>;

/// What is known of a campaign.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evidence {
    /// What it earns.
    pub worth: Worth,
    /// How far apart messages are in the site's other campaigns: the standard
    /// deviation of an arm's rate over their mean. `None` where there are none.
    pub spread: Option<f64>,
    /// All that was counted, then the latest periods, from one to ever more.
    pub windows: Vec<Window>,
}

impl Evidence {
    /// All that was counted.
    #[must_use]
    pub fn all(&self) -> &[Vec<Count>] {
        self.windows.first().map_or(&[], Vec::as_slice)
    }

    /// The campaign without its leaves.
    #[must_use]
    pub fn pooled(&self) -> Evidence {
        let sum = |window: &Window| {
            let mut arms: Vec<Count> = Vec::new();
            for leaf in window {
                arms.resize(arms.len().max(leaf.len()), Count::default());
                arms.iter_mut().zip(leaf).for_each(|(sum, count)| sum.add(count));
            }
            vec![arms]
        };
        Evidence { windows: self.windows.iter().map(sum).collect(), ..*self }
    }

    /// Each leaf as a campaign of its own.
    #[must_use]
    pub fn apart(&self) -> Vec<Evidence> {
        let leaf = |at: usize| {
            let of = |window: &Window| window.get(at).cloned().into_iter().collect();
            Evidence { windows: self.windows.iter().map(of).collect(), ..*self }
        };
        (0..self.all().len()).map(leaf).collect()
    }
}

/// Counts as they come, a period after the other: a day of a collector, a
/// batch of a simulation.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// What had been counted after each period.
    sums: Vec<Window>,
}

impl History {
    /// Adds a period.
    pub fn push(&mut self, period: &[Vec<Count>]) {
        let mut sum = self.sums.last().cloned().unwrap_or_default();
        sum.resize(sum.len().max(period.len()), Vec::new());
        for (leaf, more) in sum.iter_mut().zip(period) {
            leaf.resize(leaf.len().max(more.len()), Count::default());
            leaf.iter_mut().zip(more).for_each(|(sum, count)| sum.add(count));
        }
        self.sums.push(sum);
    }

    /// What a policy may know after the latest period.
    #[must_use]
    pub fn windows(&self) -> Vec<Window> {
        let Some(all) = self.sums.last() else { return Vec::new() };
        let mut windows = vec![all.clone()];
        for age in AGES {
            let Some(before) = self.sums.len().checked_sub(age + 1).and_then(|at| self.sums.get(at)) else {
                break;
            };
            windows.push(since(all, before));
        }
        windows
    }
}

fn since(all: &Window, before: &Window) -> Window {
    let none = Vec::new();
    let leaf = |(at, arms): (usize, &Vec<Count>)| {
        let before = before.get(at).unwrap_or(&none);
        let arm = |(at, count): (usize, &Count)| count.less(before.get(at).unwrap_or(&Count::default()));
        arms.iter().enumerate().map(arm).collect()
    };
    all.iter().enumerate().map(leaf).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(visitors: u64, converters: u64) -> Count {
        Count { tally: Tally { visitors, converters }, ..Count::default() }
    }

    #[test]
    fn windows_are_all_and_the_latest_periods() {
        let mut history = History::default();
        assert!(history.windows().is_empty());
        for period in 1..=9u64 {
            history.push(&[vec![count(period, 0), count(10 * period, 1)]]);
        }
        let windows = history.windows();
        let first: Vec<u64> = windows.iter().map(|window| window[0][0].tally.visitors).collect();
        assert_eq!(first, [45, 9, 17, 24, 30, 39, 44]);
        assert_eq!(windows[3][0][1], count(240, 3));
    }

    #[test]
    fn leaves_are_added_up_or_taken_apart() {
        let window = vec![vec![count(5, 1), count(6, 2)], vec![count(50, 10), count(60, 20)]];
        let evidence = Evidence { windows: vec![window], ..Evidence::default() };
        assert_eq!(evidence.pooled().all(), [vec![count(55, 11), count(66, 22)]]);
        assert_eq!(evidence.apart()[1].all(), [vec![count(50, 10), count(60, 20)]]);
    }
}
