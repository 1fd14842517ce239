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
use vitrine_engine::recommend::{Model, rank};
use vitrine_engine::seal::{self, Kind};
use walk::{Raw, START};

fuzz_target!(|bytes: &[u8]| {
    let raw = Raw(bytes.to_vec());
    let _ = seal::open::<Odds>(Kind::Odds, &seal::seal(Kind::Odds, &raw));
    if let Ok((model, index)) = Model::load(&seal::seal(Kind::Model, &raw)) {
        let ids: Vec<String> = (0..model.items.min(20)).filter_map(|item| index.id(item)).collect();
        let session: Vec<&str> = ids.iter().map(String::as_str).collect();
        let list = rank(&model, &index, &session, &[], 50);
        assert!(list.iter().all(|item| *item < model.items));
        let found = ids.iter().zip(0..).all(|(id, item)| index.find(id) == Some(item));
        assert!(found, "an id is found where it stands");
    }
    let view = Event::page_view("https://shop.example/", "", START);
    let _ = digest::read(&seal::seal(Kind::Digest, &raw), 1, &Published::default(), &view);
});
