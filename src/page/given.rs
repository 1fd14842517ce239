//! What a page gives to a call, from plain texts and numbers into events and
//! values. Never trusts a length: what is missing is empty.

use vitrine_engine::event::{Event, ITEM_LIMIT, Item, PARAMETER_LIMIT, TAG_LIMIT, WORD_LIMIT};
use vitrine_engine::text::{clip, next_part};
use vitrine_engine::time::Millis;
use vitrine_engine::value::{DEPTH_LIMIT, TEXT_LIMIT, Value};

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

/// The next text as the name of a value, behind its colon.
fn next_name(texts: &mut &str) -> String {
    clip(next_text(texts).get(1..).unwrap_or_default(), WORD_LIMIT).into()
}

/// Steps over the end of a list or an object.
fn skip_end(texts: &mut &str) -> bool {
    let mut behind = *texts;
    let is_end = next_text(&mut behind) == "]";
    if is_end {
        *texts = behind;
    }
    is_end
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
        let count = (self.number(1) as usize).min(ITEM_LIMIT);
        for place in 1..=count {
            let mut item = Item::default();
            item.id = next_word(&mut texts);
            item.title = next_word(&mut texts);
            item.category = next_word(&mut texts);
            item.brand = next_word(&mut texts);
            let mut tags = next_text(&mut texts);
            while !tags.is_empty() && item.tags.len() < TAG_LIMIT {
                item.tags.push(clip(next_part(&mut tags, b',').trim(), WORD_LIMIT).into());
            }
            item.price = minor(self.number(2 * place));
            item.quantity = self.number(1 + 2 * place).clamp(1.0, 9999.0) as u32;
            if !item.id.is_empty() {
                event.items.push(item);
            }
        }
        event.parameters = self.values(texts, 2 + 2 * count);
        event.parameters.truncate(PARAMETER_LIMIT);
        Some(event)
    }

    /// Attributes by name.
    pub fn attributes(&self) -> Vec<(String, Value)> {
        self.values(self.texts, 0)
    }

    /// Values by name, of which the first number stands at a place.
    fn values(&self, mut texts: &str, mut at: usize) -> Vec<(String, Value)> {
        let mut found = Vec::new();
        while !texts.is_empty() {
            let name = next_name(&mut texts);
            found.push((name, self.value(&mut texts, &mut at, DEPTH_LIMIT)));
        }
        found
    }

    /// The next value: a text behind its kind, `s` text, `n` number, `b` flag,
    /// anything else nothing. `[` begins a list and `{` an object, whose every
    /// value stands behind its name; `]` ends both.
    fn value(&self, texts: &mut &str, at: &mut usize, depth: usize) -> Value {
        let token = next_text(texts);
        let kind = clip(token, 1);
        match kind {
            "s" => Value::text(clip(token.get(1..).unwrap_or_default(), TEXT_LIMIT)),
            "n" | "b" => {
                let number = self.number(*at);
                *at += 1;
                if kind == "n" { Value::Number(number) } else { Value::Bool(number != 0.0) }
            }
            "[" | "{" if depth > 0 => {
                let (mut list, mut fields) = (Vec::new(), Vec::new());
                while !texts.is_empty() && !skip_end(texts) {
                    if kind == "[" {
                        list.push(self.value(texts, at, depth - 1));
                    } else {
                        let name = next_name(texts);
                        fields.push((name, self.value(texts, at, depth - 1)));
                    }
                }
                if kind == "[" { Value::List(list) } else { Value::Object(fields) }
            }
            _ => Value::Null,
        }
    }
}
