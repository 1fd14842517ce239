//! The counters in the database: a site's ids and sums change in the same
//! transaction, in two round trips. Never counts an id twice, and never a part
//! of a report.
//!
//! A transaction begins with the site's own row, which nobody else may touch
//! until it ends: so a site's transactions follow one another, none waits for
//! another in a circle, and their revisions are numbered as they were committed.

use std::collections::HashSet;

use tokio::join;
use tokio_postgres::Error;
use vitrine_engine::arm::Stream;
use vitrine_engine::report::{Counts, Row};

use super::link::{Link, Live, Values};
use crate::counters::{Sums, Table};
use crate::report::Report;
use crate::store::{Done, Kept, Merged};

/// Holds the site, and numbers what this transaction adds.
const HOLD: &str = "UPDATE sites SET revision = revision + 1 WHERE site = $1 RETURNING revision";
/// The ids that are new.
const ADD_IDS: &str = "INSERT INTO reports (site, id) SELECT $1, id FROM unnest($2::bytea[]) AS t (id)
     ON CONFLICT DO NOTHING RETURNING id";
const ADD_LAGS: &str = "INSERT INTO lags AS l (site, campaign, day, lag, converters)
     SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[])
     ON CONFLICT (site, campaign, day, lag) DO UPDATE SET converters = l.converters + excluded.converters";
const ADD_TO_JOURNAL: &str = "INSERT INTO journal (site, revision, at, sums) VALUES ($1, $2, $3, $4)";

/// Money passes 64 bits and goes as text, which both sides hold exactly.
macro_rules! add_rows {
    ($table:literal) => {
        concat!(
            "INSERT INTO ",
            $table,
            " AS c (site, campaign, message, leaf, stream, day, epoch, visitors, converters,
                revenue, revenue2, due, shown, clicked, dismissed)
             SELECT $1, campaign, message, leaf, stream, day, epoch, visitors, converters,
                revenue::numeric, revenue2::numeric, due, shown, clicked, dismissed
             FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[],
                $8::bigint[], $9::bigint[], $10::text[], $11::text[], $12::bigint[], $13::bigint[],
                $14::bigint[], $15::bigint[])
                AS t (campaign, message, leaf, stream, day, epoch, visitors, converters,
                      revenue, revenue2, due, shown, clicked, dismissed)
             ON CONFLICT (site, campaign, message, leaf, stream, day, epoch) DO UPDATE SET
                visitors = c.visitors + excluded.visitors, converters = c.converters + excluded.converters,
                revenue = c.revenue + excluded.revenue, revenue2 = c.revenue2 + excluded.revenue2,
                due = c.due + excluded.due, shown = c.shown + excluded.shown,
                clicked = c.clicked + excluded.clicked, dismissed = c.dismissed + excluded.dismissed"
        )
    };
}

macro_rules! each_row {
    ($table:literal) => {
        concat!(
            "SELECT campaign, leaf, message, stream, day, epoch, visitors, converters, revenue::text,
                revenue2::text, due, shown, clicked, dismissed FROM ",
            $table,
            " WHERE site = $1"
        )
    };
}

/// Merges a group of a site's reports; gives the revision that they are, if any
/// was new.
///
/// # Errors
/// Nothing was merged, or nobody knows.
pub fn merge(link: &mut Link, site: &str, reports: &[&Report]) -> Done<(Merged, Option<i64>)> {
    let ids = distinct(reports);
    link.run(async |live| {
        let (hold, add) = (live.statement(HOLD).await?, live.statement(ADD_IDS).await?);
        let client = live.client();
        let (held_by, added_by): (Values<'_>, Values<'_>) = (&[&site], &[&site, &ids]);
        let (began, held, added) = join!(
            biased;
            live.plainly("BEGIN"),
            client.query_one(&hold, held_by),
            client.query(&add, added_by),
        );
        began?;
        let revision: i64 = held?.try_get(0)?;
        let mut new = HashSet::new();
        for row in added? {
            new.insert(row.try_get::<_, Vec<u8>>(0)?);
        }
        if new.is_empty() {
            live.plainly("ROLLBACK").await?;
            return Ok((Merged { fresh: vec![false; reports.len()], ..Merged::default() }, None));
        }
        let fresh: Vec<bool> = reports.iter().map(|report| new.remove(report.id.as_slice())).collect();
        let counted = reports.iter().zip(&fresh).filter(|(_, is_new)| **is_new);
        let sums = Sums::of(counted.map(|(report, _)| *report));
        keep(live, (site, revision), &sums).await?;
        Ok((Merged { fresh, sums }, Some(revision)))
    })
}

/// Adds sums, writes them down for the other collectors, and commits.
async fn keep(live: &mut Live, (site, revision): (&str, i64), sums: &Sums) -> Result<(), Error> {
    let add_all = live.statement(add_rows!("counters")).await?;
    let add_forgetful = live.statement(add_rows!("forgetful")).await?;
    let add_lags = live.statement(ADD_LAGS).await?;
    let add_to_journal = live.statement(ADD_TO_JOURNAL).await?;
    let (all, forgetful) = (Columns::of(sums, Table::All), Columns::of(sums, Table::Forgetful));
    let lags = sums.lags.iter();
    let campaigns: Vec<&str> = lags.clone().map(|((campaign, ..), _)| campaign.as_str()).collect();
    let days: Vec<i64> = lags.clone().map(|((_, day, _), _)| i64::from(*day)).collect();
    let late: Vec<i64> = lags.clone().map(|((.., lag), _)| i64::from(*lag)).collect();
    let converters: Vec<i64> = lags.map(|(_, converters)| *converters as i64).collect();
    let (at, written) = (crate::now() as i64, sums.to_json());
    let client = live.client();
    let late: Values<'_> = &[&site, &campaigns, &days, &late, &converters];
    let page: Values<'_> = &[&site, &revision, &at, &written];
    let (all, forgetful, lags, journal, committed) = join!(
        biased;
        all.add(client, (&add_all, site)),
        forgetful.add(client, (&add_forgetful, site)),
        client.execute(&add_lags, late),
        client.execute(&add_to_journal, page),
        live.plainly("COMMIT"),
    );
    // Where one fails, all were taken back, and the commit says nothing of it.
    all.and(forgetful).and(lags).and(journal)?;
    committed
}

/// Each id once.
fn distinct<'r>(reports: &[&'r Report]) -> Vec<&'r [u8]> {
    let mut seen = HashSet::new();
    reports.iter().map(|report| report.id.as_slice()).filter(|id| seen.insert(*id)).collect()
}

/// Rows, column by column: one statement takes them all.
#[derive(Default)]
struct Columns<'s> {
    names: [Vec<&'s str>; 4],
    /// Day, epoch, visitors, converters.
    first: [Vec<i64>; 4],
    money: [Vec<String>; 2],
    /// Due, shown, clicked, dismissed.
    last: [Vec<i64>; 4],
}

impl<'s> Columns<'s> {
    fn of(sums: &'s Sums, table: Table) -> Columns<'s> {
        let mut columns = Columns::default();
        for (_, row) in sums.rows.iter().filter(|(of, _)| *of == table) {
            let Counts { visitors, converters, revenue, revenue2, due, shown, clicked, dismissed } =
                row.counts;
            let names = [row.campaign.as_str(), &row.message, &row.leaf, row.stream.word()];
            columns.names.iter_mut().zip(names).for_each(|(column, name)| column.push(name));
            let first = [row.day.into(), row.epoch.into(), visitors as i64, converters as i64];
            columns.first.iter_mut().zip(first).for_each(|(column, count)| column.push(count));
            let money = [revenue, revenue2];
            columns.money.iter_mut().zip(money).for_each(|(column, sum)| column.push(sum.to_string()));
            let last = [due, shown, clicked, dismissed];
            columns.last.iter_mut().zip(last).for_each(|(column, count)| column.push(count as i64));
        }
        columns
    }

    async fn add(
        &self,
        client: &tokio_postgres::Client,
        (statement, site): (&tokio_postgres::Statement, &str),
    ) -> Result<u64, Error> {
        let [campaigns, messages, leaves, streams] = &self.names;
        let [days, epochs, visitors, converters] = &self.first;
        let [revenue, revenue2] = &self.money;
        let [due, shown, clicked, dismissed] = &self.last;
        client
            .execute(
                statement,
                &[
                    &site, campaigns, messages, leaves, streams, days, epochs, visitors, converters, revenue,
                    revenue2, due, shown, clicked, dismissed,
                ],
            )
            .await
    }
}

/// Gives each of a site's counters and lags.
///
/// # Errors
/// Not all were given.
pub async fn each_row(live: &mut Live, site: &str, take: &mut dyn FnMut(Kept)) -> Result<(), Error> {
    for table in Table::BOTH {
        let sql = match table {
            Table::All => each_row!("counters"),
            Table::Forgetful => each_row!("forgetful"),
        };
        let each = |row: &tokio_postgres::Row| {
            let stream: &str = row.try_get(3)?;
            if let (Some(stream), Some(row)) = (Stream::from_word(stream), self::row(row)?) {
                take(Kept::Row(table, Row { stream, ..row }));
            }
            Ok(())
        };
        live.each(sql, &[&site], each).await?;
    }
    let sql = "SELECT campaign, day, lag, converters FROM lags WHERE site = $1";
    let lag = |row: &tokio_postgres::Row| {
        let place = (super::number(row, 1)?, super::number(row, 2)?);
        Ok(Kept::Lag(row.try_get(0)?, place, row.try_get::<_, i64>(3)?.unsigned_abs()))
    };
    live.each(sql, &[&site], |row| lag(row).map(&mut *take)).await
}

/// A row but for its stream; none where its money is no number, which the
/// database does not let in.
fn row(row: &tokio_postgres::Row) -> Result<Option<Row>, Error> {
    let count = |at: usize| row.try_get::<_, i64>(at).map(i64::unsigned_abs);
    let money = |at: usize| row.try_get::<_, &str>(at).map(|digits| digits.parse().ok());
    let (Some(revenue), Some(revenue2)) = (money(8)?, money(9)?) else {
        return Ok(None);
    };
    let counts = Counts {
        visitors: count(6)?,
        converters: count(7)?,
        revenue,
        revenue2,
        due: count(10)?,
        shown: count(11)?,
        clicked: count(12)?,
        dismissed: count(13)?,
    };
    Ok(Some(Row {
        campaign: row.try_get(0)?,
        leaf: row.try_get(1)?,
        message: row.try_get(2)?,
        stream: Stream::default(),
        day: super::number(row, 4)?,
        epoch: super::number(row, 5)?,
        counts,
    }))
}
