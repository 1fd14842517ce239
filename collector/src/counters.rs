//! What reports add up to. Never a part of a report, and never what the
//! disk does not hold.

use std::collections::BTreeMap;

use vitrine_engine::arm::Stream;
use vitrine_engine::report::{Counts, Row};

use crate::report::Report;

/// What one arm adds up to, over all days and epochs.
pub type Totals = BTreeMap<Cell, Counts>;

/// An arm and how it was drawn.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// The campaign.
    pub campaign: String,
    /// The leaf.
    pub leaf: String,
    /// The message, or `holdout`.
    pub message: String,
    /// The stream's word.
    pub stream: &'static str,
}

impl Cell {
    /// The cell of a row.
    #[must_use]
    pub fn of(row: &Row) -> Cell {
        Cell {
            campaign: row.campaign.clone(),
            leaf: row.leaf.clone(),
            message: row.message.clone(),
            stream: row.stream.word(),
        }
    }
}

/// Whose counts a table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// Everybody's.
    All,
    /// The part of those whose browsers forget after seven days.
    Forgetful,
}

impl Table {
    /// Both.
    pub const BOTH: [Table; 2] = [Table::All, Table::Forgetful];

    /// Its name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Table::All => "counters",
            Table::Forgetful => "forgetful",
        }
    }
}

/// What a group of a site's reports adds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sums {
    /// By whose they are: each row once.
    pub rows: Vec<(Table, Row)>,
    /// Converters by their campaign, the day of their draw and the days since.
    pub lags: BTreeMap<(String, u32, u32), u64>,
}

impl Sums {
    /// The sums of reports.
    pub fn of<'r>(reports: impl Iterator<Item = &'r Report>) -> Sums {
        let (mut rows, mut lags) = (BTreeMap::<Key<'r>, Counts>::new(), BTreeMap::new());
        for report in reports {
            for (row, lag) in report.lags() {
                *lags.entry((row.campaign.clone(), row.day, lag)).or_default() += row.counts.converters;
            }
            for row in &report.rows {
                rows.entry(key(Table::All, row)).or_default().add(&row.counts);
                if report.is_forgetful {
                    rows.entry(key(Table::Forgetful, row)).or_default().add(&row.counts);
                }
            }
        }
        Sums { rows: rows.into_iter().map(row).collect(), lags }
    }
}

/// What is counted apart: everything of a row but its counts.
type Key<'r> = (Table, [&'r str; 3], Stream, [u32; 2]);

fn key(table: Table, row: &Row) -> Key<'_> {
    (table, [&row.campaign, &row.message, &row.leaf], row.stream, [row.day, row.epoch])
}

fn row(
    ((table, [campaign, message, leaf], stream, [day, epoch]), counts): (Key<'_>, Counts),
) -> (Table, Row) {
    let row = Row {
        campaign: campaign.into(),
        message: message.into(),
        leaf: leaf.into(),
        stream,
        epoch,
        day,
        counts,
    };
    (table, row)
}
