//! A model is served as one file or as a head and its shards, and another one
//! that takes its place without a restart.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use support::{Collector, Folder, RULES, config};
use vitrine_collector::{Config, StartError, shard_path, start};
use vitrine_engine::ids::pack_ids;
use vitrine_engine::lists::Writer;
use vitrine_engine::recommend::Model;
use vitrine_engine::recommend::directory::Directory;
use vitrine_engine::seal;

static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn model(id: &str) -> Model {
    let mut lists = Writer::default();
    lists.list(0, &[]);
    Model { items: 1, ids: pack_ids(&[id]), lists: lists.finish(), ..Model::default() }
}

/// Writes a head and two shards; gives the names of all three.
fn write_divided(path: &Path, word: &str) -> Vec<String> {
    let shards = ["one", "two"].map(|shard| model(&format!("{word}-{shard}")).seal());
    let mut names: Vec<String> = shards.iter().map(|bytes| seal::name(bytes)).collect();
    for (bytes, name) in shards.iter().zip(&names) {
        let place = shard_path(path, name);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(place, bytes).unwrap();
    }
    let directory = Some(Directory { shards: names.clone(), ..Directory::default() });
    let head = Model { directory, ..model(word) }.seal();
    names.insert(0, seal::name(&head));
    std::fs::write(path, head).unwrap();
    names
}

fn with_model(folder: &Folder) -> (Config, PathBuf) {
    let mut config = config(folder, Some(folder.file("rules.json", RULES)));
    let place = folder.0.join("site.model");
    config.sites[0].model = Some(place.clone());
    config.odds_interval = Duration::from_millis(20);
    config.say = |sentence| SAID.lock().unwrap().push(sentence.into());
    (config, place)
}

fn pointed(collector: &Collector) -> String {
    collector.get("/v1/demo/plan").json()["model"].as_str().unwrap().into()
}

fn until(what: &str, ask: impl Fn() -> bool) {
    let began = Instant::now();
    while !ask() {
        assert!(began.elapsed() < Duration::from_secs(10), "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn the_pointer_names_the_head_and_all_its_shards_are_served_by_their_names() {
    let folder = Folder::new();
    let (config, place) = with_model(&folder);
    let names = write_divided(&place, "a");
    let collector = Collector::with(config, String::new());
    assert_eq!(pointed(&collector), names[0]);
    for name in &names {
        let answer = collector.get(&format!("/v1/demo/model/{name}"));
        assert_eq!(answer.header("cache-control"), Some("public, max-age=31536000, immutable"));
        assert_eq!(&seal::name(&answer.body), name);
    }
    assert_eq!(collector.get("/v1/demo/model/0000000000000000").status, 404);
}

#[test]
fn a_collector_does_not_start_on_a_head_that_lacks_a_shard() {
    let folder = Folder::new();
    let (config, place) = with_model(&folder);
    let names = write_divided(&place, "a");
    let refused = |config: &Config| {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(start(config.clone())).unwrap_err()
    };
    let shard = shard_path(&place, &names[2]);
    std::fs::copy(shard_path(&place, &names[1]), &shard).unwrap();
    assert!(matches!(refused(&config), StartError::Input(s) if s.contains("is not the shard of this name")));
    std::fs::remove_file(&shard).unwrap();
    assert!(matches!(refused(&config), StartError::Unusable(s) if s.contains(&names[2])));
}

#[test]
fn another_model_in_its_place_is_served_and_a_broken_one_is_not() {
    let folder = Folder::new();
    let (config, place) = with_model(&folder);
    let names = write_divided(&place, "a");
    let collector = Collector::with(config, String::new());
    let plan = collector.get("/v1/demo/plan");
    let tag = plan.header("etag").unwrap().to_string();
    let other = model("b").seal();
    std::fs::write(&place, &other).unwrap();
    until("the pointer names the other", || pointed(&collector) == seal::name(&other));
    let asked_again = collector.send("GET", "/v1/demo/plan", &[("if-none-match", &tag)], "");
    assert_eq!(asked_again.status, 200, "who knows the old pointer is told");
    for name in &names {
        assert_eq!(
            collector.get(&format!("/v1/demo/model/{name}")).status,
            200,
            "who was told of it finds it"
        );
    }
    let said = |part: &str| SAID.lock().unwrap().iter().filter(|line| line.contains(part)).count();
    let shown = place.display().to_string();
    assert_eq!(said(&format!("the model of `demo` is now {}, from `{shown}`", seal::name(&other))), 1);
    std::fs::write(&place, "half of a mod").unwrap();
    let complaint = format!("the model `{shown}` is not a file of this kind; make one with `vitrine train`");
    until("the operator is told", || said(&complaint) == 1);
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!((pointed(&collector), said(&complaint)), (seal::name(&other), 1), "once");
    let names = write_divided(&place, "c");
    until("the next good one is served", || pointed(&collector) == names[0]);
}
