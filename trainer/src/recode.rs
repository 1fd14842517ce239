//! Addresses in old charsets into UTF-8, so that an event carries words that
//! anybody can read. Never guesses: what does not decode stays as it was
//! written. `www/edge/recode.mjs` does the same in a browser.

use encoding_rs::Encoding;
use vitrine_engine::channel::charset;
use vitrine_engine::sites::Sites;

/// The address with the values of its query in UTF-8, and `ie=utf-8` in front,
/// which says so ever after; an address that is in UTF-8 already as it is.
#[must_use]
pub fn recode(address: &str, sites: Sites) -> String {
    let encoding = Encoding::for_label(charset(address, sites).as_bytes());
    let Some(((head, query), encoding)) = address.split_once('?').zip(encoding) else {
        return address.into();
    };
    let query = query.split('#').next().unwrap_or_default();
    let pair = |pair: &str| match pair.split_once('=') {
        Some((key, text)) => format!("{key}={}", value(text, encoding).unwrap_or_else(|| text.into())),
        None => pair.into(),
    };
    let pairs: Vec<String> = query.split('&').map(pair).collect();
    format!("{head}?ie=utf-8&{}", pairs.join("&"))
}

/// One value; `None` where it stays as it is.
fn value(text: &str, encoding: &'static Encoding) -> Option<String> {
    if !text.is_ascii() || !text.contains('%') {
        return None;
    }
    let found = encoding.decode_without_bom_handling_and_without_replacement(&bytes(text))?.into_owned();
    // A letter that some runtimes lack comes back as a control character.
    if found.chars().any(char::is_control) { None } else { Some(escape(&found)) }
}

/// Percent-decoding of a query's value.
fn bytes(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        let hex = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        match (first, tail) {
            (b'%', [high, low, after @ ..]) if hex(high).is_some() && hex(low).is_some() => {
                out.push(hex(high).unwrap_or_default() << 4 | hex(low).unwrap_or_default());
                rest = after;
            }
            (b'+', _) => out.push(b' '),
            _ => out.push(*first),
        }
    }
    out
}

/// As `encodeURIComponent` writes a text.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_recoded_once_and_keeps_what_does_not_decode() {
        let from = "https://search.nate.com/search?thr=x&q=%BD%C5%B9%DF+a%26b&bad=%FF%FF#top";
        let to = "https://search.nate.com/search?ie=utf-8&thr=x&q=%EC%8B%A0%EB%B0%9C%20a%26b&bad=%FF%FF";
        assert_eq!(recode(from, Sites("")), to);
        assert_eq!(recode(to, Sites("")), to, "twice is once");
        for same in ["", "https://search.nate.com/", "https://search.nate.com/?q=%EC%8B%A0", "https://shop.example/?q=%BD%C5"] {
            assert_eq!(recode(same, Sites("")), same);
        }
    }
}
