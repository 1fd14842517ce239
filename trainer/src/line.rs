//! One line of an events log → an event. Never guesses: what is no event is
//! refused with the reason.

use std::collections::BTreeMap;

use serde::Deserialize;
use vitrine_engine::event::{self, Event, ITEM_LIMIT, Item, PARAMETER_LIMIT, TAG_LIMIT, WORD_LIMIT};
use vitrine_engine::page::Page;
use vitrine_engine::sites::app;
use vitrine_engine::text::{clip, fold};
use vitrine_engine::time::{DAY, HOUR, MINUTE, Millis};
use vitrine_engine::value::Value;

use crate::recode::recode;
use crate::value::Tree;
use vitrine_engine::minor::digits;

/// The largest amount read, in currency units, as in the page.
const AMOUNT_LIMIT: f64 = 1e12;
/// Bytes of a text that are looked at for an amount: no price is longer, and what
/// is none is tried once for each.
const AMOUNT_BYTES: usize = 64;
/// A line as it should be.
const EXAMPLE: &str = r#"{"visitor":"v1","t":0,"event":"view_item","items":[{"item_id":"a"}]}"#;
/// Letters of a line that are shown before the place where it is wrong.
const SHOWN: usize = 24;

/// One line of an events log.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Whose event it is.
    pub visitor: String,
    /// The visitor's seed, where the log has it.
    pub seed: Option<u64>,
    /// What happened.
    pub event: Event,
}

/// The line as JSON; other fields are for other readers.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Raw {
    visitor: Option<Id>,
    seed: Option<String>,
    t: Option<When>,
    event: Option<String>,
    url: String,
    referrer: String,
    user_agent: String,
    language: String,
    device: String,
    slots: Option<Vec<String>>,
    items: Vec<Thing>,
    value: Amount,
    currency: String,
    transaction_id: String,
    search_term: String,
    campaign: String,
    message: String,
    attributes: BTreeMap<String, Tree>,
    parameters: BTreeMap<String, Tree>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum When {
    Millis(u64),
    // Spreadsheets and data frames make a fraction of it.
    Fraction(f64),
    Text(String),
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Thing {
    item_id: Id,
    item_name: String,
    item_category: String,
    item_brand: String,
    item_tags: Tags,
    price: Amount,
    quantity: Option<Amount>,
}

/// Shops write tags as a list, or as one text with commas.
#[derive(Deserialize)]
#[serde(untagged)]
enum Tags {
    List(Vec<String>),
    Text(String),
}

impl Default for Tags {
    fn default() -> Self {
        Tags::List(Vec::new())
    }
}

impl Tags {
    fn list(self) -> Vec<String> {
        let list = match self {
            Tags::List(list) => list,
            Tags::Text(text) => text.split(',').map(String::from).collect(),
        };
        let words = list.iter().map(|tag| clip(tag.trim(), WORD_LIMIT).to_string());
        words.filter(|tag| !tag.is_empty()).take(TAG_LIMIT).collect()
    }
}

/// Shops write amounts as numbers or as text, `"12000"`; what is neither is 0, as
/// in the page.
#[derive(Deserialize, Clone, Copy, Default)]
#[serde(from = "Tree")]
struct Amount(f64);

impl From<Tree> for Amount {
    fn from(Tree(value): Tree) -> Amount {
        Amount(match value {
            Value::Number(number) => number,
            Value::Text(text) => leading_number(&text),
            _ => 0.0,
        })
    }
}

/// As JavaScript's `parseFloat` reads a text: the number at its beginning.
fn leading_number(text: &str) -> f64 {
    let text = text.trim_start();
    let number = text.bytes().take(AMOUNT_BYTES).take_while(|byte| b"+-.eE0123456789".contains(byte));
    let mut end = number.count();
    loop {
        match text.get(..end).map(str::parse::<f64>) {
            Some(Ok(number)) if number.is_finite() => return number,
            _ if end == 0 => return 0.0,
            _ => end -= 1,
        }
    }
}

/// Shops write ids as text or as numbers.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Id {
    Text(String),
    Number(u64),
}

impl Id {
    /// As a text.
    pub(crate) fn text(self) -> String {
        match self {
            Id::Text(text) => text,
            Id::Number(number) => number.to_string(),
        }
    }
}

impl Default for Id {
    fn default() -> Self {
        Id::Text(String::new())
    }
}

/// Reads one line. Amounts are in units of a currency with so many `digits`.
///
/// # Errors
/// The end of a sentence that says why it is no event.
pub fn read(line: &str, digits: u8) -> Result<Line, String> {
    parse(line, |_| digits, recode)
}

/// As [`read`], of a line whose host has decoders of its own and has brought
/// addresses in old charsets to UTF-8 before: no table of letters is carried.
///
/// # Errors
/// The end of a sentence that says why it is no event.
pub fn read_recoded(line: &str, digits: u8) -> Result<Line, String> {
    parse(line, |_| digits, str::to_owned)
}

/// As [`read`], with the digits of the currency that the line names, and of
/// another where it names none.
///
/// # Errors
/// The end of a sentence that says why it is no event.
pub fn read_own(line: &str, other: u8) -> Result<Line, String> {
    parse(line, |currency| digits(currency).unwrap_or(other), recode)
}

/// The currency that a line names; nothing where it names none.
#[must_use]
pub fn currency(line: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        currency: Option<String>,
    }
    let named: Named = serde_json::from_str(line).ok()?;
    named.currency.filter(|code| digits(code).is_some())
}

fn parse(line: &str, digits: impl Fn(&str) -> u8, recode: impl Fn(&str) -> String) -> Result<Line, String> {
    if !line.trim_start().starts_with('{') {
        return Err(format!("is no event; one is `{EXAMPLE}`"));
    }
    let raw: Raw = serde_json::from_str(line).map_err(|error| {
        // The place is where what does not fit ends.
        let (end, text) = (error.column().min(line.len()), clip_left(line, error.column()));
        format!("is no event as JSON, at column {end}, behind `{text}`; one is `{EXAMPLE}`")
    })?;
    let visitor = raw.visitor.ok_or("has no `visitor`")?.text();
    let digits = digits(&raw.currency);
    let at = match raw.t.ok_or("has no `t`")? {
        When::Millis(millis) => millis,
        When::Fraction(millis) if millis >= 0.0 => millis as u64,
        When::Fraction(millis) => return Err(format!("`t` is {millis}, which is before 1970")),
        When::Text(text) => rfc3339(&text).ok_or_else(|| {
            format!("`t` is `{}`, which is no time as in RFC 3339", clip(&text, WORD_LIMIT))
        })?,
    };
    let seed = match raw.seed {
        None => None,
        Some(text) => Some(
            text.parse()
                .map_err(|_| format!("`seed` is `{}`, which is no 64-bit number", clip(&text, WORD_LIMIT)))?,
        ),
    };
    let word = |text: &str| String::from(clip(text.trim(), WORD_LIMIT));
    let name = word(&raw.event.ok_or("has no `event`")?);
    let (url, referrer) = (recode(&raw.url), recode(&raw.referrer));
    let page = (name == event::PAGE_VIEW).then(|| Page {
        language: fold(&raw.language),
        device: fold(&raw.device),
        slots: raw.slots,
        ..Page::parse(&url)
    });
    let event = Event {
        page,
        url,
        referrer,
        agent: app(&raw.user_agent),
        items: raw.items.into_iter().take(ITEM_LIMIT).map(|thing| item(thing, digits)).collect(),
        value: minor(raw.value.0, digits),
        transaction: word(&raw.transaction_id),
        term: word(&raw.search_term),
        campaign: word(&raw.campaign),
        message: word(&raw.message),
        attributes: raw.attributes.into_iter().map(|(name, Tree(value))| (name, value)).collect(),
        parameters: raw
            .parameters
            .into_iter()
            .take(PARAMETER_LIMIT)
            .map(|(name, Tree(value))| (word(&name), value))
            .collect(),
        ..Event::new(&name, Millis(at))
    };
    Ok(Line { visitor, seed, event })
}

/// The letters of a line before a byte.
fn clip_left(line: &str, end: usize) -> &str {
    let before = clip(line, end);
    let start = before.char_indices().rev().take(SHOWN).last().map_or(0, |(at, _)| at);
    before.get(start..).unwrap_or_default()
}

fn item(thing: Thing, digits: u8) -> Item {
    let word = |text: &str| String::from(clip(text.trim(), WORD_LIMIT));
    Item {
        id: word(&thing.item_id.text()),
        title: word(&thing.item_name),
        category: word(&thing.item_category),
        brand: word(&thing.item_brand),
        tags: thing.item_tags.list(),
        price: minor(thing.price.0, digits),
        quantity: thing.quantity.map_or(1, |pieces| pieces.0 as u32).clamp(1, 9999),
    }
}

/// An amount in minor units, at least 0.
pub(crate) fn minor(units: f64, digits: u8) -> u64 {
    (units.clamp(0.0, AMOUNT_LIMIT) * 10f64.powi(digits.into()) + 0.5) as u64
}

/// Milliseconds since 1970 of `2026-11-21T09:00:00.5+09:00`; nothing before 1970.
#[must_use]
pub fn rfc3339(text: &str) -> Option<u64> {
    let number = |from: usize, to: usize| -> Option<u64> {
        let digits = text.get(from..to)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let mark = |at: usize, marks: &[u8]| text.as_bytes().get(at).is_some_and(|byte| marks.contains(byte));
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let marked = mark(4, b"-") && mark(7, b"-") && mark(10, b"Tt ") && mark(13, b":") && mark(16, b":");
    let in_range = year >= 1970 && (1..=12).contains(&month) && hour < 24 && minute < 60 && second <= 60;
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if !marked || !in_range || !(1..=length).contains(&day) {
        return None;
    }
    let rest = text.get(19..)?;
    let fraction =
        rest.strip_prefix('.').map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
    let millis: u64 = match fraction {
        0 if rest.starts_with('.') => return None,
        0 => 0,
        _ => format!("{:0<3}", rest.get(1..=fraction)?).get(..3)?.parse().ok()?,
    };
    let zone = if fraction > 0 { rest.get(fraction + 1..)? } else { rest };
    // Months counted from March, so that the leap day is the year's last.
    let (y, m) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1;
    let local = (days - 719_468) * DAY + hour * HOUR + minute * MINUTE + second * 1000 + millis;
    if zone.eq_ignore_ascii_case("z") {
        return Some(local);
    }
    let east = zone.starts_with('+');
    let clock = zone.strip_prefix(['+', '-'])?;
    let (hours, minutes) = clock.split_once(':').filter(|(h, m)| h.len() == 2 && m.len() == 2)?;
    let offset = hours.parse::<u64>().ok()? * HOUR + minutes.parse::<u64>().ok()? * MINUTE;
    if east { local.checked_sub(offset) } else { local.checked_add(offset) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_page_records_is_read_back_as_it_was() {
        let mut event = Event::page_view("https://shop.example/a?b=1", "https://danawa.com/", Millis(7));
        if let Some(page) = &mut event.page {
            page.language = "ko".into();
            page.slots = Some(vec!["home-strip".into()]);
        }
        let line = read(&event.to_json("v", 9, 0), 0).unwrap();
        assert_eq!((line.visitor.as_str(), line.seed, &line.event), ("v", Some(9), &event));
        let item =
            Item { id: "a".into(), title: "신발".into(), price: 1205, quantity: 2, ..Item::default() };
        let bought = Event {
            items: vec![item],
            value: 2410,
            transaction: "T".into(),
            ..Event::new(event::PURCHASE, Millis(8))
        };
        assert_eq!(read(&bought.to_json("v", 9, 2), 2).unwrap().event, bought);
    }

    #[test]
    fn what_exports_write_otherwise_is_read_as_the_page_would() {
        let line = r#"{"visitor":17,"t":1000.0,"event":"purchase","value":"12000.5 KRW","items":[{"item_id":5,"price":"1e3","quantity":"2"},{"item_id":"b","price":null}]}"#;
        let Line { visitor, event, .. } = read(line, 0).unwrap();
        assert_eq!((visitor.as_str(), event.at, event.value), ("17", Millis(1000), 12001));
        let items: Vec<_> =
            event.items.iter().map(|item| (item.id.as_str(), item.price, item.quantity)).collect();
        assert_eq!(items, [("5", 1000, 2), ("b", 0, 1)]);
        for (text, want) in [
            ("12,000", 12.0),
            (" 7", 7.0),
            ("-3x", -3.0),
            (".5.5", 0.5),
            ("e5", 0.0),
            ("inf", 0.0),
            ("", 0.0),
            ("2e", 2.0),
        ] {
            assert_eq!(leading_number(text), want, "{text}");
        }
        // A text without end is not read to its end.
        assert!(leading_number(&"1".repeat(1 << 20)) > 1e60);
    }

    #[test]
    fn what_does_not_fit_is_shown() {
        let said = |line| read(line, 0).unwrap_err();
        assert!(said(r#"{"visitor":"a","t":1,"event":"x","items":{"item_id":"신발"}}"#).contains("behind `"));
        assert!(said("[1]").starts_with("is no event; one is `{"));
        assert!(said(r#"{"visitor":"a","t":-1,"event":"x"}"#).contains("before 1970"));
        assert!(
            said(r#"{"visitor":"a","t":1,"event":7}"#).contains(r#","event":7`"#),
            "{}",
            said(r#"{"visitor":"a","t":1,"event":7}"#)
        );
    }

    #[test]
    fn times_are_read_with_their_zone_and_fraction() {
        for (text, want) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2000-02-29T12:00:00.25Z", Some(951_825_600_250)),
            ("2026-11-21T09:00:00+09:00", Some(20_778 * DAY)),
            ("2026-11-20T19:00:00.123456-05:00", Some(20_778 * DAY + 123)),
            ("2026-02-29T00:00:00Z", None),
            ("2026-13-01T00:00:00Z", None),
            ("2026-11-21T09:00:00", None),
            ("2026-11-21T09:00:00.Z", None),
            ("1970-01-01T00:00:00+09:00", None),
            ("", None),
        ] {
            assert_eq!(rfc3339(text), want, "{text}");
        }
    }
}
