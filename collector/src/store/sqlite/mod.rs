//! A folder with SQLite: one file, for one collector at a time. Never lets a
//! second process write counters.

mod counters;
mod prune;

use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior, params};

use super::{Done, Kept, Merged, Name, SavedOdds, Session, Store, Trouble, Version, id_bound};
use crate::counters::Table;
use crate::keys::{KeyHash, Role, Sessions};
use crate::report::Report;

/// The database's name in the data folder.
const FILE: &str = "vitrine.db";
/// The name of the file whose lock says that a collector runs on the folder.
const LOCK: &str = "lock";
/// How long a statement waits for another process, such as `vitrine key`.
const PATIENCE: Duration = Duration::from_secs(5);
/// What leads from each version of the schema to the next.
const STEPS: [&str; 3] =
    [include_str!("schema.sql"), include_str!("schema_2.sql"), include_str!("schema_3.sql")];
/// The schema's version, in `PRAGMA user_version`.
const NEWEST: u32 = STEPS.len() as u32;
const NEWEST_VERSION: &str = "SELECT version, origin, plan, rules, bytes, at FROM versions
     WHERE site = ?1 ORDER BY version DESC LIMIT 1";

/// An open database.
#[derive(Debug)]
pub struct Sqlite {
    db: Connection,
    /// Held for as long as this process may write; released by the system
    /// when it ends, however it ends.
    _lock: Option<File>,
    /// In memory only: they end with the collector.
    sessions: Sessions,
}

impl Sqlite {
    /// Opens a folder for the one process that writes; makes what is missing.
    ///
    /// # Errors
    /// A sentence: the folder cannot be used, another collector runs on it, or
    /// the database is broken or newer than this program.
    pub fn open(folder: &Path) -> Result<Sqlite, String> {
        let shown = folder.display();
        make(folder)?;
        let lock = File::create(folder.join(LOCK))
            .map_err(|e| format!("cannot write into the folder `{shown}`: {e}"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(format!(
                    "another collector runs on the folder `{shown}`; stop it first, or name another folder"
                ));
            }
            Err(TryLockError::Error(e)) => {
                return Err(format!("cannot lock the folder `{shown}`: {e}"));
            }
        }
        let mut store = Sqlite::begin(folder, OpenFlags::SQLITE_OPEN_CREATE)?;
        store.check(folder)?;
        store._lock = Some(lock);
        Ok(store)
    }

    /// Opens a folder beside the process that writes, for reading and for keys;
    /// nothing where there is no database, and nothing is made.
    ///
    /// # Errors
    /// A sentence: the database cannot be opened.
    pub fn connect(folder: &Path) -> Result<Option<Sqlite>, String> {
        // Of a file that was never filled SQLite would make a database.
        match fs::metadata(folder.join(FILE)) {
            Ok(file) if file.len() > 0 => Sqlite::begin(folder, OpenFlags::empty()).map(Some),
            _ => Ok(None),
        }
    }

    /// Opens the database of a folder and brings its schema up to date; `making`
    /// says whether it may be made.
    fn begin(folder: &Path, making: OpenFlags) -> Result<Sqlite, String> {
        let file = folder.join(FILE);
        let broken = |e: rusqlite::Error| {
            format!(
                "the database `{}` cannot be used: {e}; restore it from a back-up, or name another folder",
                file.display()
            )
        };
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | making;
        let db = Connection::open_with_flags(&file, flags).map_err(broken)?;
        let mut store = Sqlite { db, _lock: None, sessions: Sessions::default() };
        store.prepare().map_err(broken)?;
        let version = store.migrate().map_err(broken)?;
        if version > NEWEST {
            return Err(format!(
                "the database `{}` was written by a newer vitrine (schema {version}, this one knows {}); use that one",
                file.display(),
                NEWEST
            ));
        }
        Ok(store)
    }

    fn prepare(&self) -> rusqlite::Result<()> {
        self.db.busy_timeout(PATIENCE)?;
        self.db.pragma_update(None, "journal_mode", "WAL")?;
        self.db.pragma_update(None, "synchronous", "FULL")?;
        self.db.set_prepared_statement_cache_capacity(64);
        Ok(())
    }

    fn check(&self, folder: &Path) -> Result<(), String> {
        let found: rusqlite::Result<String> =
            self.db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0));
        let reason = match found {
            Ok(word) if word == "ok" => return Ok(()),
            Ok(reason) => reason,
            Err(e) => e.to_string(),
        };
        Err(format!(
            "the database `{}` is damaged: {reason}; restore it from a back-up",
            folder.join(FILE).display()
        ))
    }

    /// Brings the schema up to date; gives the version found or made.
    fn migrate(&mut self) -> rusqlite::Result<u32> {
        let change = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found: u32 = change.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        for step in STEPS.iter().skip(found as usize) {
            change.execute_batch(step)?;
        }
        let version = found.max(NEWEST);
        if version > found {
            change.pragma_update(None, "user_version", version)?;
        }
        change.commit()?;
        Ok(version)
    }
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Trouble {
        Trouble { text: error.to_string(), is_away: false }
    }
}

impl Store for Sqlite {
    fn sites(&mut self) -> Done<Vec<String>> {
        let mut found = self.db.prepare("SELECT site FROM sites ORDER BY site")?;
        let rows = found.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn add_site(&mut self, site: &str) -> Done<()> {
        self.db.execute("INSERT OR IGNORE INTO sites (site) VALUES (?1)", [site])?;
        Ok(())
    }

    fn rules_file(&mut self, site: &str) -> Done<Option<Vec<u8>>> {
        let sql = "SELECT rules_file FROM sites WHERE site = ?1";
        let found = self.db.query_row(sql, [site], |row| row.get(0));
        Ok(found.optional()?.flatten())
    }

    fn set_rules_file(&mut self, site: &str, hash: &KeyHash) -> Done<()> {
        let sql = "UPDATE sites SET rules_file = ?2 WHERE site = ?1";
        self.db.execute(sql, params![site, hash])?;
        Ok(())
    }

    fn keys(&mut self, site: &str) -> Done<Vec<(KeyHash, Role)>> {
        let sql = "SELECT hash, role FROM keys WHERE site = ?1";
        let mut found = self.db.prepare_cached(sql)?;
        let rows =
            found.query_map([site], |row| Ok((row.get::<_, KeyHash>(0)?, row.get::<_, String>(1)?)))?;
        let mut keys = Vec::new();
        for row in rows {
            let (hash, word) = row?;
            keys.extend(Role::from_word(&word).map(|role| (hash, role)));
        }
        Ok(keys)
    }

    fn add_key(&mut self, site: &str, role: Role, hash: &KeyHash) -> Done<()> {
        let change = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if role == Role::Owner {
            let sql = "DELETE FROM keys WHERE site = ?1 AND role = ?2";
            change.execute(sql, [site, role.word()])?;
        }
        let sql = "INSERT INTO keys (site, hash, role, at) VALUES (?1, ?2, ?3, ?4)";
        change.execute(sql, params![site, hash, role.word(), crate::now() as i64])?;
        Ok(change.commit()?)
    }

    fn add_first_key(&mut self, site: &str, hash: &KeyHash) -> Done<bool> {
        let sql = "INSERT INTO keys (site, hash, role, at) SELECT ?1, ?2, ?3, ?4
                   WHERE NOT EXISTS (SELECT 1 FROM keys WHERE site = ?1 AND role = ?3)";
        let values = params![site, hash, Role::Owner.word(), crate::now() as i64];
        Ok(self.db.execute(sql, values)? == 1)
    }

    fn revoke(&mut self, site: &str, role: Role) -> Done<u64> {
        let sql = "DELETE FROM keys WHERE site = ?1 AND role = ?2";
        Ok(self.db.execute(sql, [site, role.word()])? as u64)
    }

    fn open_session(&mut self, site: &str, token: &KeyHash, session: &Session) -> Done<()> {
        self.sessions.open(site, token, session);
        Ok(())
    }

    fn session(&mut self, site: &str, token: &KeyHash) -> Done<Option<Session>> {
        Ok(self.sessions.find(site, token))
    }

    fn close_session(&mut self, site: &str, token: &KeyHash) -> Done<()> {
        self.sessions.close(site, token);
        Ok(())
    }

    fn versions(&mut self, site: &str) -> Done<Vec<Version>> {
        let sql = "SELECT version, origin, plan, '', x'', at FROM versions
                   WHERE site = ?1 ORDER BY version DESC";
        let mut found = self.db.prepare_cached(sql)?;
        let rows = found.query_map([site], version)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn newest(&mut self, site: &str) -> Done<Option<Version>> {
        Ok(self.db.query_row(NEWEST_VERSION, [site], version).optional()?)
    }

    fn version(&mut self, site: &str, number: u32) -> Done<Option<Version>> {
        let sql = "SELECT version, origin, plan, rules, bytes, at FROM versions
                   WHERE site = ?1 AND version = ?2";
        Ok(self.db.query_row(sql, params![site, number], version).optional()?)
    }

    fn plan(&mut self, site: &str, plan: &str) -> Done<Option<Vec<u8>>> {
        let sql = "SELECT bytes FROM versions WHERE site = ?1 AND plan = ?2 LIMIT 1";
        Ok(self.db.query_row(sql, [site, plan], |row| row.get(0)).optional()?)
    }

    fn publish(&mut self, site: &str, version: &Version, names: &[Name]) -> Done<bool> {
        let change = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let sql = "SELECT coalesce(max(version), 0) FROM versions WHERE site = ?1";
        let newest: u32 = change.query_row(sql, [site], |row| row.get(0))?;
        if newest.saturating_add(1) != version.version {
            return Ok(false);
        }
        put_version(&change, site, version, names)?;
        change.commit()?;
        Ok(true)
    }

    fn mend(&mut self, site: &str, version: &Version, names: &[Name]) -> Done<()> {
        let change = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        put_version(&change, site, version, names)?;
        Ok(change.commit()?)
    }

    fn save_odds(&mut self, site: &str, odds: &SavedOdds) -> Done<bool> {
        let change = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let sql = "SELECT coalesce(max(epoch), 0) FROM odds WHERE site = ?1";
        let newest: u32 = change.query_row(sql, [site], |row| row.get(0))?;
        if newest.saturating_add(1) != odds.epoch {
            return Ok(false);
        }
        let sql = "INSERT INTO odds (site, epoch, at, evidence, bytes) VALUES (?1, ?2, ?3, ?4, ?5)";
        let values = params![site, odds.epoch, odds.at as i64, odds.evidence, odds.bytes];
        change.execute(sql, values)?;
        change.commit()?;
        Ok(true)
    }

    fn each_odds(&mut self, site: &str, take: &mut dyn FnMut(SavedOdds)) -> Done<()> {
        let sql = "SELECT epoch, bytes, evidence, at FROM odds WHERE site = ?1 ORDER BY epoch";
        let mut found = self.db.prepare(sql)?;
        let mut rows = found.query([site])?;
        while let Some(row) = rows.next()? {
            take(odds(row)?);
        }
        Ok(())
    }

    fn each(&mut self, site: &str, take: &mut dyn FnMut(Kept)) -> Done<()> {
        let still = self.db.transaction()?;
        for table in Table::BOTH {
            counters::each_row(&still, (site, table), take)?;
        }
        counters::each_lag(&still, site, take)?;
        let mut found =
            still.prepare("SELECT epoch, bytes, '', at FROM odds WHERE site = ?1 ORDER BY epoch")?;
        let mut rows = found.query([site])?;
        while let Some(row) = rows.next()? {
            take(Kept::Odds(odds(row)?));
        }
        let mut found = still.prepare("SELECT bytes, at FROM versions WHERE site = ?1 ORDER BY version")?;
        let mut rows = found.query([site])?;
        while let Some(row) = rows.next()? {
            take(Kept::Plan(row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()));
        }
        let newest = still.query_row(NEWEST_VERSION, [site], version).optional()?;
        newest.into_iter().for_each(|newest| take(Kept::Newest(newest)));
        let mut found = still.prepare("SELECT campaign, message, leaf FROM names WHERE site = ?1")?;
        let mut rows = found.query([site])?;
        while let Some(row) = rows.next()? {
            take(Kept::Name([row.get(0)?, row.get(1)?, row.get(2)?]));
        }
        Ok(())
    }

    fn merge(&mut self, groups: &[(&str, Vec<&Report>)]) -> Vec<Done<Merged>> {
        match self.try_merge(groups) {
            Ok(merged) => merged.into_iter().map(Ok).collect(),
            Err(error) => {
                let trouble = Trouble::from(error);
                groups.iter().map(|_| Err(trouble.clone())).collect()
            }
        }
    }

    fn forget_ids(&mut self, site: &str, before: u64) -> Done<u64> {
        let sql = "DELETE FROM reports WHERE site = ?1 AND id < ?2";
        Ok(self.db.execute(sql, params![site, id_bound(before)])? as u64)
    }

    fn prune(&mut self, site: &str, before: u64) -> Done<[u64; 2]> {
        Ok(self.try_prune(site, before)?)
    }
}

fn put_version(db: &Connection, site: &str, version: &Version, names: &[Name]) -> rusqlite::Result<()> {
    db.execute(
        "INSERT OR REPLACE INTO versions (site, version, origin, plan, rules, bytes, at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            site,
            version.version,
            version.origin,
            version.plan,
            version.rules,
            version.bytes,
            version.at as i64
        ],
    )?;
    let sql = "INSERT OR IGNORE INTO names (site, campaign, message, leaf) VALUES (?1, ?2, ?3, ?4)";
    let mut add = db.prepare_cached(sql)?;
    for [campaign, message, leaf] in names {
        add.execute([site, campaign, message, leaf])?;
    }
    Ok(())
}

fn odds(row: &rusqlite::Row<'_>) -> rusqlite::Result<SavedOdds> {
    Ok(SavedOdds {
        epoch: row.get(0)?,
        bytes: row.get(1)?,
        evidence: row.get(2)?,
        at: row.get::<_, i64>(3)?.unsigned_abs(),
    })
}

/// Makes the folder, for this user only: sums and revenue are nobody else's.
fn make(folder: &Path) -> Result<(), String> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|e| format!("cannot make the folder `{}`: {e}", folder.display()))
}

fn version(row: &rusqlite::Row<'_>) -> rusqlite::Result<Version> {
    Ok(Version {
        version: row.get(0)?,
        origin: row.get(1)?,
        plan: row.get(2)?,
        rules: row.get(3)?,
        bytes: row.get(4)?,
        at: row.get::<_, i64>(5)?.unsigned_abs(),
    })
}
