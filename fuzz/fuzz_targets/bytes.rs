//! Foreign bytes as odds, model and digest: refused or read, never a panic.
//! The checksum is mended first, or nothing would get past it.
#![no_main]

#[path = "../walk.rs"]
mod walk;

use libfuzzer_sys::fuzz_target;
use vitrine_engine::bandit::Odds;
use vitrine_engine::decide::Published;
use vitrine_engine::digest;
use vitrine_engine::event::Event;
use vitrine_engine::recommend::directory::Directory;
use vitrine_engine::recommend::{Index, Model, rank};
use vitrine_engine::seal::{self, Kind};
use walk::{Raw, START};

fuzz_target!(|bytes: &[u8]| {
    let raw = Raw(bytes.to_vec());
    let _ = seal::open::<Odds>(Kind::Odds, &seal::seal(Kind::Odds, &raw));
    if let Ok((model, index)) = Model::load(&seal::seal(Kind::Model, &raw)) {
        let ids: Vec<String> = (0..model.items.min(20)).filter_map(|item| index.id(item)).collect();
        let session: Vec<&str> = ids.iter().map(String::as_str).collect();
        let list = rank((&model, &index), &session, &[], 50);
        assert!(list.iter().all(|item| *item < model.items));
        let found = ids.iter().zip(0..).all(|(id, item)| index.find(id) == Some(item));
        assert!(found, "an id is found where it stands");
    }
    joins(&seal::seal(Kind::Model, &raw));
    let view = Event::page_view("https://shop.example/", "", START);
    let _ = digest::read(&seal::seal(Kind::Digest, &raw), 1, &Published::default(), &view);
});

/// The same bytes as a shard of a model whose head names them.
fn joins(shard: &[u8]) {
    let directory = Directory { shards: vec![seal::name(shard)], ..Directory::default() };
    let mut head = Model { directory: Some(directory), ..Model::default() };
    let mut index = Index::new(&head);
    if index.join(&mut head, shard).is_err() {
        return;
    }
    assert!(index.has(0) && index.join(&mut head, shard).is_ok(), "twice is once");
    let ids: Vec<String> = (0..50).filter_map(|item| index.id(item)).collect();
    let session: Vec<&str> = ids.iter().map(String::as_str).collect();
    for item in rank((&head, &index), &session, &[], 50) {
        let _ = (index.id(item), index.card(&head, item));
    }
}
