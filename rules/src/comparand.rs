//! What an attribute can be compared with, by what it holds. Never compares.

use jsonc_parser::ast::{ObjectProp, Value};
use jsonc_parser::common::Ranged;
use vitrine_engine::channel::Medium;
use vitrine_engine::page::Page;
use vitrine_engine::text::fold;
use vitrine_engine::value::Value as Known;

use crate::desk::Desk;
use crate::literal::literal;
use crate::notes::{did_you_mean, meaning, one_of, quote};
use crate::operator::About;
use crate::read;
use crate::said::Said;
use crate::words::{self, Holds};

impl Desk<'_> {
    /// Whether an operator can say anything of what an attribute holds.
    pub fn suits(&mut self, clause: &ObjectProp, about: About) -> bool {
        let name = clause.name.as_str();
        let is_any = ["$in", "$nin", "$exists", "$not", "$inGroup", "$notInGroup"].contains(&name);
        let of_lists = ["$size", "$elemMatch", "$all", "$alli"].contains(&name);
        let of_texts = name.contains("egex") || ["$ini", "$nini"].contains(&name) || name.starts_with("$v");
        let of_size = ["$lt", "$lte", "$gt", "$gte"].contains(&name);
        if is_any || !words::OPERATORS.contains(&name) {
            return true;
        }
        let texts = || say!(en: "compares texts", ko: "글을 비교합니다");
        let single = || say!(en: "compares a single value", ko: "값 하나를 비교합니다");
        let (kind, wants): (Said, Said) = match about.holds {
            Holds::Anything => return true,
            Holds::List if of_lists || ["$ini", "$nini"].contains(&name) => return true,
            Holds::List => (single(), say!(en: "is a list", ko: "목록입니다")),
            _ if of_lists || name == "$type" => (
                say!(en: "asks about what a site sets", ko: "사이트가 정하는 값에 씁니다"),
                say!(en: "is always a single value", ko: "항상 값 하나입니다"),
            ),
            Holds::Number(..) if of_texts => (texts(), say!(en: "is a number", ko: "숫자입니다")),
            Holds::Flag if of_texts || of_size => (
                say!(en: "compares numbers or texts", ko: "숫자나 글을 비교합니다"),
                say!(en: "is `true` or `false`", ko: "`true` 아니면 `false`입니다"),
            ),
            _ => return true,
        };
        let said = say!(
            en: "{name} {kind}, but {what} {wants}", ko: "{name:은<} {kind}. {what:은<} {wants}",
            name = quote(name), kind, what = quote(about.name), wants,
        );
        self.notes.error(clause.range.start, "wrong_type", said);
        false
    }

    /// What `$lt` and its kin compare with: a number or a text.
    pub fn threshold(&mut self, clause: &ObjectProp, about: About) -> Option<Known> {
        let value = &clause.value;
        if self.lenient {
            // JavaScript's primitive: a list is its text, nothing counts as 0.
            return Some(match literal(value) {
                Known::Text(text) => Known::Text(text),
                tree @ (Known::List(_) | Known::Object(_)) => Known::Text(tree.to_text()),
                other => Known::Number(other.to_number()),
            });
        }
        match (about.holds, value) {
            (Holds::Number(..), Value::NumberLit(_)) => self.scalar(value, about),
            (Holds::Number(..), Value::StringLit(_)) => self.scalar(value, about),
            (Holds::Parameter | Holds::Anything, Value::NumberLit(_)) => {
                read::number(value, quote(about.name), &mut self.notes).map(Known::Number)
            }
            (Holds::Anything, Value::StringLit(text)) => Some(Known::text(&text.value)),
            (Holds::Number(..) | Holds::Parameter | Holds::Anything, _) => {
                let wanted = say!(en: "a number here", ko: "여기서는 숫자");
                read::wrong(value, quote(about.name), wanted, &mut self.notes);
                None
            }
            _ => {
                let said = say!(
                    en: "{operator} compares numbers, but {what} is a text; compare it with `$eq`, `$ne`, `$in` or `$nin`",
                    ko: "{operator:은<} 숫자를 비교하는데 {what:은<} 글입니다. `$eq`, `$ne`, `$in`, `$nin`으로 비교하세요",
                    operator = quote(clause.name.as_str()), what = quote(about.name),
                );
                self.notes.error(clause.range.start, "wrong_type", said);
                None
            }
        }
    }

    /// A single value that the attribute can have.
    pub fn scalar(&mut self, value: &Value, about: About) -> Option<Known> {
        let what = quote(about.name);
        match (about.holds, value) {
            (Holds::Anything, Value::Array(_) | Value::Object(_)) => {
                let said = say!(
                    en: "{what} never equals a whole list or object here; write it bare, as in {example}",
                    ko: "여기서는 {what:이<} 목록이나 객체와 같을 수 없습니다. {example}처럼 그대로 쓰세요",
                    what, example = format!("`\"{}\": [ … ]`", about.name),
                );
                self.notes.error(value.start(), "wrong_type", said);
                None
            }
            (_, Value::Array(_)) => {
                let said = say!(
                    en: "{what} is compared with a list; write {example}",
                    ko: "{what:을<} 목록과 비교합니다. {example}처럼 쓰세요",
                    what, example = "`{ \"$in\": [ … ] }`",
                );
                self.notes.error(value.start(), "wrong_type", said);
                None
            }
            (_, Value::NullKeyword(_)) => Some(Known::Null),
            (Holds::Number(low, high), _) => {
                let number = read::number(value, &what, &mut self.notes)?;
                if !(low..=high).contains(&number) {
                    let said = match high {
                        f64::MAX => say!(
                            en: "{what} is never below 0", ko: "{what:은<} 0보다 작을 수 없습니다", what
                        ),
                        _ => say!(
                            en: "{what} is always between {low} and {high}",
                            ko: "{what:은<} 항상 {low}에서 {high} 사이입니다",
                            what, low, high,
                        ),
                    };
                    self.notes.error(value.start(), "bad_value", said);
                    return None;
                }
                Some(Known::Number(number))
            }
            (Holds::Anything, Value::NumberLit(_)) => {
                read::number(value, &what, &mut self.notes).map(Known::Number)
            }
            (Holds::Flag, _) => read::flag(value, &what, &mut self.notes).map(Known::Bool),
            (Holds::Anything, single) => Some(literal(single)),
            (holds, _) => {
                let text = read::text(value, &what, &mut self.notes)?;
                self.text_value(holds, about.name, &text.value, value.start()).map(Known::Text)
            }
        }
    }

    fn text_value(&mut self, holds: Holds, name: &str, text: &str, at: usize) -> Option<String> {
        match holds {
            Holds::Channel => {
                let channels = || Medium::ALL.iter().map(|medium| medium.word());
                if channels().any(|word| word == text) {
                    return Some(text.into());
                }
                let said = say!(
                    en: "{text} is no channel; there are {list}", ko: "{text:은<} 채널이 아닙니다. 채널: {list}",
                    text = quote(text), list = one_of(channels()),
                );
                self.notes.error_like(at, "unknown_channel", did_you_mean(said, text, channels()));
                None
            }
            Holds::Device => {
                let devices = ["mobile", "desktop"];
                if devices.contains(&text) {
                    return Some(text.into());
                }
                let said = say!(
                    en: "{text} is no device; there are {list}",
                    ko: "{text:은<} 기기의 종류가 아닙니다. 쓸 수 있는 것: {list}",
                    text = quote(text), list = one_of(devices),
                );
                self.notes.error_like(at, "bad_value", did_you_mean(said, text, devices));
                None
            }
            Holds::Path => self.address(text, &quote(name), at),
            Holds::Folded => Some(fold(text)),
            _ => Some(text.into()),
        }
    }

    /// An exact path as the device writes it. What no page can have is noted:
    /// it would never match.
    pub fn address(&mut self, text: &str, what: &str, at: usize) -> Option<String> {
        let path = Page::parse(text).path;
        let plain = text.starts_with('/') && !text.contains(['?', '#', '*']);
        if plain && (text == "/" || !text.ends_with('/')) {
            return Some(path);
        }
        let said = if text.contains('*') {
            say!(
                en: "{what} is one exact path; patterns with `*` belong into `$path`",
                ko: "{what:은<} 정확한 경로 하나입니다. `*`이 든 패턴은 `$path`에 쓰세요",
                what,
            )
        } else {
            say!(
                en: "{what} is {text}, but must be a path such as `/cart`: it begins with `/`, does not end with it, and has no `?` and no `#`",
                ko: "{what:이<} {text}인데, `/cart` 같은 경로여야 합니다. 경로는 `/`로 시작하고 `/`로 끝나지 않으며 `?`와 `#`이 없습니다",
                what, text = quote(text),
            )
        };
        let suggestion = (!text.contains('*') && text.starts_with('/')).then_some(path);
        let said = match &suggestion {
            Some(path) => meaning(said, path),
            None => said,
        };
        self.notes.error_like(at, "bad_path", (said, suggestion));
        None
    }
}
