//! Foreign bytes as plan, odds, model, memory and digest: refused or read,
//! never a panic. The checksum is mended first, or nothing would get past it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vitrine_engine::bandit::Odds;
use vitrine_engine::decide::Published;
use vitrine_engine::event::Event;
use vitrine_engine::plan::Plan;
use vitrine_engine::recommend::Model;
use vitrine_engine::seal::{self, Kind};
use vitrine_engine::time::Millis;
use vitrine_engine::walk::Visitor;

/// Raw bytes that seal as they are.
struct Raw(Vec<u8>);

impl vitrine_engine::pack::Pack for Raw {
    fn pack(&self, out: &mut Vec<u8>) {
        out.extend(&self.0);
    }
    fn unpack(_: &mut vitrine_engine::pack::Input) -> Self {
        Raw(Vec::new())
    }
}

fuzz_target!(|bytes: &[u8]| {
    let raw = Raw(bytes.to_vec());
    let _ = seal::open::<Odds>(Kind::Odds, &seal::seal(Kind::Odds, &raw));
    let _ = Model::load(&seal::seal(Kind::Model, &raw));
    let visitor = seal::open::<Visitor>(Kind::Memory, &seal::seal(Kind::Memory, &raw)).unwrap_or_default();
    // A plan that opens must be judged and decided without a panic.
    if let Ok(plan) = Plan::open(&seal::seal(Kind::Plan, &raw)) {
        let published = Published { plan, ..Published::default() };
        let view = Event::page_view("https://shop.example/", "", Millis(1 << 40));
        let mut visitor = visitor;
        visitor.step(&published, &view);
        let _ = vitrine_engine::digest::read(bytes, 1, &published, &view);
    }
});
