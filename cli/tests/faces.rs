//! What all verbs promise alike: standard input, exit codes, sentences, pipes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use support::{command, folder, vitrine};

const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../www/shop/rules.json");

fn place(name: &str) -> String {
    folder("faces").join(name).display().to_string()
}

fn plan(name: &str) -> String {
    let plan = place(name);
    assert!(vitrine(&["build", DEMO, "-o", &plan], b"").status.success());
    plan
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Visitors who look around, fill carts and wait.
fn log() -> String {
    let mut log = String::new();
    for step in 0..40_u64 {
        for visitor in 0..12_u64 {
            let t = 1_763_700_000_000 + step * 240_000 + visitor;
            let event = match (step + visitor) % 7 {
                3 => {
                    r#""event":"add_to_cart","items":[{"item_id":"dal-loafer-black","item_name":"Loafer","price":89000}]"#
                }
                5 => {
                    r#""event":"view_item","items":[{"item_id":"san-boot-black","item_category":"shoes","price":120000}]"#
                }
                6 => r#""event":"page_view","url":"https://shop.example/cart""#,
                _ => {
                    r#""event":"page_view","url":"https://shop.example/","referrer":"https://prod.danawa.com/""#
                }
            };
            writeln!(log, r#"{{"visitor":"v{visitor}","t":{t},{event}}}"#).unwrap();
        }
    }
    log
}

#[test]
fn explain_says_of_every_moment_what_replay_decided() {
    let (plan, log) = (plan("agree.plan"), log());
    let decided = out(&vitrine(&["replay", "--plan", &plan, "--seed", "3", "-"], log.as_bytes()));
    let mut compared = 0;
    for line in decided.lines().step_by(17) {
        let line: Value = serde_json::from_str(line).unwrap();
        let (visitor, t) = (line["visitor"].as_str().unwrap(), line["t"].to_string());
        let words =
            ["explain", "--plan", &plan, "--seed", "3", "--visitor", visitor, "--at", &t, "--json", "-"];
        let reasons: Value = serde_json::from_str(&out(&vitrine(&words, log.as_bytes()))).unwrap();
        let pair = |it: &Value| (it["campaign"].to_string(), it["message"].to_string());
        let decided: BTreeSet<_> = line["decisions"].as_array().unwrap().iter().map(pair).collect();
        let shown = reasons.as_array().unwrap().iter().filter(|reason| reason["shown"] == true);
        assert_eq!(shown.map(pair).collect::<BTreeSet<_>>(), decided, "{visitor} at {t}");
        compared += 1;
    }
    assert!(compared > 20, "{compared}");
}

#[test]
fn whoever_has_seen_enough_ends_every_verb_in_peace() {
    let (plan, log) = (plan("pipe.plan"), log());
    let conditions = "{\"condition\":{},\"attributes\":{}}\n".repeat(50_000);
    let visits = "{\"url\":\"https://shop.example/\"}\n".repeat(50_000);
    let many: String = (0..30_000_u64)
        .map(|n| {
            format!("{{\"visitor\":\"v{n}\",\"t\":{},\"event\":\"page_view\"}}\n", 1_763_700_000_000 + n)
        })
        .collect();
    let model = place("pipe.model");
    assert!(vitrine(&["train", "-", "-o", &model], b"a b\nb c\n").status.success());
    for (words, input) in [
        (vec!["eval"], conditions.as_str()),
        (vec!["channel"], &visits),
        (vec!["replay", "--plan", &plan, "-"], &many),
        (vec!["recommend", "--model", &model], &conditions),
        (vec!["explain", "--plan", &plan, "--visitor", "v1", "--at", "1763700000001", "-"], &log),
    ] {
        let mut child = command(&words).spawn().unwrap();
        let mut pipe = child.stdin.take().unwrap();
        let input = input.to_owned();
        let feeder = std::thread::spawn(move || drop(pipe.write_all(input.as_bytes())));
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        assert!(!first.is_empty(), "{words:?}");
        let mut complaint = String::new();
        child.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
        assert_eq!((child.wait().unwrap().code(), complaint.as_str()), (Some(0), ""), "{words:?}");
        feeder.join().unwrap();
    }
}

#[test]
fn a_byte_order_mark_and_ends_of_lines_are_nobodys_business() {
    let (plan, model) = (plan("mark.plan"), place("mark.model"));
    assert!(vitrine(&["train", "-", "-o", &model], b"\xef\xbb\xbfa b\r\nb a\r\n").status.success());
    for (words, line) in [
        (vec!["eval"], r#"{"condition":{},"attributes":{}}"#),
        (vec!["eval", "-"], r#"{"condition":{},"attributes":{}}"#),
        (vec!["channel"], r#"{"url":"https://shop.example/","referrer":null}"#),
        (vec!["channel", "-"], r#"{"url":"https://shop.example/"}"#),
        (vec!["replay", "--plan", &plan, "-"], r#"{"visitor":"v","t":1763700000000,"event":"page_view"}"#),
        (vec!["recommend", "--model", &model, "-"], "a"),
        (vec!["evaluate", "--model", &model, "-"], "a\tb"),
    ] {
        let plain = vitrine(&words, format!("{line}\n{line}").as_bytes());
        let marked = vitrine(&words, format!("\u{feff}{line}\r\n{line}\r\n").as_bytes());
        assert_eq!(plain.status.code(), Some(0), "{words:?}: {}", said(&plain));
        assert_eq!(out(&plain), out(&marked), "{words:?}");
        assert!(!out(&plain).is_empty(), "{words:?}");
    }
}

#[test]
fn what_is_wrong_is_said_of_the_stream_that_is_wrong() {
    let plan = plan("wrong.plan");
    let folder = env!("CARGO_TARGET_TMPDIR");
    for (words, input, code, sentence) in [
        (vec!["eval", folder], b"".as_slice(), 2, "Is a directory"),
        (vec!["channel", "/nowhere"], b"", 2, "/nowhere: No such file"),
        (vec!["channel"], b"{\"url\":\"\xff\"}", 1, "standard input: line 1: is not UTF-8 text"),
        (
            vec!["channel"],
            b"{\"url\":\"a\"}\n7\n",
            1,
            "standard input: line 2: is no visit as JSON, at column 1; one is `{",
        ),
        (vec!["replay", "--plan", &plan, "-"], b"\xff\n", 1, "standard input: line 1: is not UTF-8 text"),
        (vec!["replay", "--plan", "-", "-"], b"", 2, "only one of the files can be `-`"),
        (vec!["replay", "--plan", &plan, "--reports", "-", "-"], b"", 2, "name a file"),
        (
            vec!["replay", "--plan", &plan, "--reports", "/dev/full", "-"],
            &log().into_bytes(),
            2,
            "/dev/full: No space left",
        ),
        (vec!["replay", "--plan", &plan, "--shoppers", "-", DEMO], b"{}", 1, "missing field `see`"),
        (vec!["replay", "--plan", DEMO, "-"], b"", 1, "a plan is needed, as `vitrine build` writes it"),
        (vec!["recommend", "--model", &plan], b"", 1, "a model is needed, as `vitrine train` writes it"),
        (
            vec!["explain", "--plan", &plan, "--visitor", "v", "--at", "noon", "-"],
            b"",
            1,
            "one is `1763700140000` or `",
        ),
        (vec!["train", "-", "-o", "-", "--shards", "2"], b"a b\n", 2, "no room for shards"),
        (vec!["train", "-", "-o", "/dev/null"], b"[1,2]\n", 1, "line 1: is a JSON list"),
    ] {
        let output = vitrine(&words, input);
        assert_eq!(output.status.code(), Some(code), "{words:?}: {}", said(&output));
        assert!(said(&output).contains(sentence), "{words:?}: {}", said(&output));
    }
    let odd = vitrine(&["eval"], b"\n{\"condition\":{},\"attributes\":{}}\n[]\n");
    assert_eq!(odd.status.code(), Some(0));
    assert_eq!(
        out(&odd),
        "{\"error\":\"the line is empty; one is `{\\\"condition\\\":{},\\\"attributes\\\":{}}`\"}\ntrue\n{\"error\":\"this is no condition\"}\n"
    );
}

#[test]
fn a_file_is_replaced_a_link_followed_and_a_device_written_to() {
    let (target, link) = (place("linked.plan"), place("link.plan"));
    std::fs::write(&target, "old").unwrap();
    drop(std::fs::remove_file(&link));
    std::fs::set_permissions(&target, std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&target, &link).unwrap();
    assert!(vitrine(&["build", DEMO, "-o", &link], b"").status.success());
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(std::fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o640);
    let plan = std::fs::read(&target).unwrap();
    assert!(plan.len() > 1000);

    // As root, a careless rename would put a file in the device's place.
    let pipe = place("pipe");
    drop(std::fs::remove_file(&pipe));
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || std::fs::read(pipe).unwrap()
    });
    assert!(vitrine(&["build", DEMO, "-o", &pipe], b"").status.success());
    assert_eq!(reader.join().unwrap(), plan);
    assert!(std::fs::metadata(&pipe).unwrap().file_type().is_fifo());

    let piped = vitrine(&["build", DEMO, "-o", "-"], b"");
    assert_eq!(piped.stdout, plan);
    assert_eq!(said(&piped).trim().len(), 16, "the plan's name stands beside it");
    let model = vitrine(&["train", "-", "-o", "-"], b"a b\nb a\n");
    assert!(said(&model).contains("wrote"));
    assert!(!model.stdout.is_empty() && !model.stdout.starts_with(b"read"));
}

#[test]
fn a_models_account_is_also_json_and_names_no_size_twice() {
    let model = place("account.model");
    let sessions: String = (0..600).map(|n| format!("a{0} b{0} c{0}\n", n % 30)).collect();
    let made = vitrine(&["train", "-", "-o", &model, "--json"], sessions.as_bytes());
    let account: Value = serde_json::from_slice(&made.stdout).unwrap();
    assert_eq!(account["sessions"], 600);
    assert_eq!(account["bytes"], std::fs::metadata(&model).unwrap().len());
    assert!(account["by_support"][0]["accuracy"]["hr20"].as_f64().unwrap() > 0.0);

    let told = out(&vitrine(&["train", "-", "-o", &model], sessions.as_bytes()));
    let lines: Vec<&str> = told.lines().collect();
    let budgets: Vec<&&str> =
        lines.iter().filter(|line| line.contains("   2 ") && !line.contains("no limit")).collect();
    assert_eq!(budgets.len(), budgets.iter().collect::<BTreeSet<_>>().len(), "{told}");
    assert!(budgets.iter().any(|line| line.contains('→')), "{told}");
}

#[test]
fn a_rendered_message_knows_what_it_was_told_of_the_visitor() {
    let rules = r#"{"version":1,"site":"shop","currency":"USD","attributes":["plan"],"campaigns":[{"id":"a","slot":"bottom",
        "messages":[{"id":"b","kind":"bar","title":"{{ visits }}|{{ cart.count }}|{{ cart.value | money }}|{{ cart.last.title }}|{{ source }}|{{ plan }}|{{ hour }}"}]}]}"#;
    let plan = place("told.plan");
    let built = vitrine(&["build", "-", "-o", &plan], rules.as_bytes());
    assert!(built.status.success(), "{}", said(&built));
    let told = br#"{"visits":4,"cart.count":2,"cart.value":50.5,"cart.last.title":"<Tent>","source":"naver","plan":"gold","hour":7}"#;
    let words = ["render", "--plan", &plan, "--campaign", "a", "--message", "b", "--attributes", "-"];
    let rendered = vitrine(&words, told);
    assert!(out(&rendered).contains("4|2|$50.50|&lt;Tent&gt;|naver|gold|"), "{}", out(&rendered));
    assert_eq!(said(&rendered), "vitrine: `hour` is for the device to know, and left out\n");
    let wrong = vitrine(&words, b"[]");
    assert_eq!(wrong.status.code(), Some(1));
    assert!(said(&wrong).contains("standard input:1:0: is no JSON object of attributes"), "{}", said(&wrong));
}

#[test]
fn progress_is_drawn_on_a_terminal_and_taken_away_again() {
    let log = place("progress.jsonl");
    std::fs::write(&log, log_of_many()).unwrap();
    let (plan, bin) = (plan("progress.plan"), env!("CARGO_BIN_EXE_vitrine"));
    // `script` gives a terminal, where the machine has it.
    let line = format!("{bin} replay --plan {plan} {log} > /dev/null");
    let Ok(drawn) = Command::new("script").args(["-qec", &line, "/dev/null"]).stdin(Stdio::null()).output()
    else {
        println!("no `script` here: the bar is not looked at");
        return;
    };
    let drawn = out(&drawn);
    assert!(drawn.contains("█") && drawn.contains(" %  reading"), "{drawn:?}");
    assert!(drawn.contains("\r\u{1b}[K3000 visitors"), "the bar is gone before the sums: {drawn:?}");
    let piped = vitrine(&["replay", "--plan", &plan, &log], b"");
    assert!(said(&piped).starts_with("3000 visitors"), "nothing on a pipe");
}

fn log_of_many() -> String {
    let line = |n: u64| {
        format!("{{\"visitor\":\"v{n}\",\"t\":{},\"event\":\"page_view\"}}\n", 1_763_700_000_000 + n)
    };
    (0..3000).map(line).collect()
}
