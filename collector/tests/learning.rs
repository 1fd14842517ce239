//! Odds follow the counts, and can be re-run from what was kept.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::{Client, Collector, Folder, config, id_at, now, place, report, wait_for};
use vitrine_collector::audit::audit;
use vitrine_engine::bandit::Odds;
use vitrine_engine::seal::{self, Kind};
use vitrine_engine::time::{DAY, date};

fn send(collector: &Collector, message: &str, visitors: usize, converters: usize) {
    let mut client = Client::new(collector.addr);
    for at in 0..visitors {
        let body = report(message, at < converters).to_string();
        let answer = client.send("POST", "/v1/demo/reports", &[], body.as_bytes());
        assert_eq!(answer.status, 204);
    }
}

fn share(odds: &Value, leaf: &str, message: &str) -> f64 {
    let leaves = odds["leaves"].as_array().unwrap();
    let found = leaves.iter().find(|entry| entry["leaf"] == leaf);
    found.map_or(0.0, |entry| entry["shares"][message].as_f64().unwrap())
}

#[test]
fn odds_move_to_the_better_message_within_ten_seconds() {
    let folder = Folder::new();
    let rules = folder.file("rules.json", support::RULES);
    let interval = Duration::from_secs(2);
    let collector = Collector::with(
        vitrine_collector::Config { odds_interval: interval, ..config(&folder, Some(rules)) },
        String::new(),
    );
    let before = collector.odds();
    assert_eq!(before, json!({ "epoch": 0, "leaves": [] }));
    let sealed = collector.get("/v1/demo/odds");
    assert_eq!(sealed.header("etag"), Some("\"0\""));
    send(&collector, "gentle", 60, 1);
    send(&collector, "discount", 60, 30);
    send(&collector, "loud", 60, 2);
    let began = Instant::now();
    wait_for("the odds move", || share(&collector.odds(), "else", "discount") > 0.99);
    assert!(began.elapsed() < Duration::from_secs(10));
    let after = collector.odds();
    assert!(after["epoch"].as_u64().unwrap() >= 1);
    let borrowed = share(&after, "loyal", "discount");
    assert!((0.5..=1.0).contains(&borrowed), "a leaf that nobody saw borrows from the other: {borrowed}");
    let answer = collector.get("/v1/demo/odds");
    let odds: Odds = seal::open(Kind::Odds, &answer.body).unwrap();
    assert_eq!(json!(odds.epoch), after["epoch"]);
    let tag = answer.header("etag").unwrap();
    assert_eq!(tag, format!("\"{}\"", odds.epoch));
    let same = collector.send("GET", "/v1/demo/odds", &[("if-none-match", tag)], "");
    assert_eq!((same.status, same.body.len()), (304, 0));
    assert!(collector.arm("nudge", "discount")["share"].as_f64().unwrap() > 0.9);
}

#[test]
fn the_epoch_stands_still_while_nothing_moves_and_survives_a_restart() {
    let folder = Folder::new();
    let collector = Collector::start(&folder);
    send(&collector, "gentle", 40, 0);
    send(&collector, "loud", 40, 0);
    send(&collector, "discount", 40, 38);
    wait_for("the first odds", || share(&collector.odds(), "else", "discount") > 0.99);
    let mut before = collector.odds();
    wait_for("the odds have settled", || {
        std::thread::sleep(Duration::from_millis(500));
        std::mem::replace(&mut before, collector.odds()) == before
    });
    send(&collector, "gentle", 1, 0);
    let mut held = report("holdout", false);
    held["counts"][0]["stream"] = json!("holdout");
    for seen in ["shown", "clicked", "dismissed"] {
        held["counts"][0][seen] = json!(0);
    }
    assert_eq!(collector.report(&held.to_string()).status, 204);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(collector.odds(), before);
    let key = collector.stop();
    let again = Collector::with(config(&folder, None), key);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(again.odds(), before);
    assert!(again.notes.is_empty(), "{:?}", again.notes);
}

#[test]
fn who_is_kept_from_everything_is_counted_beside_the_campaigns_own_holdout() {
    let folder = Folder::new();
    let collector = Collector::start(&folder);
    for (stream, times) in [("holdout", 2), ("global", 3)] {
        for _ in 0..times {
            let mut held = report("holdout", false);
            held["counts"][0]["stream"] = json!(stream);
            for seen in ["shown", "clicked", "dismissed"] {
                held["counts"][0][seen] = json!(0);
            }
            assert_eq!(collector.report(&held.to_string()).status, 204);
        }
    }
    let results = collector.own("GET", "/v1/demo/results", "").json();
    let campaign = &results["campaigns"][0];
    let own =
        campaign["messages"].as_array().unwrap().iter().find(|arm| arm["message"] == "holdout").unwrap();
    assert_eq!((&own["visitors"], &campaign["visitors"]), (&json!(2), &json!(2)));
    assert_eq!(campaign["global_holdout"]["visitors"], 3);
}

#[test]
fn how_late_converters_came_is_kept_once_and_a_late_message_is_not_held_against_its_visitors_time() {
    let folder = Folder::new();
    let collector = Collector::start(&folder);
    let mut client = Client::new(collector.addr);
    let today = now() / DAY;
    let mut send = |message: &str, converted: bool, (day, made): (u64, u64)| {
        let mut body = report(message, converted);
        body["id"] = json!(id_at(made * DAY + DAY / 2));
        body["counts"][0]["day"] = json!(date(day as u32));
        body["counts"][0]["visitors"] = json!(u8::from(!converted));
        // Twice: the second time it was merged already.
        for _ in 0..2 {
            assert_eq!(client.send("POST", "/v1/demo/reports", &[], body.to_string().as_bytes()).status, 204);
        }
    };
    // Of forty visitors a day three buy on the day, three on each of the next four.
    // The last message came two days ago.
    for day in today - 12..today {
        for message in ["gentle", "loud", "discount"].iter().filter(|m| **m != "discount" || day + 3 > today)
        {
            (0..40).for_each(|_| send(message, false, (day, day)));
            for after in (0..5).filter(|after| day + after < today) {
                (0..3).for_each(|_| send(message, true, (day, day + after)));
            }
        }
    }
    let late = || share(&collector.odds(), "else", "discount");
    wait_for("odds are published", || late() > 0.0);
    std::thread::sleep(Duration::from_millis(600));
    assert!(late() > 0.15, "{}: 11 % of its visitors bought so far, of the others' a third", late());
    collector.stop();
    let sum = |sql| folder.number(sql);
    assert_eq!(sum("SELECT sum(converters) FROM lags"), sum("SELECT sum(converters) FROM counters"));
    assert_eq!(sum("SELECT max(lag) FROM lags"), 4);
    let audits = audit(&place(&folder), Some("demo")).unwrap();
    assert!(audits[0].leaves > 0 && audits[0].wrong.is_empty(), "{audits:?}");
}

#[test]
fn every_epoch_can_be_re_run_from_what_was_kept() {
    let folder = Folder::new();
    let collector = Collector::start(&folder);
    for round in 1..4 {
        send(&collector, "gentle", 20 * round, 3);
        send(&collector, "loud", 20 * round, 12 * round);
        std::thread::sleep(Duration::from_millis(300));
    }
    collector.stop();
    let audits = audit(&place(&folder), Some("demo")).unwrap();
    let [found] = audits.as_slice() else { panic!("{audits:?}") };
    assert!(found.epochs >= 1 && found.leaves >= found.epochs, "{found:?}");
    assert_eq!((found.wrong.as_slice(), found.passed), ([].as_slice(), 0));
    // Where older epochs were taken away, the rest still follows from its counts.
    if found.epochs > 1 {
        folder.change("UPDATE odds SET site = 'away' WHERE epoch = 1");
        let audits = audit(&place(&folder), None).unwrap();
        assert_eq!((audits[0].epochs, audits[0].wrong.as_slice()), (found.epochs - 1, [].as_slice()));
        folder.change("UPDATE odds SET site = 'demo' WHERE epoch = 1");
    }
    // One converter more in what was kept, and the odds no longer follow from it.
    let kept = folder.ask("SELECT evidence FROM odds WHERE epoch = 1").remove(0).remove(0);
    let mut changed: Value = serde_json::from_str(&kept).unwrap();
    let leaves = &mut changed["campaigns"][0]["windows"][0];
    leaves.as_array_mut().unwrap().iter_mut().for_each(|leaf| leaf[0][1] = json!(leaf[0][0]));
    folder.change(&format!("UPDATE odds SET evidence = '{changed}' WHERE epoch = 1"));
    let audits = audit(&place(&folder), None).unwrap();
    assert!(
        audits[0].wrong[0].starts_with("site `demo`, epoch 1: the odds of `nudge`, leaf `"),
        "{audits:?}"
    );
    // An epoch by another version's rule is passed over, whatever its counts say.
    changed["rule"] = json!(changed["rule"].as_u64().unwrap() - 1);
    folder.change(&format!("UPDATE odds SET evidence = '{changed}' WHERE epoch = 1"));
    let audits = audit(&place(&folder), None).unwrap();
    assert_eq!(audits[0].passed, 1);
    assert!(audits[0].wrong.iter().all(|wrong| !wrong.contains("epoch 1:")), "{audits:?}");
}

#[test]
fn what_nobody_can_need_any_more_is_taken_away_at_a_start_and_the_rest_stays() {
    let folder = Folder::new();
    let key = Collector::start(&folder).stop();
    folder.change("UPDATE versions SET version = 100, origin = 100");
    for day in 1..=60u64 {
        let at = day * DAY;
        folder.change(&format!(
            "INSERT INTO versions VALUES ('demo', {day}, {day}, 'p{day}', '', blob(00), {at})"
        ));
    }
    for (epoch, at) in [(1, 0), (2, 0), (3, 0), (4, 0), (5, now())] {
        folder.change(&format!(
            "INSERT INTO odds VALUES ('demo', {epoch}, {at}, '{{\"e\":{epoch}}}', blob(00))"
        ));
    }
    folder.change(
        "INSERT INTO counters VALUES ('demo', 'nudge', 'gentle', 'else', 'adaptive', 1, 2, 1, 0, '0', '0', 1, 1, 0, 0)",
    );
    let again = Collector::with(config(&folder, None), key);
    let odds = || folder.ask("SELECT epoch, evidence FROM odds ORDER BY epoch");
    let wanted = [["2", "{}"], ["5", "{\"e\":5}"]];
    wait_for("of old odds those that a count names are left", || odds() == wanted);
    let versions = || folder.ask("SELECT count(*), min(version), max(version) FROM versions");
    wait_for("of old rules the latest are left", || versions() == [["11", "51", "100"]]);
    assert_eq!(again.get("/v1/demo/plan").status, 200);
    assert_eq!(again.arm("nudge", "gentle")["visitors"], 1);
}
