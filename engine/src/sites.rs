//! The table of sites that visits come from, as `data/channels.txt` has it.
//! Never judges a visit, and never takes for a host what only looks like one:
//! a host is compared label by label, from its end.

use alloc::string::String;

use crate::pack::pack_enum;
use crate::text::{clip, cut, fold, join, next_part};

/// Rows of every page, sorted by their keys' bytes; `engine/build.rs` says how
/// a row is written.
const COMMON: &str = include_str!(concat!(env!("OUT_DIR"), "/channels.txt"));
/// Rows of rarely seen sites, in the same form. No page carries them: a plan
/// may, and the command line always does.
pub const RARE: &str = include_str!(concat!(env!("OUT_DIR"), "/channels-rare.txt"));

/// The longest host that DNS has, in bytes; a longer one is in no table.
const HOST_LIMIT: usize = 253;
/// Of a user agent so many bytes are read: real ones have 100 to 400.
const AGENT_LIMIT: usize = 512;

/// The kind of place a visit came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Medium {
    /// No referrer, no parameter, no app that is known by its user agent; not a
    /// reload, and not coming back from payment or login.
    #[default]
    Direct,
    /// Unpaid search.
    Search,
    /// An advertisement in a search engine.
    PaidSearch,
    /// A social network.
    Social,
    /// An advertisement in a social network.
    PaidSocial,
    /// A mailing or a web mailer.
    Email,
    /// A price comparison.
    PriceComparison,
    /// An affiliate's link.
    Affiliate,
    /// A display advertisement.
    Display,
    /// An AI assistant.
    AiAssistant,
    /// A messenger.
    Messenger,
    /// Any other site.
    Referral,
    /// The shop itself: its own pages, a reload, or coming back from payment or
    /// login, whose name is then the source.
    Internal,
}

impl Medium {
    /// Every medium.
    pub const ALL: [Medium; 13] = [
        Medium::Direct,
        Medium::Search,
        Medium::PaidSearch,
        Medium::Social,
        Medium::PaidSocial,
        Medium::Email,
        Medium::PriceComparison,
        Medium::Affiliate,
        Medium::Display,
        Medium::AiAssistant,
        Medium::Messenger,
        Medium::Referral,
        Medium::Internal,
    ];

    /// The word that rules use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Medium::Direct => "direct",
            Medium::Search => "search",
            Medium::PaidSearch => "paid_search",
            Medium::Social => "social",
            Medium::PaidSocial => "paid_social",
            Medium::Email => "email",
            Medium::PriceComparison => "price_comparison",
            Medium::Affiliate => "affiliate",
            Medium::Display => "display",
            Medium::AiAssistant => "ai_assistant",
            Medium::Messenger => "messenger",
            Medium::Referral => "referral",
            Medium::Internal => "internal",
        }
    }
}

/// What the table says of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Site<'a> {
    /// What kind of place it is.
    pub medium: Medium,
    /// The source's name.
    pub source: &'a str,
    /// A host without its subdomains; a parameter that speaks louder.
    pub is_marked: bool,
}

/// The common table, and a text of rows beside it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sites<'a>(pub &'a str);

impl<'a> Sites<'a> {
    /// The row of exactly this key. Its first byte says of what kind it is:
    /// `@` an app, `~` a word of a user agent, `=` a source and `+` a medium as
    /// marketers write them, `?` a parameter; else it is a host.
    #[must_use]
    pub fn find(self, key: &'a str) -> Option<Site<'a>> {
        self.row_from(key, |rest| rest.as_bytes().first().is_some_and(u8::is_ascii_uppercase))
    }

    /// The row of a host, a subdomain of one, or one under any country; of
    /// those that fit, the longest.
    #[must_use]
    pub fn find_host(self, host: &'a str) -> Option<Site<'a>> {
        if host.len() > HOST_LIMIT {
            return None;
        }
        let stem = without_country(host);
        let mut skipped = 0;
        loop {
            for name in [host, stem] {
                let site = self.find(name.get(skipped..).unwrap_or_default());
                if site.is_some_and(|site| skipped == 0 || !site.is_marked) {
                    return site;
                }
            }
            skipped = host.len() - cut(host.get(skipped..)?, b'.')?.1.len();
        }
    }

    /// What a source is that marketers name: by a word of theirs, by its host,
    /// or by its host's first name.
    #[must_use]
    pub fn find_source(self, name: &str) -> Option<Medium> {
        let (word, first) = (join(&["=", name]), join(&[name, "."]));
        let sites = Sites(self.0);
        let site = sites.find(&word).or_else(|| sites.find_host(name));
        site.or_else(|| sites.row_from(&first, |_| true)).map(|site| site.medium)
    }

    /// The first row that begins with a text, if what follows is as wanted.
    fn row_from(self, text: &'a str, is_wanted: fn(&str) -> bool) -> Option<Site<'a>> {
        for table in [COMMON, self.0] {
            let row = first_row(table, text);
            if row.strip_prefix(text).is_some_and(is_wanted) {
                return site(row);
            }
        }
        None
    }
}

/// The word of a user agent that names the app it belongs to; the last one,
/// since apps within apps add theirs at the end. Empty where there is none.
#[must_use]
pub fn app(agent: &str) -> String {
    let agent = fold(clip(agent, AGENT_LIMIT));
    let mut found = String::new();
    let mut word = String::from("~");
    for byte in agent.bytes().chain([b' ']) {
        if byte.is_ascii_alphanumeric() {
            word.push(char::from(byte));
            continue;
        }
        if Sites("").find(&word).is_some() {
            found = word.split_off(1);
        }
        word.truncate(1);
    }
    found
}

/// The first row at or behind a text: the table is halved until nothing is left
/// between its ends.
fn first_row<'a>(table: &'a str, text: &str) -> &'a str {
    let (mut low, mut high) = (0, table.len());
    while low < high {
        let mut start = (low + high) / 2;
        while start > low && table.as_bytes().get(start - 1) != Some(&b'\n') {
            start -= 1;
        }
        let row = row_at(table, start);
        if row.get(..key_end(row)).unwrap_or_default() < text {
            low = start + row.len() + 1;
        } else {
            high = start;
        }
    }
    row_at(table, low)
}

fn row_at(table: &str, start: usize) -> &str {
    next_part(&mut table.get(start..).unwrap_or_default(), b'\n')
}

/// A capital ends a key.
fn key_end(row: &str) -> usize {
    row.bytes().position(|byte| byte.is_ascii_uppercase()).unwrap_or(row.len())
}

fn site(row: &str) -> Option<Site<'_>> {
    let (key, rest) = row.split_at_checked(key_end(row))?;
    let letter = rest.bytes().next()?;
    let mut source = rest.get(1..)?;
    let is_marked = source.starts_with('!');
    if is_marked {
        source = source.get(1..)?;
    }
    if source.is_empty() {
        let sign = usize::from(!key.as_bytes().first()?.is_ascii_alphanumeric());
        source = next_part(&mut key.get(sign..)?, b'.');
    }
    let medium = *Medium::ALL.get(usize::from(letter - b'A'))?;
    Some(Site { medium, source, is_marked })
}

/// A host up to its top-level domain, with the dot: before `com`, a country's
/// two letters, or a country's `co` and `com`; empty where it has another.
fn without_country(host: &str) -> &str {
    let (mut head, last) = without_label(host);
    let is_country = last.len() == 2 && !last.as_bytes().iter().any(u8::is_ascii_digit);
    if !is_country && last != "com" {
        return "";
    }
    let (stem, second) = without_label(head.strip_suffix('.').unwrap_or_default());
    if is_country && matches!(second, "co" | "com") {
        head = stem;
    }
    head
}

/// A host parted before its last label.
fn without_label(host: &str) -> (&str, &str) {
    let start = host.bytes().rposition(|byte| byte == b'.').map_or(0, |at| at + 1);
    host.split_at_checked(start).unwrap_or_default()
}

pack_enum!(Medium {
    0 Direct, 1 Search, 2 PaidSearch, 3 Social, 4 PaidSocial, 5 Email, 6 PriceComparison, 7 Affiliate, 8 Display,
    9 AiAssistant, 10 Messenger, 11 Referral, 12 Internal,
} else Medium::Direct);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_both_tables_is_found_and_stands_in_order() {
        for table in [COMMON, RARE] {
            let mut before = "";
            for row in table.lines() {
                let key = row.get(..key_end(row)).unwrap();
                assert!(before < key, "{before} {key}");
                before = key;
                assert_eq!(Sites(RARE).find(key), site(row), "{row}");
                for near in [key.get(1..).unwrap(), &join(&[key, "."]), &join(&[key, "!"])] {
                    let known = [COMMON, RARE]
                        .iter()
                        .any(|table| table.lines().any(|row| row.get(..key_end(row)) == Some(near)));
                    assert_eq!(Sites(RARE).find(near).is_some(), known, "{near}");
                }
            }
        }
    }

    #[test]
    fn a_host_is_found_under_any_country_and_under_no_other_domain() {
        for host in ["google.com", "google.de", "google.co.kr", "google.com.au", "google.ne"] {
            assert_eq!(Sites("").find_host(host).map(|site| site.source), Some("google"), "{host}");
        }
        for host in ["google.co.com", "google.shop", "google.x1", "google", ".com", ".", "", "com", "co.kr"] {
            assert_eq!(Sites("").find_host(host), None, "{host}");
        }
        let long = join(&["a.", &"b".repeat(HOST_LIMIT), ".danawa.com"]);
        assert_eq!(Sites("").find_host(&long), None);
    }

    #[test]
    fn an_app_is_told_by_its_last_word_that_is_known() {
        assert_eq!(app("[FBAN/MessengerForiOS;FBAV/4]"), "messengerforios");
        assert_eq!(app(&app("Mozilla/5.0 KAKAOTALK/10")), "kakaotalk");
        for none in ["", "Mozilla/5.0 (iPhone)", "~kakaotalk@", "kakaotalks"] {
            assert_eq!(app(none), if none.contains('@') { "kakaotalk" } else { "" }, "{none}");
        }
    }
}
