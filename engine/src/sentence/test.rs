//! An attribute that fails its comparison: what it is, what is needed, and what
//! would have to happen. Never says more of a pattern than an example.

use alloc::string::String;

use crate::attribute::Attribute;
use crate::compare::{Compare, signs};
use crate::facts::Facts;
use crate::text::join;
use crate::value::Value;

use super::Sentence;
use super::parts::{counted, quoted, version};

pub(super) fn test(
    words: &mut Sentence,
    attribute: &Attribute,
    (compare, negated): (&Compare, bool),
    facts: &Facts,
) {
    let name = attribute.name();
    let value = attribute.read(facts);
    let (english, korean) = needs(compare, negated);
    match &value {
        None => words.say(
            &["`", &name, "` is not known here, and what is unknown is not met; it ", &english],
            &["`", &name, "`: 여기서는 알 수 없고, 알 수 없는 조건은 맞지 않은 것으로 봄. ", &korean],
        ),
        Some(value) if value.is_missing() => {
            words.say(&["`", &name, "` is absent, ", &english], &["`", &name, "`: 값이 없음. ", &korean]);
        }
        Some(value) => {
            let seen = quoted(value);
            words.say(
                &["`", &name, "` is ", &seen, ", ", &english],
                &["`", &name, "`: 지금 ", &seen, ". ", &korean],
            );
        }
    }
    if let Some(Value::Number(seen)) = value {
        step(words, attribute, (compare, negated), seen);
    }
}

/// What a comparison needs, as the end of a sentence.
fn needs(compare: &Compare, negated: bool) -> (String, String) {
    let mut list = String::new();
    for operand in compare.operands() {
        list = join(&[&list, if list.is_empty() { "" } else { ", " }, &quoted(operand)]);
    }
    let (english, korean) = match (compare, negated) {
        (Compare::Is(_) | Compare::Eq(_), false) | (Compare::Ne(_), true) => {
            (["needs to be ", ""], ["필요한 값: ", ""])
        }
        (Compare::Is(_) | Compare::Eq(_), true) | (Compare::Ne(_), false) => {
            (["must not be ", ""], ["", " 값이면 안 됨"])
        }
        (Compare::Lt(_), false) | (Compare::Gte(_), true) => {
            (["needs to be less than ", ""], ["", " 미만 필요"])
        }
        (Compare::Lte(_), false) | (Compare::Gt(_), true) => (["needs at most ", ""], ["", " 이하 필요"]),
        (Compare::Gt(_), false) | (Compare::Lte(_), true) => (["needs more than ", ""], ["", " 초과 필요"]),
        (Compare::Gte(_), false) | (Compare::Lt(_), true) => (["needs at least ", ""], ["", " 이상 필요"]),
        (Compare::In(_) | Compare::Ini(_), false) | (Compare::Nin(_) | Compare::Nini(_), true) => {
            (["needs to be one of ", ""], ["", " 중 하나여야 함"])
        }
        (Compare::In(_) | Compare::Ini(_), true) | (Compare::Nin(_) | Compare::Nini(_), false) => {
            (["must be none of ", ""], ["", " 중 어느 것도 아니어야 함"])
        }
        (Compare::Exists(wanted), _) if *wanted != negated => {
            (["needs to be there", ""], ["", "값이 있어야 함"])
        }
        (Compare::Exists(_), _) => (["must not be there", ""], ["", "값이 없어야 함"]),
        (Compare::Version(allowed, wanted), _) => {
            let allowed =
                if negated { !allowed & (signs::LESS | signs::EQUAL | signs::GREATER) } else { *allowed };
            let (english, korean) = match allowed {
                signs::LESS => ("below", "미만"),
                signs::EQUAL => ("equal to", "같은"),
                signs::GREATER => ("above", "초과"),
                signs::AT_MOST => ("up to", "이하"),
                signs::OTHER => ("other than", "다른"),
                _ => ("from", "이상"),
            };
            let wanted = version(wanted);
            return (
                join(&["needs a version ", english, " `", &wanted, "`"]),
                join(&["`", &wanted, "` ", korean, " 버전 필요"]),
            );
        }
        (other, _) => {
            let not = if negated { "not " } else { "" };
            let (before, fits) = pattern_words(other);
            let ending = if negated { "이면 안 됨" } else { "이어야 함" };
            let example = match other {
                Compare::Matches(pattern) if !negated => join(&[", such as `", &pattern.example(), "`"]),
                _ => String::new(),
            };
            let korean =
                if example.is_empty() { String::new() } else { example.replace(", such as", ". 예:") };
            return (
                join(&["needs ", not, &other.show(), &example]),
                join(&[&before, fits, ending, &korean]),
            );
        }
    };
    (join(&[english[0], &list, english[1]]), join(&[korean[0], &list, korean[1]]))
}

/// The comparisons that are not of one value with another, in Korean.
fn pattern_words(compare: &Compare) -> (String, &'static str) {
    match compare {
        Compare::Type(kind) => (join(&["`", kind, "` "]), "형식의 값"),
        Compare::Alike(text) => (join(&["대소문자 구분 없이 `", text, "` "]), "같은 값"),
        Compare::Matches(_) => (String::new(), "패턴에 맞는 글"),
        Compare::Some(_) => (String::new(), "조건에 맞는 항목이 든 목록"),
        _ => (String::new(), "조건에 맞는 값"),
    }
}

/// What would have to happen, where a number only grows or only time is missing.
fn step(words: &mut Sentence, attribute: &Attribute, (compare, negated): (&Compare, bool), seen: f64) {
    let (wanted, is_lower) = match (compare, negated) {
        (Compare::Gte(Value::Number(wanted)), false) | (Compare::Lt(Value::Number(wanted)), true) => {
            (*wanted, true)
        }
        (Compare::Gt(Value::Number(wanted)), false) | (Compare::Lte(Value::Number(wanted)), true) => {
            (*wanted + 1.0, true)
        }
        (Compare::Is(Value::Number(wanted)) | Compare::Eq(Value::Number(wanted)), false) => {
            (*wanted, *wanted > seen)
        }
        (Compare::Lt(_) | Compare::Lte(_), false) | (Compare::Gt(_) | Compare::Gte(_), true) => (0.0, false),
        _ => return,
    };
    let unit = match attribute {
        Attribute::Visits => ["more visit", "more visits", "번 더 방문"],
        Attribute::Views | Attribute::SessionViews => ["more page view", "more page views", "페이지 더"],
        Attribute::CartCount => ["more piece in the cart", "more pieces in the cart", "개 더 담기"],
        Attribute::Purchases => ["more purchase", "more purchases", "번 더 구매"],
        Attribute::SessionSeconds => ["more second", "more seconds", "초 더"],
        Attribute::DaysSinceFirst | Attribute::DaysSincePurchase => {
            ["more day", "more days", "일 더 지나야 함"]
        }
        Attribute::CartValue | Attribute::Revenue => ["more", "more", "만큼 더"],
        _ => return,
    };
    if is_lower {
        let more = Value::Number(libm::ceil(wanted - seen)).show();
        let [one, many, korean] = unit;
        words.say(
            &[" — ", &counted(&more), " ", if more == "1" { one } else { many }],
            &[" — ", &more, korean],
        );
    } else if matches!(
        attribute,
        Attribute::Visits | Attribute::Views | Attribute::Purchases | Attribute::Revenue
    ) {
        words.say(&[" — it never falls again"], &[" — 이 값은 다시 줄지 않음"]);
    }
}
