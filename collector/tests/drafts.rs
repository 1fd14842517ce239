//! A draft is seen by whoever has its token, and changes nothing for anybody else.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use serde_json::json;
use support::{Answer, Collector, Folder, RULES, config, is_postgres, now, report};
use vitrine_collector::keys::Role;
use vitrine_collector::new_key;
use vitrine_engine::bandit::Odds;
use vitrine_engine::plan::Plan;
use vitrine_engine::seal::{self, Kind};

const DAY_MILLIS: u64 = 24 * 60 * 60 * 1000;

fn draft(collector: &Collector, word: &str) -> Answer {
    collector.own("POST", "/v1/demo/drafts", &RULES.replace("Still thinking?", word))
}

/// Where the faces of a draft are.
fn place(answer: &Answer) -> String {
    format!("/v1/demo/drafts/{}", answer.json()["token"].as_str().unwrap())
}

#[test]
fn a_draft_has_the_faces_of_a_site_and_leaves_what_is_published_alone() {
    let folder = Folder::new();
    let collector = Collector::start(&folder);
    let before = collector.get("/v1/demo/plan").json();
    let asked = now();
    let kept = draft(&collector, "In the making");
    assert_eq!(kept.status, 201, "{}", kept.text());
    let answer = kept.json();
    assert_eq!(answer["token"].as_str().unwrap().len(), 32);
    assert_eq!(answer["diagnostics"], json!([]));
    assert!(answer["url"].is_null(), "nobody said where the shop is");
    let expires = answer["expires"].as_u64().unwrap();
    assert!(expires >= asked + DAY_MILLIS && expires <= now() + DAY_MILLIS);

    let place = place(&kept);
    let pointer = collector.get(&format!("{place}/plan"));
    assert_eq!(pointer.json(), json!({ "plan": answer["plan"], "model": null, "expires": expires }));
    assert_ne!(pointer.json()["plan"], before["plan"]);
    assert_eq!(pointer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(pointer.header("cache-control"), Some("private, no-store"));
    let plan = collector.get(&format!("{place}/plan/{}", answer["plan"].as_str().unwrap()));
    assert_eq!(Plan::open(&plan.body).unwrap().site, "demo");
    let odds = collector.get(&format!("{place}/odds"));
    assert_eq!(odds.status, 200);
    seal::open::<Odds>(Kind::Odds, &odds.body).unwrap();
    // What is published has another name, and is not a draft's.
    let published = before["plan"].as_str().unwrap();
    assert_eq!(collector.get(&format!("{place}/plan/{published}")).status, 404);
    assert_eq!(collector.get(&format!("{place}/model/{published}")).status, 404);
    let public = format!("/v1/demo/plan/{}", answer["plan"].as_str().unwrap());
    assert_eq!(collector.get(&public).status, 404, "only who has the token sees a draft");
    assert_eq!(collector.get("/v1/demo/plan").json(), before);
    assert_eq!(
        collector.own("GET", "/v1/demo/rules/versions", "").json()["versions"].as_array().unwrap().len(),
        1
    );
}

#[test]
fn what_a_preview_would_report_counts_nowhere() {
    let folder = Folder::new();
    let collector = Collector::start(&folder);
    let place = place(&draft(&collector, "In the making"));
    let results = || collector.own("GET", "/v1/demo/results", "").json()["campaigns"].clone();
    let before = results();
    let body = report("gentle", true).to_string();
    for body in [body.as_str(), "", "no report at all"] {
        let answer =
            collector.send("POST", &format!("{place}/reports"), &[("content-type", "text/plain")], body);
        assert_eq!(answer.status, 204);
    }
    assert_eq!(results(), before);
}

#[test]
fn an_unknown_token_is_told_so_at_every_face() {
    let folder = Folder::new();
    let collector = Collector::start(&folder);
    let known = draft(&collector, "In the making").json()["token"].as_str().unwrap().to_owned();
    let unknown = "0123456789abcdef0123456789abcdef";
    for token in [unknown, "x", "..%2f..%2fdemo", &known[1..], &known.to_uppercase()] {
        for face in ["plan", "plan/0000000000000000", "odds", "model/0000000000000000"] {
            let answer = collector.get(&format!("/v1/demo/drafts/{token}/{face}"));
            assert_eq!(answer.status, 404, "{token} {face}");
            answer.problem();
        }
        let answer = collector.send("POST", &format!("/v1/demo/drafts/{token}/reports"), &[], "");
        assert_eq!(answer.status, 404);
        answer.problem();
    }
    let answer = collector.get(&format!("/v1/demo/drafts/{unknown}/plan"));
    assert!(answer.problem().contains("no such draft"));
}

#[test]
fn a_draft_is_its_sites_alone() {
    let folder = Folder::new();
    let mut two = config(&folder, Some(folder.file("rules.json", RULES)));
    let other = folder.file("other.json", &RULES.replace("\"demo\"", "\"other\""));
    two.sites.push(vitrine_collector::SiteConfig { rules: Some(other), ..Default::default() });
    let collector = Collector::with(two, String::new());
    let token = draft(&collector, "In the making").json()["token"].as_str().unwrap().to_owned();
    let asked = |site: &str| collector.get(&format!("/v1/{site}/drafts/{token}/plan")).status;
    assert_eq!((asked("demo"), asked("other")), (200, 404));
    assert_eq!(collector.get("/v1/other/plan").status, 200);
}

#[test]
fn a_draft_needs_a_marketer_and_rules_without_mistakes() {
    let folder = Folder::new();
    let mut settings = config(&folder, Some(folder.file("rules.json", RULES)));
    settings.sites[0].shop = Some("https://shop.example/ko/".into());
    let kept_in = support::place(&folder);
    let collector = Collector::with(settings, String::new());
    let send = |key: &str| {
        let bearer = format!("Bearer {key}");
        collector.send("POST", "/v1/demo/drafts", &[("authorization", &bearer)], RULES)
    };
    assert_eq!(collector.send("POST", "/v1/demo/drafts", &[], RULES).status, 401);
    assert_eq!(send(&new_key(&kept_in, "demo", Role::Viewer).unwrap()).status, 403);
    let kept = send(&new_key(&kept_in, "demo", Role::Marketer).unwrap());
    assert_eq!(kept.status, 201);
    let token = kept.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(kept.json()["url"], format!("https://shop.example/ko/?vitrine-preview={token}"));

    let broken = RULES.replace("\"goal\": \"order\", \"holdout\"", "\"goaal\": \"order\", \"holdout\"");
    let answer = collector.own("POST", "/v1/demo/drafts", &broken);
    assert_eq!(answer.status, 422);
    answer.problem();
    assert_eq!(answer.json()["diagnostics"][0]["line"], 7);
    let foreign = RULES.replace("\"site\": \"demo\"", "\"site\": \"other\"");
    assert_eq!(
        collector.own("POST", "/v1/demo/drafts", &foreign).json()["diagnostics"][0]["code"],
        "foreign_site"
    );
    let large = " ".repeat(1024 * 1024 + 1);
    assert_eq!(collector.own("POST", "/v1/demo/drafts", &large).status, 413);
}

#[test]
fn drafts_end_with_the_collector_that_is_alone() {
    let folder = Folder::new();
    let collector = Collector::start(&folder);
    let place = place(&draft(&collector, "In the making"));
    let key = collector.stop();
    let collector = Collector::with(config(&folder, None), key);
    let wanted = if is_postgres() { 200 } else { 404 };
    assert_eq!(collector.get(&format!("{place}/plan")).status, wanted);
    assert_eq!(collector.get("/v1/demo/plan").status, 200);
}
