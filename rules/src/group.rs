//! Saved groups: lists of values, or conditions, by name. Never leaves a name
//! unresolved: a plan holds what a group holds, and no groups.

use jsonc_parser::ast::{ObjectProp, Value};
use jsonc_parser::common::Ranged;
use vitrine_engine::compare::Compare;
use vitrine_engine::value::Value as Known;

use crate::desk::{Desk, Group};
use crate::formula::{Formula, Scope};
use crate::literal::{entries, literal, set, single};
use crate::notes::{did_you_mean, quote};
use crate::read::{self, Fields};
use crate::words;

/// Groups of one file.
const GROUP_LIMIT: usize = 500;
/// Values of one group: a device looks through them all.
const VALUE_LIMIT: usize = 5_000;
/// The longest name of a group, in bytes.
const NAME_BYTES: usize = 100;

impl<'a> Desk<'a> {
    /// The groups that a rule file declares.
    pub fn declare_groups(&mut self, value: &Value<'a>) {
        let Some(object) = read::object(value, "`groups`", &mut self.notes) else { return };
        if object.properties.len() > GROUP_LIMIT {
            let said = say!(
                en: "there are more than {most} groups", ko: "그룹이 {most}개가 넘습니다", most = GROUP_LIMIT
            );
            self.notes.error(value.start(), "limit", said);
            return;
        }
        for property in &object.properties {
            let name = property.name.as_str();
            if name.is_empty() || name.len() > NAME_BYTES {
                let said = say!(
                    en: "a group's name has 1 to {most} bytes", ko: "그룹 이름은 1바이트에서 {most}바이트까지입니다",
                    most = NAME_BYTES,
                );
                self.notes.error(property.range.start, "bad_id", said);
            }
            let group = self.group(name, &property.value).unwrap_or(Group::Unreadable);
            self.groups.insert(name.into(), group);
        }
    }

    fn group(&mut self, name: &str, value: &Value<'a>) -> Option<Group<'a>> {
        let what = say!(en: "group {name}", ko: "그룹 {name}", name = quote(name));
        if let Value::Array(list) = value {
            return self.values(&list.elements, value.start()).map(Group::Values);
        }
        let fields = Fields::of(value, &what, words::GROUP, &mut self.notes)?;
        let kind = fields.need("type", &what, &mut self.notes)?;
        match read::word(kind, "`type`", &["list", "condition"], &mut self.notes)? {
            "list" => {
                let attribute = self.attribute_key(&fields)?;
                let values = fields.need("values", &what, &mut self.notes)?;
                let list = values.as_array().map(|list| list.elements.as_slice());
                if list.is_none() {
                    read::list(values, "`values`", &mut self.notes);
                }
                self.values(list?, values.start()).map(|values| Group::List(attribute, values))
            }
            _ => fields.need("condition", &what, &mut self.notes).cloned().map(Group::Condition),
        }
    }

    /// The attribute whose values a group holds, where it is said.
    fn attribute_key(&mut self, fields: &Fields) -> Option<Option<String>> {
        fields.get_or("attributeKey", None, |key| {
            Some(Some(read::text(key, "`attributeKey`", &mut self.notes)?.value.to_string()))
        })
    }

    fn values(&mut self, list: &[Value], at: usize) -> Option<Vec<Known>> {
        if list.len() > VALUE_LIMIT {
            let said = say!(
                en: "a device looks through at most {most} values of a group, not {count}",
                ko: "기기가 살펴보는 그룹의 값은 {most}개까지인데 {count}개입니다",
                most = VALUE_LIMIT, count = list.len(),
            );
            self.notes.error(at, "limit", said);
            return None;
        }
        read::all(list.iter().map(|entry| {
            let value = single(entry);
            if value.is_none() {
                let wanted = say!(en: "a text or a number", ko: "글이나 숫자");
                let what = say!(en: "a value of a group", ko: "그룹의 값");
                read::wrong(entry, what, wanted, &mut self.notes);
            }
            value
        }))
    }

    /// Groups as GrowthBook's evaluator is given them; the odd are unreadable.
    pub fn given_groups(&mut self, value: &Value<'a>) {
        let Value::Object(object) = value else { return };
        for (name, field) in entries(object) {
            let group = given(&field.value).unwrap_or(Group::Unreadable);
            self.groups.insert(name, group);
        }
    }

    /// `$inGroup` and `$notInGroup`.
    pub fn in_group(&mut self, clause: &ObjectProp) -> Option<Formula> {
        let (name, value) = (clause.name.as_str(), &clause.value);
        let id = match value {
            _ if self.lenient => literal(value).to_text(),
            _ => read::text(value, quote(name), &mut self.notes)?.value.to_string(),
        };
        let values = match self.groups.get(&id) {
            Some(Group::Values(values) | Group::List(_, values)) => values.clone(),
            None if self.lenient => Vec::new(),
            Some(_) if self.lenient => return Some(Formula::NEVER),
            // What is wrong with it was noted where it stands.
            Some(Group::Unreadable) => return None,
            Some(Group::Condition(_)) => {
                let said = say!(
                    en: "the group {id} is a condition; write {example} beside the attributes",
                    ko: "그룹 {id:은<} 조건입니다. 속성 옆에 {example:을<} 쓰세요",
                    id = quote(&id), example = format!("`\"$savedGroup\": {{ \"id\": \"{id}\" }}`"),
                );
                self.notes.error(value.start(), "wrong_type", said);
                return None;
            }
            None => return self.unknown_group(&id, value.start()),
        };
        let values = set(values);
        Some(Formula::Test(if name == "$inGroup" { Compare::In(values) } else { Compare::Nin(values) }))
    }

    /// `$savedGroup`: whoever is in a group of values of one attribute, or
    /// meets a group's condition.
    pub fn saved_group(&mut self, value: &Value, scope: Scope) -> Option<Formula> {
        let (id, key) = if self.lenient {
            let Some(given) = given_reference(value) else { return Some(Formula::NEVER) };
            given
        } else {
            let fields = Fields::of(value, "`$savedGroup`", words::SAVED_GROUP, &mut self.notes)?;
            let id = fields.need("id", "`$savedGroup`", &mut self.notes)?;
            let id = read::text(id, "`id`", &mut self.notes)?.value.to_string();
            (id, self.attribute_key(&fields)?)
        };
        match self.groups.get(&id).cloned() {
            Some(Group::Condition(condition)) => self.group_condition(id, &condition, scope),
            Some(Group::List(own, values)) if key.is_some() || own.is_some() => {
                let name = key.or(own).unwrap_or_default();
                if !self.lenient && scope == Scope::Visitor {
                    self.attribute(&name, value.start())?;
                }
                Some(Formula::At(name, Box::new(Formula::Test(Compare::In(set(values))))))
            }
            _ if self.lenient => Some(Formula::NEVER),
            Some(Group::Unreadable) => None,
            Some(_) => {
                let said = say!(
                    en: "the group {id} does not say whose values it holds; write {example}",
                    ko: "그룹 {id}에는 어느 속성의 값인지 적혀 있지 않습니다. {example:을<} 쓰세요",
                    id = quote(&id), example = format!("`{{ \"$inGroup\": \"{id}\" }}`"),
                );
                self.notes.error(value.start(), "wrong_type", said);
                None
            }
            None => self.unknown_group(&id, value.start()),
        }
    }

    fn group_condition(&mut self, id: String, condition: &Value, scope: Scope) -> Option<Formula> {
        if self.open_groups.contains(&id) {
            if self.lenient {
                return Some(Formula::NEVER);
            }
            let said = say!(
                en: "the group {id} is defined by itself", ko: "그룹 {id:이<} 자기 자신으로 정의되어 있습니다",
                id = quote(&id),
            );
            self.notes.error(condition.start(), "segment_cycle", said);
            return None;
        }
        let what = say!(en: "group {id}", ko: "그룹 {id}", id = quote(&id));
        self.open_groups.push(id);
        let formula = match condition {
            Value::Object(_) | Value::Array(_) => self.part(condition, &what, scope),
            _ if self.lenient => Some(Formula::NEVER),
            _ => self.part(condition, &what, scope),
        };
        self.open_groups.pop();
        formula
    }

    fn unknown_group(&mut self, id: &str, at: usize) -> Option<Formula> {
        let said = say!(en: "there is no group {id}", ko: "그룹 {id:은<} 없습니다", id = quote(id));
        let said = did_you_mean(said, id, self.groups.keys().map(String::as_str));
        self.notes.error_like(at, "unknown_name", said);
        None
    }
}

/// A group as the evaluator reads it.
fn given<'a>(value: &Value<'a>) -> Option<Group<'a>> {
    let singles =
        |value: &Value| Some(value.as_array()?.elements.iter().filter_map(single).collect::<Vec<Known>>());
    if value.as_array().is_some() {
        return singles(value).map(Group::Values);
    }
    let fields = entries(value.as_object()?);
    let get = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, field)| &field.value);
    match get("type")?.as_string_lit()?.value.as_ref() {
        "list" => {
            let key = get("attributeKey").and_then(Value::as_string_lit).map(|key| key.value.to_string());
            Some(Group::List(key, singles(get("values")?)?))
        }
        "condition" => get("condition").cloned().map(Group::Condition),
        _ => None,
    }
}

/// A `$savedGroup`'s `id` and `attributeKey` as the evaluator reads them;
/// `None` where either is no text.
fn given_reference(value: &Value) -> Option<(String, Option<String>)> {
    let fields = entries(value.as_object()?);
    let text = |name: &str| match fields.iter().find(|(known, _)| known == name) {
        None => Some(None),
        Some((_, field)) => Some(Some(field.value.as_string_lit()?.value.to_string())),
    };
    Some((text("id")?.unwrap_or_default(), text("attributeKey")?))
}
