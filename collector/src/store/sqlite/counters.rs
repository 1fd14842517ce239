//! The counters on disk: ids and sums change in the same transaction. Never
//! counts an id twice, and never a part of a report.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use vitrine_engine::arm::Stream;
use vitrine_engine::report::{Counts, Row};

use super::Sqlite;
use crate::counters::{Sums, Table};
use crate::report::Report;
use crate::store::{Kept, Merged};

impl Sqlite {
    /// Merges reports of all sites in one transaction.
    ///
    /// # Errors
    /// Nothing was merged.
    pub(super) fn try_merge(&mut self, groups: &[(&str, Vec<&Report>)]) -> rusqlite::Result<Vec<Merged>> {
        let change = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut all = Vec::with_capacity(groups.len());
        for (site, reports) in groups {
            let mut fresh = Vec::with_capacity(reports.len());
            {
                let sql = "INSERT OR IGNORE INTO reports (site, id) VALUES (?1, ?2)";
                let mut add = change.prepare_cached(sql)?;
                for report in reports {
                    fresh.push(add.execute(params![site, report.id])? == 1);
                }
            }
            let new = reports.iter().zip(&fresh).filter(|(_, is_new)| **is_new);
            let sums = Sums::of(new.map(|(report, _)| *report));
            add(&change, site, &sums)?;
            all.push(Merged { fresh, sums });
        }
        change.commit()?;
        Ok(all)
    }
}

fn add(db: &Connection, site: &str, sums: &Sums) -> rusqlite::Result<()> {
    for ((campaign, day, lag), converters) in &sums.lags {
        let mut add = db.prepare_cached(
            "INSERT INTO lags (site, campaign, day, lag, converters) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET converters = converters + excluded.converters",
        )?;
        add.execute(params![site, campaign, day, lag, *converters as i64])?;
    }
    sums.rows.iter().try_for_each(|(table, row)| add_counts(db, (site, *table), row))
}

/// Adds to one counter. Money passes 64 bits, which SQLite's own `+` does not;
/// there is one writer, so reading before writing is safe.
fn add_counts(db: &Connection, (site, table): (&str, Table), row: &Row) -> rusqlite::Result<()> {
    let Row { campaign, message, leaf, stream, day, epoch, counts: more } = row;
    let (table, stream) = (table.name(), stream.word());
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

/// Gives each of a site's counters.
pub(super) fn each_row(
    db: &Connection,
    (site, table): (&str, Table),
    take: &mut dyn FnMut(Kept),
) -> rusqlite::Result<()> {
    let mut found = db.prepare(&format!(
        "SELECT campaign, leaf, message, stream, day, epoch, visitors, converters, revenue, revenue2,
                due, shown, clicked, dismissed FROM {} WHERE site = ?1",
        table.name()
    ))?;
    let mut rows = found.query([site])?;
    while let Some(row) = rows.next()? {
        let Some(stream) = Stream::from_word(&row.get::<_, String>(3)?) else {
            continue;
        };
        let row = Row {
            campaign: row.get(0)?,
            leaf: row.get(1)?,
            message: row.get(2)?,
            stream,
            day: row.get(4)?,
            epoch: row.get(5)?,
            counts: counts(row, 6)?,
        };
        take(Kept::Row(table, row));
    }
    Ok(())
}

/// Gives each of a site's lags.
pub(super) fn each_lag(db: &Connection, site: &str, take: &mut dyn FnMut(Kept)) -> rusqlite::Result<()> {
    let sql = "SELECT campaign, day, lag, converters FROM lags WHERE site = ?1";
    let mut found = db.prepare(sql)?;
    let mut rows = found.query([site])?;
    while let Some(row) = rows.next()? {
        let converters = row.get::<_, i64>(3)?.unsigned_abs();
        take(Kept::Lag(row.get(0)?, (row.get(1)?, row.get(2)?), converters));
    }
    Ok(())
}

/// Eight counters from a column on, in the order of [`Counts`].
fn counts(row: &rusqlite::Row<'_>, from: usize) -> rusqlite::Result<Counts> {
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
