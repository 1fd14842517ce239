//! One value of the tree as what it must be. Never knows the language: what a
//! field means stands with its reader; here is only what every reader shares.

use jsonc_parser::ast::{Object, StringLit, Value};
use jsonc_parser::common::Ranged;
use vitrine_engine::time::{DAY, HOUR, MINUTE};

use crate::notes::{Notes, did_you_mean, one_of, quote};
use crate::words::LATER_FIELDS;

/// The longest name of a segment, slot, goal, campaign or message.
const ID_CHARS: usize = 40;
/// The longest span of time, in days: ten years.
const SPAN_DAYS: u64 = 3_650;

/// What a value is, in a sentence.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::StringLit(_) => "a text",
        Value::NumberLit(_) => "a number",
        Value::BooleanLit(_) => "`true` or `false`",
        Value::Object(_) => "an object `{ … }`",
        Value::Array(_) => "a list `[ … ]`",
        Value::NullKeyword(_) => "`null`",
    }
}

/// Notes that a value is of the wrong kind.
pub(crate) fn wrong(value: &Value, what: &str, wanted: &str, notes: &mut Notes) {
    let message = format!("{what} is {}, but must be {wanted}", kind(value));
    notes.error(value.start(), "wrong_type", message);
}

/// An object whose fields are all known; the others are noted.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'t, 'a> {
    object: &'t Object<'a>,
}

impl<'t, 'a> Fields<'t, 'a> {
    /// Reads an object; `what` names it in sentences.
    pub fn of(value: &'t Value<'a>, what: &str, known: &[&str], notes: &mut Notes) -> Option<Self> {
        let object = object(value, what, notes)?;
        for property in &object.properties {
            let name = property.name.as_str();
            if known.contains(&name) {
                continue;
            }
            if LATER_FIELDS.contains(&name) {
                let message = format!("{} in {what} is not supported by this version", quote(name));
                notes.error(property.range.start, "unsupported", message);
                continue;
            }
            let sentence = format!("unknown field {} in {what}", quote(name));
            let (message, suggestion) = did_you_mean(sentence, name, known.iter().copied());
            let message = match suggestion {
                Some(_) => message,
                None => format!("{message}; it may have {}", one_of(known.iter().copied())),
            };
            notes.error_like(property.range.start, "unknown_field", (message, suggestion));
        }
        Some(Fields { object })
    }

    /// A field's value, if it is there. Of two equal keys the first.
    pub fn get(&self, name: &str) -> Option<&'t Value<'a>> {
        self.object
            .properties
            .iter()
            .find(|property| property.name.as_str() == name)
            .map(|property| &property.value)
    }

    /// A field's value that must be there.
    pub fn need(&self, name: &str, what: &str, notes: &mut Notes) -> Option<&'t Value<'a>> {
        let value = self.get(name);
        if value.is_none() {
            let message = format!("{what} lacks its {}", quote(name));
            notes.error(self.object.range.start, "missing_field", message);
        }
        value
    }

    /// Where the object begins.
    pub fn start(&self) -> usize {
        self.object.range.start
    }
}

/// An object of the marketer's own names.
pub(crate) fn object<'t, 'a>(value: &'t Value<'a>, what: &str, notes: &mut Notes) -> Option<&'t Object<'a>> {
    let object = value.as_object();
    if object.is_none() {
        wrong(value, what, "an object `{ … }`", notes);
    }
    object
}

/// A list that says something.
pub(crate) fn list<'t, 'a>(value: &'t Value<'a>, what: &str, notes: &mut Notes) -> Option<&'t [Value<'a>]> {
    let Some(array) = value.as_array() else {
        wrong(value, what, "a list `[ … ]`", notes);
        return None;
    };
    if array.elements.is_empty() {
        notes.error(value.start(), "empty", format!("{what} is an empty list; leave it out or fill it"));
        return None;
    }
    Some(&array.elements)
}

/// One value or a list of them.
pub(crate) fn one_or_more<'t, 'a>(
    value: &'t Value<'a>,
    what: &str,
    notes: &mut Notes,
) -> Option<&'t [Value<'a>]> {
    match value {
        Value::Array(_) => list(value, what, notes),
        _ => Some(core::slice::from_ref(value)),
    }
}

/// A text that says something.
pub(crate) fn text<'t, 'a>(value: &'t Value<'a>, what: &str, notes: &mut Notes) -> Option<&'t StringLit<'a>> {
    let Some(literal) = value.as_string_lit() else {
        wrong(value, what, "a text in double quotes", notes);
        return None;
    };
    if literal.value.trim().is_empty() {
        notes.error(value.start(), "empty", format!("{what} is an empty text"));
        return None;
    }
    Some(literal)
}

/// One word of a fixed set.
pub(crate) fn word<'w>(value: &Value, what: &str, words: &[&'w str], notes: &mut Notes) -> Option<&'w str> {
    let literal = text(value, what, notes)?;
    let found = words.iter().find(|word| **word == literal.value).copied();
    if found.is_none() {
        let sentence =
            format!("{what} is {}, but must be {}", quote(&literal.value), one_of(words.iter().copied()));
        let said = did_you_mean(sentence, &literal.value, words.iter().copied());
        notes.error_like(value.start(), "bad_value", said);
    }
    found
}

/// `true` or `false`.
pub(crate) fn flag(value: &Value, what: &str, notes: &mut Notes) -> Option<bool> {
    let literal = value.as_boolean_lit();
    if literal.is_none() {
        wrong(value, what, "`true` or `false`", notes);
    }
    literal.map(|literal| literal.value)
}

/// Any finite number.
pub(crate) fn number(value: &Value, what: &str, notes: &mut Notes) -> Option<f64> {
    let Some(literal) = value.as_number_lit() else {
        wrong(value, what, "a number", notes);
        return None;
    };
    let number = literal.value.parse().ok().filter(|number: &f64| number.is_finite());
    if number.is_none() {
        notes.error(value.start(), "bad_value", format!("{what} is a number too large to count with"));
    }
    number
}

/// A whole number in a range.
pub(crate) fn whole(
    value: &Value,
    what: &str,
    range: core::ops::RangeInclusive<i64>,
    notes: &mut Notes,
) -> Option<i64> {
    let number = number(value, what, notes)?;
    // Both ends are far below 2^53, so the cast is exact for all that passes.
    let fits = number.fract() == 0.0 && number >= *range.start() as f64 && number <= *range.end() as f64;
    if !fits {
        let shown = value.as_number_lit().map_or("", |literal| literal.value);
        let message = format!(
            "{what} is {}, but must be a whole number from {} to {}",
            quote(shown),
            range.start(),
            range.end()
        );
        notes.error(value.start(), "bad_value", message);
    }
    fits.then_some(number as i64)
}

/// A name that reports, odds and reserved words can carry.
pub(crate) fn is_id(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    !name.is_empty() && name.chars().count() <= ID_CHARS && name.chars().all(allowed)
}

/// Notes a name that is none, or that means something else already.
pub(crate) fn check_id(at: usize, what: &str, name: &str, reserved: &[&str], notes: &mut Notes) -> bool {
    if !is_id(name) {
        let plain: String = name
            .to_lowercase()
            .chars()
            .map(|c| if c == '_' || c.is_ascii_alphanumeric() { c } else { '-' })
            .take(ID_CHARS)
            .collect();
        let plain = plain.trim_matches('-').to_string();
        let message = format!(
            "{what} {} cannot be a name: names have 1 to {ID_CHARS} small letters a–z, digits, `-` and `_`",
            quote(name)
        );
        let suggestion = is_id(&plain).then_some(plain);
        notes.error_like(at, "bad_id", (message, suggestion));
        return false;
    }
    if reserved.contains(&name) {
        let message = format!("{what} cannot be called {}: that name has a meaning of its own", quote(name));
        notes.error(at, "bad_id", message);
        return false;
    }
    true
}

/// A span of time in milliseconds, written `30s`, `10m`, `2h`, `7d` or `2w`.
pub(crate) fn duration(value: &Value, what: &str, notes: &mut Notes) -> Option<u64> {
    let literal = text(value, what, notes)?;
    let span = span(&literal.value);
    if span.is_none() {
        let message = format!(
            "{what} is {}, but must be a span of time such as `30s`, `10m`, `2h`, `7d` or `2w`, of at most ten years",
            quote(&literal.value)
        );
        notes.error(value.start(), "bad_duration", message);
    }
    span
}

fn span(text: &str) -> Option<u64> {
    let units = [('s', 1_000), ('m', MINUTE), ('h', HOUR), ('d', DAY), ('w', 7 * DAY)];
    let (unit, length) = units.into_iter().find(|(unit, _)| text.ends_with(*unit))?;
    let digits = text.strip_suffix(unit).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    let span = digits.parse::<u64>().ok()?.checked_mul(length)?;
    (1..=SPAN_DAYS * DAY).contains(&span).then_some(span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_exactly() {
        assert_eq!(span("30s"), Some(30_000));
        assert_eq!(span("2w"), Some(14 * DAY));
        for bad in ["", "d", "0s", "-1d", "+1d", "1.5h", "7 d", "7D", "99999999999999999999d", "4000d", "1분"]
        {
            assert_eq!(span(bad), None, "{bad}");
        }
    }
}
