//! A page as an address that can be compared. Never keeps what a comparison
//! does not need: no fragment, no credentials, no port.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::text::{clip, fold};
use crate::time::Millis;

/// The longest path kept, in bytes; longer ones are cut, as shops' own logs do.
const PATH_LIMIT: usize = 256;
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
        let url = url.trim().split('#').next().unwrap_or_default();
        let (host, rest) = match url.split_once("://") {
            Some((_, rest)) => {
                let end = rest.find(['/', '?']).unwrap_or(rest.len());
                rest.split_at_checked(end).unwrap_or((rest, ""))
            }
            None => ("", url),
        };
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        Page { host: host_of(host), path: path_of(path), query: query_of(query), ..Page::default() }
    }

    /// The first query parameter of this name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

fn host_of(authority: &str) -> String {
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = fold(host.split(':').next().unwrap_or_default());
    host.strip_prefix("www.").unwrap_or(&host).trim_end_matches('.').to_string()
}

fn path_of(path: &str) -> String {
    let decoded = decode(path, false);
    let trimmed = clip(decoded.trim_end_matches('/'), PATH_LIMIT);
    if trimmed.starts_with('/') {
        return trimmed.into();
    }
    let mut out = String::from("/");
    out.push_str(trimmed);
    out
}

fn query_of(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .take(PARAMETER_LIMIT)
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key, true), decode(value, true))
        })
        .collect()
}

/// Percent-decoding. What does not decode to UTF-8 stays as it was written:
/// the body decodes other encodings before the address comes here.
fn decode(text: &str, plus_is_space: bool) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                bytes.push(digit(*high) << 4 | digit(*low));
                rest = after;
            }
            (b'+', _) if plus_is_space => bytes.push(b' '),
            _ => bytes.push(*first),
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.into())
}

fn digit(hex: u8) -> u8 {
    match hex {
        b'0'..=b'9' => hex - b'0',
        b'a'..=b'f' => hex - b'a' + 10,
        _ => hex.wrapping_sub(b'A').wrapping_add(10),
    }
}

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
