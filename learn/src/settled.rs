//! What is known of a campaign when it is judged: settled visitors as they were
//! drawn, and those who may still convert, apart. Never says anything of them.

use vitrine_engine::report::Counts;

/// What is known of a campaign. `arms` of every part are its running messages,
/// in the same order.
#[derive(Debug, Clone, Default)]
pub struct Campaign {
    /// Index of the message that the others are compared with.
    pub baseline: Option<usize>,
    /// Whether money decides rather than conversions.
    pub by_revenue: bool,
    /// Whether the policy gives those behind ever fewer visitors, so that nobody
    /// can say when they will have been beaten.
    pub starves: bool,
    /// Whether the policy gives most visitors to the two that lead.
    pub is_top_two: bool,
    /// Settled visitors who were drawn alike.
    pub strata: Vec<Stratum>,
    /// Settled visitors of one leaf and day, the holdout too.
    pub cohorts: Vec<Cohort>,
    /// Visitors who may still convert.
    pub open: Vec<Counts>,
    /// The days on which these were drawn, with the latest, which is not over.
    pub open_days: u32,
    /// The holdout's.
    pub open_holdout: Counts,
    /// Days until the first visitors are settled.
    pub settles_in: u32,
    /// The seed of the draws behind beliefs.
    pub seed: u64,
}

/// Settled visitors of one leaf, day, stream and epoch.
#[derive(Debug, Clone, Default)]
pub struct Stratum {
    /// The number of the leaf.
    pub leaf: usize,
    /// The day of the draw.
    pub day: u32,
    /// The odds they were drawn by, where these are known.
    pub odds: Option<Vec<u32>>,
    /// Whether the odds were the same for all of them, so that a mismatch is one.
    pub is_checked: bool,
    /// Whether a policy or chance drew, rather than the marketer's weights.
    pub is_learnt: bool,
    /// Counts by message.
    pub arms: Vec<Counts>,
}

/// Settled visitors of one leaf and day.
#[derive(Debug, Clone, Default)]
pub struct Cohort {
    /// Counts by message.
    pub arms: Vec<Counts>,
    /// Those kept from the campaign.
    pub holdout: Counts,
}
