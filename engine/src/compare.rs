//! One comparison of a value, with GrowthBook's meaning. Never knows where the
//! value came from, and is total on every pair of types.
//!
//! GrowthBook's evaluator is JavaScript, and its meaning is JavaScript's: `8`
//! and `"8"` are alike where a condition names a bare value, `null` counts as
//! 0, a list as its entries joined with commas.

use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::automaton::Pattern;
use crate::pack::pack_enum;
use crate::text::{by_utf16, cut, join, lowered};
use crate::value::{Value, show_list};

/// One comparison.
#[derive(Debug, Clone, PartialEq)]
pub enum Compare {
    /// A bare value: alike after JavaScript's coercion to its type; lists and
    /// objects alike to the last part.
    Is(Value),
    /// `$eq`: the same type and value.
    Eq(Value),
    /// `$ne`.
    Ne(Value),
    /// `$lt`: less than a text or a number.
    Lt(Value),
    /// `$lte`.
    Lte(Value),
    /// `$gt`.
    Gt(Value),
    /// `$gte`.
    Gte(Value),
    /// `$in`: one of these, or for a list attribute one entry in common.
    In(Vec<Value>),
    /// `$nin`.
    Nin(Vec<Value>),
    /// `$ini`: as `$in`, capitals or not; the texts are small letters.
    Ini(Vec<Value>),
    /// `$nini`.
    Nini(Vec<Value>),
    /// `$exists`.
    Exists(bool),
    /// `$type`, by JavaScript's name; see [`Value::kind`].
    Type(String),
    /// Alike as texts, capitals or not; the text is in small letters.
    Alike(String),
    /// `$veq` and its kin: in which [`signs`] to a version, as [`version`]
    /// writes it.
    Version(u8, String),
    /// `$regex`: the pattern is found in the text that the value is.
    Matches(Pattern),
    /// A condition of the value itself.
    Whole(Vec<Part>),
    /// A condition that some entry of a list meets.
    Some(Vec<Part>),
}

/// The orders that a [`Compare::Version`] allows, as bits.
pub mod signs {
    /// The version is below.
    pub const LESS: u8 = 1;
    /// The version is the same.
    pub const EQUAL: u8 = 2;
    /// The version is above.
    pub const GREATER: u8 = 4;
    /// `$vlte`.
    pub const AT_MOST: u8 = LESS | EQUAL;
    /// `$vne`.
    pub const OTHER: u8 = LESS | GREATER;
    /// `$vgte`.
    pub const AT_LEAST: u8 = GREATER | EQUAL;
}

/// One condition of a table about one value: parts stand before the whole,
/// which is the last.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// Every part holds.
    All(Vec<u16>),
    /// Some part holds.
    Any(Vec<u16>),
    /// The part does not hold.
    Not(u16),
    /// A comparison of the value itself.
    This(Compare),
    /// A comparison of what stands in it at a dotted path.
    At(String, Compare),
}

impl Compare {
    /// Whether a value passes; total on every pair of types.
    #[must_use]
    pub fn holds(&self, actual: &Value) -> bool {
        match self {
            Compare::Is(want) => is(actual, want),
            Compare::Eq(want) => same(actual, want),
            Compare::Ne(want) => !same(actual, want),
            Compare::Lt(want) => order(actual, want) == Some(Ordering::Less),
            Compare::Lte(want) => order(actual, want).is_some_and(Ordering::is_le),
            Compare::Gt(want) => order(actual, want) == Some(Ordering::Greater),
            Compare::Gte(want) => order(actual, want).is_some_and(Ordering::is_ge),
            Compare::In(list) => within(actual, list),
            Compare::Nin(list) => !within(actual, list),
            Compare::Ini(list) => within(&in_small_letters(actual), list),
            Compare::Nini(list) => !within(&in_small_letters(actual), list),
            Compare::Exists(want) => actual.is_missing() != *want,
            Compare::Type(kind) => actual.kind() == kind,
            Compare::Alike(want) => *actual != Value::Absent && lowered(&actual.to_text()) == *want,
            Compare::Version(allowed, want) => {
                let sign = match by_utf16(&version(actual), want) {
                    Ordering::Less => signs::LESS,
                    Ordering::Equal => signs::EQUAL,
                    Ordering::Greater => signs::GREATER,
                };
                allowed & sign > 0
            }
            Compare::Matches(pattern) => match actual {
                Value::Absent => false,
                Value::Text(text) => pattern.is_match(text),
                other => pattern.is_match(&other.to_text()),
            },
            Compare::Whole(parts) => judge(parts, actual),
            Compare::Some(parts) => match actual {
                Value::List(list) => list.iter().any(|entry| judge(parts, entry)),
                _ => false,
            },
        }
    }

    /// What was needed, for `explain`: operator and value.
    #[must_use]
    pub fn show(&self) -> String {
        let sign = match self {
            Compare::Is(_) | Compare::Eq(_) => "=",
            Compare::Ne(_) => "≠",
            Compare::Lt(_) => "<",
            Compare::Lte(_) => "≤",
            Compare::Gt(_) => ">",
            Compare::Gte(_) => "≥",
            Compare::In(_) => "one of",
            Compare::Nin(_) => "none of",
            Compare::Ini(_) => "one of, in any case,",
            Compare::Nini(_) => "none of, in any case,",
            Compare::Exists(true) => "present",
            Compare::Exists(false) => "absent",
            Compare::Type(kind) => return join(&["a value of type ", kind]),
            Compare::Alike(text) => return join(&["= in any case ", text]),
            Compare::Version(allowed, want) => {
                let sign = match *allowed {
                    signs::LESS => "a version below ",
                    signs::EQUAL => "the version ",
                    signs::GREATER => "a version above ",
                    signs::AT_MOST => "a version up to ",
                    signs::OTHER => "a version other than ",
                    _ => "a version from ",
                };
                return join(&[sign, want]);
            }
            Compare::Matches(_) => "a text that fits the pattern",
            Compare::Whole(_) => "a value that meets the condition",
            Compare::Some(_) => "an entry that meets the condition",
        };
        let want = show_list(self.operands());
        if want.is_empty() { sign.into() } else { join(&[sign, " ", &want]) }
    }

    /// What is compared with.
    #[must_use]
    pub fn operands(&self) -> &[Value] {
        match self {
            Compare::Is(want)
            | Compare::Eq(want)
            | Compare::Ne(want)
            | Compare::Lt(want)
            | Compare::Lte(want)
            | Compare::Gt(want)
            | Compare::Gte(want) => core::slice::from_ref(want),
            Compare::In(list) | Compare::Nin(list) | Compare::Ini(list) | Compare::Nini(list) => list,
            _ => &[],
        }
    }
}

/// Whether the last part of a table, and so the whole, holds of a value. A
/// part that stands behind its whole counts as false.
fn judge(parts: &[Part], value: &Value) -> bool {
    let mut truths: Vec<bool> = Vec::new();
    for part in parts {
        let truth = |id: &u16| truths.get(usize::from(*id)).copied().unwrap_or_default();
        let holds = match part {
            Part::All(parts) => parts.iter().all(truth),
            Part::Any(parts) => parts.iter().any(truth),
            Part::Not(part) => !truth(part),
            Part::This(compare) => compare.holds(value),
            Part::At(path, compare) => compare.holds(&value.at(path)),
        };
        truths.push(holds);
    }
    truths.last().copied().unwrap_or_default()
}

fn is(actual: &Value, want: &Value) -> bool {
    match (want, actual) {
        (Value::Null | Value::Absent, _) => actual.is_missing(),
        (Value::Bool(want), _) => !actual.is_missing() && actual.is_truthy() == *want,
        (Value::Number(want), _) => actual.to_number() == *want,
        (Value::Text(want), Value::Text(actual)) => want == actual,
        (Value::Text(want), _) => *actual != Value::Absent && actual.to_text() == *want,
        (Value::List(_) | Value::Object(_), _) => want == actual,
    }
}

/// The same type and value; nothing is nothing, whoever lacks it.
fn same(actual: &Value, want: &Value) -> bool {
    // What most conditions compare, without a look at the other kinds.
    if let (Value::Text(actual), Value::Text(want)) = (actual, want) {
        return actual == want;
    }
    actual == want || (actual.is_missing() && want.is_missing())
}

fn within(actual: &Value, list: &[Value]) -> bool {
    let has = |one: &Value| list.iter().any(|want| same(one, want));
    match actual {
        Value::List(many) => many.iter().any(has),
        one => has(one),
    }
}

fn in_small_letters(value: &Value) -> Value {
    match value {
        Value::Text(text) => Value::Text(lowered(text)),
        Value::List(list) => Value::List(list.iter().map(in_small_letters).collect()),
        other => other.clone(),
    }
}

/// JavaScript's relational order: two texts by their UTF-16 units, else as
/// numbers. An absent value is no number: "bought less than 60 days ago" is
/// not true of someone who never bought.
fn order(actual: &Value, want: &Value) -> Option<Ordering> {
    match (actual, want) {
        (Value::Text(actual), Value::Text(want)) => Some(by_utf16(actual, want)),
        (Value::List(_) | Value::Object(_), Value::Text(want)) => Some(by_utf16(&actual.to_text(), want)),
        _ => actual.to_number().partial_cmp(&want.to_number()),
    }
}

/// A version as a text whose order is the versions': without a leading `v` and
/// what is behind a `+`, numbers padded to five places, and a `~`, which is
/// above all letters, behind three parts, so that `1.0.0` is above
/// `1.0.0-beta`. What is neither a text nor a number is version 0.
#[must_use]
pub fn version(value: &Value) -> String {
    let text = match value {
        Value::Text(text) if !text.is_empty() => text.clone(),
        Value::Number(_) => value.to_text(),
        _ => "0".into(),
    };
    let text = text.strip_prefix('v').unwrap_or(&text);
    let mut rest = Some(cut(text, b'+').map_or(text, |(version, _)| version));
    let mut out = String::new();
    let mut parts = 0;
    while let Some(text) = rest {
        let end = text.bytes().position(|byte| byte == b'.' || byte == b'-').unwrap_or(text.len());
        let part = text.get(..end).unwrap_or_default();
        rest = text.get(end + 1..);
        if parts > 0 {
            out.push('-');
        }
        parts += 1;
        if !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) {
            (part.len()..5).for_each(|_| out.push(' '));
        }
        out.push_str(part);
    }
    if parts == 3 {
        out.push_str("-~");
    }
    out
}

pack_enum!(Compare {
    0 Is(value), 1 Eq(value), 2 Ne(value), 3 Lt(value), 4 Lte(value), 5 Gt(value), 6 Gte(value), 7 In(list),
    8 Nin(list), 9 Ini(list), 10 Nini(list), 11 Exists(flag), 12 Type(kind), 13 Alike(text),
    14 Version(allowed, version), 15 Matches(pattern), 16 Whole(parts), 17 Some(parts),
} else Compare::Exists(false));
pack_enum!(Part { 0 All(parts), 1 Any(parts), 2 Not(part), 3 This(compare), 4 At(path, compare) } else Part::Not(0));

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::{Input, Pack};

    #[test]
    fn comparisons_are_total_and_coerce_as_javascript_does() {
        let three = Value::number(3);
        assert!(Compare::Gte(Value::Number(3.0)).holds(&three));
        assert!(!Compare::Eq(Value::text("3")).holds(&three));
        assert!(Compare::Is(Value::text("3")).holds(&three));
        assert!(Compare::Lt(Value::text("4")).holds(&three));
        assert!(
            Compare::Is(Value::text("1,2.5"))
                .holds(&Value::List(alloc::vec![Value::number(1), Value::Number(2.5)]))
        );
        let list = Value::List(alloc::vec![Value::text("a"), Value::text("b")]);
        assert!(Compare::In(alloc::vec![Value::text("b")]).holds(&list));
        assert!(!Compare::Ini(alloc::vec![Value::text("c")]).holds(&list));
    }

    #[test]
    fn what_the_device_lacks_has_no_order_and_what_the_shop_lacks_counts_as_nought() {
        let less = Compare::Lt(Value::Number(5.0));
        assert!(less.holds(&Value::Null));
        assert!(!less.holds(&Value::Absent));
        for missing in [Value::Null, Value::Absent] {
            assert!(Compare::Ne(Value::Number(5.0)).holds(&missing));
            assert!(Compare::Is(Value::Null).holds(&missing));
            assert!(Compare::In(alloc::vec![Value::Null]).holds(&missing));
            assert!(Compare::Exists(false).holds(&missing));
        }
    }

    #[test]
    fn a_table_is_judged_whatever_its_parts_name() {
        let is = |value: u64| Part::This(Compare::Is(Value::number(value)));
        let either = alloc::vec![is(1), is(2), Part::Any(alloc::vec![0, 1])];
        assert!(Compare::Whole(either.clone()).holds(&Value::number(2)));
        assert!(Compare::Some(either).holds(&Value::List(alloc::vec![Value::Null, Value::number(1)])));
        assert!(!Compare::Whole(alloc::vec![Part::All(alloc::vec![0, 7])]).holds(&Value::Null));
        assert!(!Compare::Whole(alloc::vec![]).holds(&Value::Null));
    }

    #[test]
    fn bytes_that_nest_without_end_are_refused() {
        let bytes = [16u8, 1, 3].repeat(100_000);
        let mut input = Input::new(&bytes);
        let _ = Compare::unpack(&mut input);
        assert!(input.is_broken());
    }
}
