//! `train`, `recommend` and `evaluate` as their users call them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

mod support;

use std::path::PathBuf;

use support::{folder, vitrine};

const SESSIONS: &str = "boot belt\nboot belt sock\nsock boot belt\nboot belt\n";

fn place(name: &str) -> String {
    folder("recommendations").join(name).display().to_string()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn a_log_becomes_a_model_that_ranks_and_is_judged() {
    let model = place("site.model");
    let made = vitrine(&["train", "-", "-o", &model, "--min-support", "1"], SESSIONS);
    assert!(made.status.success(), "{made:?}");
    let account = text(&made.stdout);
    assert!(account.contains("4 sessions, 10 clicks, 3 items"), "{account}");
    assert!(account.contains("the log has no purchases"), "{account}");

    let ranked = vitrine(&["recommend", "--model", &model, "--top", "2"], "boot\n\nunheard-of boot\n");
    assert_eq!(text(&ranked.stdout), "belt sock\nbelt boot\nbelt sock\n");

    let judged = vitrine(&["evaluate", "--model", &model, "-"], "boot\tbelt\nsock boot\tsock\n");
    let figures: serde_json::Value = serde_json::from_slice(&judged.stdout).unwrap();
    let mut keys: Vec<&str> = figures.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    let promised = "bytes coverage20 hr10 hr20 interval95 mrr20 novel_hr20 novel_mrr20 novel_rows rows";
    assert_eq!(keys.join(" "), promised);
    assert_eq!((&figures["rows"], &figures["novel_hr20"]), (&2.into(), &1.0.into()));
    assert_eq!(figures["interval95"]["hr20"], serde_json::json!([1.0, 1.0]));
    assert_eq!(figures["bytes"], std::fs::metadata(&model).unwrap().len());
}

#[test]
fn a_model_in_shards_is_asked_and_judged_like_a_whole_one() {
    let model = place("large.model");
    let log: String = (0..400).map(|n| format!("a{0} b{0} c{0}\n", n % 40)).collect();
    let made = vitrine(&["train", "-", "-o", &model, "--shards", "4"], &log);
    assert!(made.status.success(), "{made:?}");
    let account = text(&made.stdout);
    assert!(account.contains("the head, and 4 shards of"), "{account}");
    let head = std::fs::metadata(&model).unwrap().len();
    let ranked = vitrine(&["recommend", "--model", &model, "--top", "2"], "a7\na3 b3\n");
    let lines: Vec<Vec<&str>> = text(&ranked.stdout).lines().map(|line| line.split(' ').collect()).collect();
    assert!(lines[0].contains(&"b7") && lines[0].contains(&"c7") && lines[1].contains(&"c3"), "{lines:?}");
    let judged = vitrine(&["evaluate", "--model", &model, "-"], "a1\tb1\na2 b2\tc2\n");
    let figures: serde_json::Value = serde_json::from_slice(&judged.stdout).unwrap();
    assert!(figures["hr20"] == 1.0 && figures["bytes"].as_u64().unwrap() > head, "{figures}");
    // Without its shards a head alone is not taken for the whole.
    std::fs::remove_dir_all(format!("{model}.shards")).unwrap();
    let torn = vitrine(&["recommend", "--model", &model], "a7\n");
    assert_eq!(torn.status.code(), Some(2));
    let refused = vitrine(&["train", "-", "-o", &model, "--shards", "300"], &log);
    assert!(text(&refused.stderr).contains("a number up to 256"));
}

#[test]
fn bad_input_ends_with_1_and_a_bad_place_with_2_and_nothing_is_left_behind() {
    let model = place("never.model");
    for (arguments, input, code, sentence) in [
        (vec!["train", "-", "-o", &model], "\n", 1, "standard input: it holds no session"),
        (vec!["train", "-", "-o", &model], "{\"t\":1}\n", 1, "standard input: line 1: has no `visitor`"),
        (vec!["train", "-", "-o", &model, "--budget", "20"], SESSIONS, 1, "a budget of 20 bytes"),
        (vec!["train", "/nowhere/log", "-o", &model], "", 2, "/nowhere/log: "),
        (vec!["train", "-", "-o", &model, "--min-support", "0"], "", 2, "--min-support"),
        (vec!["recommend", "--model", "/nowhere/m"], "", 2, "/nowhere/m: "),
    ] {
        let ended = vitrine(&arguments, input);
        let said = text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(sentence), "{arguments:?}: {said}");
        assert!(ended.stdout.is_empty());
    }
    assert!(!PathBuf::from(&model).exists());
    let foreign = place("foreign.model");
    std::fs::write(&foreign, "not a model").unwrap();
    let refused = vitrine(&["recommend", "--model", &foreign], "");
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("is not a file of this kind"));
}
