//! The counters on disk: ids and sums change in the same transaction. Never
//! counts an id twice, and never a part of a report.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use vitrine_engine::arm::Stream;
use vitrine_engine::report::{Counts, Row};

use crate::report::Report;
use crate::store::{Done, Store};

/// What is counted apart: everything of a row but its counts.
type Key = (String, String, String, String, &'static str, u32, u32);

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

/// Whose counts a table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// Everybody's.
    All,
    /// The part of those whose browsers forget after seven days.
    Forgetful,
}

impl Table {
    fn name(self) -> &'static str {
        match self {
            Table::All => "counters",
            Table::Forgetful => "forgetful",
        }
    }
}

impl Store {
    /// Merges reports in one transaction: those whose id is new are counted,
    /// all of them or none. Says of each whether it was new.
    ///
    /// # Errors
    /// Nothing was merged.
    pub fn merge<'r>(&mut self, batch: impl Iterator<Item = (&'r str, &'r Report)>) -> Done<Vec<bool>> {
        let change = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (mut fresh, mut sums) = (Vec::new(), BTreeMap::<(Table, Key), Counts>::new());
        let mut late = BTreeMap::<(&str, &str, u32, u32), u64>::new();
        {
            let mut add =
                change.prepare_cached("INSERT OR IGNORE INTO reports (site, id) VALUES (?1, ?2)")?;
            for (site, report) in batch {
                let is_new = add.execute(params![site, report.id])? == 1;
                fresh.push(is_new);
                for (row, lag) in report.lags().filter(|_| is_new) {
                    *late.entry((site, &row.campaign, row.day, lag)).or_default() += row.counts.converters;
                }
                for row in report.rows.iter().filter(|_| is_new) {
                    sums.entry((Table::All, key(site, row))).or_default().add(&row.counts);
                    if report.is_forgetful {
                        sums.entry((Table::Forgetful, key(site, row))).or_default().add(&row.counts);
                    }
                }
            }
            for ((site, campaign, day, lag), converters) in &late {
                let mut add = change.prepare_cached(
                    "INSERT INTO lags (site, campaign, day, lag, converters) VALUES (?1, ?2, ?3, ?4, ?5)
                     ON CONFLICT DO UPDATE SET converters = converters + excluded.converters",
                )?;
                add.execute(params![site, campaign, day, lag, *converters as i64])?;
            }
            for ((table, key), sum) in &sums {
                add_counts(&change, *table, key, sum)?;
            }
        }
        change.commit()?;
        Ok(fresh)
    }

    /// Gives each of a site's counters, with the day and epoch of its draw.
    pub fn each_row(&self, table: Table, site: &str, mut take: impl FnMut(Row)) -> Done<()> {
        let mut found = self.db.prepare(&format!(
            "SELECT campaign, leaf, message, stream, day, epoch, visitors, converters, revenue, revenue2,
                    due, shown, clicked, dismissed FROM {} WHERE site = ?1",
            table.name()
        ))?;
        let mut rows = found.query([site])?;
        while let Some(row) = rows.next()? {
            let Some(stream) = Stream::from_word(&row.get::<_, String>(3)?) else {
                continue;
            };
            take(Row {
                campaign: row.get(0)?,
                leaf: row.get(1)?,
                message: row.get(2)?,
                stream,
                day: row.get(4)?,
                epoch: row.get(5)?,
                counts: counts(row, 6)?,
            });
        }
        Ok(())
    }

    /// Gives each of a site's lags: the campaign, the day of the draw, the days
    /// since, and the converters.
    pub fn each_lag(&self, site: &str, mut take: impl FnMut(&str, (u32, u32), u64)) -> Done<()> {
        let sql = "SELECT campaign, day, lag, converters FROM lags WHERE site = ?1";
        let mut found = self.db.prepare(sql)?;
        let mut rows = found.query([site])?;
        while let Some(row) = rows.next()? {
            let campaign: String = row.get(0)?;
            take(&campaign, (row.get(1)?, row.get(2)?), row.get::<_, i64>(3)?.unsigned_abs());
        }
        Ok(())
    }

    /// A site's counters, added up over days and epochs.
    pub fn totals(&self, site: &str) -> Done<Totals> {
        let mut totals = Totals::new();
        let mut found = self.db.prepare(
            "SELECT campaign, leaf, message, stream, visitors, converters, revenue, revenue2,
                    due, shown, clicked, dismissed FROM counters WHERE site = ?1",
        )?;
        let mut rows = found.query([site])?;
        while let Some(row) = rows.next()? {
            let Some(stream) = Stream::from_word(&row.get::<_, String>(3)?) else {
                continue;
            };
            let cell = Cell {
                campaign: row.get(0)?,
                leaf: row.get(1)?,
                message: row.get(2)?,
                stream: stream.word(),
            };
            totals.entry(cell).or_default().add(&counts(row, 4)?);
        }
        Ok(totals)
    }
}

fn key(site: &str, row: &Row) -> Key {
    (
        site.into(),
        row.campaign.clone(),
        row.message.clone(),
        row.leaf.clone(),
        row.stream.word(),
        row.day,
        row.epoch,
    )
}

/// Adds to one counter. Money passes 64 bits, which SQLite's own `+` does not;
/// there is one writer, so reading before writing is safe.
fn add_counts(db: &Connection, table: Table, key: &Key, more: &Counts) -> Done<()> {
    let (site, campaign, message, leaf, stream, day, epoch) = key;
    let table = table.name();
    let mut find = db.prepare_cached(&format!(
        "SELECT visitors, converters, revenue, revenue2, due, shown, clicked, dismissed
         FROM {table} WHERE site = ?1 AND campaign = ?2 AND message = ?3 AND leaf = ?4
           AND stream = ?5 AND day = ?6 AND epoch = ?7",
    ))?;
    let found =
        find.query_row(params![site, campaign, message, leaf, stream, day, epoch], |row| counts(row, 0));
    let mut sum = found.optional()?.unwrap_or_default();
    sum.add(more);
    let mut put = db.prepare_cached(&format!(
        "INSERT OR REPLACE INTO {table} (site, campaign, message, leaf, stream, day, epoch,
           visitors, converters, revenue, revenue2, due, shown, clicked, dismissed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    ))?;
    put.execute(params![
        site,
        campaign,
        message,
        leaf,
        stream,
        day,
        epoch,
        sum.visitors as i64,
        sum.converters as i64,
        sum.revenue.to_string(),
        sum.revenue2.to_string(),
        sum.due as i64,
        sum.shown as i64,
        sum.clicked as i64,
        sum.dismissed as i64,
    ])
    .map(drop)
}

/// Eight counters from a column on, in the order of [`Counts`].
fn counts(row: &rusqlite::Row<'_>, from: usize) -> Done<Counts> {
    let count = |at: usize| row.get::<_, i64>(from + at).map(i64::unsigned_abs);
    let money = |at: usize| {
        let digits: String = row.get(from + at)?;
        digits
            .parse()
            .map_err(|_| rusqlite::Error::InvalidColumnType(from + at, digits, rusqlite::types::Type::Text))
    };
    Ok(Counts {
        visitors: count(0)?,
        converters: count(1)?,
        revenue: money(2)?,
        revenue2: money(3)?,
        due: count(4)?,
        shown: count(5)?,
        clicked: count(6)?,
        dismissed: count(7)?,
    })
}
