//! Foreign bytes as a plan: refused, or judged, decided, explained and drawn
//! without a panic. The checksum is mended first, or nothing would get past it.
#![no_main]

#[path = "../walk.rs"]
mod walk;

use libfuzzer_sys::fuzz_target;
use vitrine_engine::plan::Plan;
use vitrine_engine::seal::{self, Kind};
use vitrine_engine::walk::Visitor;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(plan) = Plan::open(&seal::seal(Kind::Plan, &walk::foreign(&*walk::PLAN, bytes))) {
        walk::walk(plan, Visitor::new(7));
    }
});
