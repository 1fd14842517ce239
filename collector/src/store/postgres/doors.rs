//! Who may come in, and what they look at before it is published. Never holds a
//! key or a session's token itself.

use super::HOLD;
use super::link::Link;
use crate::keys::{KeyHash, Role};
use crate::store::{Done, DraftName, SavedDraft, Session};

/// The hashes of a site's keys and what each may do.
///
/// # Errors
/// It was not done, or nobody knows.
pub fn keys(link: &mut Link, site: &str) -> Done<Vec<(KeyHash, Role)>> {
    link.run(async |live| {
        let mut keys = Vec::new();
        for row in live.rows("SELECT hash, role FROM keys WHERE site = $1", &[&site]).await? {
            let hash = KeyHash::try_from(row.try_get::<_, &[u8]>(0)?);
            let role = Role::from_word(row.try_get(1)?);
            keys.extend(hash.ok().zip(role));
        }
        Ok(keys)
    })
}

/// Adds a key; an owner's takes the place of the one before.
///
/// # Errors
/// It was not done, or nobody knows.
pub fn add_key(link: &mut Link, (site, role): (&str, Role), hash: &KeyHash) -> Done<()> {
    let (hash, word, at) = (hash.as_slice(), role.word(), crate::now() as i64);
    link.run(async |live| {
        live.plainly("BEGIN").await?;
        live.row(HOLD, &[&site]).await?;
        if role == Role::Owner {
            let sql = "DELETE FROM keys WHERE site = $1 AND role = $2";
            live.change(sql, &[&site, &word]).await?;
        }
        let sql = "INSERT INTO keys (site, hash, role, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
        live.change(sql, &[&site, &hash, &word, &at]).await?;
        live.plainly("COMMIT").await
    })
}

/// Adds an owner's key where there is none.
///
/// # Errors
/// It was not done, or nobody knows.
pub fn add_first_key(link: &mut Link, site: &str, hash: &KeyHash) -> Done<bool> {
    let (hash, word, at) = (hash.as_slice(), Role::Owner.word(), crate::now() as i64);
    link.run(async |live| {
        live.plainly("BEGIN").await?;
        live.row(HOLD, &[&site]).await?;
        let sql = "SELECT hash FROM keys WHERE site = $1 AND role = $2 LIMIT 1";
        if let Some(row) = live.row(sql, &[&site, &word]).await? {
            live.plainly("ROLLBACK").await?;
            // It may be our own, of which the answer was lost.
            return Ok(row.try_get::<_, &[u8]>(0)? == hash);
        }
        let sql = "INSERT INTO keys (site, hash, role, at) VALUES ($1, $2, $3, $4)";
        live.change(sql, &[&site, &hash, &word, &at]).await?;
        live.plainly("COMMIT").await?;
        Ok(true)
    })
}

/// Opens a session, and sweeps out those that ended.
///
/// # Errors
/// It was not done, or nobody knows.
pub fn open_session(link: &mut Link, (site, token): (&str, &KeyHash), session: &Session) -> Done<()> {
    let (token, key) = (token.as_slice(), session.key.as_slice());
    let (ends, now) = (session.ends as i64, crate::now() as i64);
    link.run(async |live| {
        live.change("DELETE FROM sessions WHERE site = $1 AND ends <= $2", &[&site, &now]).await?;
        let sql =
            "INSERT INTO sessions (site, token, key, ends) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
        live.change(sql, &[&site, &token, &key, &ends]).await.map(drop)
    })
}

/// The session of a token's hash.
///
/// # Errors
/// It was not done, or nobody knows.
pub fn session(link: &mut Link, site: &str, token: &KeyHash) -> Done<Option<Session>> {
    let token = token.as_slice();
    link.run(async |live| {
        let sql = "SELECT key, ends FROM sessions WHERE site = $1 AND token = $2";
        let Some(row) = live.row(sql, &[&site, &token]).await? else { return Ok(None) };
        let key = KeyHash::try_from(row.try_get::<_, &[u8]>(0)?).ok();
        let ends = row.try_get::<_, i64>(1)?.unsigned_abs();
        Ok(key.map(|key| Session { key, ends }))
    })
}

/// A draft, by its token or its plan.
///
/// # Errors
/// It was not done, or nobody knows.
pub fn draft(link: &mut Link, site: &str, name: DraftName<'_>) -> Done<Option<SavedDraft>> {
    let (sql, value) = match name {
        DraftName::Token(token) => {
            ("SELECT token, bytes, ends FROM drafts WHERE site = $1 AND token = $2", token)
        }
        DraftName::Plan(plan) => (
            "SELECT token, bytes, ends FROM drafts WHERE site = $1 AND plan = $2 ORDER BY ends DESC LIMIT 1",
            plan,
        ),
    };
    link.run(async |live| {
        let Some(row) = live.row(sql, &[&site, &value]).await? else { return Ok(None) };
        let ends = row.try_get::<_, i64>(2)?.unsigned_abs();
        Ok(Some(SavedDraft { token: row.try_get(0)?, bytes: row.try_get(1)?, ends, ..SavedDraft::default() }))
    })
}

/// Keeps a draft, and sweeps out those that ended or are too many.
///
/// # Errors
/// It was not done, or nobody knows.
pub fn save_draft(link: &mut Link, (site, draft): (&str, &SavedDraft), most: u32) -> Done<()> {
    let (ends, now, most) = (draft.ends as i64, crate::now() as i64, i64::from(most));
    link.run(async |live| {
        let sql = "INSERT INTO drafts (site, token, plan, bytes, ends) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (site, token) DO UPDATE SET ends = excluded.ends";
        live.change(sql, &[&site, &draft.token, &draft.plan, &draft.bytes, &ends]).await?;
        let sql = "DELETE FROM drafts WHERE site = $1 AND (ends <= $2 OR token NOT IN
             (SELECT token FROM drafts WHERE site = $1 ORDER BY ends DESC, token LIMIT $3))";
        live.change(sql, &[&site, &now, &most]).await.map(drop)
    })
}
