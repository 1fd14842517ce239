//! The profile, event by event. Never looks at how it is packed.

use super::*;
use crate::channel::{ITSELF, Medium};
use crate::hash::name32;
use crate::ring::RING_LIMIT;
use crate::time::HOUR;

fn item(id: &str, price: u64) -> Item {
    Item { id: id.into(), category: "Shoes".into(), price, quantity: 1, ..Item::default() }
}

#[test]
fn a_flood_of_lists_does_not_push_out_a_purchase() {
    let (mut profile, terms) = (Profile::new(1), Terms::default());
    profile.observe(&Event::new(event::PURCHASE, Millis(1)), &terms);
    for n in 0..1000 {
        profile.observe(&Event::new(event::VIEW_ITEM_LIST, Millis(10 + n)), &terms);
    }
    assert_eq!(profile.ring.len(), RING_LIMIT);
    assert!(profile.ring.iter().any(|deed| deed.name == name32(event::PURCHASE)));
    let lists = profile.count(name32(event::VIEW_ITEM_LIST)).unwrap();
    assert_eq!(lists.times, 1000);
    assert!(lists.forgotten > Millis(0));
}

#[test]
fn a_visit_ends_after_half_an_hour_and_keeps_where_it_came_from() {
    let (mut profile, terms) = (Profile::new(1), Terms::default());
    let view = |url, referrer, at| Event::page_view(url, referrer, Millis(at));
    profile.observe(&view("https://s.example/", "https://prod.danawa.com/", 5), &terms);
    profile.observe(&view("https://s.example/a", "https://s.example/", MINUTE), &terms);
    assert_eq!((profile.visits, profile.visit.views), (1, 2));
    assert_eq!(profile.visit.channel(), "price_comparison");
    profile.observe(&view("https://s.example/", "", 2 * HOUR), &terms);
    assert_eq!((profile.visits, profile.visit.views, profile.visit.channel().as_str()), (2, 1, "direct"));
    assert_eq!(profile.first.medium, Medium::PriceComparison);
}

#[test]
fn a_visit_keeps_where_it_came_from_until_something_sure_says_otherwise() {
    let terms = Terms::default();
    let shop = "https://s.example/";
    let letter = "https://s.example/?utm_source=letter&utm_medium=email&utm_campaign=May";
    let kakao = "Mozilla/5.0 KAKAOTALK/10.6";
    // The second page's address, referrer and user agent; its minute; then
    // the visits, and the channel and source of the last.
    let cases = [
        ("its own pages", shop, shop, "", 1, (1, "price_comparison", "danawa")),
        ("a reload", shop, ITSELF, "", 1, (1, "price_comparison", "danawa")),
        ("a typed address", shop, "", "", 1, (1, "price_comparison", "danawa")),
        ("a payment", shop, "https://pay.toss.im/x", "", 1, (1, "price_comparison", "danawa")),
        ("a login", shop, "https://nid.naver.com/x", "", 1, (1, "price_comparison", "danawa")),
        ("an unknown bank", shop, "https://bank.example/", "", 1, (1, "price_comparison", "danawa")),
        ("an app without a referrer", shop, "", kakao, 1, (1, "price_comparison", "danawa")),
        ("a search", shop, "https://www.google.com/", "", 1, (1, "search", "google")),
        ("a letter", letter, shop, "", 1, (1, "email", "letter")),
        ("a letter's page reloaded", letter, ITSELF, "", 1, (1, "price_comparison", "danawa")),
        (
            "a payment of half an hour",
            shop,
            "https://pay.toss.im/x",
            "",
            40,
            (2, "price_comparison", "danawa"),
        ),
        ("a reload after lunch", shop, ITSELF, "", 60, (2, "internal", "")),
        ("an app on another day", shop, "", kakao, 600, (2, "messenger", "kakao")),
        (
            "an unknown site on another day",
            shop,
            "https://bank.example/",
            "",
            600,
            (2, "referral", "bank.example"),
        ),
        ("a typed address on another day", shop, "", "", 600, (2, "direct", "")),
    ];
    for (what, url, referrer, agent, minute, (visits, channel, source)) in cases {
        let mut profile = Profile::new(1);
        let first = Event::page_view(shop, "https://prod.danawa.com/", Millis(0));
        let second =
            Event { agent: agent.into(), ..Event::page_view(url, referrer, Millis(minute * MINUTE)) };
        profile.observe(&first, &terms);
        profile.observe(&second, &terms);
        let arrival = &profile.visit.arrival;
        let found = (profile.visits, arrival.medium.word(), arrival.source.as_str());
        assert_eq!(found, (visits, channel, source), "{what}");
        assert_eq!(profile.first.medium, Medium::PriceComparison, "{what}");
    }
    let mut stranger = Profile::new(1);
    stranger.observe(&Event::page_view(shop, "https://pay.toss.im/x", Millis(0)), &terms);
    assert_eq!(stranger.visit.channel(), "internal", "a return that nobody saw leave is not direct");
}

#[test]
fn the_same_transaction_counts_once_and_empties_the_cart() {
    let (mut profile, terms) = (Profile::new(1), Terms::default());
    let add = Event { items: alloc::vec![item("a", 100)], ..Event::new(event::ADD_TO_CART, Millis(1)) };
    profile.observe(&add, &terms);
    profile.observe(&add, &terms);
    assert_eq!((profile.cart.len(), profile.cart_value()), (1, 200));
    let bought = Event { transaction: "T1".into(), value: 200, ..Event::new(event::PURCHASE, Millis(2)) };
    assert!(profile.observe(&bought, &terms));
    assert!(!profile.observe(&bought, &terms));
    assert_eq!((profile.spent, profile.cart.len()), (200, 0));
}
