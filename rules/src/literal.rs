//! A JSON value as the engine keeps it. Never judges whether it fits.

use jsonc_parser::ast;
use vitrine_engine::value::{Value, in_order};

/// The value. A number too large to count with is infinite, as in JavaScript.
pub(crate) fn literal(value: &ast::Value) -> Value {
    match value {
        ast::Value::NullKeyword(_) => Value::Null,
        ast::Value::BooleanLit(flag) => Value::Bool(flag.value),
        ast::Value::NumberLit(number) => Value::Number(number.value.parse().unwrap_or_default()),
        ast::Value::StringLit(text) => Value::text(&text.value),
        ast::Value::Array(list) => Value::List(list.elements.iter().map(literal).collect()),
        ast::Value::Object(object) => Value::object(
            object
                .properties
                .iter()
                .map(|field| (field.name.as_str().into(), literal(&field.value)))
                .collect(),
        ),
    }
}

/// A single value: no list and no object.
pub(crate) fn single(value: &ast::Value) -> Option<Value> {
    match value {
        ast::Value::Array(_) | ast::Value::Object(_) => None,
        single => Some(literal(single)),
    }
}

/// An object's fields, in JavaScript's order.
pub(crate) fn entries<'t, 'a>(object: &'t ast::Object<'a>) -> Vec<(String, &'t ast::ObjectProp<'a>)> {
    in_order(object.properties.iter().map(|field| (field.name.as_str().into(), field)).collect())
}

/// Values of which one is enough: in one order, each once, so that two lists of
/// the same values are one condition.
pub(crate) fn set(mut values: Vec<Value>) -> Vec<Value> {
    values.sort_by(|one, other| match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.total_cmp(other),
        (Value::Text(one), Value::Text(other)) => one.cmp(other),
        (one, other) => one.kind().cmp(other.kind()),
    });
    values.dedup();
    values
}
