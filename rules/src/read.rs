//! One value of the tree as what it must be. Never knows the language: what a
//! field means stands with its reader; here is only what every reader shares.

use jsonc_parser::ast::{Object, StringLit, Value};
use jsonc_parser::common::Ranged;
use vitrine_engine::ramp::PLACES;
use vitrine_engine::time::{DAY, HOUR, MINUTE};

use crate::notes::{Notes, did_you_mean, one_of, quote};
use crate::said::{Said, Speak};
use crate::words::LATER_FIELDS;

/// The longest name of a segment, slot, goal, campaign or message.
const ID_CHARS: usize = 40;
/// The longest span of time, in days: ten years.
const SPAN_DAYS: u64 = 3_650;

/// What a value is, in a sentence.
fn kind(value: &Value) -> Said {
    match value {
        Value::StringLit(_) => say!(en: "a text", ko: "글"),
        Value::NumberLit(_) => a_number(),
        Value::BooleanLit(_) => a_flag(),
        Value::Object(_) => an_object(),
        Value::Array(_) => a_list(),
        Value::NullKeyword(_) => Said::same("`null`"),
    }
}

fn a_number() -> Said {
    say!(en: "a number", ko: "숫자")
}

fn a_flag() -> Said {
    say!(en: "`true` or `false`", ko: "`true` 또는 `false`")
}

fn an_object() -> Said {
    say!(en: "an object `{{ … }}`", ko: "객체 `{{ … }}`")
}

fn a_list() -> Said {
    say!(en: "a list `[ … ]`", ko: "목록 `[ … ]`")
}

/// Notes that a value is of the wrong kind.
pub(crate) fn wrong(value: &Value, what: impl Speak, wanted: impl Speak, notes: &mut Notes) {
    let said = say!(
        en: "{what} is {found}, but must be {wanted}",
        ko: "{what:은<} {wanted:여<}야 하는데 {found}입니다",
        what, wanted, found = kind(value),
    );
    notes.error(value.start(), "wrong_type", said);
}

/// Notes that something is not a list.
pub(crate) fn no_list(value: &Value, what: impl Speak, notes: &mut Notes) {
    wrong(value, what, a_list(), notes);
}

/// An object whose fields are all known; the others are noted.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'t, 'a> {
    object: &'t Object<'a>,
}

impl<'t, 'a> Fields<'t, 'a> {
    /// Reads an object; `what` names it in sentences.
    pub fn of(value: &'t Value<'a>, what: impl Speak, known: &[&str], notes: &mut Notes) -> Option<Self> {
        let object = object(value, &what, notes)?;
        for property in &object.properties {
            let name = property.name.as_str();
            if known.contains(&name) {
                continue;
            }
            if LATER_FIELDS.contains(&name) {
                let said = say!(
                    en: "{name} in {what} is not supported by this version",
                    ko: "{what}의 {name:은<} 이 버전에서 쓸 수 없습니다",
                    what, name = quote(name),
                );
                notes.error(property.range.start, "unsupported", said);
                continue;
            }
            let said = say!(
                en: "unknown field {name} in {what}", ko: "{what}에 {name:라<}는 필드는 없습니다",
                what, name = quote(name),
            );
            let (said, suggestion) = did_you_mean(said, name, known.iter().copied());
            let said = match suggestion {
                Some(_) => said,
                None => say!(
                    en: "{said}; it may have {list}", ko: "{said}. 쓸 수 있는 필드: {list}",
                    said, list = one_of(known.iter().copied()),
                ),
            };
            notes.error_like(property.range.start, "unknown_field", (said, suggestion));
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

    /// What `read` makes of a field, or what is usual where it is not there;
    /// nothing where it cannot be read.
    pub fn get_or<T>(
        &self,
        name: &str,
        usual: T,
        read: impl FnOnce(&'t Value<'a>) -> Option<T>,
    ) -> Option<T> {
        self.get(name).map_or(Some(usual), read)
    }

    /// A field's value that must be there.
    pub fn need(&self, name: &str, what: impl Speak, notes: &mut Notes) -> Option<&'t Value<'a>> {
        let value = self.get(name);
        if value.is_none() {
            let said = say!(
                en: "{what} lacks its {name}", ko: "{what}에 {name:이<} 없습니다", what, name = quote(name)
            );
            notes.error(self.object.range.start, "missing_field", said);
        }
        value
    }

    /// Where the object begins.
    pub fn start(&self) -> usize {
        self.object.range.start
    }
}

/// All of them, or nothing where one cannot be read. Each is read before that is
/// asked, so that every mistake is noted and not only the first.
pub(crate) fn all<T>(read: impl IntoIterator<Item = Option<T>>) -> Option<Vec<T>> {
    let read: Vec<Option<T>> = read.into_iter().collect();
    read.into_iter().collect()
}

/// An object of the marketer's own names.
pub(crate) fn object<'t, 'a>(
    value: &'t Value<'a>,
    what: impl Speak,
    notes: &mut Notes,
) -> Option<&'t Object<'a>> {
    let object = value.as_object();
    if object.is_none() {
        wrong(value, what, an_object(), notes);
    }
    object
}

/// A list that says something.
pub(crate) fn list<'t, 'a>(
    value: &'t Value<'a>,
    what: impl Speak,
    notes: &mut Notes,
) -> Option<&'t [Value<'a>]> {
    let Some(array) = value.as_array() else {
        no_list(value, what, notes);
        return None;
    };
    if array.elements.is_empty() {
        let said = say!(
            en: "{what} is an empty list; leave it out or fill it",
            ko: "{what:이<} 빈 목록입니다. 빼거나 채우세요",
            what,
        );
        notes.error(value.start(), "empty", said);
        return None;
    }
    Some(&array.elements)
}

/// One value or a list of them.
pub(crate) fn one_or_more<'t, 'a>(
    value: &'t Value<'a>,
    what: impl Speak,
    notes: &mut Notes,
) -> Option<&'t [Value<'a>]> {
    match value {
        Value::Array(_) => list(value, what, notes),
        _ => Some(core::slice::from_ref(value)),
    }
}

/// A text that says something.
pub(crate) fn text<'t, 'a>(
    value: &'t Value<'a>,
    what: impl Speak,
    notes: &mut Notes,
) -> Option<&'t StringLit<'a>> {
    let Some(literal) = value.as_string_lit() else {
        wrong(value, what, say!(en: "a text in double quotes", ko: "큰따옴표로 묶은 글"), notes);
        return None;
    };
    if literal.value.trim().is_empty() {
        notes.error(
            value.start(),
            "empty",
            say!(en: "{what} is an empty text", ko: "{what:이<} 빈 글입니다", what),
        );
        return None;
    }
    Some(literal)
}

/// One word of a fixed set.
pub(crate) fn word<'w>(
    value: &Value,
    what: impl Speak,
    words: &[&'w str],
    notes: &mut Notes,
) -> Option<&'w str> {
    let literal = text(value, &what, notes)?;
    let found = words.iter().find(|word| **word == literal.value).copied();
    if found.is_none() {
        let said = say!(
            en: "{what} is {found}, but must be {list}",
            ko: "{what:이<} {found}인데, {list} 중 하나여야 합니다",
            what, found = quote(&literal.value), list = one_of(words.iter().copied()),
        );
        let said = did_you_mean(said, &literal.value, words.iter().copied());
        notes.error_like(value.start(), "bad_value", said);
    }
    found
}

/// `true` or `false`.
pub(crate) fn flag(value: &Value, what: impl Speak, notes: &mut Notes) -> Option<bool> {
    let literal = value.as_boolean_lit();
    if literal.is_none() {
        wrong(value, what, a_flag(), notes);
    }
    literal.map(|literal| literal.value)
}

/// Any finite number.
pub(crate) fn number(value: &Value, what: impl Speak, notes: &mut Notes) -> Option<f64> {
    let Some(literal) = value.as_number_lit() else {
        wrong(value, what, a_number(), notes);
        return None;
    };
    let number = literal.value.parse().ok().filter(|number: &f64| number.is_finite());
    if number.is_none() {
        let said = say!(
            en: "{what} is a number too large to count with", ko: "{what:이<} 셈할 수 없을 만큼 큰 수입니다", what
        );
        notes.error(value.start(), "bad_value", said);
    }
    number
}

/// A share of the visitors from 0 to `most`, in parts of [`PLACES`]; `example` is
/// one for who gave none.
pub(crate) fn share(
    value: &Value,
    what: impl Speak,
    (most, example): (f64, &str),
    notes: &mut Notes,
) -> Option<u64> {
    let share = number(value, &what, notes)?;
    let parts = (share * PLACES as f64).round();
    if !(0.0..=most).contains(&share) || (share * PLACES as f64 - parts).abs() > 1e-6 {
        let said = say!(
            en: "{what} must be a share from 0 to {most}, such as `{example}`, with at most four decimals",
            ko: "{what:은<} 0부터 {most}까지의 비율이어야 합니다. `{example}`처럼 소수 넷째 자리까지 쓸 수 있습니다",
            what,
            most = most,
            example = example,
        );
        notes.error(value.start(), "bad_value", said);
        return None;
    }
    Some(parts as u64)
}

/// A whole number in a range.
pub(crate) fn whole(
    value: &Value,
    what: impl Speak,
    range: core::ops::RangeInclusive<i64>,
    notes: &mut Notes,
) -> Option<i64> {
    let number = number(value, &what, notes)?;
    // Both ends are far below 2^53, so the cast is exact for all that passes.
    let fits = number.fract() == 0.0 && number >= *range.start() as f64 && number <= *range.end() as f64;
    if !fits {
        let shown = value.as_number_lit().map_or("", |literal| literal.value);
        let said = say!(
            en: "{what} is {shown}, but must be a whole number from {low} to {high}",
            ko: "{what:이<} {shown}인데, {low}부터 {high}까지의 정수여야 합니다",
            what, shown = quote(shown), low = range.start(), high = range.end(),
        );
        notes.error(value.start(), "bad_value", said);
    }
    fits.then_some(number as i64)
}

/// A name that reports, odds and reserved words can carry.
pub(crate) fn is_id(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    !name.is_empty() && name.chars().count() <= ID_CHARS && name.chars().all(allowed)
}

/// Notes a name that is none, or that means something else already.
pub(crate) fn check_id(
    (name, at): (&str, usize),
    what: impl Speak,
    reserved: &[&str],
    notes: &mut Notes,
) -> bool {
    if !is_id(name) {
        let plain: String = name
            .to_lowercase()
            .chars()
            .map(|c| if c == '_' || c.is_ascii_alphanumeric() { c } else { '-' })
            .take(ID_CHARS)
            .collect();
        let plain = plain.trim_matches('-').to_string();
        let said = say!(
            en: "{what} {name} cannot be a name: names have 1 to {most} small letters a–z, digits, `-` and `_`",
            ko: "{what} {name:은<} 이름으로 쓸 수 없습니다. 이름은 영문 소문자, 숫자, `-`, `_`로 1자에서 {most}자까지입니다",
            what, name = quote(name), most = ID_CHARS,
        );
        let suggestion = is_id(&plain).then_some(plain);
        notes.error_like(at, "bad_id", (said, suggestion));
        return false;
    }
    if reserved.contains(&name) {
        let said = say!(
            en: "{what} cannot be called {name}: that name has a meaning of its own",
            ko: "{what}의 이름으로 {name:을<} 쓸 수 없습니다. 따로 뜻이 있는 이름입니다",
            what, name = quote(name),
        );
        notes.error(at, "bad_id", said);
        return false;
    }
    true
}

/// A span of time in milliseconds, written `30s`, `10m`, `2h`, `7d` or `2w`.
pub(crate) fn duration(value: &Value, what: impl Speak, notes: &mut Notes) -> Option<u64> {
    let literal = text(value, &what, notes)?;
    let span = span(&literal.value);
    if span.is_none() {
        let said = say!(
            en: "{what} is {shown}, but must be a span of time such as `30s`, `10m`, `2h`, `7d` or `2w`, of at most ten years",
            ko: "{what:이<} {shown}인데, `30s`, `10m`, `2h`, `7d`, `2w`처럼 10년 이하의 기간이어야 합니다",
            what, shown = quote(&literal.value),
        );
        notes.error(value.start(), "bad_duration", said);
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
