//! Foreign bytes as a device's memory: refused, or read and gone on with under
//! the demo shop's plan, without a panic.
#![no_main]

#[path = "../walk.rs"]
mod walk;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use vitrine_engine::decide::Published;
use vitrine_engine::event::Event;
use vitrine_engine::seal::{self, Kind};
use vitrine_engine::walk::Visitor;

/// A visitor who has been here before.
static GOOD: LazyLock<Visitor> = LazyLock::new(|| {
    let published = Published { plan: walk::PLAN.clone(), ..Published::default() };
    let mut visitor = Visitor::new(7);
    for at in 0..40 {
        let view = Event::page_view("https://shop.example/list/shoes", "", walk::START.plus(at * 1000));
        visitor.step(&published, &view);
        visitor.step(&published, &Event::new("view_item", view.at.plus(1)));
    }
    visitor
});

fuzz_target!(|bytes: &[u8]| {
    if let Ok(visitor) = seal::open(Kind::Memory, &seal::seal(Kind::Memory, &walk::foreign(&*GOOD, bytes))) {
        walk::walk(walk::PLAN.clone(), visitor);
    }
});
