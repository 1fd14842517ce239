//! A database that speaks PostgreSQL's protocol, for one collector or several
//! side by side. Never relies on being alone: whatever depends on what was
//! there before holds the site's row while it looks and changes.
//!
//! The SQL is written for what Citus and YugabyteDB run too (neither is part of
//! the tests): every statement but the list of sites names one site, every
//! unique key contains it, a transaction stays with one site, and nothing but
//! rows locks or notifies.

mod address;
mod doors;
mod link;
mod merge;
mod news;
mod published;
mod schema;
mod tls;

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use tokio_postgres::{Error, Row};

pub use address::Address;
use link::Link;
use news::Seen;
use published::{odds, version};

use super::{
    Done, DraftName, Kept, Merged, Name, News, SavedDraft, SavedOdds, Session, Store, Version, id_bound,
};
use crate::keys::{KeyHash, Role, hex};
use crate::report::Report;

/// How long reading a whole site may take, as when a collector starts.
const WHOLE: Duration = Duration::from_secs(10 * 60);
/// Reads all as of one moment, for as long as that takes; it holds up nobody.
const BEGIN_WHOLE: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
     SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0";
/// How long a collector may compute a site's odds before another takes over, as
/// the database reads it: longer than the longest time between two odds.
const CLAIM: &str = "UPDATE leases SET holder = $2, until = now() + interval '12 seconds'
     WHERE site = $1 AND (holder = $2 OR until < now())";
/// Holds a site until the transaction ends.
const HOLD: &str = "SELECT revision FROM sites WHERE site = $1 FOR UPDATE";

const NEWEST_VERSION: &str = "SELECT version, origin, plan, rules, bytes, at FROM versions
     WHERE site = $1 ORDER BY version DESC LIMIT 1";

/// An open database.
#[derive(Debug)]
pub struct Postgres {
    link: Link,
    /// This collector among others: random.
    holder: String,
    /// How far each site is known.
    seen: HashMap<String, Seen>,
    /// The sites whose odds this collector computed.
    led: BTreeSet<String>,
}

impl Postgres {
    /// Opens a database and brings its schema up to date, once however many
    /// collectors start at the same time.
    ///
    /// # Errors
    /// A sentence: it cannot be reached or used, or is newer than this program.
    pub fn connect(address: &Address) -> Result<Postgres, String> {
        let link = Link::new(address).map_err(|reason| unusable(address, &reason))?;
        Postgres::begin(address, link)
    }

    /// Opens a database that a collector has used; nothing where none has, and
    /// nothing is made.
    ///
    /// # Errors
    /// As above.
    pub fn connect_beside(address: &Address) -> Result<Option<Postgres>, String> {
        let mut link = Link::new(address).map_err(|reason| unusable(address, &reason))?;
        let found = link.run(schema::found).map_err(|trouble| unusable(address, &trouble.text))?;
        if found == 0 { Ok(None) } else { Postgres::begin(address, link).map(Some) }
    }

    fn begin(address: &Address, mut link: Link) -> Result<Postgres, String> {
        let unusable = |reason: &str| unusable(address, reason);
        let mut bytes = [0u8; 8];
        getrandom::fill(&mut bytes).map_err(|e| unusable(&format!("no random numbers: {e}")))?;
        let version =
            link.run_within(schema::PATIENCE, schema::migrate).map_err(|trouble| unusable(&trouble.text))?;
        if version > schema::NEWEST {
            return Err(format!(
                "the database `{address}` was written by a newer vitrine (schema {version}, this one knows {}); use that one",
                schema::NEWEST
            ));
        }
        Ok(Postgres { link, holder: hex(&bytes), seen: HashMap::new(), led: BTreeSet::new() })
    }

    fn seen(&mut self, site: &str) -> &mut Seen {
        self.seen.entry(site.into()).or_default()
    }
}

fn unusable(address: &Address, reason: &str) -> String {
    format!("the database `{address}` cannot be used: {reason}")
}

impl Store for Postgres {
    fn sites(&mut self) -> Done<Vec<String>> {
        self.link.run(async |live| {
            live.rows("SELECT site FROM sites ORDER BY site", &[])
                .await?
                .iter()
                .map(|row| row.try_get(0))
                .collect()
        })
    }

    fn add_site(&mut self, site: &str) -> Done<()> {
        let lease =
            "INSERT INTO leases (site, holder, until) VALUES ($1, '', '2000-01-01Z') ON CONFLICT DO NOTHING";
        self.link.run(async |live| {
            // In this order: a site without a lease would never have odds.
            live.change(lease, &[&site]).await?;
            let sql = "INSERT INTO sites (site) VALUES ($1) ON CONFLICT DO NOTHING";
            live.change(sql, &[&site]).await.map(drop)
        })
    }

    fn rules_file(&mut self, site: &str) -> Done<Option<Vec<u8>>> {
        self.link.run(async |live| {
            let row = live.row("SELECT rules_file FROM sites WHERE site = $1", &[&site]).await?;
            row.map_or(Ok(None), |row| row.try_get(0))
        })
    }

    fn set_rules_file(&mut self, site: &str, hash: &KeyHash) -> Done<()> {
        let sql = "UPDATE sites SET rules_file = $2 WHERE site = $1";
        self.link.run(async |live| live.change(sql, &[&site, &hash.as_slice()]).await.map(drop))
    }

    fn keys(&mut self, site: &str) -> Done<Vec<(KeyHash, Role)>> {
        doors::keys(&mut self.link, site)
    }

    fn add_key(&mut self, site: &str, role: Role, hash: &KeyHash) -> Done<()> {
        doors::add_key(&mut self.link, (site, role), hash)
    }

    fn add_first_key(&mut self, site: &str, hash: &KeyHash) -> Done<bool> {
        doors::add_first_key(&mut self.link, site, hash)
    }

    fn revoke(&mut self, site: &str, role: Role) -> Done<u64> {
        let sql = "DELETE FROM keys WHERE site = $1 AND role = $2";
        self.link.run(async |live| live.change(sql, &[&site, &role.word()]).await)
    }

    fn open_session(&mut self, site: &str, token: &KeyHash, session: &Session) -> Done<()> {
        doors::open_session(&mut self.link, (site, token), session)
    }

    fn session(&mut self, site: &str, token: &KeyHash) -> Done<Option<Session>> {
        doors::session(&mut self.link, site, token)
    }

    fn close_session(&mut self, site: &str, token: &KeyHash) -> Done<()> {
        let sql = "DELETE FROM sessions WHERE site = $1 AND token = $2";
        self.link.run(async |live| live.change(sql, &[&site, &token.as_slice()]).await.map(drop))
    }

    fn versions(&mut self, site: &str) -> Done<Vec<Version>> {
        let sql = "SELECT version, origin, plan, '', ''::bytea, at FROM versions
             WHERE site = $1 ORDER BY version DESC";
        self.link.run(async |live| live.rows(sql, &[&site]).await?.iter().map(version).collect())
    }

    fn newest(&mut self, site: &str) -> Done<Option<Version>> {
        self.link
            .run(async |live| live.row(NEWEST_VERSION, &[&site]).await?.as_ref().map(version).transpose())
    }

    fn version(&mut self, site: &str, number: u32) -> Done<Option<Version>> {
        let sql = "SELECT version, origin, plan, rules, bytes, at FROM versions
             WHERE site = $1 AND version = $2";
        let number = i64::from(number);
        self.link.run(async |live| live.row(sql, &[&site, &number]).await?.as_ref().map(version).transpose())
    }

    fn plan(&mut self, site: &str, plan: &str) -> Done<Option<Vec<u8>>> {
        let sql = "SELECT bytes FROM versions WHERE site = $1 AND plan = $2 LIMIT 1";
        self.link
            .run(async |live| live.row(sql, &[&site, &plan]).await?.map(|row| row.try_get(0)).transpose())
    }

    fn publish(&mut self, site: &str, version: &Version, names: &[Name]) -> Done<bool> {
        let is_published = published::publish(&mut self.link, (site, version), names)?;
        if is_published {
            self.seen(site).version = version.version.into();
        }
        Ok(is_published)
    }

    fn mend(&mut self, site: &str, version: &Version, names: &[Name]) -> Done<()> {
        published::mend(&mut self.link, (site, version), names)
    }

    fn save_odds(&mut self, site: &str, odds: &SavedOdds) -> Done<bool> {
        let is_saved = published::save_odds(&mut self.link, site, odds)?;
        if is_saved {
            self.seen(site).epoch = odds.epoch.into();
        }
        Ok(is_saved)
    }

    fn each_odds(&mut self, site: &str, take: &mut dyn FnMut(SavedOdds)) -> Done<()> {
        let mut after = -1i64;
        loop {
            // Page by page: an epoch's counts may be large.
            let sql = "SELECT epoch, bytes, evidence, at FROM odds WHERE site = $1 AND epoch > $2
                 ORDER BY epoch LIMIT 100";
            let page = self.link.run(async |live| {
                live.rows(sql, &[&site, &after]).await?.iter().map(odds).collect::<Result<Vec<_>, _>>()
            })?;
            let Some(last) = page.last() else { return Ok(()) };
            after = i64::from(last.epoch);
            page.into_iter().for_each(&mut *take);
        }
    }

    fn each(&mut self, site: &str, take: &mut dyn FnMut(Kept)) -> Done<()> {
        let seen = self.link.run_long(WHOLE, async |live| {
            live.plainly(BEGIN_WHOLE).await?;
            let glance = live.row(news::GLANCE, &[&site]).await?;
            let seen = glance.as_ref().map(Seen::of).transpose()?.unwrap_or_default();
            merge::each_row(live, site, take).await?;
            published::each(live, site, take).await?;
            live.plainly("COMMIT").await?;
            Ok(seen)
        })?;
        self.seen.insert(site.into(), seen);
        Ok(())
    }

    fn merge(&mut self, groups: &[(&str, Vec<&Report>)]) -> Vec<Done<Merged>> {
        let mut all = Vec::with_capacity(groups.len());
        for (site, reports) in groups {
            let done = merge::merge(&mut self.link, site, reports);
            all.push(done.map(|(merged, revision)| {
                self.seen(site).own.extend(revision);
                merged
            }));
        }
        all
    }

    fn forget_ids(&mut self, site: &str, before: u64) -> Done<u64> {
        let bound = id_bound(before);
        self.link.run_long(WHOLE, async |live| {
            live.plainly("BEGIN; SET LOCAL statement_timeout = 0").await?;
            let sql = "DELETE FROM reports WHERE site = $1 AND id < $2";
            let gone = live.change(sql, &[&site, &bound]).await?;
            live.plainly("COMMIT").await?;
            Ok(gone)
        })
    }

    fn prune(&mut self, site: &str, before: u64) -> Done<[u64; 2]> {
        published::prune(&mut self.link, site, before)
    }

    fn shares(&self) -> bool {
        true
    }

    fn news(&mut self, site: &str) -> Done<News> {
        let seen = self.seen(site).clone();
        let (news, reached) = self.link.run(async |live| news::news(live, site, &seen).await)?;
        // What is lost stays so until everything was read anew.
        if !news.is_lost {
            self.seen.insert(site.into(), reached);
        }
        Ok(news)
    }

    fn lead(&mut self, site: &str) -> Done<bool> {
        let holder = &self.holder;
        let is_ours = self.link.run(async |live| live.change(CLAIM, &[&site, holder]).await)? == 1;
        if is_ours {
            self.led.insert(site.into());
        }
        Ok(is_ours)
    }

    fn draft(&mut self, site: &str, name: DraftName<'_>) -> Done<Option<SavedDraft>> {
        doors::draft(&mut self.link, site, name)
    }

    fn save_draft(&mut self, site: &str, draft: &SavedDraft, most: u32) -> Done<()> {
        doors::save_draft(&mut self.link, (site, draft), most)
    }

    fn resign(&mut self) -> Done<()> {
        let sql = "UPDATE leases SET until = '2000-01-01Z' WHERE site = $1 AND holder = $2";
        let holder = self.holder.as_str();
        for site in std::mem::take(&mut self.led) {
            self.link.run(async |live| live.change(sql, &[&site, &holder]).await)?;
        }
        Ok(())
    }
}

/// A number that fits: only this program writes them.
fn number(row: &Row, at: usize) -> Result<u32, Error> {
    row.try_get::<_, i64>(at).map(|number| u32::try_from(number).unwrap_or_default())
}
