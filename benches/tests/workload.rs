//! The 200 rules of the reference workload, for all its visitors, natively.
//! Where the reference is absent, it says so and passes over.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use vitrine_bench::{Bench, compile};

#[test]
fn every_rule_is_judged_as_the_workload_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let beside = root.join("../../shared");
    let reference = std::env::var("VITRINE_REFERENCE").map_or(beside, |folder| root.join("..").join(folder));
    let workload = reference.join("workload");
    if !workload.exists() {
        eprintln!("passed over: {} is absent; VITRINE_REFERENCE can name it", workload.display());
        return;
    }
    let out = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let script = root.join("rules/convert.mjs");
    let done =
        Command::new("node").arg(script).arg(&workload).arg(out).status().expect("this test needs `node`");
    assert!(done.success());

    let read = |place: &Path| std::fs::read_to_string(place).unwrap();
    let json = |name: &str| -> Value { serde_json::from_str(&read(&workload.join(name))).unwrap() };
    let (profiles, expected) = (json("profiles.json"), json("expected.json"));
    let ids: Vec<&str> =
        expected["rule_ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    let plan = compile(&read(&out.join("rules.json"))).unwrap();
    let mut bench = Bench::new(&plan).unwrap();
    let log = read(&out.join("events.jsonl"));
    let mut wrong = Vec::new();
    for (at, profile) in profiles.as_array().unwrap().iter().enumerate() {
        let id = profile["id"].as_str().unwrap();
        let own: Vec<&str> =
            log.lines().filter(|line| line.contains(&format!("\"visitor\":\"{id}\","))).collect();
        let now = profile["now"].as_f64().unwrap() * 1000.0;
        bench.visitor(&own.join("\n"), profile["attributes"]["path"].as_str().unwrap(), now).unwrap();
        bench.judge(at);
        let found = bench.segments(at);
        let want = expected["by_profile"][id].as_str().unwrap();
        assert_eq!((found.len(), want.len()), (ids.len(), ids.len()));
        for ((rule, found), want) in ids.iter().zip(found).zip(want.bytes()) {
            if found != want - b'0' {
                wrong.push(format!("{id} {rule}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ: {:?}", wrong.len(), &wrong[..wrong.len().min(20)]);
}
