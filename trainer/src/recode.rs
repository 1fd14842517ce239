//! Addresses in old charsets into UTF-8, so that an event carries words that
//! anybody can read. Never guesses: what does not decode stays as it was
//! written. `www/edge/recode.mjs` does the same in browsers and at the edge;
//! the vectors in `tests/vectors/recode.json` hold both to it.

use encoding_rs::{Encoding, UTF_8};
use vitrine_engine::page::{Page, Within, unescape};

/// What engines wrote before UTF-8, and what a few of them still write.
const USUAL: [(&str, &[&str]); 4] = [
    ("euc-kr", &["naver.com", "daum.net", "nate.com", "zum.com"]),
    ("gbk", &["baidu.com", "sogou.com", "so.com"]),
    ("euc-jp", &["yahoo.co.jp", "goo.ne.jp", "biglobe.ne.jp"]),
    ("shift_jis", &["excite.co.jp", "nifty.com"]),
];

/// The charsets that are read: decoders know more, but not all of them alike.
const OLD: [&str; 8] =
    ["EUC-KR", "GBK", "gb18030", "Shift_JIS", "EUC-JP", "ISO-2022-JP", "Big5", "windows-1251"];

/// The address with its words in UTF-8. It says itself how they are written;
/// else words that are not UTF-8 are in the charset that is usual where it
/// comes from. `ie=utf-8` in front of the query says ever after that it is done.
#[must_use]
pub fn recode(address: &str) -> String {
    let whole = address.split('#').next().unwrap_or_default();
    let Some((head, query)) = whole.split_once('?') else { return address.into() };
    let pairs: Vec<&str> = query.split('&').collect();
    let declared = pairs.iter().find_map(|pair| declared(pair));
    let is_done = declared.as_ref().is_some_and(|name| name.starts_with("utf"));
    if is_done || !query.contains('%') {
        return address.into();
    }
    let name = match declared {
        Some(name) if name == "euckr" => "euc-kr".into(),
        Some(name) => name,
        None if pairs.iter().all(|pair| !pair.contains('%') || decode(pair, UTF_8).is_some()) => {
            String::new()
        }
        None => usual(head, &pairs).into(),
    };
    let known = Encoding::for_label(name.as_bytes()).filter(|encoding| OLD.contains(&encoding.name()));
    let Some(encoding) = known else { return address.into() };
    let recoded: Vec<String> = pairs.iter().map(|pair| recoded(pair, encoding)).collect();
    format!("{head}?ie=utf-8&{}", recoded.join("&"))
}

/// What a pair says of the whole address.
fn declared(pair: &str) -> Option<String> {
    let (key, value) = pair.split_once('=')?;
    let is_it = ["ie", "enc", "charset"].iter().any(|name| key.eq_ignore_ascii_case(name));
    (is_it && !value.is_empty()).then(|| value.to_lowercase())
}

fn usual(head: &str, pairs: &[&str]) -> &'static str {
    let host = format!(".{}", Page::parse(head).host);
    let is_of = |site: &&str| host.ends_with(&format!(".{site}"));
    let of_site = USUAL.iter().find(|(_, sites)| sites.iter().any(is_of));
    let korean = |pair: &&str| {
        let start = pair.get(..2).unwrap_or_default();
        start.eq_ignore_ascii_case("n_") || start.eq_ignore_ascii_case("dm")
    };
    of_site.map_or(if pairs.iter().any(korean) { "euc-kr" } else { "" }, |(name, _)| name)
}

fn recoded(pair: &str, encoding: &'static Encoding) -> String {
    match (pair.split_once('='), decode(pair, encoding).filter(|_| pair.contains('%'))) {
        (Some((key, _)), Some(found)) => format!("{key}={}", escape(&found)),
        _ => pair.into(),
    }
}

/// The value of a pair, or nothing: no decoder has control signs where it has
/// the letter.
fn decode(pair: &str, encoding: &'static Encoding) -> Option<String> {
    let text = pair.split_once('=').map_or("", |(_, text)| text);
    if !text.is_ascii() {
        return None;
    }
    let bytes = unescape(text, Within::Query);
    let found = encoding.decode_without_bom_handling_and_without_replacement(&bytes)?;
    (!found.chars().any(char::is_control)).then(|| found.into_owned())
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
        assert_eq!(recode(from), to);
        assert_eq!(recode(to), to, "twice is once");
        for same in [
            "",
            "https://search.nate.com/",
            "https://search.nate.com/?q=%EC%8B%A0",
            "https://shop.example/?q=%BD%C5",
            "https://shop.example/?q=50%25de",
        ] {
            assert_eq!(recode(same), same);
        }
    }
}
