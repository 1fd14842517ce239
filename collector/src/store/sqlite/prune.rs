//! How SQLite takes away what `prune.rs` says. Never decides what that is.

use rusqlite::params;

use super::Sqlite;
use crate::prune::{TAKEN, VERSIONS};

impl Sqlite {
    /// Takes away what of a site is older than `before` (milliseconds since
    /// 1970) and asked for by nobody; gives how many epochs and versions went.
    pub(super) fn try_prune(&mut self, site: &str, before: u64) -> rusqlite::Result<[u64; 2]> {
        let change = self.db.transaction()?;
        let epochs = change.execute(
            "DELETE FROM odds WHERE site = ?1 AND at < ?2
                AND epoch < (SELECT max(epoch) FROM odds WHERE site = ?1)
                AND epoch NOT IN (SELECT epoch FROM counters WHERE site = ?1)",
            params![site, before as i64],
        )?;
        change.execute(
            "UPDATE odds SET evidence = ?3 WHERE site = ?1 AND at < ?2 AND evidence <> ?3
                AND epoch < (SELECT max(epoch) FROM odds WHERE site = ?1)",
            params![site, before as i64, TAKEN],
        )?;
        // The newest of the old ones was in force when the first of the others came.
        let versions = change.execute(
            "DELETE FROM versions WHERE site = ?1
                AND version < (SELECT max(version) FROM versions WHERE site = ?1 AND at < ?2)
                AND version <= (SELECT max(version) FROM versions WHERE site = ?1) - ?3
                AND version NOT IN (SELECT origin FROM versions WHERE site = ?1 AND at >= ?2)",
            params![site, before as i64, VERSIONS],
        )?;
        change.commit()?;
        Ok([epochs as u64, versions as u64])
    }
}
