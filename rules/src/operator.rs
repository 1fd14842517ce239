//! How one value is compared: GrowthBook's operators. Never combines values.
//!
//! A rule file is read strictly: what could only be a mistake is said. `eval`
//! reads leniently, as GrowthBook's own evaluator does: an operator that cannot
//! be understood is false, whatever the value.

use jsonc_parser::ast::{ObjectProp, Value};
use jsonc_parser::common::Ranged;
use vitrine_engine::compare::{Compare, signs, version};
use vitrine_engine::text::lowered;
use vitrine_engine::value::{DEPTH_LIMIT, Value as Known};

use crate::desk::Desk;
use crate::formula::{Formula, Scope};
use crate::literal::{entries, literal, set, single};
use crate::notes::{did_you_mean, one_of, quote};
use crate::read;
use crate::regex::{self, Case};
use crate::source::inside;
use crate::words::{self, Holds};

/// Lines of one condition within a list: a device judges them for each entry.
const LINES_LIMIT: usize = 200;
/// `$elemMatch` and its like within each other.
const NESTING_LIMIT: u8 = 4;
/// What `$type` can say of what a site sets.
const TYPES: &[&str] = &["null", "boolean", "number", "string", "array", "object"];

/// What is compared: its name in sentences, and what it can hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct About<'t> {
    pub name: &'t str,
    pub holds: Holds,
}

impl Desk<'_> {
    /// What a value is compared with: a bare value or an object of operators.
    pub fn comparison(&mut self, value: &Value, about: About) -> Option<Formula> {
        let Value::Object(object) = value else { return self.bare(value, about) };
        let operators = entries(object);
        let count = operators.iter().filter(|(name, _)| name.starts_with('$')).count();
        if count == operators.len() && count > 0 {
            let parts = operators.iter().map(|(_, operator)| self.operator(operator, about));
            return read::all(parts).map(Formula::All);
        }
        if self.lenient {
            return Some(Formula::Test(Compare::Is(literal(value))));
        }
        let Some((_, first)) = operators.iter().find(|(name, _)| !name.starts_with('$')) else {
            let said = say!(
                en: "{what} is compared with nothing", ko: "{what:을<} 무엇과 비교할지 적지 않았습니다",
                what = quote(about.name),
            );
            self.notes.error(value.start(), "empty", said);
            return None;
        };
        let is_slip = count > 0
            || about.holds != Holds::Anything
            || operators.iter().all(|(name, _)| words::OPERATORS.contains(&format!("${name}").as_str()));
        if is_slip {
            self.unknown_operator(first.name.as_str(), first.range.start, words::OPERATORS);
            return None;
        }
        self.tree(value, about)
    }

    /// A bare value: alike after coercion to its type.
    fn bare(&mut self, value: &Value, about: About) -> Option<Formula> {
        if self.lenient {
            return Some(Formula::Test(Compare::Is(literal(value))));
        }
        match value {
            Value::Array(_) if about.holds == Holds::Anything => self.tree(value, about),
            Value::NullKeyword(_) => Some(Formula::Test(Compare::Is(Known::Null))),
            _ if about.holds == Holds::List => {
                let said = say!(
                    en: "{what} is a list; write {example}", ko: "{what:은<} 목록입니다. {example}처럼 쓰세요",
                    what = quote(about.name), example = "`{ \"$in\": [ … ] }`",
                );
                self.notes.error(value.start(), "wrong_type", said);
                None
            }
            _ => {
                let want = self.scalar(value, about)?;
                // What the device knows itself has one type, so nothing is coerced.
                let is_own = about.holds != Holds::Anything;
                Some(Formula::Test(if is_own { Compare::Eq(want) } else { Compare::Is(want) }))
            }
        }
    }

    /// A whole list or object to be alike to the last part.
    fn tree(&mut self, value: &Value, about: About) -> Option<Formula> {
        let tree = literal(value);
        if !tree.is_small() {
            let said = say!(
                en: "{what} is compared with more than a device keeps of one attribute: {depth} levels and 4 kB",
                ko: "{what:을<} 기기가 한 속성에 담을 수 있는 것({depth}단계, 4 kB)보다 큰 값과 비교합니다",
                what = quote(about.name), depth = DEPTH_LIMIT,
            );
            self.notes.error(value.start(), "limit", said);
            return None;
        }
        Some(Formula::Test(Compare::Is(tree)))
    }

    fn operator(&mut self, clause: &ObjectProp, about: About) -> Option<Formula> {
        let (name, value) = (clause.name.as_str(), &clause.value);
        if !self.lenient && !self.suits(clause, about) {
            return None;
        }
        let test = |compare| Some(Formula::Test(compare));
        match name {
            "$eq" => self
                .strictly(value, about)
                .map(|want| want.map_or(Formula::NEVER, |want| Formula::Test(Compare::Eq(want)))),
            "$ne" => self
                .strictly(value, about)
                .map(|want| want.map_or(Formula::ALWAYS, |want| Formula::Test(Compare::Ne(want)))),
            "$lt" => test(Compare::Lt(self.threshold(clause, about)?)),
            "$lte" => test(Compare::Lte(self.threshold(clause, about)?)),
            "$gt" => test(Compare::Gt(self.threshold(clause, about)?)),
            "$gte" => test(Compare::Gte(self.threshold(clause, about)?)),
            "$in" | "$nin" | "$ini" | "$nini" => self.among(clause, about),
            "$inGroup" | "$notInGroup" => self.in_group(clause),
            "$exists" if self.lenient => test(Compare::Exists(literal(value).is_truthy())),
            "$exists" => test(Compare::Exists(read::flag(value, quote(name), &mut self.notes)?)),
            "$type" => self.kind_of_value(value),
            "$not" => Some(self.comparison(value, about)?.not()),
            "$size" => self.size(value, about),
            "$elemMatch" => self.entry(value, about),
            "$all" | "$alli" => self.every(clause, about),
            "$regex" | "$regexi" => self.fitting(clause),
            "$notRegex" | "$notRegexi" => Some(self.fitting(clause)?.not()),
            "$veq" | "$vne" | "$vlt" | "$vlte" | "$vgt" | "$vgte" => self.versions(clause),
            _ if self.lenient => Some(Formula::NEVER),
            _ => {
                self.unknown_comparison(name, clause.range.start);
                None
            }
        }
    }

    /// What `$eq` and `$ne` compare with; `Some(None)` is what nothing equals.
    fn strictly(&mut self, value: &Value, about: About) -> Option<Option<Known>> {
        if self.lenient { Some(single(value)) } else { self.scalar(value, about).map(Some) }
    }

    fn among(&mut self, clause: &ObjectProp, about: About) -> Option<Formula> {
        let (name, value) = (clause.name.as_str(), &clause.value);
        let values = if self.lenient {
            let Value::Array(list) = value else { return Some(Formula::NEVER) };
            list.elements.iter().filter_map(single).collect()
        } else {
            read::all(self.list_of(clause)?.iter().map(|entry| self.scalar(entry, about)))?
        };
        let small = |values: Vec<Known>| {
            values
                .into_iter()
                .map(|value| match value {
                    Known::Text(text) => Known::Text(lowered(&text)),
                    other => other,
                })
                .collect()
        };
        Some(Formula::Test(match name {
            "$in" => Compare::In(set(values)),
            "$nin" => Compare::Nin(set(values)),
            "$ini" => Compare::Ini(set(small(values))),
            _ => Compare::Nini(set(small(values))),
        }))
    }

    /// The values of an operator. That there are none is the linter's to say; what
    /// asks for nothing of a list, nobody else would notice.
    fn list_of<'t, 'v>(&mut self, clause: &'t ObjectProp<'v>) -> Option<&'t [Value<'v>]> {
        let name = clause.name.as_str();
        let Value::Array(list) = &clause.value else {
            return read::list(&clause.value, quote(name), &mut self.notes);
        };
        if list.elements.is_empty() && name.starts_with("$all") {
            let said = say!(
                en: "{name} is an empty list, so that this asks for nothing",
                ko: "{name:이<} 빈 목록이라 아무것도 묻지 않습니다",
                name = quote(name),
            );
            self.notes.warn(clause.value.start(), "empty", said);
        }
        Some(&list.elements)
    }

    fn kind_of_value(&mut self, value: &Value) -> Option<Formula> {
        let kind = match value {
            _ if !self.lenient => read::word(value, "`$type`", TYPES, &mut self.notes)?,
            Value::StringLit(text) => &text.value,
            _ => return Some(Formula::NEVER),
        };
        Some(Formula::Test(Compare::Type(kind.into())))
    }

    /// `$size`: how many entries a list has.
    fn size(&mut self, value: &Value, about: About) -> Option<Formula> {
        let length = About { name: about.name, holds: Holds::Number(0.0, f64::MAX) };
        let formula = self.comparison(value, length)?;
        let parts = Formula::At("length".into(), Box::new(formula)).of_value();
        Some(Formula::All(vec![
            Formula::Test(Compare::Type("array".into())),
            Formula::Test(Compare::Whole(parts)),
        ]))
    }

    /// `$elemMatch`: some entry of a list fits.
    fn entry(&mut self, value: &Value, about: About) -> Option<Formula> {
        if self.lenient && matches!(value, Value::NullKeyword(_)) {
            return Some(Formula::NEVER);
        }
        let is_condition = match value {
            Value::Object(object) => {
                object.properties.is_empty()
                    || object.properties.iter().any(|field| !field.name.as_str().starts_with('$'))
            }
            _ => true,
        };
        let formula = self.within(value.start(), |desk| match is_condition {
            true => desk.part(value, &quote("$elemMatch"), Scope::Entry),
            false => desk.comparison(value, About { name: about.name, holds: Holds::Anything }),
        })?;
        let present = Formula::Test(Compare::Exists(true));
        self.some(Formula::All(vec![present, formula]), value.start())
    }

    /// `$all`: each of these is alike to some entry of a list.
    fn every(&mut self, clause: &ObjectProp, about: About) -> Option<Formula> {
        let (name, value) = (clause.name.as_str(), &clause.value);
        let list = match value {
            Value::Array(list) if self.lenient => list.elements.as_slice(),
            _ if self.lenient => return Some(Formula::NEVER),
            _ => self.list_of(clause)?,
        };
        let entry = About { name: about.name, holds: Holds::Anything };
        let mut parts = vec![Some(Formula::Test(Compare::Type("array".into())))];
        for wanted in list {
            let formula = match wanted {
                Value::StringLit(text) if name == "$alli" => {
                    Some(Formula::Test(Compare::Alike(lowered(&text.value))))
                }
                _ => self.within(wanted.start(), |desk| desk.comparison(wanted, entry)),
            };
            parts.push(formula.and_then(|formula| self.some(formula, wanted.start())));
        }
        Some(Formula::All(parts.into_iter().collect::<Option<_>>()?))
    }

    /// Some entry of a list meets a condition.
    fn some(&mut self, formula: Formula, at: usize) -> Option<Formula> {
        if !self.lenient && formula.size() > LINES_LIMIT {
            let said = say!(
                en: "this asks more than {most} questions of each entry",
                ko: "목록의 항목마다 {most}가지가 넘게 묻습니다",
                most = LINES_LIMIT,
            );
            self.notes.error(at, "limit", said);
            return None;
        }
        Some(Formula::Test(Compare::Some(formula.of_value())))
    }

    /// Reads what is asked of an entry of a list.
    fn within<T>(&mut self, at: usize, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if !self.lenient && self.nesting >= NESTING_LIMIT {
            let said = say!(
                en: "lists within lists are asked about {most} deep at most",
                ko: "목록 안의 목록은 {most}단계까지만 물을 수 있습니다",
                most = u32::from(NESTING_LIMIT),
            );
            self.notes.error(at, "limit", said);
            return None;
        }
        self.nesting += 1;
        let found = read(self);
        self.nesting -= 1;
        found
    }

    fn fitting(&mut self, clause: &ObjectProp) -> Option<Formula> {
        let (name, value) = (clause.name.as_str(), &clause.value);
        let text = match value {
            Value::StringLit(text) => text,
            _ if self.lenient => return Some(Formula::NEVER),
            _ => {
                read::text(value, quote(name), &mut self.notes);
                return None;
            }
        };
        let case = if name.ends_with("xi") { Case::Insensitive } else { Case::Sensitive };
        match regex::compile(&text.value, case) {
            Ok(pattern) => Some(Formula::Test(Compare::Matches(pattern))),
            Err(_) if self.lenient => Some(Formula::NEVER),
            Err(refusal) => {
                let at = inside(text, self.text, refusal.at);
                self.notes.error(at, "bad_pattern", refusal.of(&text.value));
                None
            }
        }
    }

    fn versions(&mut self, clause: &ObjectProp) -> Option<Formula> {
        let (name, value) = (clause.name.as_str(), &clause.value);
        let says_something = match value {
            Value::StringLit(text) => text.value.bytes().any(|byte| byte.is_ascii_digit()),
            Value::NumberLit(_) => true,
            _ => false,
        };
        if !self.lenient && !says_something {
            let wanted = say!(en: "a version such as `\"2.10.0\"`", ko: "`\"2.10.0\"` 같은 버전");
            read::wrong(value, quote(name), wanted, &mut self.notes);
            return None;
        }
        let allowed = match name {
            "$veq" => signs::EQUAL,
            "$vne" => signs::OTHER,
            "$vlt" => signs::LESS,
            "$vlte" => signs::AT_MOST,
            "$vgt" => signs::GREATER,
            _ => signs::AT_LEAST,
        };
        Some(Formula::Test(Compare::Version(allowed, version(&literal(value)))))
    }

    /// Notes an operator that cannot stand inside an attribute.
    fn unknown_comparison(&mut self, name: &str, at: usize) {
        if words::COMBINERS.contains(&name) {
            let said = say!(
                en: "{name} combines whole conditions and cannot stand inside an attribute",
                ko: "{name:은<} 조건 전체를 묶는 말이라 속성 안에 쓸 수 없습니다",
                name = quote(name),
            );
            self.notes.error(at, "unknown_field", said);
        } else {
            self.unknown_operator(name, at, words::OPERATORS);
        }
    }

    /// Notes a word that is none of those that may stand here.
    pub fn unknown_operator(&mut self, name: &str, at: usize, known: &[&str]) {
        let said = if words::OPERATORS.contains(&name) {
            let example = format!("`\"visits\": {{ \"{name}\": … }}`");
            let said = say!(
                en: "{name} compares an attribute, as in {example}",
                ko: "{name:은<} 속성을 비교하는 말입니다. {example}처럼 쓰세요",
                name = quote(name), example,
            );
            (said, None)
        } else {
            let said = say!(
                en: "unknown operator {name}", ko: "{name:라<}는 연산자는 없습니다", name = quote(name)
            );
            let (said, suggestion) = did_you_mean(said, name, known.iter().copied());
            let said = match suggestion {
                Some(_) => said,
                None => say!(
                    en: "{said}; here may stand {choice}", ko: "{said}. 여기에 쓸 수 있는 것: {choice}",
                    said, choice = one_of(known.iter().copied()),
                ),
            };
            (said, suggestion)
        };
        self.notes.error_like(at, "unknown_field", said);
    }
}
