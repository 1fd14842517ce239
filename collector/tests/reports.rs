//! Reports are counted exactly once, or not at all.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use serde_json::{Value, json};
use support::{Client, Collector, Folder, id_at, now, report};

const DAY: u64 = 86_400_000;

#[test]
fn the_same_report_again_is_answered_and_not_counted() {
    let folder = Folder::new();
    let collector = Collector::start(&folder);
    let body = report("gentle", true).to_string();
    for _ in 0..3 {
        assert_eq!(collector.report(&body).status, 204);
    }
    let arm = collector.arm("nudge", "gentle");
    assert_eq!(arm["visitors"], 1);
    assert_eq!(arm["converters"], 1);
    assert_eq!(arm["revenue"], "129000");
    assert_eq!(arm["revenue_per_visitor"], 129_000.0);
    assert_eq!(arm["shown"], 2);
    assert_eq!(arm["click_rate"], 0.5);
    assert_eq!(arm["rate"], 1.0);
    let key = collector.stop();
    let again = Collector::with(support::config(&folder, None), key);
    assert_eq!(again.report(&body).status, 204);
    assert_eq!(again.arm("nudge", "gentle"), arm, "also after a restart");
}

#[test]
fn many_at_once_each_twice_add_up_exactly() {
    let folder = Folder::new();
    let collector = Collector::start(&folder);
    let bodies: Vec<String> = (0..400)
        .map(|at| report(if at % 4 == 0 { "gentle" } else { "loud" }, at % 8 == 0).to_string())
        .collect();
    std::thread::scope(|scope| {
        for sender in 0..8 {
            let (bodies, addr) = (&bodies, collector.addr);
            scope.spawn(move || {
                let mut client = Client::new(addr);
                // Every report is sent by two senders, in opposite orders.
                let mut mine: Vec<&String> = bodies.iter().skip(sender % 4).step_by(4).collect();
                if sender >= 4 {
                    mine.reverse();
                }
                for body in mine {
                    let answer = client.send("POST", "/v1/demo/reports", &[], body.as_bytes());
                    assert_eq!(answer.status, 204);
                }
            });
        }
    });
    let gentle = collector.arm("nudge", "gentle");
    assert_eq!((&gentle["visitors"], &gentle["converters"]), (&json!(100), &json!(50)));
    assert_eq!(gentle["revenue"], (50 * 129_000).to_string());
    let loud = collector.arm("nudge", "loud");
    assert_eq!((&loud["visitors"], &loud["converters"]), (&json!(300), &json!(0)));
    let metrics = Client::new(collector.internal).send("GET", "/metrics", &[], b"");
    assert!(metrics.text().contains("result=\"merged\"} 400\n"), "{}", metrics.text());
    assert!(metrics.text().contains("result=\"repeated\"} 400\n"));
}

/// A report with one thing changed, and what the refusal says of it.
fn bent(change: impl Fn(&mut Value), says: &'static str) -> (String, &'static str) {
    let mut body = report("gentle", true);
    change(&mut body);
    (body.to_string(), says)
}

#[test]
fn what_is_no_report_is_refused_with_a_sentence_and_nothing_is_counted() {
    let folder = Folder::new();
    let collector = Collector::start(&folder);
    let entry = report("gentle", false)["counts"][0].clone();
    let field = |name: &'static str, value: Value, says| {
        bent(move |body| body["counts"][0][name] = value.clone(), says)
    };
    let long = "x".repeat(101);
    let cases = [
        (String::new(), "not JSON"),
        ("{".into(), "not JSON: line 1, column 1"),
        ("[]".into(), "the report is not an object"),
        ("[".repeat(10_000), "not JSON"),
        bent(|b| b["extra"] = json!(1), "`extra` is no field of the report"),
        bent(|b| drop(b.as_object_mut().unwrap().remove("plan")), "the report has no `plan`"),
        bent(|b| b["id"] = json!("1"), "`id` is not a UUID of version 7"),
        bent(|b| b["id"] = json!("0197f0c2-0000-4fff-bfff-ffffffffffff"), "version 7"),
        bent(|b| b["id"] = json!(id_at(now() + 2 * DAY)), "the device's clock is wrong"),
        bent(|b| b["campaign"] = json!("nothing"), "no published plan of this site has"),
        bent(|b| b["campaign"] = json!(""), "`campaign` is not a name"),
        bent(|b| b["plan"] = json!(long), "`plan` is not a name"),
        bent(|b| b["counts"] = json!({}), "`counts` is not a list"),
        bent(|b| b["counts"] = json!([]), "holds 0 entries"),
        bent(|b| b["counts"] = vec![entry.clone(); 65].into(), "holds 65 entries"),
        bent(|b| b["counts"] = vec![entry.clone(); 5].into(), "`visitors` is 5 in all"),
        bent(|b| b["counts"][0] = json!(1), "entry 1 of `counts`: the entry is not an object"),
        field("message", json!("nobody"), "no published plan"),
        field("message", json!("holdout"), "go together"),
        field("leaf", json!("elsewhere"), "no published plan"),
        field("leaf", json!(long), "`leaf` is not a name"),
        field("leaf", json!("a\u{0}"), "`leaf` is not a name"),
        field("stream", json!("wild"), "`stream` is none of"),
        field("stream", json!("holdout"), "go together"),
        field("epoch", json!(1), "at epoch 1"),
        field("epoch", json!(5_000_000_000u64), "`epoch` is too large"),
        field("day", json!("2026-02-30"), "`day` is not a date"),
        field("day", json!("1999-01-01"), "`day` is not a date"),
        field("day", json!("tomorrow"), "`day` is not a date"),
        field("visitors", json!(-1), "`visitors` is not a whole number"),
        field("visitors", json!(0.5), "`visitors` is not a whole number"),
        field("visitors", json!("1"), "`visitors` is not a whole number"),
        field("visitors", json!(u64::MAX), "are 0 or 1"),
        field("converters", json!(2), "are 0 or 1"),
        field("due", json!(10_001), "`due` is 10001 in all"),
        field("clicked", Value::Null, "`clicked` is not a whole number"),
        field("revenue", json!(129_000), "`revenue` is not a text"),
        field("revenue", json!("-5"), "`revenue` is not a decimal string"),
        field("revenue", json!("1.5"), "`revenue` is not a decimal string"),
        field("revenue", json!("007"), "`revenue` is not a decimal string"),
        field("revenue", json!(""), "`revenue` is not a decimal string"),
        field("revenue", json!("9".repeat(60)), "`revenue` is not a decimal string"),
        field("revenue", json!("1000000000001"), "`revenue` is above"),
        field("revenue2", json!("1"), "`revenue2` cannot come"),
        field("surprise", json!(1), "`surprise` is no field of the entry"),
    ];
    for (body, says) in &cases {
        let answer = collector.report(body);
        assert_eq!(answer.status, 400, "{says}");
        let detail = answer.problem();
        assert!(detail.contains(says), "wanted {says:?}, got {detail:?}");
    }
    let old = bent(|b| b["id"] = json!(id_at(now() - 31 * DAY)), "").0;
    let answer = collector.report(&old);
    assert_eq!(answer.status, 410);
    assert!(answer.problem().contains("do not send it again"));
    let large = format!("{}{}", report("gentle", true), " ".repeat(17_000));
    assert_eq!(collector.report(&large).status, 413);
    let good = report("gentle", true).to_string();
    let unknown = collector.send("POST", "/v1/other/reports", &[], &good);
    assert_eq!((unknown.status, unknown.problem().is_empty()), (404, false));
    let results = collector.own("GET", "/v1/demo/results", "").json();
    for campaign in results["campaigns"].as_array().unwrap() {
        assert_eq!((&campaign["visitors"], &campaign["revenue"]), (&json!(0), &json!("0")));
        for arm in campaign["messages"].as_array().unwrap() {
            for count in ["converters", "due", "shown", "clicked", "dismissed"] {
                assert_eq!(arm[count], 0);
            }
        }
    }
}

#[test]
fn a_conversion_and_a_second_purchase_come_in_reports_of_their_own() {
    let folder = Folder::new();
    let collector = Collector::start(&folder);
    let mut drawn = report("gentle", false);
    drawn["counts"][0]["stream"] = json!("random");
    let mut bought = report("gentle", true);
    bought["counts"][0]["visitors"] = json!(0);
    let mut again = report("gentle", false);
    again["counts"][0]["visitors"] = json!(0);
    again["counts"][0]["revenue"] = json!("1000");
    // (129000 + 1000)² − 129000²
    again["counts"][0]["revenue2"] = json!("259000000");
    for body in [&drawn, &bought, &again] {
        assert_eq!(collector.report(&body.to_string()).status, 204);
    }
    let arm = collector.arm("nudge", "gentle");
    assert_eq!((&arm["visitors"], &arm["converters"]), (&json!(1), &json!(1)));
    assert_eq!(arm["revenue"], "130000");
}

#[test]
fn any_page_may_send_a_report_and_no_cookie_goes_with_it() {
    let folder = Folder::new();
    let collector = Collector::start(&folder);
    let asked = collector.send("OPTIONS", "/v1/demo/reports", &[("origin", "https://shop.example")], "");
    assert_eq!(asked.status, 204);
    for answer in [asked, collector.report("{}"), collector.get("/v1/demo/plan")] {
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        assert_eq!(answer.header("cross-origin-resource-policy"), Some("cross-origin"));
    }
    let results = collector.own("GET", "/v1/demo/results", "");
    assert_eq!(results.header("access-control-allow-origin"), None);
}

#[test]
fn a_disk_that_refuses_counts_nothing_and_the_same_report_counts_later() {
    let folder = Folder::new();
    let collector = Collector::start(&folder);
    let body = report("gentle", true).to_string();
    let refused = folder.while_locked(|| collector.report(&body));
    assert_eq!(refused.status, 503);
    assert_eq!(refused.header("retry-after"), Some("5"));
    assert!(refused.problem().contains("send the same id again"));
    assert_eq!(collector.arm("nudge", "gentle")["visitors"], 0);
    assert_eq!(collector.report(&body).status, 204);
    assert_eq!(collector.arm("nudge", "gentle")["visitors"], 1);
}

#[test]
fn an_id_is_kept_as_long_as_it_is_let_in_and_then_forgotten() {
    let folder = Folder::new();
    let collector = Collector::start(&folder);
    let mut late = report("gentle", true);
    late["id"] = json!(id_at(now() - 30 * DAY + 60_000));
    late["counts"][0]["day"] = json!(vitrine_engine::time::date(((now() - 31 * DAY) / DAY) as u32));
    assert_eq!(collector.report(&late.to_string()).status, 204);
    let key = collector.stop();
    let count = |wanted: i64| {
        let found = || folder.number("SELECT count(*) FROM reports");
        support::wait_for("the ids kept are as many as they should be", || found() == wanted);
    };
    count(1);
    // An id of 1970, as if thirty-one days and more had gone by.
    folder.change("INSERT INTO reports VALUES ('demo', blob(00000000000070008000000000000000))");
    let again = Collector::with(support::config(&folder, None), key);
    count(1);
    assert_eq!(again.report(&late.to_string()).status, 204);
    assert_eq!(again.arm("nudge", "gentle")["visitors"], 1);
}
