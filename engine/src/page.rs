//! A page as an address that can be compared. Never keeps what a comparison
//! does not need: no fragment, no credentials, no port.

use alloc::string::String;
use alloc::vec::Vec;

use crate::pack::pack_struct;
use crate::text::{clip, cut, fold, join, next_part};
use crate::time::Millis;

/// The longest path kept, in bytes; longer ones are cut, as shops' own logs do.
const PATH_LIMIT: usize = 256;
/// The longest host read, in bytes: the longest that there is, and a dot at its end.
const HOST_LIMIT: usize = 254;
/// The most query parameters read: more is an attack or a tracker's list.
const PARAMETER_LIMIT: usize = 64;

/// What the outside world contributes at one instant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Moment {
    /// The body's clock.
    pub now: Millis,
    /// The page in view.
    pub page: Page,
}

/// Where a visitor is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// Lower case, without `www.`; empty where the address had none.
    pub host: String,
    /// Percent-decoded where that gives UTF-8; begins with `/` and does not
    /// end with one, but for the root itself.
    pub path: String,
    /// Query parameters in their order, decoded.
    pub query: Vec<(String, String)>,
    /// The page's language, lower case (`ko`, `en-gb`); empty where unknown.
    pub language: String,
    /// `mobile` or `desktop`; empty where unknown.
    pub device: String,
    /// The plan's inline slots that this page has; `None` where nobody looked.
    pub slots: Option<Vec<String>>,
}

impl Page {
    /// Reads an absolute or root-relative address. Total: what is no address
    /// gives a page without a host.
    #[must_use]
    pub fn parse(url: &str) -> Page {
        let url = next_part(&mut url.trim(), b'#');
        let mut rest = url;
        let mut host = "";
        // A scheme ends at the first colon, and `//` follows it; without a
        // scheme it is the page's own.
        let behind = cut(url, b':').and_then(|(_, behind)| behind.strip_prefix("//"));
        if let Some(behind) = url.strip_prefix("//").or(behind) {
            let end =
                behind.bytes().position(|byte| matches!(byte, b'/' | b'?' | b'\\')).unwrap_or(behind.len());
            (host, rest) = behind.split_at_checked(end).unwrap_or((behind, ""));
        }
        let (path, query) = cut(rest, b'?').unwrap_or((rest, ""));
        let mut page = Page::default();
        page.host = host_of(host);
        page.path = path_of(path);
        page.query = query_of(query);
        page
    }

    /// The first query parameter of this name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

fn host_of(authority: &str) -> String {
    let mut host = authority;
    while let Some((_, behind)) = cut(host, b'@') {
        host = behind;
    }
    // An address of IPv6 has colons of its own, in brackets.
    let port = if host.starts_with('[') { b']' } else { b':' };
    let host = fold(next_part(&mut host, port).trim_start_matches('['));
    let host = without_end(clip(&host, HOST_LIMIT), '.');
    host.strip_prefix("www.").unwrap_or(host).into()
}

fn path_of(path: &str) -> String {
    let path = decoded(path, Within::Path);
    let trimmed = clip(without_end(&path, '/'), PATH_LIMIT);
    join(&[if trimmed.starts_with('/') { "" } else { "/" }, trimmed])
}

fn query_of(query: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = query;
    while found.len() < PARAMETER_LIMIT
        && let Some((key, value)) = next_pair(&mut rest)
    {
        found.push((decoded(key, Within::Query), decoded(value, Within::Query)));
    }
    found
}

/// The next name and value of a query, as they are written.
pub(crate) fn next_pair<'a>(rest: &mut &'a str) -> Option<(&'a str, &'a str)> {
    while !rest.is_empty() {
        let pair = next_part(rest, b'&');
        if !pair.is_empty() {
            return Some(cut(pair, b'=').unwrap_or((pair, "")));
        }
    }
    None
}

/// The text without the signs of this kind at its end.
fn without_end(text: &str, sign: char) -> &str {
    let mut rest = text;
    while let Some(shorter) = rest.strip_suffix(sign) {
        rest = shorter;
    }
    rest
}

/// In which part of an address a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// The path: a `+` is a plus.
    Path,
    /// The query: a `+` is a space.
    Query,
}

/// The text decoded; what does not give UTF-8 stays as it was written: the body
/// decodes other encodings before the address comes here.
fn decoded(text: &str, within: Within) -> String {
    decode(text, within).unwrap_or_else(|| text.into())
}

/// Percent-decoding; `None` where it does not give UTF-8.
pub(crate) fn decode(text: &str, within: Within) -> Option<String> {
    String::from_utf8(unescape(text, within)).ok()
}

/// Percent-decoding to bytes of whatever encoding.
#[must_use]
#[inline]
pub fn unescape(text: &str, within: Within) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                bytes.push(digit(*high) << 4 | digit(*low));
                rest = after;
            }
            (b'+', _) if within == Within::Query => bytes.push(b' '),
            _ => bytes.push(*first),
        }
    }
    bytes
}

fn digit(hex: u8) -> u8 {
    match hex {
        b'0'..=b'9' => hex - b'0',
        b'a'..=b'f' => hex - b'a' + 10,
        _ => hex.wrapping_sub(b'A').wrapping_add(10),
    }
}

pack_struct!(Moment { now, page });
pack_struct!(Page { host, path, query, language, device, slots });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_comparable() {
        let page = Page::parse("https://u:p@WWW.Shop.example:8443/List/%EC%8B%A0%EB%B0%9C/?q=a+b%21&q=2#top");
        assert_eq!((page.host.as_str(), page.path.as_str()), ("shop.example", "/List/신발"));
        assert_eq!(page.parameter("q"), Some("a b!"));
        assert_eq!(Page::parse("/").path, "/");
        assert_eq!(Page::parse("https://shop.example?x=1").path, "/");
        assert_eq!(Page::parse("").path, "/");
        assert_eq!(Page::parse("/a%zz%ff").path, "/a%zz%ff");
    }
}
