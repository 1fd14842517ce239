//! The table of sites that visits come from, as `data/channels.txt` has it.
//! Never judges a visit, and never takes for a host what only looks like one:
//! a host is compared label by label, from its end.

use alloc::string::String;

use crate::text::{clip, cut, fold, join, next_part};

/// Rows of every page, sorted by their keys' bytes; `engine/build.rs` says how
/// a row is written.
const COMMON: &str = include_str!(concat!(env!("OUT_DIR"), "/channels.txt"));
/// Rows of rarely seen sites, in the same form. No page carries them: a plan
/// may, and the command line always does.
pub const RARE: &str = include_str!(concat!(env!("OUT_DIR"), "/channels-rare.txt"));

/// The longest host that there is, in bytes; a longer one is in no table.
const HOST_LIMIT: usize = 253;
/// Of a user agent so many bytes are read: real ones have 100 to 400.
const AGENT_LIMIT: usize = 512;

/// What the table says of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The place of its medium in `Medium::ALL`.
    pub medium: u8,
    /// The source's name.
    pub source: String,
    /// A host without its subdomains; a parameter that speaks louder.
    pub is_marked: bool,
    /// How it writes keywords that are not UTF-8, by its place in `CHARSETS`.
    pub charset: Option<u8>,
}

/// The common table, and a text of rows beside it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sites<'a>(pub &'a str);

impl Sites<'_> {
    /// The row of exactly this key. Its first byte says of what kind it is:
    /// `@` an app, `~` a word of a user agent, `=` a source and `+` a medium as
    /// marketers write them, `?` a parameter; else it is a host.
    #[must_use]
    pub fn find(self, key: &str) -> Option<Site> {
        [COMMON, self.0].iter().find_map(|table| {
            let rest = row_from(table, key).strip_prefix(key)?;
            rest.as_bytes().first()?.is_ascii_uppercase().then(|| site(key, rest))
        })
    }

    /// The row of a host, a subdomain of one, or one under any country; of
    /// those that fit, the longest.
    #[must_use]
    pub fn find_host(self, host: &str) -> Option<Site> {
        if host.len() > HOST_LIMIT {
            return None;
        }
        let stem = without_country(host);
        let mut rest = host;
        loop {
            let skipped = host.len() - rest.len();
            for key in [rest, stem.get(skipped..).unwrap_or_default()] {
                if let Some(site) = self.find(key).filter(|site| skipped == 0 || !site.is_marked) {
                    return Some(site);
                }
            }
            (_, rest) = cut(rest, b'.')?;
        }
    }

    /// The row of a source as marketers name it: by a word of theirs, by its
    /// host, or by its host's first name.
    #[must_use]
    pub fn find_source(self, name: &str) -> Option<Site> {
        self.find(&join(&["=", name])).or_else(|| self.find_host(name)).or_else(|| {
            let first = join(&[name, "."]);
            let row = [COMMON, self.0].into_iter().map(|table| row_from(table, &first));
            let row = row.into_iter().find(|row| row.starts_with(&first))?;
            let at = row.bytes().position(|byte| byte.is_ascii_uppercase())?;
            Some(site("", row.get(at..)?))
        })
    }
}

/// The word of a user agent that names the app it belongs to, and its row; the
/// last one, since apps within apps add theirs at the end.
#[must_use]
pub fn app(agent: &str) -> Option<(String, Site)> {
    let agent = fold(clip(agent, AGENT_LIMIT));
    let mut found = None;
    let mut word = String::from("~");
    for byte in agent.bytes().chain([b' ']) {
        if byte.is_ascii_alphanumeric() {
            word.push(char::from(byte));
            continue;
        }
        if let Some(site) = Sites::default().find(&word) {
            found = Some((word.get(1..).unwrap_or_default().into(), site));
        }
        word.truncate(1);
    }
    found
}

/// The first row at or behind a key: a text of sorted rows is halved until
/// nothing is left between its ends.
fn row_from<'a>(table: &'a str, key: &str) -> &'a str {
    let (mut low, mut high) = (0, table.len());
    while low < high {
        let middle = (low + high) / 2;
        let before = table.as_bytes().get(low..middle).unwrap_or_default();
        let start = before.iter().rposition(|byte| *byte == b'\n').map_or(low, |at| low + at + 1);
        let row = next_part(&mut table.get(start..).unwrap_or_default(), b'\n');
        let length = row.bytes().position(|byte| byte.is_ascii_uppercase()).unwrap_or(row.len());
        if row.get(..length).unwrap_or_default() < key {
            low = start + row.len() + 1;
        } else {
            high = start;
        }
    }
    next_part(&mut table.get(low..).unwrap_or_default(), b'\n')
}

/// What a row says behind its key.
fn site(key: &str, rest: &str) -> Site {
    let (head, charset) = cut(rest, b'%').unwrap_or((rest, ""));
    let (letter, tail) = head.split_at_checked(1).unwrap_or_default();
    let (is_marked, mut source) = tail.strip_prefix('!').map_or((false, tail), |source| (true, source));
    if source.is_empty() {
        let is_host = key.as_bytes().first().is_none_or(u8::is_ascii_alphanumeric);
        source = next_part(&mut key.get(usize::from(!is_host)..).unwrap_or_default(), b'.');
    }
    let first = |text: &str| text.bytes().next();
    Site {
        medium: first(letter).unwrap_or_default().wrapping_sub(b'A'),
        source: source.into(),
        is_marked,
        charset: first(charset).map(|digit| digit.wrapping_sub(b'0')),
    }
}

/// A host up to its top-level domain, with the dot: before `com`, a country's
/// two letters, or a country's `co` and `com`; empty where it has another.
fn without_country(host: &str) -> &str {
    let (head, last) = host.split_at_checked(last_label(host)).unwrap_or_default();
    let is_country = last.len() == 2 && last.bytes().all(|byte| byte.is_ascii_lowercase());
    if !is_country && last != "com" {
        return "";
    }
    let inner = head.get(..head.len().saturating_sub(1)).unwrap_or_default();
    let (stem, second) = inner.split_at_checked(last_label(inner)).unwrap_or_default();
    if is_country && matches!(second, "co" | "com") { stem } else { head }
}

/// Where the last label of a host begins.
fn last_label(host: &str) -> usize {
    host.bytes().rposition(|byte| byte == b'.').map_or(0, |at| at + 1)
}
