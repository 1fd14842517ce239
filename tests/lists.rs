//! The same log and the same rows give the same model and the same lists in
//! every runtime: the same binary trains and ranks natively, in Node and in the
//! browser. Never reads a file: a browser has none.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use std::fmt::Write;

use vitrine_engine::hash::hash64;
use vitrine_engine::recommend::{Index, Model, rank};
use vitrine_engine::rng::Rng;
use vitrine_engine::seal;
use vitrine_trainer::catalog::Catalog;
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
    let (model, index) = Model::load(&trained.bytes).unwrap();
    let (mut lists, mut count) = (Vec::new(), 0);
    for line in rows.lines() {
        let clicks: Vec<&str> = line.split_whitespace().collect();
        for end in 1..clicks.len() {
            let list = rank(&model, &index, &clicks[..end], &[], 20);
            lists.extend(
                list.iter()
                    .filter_map(|item| Index::id(&index, *item))
                    .flat_map(|id| (id + " ").into_bytes()),
            );
            lists.push(b'\n');
            count += 1;
        }
    }
    (seal::name(&trained.bytes), hash64(&lists), count)
}

#[wasm_bindgen_test(unsupported = test)]
fn a_generated_log_gives_the_same_model_and_lists_everywhere() {
    let log = log();
    let (model, lists, count) = names(&log, &log);
    assert_eq!(
        (model.as_str(), format!("{lists:016x}").as_str(), count),
        ("186ee2f7137d934b", "62a391a3b9c8cb5f", 2775)
    );
}
