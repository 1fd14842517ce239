//! Attribute conditions: one attribute, one comparison, GrowthBook's meaning.
//! Never combines conditions (`judge` does) and never looks at sequences.

use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::attribute::{Attribute, Facts, SHARE_STEPS};
use crate::pack::pack_enum;
use crate::text::{cut, join, whole};
use crate::time::{HOUR, MINUTE, Millis};
use crate::value::Truth;
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
    fn threshold(&self) -> Option<f64> {
        match self.operands() {
            [Scalar::Number(level)] if !matches!(self, Compare::In(_) | Compare::Nin(_)) => Some(*level),
            _ => None,
        }
    }

    /// What is compared with.
    fn operands(&self) -> &[Scalar] {
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

fn number(scalar: &Scalar) -> Option<f64> {
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

/// Judges one test and notes when time alone could change its answer.
#[must_use]
pub fn test(attribute: &Attribute, compare: &Compare, facts: &mut Facts) -> Truth {
    let Some(actual) = attribute.read(facts) else {
        return Truth::Unknown;
    };
    note_wake(attribute, compare, facts);
    compare.holds(&actual).into()
}

fn note_wake(attribute: &Attribute, compare: &Compare, facts: &mut Facts) {
    let (profile, now, half_life) = (facts.profile, facts.moment.now, facts.terms.half_life);
    match attribute {
        Attribute::Hour | Attribute::Weekday => {
            let minute = u64::from(facts.terms.zone.minute_of_day(now) % 60);
            let start_of_hour = now.0 - now.0 % MINUTE;
            facts.wake_at_local(Millis(start_of_hour).plus(HOUR - minute * MINUTE));
        }
        Attribute::InterestCategory(name) | Attribute::InterestBrand(name) => {
            let table = if matches!(attribute, Attribute::InterestBrand(_)) {
                &profile.brands
            } else {
                &profile.categories
            };
            // A rounded share passes a level half a step above it for `$gt` and
            // `$lte`, half a step below it for the others.
            let edge = match compare {
                Compare::Gt(_) | Compare::Lte(_) => 0.5 / SHARE_STEPS,
                _ => -0.5 / SHARE_STEPS,
            };
            let fall =
                compare.threshold().and_then(|level| table.falls_to(name, level + edge, now, half_life));
            if let Some(at) = fall {
                facts.wake_at(at);
            }
        }
        _ => {
            let Some((from, unit)) = attribute.elapsed(profile) else { return };
            for want in compare.operands() {
                let level = number(want).unwrap_or_default().max(0.0) as u64;
                facts.wake_at(from.plus(level.saturating_mul(unit)));
                facts.wake_at(from.plus(level.saturating_add(1).saturating_mul(unit)));
            }
        }
    }
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
