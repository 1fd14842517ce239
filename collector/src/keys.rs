//! Keys and sessions. Never stores a key itself: only its SHA-256, and a
//! session only in memory.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

/// How long a console session lasts, in seconds: a working day.
pub const SESSION_SECONDS: u64 = 12 * 60 * 60;
/// Sessions at once: above it the oldest ends, so that log-ins cannot grow memory.
const SESSION_LIMIT: usize = 1_000;

/// What a key may do; each may do all that those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Reads results.
    Viewer,
    /// Publishes rules.
    Marketer,
    /// As a marketer; there is always one.
    Owner,
}

impl Role {
    /// The role's word, as on the command line and in the store.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Marketer => "marketer",
            Role::Owner => "owner",
        }
    }

    /// The role of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Role> {
        [Role::Viewer, Role::Marketer, Role::Owner].into_iter().find(|role| role.word() == word)
    }
}

/// SHA-256 of a key.
pub type KeyHash = [u8; 32];

/// A new key: its role for people to see, then 256 random bits.
///
/// # Errors
/// The system has no randomness to give.
pub fn new_key(role: Role) -> Result<String, String> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).map_err(|e| format!("no random numbers: {e}"))?;
    Ok(format!("vitrine-{}-{}", role.word(), hex(&bytes)))
}

/// What the store keeps of a key.
#[must_use]
pub fn hash(key: &str) -> KeyHash {
    Sha256::digest(key.as_bytes()).into()
}

/// Whether two hashes are the same, in the same time whatever they hold.
#[must_use]
pub fn same(a: &[u8], b: &[u8]) -> bool {
    let differing = a.iter().zip(b).fold(0u8, |sum, (x, y)| sum | (x ^ y));
    a.len() == b.len() && std::hint::black_box(differing) == 0
}

/// Bytes as lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The console's sessions: a random token stands for a key.
#[derive(Debug, Default)]
pub struct Sessions {
    open: Mutex<HashMap<KeyHash, Session>>,
}

#[derive(Debug, Clone)]
struct Session {
    site: String,
    key: KeyHash,
    ends: u64,
}

impl Sessions {
    /// Opens a session for a key that was found good; gives the token.
    ///
    /// # Errors
    /// The system has no randomness to give.
    pub fn open(&self, site: &str, key: KeyHash, now: u64) -> Result<String, String> {
        let token = new_key(Role::Viewer)?;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, session| session.ends > now);
        if open.len() >= SESSION_LIMIT {
            let oldest = open.iter().min_by_key(|(_, s)| s.ends).map(|(t, _)| *t);
            if let Some(oldest) = oldest {
                open.remove(&oldest);
            }
        }
        open.insert(hash(&token), Session { site: site.into(), key, ends: now + SESSION_SECONDS * 1000 });
        Ok(token)
    }

    /// The key that an open session of a site stands for.
    #[must_use]
    pub fn key(&self, site: &str, token: &str, now: u64) -> Option<KeyHash> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.get(&hash(token))
            .filter(|session| session.site == site && session.ends > now)
            .map(|session| session.key)
    }

    /// Ends a session, if it is open.
    pub fn close(&self, token: &str) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.remove(&hash(token));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_belongs_to_one_site_and_can_be_closed() {
        let sessions = Sessions::default();
        let token = sessions.open("demo", [7; 32], 0).unwrap();
        assert_eq!(sessions.key("demo", &token, 1), Some([7; 32]));
        assert_eq!(sessions.key("other", &token, 1), None);
        assert_eq!(sessions.key("demo", &token, SESSION_SECONDS * 1000), None);
        sessions.close(&token);
        assert_eq!(sessions.key("demo", &token, 1), None);
    }

    #[test]
    fn hashes_are_the_same_only_if_every_byte_is() {
        assert!(same(&[1, 2], &[1, 2]));
        assert!(!same(&[1, 2], &[1, 3]));
        assert!(!same(&[1, 2], &[1, 2, 3]));
        assert_ne!(new_key(Role::Owner), new_key(Role::Owner));
    }
}
