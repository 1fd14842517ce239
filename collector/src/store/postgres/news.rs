//! What other collectors on the same database changed. Never gives the same
//! twice, and never leaves something out: where it cannot say what changed, it
//! says that.
//!
//! Asked for once a second, it costs one row a site: the revision of the
//! counters, the newest version of the rules and the newest epoch. Channels that
//! notify are not on every database that speaks this protocol, and not behind
//! every pool of connections.

use std::collections::BTreeSet;

use tokio_postgres::Error;

use super::link::Live;
use super::published::{odds, version};
use crate::counters::Sums;
use crate::store::{News, Version};

/// How long the journal is kept, in milliseconds: who was away for longer reads
/// everything anew.
const JOURNAL: u64 = 5 * 60 * 1000;
/// How often the journal's old pages are torn out, in milliseconds.
const TEAR: u64 = 60 * 1000;

pub const GLANCE: &str = "SELECT revision,
        (SELECT coalesce(max(version), 0) FROM versions WHERE site = $1),
        (SELECT coalesce(max(epoch), 0) FROM odds WHERE site = $1)
     FROM sites WHERE site = $1";

/// How far this collector knows a site.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// All revisions up to this one are known.
    pub revision: i64,
    /// Later ones that this collector made itself.
    pub own: BTreeSet<i64>,
    /// The newest version of the rules that is known.
    pub version: i64,
    /// The newest epoch that is known.
    pub epoch: i64,
    /// When the journal was last torn, in milliseconds since 1970.
    pub torn: u64,
}

/// What changed since `seen`, and how far that reaches.
///
/// # Errors
/// The database could not be asked; nothing was given.
pub async fn news(live: &mut Live, site: &str, seen: &Seen) -> Result<(News, Seen), Error> {
    let (mut news, mut reached) = (News::default(), seen.clone());
    let Some(glance) = live.row(GLANCE, &[&site]).await? else {
        return Ok((news, reached));
    };
    let (revision, version, epoch): (i64, i64, i64) =
        (glance.try_get(0)?, glance.try_get(1)?, glance.try_get(2)?);
    if version > seen.version {
        news.versions = versions(live, site, seen.version).await?;
        reached.version = version;
    }
    if epoch > seen.epoch {
        let sql = "SELECT epoch, bytes, '', at FROM odds WHERE site = $1 AND epoch > $2 AND epoch <= $3
             ORDER BY epoch";
        for row in live.rows(sql, &[&site, &seen.epoch, &epoch]).await? {
            news.odds.push(odds(&row)?);
        }
        reached.epoch = epoch;
    }
    // A database that was restored from a back-up knows less than we do.
    news.is_lost = revision < seen.revision || version < seen.version || epoch < seen.epoch;
    let unread = |seen: &Seen| (seen.revision + 1..=revision).any(|at| !seen.own.contains(&at));
    if !news.is_lost && unread(seen) {
        let sql = "SELECT revision, sums FROM journal
             WHERE site = $1 AND revision > $2 AND revision <= $3 ORDER BY revision";
        let pages = live.rows(sql, &[&site, &seen.revision, &revision]).await?;
        let is_whole = pages.len() as i64 == revision - seen.revision;
        for page in &pages {
            if seen.own.contains(&page.try_get(0)?) {
                continue;
            }
            match Sums::from_json(page.try_get(1)?) {
                Some(sums) => news.sums.push(sums),
                None => news.is_lost = true,
            }
        }
        news.is_lost |= !is_whole;
    }
    reached.revision = revision.max(seen.revision);
    reached.own.retain(|at| *at > revision);
    let now = crate::now();
    if now.saturating_sub(seen.torn) > TEAR {
        let old = now.saturating_sub(JOURNAL) as i64;
        live.change("DELETE FROM journal WHERE site = $1 AND at < $2", &[&site, &old]).await?;
        reached.torn = now;
    }
    Ok((news, reached))
}

async fn versions(live: &mut Live, site: &str, after: i64) -> Result<Vec<Version>, Error> {
    let sql = "SELECT version, origin, plan, rules, bytes, at FROM versions
         WHERE site = $1 AND version > $2 ORDER BY version";
    live.rows(sql, &[&site, &after]).await?.iter().map(version).collect()
}

impl Seen {
    /// As far as a glance says, of a site that was read as a whole.
    ///
    /// # Errors
    /// A column is missing.
    pub fn of(glance: &tokio_postgres::Row) -> Result<Seen, Error> {
        Ok(Seen {
            revision: glance.try_get(0)?,
            version: glance.try_get(1)?,
            epoch: glance.try_get(2)?,
            ..Seen::default()
        })
    }
}
