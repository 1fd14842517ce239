//! `vitrine check` and `vitrine build` as a marketer and a script use them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use support::{folder, vitrine};
use vitrine_engine::plan::Plan;
use vitrine_engine::seal;

const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../www/shop/rules.json");
const WRONG: &str = "{ \"version\": 1, \"site\": \"demo\", \"currency\": \"KRW\",\n  \"segments\": { \"a\": { \"whn\": {} } } }\n";

#[test]
fn a_good_file_is_called_good() {
    let output = vitrine(&["check", DEMO], "");
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8(output.stdout).unwrap().contains("campaigns: 11"));
    assert!(output.stderr.is_empty());
}

#[test]
fn mistakes_are_sentences_on_standard_error_and_json_on_standard_output() {
    let output = vitrine(&["check", "-"], WRONG);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let said = String::from_utf8(output.stderr).unwrap();
    let first = "standard input:2:24: error: unknown field `whn` in segment `a`; did you mean `when`?";
    assert!(said.lines().any(|line| line == first), "{said}");
    assert!(said.ends_with("standard input: 2 errors, 0 warnings\n"), "{said}");

    let output = vitrine(&["check", "--json", "-"], WRONG);
    assert_eq!(output.status.code(), Some(1));
    let list: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert!(list.as_array().unwrap().iter().any(|found| found["pointer"] == "/segments/a/whn"
        && found["suggestion"] == "when"
        && found["line"] == 2
        && found["column"] == 24));
}

#[test]
fn a_plan_is_written_whole_and_named() {
    let folder = folder("a_plan_is_written_whole_and_named");
    let target = folder.join("demo.plan");
    let output = vitrine(&["build", DEMO, "-o", target.to_str().unwrap()], "");
    assert_eq!(output.status.code(), Some(0));
    let bytes = std::fs::read(&target).unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), seal::name(&bytes));
    assert_eq!(Plan::open(&bytes).unwrap().site, "demo");

    // A bad file leaves the good plan alone and nothing beside it.
    let output = vitrine(&["build", "-", "-o", target.to_str().unwrap()], WRONG);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(std::fs::read(&target).unwrap(), bytes);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
}

#[test]
fn what_cannot_be_read_or_written_is_neither_good_nor_bad() {
    for arguments in [
        ["check", "/nowhere/rules.json"].as_slice(),
        &["check"],
        &["chek", DEMO],
        &["build", DEMO, "-o", "/nowhere/demo.plan"],
        &["check", env!("CARGO_TARGET_TMPDIR")],
    ] {
        let output = vitrine(arguments, "");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?}");
    }
}
