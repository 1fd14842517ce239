//! What reports add up to. Never a part of a report, and never what the
//! disk does not hold.

use std::collections::BTreeMap;

use serde_json::{Value, json};
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

    /// As one collector tells another.
    #[must_use]
    pub fn to_json(&self) -> String {
        let row = |(table, row): &(Table, Row)| {
            let counts = &row.counts;
            json!([
                *table == Table::Forgetful,
                row.campaign,
                row.message,
                row.leaf,
                row.stream.word(),
                [row.day, row.epoch],
                [counts.visitors, counts.converters, counts.due],
                [counts.shown, counts.clicked, counts.dismissed],
                [counts.revenue.to_string(), counts.revenue2.to_string()],
            ])
        };
        let lag = |((campaign, day, lag), sum): (&(String, u32, u32), &u64)| json!([campaign, day, lag, sum]);
        let rows: Vec<Value> = self.rows.iter().map(row).collect();
        let lags: Vec<Value> = self.lags.iter().map(lag).collect();
        json!({ "rows": rows, "lags": lags }).to_string()
    }

    /// As another collector told them; `None` where it speaks otherwise.
    #[must_use]
    pub fn from_json(text: &str) -> Option<Sums> {
        let value: Value = serde_json::from_str(text).ok()?;
        let rows = value.get("rows")?.as_array()?.iter().map(told).collect::<Option<_>>()?;
        let lag = |lag: &Value| {
            let place = (lag.get(0)?.as_str()?.to_owned(), small(lag.get(1)?)?, small(lag.get(2)?)?);
            Some((place, lag.get(3)?.as_u64()?))
        };
        let lags = value.get("lags")?.as_array()?.iter().map(lag).collect::<Option<_>>()?;
        Some(Sums { rows, lags })
    }
}

fn told(value: &Value) -> Option<(Table, Row)> {
    let cells = value.as_array()?;
    let word = |at: usize| cells.get(at)?.as_str();
    let part = |at: usize, of: usize| cells.get(at)?.get(of);
    let count = |at: usize, of: usize| part(at, of)?.as_u64();
    let money = |of: usize| part(8, of)?.as_str()?.parse().ok();
    let table = if cells.first()?.as_bool()? { Table::Forgetful } else { Table::All };
    let counts = Counts {
        visitors: count(6, 0)?,
        converters: count(6, 1)?,
        due: count(6, 2)?,
        shown: count(7, 0)?,
        clicked: count(7, 1)?,
        dismissed: count(7, 2)?,
        revenue: money(0)?,
        revenue2: money(1)?,
    };
    let row = Row {
        campaign: word(1)?.into(),
        message: word(2)?.into(),
        leaf: word(3)?.into(),
        stream: Stream::from_word(word(4)?)?,
        day: small(part(5, 0)?)?,
        epoch: small(part(5, 1)?)?,
        counts,
    };
    Some((table, row))
}

fn small(value: &Value) -> Option<u32> {
    u32::try_from(value.as_u64()?).ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_collector_tells_another_is_what_it_counted() {
        let counts = Counts {
            visitors: 3,
            converters: 1,
            revenue: 7,
            revenue2: u128::MAX,
            due: 4,
            ..Counts::default()
        };
        let row = Row {
            campaign: "c \"1\"".into(),
            message: "m".into(),
            leaf: "else".into(),
            stream: Stream::Adaptive,
            epoch: u32::MAX,
            day: 20_000,
            counts: Counts { shown: 5, clicked: 6, dismissed: 8, ..counts },
        };
        let sums = Sums {
            rows: vec![(Table::All, row.clone()), (Table::Forgetful, row)],
            lags: [(("c".into(), 20_000, 3), 9)].into(),
        };
        assert_eq!(Sums::from_json(&sums.to_json()), Some(sums));
        for other in ["", "{}", r#"{"rows":[[]],"lags":[]}"#, r#"{"rows":[],"lags":[[1]]}"#] {
            assert_eq!(Sums::from_json(other), None, "{other}");
        }
    }
}
