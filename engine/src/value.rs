//! An attribute's value, and a judgement's. Never nested: the door flattens objects to dotted
//! names, so no foreign value can be deep.

use alloc::string::String;
use alloc::vec::Vec;

use crate::pack::pack_enum;
use crate::text::{Json, push_number};

/// A single value, as JSON has them.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar {
    /// Absent, or JSON `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// Any finite number.
    Number(f64),
    /// Any text.
    Text(String),
}

/// What an attribute holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// One value.
    One(Scalar),
    /// A list; conditions ask whether one of its entries fits.
    Many(Vec<Scalar>),
}

impl Value {
    /// The absent value.
    pub const NULL: Value = Value::One(Scalar::Null);

    /// A whole number.
    #[must_use]
    pub fn number(value: u64) -> Value {
        Value::One(Scalar::Number(value as f64))
    }

    /// A text.
    #[must_use]
    pub fn text(text: &str) -> Value {
        Value::One(Scalar::Text(text.into()))
    }

    /// A list of texts.
    #[must_use]
    pub fn texts<T: AsRef<str>>(list: &[T]) -> Value {
        let mut texts = Vec::new();
        for text in list {
            texts.push(Scalar::Text(text.as_ref().into()));
        }
        Value::Many(texts)
    }

    /// Writes the value as JSON; fractions keep two digits.
    pub fn write(&self, json: &mut Json) {
        match self {
            Value::One(scalar) => scalar.write(json),
            Value::Many(list) => {
                json.begin('[');
                list.iter().for_each(|scalar| scalar.write(json));
                json.end(']');
            }
        }
    }

    /// The value as a person reads it; a list is joined with commas.
    #[must_use]
    pub fn show(&self) -> String {
        match self {
            Value::One(scalar) => scalar.show(),
            Value::Many(list) => show_list(list),
        }
    }
}

impl Scalar {
    fn write(&self, json: &mut Json) {
        match self {
            Scalar::Null => json.word("null"),
            Scalar::Text(text) => json.text(text),
            Scalar::Bool(_) | Scalar::Number(_) => json.word(&self.show()),
        }
    }

    /// The value as a person reads it; null is empty, a fraction has two digits.
    #[must_use]
    pub fn show(&self) -> String {
        let mut out = String::new();
        match self {
            Scalar::Null => {}
            Scalar::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Scalar::Text(text) => out.push_str(text),
            Scalar::Number(value) => {
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
        }
        out
    }
}

/// Values as a person reads them, joined with commas.
#[must_use]
pub fn show_list(list: &[Scalar]) -> String {
    let mut out = String::new();
    for (at, scalar) in list.iter().enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        out.push_str(&scalar.show());
    }
    out
}

/// The nearest whole number of a value that is not below zero.
#[must_use]
pub fn nearest(value: f64) -> u64 {
    (value + 0.5) as u64
}

/// Kleene's three values: what has been forgotten is unknown, not false.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Truth {
    /// It does not hold.
    #[default]
    False,
    /// It cannot be known on this device; a condition that ends so is not met.
    Unknown,
    /// It holds.
    True,
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Truth {
        if holds { Truth::True } else { Truth::False }
    }
}

impl core::ops::Not for Truth {
    type Output = Truth;
    fn not(self) -> Truth {
        match self {
            Truth::True => Truth::False,
            Truth::Unknown => Truth::Unknown,
            Truth::False => Truth::True,
        }
    }
}

pack_enum!(Scalar { 0 Null, 1 Bool(flag), 2 Number(value), 3 Text(text) } else Scalar::Null);
pack_enum!(Value { 0 One(scalar), 1 Many(list) } else Value::NULL);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        for (value, want) in [(3.0, "3"), (0.256, "0.26"), (-1.5, "-1.50"), (0.0, "0")] {
            assert_eq!(Scalar::Number(value).show(), want);
        }
    }
}
