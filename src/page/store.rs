//! Where the device remembers: `localStorage`, `sessionStorage` or nowhere.
//! Never trusts what it finds: a broken or foreign record is a fresh visitor.

use vitrine_engine::seal::{self, Kind};
use vitrine_engine::text::join;
use vitrine_engine::walk::Visitor;

use super::visit::PERSISTENT;

/// The longest record read back, in bytes; a longer one is foreign.
const RECORD_LIMIT: usize = 48 * 1024;

/// The keys of one site.
pub struct Store {
    tier: u8,
    memory_key: String,
    outbox_key: String,
    cookie: String,
    /// The record as last read or written, to notice other tabs.
    last: Vec<u8>,
}

impl Store {
    /// The store of a site, at a tier of consent.
    pub fn new(site: &str, tier: u8) -> Store {
        Store {
            tier,
            memory_key: join(&["vitrine:", site]),
            outbox_key: join(&["vitrine:", site, ":outbox"]),
            cookie: join(&["vitrine_", site]),
            last: Vec::new(),
        }
    }

    /// Changes the tier; what a former tier kept is wiped, but nothing that a
    /// visit before this page left under the new one.
    pub fn set_tier(&mut self, tier: u8) {
        for other in 1..=PERSISTENT {
            if other != tier {
                crate::write(&self.memory_key, "", other);
                crate::write(&self.outbox_key, "", other);
            }
        }
        if tier != PERSISTENT {
            crate::cookie(&self.cookie, "");
        }
        self.last.clear();
        self.tier = tier;
    }

    /// The visitor as another page or tab left it, if that is news to this one.
    pub fn read(&mut self) -> Option<Visitor> {
        let record = crate::read(&self.memory_key, self.tier);
        if record.is_empty() || record == self.last || record.len() > RECORD_LIMIT {
            return None;
        }
        let visitor = seal::open(Kind::Memory, &record).ok()?;
        self.last = record;
        Some(visitor)
    }

    /// Keeps the visitor.
    pub fn write(&mut self, visitor: &Visitor) {
        if self.tier == 0 {
            return;
        }
        let record = seal::seal(Kind::Memory, visitor);
        if record != self.last {
            crate::write(&self.memory_key, &record, self.tier);
            self.last = record;
        }
    }

    /// The outbox's text.
    pub fn read_outbox(&self) -> Vec<u8> {
        crate::read(&self.outbox_key, self.tier)
    }

    /// Keeps the outbox's text.
    pub fn write_outbox(&self, text: &str) {
        crate::write(&self.outbox_key, text, self.tier);
    }

    /// Gives the edge its digest; only where the device may remember for good.
    pub fn write_digest(&self, digest: &[u8]) {
        if self.tier == PERSISTENT {
            crate::cookie(&self.cookie, digest);
        }
    }
}
