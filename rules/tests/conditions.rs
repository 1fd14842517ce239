//! Conditions as shops bring them from GrowthBook: they mean the same, and they
//! paste unchanged into a rule file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::path::PathBuf;

use serde_json::{Value, json};
use vitrine_rules::compile;
use vitrine_rules::eval::eval;

/// Cases that `check` refuses, since they can only be mistakes.
const REFUSED: &[(&str, &str)] = &[
    ("$nin - not array", "wrong_type"),
    ("$regex invalid - pass", "bad_pattern"),
    ("$inGroup fails for unknown group id", "unknown_name"),
];

/// The examples of the shared folder; `None`, and said, where it is absent.
fn cases() -> Option<Vec<Value>> {
    let shared = std::env::var("VITRINE_REFERENCE").unwrap_or_else(|_| "../../shared".into());
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let file = [root.join(&shared), root.join("../shared"), PathBuf::from("/work/shared")]
        .into_iter()
        .map(|folder| folder.join("peers/growthbook/conditions.json"))
        .find(|file| file.exists());
    let Some(file) = file else {
        eprintln!("passed over: no peers/growthbook/conditions.json; VITRINE_REFERENCE names its folder");
        return None;
    };
    let text = std::fs::read_to_string(file).unwrap();
    let all: Value = serde_json::from_str(&text).unwrap();
    Some(all["evalCondition"].as_array().unwrap().clone())
}

fn name(case: &Value) -> &str {
    case[0].as_str().unwrap()
}

#[test]
fn every_example_of_growthbooks_means_the_same() {
    for case in cases().unwrap_or_default() {
        let mut line = json!({ "condition": case[1], "attributes": case[2] });
        if let Some(groups) = case.get(4) {
            line["groups"] = groups.clone();
        }
        assert_eq!(Ok(case[3].as_bool().unwrap()), eval(&line.to_string()), "{}", name(&case));
    }
}

#[test]
fn every_example_of_growthbooks_pastes_unchanged_or_is_refused_with_a_reason() {
    let mut refused = Vec::new();
    for case in cases().unwrap_or_default() {
        let attributes: Vec<&String> = names(&case[1]);
        let mut rules = json!({
            "version": 1, "site": "s", "currency": "KRW",
            "segments": { "pasted": { "when": case[1] } },
        });
        if !attributes.is_empty() {
            rules["attributes"] = json!(attributes);
        }
        if let Some(groups) = case.get(4) {
            rules["groups"] = groups.clone();
        }
        let compiled = compile(&rules.to_string());
        match compiled.plan {
            Some(_) => {
                let warned = compiled.diagnostics.iter().all(|found| found.code.ends_with("_true"));
                assert!(warned, "{}: {:?}", name(&case), compiled.diagnostics);
            }
            None => refused.push((name(&case).to_string(), compiled.diagnostics[0].code)),
        }
    }
    let wanted: Vec<(String, &str)> = REFUSED.iter().map(|(name, code)| (name.to_string(), *code)).collect();
    assert!(refused.is_empty() && cases().is_none() || refused == wanted, "{refused:#?}");
}

/// The attributes that a condition asks for.
fn names(condition: &Value) -> Vec<&String> {
    let mut found = Vec::new();
    for (name, value) in condition.as_object().into_iter().flatten() {
        match name.as_str() {
            "$and" | "$or" | "$nor" => {
                value.as_array().unwrap().iter().for_each(|part| found.extend(names(part)));
            }
            "$not" => found.extend(names(value)),
            _ => found.push(name),
        }
    }
    found.sort();
    found.dedup();
    found
}

#[test]
fn what_is_no_condition_is_said() {
    for (line, part) in [
        ("", "empty"),
        ("{", "never closed"),
        ("[]", "no condition"),
        ("{}", "no condition"),
        (r#"{"condition":null}"#, "no condition"),
        (r#"{"condition":[]}"#, "no condition"),
        (r#"{"condition":{"$not":null}}"#, "`$not`"),
        (r#"{"condition":{"$and":[null]}}"#, "`$and`"),
        (r#"{"condition":{"$or":null}}"#, "`$or`"),
    ] {
        let reason = eval(line).expect_err(line);
        assert!(reason.contains(part), "{line}: {reason}");
    }
    let deep = format!(r#"{{"condition":{}{{}}{}}}"#, r#"{"$not":"#.repeat(100_000), "}".repeat(100_000));
    assert!(eval(&deep).is_err());
}
