//! Texts that nobody means well with: never a panic, never a plan that the
//! door refuses, never a wait.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use vitrine_engine::plan::Plan;
use vitrine_rules::{TEXT_BYTES, compile, compile_bytes};

fn demo() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../www/shop/rules.json");
    std::fs::read_to_string(path).unwrap()
}

/// A plan and no error, or an error and no plan; and a plan opens as it was.
fn check(text: &str) {
    let compiled = compile(text);
    match compiled.plan {
        Some(plan) => assert_eq!(Plan::open(&plan.seal()), Ok(plan)),
        None => assert!(!compiled.diagnostics.is_empty(), "no plan and no reason: {text}"),
    }
    for diagnostic in &compiled.diagnostics {
        let line = text.split('\n').nth(diagnostic.line as usize - 1);
        assert!(
            line.is_some_and(|line| diagnostic.column as usize <= line.chars().count() + 1),
            "{diagnostic:?}"
        );
    }
}

#[test]
fn a_file_cut_anywhere_is_refused_in_a_sentence() {
    let demo = demo();
    for at in (0..demo.trim_end().len()).step_by(13).filter(|at| demo.is_char_boundary(*at)) {
        let compiled = compile(&demo[..at]);
        assert!(compiled.plan.is_none() && !compiled.diagnostics.is_empty(), "cut at {at}");
    }
}

#[test]
fn a_slip_at_any_place_is_a_plan_or_a_sentence() {
    let demo = demo();
    for (at, c) in demo.char_indices().step_by(53) {
        for slip in ["", "\"", "{", "}", "0", ",", "$", "null", "\\", "\u{0}", "{{", "🙂"] {
            let mut text = demo.clone();
            text.replace_range(at..at + c.len_utf8(), slip);
            check(&text);
        }
    }
}

#[test]
fn every_value_replaced_by_one_of_another_kind_is_a_plan_or_a_sentence() {
    let demo = demo();
    let starts: Vec<usize> = demo.match_indices(": ").map(|(at, _)| at + 2).collect();
    for at in starts {
        for value in [
            "null, \"x\": ",
            "[], \"x\": ",
            "{}, \"x\": ",
            "-1e300, \"x\": ",
            "true, \"x\": ",
            "[[{}]], \"x\": ",
        ] {
            let mut text = demo.clone();
            text.insert_str(at, value);
            check(&text);
        }
    }
}

#[test]
fn five_hundred_segments_in_a_chain_and_in_a_circle_are_read() {
    let file = |last: &str| {
        let mut segments: Vec<String> =
            (0..499).map(|n| format!(r#""s{n}": {{ "when": {{ "$segment": "s{}" }} }}"#, n + 1)).collect();
        segments.push(format!(r#""s499": {{ "when": {last} }}"#));
        format!(
            r#"{{ "version": 1, "site": "s", "currency": "KRW", "segments": {{ {} }} }}"#,
            segments.join(",")
        )
    };
    assert_eq!(compile(&file(r#"{ "visits": 1 }"#)).plan.unwrap().segments.len(), 500);
    let circle = compile(&file(r#"{ "$segment": "s0" }"#));
    let codes: Vec<&str> = circle.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    assert_eq!(codes, ["segment_cycle"]);
}

#[test]
fn what_a_device_cannot_carry_is_refused_and_not_cut() {
    let text = "가".repeat(300);
    let campaign = |n: usize| {
        format!(
            r#"{{ "id": "c{n}", "slot": "top", "messages": [ {{ "id": "a", "kind": "bar", "title": "{text}", "body": "{text}" }} ] }}"#
        )
    };
    let conditions: Vec<String> = (0..30_000).map(|n| format!(r#"{{ "visits": {n} }}"#)).collect();
    for (what, fields) in [
        ("bytes", format!(r#""campaigns": [ {} ]"#, (0..400).map(campaign).collect::<Vec<_>>().join(","))),
        (
            "conditions",
            format!(r#""segments": {{ "s": {{ "when": {{ "$or": [ {} ] }} }} }}"#, conditions.join(",")),
        ),
    ] {
        let compiled = compile(&format!(r#"{{ "version": 1, "site": "s", "currency": "KRW", {fields} }}"#));
        assert!(compiled.plan.is_none(), "{what}");
        let limits: Vec<_> = compiled.diagnostics.iter().filter(|found| found.code == "limit").collect();
        assert!(limits.len() == 1 && limits[0].message.contains(what), "{limits:?}");
    }
}

#[test]
fn a_pointer_does_not_repeat_a_key_of_half_a_megabyte() {
    let key = "k".repeat(TEXT_BYTES / 2);
    let unknown: Vec<String> = (0..900).map(|n| format!("\"u{n}\": 1")).collect();
    let text = format!(r#"{{ "slots": {{ "{key}": {{ {} }} }} }}"#, unknown.join(","));
    let compiled = compile(&text);
    assert!(compiled.diagnostics.len() > 900);
    let bytes: usize =
        compiled.diagnostics.iter().map(|found| found.pointer.len() + found.message.len()).sum();
    assert!(bytes < 1_000_000, "{bytes}");
}

#[test]
fn a_full_file_of_mistakes_is_answered() {
    let text = format!("{{ {} }}", "\"verson\": [],".repeat(TEXT_BYTES / 14));
    assert!(text.len() <= TEXT_BYTES);
    assert_eq!(compile(&text).diagnostics.len(), 1_001);
}

#[test]
fn bytes_that_are_no_text_are_refused_at_their_place() {
    let compiled = compile_bytes(b"{\n  \"site\": \"\xb0\xa1\" }", None);
    let [found] = compiled.diagnostics.as_slice() else { panic!("{compiled:?}") };
    assert_eq!((found.code, found.line, found.column), ("syntax", 2, 12));
    let too_many = vec![0xff; TEXT_BYTES + 1];
    assert_eq!(compile_bytes(&too_many, None).diagnostics[0].code, "too_large");
    assert!(compile_bytes(demo().as_bytes(), None).plan.is_some());
}
