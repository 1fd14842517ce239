//! What a page gives to a call, from plain texts and numbers into events and
//! values. Never trusts a length: what is missing is empty.

use vitrine_engine::event::{Event, ITEM_LIMIT, Item, WORD_LIMIT};
use vitrine_engine::text::{clip, next_part};
use vitrine_engine::time::Millis;
use vitrine_engine::value::{Scalar, Value};

/// ASCII 31, the unit separator.
pub const SEPARATOR: u8 = 31;
/// The largest amount read, in currency units; more is a mistake or an attack.
const AMOUNT_LIMIT: f64 = 1e12;

/// Bytes that crossed from the page, as a text; what is no UTF-8 is none.
pub fn text(bytes: &[u8]) -> &str {
    core::str::from_utf8(bytes).unwrap_or_default()
}

/// The next of several texts, empty behind the last.
pub fn next_text<'a>(texts: &mut &'a str) -> &'a str {
    next_part(texts, SEPARATOR)
}

/// The next text as a name or an id, bounded.
fn next_word(texts: &mut &str) -> String {
    clip(next_text(texts).trim(), WORD_LIMIT).into()
}

/// A call's argument.
pub struct Given<'a> {
    /// Texts, parted by the separator.
    pub texts: &'a str,
    /// Numbers, as little-endian doubles.
    pub numbers: &'a [u8],
}

impl Given<'_> {
    /// The number at a place, or 0.
    pub fn number(&self, at: usize) -> f64 {
        let bytes = self.numbers.get(at * 8..).and_then(<[u8]>::first_chunk);
        bytes.map_or(0.0, |bytes| f64::from_le_bytes(*bytes))
    }

    /// A GA4 event; `None` without a name. Amounts become minor units.
    pub fn event(&self, at: Millis, digits: u8) -> Option<Event> {
        let scale = 10u64.saturating_pow(digits.into()) as f64;
        let minor = |units: f64| (units.clamp(0.0, AMOUNT_LIMIT) * scale + 0.5) as u64;
        let mut texts = self.texts;
        let mut event = Event::new(&next_word(&mut texts), at);
        if event.name.is_empty() {
            return None;
        }
        event.transaction = next_word(&mut texts);
        event.term = next_word(&mut texts);
        event.value = minor(self.number(0));
        for place in 0..ITEM_LIMIT {
            let item = Item {
                id: next_word(&mut texts),
                title: next_word(&mut texts),
                category: next_word(&mut texts),
                brand: next_word(&mut texts),
                price: minor(self.number(1 + 2 * place)),
                quantity: self.number(2 + 2 * place).clamp(1.0, 9999.0) as u32,
            };
            if !item.id.is_empty() {
                event.items.push(item);
            }
            if texts.is_empty() {
                break;
            }
        }
        Some(event)
    }

    /// Attributes by dotted name.
    pub fn attributes(&self) -> Vec<(String, Value)> {
        let mut found: Vec<(String, Value)> = Vec::new();
        let mut texts = self.texts;
        let mut at = 0;
        while !texts.is_empty() {
            let (name, kind, text) = (next_text(&mut texts), next_text(&mut texts), next_text(&mut texts));
            let scalar = match kind {
                "s" | "S" => Scalar::Text(clip(text, WORD_LIMIT).into()),
                "n" | "N" => Scalar::Number(self.number(at)),
                "b" | "B" => Scalar::Bool(self.number(at) != 0.0),
                _ => Scalar::Null,
            };
            at += 1;
            let is_listed = kind.as_bytes().first().is_some_and(u8::is_ascii_uppercase);
            match found.last_mut() {
                Some((known, Value::Many(list))) if is_listed && known == name => list.push(scalar),
                _ if is_listed => found.push((name.into(), Value::Many(vec![scalar]))),
                _ => found.push((name.into(), Value::One(scalar))),
            }
        }
        found
    }
}
