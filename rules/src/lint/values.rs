//! Whether one attribute can have a value that passes several comparisons.
//! Never reasons itself: it tries, with the engine's own comparisons, one value
//! of every kind that the comparisons can tell apart.

use vitrine_engine::attribute::{Attribute, Told};
use vitrine_engine::channel::Medium;
use vitrine_engine::compare::Compare;
use vitrine_engine::value::Value;

use crate::words::{self, Holds};

/// Values that are compared with in one question; more is a list that nobody
/// wrote by hand, and a question for which there is no time.
const OPERANDS: usize = 300;
/// Below every text that people write.
const FIRST_TEXT: &str = "\u{1}";
/// Above every text that people write.
const LAST_TEXT: &str = "\u{10ffff}";

/// Whether an attribute can have a value, for reasons outside of its comparisons.
pub(crate) type Limit<'a> = dyn Fn(&Attribute, &Value) -> bool + 'a;

/// The tests of one attribute in one question.
pub(crate) struct Values<'q, 'a> {
    /// Of what.
    pub attribute: &'q Attribute,
    /// Tests, and whether each is to hold.
    pub tests: &'q [(&'a Compare, bool)],
    /// Whether the attribute can have a value at all, for reasons of the
    /// campaign's.
    pub limits: &'q Limit<'q>,
}

impl Values<'_, '_> {
    /// About how many steps the question takes.
    pub fn price(&self) -> u32 {
        let operands: usize = self.tests.iter().map(|(test, _)| 1 + test.operands().len()).sum();
        (operands * self.tests.len() / 8) as u32
    }
}

/// Whether some value passes; true where that cannot be told.
pub(crate) fn can_be(values: &Values) -> bool {
    let operands: Vec<&Value> = values.tests.iter().flat_map(|(test, _)| test.operands()).collect();
    if operands.len() > OPERANDS {
        return true;
    }
    let passes = |value: &Value| {
        values.tests.iter().all(|(test, want)| test.holds(value) == *want)
            && (values.limits)(values.attribute, value)
    };
    // It must be one of these: then any test can be tried on each.
    if let Some(list) =
        values.tests.iter().find_map(|(test, want)| only(test, values.attribute).filter(|_| *want))
    {
        return list.iter().any(passes);
    }
    // A list's entries and its order as a text depend on each other.
    let asks = |which: fn(&Compare) -> bool| values.tests.iter().any(|(test, _)| which(test));
    if can_be_list(values.attribute)
        && asks(|compare| matches!(compare, Compare::In(_) | Compare::Nin(_)))
        && asks(|compare| {
            !matches!(
                compare,
                Compare::In(_) | Compare::Nin(_) | Compare::Eq(_) | Compare::Ne(_) | Compare::Exists(_)
            )
        })
    {
        return true;
    }
    if values.tests.iter().any(|(test, _)| !is_plain(test)) {
        // One test that is not understood can only narrow the others.
        let plain: Vec<(&Compare, bool)> =
            values.tests.iter().filter(|(test, _)| is_plain(test)).copied().collect();
        return plain.is_empty() || can_be(&Values { tests: &plain, ..*values });
    }
    samples(values.attribute, &operands).iter().any(passes)
        || (can_be_list(values.attribute) && passes(&fullest(values.tests, &operands)))
}

/// The values that alone pass a test, where they can be told: of what is a
/// text or a number and nothing else.
fn only<'a>(compare: &'a Compare, attribute: &Attribute) -> Option<&'a [Value]> {
    let is_exact = match compare {
        Compare::Eq(_) | Compare::In(_) => true,
        Compare::Is(value) => matches!(value, Value::Text(_)),
        _ => false,
    };
    let is_known = |value: &Value| matches!(value, Value::Text(_) | Value::Number(_));
    let list = compare.operands();
    (is_exact && !can_be_list(attribute) && list.iter().all(is_known)).then_some(list)
}

/// Whether a comparison's answer depends on nothing but equality and order.
fn is_plain(compare: &Compare) -> bool {
    let is_scalar = |value: &Value| !matches!(value, Value::List(_) | Value::Object(_));
    match compare {
        Compare::Is(_)
        | Compare::Eq(_)
        | Compare::Ne(_)
        | Compare::Lt(_)
        | Compare::Lte(_)
        | Compare::Gt(_)
        | Compare::Gte(_)
        | Compare::In(_)
        | Compare::Nin(_) => compare.operands().iter().all(is_scalar),
        Compare::Exists(_) => true,
        _ => false,
    }
}

/// Whether the device itself may lack it: on a first visit, or where a page
/// says nothing.
pub(crate) fn may_be_absent(attribute: &Attribute) -> bool {
    match words::holds(attribute) {
        Holds::Channel => false,
        Holds::Number(..) => matches!(
            attribute,
            Attribute::DaysSinceFirst
                | Attribute::DaysSinceLast
                | Attribute::DaysSincePurchase
                | Attribute::SessionSeconds
                | Attribute::Intent
                | Attribute::History(_, Told::DaysSinceShown)
        ),
        _ => true,
    }
}

/// What is read where there is no value: what the site never set counts as
/// JavaScript's null, what the device itself lacks as nothing at all.
pub(crate) fn absence(attribute: &Attribute) -> Value {
    if matches!(attribute, Attribute::Custom(_)) { Value::Null } else { Value::Absent }
}

fn can_be_list(attribute: &Attribute) -> bool {
    matches!(words::holds(attribute), Holds::Anything | Holds::List)
}

/// The least that a number can be.
fn least(attribute: &Attribute, low: f64) -> f64 {
    // This visit is one already.
    if *attribute == Attribute::Visits { 1.0 } else { low }
}

/// A value of every kind that comparisons with these operands tell apart.
fn samples(attribute: &Attribute, operands: &[&Value]) -> Vec<Value> {
    let mut samples = Vec::new();
    if may_be_absent(attribute) {
        samples.push(absence(attribute));
    }
    match words::holds(attribute) {
        Holds::Number(low, high) => {
            let whole = !matches!(
                attribute,
                Attribute::CartValue
                    | Attribute::Revenue
                    | Attribute::InterestCategory(_)
                    | Attribute::InterestBrand(_)
                    | Attribute::InterestTag(_)
                    | Attribute::InterestPrice(_)
                    | Attribute::Intent
            );
            let low = least(attribute, low);
            let numbers = numbers(operands, (low, high));
            let fits = |number: &f64| (low..=high).contains(number) && (!whole || number.fract() == 0.0);
            samples.extend(numbers.into_iter().filter(fits).map(Value::Number));
        }
        Holds::Channel => {
            samples.extend(Medium::ALL.iter().map(|medium| Value::text(medium.word())));
        }
        Holds::Device => samples.extend(["mobile", "desktop"].map(Value::text)),
        Holds::Flag => samples.extend([true, false].map(Value::Bool)),
        Holds::List => samples.extend(lists(operands)),
        Holds::Anything => {
            let numbers = numbers(operands, (f64::MIN, f64::MAX));
            samples.extend(numbers.iter().map(|number| Value::Text(Value::Number(*number).to_text())));
            samples.extend(numbers.into_iter().map(Value::Number));
            samples.extend([true, false].map(Value::Bool));
            samples.extend([Value::text("")].into_iter().chain(texts(operands)));
            samples.extend(lists(operands));
        }
        // A parameter's text may be compared as a number.
        _ => {
            let numbers = numbers(operands, (f64::MIN, f64::MAX));
            samples.extend(numbers.into_iter().map(|number| Value::Text(Value::Number(number).to_text())));
            samples.extend(texts(operands));
        }
    }
    samples
}

/// The numbers compared with, their whole neighbours, one between each two,
/// and one beyond each end.
fn numbers(operands: &[&Value], (low, high): (f64, f64)) -> Vec<f64> {
    let mut known: Vec<f64> =
        operands.iter().map(|value| value.to_number()).filter(|n| n.is_finite()).collect();
    known.extend([low, high, 0.0, 1.0]);
    known.sort_by(f64::total_cmp);
    known.dedup();
    let between = known.windows(2).filter_map(|pair| match pair {
        [a, b] => Some(a / 2.0 + b / 2.0),
        _ => None,
    });
    let near = known.iter().flat_map(|n| [n.floor() - 1.0, n.floor(), n.ceil(), n.ceil() + 1.0]);
    let mut all: Vec<f64> = between.chain(near).collect();
    all.extend(&known);
    all
}

/// The texts compared with, what stands right behind each, and two that nobody wrote.
fn texts(operands: &[&Value]) -> Vec<Value> {
    let mut texts = vec![Value::text(FIRST_TEXT), Value::text(LAST_TEXT)];
    for operand in operands {
        let text = operand.to_text();
        texts.push(Value::Text([&text, FIRST_TEXT].concat()));
        texts.push(Value::Text(text));
    }
    texts
}

/// A list without an entry, and of one entry each.
fn lists(operands: &[&Value]) -> Vec<Value> {
    let known = operands.iter().map(|operand| (*operand).clone());
    let numbers = numbers(operands, (f64::MIN, f64::MAX)).into_iter().map(Value::Number);
    let numbers = numbers.flat_map(|number| [Value::Text(number.to_text()), number]);
    let ones = texts(operands).into_iter().chain(known).chain(numbers).map(|one| Value::List(vec![one]));
    ones.chain([Value::List(Vec::new())]).collect()
}

/// The longest list that no comparison forbids: the more entries, the more of
/// the `$in`s hold.
fn fullest(tests: &[(&Compare, bool)], operands: &[&Value]) -> Value {
    let allowed = |value: &&&Value| {
        tests.iter().all(|(test, want)| match (test, want) {
            (Compare::In(_), false) | (Compare::Nin(_), true) => {
                test.holds(&Value::List(vec![(**value).clone()])) == *want
            }
            _ => true,
        })
    };
    Value::List(operands.iter().filter(allowed).map(|value| (*value).clone()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_engine::rng::Rng;

    /// Every value that the pool below can tell apart, and more.
    fn pool(attribute: &Attribute) -> Vec<Value> {
        let numbers = || (-4..16).map(|half| Value::Number(f64::from(half) / 2.0));
        let texts = || ["a", "b", "ab", "A", "0", "1", "2.5", "-1", "zz", " "].map(Value::text);
        let lists = |values: Vec<Value>| {
            let mut lists = vec![Value::List(vec![])];
            for one in &values {
                lists.push(Value::List(vec![one.clone()]));
                lists.extend(values.iter().map(|two| Value::List(vec![one.clone(), two.clone()])));
            }
            lists
        };
        match words::holds(attribute) {
            Holds::Number(..) => (1..9).map(Value::number).collect(),
            Holds::List => lists(texts().to_vec()),
            Holds::Anything => numbers()
                .chain(texts())
                .chain([Value::Null, Value::Bool(true), Value::Bool(false), Value::text("")])
                .chain(lists(texts().into_iter().chain(numbers().take(6)).collect()))
                .collect(),
            _ => texts().into_iter().chain([Value::Absent]).collect(),
        }
    }

    /// A comparison by a draw's digits.
    fn drawn(mut draw: u64, attribute: &Attribute) -> Compare {
        let mut digit = |base: u64| {
            let digit = draw % base;
            draw /= base;
            digit
        };
        let is_number = matches!(words::holds(attribute), Holds::Number(..));
        let mut value = || match digit(9) {
            n if is_number => Value::number(n % 6),
            0 => Value::Null,
            1 => Value::Bool(true),
            2 => Value::Number(2.5),
            3 => Value::number(1),
            4 => Value::number(3),
            5 => Value::text("a"),
            6 => Value::text("b"),
            7 => Value::text("1"),
            _ => Value::text("ab"),
        };
        let (one, two, three) = (value(), value(), value());
        match digit(10) {
            0 => Compare::Is(one),
            1 => Compare::Eq(one),
            2 => Compare::Ne(one),
            3 => Compare::Lt(one),
            4 => Compare::Lte(one),
            5 => Compare::Gt(one),
            6 => Compare::Gte(one),
            7 => Compare::In(vec![one, two, three]),
            8 => Compare::Nin(vec![one, two]),
            _ => Compare::Exists(digit(2) == 0),
        }
    }

    /// The linter may be silent, but what it calls impossible must be so.
    #[test]
    fn no_value_passes_what_is_called_impossible() {
        let subjects =
            [Attribute::Visits, Attribute::Keyword, Attribute::CartItems, Attribute::Custom("x".into())];
        let (mut rng, mut impossible) = (Rng::new(2026, 7), 0);
        for attribute in &subjects {
            let pool = pool(attribute);
            for _ in 0..10_000 {
                let compares: Vec<(Compare, bool)> = (0..2 + rng.below(3))
                    .map(|_| (drawn(rng.next_u64(), attribute), rng.below(4) > 0))
                    .collect();
                let tests: Vec<(&Compare, bool)> =
                    compares.iter().map(|(compare, want)| (compare, *want)).collect();
                if can_be(&Values { attribute, tests: &tests, limits: &|_, _| true }) {
                    continue;
                }
                impossible += 1;
                let passing =
                    pool.iter().find(|value| tests.iter().all(|(test, want)| test.holds(value) == *want));
                assert_eq!(passing, None, "{attribute:?} {compares:?}");
            }
        }
        assert!(impossible > 5_000, "{impossible}");
    }
}
