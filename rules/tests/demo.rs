//! The demo shop's rules, walked by visitors: what each of them gets to see.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use vitrine_engine::decide::{Decision, Published};
use vitrine_engine::event::{ADD_TO_CART, DISMISSED, Event, Item, PURCHASE, SHOWN, VIEW_ITEM};
use vitrine_engine::time::{DAY, MINUTE, Millis};
use vitrine_engine::walk::Visitor;
use vitrine_rules::compile;

/// 2026-11-21 10:00 in Seoul.
const START: u64 = 20_778 * DAY + 60 * MINUTE;
const SHOP: &str = "https://maru.example";

fn published() -> Published {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../www/shop/rules.json");
    let plan = compile(&std::fs::read_to_string(path).unwrap()).plan.unwrap();
    Published { plan, ..Published::default() }
}

/// A visitor with a clock that goes ten seconds an event.
struct Shopper {
    visitor: Visitor,
    published: Published,
    now: u64,
}

impl Shopper {
    fn new(seed: u64) -> Shopper {
        Shopper { visitor: Visitor::new(seed), published: published(), now: START }
    }

    fn view(&mut self, path: &str, referrer: &str) -> Vec<String> {
        self.step(Event::page_view(&format!("{SHOP}{path}"), referrer, Millis(self.now)))
    }

    fn deed(&mut self, name: &str, category: &str) -> Vec<String> {
        let item = Item {
            id: "gil-sneaker-white".into(),
            title: "Gil sneaker".into(),
            category: category.into(),
            price: 129_000,
            quantity: 1,
            ..Item::default()
        };
        self.step(Event { items: vec![item], ..Event::new(name, Millis(self.now)) })
    }

    fn answer(&mut self, name: &str, campaign: &str) -> Vec<String> {
        let message = self.visitor.profile.arm(campaign).unwrap().message.clone();
        self.step(Event { campaign: campaign.into(), message, ..Event::new(name, Millis(self.now)) })
    }

    fn wait(&mut self, span: u64) -> Vec<String> {
        self.now += span;
        let decision = self.visitor.look(&self.published, Millis(self.now));
        self.shown(&decision)
    }

    fn step(&mut self, event: Event) -> Vec<String> {
        let decision = self.visitor.step(&self.published, &event);
        self.now += 10_000;
        self.shown(&decision)
    }

    /// The campaigns that stand, the holdouts too.
    fn shown(&self, decision: &Decision) -> Vec<String> {
        let plan = &self.published.plan;
        decision
            .choices
            .iter()
            .map(|choice| plan.campaigns[usize::from(choice.campaign)].id.clone())
            .collect()
    }
}

#[test]
fn a_newcomer_is_welcomed_and_a_guest_who_returns_is_welcomed_back_once() {
    let mut shopper = Shopper::new(1);
    assert_eq!(shopper.view("/", ""), ["welcome", "product-picks"]);
    shopper.now += DAY;
    assert_eq!(shopper.view("/", ""), ["welcome-back", "product-picks"]);
    shopper.answer(SHOWN, "welcome-back");
    assert_eq!(shopper.view("/", SHOP), ["product-picks"]);
}

#[test]
fn who_searched_gets_an_answer() {
    let mut shopper = Shopper::new(1);
    let shown = shopper.view("/", "https://search.naver.com/search?query=%EC%8B%A0%EB%B0%9C");
    assert_eq!(shown, ["search-answer", "product-picks"]);
}

#[test]
fn a_welcome_put_away_stays_away() {
    let mut shopper = Shopper::new(1);
    shopper.view("/", "");
    shopper.answer(SHOWN, "welcome");
    shopper.answer(DISMISSED, "welcome");
    assert_eq!(shopper.view("/list/bags", SHOP), ["product-picks"]);
}

#[test]
fn a_filled_cart_is_nudged_after_a_minute_but_not_at_the_till() {
    let mut shopper = Shopper::new(1);
    shopper.view("/product/gil-sneaker-white", "");
    assert!(!shopper.deed(ADD_TO_CART, "shoes").contains(&"cart-nudge".to_string()));
    assert!(!shopper.wait(40_000).contains(&"cart-nudge".to_string()));
    assert!(shopper.wait(10_000).contains(&"cart-nudge".to_string()));

    let mut shopper = Shopper::new(1);
    shopper.view("/en/cart", "");
    shopper.deed(ADD_TO_CART, "shoes");
    assert!(!shopper.wait(2 * MINUTE).contains(&"cart-nudge".to_string()));
}

#[test]
fn a_cart_has_company_and_an_order_a_word_of_thanks() {
    let mut shopper = Shopper::new(1);
    assert!(shopper.view("/cart", "").contains(&"cart-ideas".to_string()));
    shopper.deed(ADD_TO_CART, "shoes");
    let cart = shopper.view("/en/cart", SHOP);
    assert!(cart.contains(&"cart-companions".to_string()) && !cart.contains(&"cart-ideas".to_string()));
    assert!(!shopper.view("/order-done", SHOP).contains(&"thank-you".to_string()));
    assert!(shopper.deed(PURCHASE, "shoes").contains(&"thank-you".to_string()));
}

#[test]
fn who_bought_is_not_nudged() {
    let mut shopper = Shopper::new(1);
    shopper.view("/product/gil-sneaker-white", "");
    shopper.deed(ADD_TO_CART, "shoes");
    shopper.deed(PURCHASE, "shoes");
    assert!(!shopper.wait(5 * MINUTE).contains(&"cart-nudge".to_string()));
}

#[test]
fn who_compares_prices_sees_the_fair_price() {
    let mut shopper = Shopper::new(1);
    assert!(shopper.view("/", "https://prod.danawa.com/info/").contains(&"fair-price".to_string()));
}

#[test]
fn two_pairs_of_shoes_make_a_shoe_lover_and_fill_the_strips() {
    let mut shopper = Shopper::new(1);
    shopper.view("/list/shoes", "");
    assert!(!shopper.deed(VIEW_ITEM, "shoes").contains(&"shoe-lover".to_string()));
    // The welcome bar keeps its place in this page view; the next one is free.
    shopper.deed(VIEW_ITEM, "shoes");
    let next = shopper.view("/", SHOP);
    assert!(next.contains(&"shoe-lover".to_string()) && next.contains(&"home-picks".to_string()), "{next:?}");
}

#[test]
fn a_page_takes_a_plan_over_as_it_was_compiled() {
    let compiled = published().plan;
    let bytes = compiled.seal();
    let mut kept = Published::default();
    assert_eq!(kept.keep_plan(&bytes), Ok(()));
    assert_eq!(kept.plan, compiled);
    assert_eq!(kept.plan, vitrine_engine::plan::Plan::open(&bytes).unwrap());
    assert!(kept.keep_plan(bytes.get(1..).unwrap()).is_err());
    assert_eq!(kept.plan, compiled, "broken bytes change nothing");
}
