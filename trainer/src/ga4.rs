//! One line of GA4's BigQuery export → an event. Never reads more than the
//! trainer learns from, and passes over rows without a visitor: consent was not
//! given there.

use serde::Deserialize;
use vitrine_engine::event::{self, Event, ITEM_LIMIT, Item, WORD_LIMIT};
use vitrine_engine::page::Page;
use vitrine_engine::text::clip;
use vitrine_engine::time::Millis;

use crate::line::{Line, minor};
use crate::recode::recode;
use crate::sorted::Key;
use vitrine_engine::minor::digits;

/// Digits in which the amounts of a row without a currency are kept until the
/// whole log has said which one it is in: the most that any has.
pub const UNSAID_DIGITS: u8 = 3;

/// One row of the export, as an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Exported {
    /// The event; amounts in the minor units of its currency, or of
    /// [`UNSAID_DIGITS`].
    pub line: Line,
    /// When it happened among others: the export's files hold rows in any order.
    pub key: Key,
    /// The currency's code; nothing where the row names none.
    pub currency: Option<String>,
}

/// A row of `events_YYYYMMDD`; BigQuery writes whole numbers as text, and what
/// is not there as null.
#[derive(Deserialize)]
struct Row {
    event_timestamp: Number,
    event_name: String,
    #[serde(default)]
    batch_ordering_id: Option<Number>,
    #[serde(default)]
    batch_event_index: Option<Number>,
    #[serde(default)]
    user_pseudo_id: Option<String>,
    #[serde(default)]
    items: Option<Vec<Thing>>,
    #[serde(default)]
    ecommerce: Option<Ecommerce>,
    #[serde(default)]
    event_params: Option<Vec<Parameter>>,
}

#[derive(Deserialize)]
struct Thing {
    item_id: Option<String>,
    item_name: Option<String>,
    item_brand: Option<String>,
    item_category: Option<String>,
    price: Option<Number>,
    quantity: Option<Number>,
}

#[derive(Deserialize)]
struct Ecommerce {
    transaction_id: Option<String>,
    purchase_revenue: Option<Number>,
}

#[derive(Deserialize)]
struct Parameter {
    key: Option<String>,
    value: Option<Words>,
}

#[derive(Deserialize)]
struct Words {
    string_value: Option<String>,
}

/// A number, also where it stands between quotation marks.
#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Plain(f64),
    Text(String),
}

impl Number {
    fn value(&self) -> Option<f64> {
        match self {
            Number::Plain(value) => Some(*value),
            Number::Text(text) => text.trim().parse().ok(),
        }
    }
}

/// Whether a line is of such an export, rather than of the page's own recording.
#[must_use]
pub fn is_row(line: &str) -> bool {
    line.contains("\"event_name\"") && line.contains("\"event_timestamp\"")
}

/// Reads one row; nothing where it names no visitor.
///
/// # Errors
/// The end of a sentence that says why it is no row.
pub fn read(line: &str) -> Result<Option<Exported>, String> {
    let row: Row = serde_json::from_str(line).map_err(|error| {
        format!("is no row of GA4's BigQuery export, at column {}: {error}", error.column())
    })?;
    let micros = row.event_timestamp.value().filter(|micros| *micros >= 0.0);
    let micros = micros.ok_or("has an `event_timestamp` that is no number of microseconds")?;
    let Some(visitor) = row.user_pseudo_id.filter(|visitor| !visitor.is_empty()) else { return Ok(None) };
    let word =
        |text: Option<String>| text.map(|text| clip(text.trim(), WORD_LIMIT).to_owned()).unwrap_or_default();
    // GA4 writes `(not set)` where it was told nothing.
    let said = |text: Option<String>| Some(word(text)).filter(|text| text != "(not set)").unwrap_or_default();
    let mut parameters = row.event_params.unwrap_or_default();
    let mut parameter = |name: &str| {
        let of_name = parameters.iter_mut().find(|parameter| parameter.key.as_deref() == Some(name));
        let value = of_name.and_then(|parameter| parameter.value.take());
        value.and_then(|value| value.string_value).unwrap_or_default()
    };
    let name = clip(row.event_name.trim(), WORD_LIMIT);
    let currency = Some(parameter("currency")).filter(|code| digits(code).is_some());
    let unit = currency.as_deref().and_then(digits).unwrap_or(UNSAID_DIGITS);
    let amount =
        |number: Option<Number>| minor(number.and_then(|number| number.value()).unwrap_or_default(), unit);
    let key = Key { at: micros as u64, tie: tie((&row.batch_ordering_id, &row.batch_event_index), name) };
    let (url, referrer) = (recode(&parameter("page_location")), recode(&parameter("page_referrer")));
    let (transaction, value) =
        row.ecommerce.map_or((None, None), |sale| (sale.transaction_id, sale.purchase_revenue));
    let item = |thing: Thing| Item {
        id: said(thing.item_id),
        title: said(thing.item_name),
        category: said(thing.item_category),
        brand: said(thing.item_brand),
        price: amount(thing.price),
        quantity: thing
            .quantity
            .and_then(|pieces| pieces.value())
            .map_or(1, |pieces| pieces as u32)
            .clamp(1, 9999),
        ..Item::default()
    };
    let event = Event {
        page: (name == event::PAGE_VIEW).then(|| Page::parse(&url)),
        term: word(Some(parameter("search_term"))),
        items: row.items.unwrap_or_default().into_iter().take(ITEM_LIMIT).map(item).collect(),
        value: amount(value),
        transaction: said(transaction),
        url,
        referrer,
        ..Event::new(name, Millis((micros / 1000.0) as u64))
    };
    Ok(Some(Exported { line: Line { visitor, seed: None, event }, key, currency }))
}

/// What comes first of one instant, which a page's whole batch of events often
/// shares: what the page sent first, where the export says so; else what people do first.
fn tie((batch, index): (&Option<Number>, &Option<Number>), name: &str) -> u64 {
    let number = |number: &Option<Number>| {
        let number = number.as_ref().and_then(Number::value).unwrap_or_default();
        number.clamp(0.0, f64::from(u16::MAX)) as u64
    };
    let step = match name {
        "first_visit" | "session_start" => 0,
        event::PAGE_VIEW => 1,
        event::VIEW_ITEM => 3,
        event::ADD_TO_CART => 4,
        event::PURCHASE => 5,
        _ => 2,
    };
    number(batch) << 32 | number(index) << 8 | step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_the_export_is_read_with_its_quoted_numbers_and_nulls() {
        let row = r#"{"event_date":"20210131","event_timestamp":"1612069510766593","event_name":"purchase",
            "event_params":[{"key":"currency","value":{"string_value":"EUR"}},{"key":"page_location","value":{"string_value":"https://shop.example/done","int_value":null}},
            {"key":"ga_session_id","value":{"string_value":null,"int_value":"661084800"}}],
            "user_pseudo_id":"1026454.4271112504","user_id":null,
            "ecommerce":{"total_item_quantity":"2","purchase_revenue":31.8,"transaction_id":"741471"},
            "items":[{"item_id":"GGOEGAAB","item_name":"Tee","item_brand":"(not set)","item_category":"Apparel","price":"15.9","quantity":"2"},
            {"item_id":"(not set)","item_name":null,"item_brand":null,"item_category":null,"price":null,"quantity":null}]}"#;
        assert!(is_row(row));
        let Exported { line: Line { visitor, event, .. }, key, currency } = read(row).unwrap().unwrap();
        assert_eq!((key.at, currency.as_deref()), (1_612_069_510_766_593, Some("EUR")));
        assert_eq!(
            (visitor.as_str(), event.at.0, event.name.as_str()),
            ("1026454.4271112504", 1_612_069_510_766, "purchase")
        );
        assert_eq!(
            (event.value, event.transaction.as_str(), event.url.as_str()),
            (3180, "741471", "https://shop.example/done")
        );
        let item = &event.items[0];
        assert_eq!(
            (item.id.as_str(), item.price, item.quantity, item.brand.as_str()),
            ("GGOEGAAB", 1590, 2, "")
        );
        assert_eq!((event.items[1].id.as_str(), event.items[1].quantity), ("", 1));
        let unnamed =
            r#"{"event_timestamp":1612069510766593,"event_name":"page_view","user_pseudo_id":null}"#;
        assert_eq!(read(unnamed), Ok(None));
        let timeless = r#"{"event_timestamp":"soon","event_name":"page_view","user_pseudo_id":"v"}"#;
        assert!(read(timeless).unwrap_err().contains("microseconds"));
    }

    #[test]
    fn amounts_have_their_currencys_digits_and_rows_of_one_instant_their_order() {
        let row = |currency: &str, name: &str, batch: &str| {
            let text = format!(
                r#"{{"event_timestamp":"5","event_name":"{name}","user_pseudo_id":"v"{batch},
                "event_params":[{{"key":"currency","value":{{"string_value":{currency}}}}}],
                "items":[{{"item_id":"a","price":"129000.5"}}]}}"#
            );
            let read = read(&text).unwrap().unwrap();
            (read.line.event.items[0].price, read.key)
        };
        let price = |currency: &str| row(currency, "view_item", "").0;
        assert_eq!(
            (price("\"KRW\""), price("\"USD\""), price("\"KWD\"")),
            (129_001, 12_900_050, 129_000_500)
        );
        assert_eq!((price("null"), price("\"euro\"")), (129_000_500, 129_000_500));
        let key = |name: &str, batch: &str| row("null", name, batch).1;
        assert!(key("page_view", "") < key("view_item", "") && key("view_item", "") < key("purchase", ""));
        let batch = r#","batch_ordering_id":"2","batch_event_index":"1""#;
        assert!(key("purchase", "") < key("page_view", batch));
    }
}
