//! Keys and sessions. Never stores a key or a session's token itself: only its
//! SHA-256.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::store::Session;

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

/// Sessions of one collector's consoles, by the hash of their token.
#[derive(Debug, Default)]
pub struct Sessions {
    open: HashMap<KeyHash, (String, Session)>,
}

impl Sessions {
    /// Opens a session of a site.
    pub fn open(&mut self, site: &str, token: &KeyHash, session: &Session) {
        if self.open.len() >= SESSION_LIMIT {
            let oldest = self.open.iter().min_by_key(|(_, (_, s))| s.ends).map(|(token, _)| *token);
            oldest.iter().for_each(|oldest| drop(self.open.remove(oldest)));
        }
        self.open.insert(*token, (site.into(), session.clone()));
    }

    /// A session of a site.
    #[must_use]
    pub fn find(&self, site: &str, token: &KeyHash) -> Option<Session> {
        self.open.get(token).filter(|(of, _)| of == site).map(|(_, session)| session.clone())
    }

    /// Ends a session of a site, if it is open.
    pub fn close(&mut self, site: &str, token: &KeyHash) {
        self.open.retain(|known, (of, _)| known != token || of != site);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_belongs_to_one_site_and_can_be_closed_and_above_the_limit_the_oldest_ends() {
        let mut sessions = Sessions::default();
        let session = |ends| Session { key: [7; 32], ends };
        sessions.open("demo", &[1; 32], &session(9));
        assert_eq!(sessions.find("demo", &[1; 32]), Some(session(9)));
        assert_eq!(sessions.find("other", &[1; 32]), None);
        sessions.close("other", &[1; 32]);
        assert_eq!(sessions.find("demo", &[1; 32]), Some(session(9)));
        sessions.close("demo", &[1; 32]);
        assert_eq!(sessions.find("demo", &[1; 32]), None);
        for number in 0..=SESSION_LIMIT as u64 {
            let mut token = [0; 32];
            token[..8].copy_from_slice(&number.to_be_bytes());
            sessions.open("demo", &token, &session(number));
        }
        assert_eq!(sessions.open.len(), SESSION_LIMIT);
        assert_eq!(sessions.find("demo", &[0; 32]), None);
    }

    #[test]
    fn hashes_are_the_same_only_if_every_byte_is() {
        assert!(same(&[1, 2], &[1, 2]));
        assert!(!same(&[1, 2], &[1, 3]));
        assert!(!same(&[1, 2], &[1, 2, 3]));
        assert_ne!(new_key(Role::Owner), new_key(Role::Owner));
    }
}
