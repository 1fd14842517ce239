//! The JSON Schema and the compiler speak one language: every field, operator
//! and word of the one stands in the other.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::BTreeSet;

use serde_json::Value;
use vitrine_engine::attribute::NAMES;
use vitrine_rules::words::{COMBINERS, EVENTS, FIELDS, FILTERS, KINDS, OPERATORS, OVERLAYS, WEEKDAYS};

fn schema() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../www/vitrine.schema.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn keys(object: &Value) -> BTreeSet<&str> {
    object.as_object().map(|object| object.keys().map(String::as_str).collect()).unwrap_or_default()
}

fn words(list: &Value) -> BTreeSet<&str> {
    list.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect()
}

fn set<'a>(list: &[&'a str]) -> BTreeSet<&'a str> {
    list.iter().copied().collect()
}

#[test]
fn no_name_stands_twice_in_the_schema() {
    fn walk(value: &jsonc_parser::ast::Value) {
        match value {
            jsonc_parser::ast::Value::Object(object) => {
                let mut known = BTreeSet::new();
                for property in &object.properties {
                    assert!(known.insert(property.name.as_str().to_string()), "{}", property.name.as_str());
                    walk(&property.value);
                }
            }
            jsonc_parser::ast::Value::Array(list) => list.elements.iter().for_each(walk),
            _ => {}
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../www/vitrine.schema.json");
    let text = std::fs::read_to_string(path).unwrap();
    let parsed = jsonc_parser::parse_to_ast(&text, &Default::default(), &Default::default()).unwrap();
    walk(&parsed.value.unwrap());
}

#[test]
fn every_field_stands_in_the_schema_and_no_other() {
    let schema = schema();
    for (name, fields) in FIELDS {
        let object = if *name == "rules" { &schema } else { &schema["$defs"][name] };
        assert_eq!(keys(&object["properties"]), set(fields), "{name}");
        assert_eq!(object["additionalProperties"], false, "{name} lets unknown fields pass");
    }
}

#[test]
fn every_field_is_described_to_whoever_writes_in_an_editor() {
    let schema = schema();
    let is_described = |field: &Value| {
        let target = field.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix("#/$defs/"));
        field.get("description").is_some()
            || target.is_some_and(|name| schema["$defs"][name].get("description").is_some())
    };
    for (name, _) in FIELDS {
        let object = if *name == "rules" { &schema } else { &schema["$defs"][name] };
        for (field, value) in object["properties"].as_object().unwrap() {
            assert!(is_described(value), "`{field}` of {name}");
        }
    }
}

#[test]
fn every_object_of_the_schema_is_one_that_the_compiler_reads() {
    let known: BTreeSet<&str> =
        FIELDS.iter().map(|(name, _)| *name).chain(["condition", "operators"]).collect();
    for (name, definition) in schema()["$defs"].as_object().unwrap() {
        if definition.get("properties").is_some() {
            assert!(known.contains(name.as_str()), "{name}");
        }
    }
}

#[test]
fn every_attribute_and_operator_stands_in_the_schema_and_no_other() {
    let schema = schema();
    let condition = &schema["$defs"]["condition"];
    let whole = NAMES.iter().filter(|name| !name.ends_with('.')).copied();
    assert_eq!(keys(&condition["properties"]), whole.chain(COMBINERS.iter().copied()).collect());
    assert_eq!(words(&schema["$defs"]["operator"]["enum"]), set(OPERATORS));
    let slips = words(&schema["$defs"]["tree"]["not"]["propertyNames"]["enum"]);
    assert_eq!(slips, OPERATORS.iter().filter_map(|name| name.strip_prefix('$')).collect());
    let declared = &schema["properties"]["attributes"]["items"]["not"]["anyOf"][0]["enum"];
    assert_eq!(words(declared), NAMES.iter().filter(|name| !name.ends_with('.')).copied().collect());
    let open: BTreeSet<String> = NAMES
        .iter()
        .filter(|name| name.ends_with('.'))
        .map(|name| format!("^{}.", name.replace('.', "\\.")))
        .collect();
    assert_eq!(keys(&condition["patternProperties"]), open.iter().map(String::as_str).collect());
    assert_eq!(keys(&schema["$defs"]["operators"]["properties"]), set(OPERATORS));
}

#[test]
fn every_word_of_a_choice_stands_in_the_schema_and_no_other() {
    let defs = &schema()["$defs"];
    assert_eq!(words(&defs["knownEvent"]["enum"]), set(EVENTS));
    assert_eq!(words(&defs["filters"]["enum"]), set(FILTERS));
    assert_eq!(words(&defs["message"]["properties"]["kind"]["enum"]), set(KINDS));
    let capped = keys(&defs["sitePace"]["properties"]);
    assert_eq!(capped, set(KINDS).into_iter().chain(["all"]).collect());
    assert_eq!(words(&defs["campaign"]["properties"]["slot"]["anyOf"][0]["enum"]), set(OVERLAYS));
    assert_eq!(words(&defs["schedule"]["properties"]["weekdays"]["items"]["enum"]), set(WEEKDAYS));
}

#[test]
fn every_reference_leads_somewhere() {
    fn walk(value: &Value, defs: &Value) {
        match value {
            Value::Object(object) => {
                if let Some(target) = object.get("$ref").and_then(Value::as_str) {
                    let name = target.strip_prefix("#/$defs/").unwrap();
                    assert!(defs.get(name).is_some(), "{target}");
                }
                object.values().for_each(|value| walk(value, defs));
            }
            Value::Array(list) => list.iter().for_each(|value| walk(value, defs)),
            _ => {}
        }
    }
    let schema = schema();
    walk(&schema, &schema["$defs"]);
}
