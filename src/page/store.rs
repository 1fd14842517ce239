//! Where the device remembers: `localStorage`, `sessionStorage` or nowhere.
//! Never throws where storage is blocked or full; then it forgets.

use base64ct::{Base64UrlUnpadded, Encoding};
use vitrine_engine::seal::{self, Kind};
use vitrine_engine::walk::Visitor;

use super::visit::{self, Storage, document, window};

/// The longest record read back, in characters; a longer one is foreign.
const RECORD_LIMIT: usize = 64 * 1024;
/// How long the edge's cookie lives, in seconds: a year.
const COOKIE_SECONDS: &str = "31536000";

/// The keys of one site.
pub struct Store {
    tier: Storage,
    memory_key: String,
    outbox_key: String,
    cookie: String,
    /// The record as last read or written, to notice other tabs.
    last: String,
}

impl Store {
    /// The store of a site, at a tier of consent.
    pub fn new(site: &str, tier: Storage) -> Store {
        Store {
            tier,
            memory_key: ["vitrine:", site].concat(),
            outbox_key: ["vitrine:", site, ":outbox"].concat(),
            cookie: ["vitrine_", site].concat(),
            last: String::new(),
        }
    }

    /// Changes the tier; what a former tier kept is wiped.
    pub fn set_tier(&mut self, tier: Storage) {
        if tier != self.tier {
            self.wipe();
            self.tier = tier;
        }
    }

    /// Removes every trace of this site.
    pub fn wipe(&mut self) {
        self.last.clear();
        for area in [area(Storage::Session), area(Storage::Persistent)].into_iter().flatten() {
            let _ = area.remove_item(&self.memory_key);
            let _ = area.remove_item(&self.outbox_key);
        }
        if self.has_cookie() {
            self.put_cookie("", "0");
        }
    }

    /// The visitor as another page or tab left it, if that is news to this one.
    pub fn read(&mut self) -> Option<Visitor> {
        let record = area(self.tier)?.get_item(&self.memory_key).ok()??;
        if record == self.last || record.len() > RECORD_LIMIT {
            return None;
        }
        let bytes = Base64UrlUnpadded::decode_vec(&record).ok()?;
        let visitor = seal::open(Kind::Memory, &bytes).ok()?;
        self.last = record;
        Some(visitor)
    }

    /// Keeps the visitor.
    pub fn write(&mut self, visitor: &Visitor) {
        let Some(area) = area(self.tier) else { return };
        let record = Base64UrlUnpadded::encode_string(&seal::seal(Kind::Memory, visitor));
        if record != self.last && area.set_item(&self.memory_key, &record).is_ok() {
            self.last = record;
        }
    }

    /// The outbox's text.
    pub fn read_outbox(&self) -> String {
        area(self.tier).and_then(|area| area.get_item(&self.outbox_key).ok()?).unwrap_or_default()
    }

    /// Keeps the outbox's text.
    pub fn write_outbox(&self, text: &str) {
        let Some(area) = area(self.tier) else { return };
        let _ = if text.is_empty() {
            area.remove_item(&self.outbox_key)
        } else {
            area.set_item(&self.outbox_key, text)
        };
    }

    /// Gives the edge its digest; only where the device may remember for good.
    pub fn write_digest(&self, digest: &str) {
        if self.tier == Storage::Persistent {
            self.put_cookie(digest, COOKIE_SECONDS);
        }
    }

    fn has_cookie(&self) -> bool {
        let cookies = document().map(|document| visit::text(&document, "cookie")).unwrap_or_default();
        cookies.split("; ").any(|pair| pair.split('=').next() == Some(self.cookie.as_str()))
    }

    fn put_cookie(&self, value: &str, seconds: &str) {
        let secure =
            window().and_then(|window| window.location().protocol().ok()).is_some_and(|p| p == "https:");
        let secure = if secure { "; Secure" } else { "" };
        let line = [&self.cookie, "=", value, "; Path=/; SameSite=Lax; Max-Age=", seconds, secure].concat();
        if let Some(document) = document() {
            let _ = js_sys::Reflect::set(&document, &"cookie".into(), &line.into());
        }
    }
}

/// The browser's storage of a tier; `None` where it is blocked.
fn area(tier: Storage) -> Option<web_sys::Storage> {
    match tier {
        Storage::None => None,
        Storage::Session => window()?.session_storage().ok()?,
        Storage::Persistent => window()?.local_storage().ok()?,
    }
}
