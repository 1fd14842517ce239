//! The same log and the same rows give the same model and the same lists in
//! every runtime: the same binary trains and ranks natively, in Node and in the
//! browser. Only a real shop's sessions are read from a file, where there is one:
//! a browser passes over them, and so does who has no reference folder.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use std::fmt::Write;

use vitrine_engine::hash::hash64;
use vitrine_engine::recommend::{HISTORY, Model, rank};
use vitrine_engine::rng::Rng;
use vitrine_engine::seal;
use vitrine_trainer::assemble::{Goods, Serving, within};
use vitrine_trainer::catalog::Catalog;
use vitrine_trainer::lists::{Occurrences, Shape, count, returns};
use vitrine_trainer::read::read;
use vitrine_trainer::tune::clicks;
use vitrine_trainer::{Wish, train};
use wasm_bindgen_test::wasm_bindgen_test;

/// Walks among 300 items in rings of ten, with steps back and strays.
fn log() -> String {
    let mut rng = Rng::new(5, 0);
    let mut text = String::new();
    for _ in 0..800 {
        let (mut ring, mut at) = (rng.below(30), rng.below(10));
        for _ in 0..2 + rng.below(6) {
            let _written = write!(text, "{} ", ring * 10 + at);
            at = if rng.below(5) == 0 { (at + 9) % 10 } else { (at + 1 + rng.below(2)) % 10 };
            ring = if rng.below(12) == 0 { rng.below(30) } else { ring };
        }
        text.push('\n');
    }
    text
}

/// The name of the sealed model, and a hash of the lists after every beginning of
/// every session.
fn names(log: &str, rows: &str) -> (String, u64, usize) {
    let wish = Wish { support: 1, ..Wish::default() };
    let trained = train(&mut log.as_bytes(), &Catalog::default(), wish, &mut |_| ()).unwrap();
    let prefixes = rows.lines().flat_map(|line| {
        let clicks: Vec<&str> = line.split_whitespace().collect();
        (1..clicks.len()).map(|end| clicks[..end].to_vec()).collect::<Vec<_>>()
    });
    let (lists, count) = ranked(&trained.bytes, prefixes);
    (seal::name(&trained.bytes), lists, count)
}

/// A hash of the lists after so many beginnings of sessions.
fn ranked<'a>(sealed: &[u8], prefixes: impl Iterator<Item = Vec<&'a str>>) -> (u64, usize) {
    let (model, index) = Model::load(sealed).unwrap();
    let (mut lists, mut count) = (Vec::new(), 0);
    for prefix in prefixes {
        let list = rank((&model, &index), &prefix, &[], 20);
        lists.extend(list.iter().filter_map(|item| index.id(*item)).flat_map(|id| (id + " ").into_bytes()));
        lists.push(b'\n');
        count += 1;
    }
    (hash64(&lists), count)
}

/// A file of a real shop's sessions; nothing where it is absent.
#[cfg(not(target_arch = "wasm32"))]
fn reference(name: &str) -> Option<String> {
    let folder = std::env::var("VITRINE_REFERENCE").unwrap_or_else(|_| BESIDE.into());
    std::fs::read_to_string(format!("{folder}{SESSIONS}{name}")).ok()
}

/// As natively, through Node; nothing in a browser, which has no files.
#[cfg(target_arch = "wasm32")]
fn reference(name: &str) -> Option<String> {
    use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_name = eval, catch)]
        fn said(code: &str) -> Result<JsValue, JsValue>;
    }
    let folder = format!("(process.env.VITRINE_REFERENCE || {BESIDE:?})");
    let read = format!("process.getBuiltinModule('fs').readFileSync({folder} + '{SESSIONS}{name}', 'utf8')");
    said(&read).ok()?.as_string()
}

const BESIDE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared");
const SESSIONS: &str = "/data/sessions/bol_last2d/";

#[wasm_bindgen_test(unsupported = test)]
fn every_row_of_a_real_shop_gets_the_same_list_everywhere() {
    let (Some(log), Some(rows)) = (reference("train.txt"), reference("test.txt")) else {
        println!("passed over: there is no {BESIDE}{SESSIONS} here; VITRINE_REFERENCE can name the folder");
        return;
    };
    let log = read(&mut log.as_bytes(), &[], &mut |_| ()).unwrap();
    let occurrences = Occurrences::new(&log.sessions, log.sessions.len(), log.ids.len());
    // The usual settings: choosing takes a minute in a test's unhurried wasm.
    let goods = Goods {
        ids: &log.ids,
        clicks: &clicks(&occurrences),
        lists: &count(&log.sessions, &occurrences, Shape::default(), 1),
        together: None,
        returns: &returns(&log.sessions, log.sessions.len(), HISTORY),
        cards: &[],
        hours: &[],
        intent: None,
    };
    let (_, bytes) = within(&goods, Serving::default(), 128_000).unwrap();
    let prefixes = rows.lines().map(|row| row.split('\t').next().unwrap().split(' ').collect());
    let (lists, count) = ranked(&bytes, prefixes);
    assert_eq!(
        (seal::name(&bytes).as_str(), format!("{lists:016x}").as_str(), count),
        ("8ce053a37f8fefad", "9f2eaa2bfe236753", 5091)
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn a_generated_log_gives_the_same_model_and_lists_everywhere() {
    let log = log();
    let (model, lists, count) = names(&log, &log);
    assert_eq!(
        (model.as_str(), format!("{lists:016x}").as_str(), count),
        ("92555f3edb5bf92b", "30615a9368a1b43b", 2775)
    );
}
