//! Rules and odds in the database. Never puts a version or an epoch in the
//! place of another's, whoever else publishes at the same time.

use tokio_postgres::{Error, Row};

use super::link::{Link, Live};
use super::{HOLD, NEWEST_VERSION, WHOLE, number};
use crate::prune::{TAKEN, VERSIONS};
use crate::store::{Done, Kept, Name, SavedOdds, Version};

/// Publishes a version, if the newest is still the one before it.
///
/// # Errors
/// It was not published, or nobody knows.
pub fn publish(link: &mut Link, (site, version): (&str, &Version), names: &[Name]) -> Done<bool> {
    let (number, at) = (i64::from(version.version), version.at as i64);
    link.run(async |live| {
        live.plainly("BEGIN").await?;
        live.row(HOLD, &[&site]).await?;
        let sql = "SELECT coalesce(max(version), 0) FROM versions WHERE site = $1";
        let newest = live.row(sql, &[&site]).await?.map_or(Ok(0), |row| row.try_get::<_, i64>(0))?;
        if newest + 1 != number {
            // It may be our own, of which the answer was lost.
            let sql = "SELECT 1 FROM versions WHERE site = $1 AND version = $2 AND plan = $3 AND at = $4";
            let own = live.row(sql, &[&site, &number, &version.plan, &at]).await?;
            live.plainly("ROLLBACK").await?;
            return Ok(own.is_some());
        }
        let sql = "INSERT INTO versions (site, version, origin, plan, rules, bytes, at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let origin = i64::from(version.origin);
        live.change(sql, &[&site, &number, &origin, &version.plan, &version.rules, &version.bytes, &at])
            .await?;
        add_names(live, site, names).await?;
        live.plainly("COMMIT").await?;
        Ok(true)
    })
}

/// Puts a plan in the place of the same version's.
///
/// # Errors
/// It was not, or nobody knows.
pub fn mend(link: &mut Link, (site, version): (&str, &Version), names: &[Name]) -> Done<()> {
    let number = i64::from(version.version);
    link.run(async |live| {
        live.plainly("BEGIN").await?;
        live.row(HOLD, &[&site]).await?;
        let sql = "UPDATE versions SET plan = $3, bytes = $4 WHERE site = $1 AND version = $2";
        live.change(sql, &[&site, &number, &version.plan, &version.bytes]).await?;
        add_names(live, site, names).await?;
        live.plainly("COMMIT").await
    })
}

/// Keeps odds, if the newest are still those of the epoch before.
///
/// # Errors
/// They were not kept, or nobody knows.
pub fn save_odds(link: &mut Link, site: &str, odds: &SavedOdds) -> Done<bool> {
    let (epoch, at) = (i64::from(odds.epoch), odds.at as i64);
    link.run(async |live| {
        live.plainly("BEGIN").await?;
        live.row(HOLD, &[&site]).await?;
        let sql = "SELECT coalesce(max(epoch), 0) FROM odds WHERE site = $1";
        let newest = live.row(sql, &[&site]).await?.map_or(Ok(0), |row| row.try_get::<_, i64>(0))?;
        if newest + 1 != epoch {
            // They may be our own, of which the answer was lost.
            let sql = "SELECT 1 FROM odds WHERE site = $1 AND epoch = $2 AND bytes = $3 AND at = $4";
            let own = live.row(sql, &[&site, &epoch, &odds.bytes, &at]).await?;
            live.plainly("ROLLBACK").await?;
            return Ok(own.is_some());
        }
        let sql = "INSERT INTO odds (site, epoch, at, evidence, bytes) VALUES ($1, $2, $3, $4, $5)";
        live.change(sql, &[&site, &epoch, &at, &odds.evidence, &odds.bytes]).await?;
        live.plainly("COMMIT").await?;
        Ok(true)
    })
}

/// Gives each of a site's odds and plans, the newest version, and what reports
/// may name.
///
/// # Errors
/// Not all were given.
pub async fn each(live: &mut Live, site: &str, take: &mut dyn FnMut(Kept)) -> Result<(), Error> {
    let sql = "SELECT epoch, bytes, '', at FROM odds WHERE site = $1 ORDER BY epoch";
    live.each(sql, &[&site], |row| odds(row).map(Kept::Odds).map(&mut *take)).await?;
    let sql = "SELECT bytes, at FROM versions WHERE site = $1 ORDER BY version";
    let plan = |row: &Row| Ok(Kept::Plan(row.try_get(0)?, row.try_get::<_, i64>(1)?.unsigned_abs()));
    live.each(sql, &[&site], |row| plan(row).map(&mut *take)).await?;
    let newest = live.row(NEWEST_VERSION, &[&site]).await?.as_ref().map(version).transpose()?;
    newest.into_iter().for_each(|newest| take(Kept::Newest(newest)));
    let sql = "SELECT campaign, message, leaf FROM names WHERE site = $1";
    let name = |row: &Row| Ok(Kept::Name([row.try_get(0)?, row.try_get(1)?, row.try_get(2)?]));
    live.each(sql, &[&site], |row| name(row).map(&mut *take)).await
}

/// Takes away what `prune.rs` says.
///
/// # Errors
/// Nothing was, or nobody knows.
pub fn prune(link: &mut Link, site: &str, before: u64) -> Done<[u64; 2]> {
    let (before, kept) = (before as i64, i64::from(VERSIONS));
    link.run_long(WHOLE, async |live| {
        live.plainly("BEGIN; SET LOCAL statement_timeout = 0").await?;
        live.row(HOLD, &[&site]).await?;
        let sql = "DELETE FROM odds WHERE site = $1 AND at < $2
             AND epoch < (SELECT max(epoch) FROM odds WHERE site = $1)
             AND epoch NOT IN (SELECT epoch FROM counters WHERE site = $1)";
        let epochs = live.change(sql, &[&site, &before]).await?;
        let sql = "UPDATE odds SET evidence = $3 WHERE site = $1 AND at < $2 AND evidence <> $3
             AND epoch < (SELECT max(epoch) FROM odds WHERE site = $1)";
        live.change(sql, &[&site, &before, &TAKEN]).await?;
        // The newest of the old ones was in force when the first of the others came.
        let sql = "DELETE FROM versions WHERE site = $1
             AND version < (SELECT max(version) FROM versions WHERE site = $1 AND at < $2)
             AND version <= (SELECT max(version) FROM versions WHERE site = $1) - $3::bigint
             AND version NOT IN (SELECT origin FROM versions WHERE site = $1 AND at >= $2)";
        let versions = live.change(sql, &[&site, &before, &kept]).await?;
        live.plainly("COMMIT").await?;
        Ok([epochs, versions])
    })
}

async fn add_names(live: &mut Live, site: &str, names: &[Name]) -> Result<(), Error> {
    let column = |at: usize| -> Vec<&str> {
        names.iter().map(|name| name.get(at).map_or("", String::as_str)).collect()
    };
    let sql = "INSERT INTO names (site, campaign, message, leaf)
         SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[]) ON CONFLICT DO NOTHING";
    live.change(sql, &[&site, &column(0), &column(1), &column(2)]).await.map(drop)
}

/// A version's row.
///
/// # Errors
/// A column is missing.
pub fn version(row: &Row) -> Result<Version, Error> {
    Ok(Version {
        version: number(row, 0)?,
        origin: number(row, 1)?,
        plan: row.try_get(2)?,
        rules: row.try_get(3)?,
        bytes: row.try_get(4)?,
        at: row.try_get::<_, i64>(5)?.unsigned_abs(),
    })
}

/// The row of some odds.
///
/// # Errors
/// A column is missing.
pub fn odds(row: &Row) -> Result<SavedOdds, Error> {
    Ok(SavedOdds {
        epoch: number(row, 0)?,
        bytes: row.try_get(1)?,
        evidence: row.try_get(2)?,
        at: row.try_get::<_, i64>(3)?.unsigned_abs(),
    })
}
