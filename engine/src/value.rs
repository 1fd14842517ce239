//! What an attribute holds. A value is a tree, but never a
//! deep or a large one: the doors bound it, and `unpack` refuses what is deeper.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::json::Json;
use crate::number;
use crate::pack::{Input, Pack, push_varint};
use crate::text::{cut, push_number, whole};

/// Lists and objects within each other: what a person can follow, twice.
pub const DEPTH_LIMIT: usize = 8;
/// Bytes of one attribute, where each value takes its text and [`VALUE_BYTES`]:
/// a list of some fifty objects of a few fields each. A site has 48 attributes,
/// and a browser stores five million bytes.
pub const SIZE_LIMIT: usize = 4_096;
/// Bytes of one text: a long user agent.
pub const TEXT_LIMIT: usize = 500;
/// What a value takes besides its text.
const VALUE_BYTES: usize = 8;

/// A value, as JSON has them.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// JSON's `null`, and what the site never set.
    Null,
    /// What the device would know itself and does not have: it equals null,
    /// and is neither less nor greater than anything, nor a number, nor a text.
    Absent,
    /// `true` or `false`.
    Bool(bool),
    /// Any finite number.
    Number(f64),
    /// Any text.
    Text(String),
    /// Any values in their order.
    List(Vec<Value>),
    /// Values by name; names that are whole numbers stand first, rising, as
    /// JavaScript keeps them.
    Object(Vec<(String, Value)>),
}

impl Value {
    /// A whole number.
    #[must_use]
    pub fn number(value: u64) -> Value {
        Value::Number(value as f64)
    }

    /// A text.
    #[must_use]
    pub fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    /// An object of these fields, as JavaScript has them: of equal names the
    /// last, whole numbers first. Apart from the page, whose browser sees to it.
    #[must_use]
    pub fn object(fields: Vec<(String, Value)>) -> Value {
        Value::Object(in_order(fields))
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Value::Null | Value::Absent)
    }

    /// Whether the value is within [`DEPTH_LIMIT`] and [`SIZE_LIMIT`].
    #[must_use]
    pub fn is_small(&self) -> bool {
        self.room_left(DEPTH_LIMIT, SIZE_LIMIT).is_some()
    }

    fn room_left(&self, depth: usize, room: usize) -> Option<usize> {
        let mut room = room.checked_sub(VALUE_BYTES)?;
        match self {
            Value::Text(text) => return room.checked_sub(text.len()),
            Value::List(list) => {
                for value in list {
                    room = value.room_left(depth.checked_sub(1)?, room)?;
                }
            }
            Value::Object(fields) => {
                for (name, value) in fields {
                    room = value.room_left(depth.checked_sub(1)?, room.checked_sub(name.len())?)?;
                }
            }
            _ => {}
        }
        Some(room)
    }

    /// What stands at a dotted path; of a list, an entry by its place and its
    /// `length`. Null where nothing stands there.
    #[must_use]
    pub fn at(&self, path: &str) -> Value {
        let mut here = self;
        let mut rest = Some(path);
        while let Some(path) = rest {
            let (name, behind) = cut(path, b'.').map_or((path, None), |(name, behind)| (name, Some(behind)));
            let found = match here {
                Value::Object(fields) => {
                    fields.iter().find(|(known, _)| known == name).map(|(_, value)| value)
                }
                Value::List(list) if name == "length" && behind.is_none() => {
                    return Value::number(list.len() as u64);
                }
                Value::List(list) => whole(name).and_then(|place| list.get(place as usize)),
                _ => None,
            };
            let Some(found) = found else { return Value::Null };
            here = found;
            rest = behind;
        }
        here.clone()
    }

    /// What JavaScript calls its type, but `array` and `null` by their names.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Absent => "undefined",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::Text(_) => "string",
            Value::List(_) => "array",
            Value::Object(_) => "object",
        }
    }

    /// Whether JavaScript takes it for true.
    #[must_use]
    pub fn is_truthy(&self) -> bool {
        match self {
            Value::Null | Value::Absent => false,
            Value::Bool(flag) => *flag,
            Value::Number(value) => *value != 0.0,
            Value::Text(text) => !text.is_empty(),
            Value::List(_) | Value::Object(_) => true,
        }
    }

    /// The number that it is to JavaScript; NaN where it is none.
    #[must_use]
    pub fn to_number(&self) -> f64 {
        match self {
            Value::Null => 0.0,
            Value::Absent => f64::NAN,
            Value::Bool(flag) => f64::from(u8::from(*flag)),
            Value::Number(value) => *value,
            Value::Text(text) => number::read(text),
            Value::List(_) | Value::Object(_) => number::read(&self.to_text()),
        }
    }

    /// The text that it is to JavaScript.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        self.push_text(&mut out);
        out
    }

    fn push_text(&self, out: &mut String) {
        match self {
            Value::Null | Value::Absent => out.push_str("null"),
            Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Value::Number(value) => number::write(out, *value),
            Value::Text(text) => out.push_str(text),
            Value::List(list) => {
                for (at, value) in list.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    if !value.is_missing() {
                        value.push_text(out);
                    }
                }
            }
            Value::Object(_) => out.push_str("[object Object]"),
        }
    }

    /// A list of texts.
    #[must_use]
    pub fn texts<T: AsRef<str>>(list: &[T]) -> Value {
        let mut texts = Vec::new();
        for text in list {
            texts.push(Value::text(text.as_ref()));
        }
        Value::List(texts)
    }

    /// Writes the value as JSON; fractions keep two digits.
    pub fn write(&self, json: &mut Json) {
        match self {
            Value::Null | Value::Absent => json.word("null"),
            Value::Text(text) => json.text(text),
            Value::Bool(_) | Value::Number(_) => json.word(&self.show()),
            Value::List(list) => {
                json.begin('[');
                list.iter().for_each(|value| value.write(json));
                json.end(']');
            }
            Value::Object(fields) => {
                json.begin('{');
                for (name, value) in fields {
                    json.key(name);
                    value.write(json);
                }
                json.end('}');
            }
        }
    }

    /// The value as a person reads it: nothing is empty, a fraction has two
    /// digits, a list is joined with commas.
    #[must_use]
    pub fn show(&self) -> String {
        let mut out = String::new();
        match self {
            Value::Null | Value::Absent => {}
            Value::Number(value) => {
                if *value < 0.0 {
                    out.push('-');
                }
                let hundredths = nearest(value.abs() * 100.0);
                push_number(&mut out, hundredths / 100, 1);
                if !hundredths.is_multiple_of(100) {
                    out.push('.');
                    push_number(&mut out, hundredths % 100, 2);
                }
            }
            Value::List(list) => out = show_list(list),
            Value::Object(_) => {
                let mut json = Json::default();
                self.write(&mut json);
                out = json.finish();
            }
            Value::Bool(_) | Value::Text(_) => self.push_text(&mut out),
        }
        out
    }
}

/// Fields as JavaScript's `Object.entries` has them.
#[must_use]
pub fn in_order<T>(fields: Vec<(String, T)>) -> Vec<(String, T)> {
    let mut places = BTreeMap::new();
    let mut kept: Vec<(String, T)> = Vec::new();
    for (name, value) in fields {
        let at = *places.entry(name.clone()).or_insert(kept.len());
        match kept.get_mut(at) {
            Some(known) => known.1 = value,
            None => kept.push((name, value)),
        }
    }
    kept.sort_by_key(|(name, _)| {
        let is_plain = name == "0" || !name.starts_with('0');
        whole(name).filter(|place| is_plain && *place < u64::from(u32::MAX)).unwrap_or(u64::MAX)
    });
    kept
}

/// Values as a person reads them, joined with commas.
#[must_use]
pub fn show_list(list: &[Value]) -> String {
    let mut out = String::new();
    for (at, value) in list.iter().enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        out.push_str(&value.show());
    }
    out
}

/// The nearest whole number of a value that is not below zero.
#[must_use]
pub fn nearest(value: f64) -> u64 {
    (value + 0.5) as u64
}

/// The form of the shortest text; one of `n` bytes is this and `n`. Texts are
/// what a plan mostly consists of.
const FIRST_TEXT: u64 = 7;

impl Pack for Value {
    fn pack(&self, out: &mut Vec<u8>) {
        match self {
            Value::Null => out.push(0),
            Value::Bool(flag) => out.push(1 + u8::from(*flag)),
            Value::Number(number) => {
                out.push(3);
                number.pack(out);
            }
            Value::List(list) => {
                out.push(4);
                list.pack(out);
            }
            Value::Object(fields) => {
                out.push(5);
                fields.pack(out);
            }
            Value::Absent => out.push(6),
            Value::Text(text) => {
                push_varint(out, FIRST_TEXT + text.len() as u64);
                out.extend_from_slice(text.as_bytes());
            }
        }
    }

    fn unpack(input: &mut Input) -> Self {
        match input.number() {
            0 => Value::Null,
            form @ 1..=2 => Value::Bool(form == 2),
            3 => Value::Number(Pack::unpack(input)),
            4 => Value::List(Pack::unpack(input)),
            5 => Value::Object(Pack::unpack(input)),
            6 => Value::Absent,
            form => Value::Text(input.text(form - FIRST_TEXT)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::{Input, Pack};

    fn nested(depth: usize) -> Value {
        (0..depth).fold(Value::Null, |inner, _| Value::List(alloc::vec![inner]))
    }

    #[test]
    fn numbers_read_as_people_write_them() {
        for (value, want) in [(3.0, "3"), (0.256, "0.26"), (-1.5, "-1.50"), (0.0, "0")] {
            assert_eq!(Value::Number(value).show(), want);
        }
    }

    #[test]
    fn a_path_leads_through_objects_and_lists() {
        let pets = Value::List(alloc::vec![Value::Object(alloc::vec![("name".into(), Value::text("fido"))])]);
        let owner = Value::Object(alloc::vec![("pets".into(), pets)]);
        assert_eq!(owner.at("pets.0.name"), Value::text("fido"));
        assert_eq!(owner.at("pets.length"), Value::number(1));
        for path in ["pets.1", "pets.name", "pets.0.name.0", "", "pets."] {
            assert_eq!(owner.at(path), Value::Null, "{path}");
        }
    }

    #[test]
    fn what_is_too_deep_or_too_large_is_seen() {
        assert!(nested(DEPTH_LIMIT).is_small());
        assert!(!nested(DEPTH_LIMIT + 1).is_small());
        let most = SIZE_LIMIT / VALUE_BYTES - 1;
        assert!(Value::List(alloc::vec![Value::Null; most]).is_small());
        assert!(!Value::List(alloc::vec![Value::Null; most + 1]).is_small());
        assert!(!Value::Text("a".repeat(SIZE_LIMIT)).is_small());
    }

    #[test]
    fn bytes_that_nest_without_end_are_refused() {
        let bytes = [4u8, 1].repeat(100_000);
        let mut input = Input::new(&bytes);
        let _ = Value::unpack(&mut input);
        assert!(input.is_broken());
        let mut bytes = Vec::new();
        nested(DEPTH_LIMIT).pack(&mut bytes);
        let mut input = Input::new(&bytes);
        assert_eq!(Value::unpack(&mut input), nested(DEPTH_LIMIT));
        assert!(!input.is_broken());
    }
}
