//! What `explain` says of what a device has forgotten: unknown, and why.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use vitrine_engine::decide::Published;
use vitrine_engine::event::{Event, Item, VIEW_ITEM};
use vitrine_engine::explain::explain;
use vitrine_engine::page::{Moment, Page};
use vitrine_engine::ring::RING_LIMIT;
use vitrine_engine::time::{DAY, MINUTE, Millis};
use vitrine_engine::walk::Visitor;
use vitrine_rules::compile;

/// A plan that asks only after the visitor saw more products than are remembered.
fn sentence(when: &str) -> [String; 2] {
    let rules = |when: &str| {
        format!(
            r#"{{ "version": 1, "site": "demo", "currency": "KRW", "campaigns": [ {{ "id": "c", "slot": "bottom", {when}
              "messages": [ {{ "id": "a", "kind": "bar", "title": "A" }} ] }} ] }}"#
        )
    };
    let published =
        |when: &str| Published { plan: compile(&rules(when)).plan.expect("a plan"), ..Published::default() };
    let mut visitor = Visitor::new(7);
    let before = published("");
    let mut at = Millis(20_000 * DAY);
    visitor.step(&before, &Event::page_view("https://shop.example/", "", at));
    for number in 0..=RING_LIMIT + 1 {
        at = at.plus(MINUTE);
        let item = Item { id: format!("p{number}"), category: "bags".into(), quantity: 1, ..Item::default() };
        visitor.step(&before, &Event { items: vec![item], ..Event::new(VIEW_ITEM, at) });
    }
    at = at.plus(MINUTE);
    let after = published(&format!(r#""when": {when},"#));
    visitor.step(&after, &Event::page_view("https://shop.example/", "", at));
    let moment = Moment { now: at, page: Page::parse("https://shop.example/") };
    let [reason] = &explain(&after, &visitor.profile, &moment)[..] else {
        panic!("one campaign, one reason")
    };
    [reason.sentence.english.clone(), reason.sentence.korean.clone()]
}

#[test]
fn forgotten_deeds_are_unknown_and_the_sentence_says_so() {
    assert_eq!(
        sentence(r#"{ "$did": { "event": "view_item", "category": "shoes" } }"#),
        [
            "Not shown: `view_item` (with its filters) happened 0 to 4 times, the rest is forgotten and so unknown, needs at least 1.",
            "보이지 않음: `view_item` (조건에 맞는): 지금까지 0~4번(일부는 잊혀서 알 수 없음), 1번 이상 필요."
        ]
    );
    assert_eq!(
        sentence(
            r#"{ "$not": { "$sequence": { "steps": [ { "event": "view_item", "category": "shoes" } ] } } }"#
        ),
        [
            "Not shown: `$sequence` is unknown: deeds that could decide it are forgotten, and what is unknown is not met.",
            "보이지 않음: `$sequence`: 판단할 기록이 잊혀서 알 수 없고, 알 수 없는 조건은 맞지 않은 것으로 봄."
        ]
    );
}
