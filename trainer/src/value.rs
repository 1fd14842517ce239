//! A value in an events log, as JSON writes it and the engine keeps it. Never
//! deeper than the engine's own: what lies deeper is null.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use vitrine_engine::text::clip;
use vitrine_engine::value::{DEPTH_LIMIT, TEXT_LIMIT, Value};

/// A value of any shape, its objects in their own order.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree(pub Value);

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let value = input.deserialize_any(Reader)?;
        Ok(Tree(shallow(value, DEPTH_LIMIT)))
    }
}

/// As deep as `serde_json` goes, which is 128.
struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, out: &mut core::fmt::Formatter) -> core::fmt::Result {
        out.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Number(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value as f64))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value as f64))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::text(clip(text, TEXT_LIMIT)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Inner(value)) = list.next_element()? {
            values.push(value);
        }
        Ok(Value::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut fields: Vec<(String, Value)> = Vec::new();
        while let Some((name, Inner(value))) = object.next_entry::<String, Inner>()? {
            fields.push((name, value));
        }
        Ok(Value::object(fields))
    }
}

struct Inner(Value);

impl<'de> Deserialize<'de> for Inner {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(Reader).map(Inner)
    }
}

fn shallow(value: Value, depth: usize) -> Value {
    match value {
        Value::List(_) | Value::Object(_) if depth == 0 => Value::Null,
        Value::List(list) => Value::List(list.into_iter().map(|value| shallow(value, depth - 1)).collect()),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, value)| (name, shallow(value, depth - 1))).collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Value {
        serde_json::from_str::<Tree>(json).unwrap().0
    }

    #[test]
    fn objects_keep_javascripts_order_and_the_last_of_equal_names() {
        let value = read(r#"{"b":1,"10":2,"a":3,"9":4,"b":5,"01":6}"#);
        let Value::Object(fields) = value else { panic!("an object") };
        let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["9", "10", "b", "a", "01"]);
        assert_eq!(fields[2].1, Value::Number(5.0));
    }

    #[test]
    fn what_lies_too_deep_is_null() {
        let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
        assert!(read(&deep).is_small());
        assert_eq!(read("[[[[[[[[1]]]]]]]]").at("0.0.0.0.0.0.0.0"), Value::Number(1.0));
    }
}
