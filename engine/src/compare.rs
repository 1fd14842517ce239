//! One comparison of a value, with GrowthBook's meaning. Never knows where the
//! value came from, and is total on every pair of types.

use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::pack::pack_enum;
use crate::text::{cut, join, whole};
use crate::value::{Scalar, Value, show_list};

/// One comparison.
#[derive(Debug, Clone, PartialEq)]
pub enum Compare {
    /// `$eq`, or a bare value.
    Eq(Scalar),
    /// `$ne`.
    Ne(Scalar),
    /// `$lt`.
    Lt(Scalar),
    /// `$lte`.
    Lte(Scalar),
    /// `$gt`.
    Gt(Scalar),
    /// `$gte`.
    Gte(Scalar),
    /// `$in`: one of these, or for a list attribute one entry in common.
    In(Vec<Scalar>),
    /// `$nin`.
    Nin(Vec<Scalar>),
    /// `$exists`.
    Exists(bool),
}

impl Compare {
    /// Whether a value passes; total on every pair of types.
    #[must_use]
    pub fn holds(&self, actual: &Value) -> bool {
        match self {
            Compare::Eq(want) => equals(actual, want),
            Compare::Ne(want) => !equals(actual, want),
            Compare::Lt(want) => order(actual, want) == Some(Ordering::Less),
            Compare::Lte(want) => order(actual, want).is_some_and(Ordering::is_le),
            Compare::Gt(want) => order(actual, want) == Some(Ordering::Greater),
            Compare::Gte(want) => order(actual, want).is_some_and(Ordering::is_ge),
            Compare::In(list) => within(actual, list),
            Compare::Nin(list) => !within(actual, list),
            Compare::Exists(want) => (*actual != Value::NULL) == *want,
        }
    }

    /// What was needed, for `explain`: operator and value.
    #[must_use]
    pub fn show(&self) -> String {
        let sign = match self {
            Compare::Eq(_) => "=",
            Compare::Ne(_) => "≠",
            Compare::Lt(_) => "<",
            Compare::Lte(_) => "≤",
            Compare::Gt(_) => ">",
            Compare::Gte(_) => "≥",
            Compare::In(_) => "one of",
            Compare::Nin(_) => "none of",
            Compare::Exists(true) => "present",
            Compare::Exists(false) => "absent",
        };
        let want = show_list(self.operands());
        if want.is_empty() { sign.into() } else { join(&[sign, " ", &want]) }
    }

    /// The number compared with, for those comparisons that time can change.
    #[must_use]
    pub(crate) fn threshold(&self) -> Option<f64> {
        match self.operands() {
            [Scalar::Number(level)] if !matches!(self, Compare::In(_) | Compare::Nin(_)) => Some(*level),
            _ => None,
        }
    }

    /// What is compared with.
    #[must_use]
    pub(crate) fn operands(&self) -> &[Scalar] {
        match self {
            Compare::Eq(want)
            | Compare::Ne(want)
            | Compare::Lt(want)
            | Compare::Lte(want)
            | Compare::Gt(want)
            | Compare::Gte(want) => core::slice::from_ref(want),
            Compare::In(list) | Compare::Nin(list) => list,
            Compare::Exists(_) => &[],
        }
    }
}

fn equals(actual: &Value, want: &Scalar) -> bool {
    matches!(actual, Value::One(one) if one == want)
}

fn within(actual: &Value, list: &[Scalar]) -> bool {
    match actual {
        Value::One(one) => list.contains(one),
        Value::Many(many) => many.iter().any(|one| list.contains(one)),
    }
}

/// JavaScript's relational order, which GrowthBook's evaluator uses: two texts
/// by code unit, else as numbers. An absent value has no order: "bought less
/// than 60 days ago" is not true of someone who never bought.
fn order(actual: &Value, want: &Scalar) -> Option<Ordering> {
    let Value::One(actual) = actual else {
        return None;
    };
    match (actual, want) {
        (Scalar::Text(a), Scalar::Text(b)) => Some(a.cmp(b)),
        (a, b) => number(a)?.partial_cmp(&number(b)?),
    }
}

/// The number that a value counts as, where it counts as one.
pub(crate) fn number(scalar: &Scalar) -> Option<f64> {
    match scalar {
        Scalar::Null => None,
        Scalar::Bool(flag) => Some(f64::from(u8::from(*flag))),
        Scalar::Number(value) => Some(*value),
        Scalar::Text(text) => decimal(text),
    }
}

/// A plain decimal number. `str::parse::<f64>` would cost the page ten
/// kilobytes for exponents and last bits that no attribute has.
fn decimal(text: &str) -> Option<f64> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (units, fraction) = cut(digits, b'.').unwrap_or((digits, ""));
    if units.is_empty() || units.len() + fraction.len() > 15 {
        return None;
    }
    let scale = 10u64.pow(fraction.len() as u32) as f64;
    let value = whole(&join(&[units, fraction]))? as f64 / scale;
    Some(if negative { -value } else { value })
}

pack_enum!(Compare {
    0 Eq(value), 1 Ne(value), 2 Lt(value), 3 Lte(value), 4 Gt(value), 5 Gte(value), 6 In(list), 7 Nin(list),
    8 Exists(flag),
} else Compare::Exists(false));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_are_total_and_typed() {
        let three = Value::number(3);
        assert!(Compare::Gte(Scalar::Number(3.0)).holds(&three));
        assert!(!Compare::Eq(Scalar::Text("3".into())).holds(&three));
        assert!(Compare::Lt(Scalar::Text("4".into())).holds(&three));
        assert!(!Compare::Lt(Scalar::Number(5.0)).holds(&Value::NULL));
        assert!(Compare::Ne(Scalar::Number(5.0)).holds(&Value::NULL));
        let list = Value::Many(alloc::vec![Scalar::Text("a".into()), Scalar::Text("b".into())]);
        assert!(Compare::In(alloc::vec![Scalar::Text("b".into())]).holds(&list));
    }

    #[test]
    fn decimals_parse_exactly() {
        assert_eq!(decimal(" -12.50 "), Some(-12.5));
        for bad in ["", "-", "1e5", "0x1", "1.2.3", "1234567890123456"] {
            assert_eq!(decimal(bad), None, "{bad}");
        }
    }
}
