//! The file: schema, what is read at start, and every transaction. Never
//! holds an address, a raw event or a key; every statement names one site and
//! every unique key contains it.

use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior, params};

use crate::keys::{KeyHash, Role};

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

/// An open database.
#[derive(Debug)]
pub struct Store {
    pub(crate) db: Connection,
    /// Held for as long as this process may write; released by the system
    /// when it ends, however it ends.
    _lock: Option<File>,
}

/// One published version of a site's rules.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// 1 for the first.
    pub version: u32,
    /// The version that this one repeats; itself unless it is a rollback.
    pub origin: u32,
    /// The plan's name.
    pub plan: String,
    /// The rules' text.
    pub rules: String,
    /// The sealed plan.
    pub bytes: Vec<u8>,
    /// When it was published, in milliseconds since 1970.
    pub at: u64,
}

/// A message of a campaign as a leaf's visitors may get it.
pub type Name = [String; 3];

/// The odds as they were last published.
#[derive(Debug, Clone, Default)]
pub struct SavedOdds {
    /// Their epoch; 0 before the first.
    pub epoch: u32,
    /// The sealed bytes.
    pub bytes: Vec<u8>,
    /// The tallies behind what changed, as JSON, so that they can be re-run.
    pub evidence: String,
}

/// What a statement gives.
pub type Done<T> = Result<T, rusqlite::Error>;

impl Store {
    /// Opens a folder for the one process that writes; makes what is missing.
    ///
    /// # Errors
    /// A sentence: the folder cannot be used, another collector runs on it, or
    /// the database is broken or newer than this program.
    pub fn open(folder: &Path) -> Result<Store, String> {
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
        let mut store = Store::connect(folder)?;
        store.check(folder)?;
        store._lock = Some(lock);
        Ok(store)
    }

    /// Opens a folder beside the process that writes, for reading and for keys.
    ///
    /// # Errors
    /// A sentence: the database cannot be opened.
    pub fn connect(folder: &Path) -> Result<Store, String> {
        let file = folder.join(FILE);
        let broken = |e: rusqlite::Error| {
            format!(
                "the database `{}` cannot be used: {e}; restore it from a back-up, or name another folder",
                file.display()
            )
        };
        make(folder)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let db = Connection::open_with_flags(&file, flags).map_err(broken)?;
        let mut store = Store { db, _lock: None };
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

    fn prepare(&self) -> Done<()> {
        self.db.busy_timeout(PATIENCE)?;
        self.db.pragma_update(None, "journal_mode", "WAL")?;
        self.db.pragma_update(None, "synchronous", "FULL")?;
        self.db.set_prepared_statement_cache_capacity(64);
        Ok(())
    }

    fn check(&self, folder: &Path) -> Result<(), String> {
        let found: Done<String> = self.db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0));
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
    fn migrate(&mut self) -> Done<u32> {
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

    /// The sites, in the order of their names.
    pub fn sites(&self) -> Done<Vec<String>> {
        let mut found = self.db.prepare("SELECT site FROM sites ORDER BY site")?;
        found.query_map([], |row| row.get(0))?.collect()
    }

    /// Makes a site, unless there is one of that name.
    pub fn add_site(&self, site: &str) -> Done<()> {
        let sql = "INSERT OR IGNORE INTO sites (site) VALUES (?1)";
        self.db.execute(sql, [site]).map(drop)
    }

    /// The SHA-256 of the rules file that was last loaded at a start.
    pub fn rules_file(&self, site: &str) -> Done<Option<Vec<u8>>> {
        let sql = "SELECT rules_file FROM sites WHERE site = ?1";
        let found = self.db.query_row(sql, [site], |row| row.get(0));
        Ok(found.optional()?.flatten())
    }

    /// Remembers the rules file that was loaded at this start.
    pub fn set_rules_file(&self, site: &str, hash: &[u8]) -> Done<()> {
        let sql = "UPDATE sites SET rules_file = ?2 WHERE site = ?1";
        self.db.execute(sql, params![site, hash]).map(drop)
    }

    /// The hashes of a site's keys and what each may do.
    pub fn keys(&self, site: &str) -> Done<Vec<(KeyHash, Role)>> {
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

    /// Adds a key; an owner's takes the place of the one before.
    pub fn add_key(&mut self, site: &str, role: Role, hash: &KeyHash, at: u64) -> Done<()> {
        let change = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if role == Role::Owner {
            let sql = "DELETE FROM keys WHERE site = ?1 AND role = ?2";
            change.execute(sql, [site, role.word()])?;
        }
        let sql = "INSERT INTO keys (site, hash, role, at) VALUES (?1, ?2, ?3, ?4)";
        change.execute(sql, params![site, hash, role.word(), at as i64])?;
        change.commit()
    }

    /// Takes all keys of a role away; gives how many there were.
    pub fn revoke(&self, site: &str, role: Role) -> Done<usize> {
        let sql = "DELETE FROM keys WHERE site = ?1 AND role = ?2";
        self.db.execute(sql, [site, role.word()])
    }

    /// The versions of a site's rules without texts and bytes, newest first.
    pub fn versions(&self, site: &str) -> Done<Vec<Version>> {
        let sql = "SELECT version, origin, plan, '', x'', at FROM versions
                   WHERE site = ?1 ORDER BY version DESC";
        let mut found = self.db.prepare_cached(sql)?;
        found.query_map([site], version)?.collect()
    }

    /// The version that is published: the newest.
    pub fn newest(&self, site: &str) -> Done<Option<Version>> {
        let sql = "SELECT version, origin, plan, rules, bytes, at FROM versions
                   WHERE site = ?1 ORDER BY version DESC LIMIT 1";
        self.db.query_row(sql, [site], version).optional()
    }

    /// One version.
    pub fn version(&self, site: &str, number: u32) -> Done<Option<Version>> {
        let sql = "SELECT version, origin, plan, rules, bytes, at FROM versions
                   WHERE site = ?1 AND version = ?2";
        self.db.query_row(sql, params![site, number], version).optional()
    }

    /// The bytes of a plan that was once published.
    pub fn plan(&self, site: &str, plan: &str) -> Done<Option<Vec<u8>>> {
        let sql = "SELECT bytes FROM versions WHERE site = ?1 AND plan = ?2 LIMIT 1";
        self.db.query_row(sql, [site, plan], |row| row.get(0)).optional()
    }

    /// Publishes a version and admits its names to reports, in one transaction.
    pub fn publish(&mut self, site: &str, version: &Version, names: &[Name]) -> Done<()> {
        let change = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        change.execute(
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
        {
            let mut add = change.prepare_cached(
                "INSERT OR IGNORE INTO names (site, campaign, message, leaf) VALUES (?1, ?2, ?3, ?4)",
            )?;
            for [campaign, message, leaf] in names {
                add.execute([site, campaign, message, leaf])?;
            }
        }
        change.commit()
    }

    /// Everything that reports of a site may name.
    pub fn names(&self, site: &str) -> Done<Vec<Name>> {
        let sql = "SELECT campaign, message, leaf FROM names WHERE site = ?1";
        let mut found = self.db.prepare(sql)?;
        found.query_map([site], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))?.collect()
    }

    /// Keeps new odds, before they are served.
    pub fn save_odds(&self, site: &str, odds: &SavedOdds, at: u64) -> Done<()> {
        let sql = "INSERT INTO odds (site, epoch, at, evidence, bytes) VALUES (?1, ?2, ?3, ?4, ?5)";
        let values = params![site, odds.epoch, at as i64, odds.evidence, odds.bytes];
        self.db.execute(sql, values).map(drop)
    }

    /// The odds of a site as they were last published.
    pub fn odds(&self, site: &str) -> Done<Option<SavedOdds>> {
        let sql = "SELECT epoch, bytes, evidence FROM odds WHERE site = ?1 ORDER BY epoch DESC LIMIT 1";
        self.db
            .query_row(sql, [site], |row| {
                Ok(SavedOdds { epoch: row.get(0)?, bytes: row.get(1)?, evidence: row.get(2)? })
            })
            .optional()
    }

    /// Gives every odds of a site, oldest first, as they were published.
    pub fn each_odds(&self, site: &str, mut take: impl FnMut(&SavedOdds)) -> Done<()> {
        let sql = "SELECT epoch, bytes, evidence FROM odds WHERE site = ?1 ORDER BY epoch";
        let mut found = self.db.prepare(sql)?;
        let mut rows = found.query([site])?;
        while let Some(row) = rows.next()? {
            take(&SavedOdds { epoch: row.get(0)?, bytes: row.get(1)?, evidence: row.get(2)? });
        }
        Ok(())
    }

    /// Gives every published plan of a site with its moment, oldest first.
    pub fn each_plan(&self, site: &str, mut take: impl FnMut(Vec<u8>, u64)) -> Done<()> {
        let mut found = self.db.prepare("SELECT bytes, at FROM versions WHERE site = ?1 ORDER BY version")?;
        let mut rows = found.query([site])?;
        while let Some(row) = rows.next()? {
            take(row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs());
        }
        Ok(())
    }

    /// Forgets the ids of a site made before a moment (milliseconds since
    /// 1970); a UUIDv7 begins with it.
    pub fn forget_ids(&self, site: &str, before: u64) -> Done<usize> {
        let first = before.to_be_bytes();
        let bound: Vec<u8> = first.iter().skip(2).copied().collect();
        let sql = "DELETE FROM reports WHERE site = ?1 AND id < ?2";
        self.db.execute(sql, params![site, bound])
    }
}

/// Makes the folder, for this user only: sums and revenue are nobody else's.
fn make(folder: &Path) -> Result<(), String> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|e| format!("cannot make the folder `{}`: {e}", folder.display()))
}

fn version(row: &rusqlite::Row<'_>) -> Done<Version> {
    Ok(Version {
        version: row.get(0)?,
        origin: row.get(1)?,
        plan: row.get(2)?,
        rules: row.get(3)?,
        bytes: row.get(4)?,
        at: row.get::<_, i64>(5)?.unsigned_abs(),
    })
}
