//! How conditions combine, of a visitor and of an entry of a list. Never
//! leaves a part out: one part that cannot be read makes the whole unreadable,
//! so that no condition is ever wider than it was written.

use jsonc_parser::ast::Value;
use jsonc_parser::common::{Range, Ranged};
use vitrine_engine::attribute::{Attribute, NAMES};
use vitrine_engine::compare::Compare;
use vitrine_engine::event::WORD_LIMIT;
use vitrine_engine::node::NodeId;
use vitrine_engine::text::fold;
use vitrine_engine::value::Value as Known;

use crate::desk::Desk;
use crate::formula::{Formula, Scope};
use crate::literal::entries;
use crate::notes::{did_you_mean, quote};
use crate::operator::About;
use crate::read;
use crate::said::Speak;
use crate::words::{self, Holds};

/// What stands before the name of a price band.
const PRICE: &str = "interest.price.";

/// One field of a condition.
struct Clause<'t, 'a> {
    name: String,
    range: Range,
    value: &'t Value<'a>,
}

impl Desk<'_> {
    /// A condition of a visitor: an object, all of whose clauses must hold.
    pub fn condition(&mut self, value: &Value, what: impl Speak) -> Option<NodeId> {
        self.part(value, &what, Scope::Visitor)?.of_visitor(&mut self.table)
    }

    /// A condition as a formula; what a visitor must meet stands in the plan's
    /// table already.
    pub(crate) fn part(&mut self, value: &Value, what: &dyn Speak, scope: Scope) -> Option<Formula> {
        if let (true, Value::StringLit(text)) = (self.lenient, value) {
            return self.settle(value.range(), spelled(&text.value), scope);
        }
        let clauses = self.clauses(value, what)?;
        let parts = read::all(clauses.into_iter().map(|clause| {
            let range = clause.range;
            let part = self.clause(clause, scope)?;
            self.settle(range, part, scope)
        }))?;
        self.settle(value.range(), Formula::All(parts), scope)
    }

    /// Puts a visitor's condition into the plan's table.
    fn settle(&mut self, range: Range, formula: Formula, scope: Scope) -> Option<Formula> {
        match scope {
            Scope::Entry => Some(formula),
            Scope::Visitor => {
                let node = formula.of_visitor(&mut self.table);
                self.mark(range, node).map(Formula::Known)
            }
        }
    }

    fn clauses<'t, 'a>(&mut self, value: &'t Value<'a>, what: &dyn Speak) -> Option<Vec<Clause<'t, 'a>>> {
        let object = match value {
            Value::Object(object) => object,
            // What JavaScript's evaluator makes of it: a number has no fields
            // that could fail, a list has its entries by their places.
            Value::NumberLit(_) | Value::BooleanLit(_) if self.lenient => return Some(Vec::new()),
            Value::Array(list) if self.lenient => {
                let clause = |(at, value): (usize, &'t Value<'a>)| Clause {
                    name: at.to_string(),
                    range: value.range(),
                    value,
                };
                return Some(list.elements.iter().enumerate().map(clause).collect());
            }
            _ => {
                read::object(value, what, &mut self.notes);
                return None;
            }
        };
        if object.properties.is_empty() && !self.lenient {
            let said = say!(
                en: "{what} is an empty condition, which would be true of everybody; leave it out",
                ko: "{what:이<} 빈 조건이라 모든 방문자에게 참이 됩니다. 조건을 빼세요",
                what,
            );
            self.notes.error(value.start(), "empty", said);
            return None;
        }
        let clause = |(name, field): (String, &'t jsonc_parser::ast::ObjectProp<'a>)| Clause {
            name,
            range: field.range,
            value: &field.value,
        };
        Some(entries(object).into_iter().map(clause).collect())
    }

    fn clause(&mut self, clause: Clause, scope: Scope) -> Option<Formula> {
        let Clause { name, range, value } = clause;
        match name.as_str() {
            "$and" => Some(Formula::All(self.parts(&name, value, scope)?)),
            "$or" | "$nor" => {
                let parts = self.parts(&name, value, scope)?;
                // Of nobody asked, nobody failed: as the evaluator has it.
                let any = if parts.is_empty() { Formula::ALWAYS } else { Formula::Any(parts) };
                Some(if name == "$or" { any } else { any.not() })
            }
            "$not" => Some(self.part(value, &quote(&name), scope)?.not()),
            "$savedGroup" => self.saved_group(value, scope),
            _ if self.lenient => self.attribute_clause(&name, range, value, scope),
            "$segment" | "$did" | "$sequence" | "$path" if scope == Scope::Entry => {
                let said = say!(
                    en: "{name} asks about the visitor and cannot stand inside a list's entry",
                    ko: "{name:은<} 방문자에 대해 묻는 말이라 목록의 항목 안에 쓸 수 없습니다",
                    name = quote(&name),
                );
                self.notes.error(range.start, "unknown_field", said);
                None
            }
            "$segment" => self.segment(value).map(Formula::Known),
            "$did" => self.did(value).map(Formula::Known),
            "$sequence" => self.sequence(value).map(Formula::Known),
            "$path" => self.path(value).map(Formula::Known),
            _ if name.starts_with('$') && !self.is_declared(&name) => {
                self.unknown_operator(&name, range.start, words::COMBINERS);
                None
            }
            _ => self.attribute_clause(&name, range, value, scope),
        }
    }

    fn parts(&mut self, name: &str, value: &Value, scope: Scope) -> Option<Vec<Formula>> {
        let list = match value {
            Value::Array(list) => &list.elements,
            Value::StringLit(text) if self.lenient => {
                return Some(text.value.chars().map(|c| spelled(c.encode_utf8(&mut [0; 4]))).collect());
            }
            // JavaScript finds no length, and so no entry, in what is no list.
            Value::NumberLit(_) | Value::BooleanLit(_) | Value::Object(_) if self.lenient => {
                return Some(Vec::new());
            }
            _ => {
                read::list(value, quote(name), &mut self.notes);
                return None;
            }
        };
        let what = quote(name);
        read::all(list.iter().map(|part| self.part(part, &what, scope)))
    }

    /// One attribute, or one field of an entry, and what it is compared with.
    fn attribute_clause(&mut self, name: &str, range: Range, value: &Value, scope: Scope) -> Option<Formula> {
        let holds = match scope {
            Scope::Visitor if !self.lenient => words::holds(&self.attribute(name, range.start)?),
            _ => Holds::Anything,
        };
        let formula = self.comparison(value, About { name, holds })?;
        Some(Formula::At(name.into(), Box::new(formula)))
    }

    /// The attribute of a name; one that nobody knows is noted as a warning,
    /// since the site may set it.
    pub fn attribute(&mut self, name: &str, at: usize) -> Option<Attribute> {
        if NAMES.contains(&name) && name.ends_with('.') {
            let said = say!(
                en: "{name} needs a name behind its dot", ko: "{name:은<} 점 뒤에 이름이 있어야 합니다",
                name = quote(name),
            );
            self.notes.error(at, "bad_value", said);
            return None;
        }
        if name.is_empty() || name.len() > WORD_LIMIT {
            let said = say!(
                en: "{name} cannot be an attribute: its name has 1 to {most} bytes",
                ko: "{name:은<} 속성이 될 수 없습니다. 속성 이름은 1바이트에서 {most}바이트까지입니다",
                name = quote(name), most = WORD_LIMIT,
            );
            self.notes.error(at, "bad_id", said);
            return None;
        }
        let attribute = Attribute::parse(name);
        if matches!(attribute, Attribute::Custom(_)) && !self.is_declared(name) {
            let known = words::attribute_names(name, self.declared.iter().map(String::as_str));
            let said = say!(
                en: "unknown attribute {name}", ko: "{name:은<} 알 수 없는 속성입니다", name = quote(name)
            );
            let (said, suggestion) = did_you_mean(said, name, known.iter().map(String::as_str));
            let stop = if suggestion.is_some() { "" } else { "." };
            let said = say!(
                en: "{said}{stop} If your shop sets it, declare it under `attributes`",
                ko: "{said}{stop} 사이트가 정하는 속성이라면 `attributes`에 선언하세요",
                said, stop,
            );
            self.notes.warn_like(at, "unknown_attribute", (said, suggestion));
        }
        if let (Attribute::InterestPrice(_), Some(band)) = (&attribute, name.strip_prefix(PRICE)) {
            self.price_band(band, at);
        }
        Some(attribute)
    }

    /// Interest in a price band that the file does not name is always 0.
    fn price_band(&mut self, band: &str, at: usize) {
        if self.bands.contains(&fold(band)) {
            return;
        }
        let said = say!(
            en: "there is no price band {band} under `priceBands`",
            ko: "`priceBands`에 가격대 {band:이<} 없습니다",
            band = quote(band),
        );
        let names: Vec<String> = self.bands.iter().map(|known| format!("{PRICE}{known}")).collect();
        let said = did_you_mean(said, &format!("{PRICE}{band}"), names.iter().map(String::as_str));
        self.notes.warn_like(at, "unknown_attribute", said);
    }

    /// Whether the file declares an attribute, or one that this is a part of.
    fn is_declared(&self, name: &str) -> bool {
        let dots = name.match_indices('.').filter_map(|(at, _)| name.get(..at));
        dots.chain([name]).any(|name| self.declared.contains(name))
    }
}

/// A text where a condition belongs, as JavaScript's evaluator reads it: an
/// object of its letters by their places.
fn spelled(text: &str) -> Formula {
    let letter = |(at, unit): (usize, u16)| {
        let letter = char::from_u32(unit.into()).map(|c| Known::Text(c.into()));
        let is = letter.map_or(Formula::NEVER, |letter| Formula::Test(Compare::Is(letter)));
        Formula::At(at.to_string(), Box::new(is))
    };
    Formula::All(text.encode_utf16().enumerate().map(letter).collect())
}
