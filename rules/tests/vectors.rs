//! `tests/vectors/diagnostics.json`, natively: every mistake with its place and
//! its sentence. The same file is run in Node and in the browser.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use vitrine_engine::plan::Plan;
use vitrine_engine::time::Millis;
use vitrine_rules::{CODES, compile, compile_at};

/// An entry's text: `rules`, and where it says so a part repeated and an end,
/// for texts too long to be written down.
fn text(entry: &Value) -> String {
    let mut text = entry["rules"].as_str().unwrap().to_string();
    if let Some(repeat) = entry.get("repeat") {
        text += &repeat["text"].as_str().unwrap().repeat(repeat["times"].as_u64().unwrap() as usize);
        text += repeat["then"].as_str().unwrap();
    }
    text
}

fn entries() -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/diagnostics.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn every_mistake_has_its_place_and_its_sentence() {
    for entry in entries() {
        let compiled = compile_at(&text(&entry), entry["now"].as_u64().map(Millis));
        let found = serde_json::to_value(&compiled.diagnostics).unwrap();
        let found = found.as_array().unwrap();
        let wanted = entry["diagnostics"].as_array().unwrap();
        // With a `count`, only the last ones are written down.
        let count = entry.get("count").map_or(wanted.len(), |count| count.as_u64().unwrap() as usize);
        assert_eq!(found.len(), count, "{}: {found:#?}", entry["name"]);
        assert_eq!(&found[count - wanted.len()..], wanted.as_slice(), "{}", entry["name"]);
        let is_error = found.iter().any(|diagnostic| diagnostic["severity"] == "error");
        assert_eq!(compiled.plan.is_none(), is_error, "{}", entry["name"]);
    }
}

#[test]
fn every_code_has_a_vector_that_shows_it_and_one_that_does_not() {
    let mut seen: BTreeMap<&str, [usize; 2]> = CODES.iter().map(|code| (code.name, [0, 0])).collect();
    for entry in entries() {
        let code = entry["code"].as_str().unwrap();
        let shows =
            entry["diagnostics"].as_array().unwrap().iter().any(|diagnostic| diagnostic["code"] == code);
        let counts = seen.get_mut(code).unwrap_or_else(|| panic!("{code} is no code"));
        counts[usize::from(shows)] += 1;
    }
    for (code, [without, with]) in seen {
        assert!(without > 0 && with > 0, "{code}: {without} entries without it, {with} with it");
    }
}

/// Texts in backticks, sorted, each once.
fn quoted(sentence: &str) -> BTreeSet<&str> {
    sentence.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_sentence_stands_in_both_languages_and_names_the_same_things() {
    let is_hangul = |c: char| ('가'..='힣').contains(&c);
    let mut seen = 0;
    for entry in entries() {
        for diagnostic in entry["diagnostics"].as_array().unwrap() {
            let (en, ko) =
                (diagnostic["message"].as_str().unwrap(), diagnostic["message_ko"].as_str().unwrap());
            assert!(ko.contains(is_hangul), "{}: {ko}", entry["name"]);
            assert_eq!(quoted(en), quoted(ko), "{}", entry["name"]);
            seen += 1;
        }
    }
    assert!(seen > 150, "{seen}");
    for code in CODES {
        assert!(code.ko.contains(is_hangul) && !code.en.contains(is_hangul), "{}", code.name);
    }
}

#[test]
fn no_two_vectors_share_a_name() {
    let mut names: Vec<String> =
        entries().iter().map(|entry| entry["name"].as_str().unwrap().into()).collect();
    names.sort();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all);
}

#[test]
fn every_plan_that_compiles_opens_as_it_was() {
    let mut plans = 0;
    for entry in entries() {
        if let Some(plan) = compile(&text(&entry)).plan {
            assert_eq!(Plan::open(&plan.seal()), Ok(plan), "{}", entry["name"]);
            plans += 1;
        }
    }
    assert!(plans > 30, "{plans}");
}
