//! Conditions over attributes, and how conditions combine. Never leaves a
//! part out: one part that cannot be read makes the whole unreadable, so that
//! no condition is ever wider than it was written.

use jsonc_parser::ast::{ObjectProp, Value};
use jsonc_parser::common::Ranged;
use vitrine_engine::attribute::{Attribute, NAMES};
use vitrine_engine::channel::Medium;
use vitrine_engine::compare::Compare;
use vitrine_engine::event::WORD_LIMIT;
use vitrine_engine::judge::NodeId;
use vitrine_engine::page::Page;
use vitrine_engine::text::fold;
use vitrine_engine::value::Value as Scalar;

use crate::desk::Desk;
use crate::notes::{did_you_mean, one_of, quote};
use crate::read;
use crate::said::Speak;
use crate::words::{self, Holds};

impl Desk<'_> {
    /// A condition: an object, all of whose clauses must hold.
    pub fn condition(&mut self, value: &Value, what: impl Speak) -> Option<NodeId> {
        let object = read::object(value, &what, &mut self.notes)?;
        if object.properties.is_empty() {
            let said = say!(
                en: "{what} is an empty condition, which would be true of everybody; leave it out",
                ko: "{what:이<} 빈 조건이라 모든 방문자에게 참이 됩니다. 조건을 빼세요",
                what,
            );
            self.notes.error(value.start(), "empty", said);
            return None;
        }
        let parts: Vec<Option<NodeId>> = object
            .properties
            .iter()
            .map(|clause| {
                let part = self.clause(clause);
                self.mark(clause.range, part)
            })
            .collect();
        let whole = self.table.all(parts.into_iter().collect::<Option<_>>()?);
        self.mark(object.range, whole)
    }

    fn clause(&mut self, clause: &ObjectProp) -> Option<NodeId> {
        let (name, value) = (clause.name.as_str(), &clause.value);
        match name {
            "$and" => {
                let parts = self.conditions(value, "`$and`")?;
                self.table.all(parts)
            }
            "$or" => {
                let parts = self.conditions(value, "`$or`")?;
                self.table.any(parts)
            }
            "$nor" => {
                let parts = self.conditions(value, "`$nor`")?;
                let any = self.table.any(parts)?;
                self.table.not(any)
            }
            "$not" => {
                let part = self.condition(value, "`$not`")?;
                self.table.not(part)
            }
            "$segment" => self.segment(value),
            "$did" => self.did(value),
            "$sequence" => self.sequence(value),
            "$path" => self.path(value),
            _ if name.starts_with('$') => {
                self.unknown_operator(name, clause.range.start, words::COMBINERS);
                None
            }
            _ => self.comparison(name, clause),
        }
    }

    fn conditions(&mut self, value: &Value, what: &str) -> Option<Vec<NodeId>> {
        let list = read::list(value, what, &mut self.notes)?;
        let parts: Vec<Option<NodeId>> = list.iter().map(|part| self.condition(part, what)).collect();
        parts.into_iter().collect()
    }

    pub fn unknown_operator(&mut self, name: &str, at: usize, known: &[&str]) {
        let choice = one_of(known.iter().copied());
        if words::LATER_OPERATORS.contains(&name) {
            let message =
                format!("{} is not supported by this version; here may stand {choice}", quote(name));
            self.notes.error(at, "unsupported", message);
            return;
        }
        if words::OPERATORS.contains(&name) {
            let message =
                format!("{} compares an attribute, as in `\"visits\": {{ \"{name}\": … }}`", quote(name));
            self.notes.error(at, "unknown_field", message);
            return;
        }
        let sentence = format!("unknown operator {}; here may stand {choice}", quote(name));
        let said = did_you_mean(sentence, name, known.iter().copied());
        self.notes.error_like(at, "unknown_field", said);
    }

    /// One attribute and what it is compared with.
    fn comparison(&mut self, name: &str, clause: &ObjectProp) -> Option<NodeId> {
        let attribute = self.attribute(name, clause.range.start);
        let parts = self.tests(&attribute?, name, &clause.value)?;
        self.table.all(parts)
    }

    /// The attribute of a name; one that nobody knows is noted as a warning,
    /// since the site may set it.
    pub fn attribute(&mut self, name: &str, at: usize) -> Option<Attribute> {
        if NAMES.contains(&name) && name.ends_with('.') {
            let message = format!("{} needs a name behind its dot", quote(name));
            self.notes.error(at, "bad_value", message);
            return None;
        }
        if name.is_empty() || name.len() > WORD_LIMIT {
            let message =
                format!("{} cannot be an attribute: its name has 1 to {WORD_LIMIT} bytes", quote(name));
            self.notes.error(at, "bad_id", message);
            return None;
        }
        let attribute = Attribute::parse(name);
        if matches!(attribute, Attribute::Custom(_)) && !self.declared.contains(name) {
            let known = words::attribute_names(name, self.declared.iter().map(String::as_str));
            let (message, suggestion) = did_you_mean(
                format!("unknown attribute {}", quote(name)),
                name,
                known.iter().map(String::as_str),
            );
            let message = format!(
                "{message}{} If your shop sets it, declare it under `attributes`",
                if suggestion.is_some() { "" } else { "." }
            );
            self.notes.warn_like(at, "unknown_attribute", (message, suggestion));
        }
        Some(attribute)
    }

    fn tests(&mut self, attribute: &Attribute, name: &str, value: &Value) -> Option<Vec<NodeId>> {
        let Value::Object(operators) = value else {
            let compare = Compare::Eq(self.scalar(attribute, name, value)?);
            return Some(vec![self.table.test(attribute, compare)?]);
        };
        if operators.properties.is_empty() {
            let message = format!("{} is compared with nothing", quote(name));
            self.notes.error(value.start(), "empty", message);
            return None;
        }
        let parts: Vec<Option<NodeId>> = operators
            .properties
            .iter()
            .map(|operator| match operator.name.as_str() {
                "$not" => {
                    let parts = self.tests(attribute, name, &operator.value)?;
                    let all = self.table.all(parts)?;
                    self.table.not(all)
                }
                _ => {
                    let compare = self.compare(attribute, name, operator)?;
                    self.table.test(attribute, compare)
                }
            })
            .collect();
        parts.into_iter().collect()
    }

    pub fn compare(&mut self, attribute: &Attribute, name: &str, clause: &ObjectProp) -> Option<Compare> {
        let (operator, value) = (clause.name.as_str(), &clause.value);
        let ordered = |desk: &mut Self, compare: fn(Scalar) -> Compare| {
            desk.threshold(attribute, name, clause).map(compare)
        };
        match operator {
            "$eq" => self.scalar(attribute, name, value).map(Compare::Eq),
            "$ne" => self.scalar(attribute, name, value).map(Compare::Ne),
            "$lt" => ordered(self, Compare::Lt),
            "$lte" => ordered(self, Compare::Lte),
            "$gt" => ordered(self, Compare::Gt),
            "$gte" => ordered(self, Compare::Gte),
            "$in" => self.scalars(attribute, name, value, "`$in`").map(Compare::In),
            "$nin" => self.scalars(attribute, name, value, "`$nin`").map(Compare::Nin),
            "$exists" => read::flag(value, "`$exists`", &mut self.notes).map(Compare::Exists),
            _ => {
                self.unknown_operator_of_attribute(operator, clause.range.start);
                None
            }
        }
    }

    fn unknown_operator_of_attribute(&mut self, name: &str, at: usize) {
        if words::COMBINERS.contains(&name) {
            let message =
                format!("{} combines whole conditions and cannot stand inside an attribute", quote(name));
            self.notes.error(at, "unknown_field", message);
        } else if !words::OPERATORS.contains(&name) {
            self.unknown_operator(name, at, words::OPERATORS);
        }
    }

    fn scalars(
        &mut self,
        attribute: &Attribute,
        name: &str,
        value: &Value,
        what: &str,
    ) -> Option<Vec<Scalar>> {
        let list = read::list(value, what, &mut self.notes)?;
        let scalars: Vec<Option<Scalar>> =
            list.iter().map(|entry| self.scalar(attribute, name, entry)).collect();
        scalars.into_iter().collect()
    }

    /// What `$lt` and its kin compare with.
    fn threshold(&mut self, attribute: &Attribute, name: &str, clause: &ObjectProp) -> Option<Scalar> {
        let value = &clause.value;
        match (words::holds(attribute), value) {
            (_, Value::NullKeyword(_)) => {
                read::wrong(
                    value,
                    quote(name),
                    say!(en: "a number here", ko: "여기서는 숫자"),
                    &mut self.notes,
                );
                None
            }
            (Holds::Number(..), _) => self.scalar(attribute, name, value),
            (Holds::Parameter | Holds::Anything, Value::NumberLit(_)) => {
                read::number(value, quote(name), &mut self.notes).map(Scalar::Number)
            }
            (Holds::Anything, Value::StringLit(text)) => Some(Scalar::Text(text.value.to_string())),
            (Holds::Parameter | Holds::Anything, _) => {
                read::wrong(
                    value,
                    quote(name),
                    say!(en: "a number here", ko: "여기서는 숫자"),
                    &mut self.notes,
                );
                None
            }
            _ => {
                let message = format!(
                    "{} compares numbers, but {} is a text; compare it with `$eq`, `$ne`, `$in` or `$nin`",
                    quote(clause.name.as_str()),
                    quote(name)
                );
                self.notes.error(clause.range.start, "wrong_type", message);
                None
            }
        }
    }

    /// A value that the attribute can have.
    pub fn scalar(&mut self, attribute: &Attribute, name: &str, value: &Value) -> Option<Scalar> {
        let what = quote(name);
        match (words::holds(attribute), value) {
            (_, Value::Array(_)) => {
                let message = format!("{what} is compared with a list; write `{{ \"$in\": [ … ] }}`");
                self.notes.error(value.start(), "wrong_type", message);
                None
            }
            (_, Value::NullKeyword(_)) => Some(Scalar::Null),
            (Holds::Number(low, high), _) => {
                let number = read::number(value, &what, &mut self.notes)?;
                if !(low..=high).contains(&number) {
                    let message = match high {
                        f64::MAX => format!("{what} is never below 0"),
                        _ => format!("{what} is always between {low} and {high}"),
                    };
                    self.notes.error(value.start(), "bad_value", message);
                    return None;
                }
                Some(Scalar::Number(number))
            }
            (Holds::Anything | Holds::Flag, Value::BooleanLit(flag)) => Some(Scalar::Bool(flag.value)),
            (Holds::Flag, _) => {
                read::wrong(value, &what, "`true` or `false`", &mut self.notes);
                None
            }
            (Holds::Anything, Value::NumberLit(_)) => {
                read::number(value, &what, &mut self.notes).map(Scalar::Number)
            }
            (Holds::Anything, Value::StringLit(text)) => Some(Scalar::Text(text.value.to_string())),
            (holds, _) => {
                let text = read::text(value, &what, &mut self.notes)?;
                self.text_value(holds, name, &text.value, value.start()).map(Scalar::Text)
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
                let sentence = format!("{} is no channel; there are {}", quote(text), one_of(channels()));
                self.notes.error_like(at, "unknown_channel", did_you_mean(sentence, text, channels()));
                None
            }
            Holds::Device => {
                let devices = ["mobile", "desktop"];
                if devices.contains(&text) {
                    return Some(text.into());
                }
                let sentence = format!("{} is no device; there are {}", quote(text), one_of(devices));
                self.notes.error_like(at, "bad_value", did_you_mean(sentence, text, devices));
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
        let sentence = if text.contains('*') {
            format!("{what} is one exact path; patterns with `*` belong into `$path`")
        } else {
            format!(
                "{what} is {}, but must be a path such as `/cart`: it begins with `/`, does not end with it, and has no `?` and no `#`",
                quote(text)
            )
        };
        let suggestion = (!text.contains('*') && text.starts_with('/')).then_some(path);
        let message = match &suggestion {
            Some(path) => format!("{sentence}; did you mean {}?", quote(path)),
            None => sentence,
        };
        self.notes.error_like(at, "bad_path", (message, suggestion));
        None
    }
}
