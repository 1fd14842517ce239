//! `data/channels.txt` → two sorted tables of text, that of every page and the
//! rare rest. Never guesses: a line that it cannot read stops the build, with
//! its number.
//!
//! A row is a key, a capital for the medium, `!` where the key stands alone or
//! speaks louder, and the source where it is not the key's own first name.
//! Rows are sorted by their keys' bytes, so that the
//! engine halves the text itself; no index is shipped.

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs, io};

const DATA: &str = "data/channels.txt";

/// In the order of `Medium`, from `A` on.
const MEDIUMS: [&str; 13] = [
    "direct",
    "search",
    "paid_search",
    "social",
    "paid_social",
    "email",
    "price_comparison",
    "affiliate",
    "display",
    "ai_assistant",
    "messenger",
    "referral",
    "internal",
];

/// A kind of key in the data, and the sign that it has in the table. No host
/// and no other kind begins with it.
const KINDS: [(&str, &str); 5] = [("app:", "@"), ("ua:", "~"), ("from:", "="), ("medium:", "+"), ("?", "?")];

type Rows = BTreeMap<String, String>;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={DATA}");
    let folder = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo names no folder"))?;
    let text = fs::read_to_string(DATA)?;
    let [common, rare] = tables(&text).map_err(io::Error::other)?;
    fs::write(Path::new(&folder).join("channels.txt"), common)?;
    fs::write(Path::new(&folder).join("channels-rare.txt"), rare)
}

fn tables(text: &str) -> Result<[String; 2], String> {
    let mut tables = [Rows::new(), Rows::new()];
    let (mut letter, mut is_rare) = (None, false);
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.split('#').next().unwrap_or_default().trim();
        let wrong = |what: &str| Err(format!("{DATA}, line {number}: {what}: `{line}`"));
        if let Some(head) = line.strip_prefix('[') {
            let Some(head) = head.strip_suffix(']') else { return wrong("the section is not closed") };
            let medium = head.strip_suffix(" rare").unwrap_or(head);
            is_rare = medium != head;
            letter = (b'A'..).zip(MEDIUMS).find(|(_, known)| *known == medium).map(|(letter, _)| letter);
            if letter.is_none() {
                return wrong("no such medium");
            }
            continue;
        }
        let mut words = line.split_whitespace();
        let Some(source) = words.next() else { continue };
        let Some(letter) = letter.map(char::from) else { return wrong("before the first section") };
        let keys: Vec<&str> = words.collect();
        if keys.is_empty() || !source.bytes().all(is_plain) {
            return wrong("a source in small letters and its keys are needed");
        }
        for key in keys {
            let Some((key, mark, own)) = key_of(key) else { return wrong("no such key") };
            let source = if source == own || source == "-" { "" } else { source };
            let known = tables.iter().any(|table| table.contains_key(&key));
            let rest = format!("{letter}{mark}{source}");
            if known
                || tables.get_mut(usize::from(is_rare)).is_none_or(|rows| rows.insert(key, rest).is_some())
            {
                return wrong("a key stands here for the second time");
            }
        }
    }
    Ok(tables.map(|rows| rows.into_iter().map(|(key, rest)| format!("{key}{rest}\n")).collect()))
}

/// A key as the table has it, its mark, and the source that it names by itself.
fn key_of(word: &str) -> Option<(String, &'static str, &str)> {
    let (word, mut mark) = word.strip_prefix('!').map_or((word, ""), |rest| (rest, "!"));
    let kind = KINDS.iter().find_map(|(kind, sign)| word.strip_prefix(kind).map(|rest| (*sign, rest)));
    let (sign, mut name) = kind.unwrap_or(("", word));
    if let Some(louder) = name.strip_prefix('!') {
        (name, mark) = (louder, "!");
    }
    // Any country: what is before the top-level domain, with its dot.
    let name = name.strip_suffix('*').unwrap_or(name);
    let is_good = !name.is_empty() && name.bytes().all(|byte| is_plain(byte) || byte == b'=');
    let own = if sign.is_empty() { name.split('.').next().unwrap_or(name) } else { name };
    is_good.then(|| (format!("{sign}{name}"), mark, own))
}

/// What a key or a source may be written with; a capital ends a key.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_')
}
