//! The JSON Schema and the compiler agree on whole files: what the compiler
//! takes the schema takes, and what is wrong with a file's structure is wrong
//! for both.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};

use jsonc_parser::ast::Value as Parsed;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use jsonschema::Validator;
use serde_json::{Map, Number, Value};
use vitrine_engine::attribute::NAMES;
use vitrine_engine::plan::Plan;
use vitrine_engine::time::Millis;
use vitrine_rules::words::{COMBINERS, FIELDS, OPERATORS};
use vitrine_rules::{Language, Severity, compile_at};

/// Codes of mistakes that a schema cannot see, each with why.
const BEYOND: &[(&str, &str)] = &[
    ("syntax", "there is no JSON that a schema could look at"),
    ("too_large", "a schema does not see the text's length"),
    ("too_deep", "nor how deep it nests"),
    ("too_many_mistakes", "it says that there are more of other mistakes"),
    ("duplicate_key", "a JSON reader has dropped one of the two already"),
    ("duplicate_id", "names are compared across a list"),
    ("unknown_name", "names are looked up elsewhere in the file"),
    ("segment_cycle", "segments refer to each other by name"),
    ("name_collision", "hashes"),
    ("conflict", "two values are compared with each other"),
    ("limit", "sums over a whole list, and the size of a plan"),
    ("bad_date", "calendars"),
    ("bad_path", "the grammar of patterns"),
    ("bad_text", "the grammar of gaps"),
    ("bad_pattern", "the grammar of regular expressions"),
];

/// Mistakes of other codes that a schema cannot see, by the vector's name.
const BEYOND_TOO: &[&str] = &[
    // Keys of one object are looked for in another.
    "weights that leave a message out are refused",
    // The list of zones.
    "a misspelt time zone is shown with what was meant",
    // The schedule may say it.
    "a ramp needs a moment to start at",
    // Validators differ on multiples of 0.0001.
    "a holdout finer than counted is refused",
    // The currency says what its smallest coin is.
    "rounding below the smallest coin is refused",
    // Units of time are multiplied.
    "eleven years are longer than anything is remembered",
    // What a name stands for is looked up.
    "a group that is a condition has no values",
    "a bare group does not say whose values it holds",
    // A list's entry is any condition but those about the visitor.
    "what asks about the visitor cannot stand inside a list's entry",
    "a segment within an entry of its own list is told once, where it stands",
    "nobody is idle for longer than a visit lasts",
];

fn schema() -> Validator {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../www/vitrine.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

/// A text with comments as JSON; of two equal keys the last, as readers have it.
fn json(text: &str) -> Option<Value> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let parsed = parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default());
    parsed.ok()?.value.as_ref().map(value)
}

fn value(parsed: &Parsed) -> Value {
    match parsed {
        Parsed::StringLit(text) => Value::String(text.value.to_string()),
        Parsed::NumberLit(number) => {
            let whole = number.value.parse::<i64>().ok().map(Number::from);
            let number = whole.or_else(|| Number::from_f64(number.value.parse().ok()?));
            number.map_or(Value::Null, Value::Number)
        }
        Parsed::BooleanLit(flag) => Value::Bool(flag.value),
        Parsed::NullKeyword(_) => Value::Null,
        Parsed::Array(list) => Value::Array(list.elements.iter().map(value).collect()),
        Parsed::Object(object) => {
            let entries = object.properties.iter().map(|p| (p.name.as_str().to_string(), value(&p.value)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
    }
}

/// Rule files as shops write them; none of them deserves a warning.
fn good() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/good");
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.display().to_string(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn no_good_file_is_warned_of_and_the_schema_takes_each() {
    let schema = schema();
    // The day on which they were written.
    let now = Some(Millis(1_795_305_600_000));
    let mut wrong = Vec::new();
    for (name, text) in good() {
        let compiled = compile_at(&text, now);
        wrong.extend(compiled.diagnostics.iter().map(|found| found.sentence(&name, Language::English)));
        let file = json(&text).unwrap();
        wrong.extend(
            schema.iter_errors(&file).map(|error| format!("{name}: {error} at {}", error.instance_path())),
        );
        let opened = compiled.plan.map(|plan| Plan::open(&plan.seal()) == Ok(plan));
        assert!(opened != Some(false), "{name}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(good().len() >= 200);
}

/// Every name that stands before a colon in a file.
fn names(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            found.extend(object.keys().cloned());
            object.values().for_each(|value| names(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| names(value, found)),
        _ => {}
    }
}

#[test]
fn every_part_of_the_language_stands_in_two_good_files() {
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    for (_, text) in good() {
        let mut found = BTreeSet::new();
        names(&json(&text).unwrap(), &mut found);
        found.into_iter().for_each(|name| *uses.entry(name).or_default() += 1);
    }
    let fields = FIELDS.iter().flat_map(|(_, fields)| fields.iter());
    let parts = fields.chain(OPERATORS).chain(COMBINERS).chain(NAMES);
    let rare: BTreeSet<&str> = parts
        .copied()
        .filter(|part| {
            let used = |name: &&String| *name == part || (part.ends_with('.') && name.starts_with(part));
            uses.iter().filter(|(name, _)| used(name)).map(|(_, times)| times).sum::<usize>() < 2
        })
        .collect();
    assert!(rare.is_empty(), "{rare:?}");
}

#[test]
fn both_take_the_same_files_and_refuse_the_same_structures() {
    let schema = schema();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/diagnostics.json");
    let entries: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let beyond: BTreeSet<&str> = BEYOND.iter().map(|(code, _)| *code).collect();
    let mut wrong = Vec::new();
    let (mut taken, mut refused) = (0, 0);
    for entry in entries.iter().filter(|entry| entry.get("repeat").is_none()) {
        let (name, text) = (entry["name"].as_str().unwrap(), entry["rules"].as_str().unwrap());
        let Some(file) = json(text) else { continue };
        let found = compile_at(text, entry["now"].as_u64().map(Millis)).diagnostics;
        let errors: BTreeSet<&str> =
            found.iter().filter(|d| d.severity == Severity::Error).map(|d| d.code).collect();
        let seen: Vec<String> = schema
            .iter_errors(&file)
            .map(|error| format!("{} at {}", error, error.instance_path()))
            .collect();
        if errors.is_empty() {
            taken += 1;
            if !seen.is_empty() {
                wrong.push(format!("{name}: only the schema refuses it: {}", seen.join("; ")));
            }
        } else if !errors.is_subset(&beyond) && !BEYOND_TOO.contains(&name) {
            refused += 1;
            if seen.is_empty() {
                wrong.push(format!("{name}: only the compiler refuses it: {errors:?}"));
            }
        } else if !seen.is_empty() && BEYOND_TOO.contains(&name) {
            wrong.push(format!("{name}: the schema sees it, too"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(taken > 100 && refused > 30, "{taken} {refused}");
}
