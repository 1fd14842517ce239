//! A planted propensity and planted groups of visitors are found again, on
//! visitors that the training never saw, by the engine's own judgement.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use vitrine_engine::event::{ADD_TO_CART, Event, Item, PAGE_VIEW, PURCHASE, SEARCH, VIEW_ITEM};
use vitrine_engine::intent::Intent;
use vitrine_engine::profile::{Profile, Terms};
use vitrine_engine::rng::Rng;
use vitrine_engine::time::{DAY, HOUR, MINUTE, Millis};
use vitrine_trainer::propensity::{Fitted, Moments, Propensity};

/// How people of a planted group behave in one visit.
struct Group {
    visits: u64,
    views: u64,
    searches: u64,
    cart: f64,
    /// The chance of a purchase after a visit with and without a cart.
    buys: (f64, f64),
}

const GROUPS: [Group; 3] = [
    // Regulars: many visits, few looks each, and they buy.
    Group { visits: 7, views: 2, searches: 0, cart: 0.7, buys: (0.6, 0.03) },
    // Searchers: they come once or twice and search much.
    Group { visits: 2, views: 4, searches: 6, cart: 0.3, buys: (0.3, 0.01) },
    // Window shoppers: they look long at a great deal.
    Group { visits: 1, views: 30, searches: 0, cart: 0.03, buys: (0.1, 0.002) },
];

/// The whole log of one visitor, and for each visit whether it ended in a purchase.
fn life(rng: &mut Rng, group: &Group, from: u64) -> Vec<Event> {
    let mut events = Vec::new();
    let mut at = from;
    let around =
        |rng: &mut Rng, usual: u64| if usual == 0 { 0 } else { usual.div_ceil(2) + rng.below(usual + 1) };
    for _ in 0..around(rng, group.visits) {
        let mut happen = |name: &str, id: u64, at: u64| {
            if name == PAGE_VIEW {
                return events.push(Event::page_view("https://s.example/", "", Millis(at)));
            }
            let item = Item { id: format!("i{id}"), quantity: 1, ..Item::default() };
            events.push(Event { items: vec![item], ..Event::new(name, Millis(at)) });
        };
        events_of_a_visit(rng, group, &mut at, &mut happen);
        at += DAY + rng.below(DAY);
    }
    events
}

fn events_of_a_visit(rng: &mut Rng, group: &Group, at: &mut u64, happen: &mut dyn FnMut(&str, u64, u64)) {
    let mut step = |name: &str, id: u64| {
        *at += MINUTE;
        happen(name, id, *at);
    };
    for _ in 0..group.searches.div_ceil(2) + rng.below(group.searches + 1) {
        step(PAGE_VIEW, 0);
        step(SEARCH, 0);
    }
    for _ in 0..1 + group.views / 2 + rng.below(group.views) {
        step(PAGE_VIEW, 0);
        step(VIEW_ITEM, rng.below(50));
    }
    let fills = rng.unit() < group.cart;
    if fills {
        step(ADD_TO_CART, rng.below(50));
    }
    if rng.unit() < if fills { group.buys.0 } else { group.buys.1 } {
        step(PURCHASE, 1);
    }
}

fn trained() -> Fitted {
    let mut rng = Rng::new(11, 0);
    let mut log: Vec<(u64, Event)> = Vec::new();
    for visitor in 0..3_000u64 {
        let from = 20_000 * DAY + rng.below(200 * 24) * HOUR;
        let events = life(&mut rng, &GROUPS[visitor as usize % 3], from);
        log.extend(events.into_iter().map(|event| (visitor, event)));
    }
    log.sort_by_key(|(visitor, event)| (event.at, *visitor));
    let mut moments = Moments::default();
    for (visitor, event) in &log {
        moments.take(&format!("v{visitor}"), event);
    }
    let Propensity::Fitted(fitted) = moments.fit() else { panic!("no model") };
    fitted
}

#[test]
fn planted_groups_and_a_planted_propensity_are_found_on_visitors_never_seen() {
    let fitted = trained();
    let intent: &Intent = &fitted.intent;
    assert_eq!(intent.lines.len(), 1 + fitted.clusters.len());
    // What is promised on the log's tail is kept there.
    assert!(fitted.auc.unwrap() > 0.7, "auc {:?}", fitted.auc);
    assert!(fitted.brier.0 < fitted.brier.1 && fitted.loss.0 < fitted.loss.1, "{fitted:?}");
    for (promised, bought) in &fitted.calibration {
        assert!((promised - bought).abs() < 0.07, "{promised} promised, {bought} bought");
    }
    // On others: how often a later buyer scores above another, and who falls
    // into which cluster at the end of a visit.
    let mut rng = Rng::new(99, 0);
    let mut scored: Vec<(f64, bool)> = Vec::new();
    let mut table = vec![[0u32; 3]; fitted.clusters.len()];
    for visitor in 0..900usize {
        let events = life(&mut rng, &GROUPS[visitor % 3], 21_000 * DAY);
        let mut profile = Profile::new(1);
        for (at, event) in events.iter().enumerate() {
            profile.observe(event, &Terms::default());
            let later = events[at + 1..].iter().take_while(|next| next.at.since(event.at) <= 7 * DAY);
            let buys = later.into_iter().any(|next| next.name == PURCHASE);
            if event.name == VIEW_ITEM && at + 3 < events.len() {
                scored.push((intent.judge(&profile).0, buys));
            }
        }
        table[intent.judge(&profile).1 as usize - 1][visitor % 3] += 1;
    }
    scored.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut wins, mut buyers) = (0.0, 0.0, 0.0);
    for (_, buys) in &scored {
        if *buys {
            wins += below;
            buyers += 1.0;
        } else {
            below += 1.0;
        }
    }
    let auc = wins / (buyers * below);
    assert!(auc > 0.7, "auc on visitors never seen {auc:.3}");
    let pure: u32 = table.iter().map(|row| row.iter().max().unwrap()).sum();
    let share = f64::from(pure) / 900.0;
    assert!(share > 0.9, "{:.1} % of new visitors fall among their own: {table:?}", share * 100.0);
    println!(
        "auc on the tail {:?}, on new visitors {auc:.3}; among their own {share:.3}; {table:?}",
        fitted.auc
    );
    // The first cluster buys most often.
    assert!(fitted.clusters.is_sorted_by(|a, b| a.bought >= b.bought));
    assert_eq!(fitted, trained(), "twice the same");
}
