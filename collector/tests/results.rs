//! What results say of visitors beside their counts. Never checks a statistic:
//! those are checked where they are made.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use serde_json::json;
use support::{Collector, Folder, config, is_postgres, now, report, wait_for};
use vitrine_engine::time::{DAY, date};

const SAFARI: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15";
const CHROME: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";

/// One visitor of a message who was drawn three weeks ago, so that the goal's
/// window of a week is over.
fn visitor(collector: &Collector, message: &str, agent: &str, buys: bool) {
    let mut body = report(message, buys);
    body["counts"][0]["day"] = json!(date((now() / DAY - 21) as u32));
    let headers = [("content-type", "text/plain"), ("user-agent", agent)];
    assert_eq!(collector.send("POST", "/v1/demo/reports", &headers, &body.to_string()).status, 204);
}

#[test]
fn visitors_whose_browsers_forget_are_counted_and_can_be_left_out() {
    let folder = Folder::new();
    let collector = Collector::start(&folder);
    for at in 0..40 {
        visitor(&collector, "gentle", CHROME, at % 4 == 0);
        visitor(&collector, "gentle", SAFARI, false);
        visitor(&collector, "loud", CHROME, at % 2 == 0);
    }
    let read = |collector: &Collector, path: &str| {
        let campaign = collector.own("GET", path, "").json()["campaigns"][0].clone();
        let gentle = campaign["messages"][0].clone();
        (
            campaign["forgetful"].clone(),
            gentle["settled"].clone(),
            gentle["rate"].clone(),
            gentle["visitors"].clone(),
        )
    };
    let all = read(&collector, "/v1/demo/results");
    assert_eq!(all, (json!(40), json!(80), json!(0.125), json!(80)));
    let lasting = read(&collector, "/v1/demo/results?browsers=lasting");
    assert_eq!(lasting, (json!(40), json!(40), json!(0.25), json!(80)));
    let verdict = collector.own("GET", "/v1/demo/results", "").json()["campaigns"][0]["verdict"].clone();
    assert_eq!(verdict["state"], "open");
    assert_eq!(verdict["words"]["en"], "no winner yet; the aim `earn` seldom finds one, `learn` does");
    assert_eq!((&verdict["days"], &verdict["days_low"]), (&json!(null), &json!(null)));
    // It is the same after a restart.
    let key = collector.stop();
    let again = Collector::with(config(&folder, None), key);
    assert_eq!(read(&again, "/v1/demo/results"), all);
    assert_eq!(read(&again, "/v1/demo/results?browsers=lasting"), lasting);
}

#[test]
fn every_field_of_the_results_is_described() {
    let folder = Folder::new();
    let collector = Collector::start(&folder);
    visitor(&collector, "gentle", CHROME, true);
    let api = collector.get("/openapi.json").json();
    let schemas = &api["components"]["schemas"];
    let results = collector.own("GET", "/v1/demo/results?leaves=true", "").json();
    let known = |value: &serde_json::Value, schema: &serde_json::Value| {
        for key in value.as_object().unwrap().keys() {
            assert!(schema["properties"].get(key).is_some(), "`{key}` is not described");
        }
    };
    let campaign = &schemas["Results"]["properties"]["campaigns"]["items"];
    known(&results, &schemas["Results"]);
    known(&results["campaigns"][0], campaign);
    known(&results["campaigns"][0]["leaves"][0], &campaign["properties"]["leaves"]["items"]);
    known(&results["campaigns"][0]["messages"][0], &schemas["Arm"]);
    known(&results["campaigns"][0]["verdict"], &schemas["Verdict"]);
}

#[test]
fn what_is_judged_is_the_same_after_a_restart_and_from_a_folder_of_the_version_before() {
    let folder = Folder::new();
    let collector = Collector::start(&folder);
    for at in 0..60 {
        visitor(&collector, "gentle", CHROME, at % 12 == 0);
        visitor(&collector, "loud", CHROME, at % 2 == 0);
    }
    wait_for("there are odds", || collector.odds()["epoch"].as_u64() > Some(0));
    // Visitors who were drawn from odds: their shares are known by the epoch.
    for at in 0..200 {
        let mut body = report(if at % 20 == 0 { "gentle" } else { "loud" }, at % 3 == 0);
        body["counts"][0]["day"] = json!(date((now() / DAY - 20) as u32));
        body["counts"][0]["stream"] = json!("adaptive");
        body["counts"][0]["epoch"] = json!(1);
        assert_eq!(collector.report(&body.to_string()).status, 204);
    }
    let campaign = |collector: &Collector| {
        let mut campaign = collector.own("GET", "/v1/demo/results", "").json()["campaigns"][0].clone();
        for message in campaign["messages"].as_array_mut().unwrap() {
            // The odds move on.
            message["share"] = json!(null);
        }
        campaign
    };
    let before = campaign(&collector);
    assert!(before["messages"][2]["to_baseline"]["lift"]["value"].as_f64() > Some(0.5), "{before}");
    let key = collector.stop();
    let again = Collector::with(config(&folder, None), key);
    assert_eq!(campaign(&again), before);
    let key = again.stop();
    if is_postgres() {
        // Its schema has one version still.
        return;
    }
    folder.change("DROP TABLE forgetful; DROP TABLE lags; PRAGMA user_version = 1");
    let newer = Collector::with(config(&folder, None), key);
    assert_eq!(campaign(&newer), before);
    visitor(&newer, "gentle", SAFARI, true);
    assert_eq!(campaign(&newer)["forgetful"], 1);
}
