//! Foreign bytes as a plan: refused, or judged, decided, explained and drawn
//! without a panic. The checksum is mended first, or nothing would get past it.
#![no_main]

#[path = "../walk.rs"]
mod walk;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use vitrine_engine::plan::Plan;
use vitrine_engine::seal::{self, Kind};
use vitrine_engine::walk::Visitor;

static GOOD: LazyLock<Plan> =
    LazyLock::new(|| vitrine_rules::compile(walk::DEMO).plan.expect("the demo's rules are a plan"));

fuzz_target!(|bytes: &[u8]| {
    if let Ok(plan) = Plan::open(&seal::seal(Kind::Plan, &walk::foreign(&*GOOD, bytes))) {
        walk::walk(plan, Visitor::new(7));
    }
});
