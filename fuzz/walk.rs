//! What the targets share: bytes that seal as they are, good bytes with a few
//! of them changed, and a walk that asks everything of a plan and a memory.

use std::sync::LazyLock;

use vitrine_engine::decide::Published;
use vitrine_engine::event::{Event, Item};
use vitrine_engine::pack::{Input, Pack};
use vitrine_engine::page::{Moment, Page};
use vitrine_engine::plan::Plan;
use vitrine_engine::time::{HOUR, MINUTE, Millis};
use vitrine_engine::value::Value;
use vitrine_engine::walk::Visitor;
use vitrine_engine::{digest, edge, explain};

/// The demo shop's rules: every part of the language that a shop uses.
#[allow(dead_code, reason = "each target uses its part")]
pub const DEMO: &str = include_str!("../www/shop/rules.json");
/// The plan of [`DEMO`].
#[allow(dead_code, reason = "each target uses its part")]
pub static PLAN: LazyLock<Plan> =
    LazyLock::new(|| vitrine_rules::compile(DEMO).plan.expect("the demo's rules are a plan"));
/// A Saturday in 2026.
pub const START: Millis = Millis(1_795_000_000_000);

/// Raw bytes that seal as they are.
pub struct Raw(pub Vec<u8>);

impl Pack for Raw {
    fn pack(&self, out: &mut Vec<u8>) {
        out.extend(&self.0);
    }

    fn unpack(_: &mut Input) -> Self {
        Raw(Vec::new())
    }
}

/// Foreign bytes: as they are, or, where the first is odd, a good record in
/// which every three bytes say a place and what stands there. Bytes of nothing
/// but chance would seldom get past a plan's first list.
#[allow(dead_code, reason = "each target uses its part")]
pub fn foreign(good: &impl Pack, bytes: &[u8]) -> Raw {
    let Some((first, changes)) = bytes.split_first() else { return Raw(Vec::new()) };
    if first % 2 == 0 {
        return Raw(changes.to_vec());
    }
    let mut packed = Vec::new();
    good.pack(&mut packed);
    for change in changes.chunks_exact(3) {
        let place = usize::from(u16::from_le_bytes([change[0], change[1]])) % packed.len().max(1);
        packed[place] = change[2];
    }
    Raw(packed)
}

/// A visit of several pages and deeds, with all that is ever asked of it.
#[allow(dead_code, reason = "each target uses its part")]
pub fn walk(plan: Plan, mut visitor: Visitor) {
    let published = Published { plan, ..Published::default() };
    let item =
        || Item { id: "a".into(), category: "shoes".into(), price: 39_000, quantity: 1, ..Item::default() };
    let named = |name: &str, at: u64| {
        let mut event = Event::new(name, START.plus(at));
        event.items = vec![item()];
        event.parameters = vec![("colour".into(), Value::text("red"))];
        event
    };
    let mut told = Event::new("set", START.plus(3));
    told.attributes = vec![("member".into(), Value::List(vec![Value::text("gold"), Value::Null]))];
    let mut searched = named("search", 4);
    searched.term = "boots".into();
    let events = [
        Event::page_view(
            "https://shop.example/list/shoes?utm_source=naver",
            "https://search.naver.com/?query=a",
            START,
        ),
        named("view_item", 1),
        named("add_to_cart", 2),
        told,
        searched,
        Event::page_view("https://shop.example/cart", "https://shop.example/", START.plus(MINUTE)),
        named("purchase", 2 * MINUTE),
        Event::page_view("https://shop.example/", "", START.plus(3 * HOUR)),
    ];
    for event in &events {
        let decision = visitor.step(&published, event);
        if let Some(wake) = decision.wake {
            assert!(wake > event.at, "the moment to look again is over already");
            visitor.look(&published, wake.min(event.at.plus(1)));
        }
    }
    let moment = Moment { now: START.plus(4 * HOUR), page: Page::parse("https://shop.example/cart") };
    let _ = explain::explain(&published, &visitor.profile, &moment);
    let cookie = digest::write(&published, &visitor.profile, &moment);
    let view = Event::page_view("https://shop.example/", "", moment.now);
    let _ = edge::splice(&published, edge::Request { view, digest: &cookie, seed: 1 }, "/banner.css");
}
