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
use vitrine_engine::recommend::Model;
use vitrine_engine::seal::{self, Kind};
use walk::{Raw, START};

fuzz_target!(|bytes: &[u8]| {
    let raw = Raw(bytes.to_vec());
    let _ = seal::open::<Odds>(Kind::Odds, &seal::seal(Kind::Odds, &raw));
    let _ = Model::load(&seal::seal(Kind::Model, &raw));
    let view = Event::page_view("https://shop.example/", "", START);
    let _ = digest::read(&seal::seal(Kind::Digest, &raw), 1, &Published::default(), &view);
});
