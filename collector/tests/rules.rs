//! What is published stays until something better compiles.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use std::net::SocketAddr;
use std::path::Path;

use serde_json::json;
use support::{Client, Collector, Folder, RULES, config, data, is_postgres, place, report};
use vitrine_collector::keys::Role;
use vitrine_collector::{StartError, new_key, revoke, start};
use vitrine_engine::plan::Plan;

fn plan(collector: &Collector) -> String {
    collector.get("/v1/demo/plan").json()["plan"].as_str().unwrap().into()
}

fn other_rules(word: &str) -> String {
    RULES.replace("Still thinking?", word)
}

#[test]
fn rules_are_published_replaced_and_rolled_back() {
    let folder = Folder::new();
    let collector = Collector::start(&folder);
    let first = plan(&collector);
    let answer = collector.own("PUT", "/v1/demo/rules", &other_rules("Second"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let second = plan(&collector);
    assert_ne!(first, second);
    assert_eq!(answer.json(), json!({ "plan": second, "version": 2, "diagnostics": [] }));
    for hash in [&first, &second] {
        let found = collector.get(&format!("/v1/demo/plan/{hash}"));
        assert_eq!(found.header("cache-control"), Some("public, max-age=31536000, immutable"));
        assert_eq!(Plan::open(&found.body).unwrap().site, "demo");
    }
    assert_eq!(collector.get("/v1/demo/plan/0000000000000000").status, 404);
    let same = collector.own("PUT", "/v1/demo/rules", &other_rules("Second"));
    assert_eq!(same.json()["version"], 2, "the same again is no new version");
    collector.own("PUT", "/v1/demo/rules", &other_rules("Third"));
    for (wanted, version) in [(&second, 4), (&first, 5)] {
        let back = collector.own("POST", "/v1/demo/rules/rollback", "");
        assert_eq!(back.json()["version"], version);
        assert_eq!(&plan(&collector), wanted);
    }
    let back = collector.own("POST", "/v1/demo/rules/rollback", "");
    assert_eq!(back.status, 409);
    assert!(back.problem().contains("no earlier version"));
    let third = collector.own("POST", "/v1/demo/rules/rollback?version=3", "");
    assert_eq!(third.json()["version"], 6);
    let text = collector.own("GET", "/v1/demo/rules", "");
    assert_eq!(text.text(), other_rules("Third"));
    assert_eq!(text.header("etag"), Some(format!("\"{}\"", plan(&collector)).as_str()));
    let versions = collector.own("GET", "/v1/demo/rules/versions", "").json();
    let repeats: Vec<_> = versions["versions"].as_array().unwrap().iter().map(|v| &v["repeats"]).collect();
    assert_eq!(json!(repeats), json!([3, 1, 2, null, null, null]));
}

#[test]
fn wrong_rules_are_told_at_their_place_and_change_nothing() {
    let folder = Folder::new();
    let collector = Collector::start(&folder);
    let before = plan(&collector);
    let broken = RULES.replace("\"goal\": \"order\", \"holdout\"", "\"goaal\": \"order\", \"holdout\"");
    let answer = collector.own("PUT", "/v1/demo/rules", &broken);
    assert_eq!(answer.status, 422);
    answer.problem();
    let found = &answer.json()["diagnostics"][0];
    assert_eq!((&found["severity"], &found["line"]), (&json!("error"), &json!(7)));
    let foreign = RULES.replace("\"site\": \"demo\"", "\"site\": \"other\"");
    let answer = collector.own("PUT", "/v1/demo/rules", &foreign);
    assert_eq!(answer.status, 422);
    assert_eq!(answer.json()["diagnostics"][0]["code"], "foreign_site");
    assert_eq!(answer.json()["diagnostics"][0]["line"], 2);
    for wrong in ["", "{", "\u{feff}", "null"] {
        assert_eq!(collector.own("PUT", "/v1/demo/rules", wrong).status, 422, "{wrong:?}");
    }
    let large = " ".repeat(1024 * 1024 + 1);
    assert_eq!(collector.own("PUT", "/v1/demo/rules", &large).status, 413);
    // A word that was meant otherwise must not publish.
    for odd in ["?dry_run=yes", "?dry_run=", "?dry_run=TRUE"] {
        let refused = collector.own("PUT", &format!("/v1/demo/rules{odd}"), &other_rules("Odd"));
        assert_eq!((refused.status, refused.problem().contains("`false` or `true`")), (400, true), "{odd}");
    }
    assert_eq!(collector.own("GET", "/v1/demo/results?leaves=yes", "").status, 400);
    assert_eq!(collector.own("GET", "/v1/demo/results?browsers=all&leaves=false", "").status, 200);
    let dry = collector.own("PUT", "/v1/demo/rules?dry_run=true", &other_rules("Dry"));
    assert_eq!((dry.status, dry.json()["version"].is_null()), (200, true));
    assert_eq!(plan(&collector), before);
}

#[test]
fn two_marketers_do_not_overwrite_each_other() {
    let folder = Folder::new();
    let collector = Collector::start(&folder);
    let bearer = format!("Bearer {}", collector.key);
    let put = |tag: &str, word: &str| {
        let headers = [("authorization", bearer.as_str()), ("if-match", tag)];
        collector.send("PUT", "/v1/demo/rules", &headers, &other_rules(word))
    };
    let seen = format!("\"{}\"", plan(&collector));
    assert_eq!(put(&seen, "Mine").status, 200);
    let late = put(&seen, "Yours");
    assert_eq!(late.status, 412);
    assert!(late.problem().contains("meanwhile"));
    assert_eq!(put("*", "Whatever").status, 200);
}

#[test]
fn every_door_with_a_lock_wants_a_key_that_may() {
    let folder = Folder::new();
    let collector = Collector::start(&folder);
    let kept_in = place(&folder);
    let viewer = new_key(&kept_in, "demo", Role::Viewer).unwrap();
    let marketer = new_key(&kept_in, "demo", Role::Marketer).unwrap();
    folder.change("INSERT INTO sites (site) VALUES ('other')");
    let stranger = new_key(&kept_in, "other", Role::Owner).unwrap();
    let ask = |method: &str, path: &str, key: &str| {
        let bearer = format!("Bearer {key}");
        collector.send(method, path, &[("authorization", &bearer)], RULES).status
    };
    for (method, path) in [
        ("GET", "results"),
        ("GET", "rules"),
        ("GET", "rules/versions"),
        ("GET", "live"),
        ("PUT", "rules"),
        ("POST", "rules/rollback"),
    ] {
        let path = format!("/v1/demo/{path}");
        let without = collector.send(method, &path, &[], "");
        assert_eq!(without.status, 401, "{path}");
        assert_eq!(without.header("www-authenticate"), Some("Bearer"));
        without.problem();
        for wrong in ["", "x", &stranger, &viewer[..viewer.len() - 1]] {
            assert_eq!(ask(method, &path, wrong), 401, "{path}");
        }
        if method != "GET" {
            assert_eq!(ask(method, &path, &viewer), 403, "{path}");
        }
    }
    assert_eq!(ask("GET", "/v1/demo/results", &viewer), 200);
    assert_eq!(ask("PUT", "/v1/demo/rules", &marketer), 200);
    revoke(&kept_in, "demo", Role::Marketer).unwrap();
    assert_eq!(ask("PUT", "/v1/demo/rules", &marketer), 401, "taken away while it runs");
    let found = new_key(&kept_in, "demo", Role::Owner).unwrap();
    assert_eq!(ask("PUT", "/v1/demo/rules", &collector.key), 401, "the lost key opens nothing");
    assert_eq!(ask("PUT", "/v1/demo/rules", &found), 200);
    let has = |key: &str| has_anywhere(&folder.0, key.as_bytes());
    assert!(has("\"loud\""), "the rules lie in the database");
    assert!(!has(&found) && !has(&viewer), "no key lies in the database");
}

#[test]
fn a_session_opens_results_and_changes_things_only_from_our_own_page() {
    let folder = Folder::new();
    let collector = Collector::start(&folder);
    let body = json!({ "key": collector.key }).to_string();
    let wrong = collector.send("POST", "/v1/demo/session", &[], "{\"key\":\"x\"}");
    assert_eq!(wrong.status, 401);
    let foreign = [("sec-fetch-site", "cross-site")];
    assert_eq!(collector.send("POST", "/v1/demo/session", &foreign, &body).status, 403);
    let opened = collector.send("POST", "/v1/demo/session", &[], &body);
    assert_eq!(opened.json()["role"], "owner");
    let cookie = opened.header("set-cookie").unwrap();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/v1/demo", "Max-Age=43200"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let cookie = cookie.split(';').next().unwrap();
    let with = |site: &str, method: &str, path: &str, body: &str| {
        let headers = [("cookie", cookie), ("sec-fetch-site", site)];
        collector.send(method, path, &headers, body)
    };
    assert_eq!(with("same-origin", "GET", "/v1/demo/results", "").status, 200);
    assert_eq!(with("same-origin", "PUT", "/v1/demo/rules", RULES).status, 200);
    assert_eq!(with("cross-site", "PUT", "/v1/demo/rules", RULES).status, 403);
    assert_eq!(with("same-origin", "DELETE", "/v1/demo/session", "").status, 204);
    assert_eq!(with("same-origin", "GET", "/v1/demo/results", "").status, 401);
}

#[test]
fn live_results_come_when_counters_change_and_end_with_the_collector() {
    let folder = Folder::new();
    let collector = Collector::start(&folder);
    let mut reader = Client::new(collector.addr);
    reader.open(&format!(
        "GET /v1/demo/live HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\r\n",
        collector.key
    ));
    let mut next = || loop {
        let line = reader.line().unwrap();
        if let Some(data) = line.strip_prefix("data: ") {
            break serde_json::from_str::<serde_json::Value>(data).unwrap();
        }
    };
    assert_eq!(next()["campaigns"][0]["visitors"], 0);
    assert_eq!(collector.report(&report("gentle", true).to_string()).status, 204);
    assert_eq!(next()["campaigns"][0]["visitors"], 1);
    let began = std::time::Instant::now();
    collector.stop();
    assert!(began.elapsed().as_secs() < 4, "a stream does not hold the collector open");
}

#[test]
fn a_restart_keeps_what_the_console_published_until_the_file_changes() {
    let folder = Folder::new();
    let collector = Collector::start(&folder);
    let from_file = plan(&collector);
    collector.own("PUT", "/v1/demo/rules", &other_rules("Console"));
    let from_console = plan(&collector);
    let key = collector.stop();
    let file = folder.0.join("rules.json");
    let again = Collector::with(config(&folder, Some(file.clone())), key);
    assert_eq!(plan(&again), from_console);
    let key = again.stop();
    folder.file("rules.json", &other_rules("Changed file"));
    let again = Collector::with(config(&folder, Some(file)), key);
    assert!(![from_file, from_console].contains(&plan(&again)));
}

#[test]
fn a_damaged_plan_is_compiled_anew_and_nothing_counted_is_lost() {
    let folder = Folder::new();
    let collector = Collector::start(&folder);
    let hash = plan(&collector);
    assert_eq!(collector.report(&report("gentle", true).to_string()).status, 204);
    let key = collector.stop();
    folder.change("UPDATE versions SET bytes = blob(5650010000000000)");
    folder.change("INSERT INTO odds VALUES ('demo', 7, 0, '[]', blob(00))");
    let again = Collector::with(config(&folder, None), key);
    assert_eq!(again.notes.len(), 2, "{:?}", again.notes);
    assert!(again.notes[0].contains("compiled anew"), "{:?}", again.notes);
    assert_eq!(plan(&again), hash, "the same rules give the same plan");
    assert_eq!(again.arm("nudge", "gentle")["visitors"], 1);
    assert_eq!(again.odds()["epoch"], 7, "epochs never go back");
    let key = again.stop();
    folder.change("UPDATE versions SET bytes = blob(00), rules = 'gone'");
    let again = Collector::with(config(&folder, None), key);
    assert!(again.notes[0].contains("publish them again"), "{:?}", again.notes);
    assert_eq!(again.get("/v1/demo/plan").status, 404);
    assert_eq!(again.report(&report("gentle", false).to_string()).status, 204);
    assert_eq!(again.own("PUT", "/v1/demo/rules", RULES).status, 200);
    assert_eq!(plan(&again), hash);
}

/// Whether some bytes lie in any file of a folder.
fn has_anywhere(folder: &Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()).any(|path| {
        if path.is_dir() {
            return has_anywhere(&path, bytes);
        }
        std::fs::read(&path).is_ok_and(|file| file.windows(bytes.len()).any(|part| part == bytes))
    })
}

fn refused(config: vitrine_collector::Config) -> StartError {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(start(config)).unwrap_err()
}

#[test]
fn a_wrong_start_is_told_in_sentences() {
    let folder = Folder::new();
    let wrong = folder.file("rules.json", "{\n  \"version\": 1,\n}");
    let StartError::Input(sentences) = refused(config(&folder, Some(wrong))) else {
        panic!("wrong rules are wrong input");
    };
    assert!(sentences.contains("rules.json:"), "{sentences}");
    let unusable = |config| match refused(config) {
        StartError::Unusable(sentence) => sentence,
        other => panic!("{other:?}"),
    };
    let (empty, second) = (Folder::new(), Folder::new());
    let nobody = vitrine_collector::Config { sites: vec![], ..config(&empty, None) };
    assert!(unusable(nobody).contains("there is no site yet"));
    let collector = Collector::start(&folder);
    if !is_postgres() {
        assert!(unusable(config(&folder, None)).contains("another collector runs"));
    }
    let taken = vitrine_collector::Config {
        listen: SocketAddr::from(([127, 0, 0, 1], collector.addr.port())),
        ..config(&second, None)
    };
    assert!(unusable(taken).contains("cannot listen on"));
    collector.stop();
    let model = folder.file("site.model", "no model");
    let mut with_model = config(&folder, None);
    with_model.sites[0].model = Some(model);
    assert!(matches!(refused(with_model), StartError::Input(s) if s.contains("vitrine train")));
    for prefix in ["", "v1", "/v1/", "/console", "/a b", "/{x}"] {
        let odd = vitrine_collector::Config { prefix: prefix.into(), ..config(&folder, None) };
        assert!(unusable(odd).contains("no path prefix"), "{prefix}");
    }
    if is_postgres() {
        folder.change("DROP TABLE counters");
    } else {
        std::fs::write(data(&folder), "this is no database, and long enough to be looked at").unwrap();
        let _ = std::fs::remove_file(folder.0.join("data/vitrine.db-wal"));
    }
    assert!(unusable(config(&folder, None)).contains("restore it from a back-up"));
    let newer = Folder::new();
    Collector::start(&newer).stop();
    newer.change(match is_postgres() {
        true => "UPDATE vitrine_schema SET version = 99",
        false => "PRAGMA user_version = 99",
    });
    assert!(unusable(config(&newer, None)).contains("newer vitrine"));
}

#[test]
fn sites_are_kept_apart() {
    let folder = Folder::new();
    let mut two = config(&folder, Some(folder.file("rules.json", RULES)));
    let other = folder.file("other.json", &RULES.replace("\"demo\"", "\"other\""));
    two.sites.push(vitrine_collector::SiteConfig { rules: Some(other), ..Default::default() });
    let collector = Collector::with(two, String::new());
    let body = report("gentle", true).to_string();
    let sent = |site: &str| collector.send("POST", &format!("/v1/{site}/reports"), &[], &body).status;
    assert_eq!((sent("demo"), sent("other"), sent("demo")), (204, 204, 204));
    assert_eq!(collector.arm("nudge", "gentle")["visitors"], 1);
    assert_eq!(collector.own("GET", "/v1/other/results", "").status, 401);
}
