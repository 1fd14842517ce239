//! What a page gives to a call, from plain texts and numbers into events and
//! values. Never trusts a length: what is missing is empty.

use vitrine_engine::event::{Event, ITEM_LIMIT, Item, WORD_LIMIT};
use vitrine_engine::text::clip;
use vitrine_engine::time::Millis;
use vitrine_engine::value::{Scalar, Value};

/// ASCII 31, the unit separator.
pub const SEPARATOR: char = '\u{1f}';
/// The largest amount read, in currency units; more is a mistake or an attack.
const AMOUNT_LIMIT: f64 = 1e12;

/// A call's argument.
pub struct Given<'a> {
    /// Texts, parted by the separator.
    pub texts: &'a str,
    /// Numbers.
    pub numbers: &'a [f64],
}

impl Given<'_> {
    /// The number at a place, or 0.
    pub fn number(&self, at: usize) -> f64 {
        self.numbers.get(at).copied().unwrap_or_default()
    }

    /// A GA4 event; `None` without a name. Amounts become minor units.
    pub fn event(&self, at: Millis, digits: u8) -> Option<Event> {
        let scale = 10u64.saturating_pow(digits.into()) as f64;
        let minor = |units: f64| (units.clamp(0.0, AMOUNT_LIMIT) * scale + 0.5) as u64;
        let mut texts = self.texts.split(SEPARATOR);
        let mut word = || texts.next().map(|text| String::from(clip(text.trim(), WORD_LIMIT)));
        let mut event = Event::new(&word().filter(|name| !name.is_empty())?, at);
        event.transaction = word().unwrap_or_default();
        event.term = word().unwrap_or_default();
        event.value = minor(self.number(0));
        while let Some(id) = word() {
            let place = 1 + 2 * event.items.len();
            let item = Item {
                title: word().unwrap_or_default(),
                category: word().unwrap_or_default(),
                brand: word().unwrap_or_default(),
                price: minor(self.number(place)),
                quantity: self.number(place + 1).clamp(1.0, 9999.0) as u32,
                id,
            };
            if event.items.len() >= ITEM_LIMIT {
                break;
            }
            event.items.push(item);
        }
        event.items.retain(|item| !item.id.is_empty());
        Some(event)
    }

    /// Attributes by dotted name.
    pub fn attributes(&self) -> Vec<(String, Value)> {
        let mut found: Vec<(String, Value)> = Vec::new();
        let mut texts = self.texts.split(SEPARATOR);
        let mut at = 0;
        while let (Some(name), Some(kind), Some(text)) = (texts.next(), texts.next(), texts.next()) {
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
