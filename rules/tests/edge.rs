//! What an edge draws is what the page then shows: thousands of seeded visits,
//! each page decided twice, from the cookie and from the whole profile.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::BTreeMap;

use vitrine_engine::arm::{Arm, Stream};
use vitrine_engine::bandit::{LeafOdds, Odds};
use vitrine_engine::decide::{Decision, Published};
use vitrine_engine::digest::{self, DIGEST_BYTES};
use vitrine_engine::edge::{Request, splice};
use vitrine_engine::event::{ADD_TO_CART, CLICKED, DISMISSED, Event, Item, PURCHASE, SET, SHOWN, VIEW_ITEM};
use vitrine_engine::page::Moment;
use vitrine_engine::rng::Rng;
use vitrine_engine::sign::Sign;
use vitrine_engine::time::{DAY, HOUR, MINUTE, Millis};
use vitrine_engine::value::Value;
use vitrine_engine::walk::Visitor;
use vitrine_rules::compile;

const START: u64 = 20_778 * DAY + 60 * MINUTE;
const SHOP: &str = "https://maru.example";

/// Every kind of condition, caps of every kind, two slots and rivals in both.
const RULES: &str = r#"{
  "version": 1, "site": "demo", "currency": "KRW", "timezone": "Asia/Seoul",
  "goals": { "order": { "event": "purchase", "window": "7d" } },
  "segments": {
    "newcomer": { "when": { "visits": 1 } },
    "compares": { "when": { "channel": "price_comparison" } },
    "searched": { "when": { "keyword": "신발" } },
    "shoes": { "when": { "interest.category.shoes": { "$gte": 0.4 } } },
    "looked": { "when": { "$did": { "event": "view_item", "atLeast": 2 } } },
    "lately": { "when": { "$did": { "event": "view_item", "within": "30m" } } },
    "bought": { "when": { "days_since_purchase": { "$lt": 2 } } },
    "wavers": { "when": { "$sequence": { "steps": [ { "event": "view_item" }, { "event": "add_to_cart" } ], "without": { "event": "purchase" } } } },
    "wanders": { "when": { "$path": ["/list/*", "/product/*"] } },
    "mixed": { "when": { "$or": [ { "channel": "price_comparison" }, { "cart.count": { "$gte": 2 } } ] } },
    "member": { "when": { "tier": "gold" } }
  },
  "campaigns": [
    { "id": "till", "slot": "bottom", "priority": 90, "goal": "order", "when": { "$segment": "wavers" },
      "trigger": { "after": { "event": "add_to_cart" }, "without": { "event": "purchase" }, "for": "1m" },
      "pace": { "perSession": 1, "perDay": 2 },
      "messages": [ { "id": "a", "kind": "bar", "title": "{{ cart.last.title | default: 'it' }}?" } ] },
    { "id": "phone", "slot": "bottom", "priority": 80, "goal": "order", "when": { "device": "mobile", "session.views": { "$gte": 4 } },
      "messages": [ { "id": "a", "kind": "bar", "title": "Small" } ] },
    { "id": "wander", "slot": "bottom", "priority": 70, "goal": "order", "when": { "$segment": "wanders", "path": "/product/1" }, "pace": { "perDay": 1 },
      "messages": [ { "id": "a", "kind": "modal", "title": "Wander" }, { "id": "b", "kind": "bar", "title": "Wander on" } ] },
    { "id": "mixed", "slot": "bottom", "priority": 60, "goal": "order", "when": { "$segment": "mixed", "$not": { "$segment": "bought" } },
      "pace": { "coolDown": "20m", "stopAfter": ["clicked"] }, "holdout": 0.2, "allocation": { "aim": "earn", "by": ["shoes", "compares"] },
      "messages": [ { "id": "a", "kind": "bar", "title": "A" }, { "id": "b", "kind": "bar", "title": "B", "body": "of {{ channel }}" } ] },
    { "id": "known", "slot": "bottom", "priority": 50, "goal": "order", "when": { "$segment": "looked", "$not": { "$segment": "lately" } },
      "pace": { "ever": 3, "perSession": 1, "stopAfter": ["dismissed", "converted"] },
      "messages": [ { "id": "a", "kind": "bar", "title": "Hello again" }, { "id": "b", "kind": "bar", "title": "Again" } ] },
    { "id": "new", "slot": "bottom", "priority": 10, "goal": "order", "when": { "$segment": "newcomer", "path": { "$ne": "/cart" } },
      "pace": { "stopAfter": ["clicked", "dismissed", "converted"] }, "allocation": { "aim": "earn" },
      "messages": [ { "id": "a", "kind": "bar", "title": "A" }, { "id": "b", "kind": "modal", "title": "B" }, { "id": "c", "kind": "bar", "title": "C" } ] },
    { "id": "gold", "slot": "top", "priority": 40, "goal": "order", "when": { "$segment": "member" }, "pace": { "perSession": 2 },
      "messages": [ { "id": "a", "kind": "bar", "title": "Gold, {{ visits }}" } ] },
    { "id": "search", "slot": "top", "priority": 30, "goal": "order", "holdout": 0.3, "when": { "$segment": "searched" }, "pace": { "perSession": 1 },
      "messages": [ { "id": "a", "kind": "bar", "title": "{{ keyword }}" } ] },
    { "id": "grows", "slot": "top", "priority": 25, "goal": "order", "when": { "visits": { "$lte": 2 } }, "holdout": 0.2,
      "allocation": { "ramp": { "from": 0.2, "to": 0.7, "over": "4d", "start": "2026-11-21" } },
      "messages": [ { "id": "a", "kind": "bar", "title": "Grows" } ] },
    { "id": "often", "slot": "top", "priority": 20, "goal": "order", "when": { "visits": { "$gte": 3 }, "session.views": { "$lte": 2 } },
      "messages": [ { "id": "a", "kind": "bar", "title": "Often" } ] }
  ]
}"#;

/// What holds for the whole site, on top of triggers, weeks and quiet pages.
const SITE: &str = r#"{
  "version": 1, "site": "demo", "currency": "KRW", "timezone": "Asia/Seoul", "holdout": 0.1, "quiet": "/cart/**",
  "pace": { "all": { "perWeek": 9, "coolDown": "40s" }, "bar": { "perSession": 3 }, "modal": { "perDay": 1 } },
  "goals": { "order": { "event": "purchase", "window": "7d" } },
  "slots": { "strip": {} },
  "campaigns": [
    { "id": "deep", "slot": "bottom", "priority": 90, "goal": "order", "trigger": { "scroll": "60%" },
      "messages": [ { "id": "a", "kind": "bar", "title": "Deep" } ] },
    { "id": "late", "slot": "top", "priority": 80, "goal": "order", "trigger": { "exit": true, "delay": "2m" }, "when": { "visits": { "$gte": 2 } },
      "messages": [ { "id": "a", "kind": "bar", "title": "Late" } ] },
    { "id": "week", "slot": "bottom", "priority": 70, "goal": "order", "quiet": ["/product/{id}", "/blog/**"], "pace": { "perWeek": 2 },
      "messages": [ { "id": "a", "kind": "bar", "title": "Week" }, { "id": "b", "kind": "bar", "title": "Weak" } ] },
    { "id": "night", "slot": "bottom", "priority": 60, "goal": "order",
      "schedule": [ { "hours": ["22:00-03:00", "12:00-14:00"], "weekdays": ["fri", "sat"] }, { "hours": "08:00-11:00" } ],
      "messages": [ { "id": "a", "kind": "bar", "title": "Night" }, { "id": "b", "kind": "modal", "title": "Night" } ] },
    { "id": "calm", "slot": "bottom", "priority": 50, "goal": "order", "holdout": 0.2, "messages": [ { "id": "a", "kind": "bar", "title": "Calm" } ] },
    { "id": "strip", "slot": "strip", "priority": 40, "goal": "order", "messages": [ { "id": "a", "kind": "bar", "title": "Strip" } ] },
    { "id": "under", "slot": "top", "priority": 30, "goal": "order", "pace": { "ever": 4 }, "messages": [ { "id": "a", "kind": "bar", "title": "Under" } ] }
  ]
}"#;

/// The same, in a plan without caps of the site: a doubt stays in its slot.
fn without_site_caps() -> String {
    let (head, rest) = SITE.split_once(r#""pace": { "all""#).unwrap();
    let (_, rest) = rest.split_once("\n").unwrap();
    [head, rest].join("\n")
}

fn published(rules: &str) -> Published {
    let compiled = compile(rules);
    let plan = compiled.plan.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics));
    let leaf = |leaf: &str, weights: [u32; 2]| LeafOdds {
        campaign: "mixed".into(),
        leaf: leaf.into(),
        weights: vec![("a".into(), weights[0]), ("b".into(), weights[1])],
    };
    let leaves = vec![leaf("else", [60_000, 5_536]), leaf("shoes", [5_536, 60_000])];
    Published { plan, hash: "5eed".into(), odds: Odds { epoch: 7, leaves }, ..Published::default() }
}

/// A browser: what the device remembers, and the cookie.
struct Browser<'a> {
    published: &'a Published,
    visitor: Option<Visitor>,
    cookie: Vec<u8>,
    rng: Rng,
    now: u64,
}

/// What an edge and the page decided for one page view.
struct Outcome {
    markup: String,
    bar: Option<(String, String)>,
    page: BTreeMap<String, String>,
}

impl Browser<'_> {
    fn view(&mut self, path: &str, referrer: &str) -> Outcome {
        let mut view = Event::page_view(&[SHOP, path].concat(), referrer, Millis(self.now));
        view.page.as_mut().unwrap().language = "ko".into();
        let request = Request { view: view.clone(), digest: &self.cookie, seed: self.rng.next_u64() };
        let markup = splice(self.published, request, "https://c.example/banner.css");
        let note = note(&markup);
        let bar = note.as_ref().filter(|_| markup.contains("<template")).map(|(arm, _)| arm.clone());
        // As the page's body does it: the seed of the note, then its arm.
        let fresh = note.as_ref().map_or_else(|| self.rng.next_u64(), |(_, seed)| *seed);
        let visitor = self.visitor.get_or_insert_with(|| Visitor::new(fresh));
        if let Some((arm, _)) = note.filter(|(arm, _)| !arm.campaign.is_empty()) {
            visitor.adopt(arm);
        }
        let page = view.page.as_mut().unwrap();
        page.slots = Some(if self.rng.below(2) == 0 { vec![] } else { vec!["strip".into()] });
        page.device = if self.rng.below(2) == 0 { "mobile" } else { "desktop" }.into();
        let decision = self.step(&view);
        let page = decision.choices.iter().map(|c| (c.arm.campaign.clone(), c.arm.message.clone()));
        Outcome { markup, bar: bar.map(|arm| (arm.campaign, arm.message)), page: page.collect() }
    }

    fn step(&mut self, event: &Event) -> Decision {
        let visitor = self.visitor.as_mut().unwrap();
        let decision = visitor.step(self.published, event);
        let moment = Moment { now: event.at, page: visitor.page.clone().unwrap() };
        self.cookie = digest::write(self.published, &visitor.profile, &moment);
        assert!(self.cookie.len() <= DIGEST_BYTES, "{}", self.cookie.len());
        self.now += 1 + self.rng.below(9_000);
        decision
    }

    fn deed(&mut self, name: &str) {
        let category = ["shoes", "bags"][self.rng.below(2) as usize];
        let item = Item {
            id: category.into(),
            title: category.into(),
            category: category.into(),
            price: 100,
            quantity: 1,
            ..Item::default()
        };
        let attributes = if name == SET { vec![("tier".into(), Value::text("gold"))] } else { vec![] };
        let items = if name == SET { vec![] } else { vec![item] };
        self.step(&Event { items, attributes, value: 100, ..Event::new(name, Millis(self.now)) });
    }

    fn sign(&mut self, sign: Sign) {
        self.step(&sign.event(75, Millis(self.now)));
    }

    fn answer(&mut self, name: &str, campaign: &str, message: &str) {
        let event = Event {
            campaign: campaign.into(),
            message: message.into(),
            ..Event::new(name, Millis(self.now))
        };
        self.step(&event);
    }
}

/// The arm and the seed in the note that an edge left for the page.
fn note(markup: &str) -> Option<(Arm, u64)> {
    let words = markup.split("data-vitrine-edge=\"").nth(1)?.split('"').next()?;
    let words: Vec<&str> = words.split(' ').collect();
    let [campaign, message, plan, leaf, stream, epoch, day, drawn, seed] = words.as_slice() else {
        panic!("{markup}");
    };
    // The page adopts no arm of another plan's name, and no nameless one.
    assert!(if campaign.is_empty() { *plan == "-" } else { *plan == "5eed" }, "{markup}");
    let arm = Arm {
        campaign: (*campaign).into(),
        message: (*message).into(),
        leaf: (*leaf).into(),
        stream: Stream::from_word(stream).unwrap(),
        epoch: epoch.parse().unwrap(),
        day: day.parse().unwrap(),
        drawn: Millis(drawn.parse().unwrap()),
        ..Arm::default()
    };
    Some((arm, seed.parse().unwrap()))
}

#[test]
fn what_an_edge_draws_the_page_shows() {
    let demo =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../www/shop/rules.json")).unwrap();
    let mut drawn_by_campaign: BTreeMap<String, u32> = BTreeMap::new();
    let (mut views, mut drawn, mut shown) = (0, 0, 0);
    let plans = [
        ("demo", published(&demo)),
        ("every kind", published(RULES)),
        ("site", published(SITE)),
        ("slots", published(&without_site_caps())),
    ];
    for (rules, plan) in plans {
        for seed in 0..600 {
            let mut rng = Rng::new(seed, 1);
            let mut browser = Browser {
                published: &plan,
                visitor: None,
                cookie: vec![],
                rng: Rng::new(seed, 2),
                now: START,
            };
            for step in 0..25 {
                let pause = [0, MINUTE, 29 * MINUTE, 31 * MINUTE, 5 * HOUR, 3 * DAY][rng.below(6) as usize];
                browser.now += if step == 0 { 0 } else { pause };
                let paths =
                    ["/", "/list/shoes", "/product/1", "/cart", "/?utm_source=letter&utm_medium=email"];
                let path = paths[rng.below(5) as usize];
                let outside = [
                    "",
                    "https://prod.danawa.com/1",
                    "https://search.naver.com/search?query=%EC%8B%A0%EB%B0%9C",
                ];
                let referrer = match rng.below(3) {
                    0 => outside[rng.below(3) as usize].to_string(),
                    _ if step == 0 => outside[rng.below(3) as usize].to_string(),
                    _ => [SHOP, "/list/bags"].concat(),
                };
                let outcome = browser.view(path, &referrer);
                views += 1;
                shown += u32::from(!outcome.page.is_empty());
                if let Some((campaign, message)) = &outcome.bar {
                    drawn += 1;
                    *drawn_by_campaign.entry([rules, " ", campaign].concat()).or_default() += 1;
                    assert_eq!(
                        outcome.page.get(campaign),
                        Some(message),
                        "{rules}, visitor {seed}, page view {step}, {path} from {referrer}: {}",
                        outcome.markup
                    );
                }
                for (campaign, message) in &outcome.page {
                    if message != "holdout" {
                        browser.answer(SHOWN, campaign, message);
                        match rng.below(8) {
                            0 => browser.answer(DISMISSED, campaign, message),
                            1 => browser.answer(CLICKED, campaign, message),
                            _ => {}
                        }
                    }
                }
                if rng.below(4) == 0 {
                    browser.sign([Sign::Scroll, Sign::Exit][rng.below(2) as usize]);
                }
                for _ in 0..rng.below(3) {
                    let name = [VIEW_ITEM, VIEW_ITEM, ADD_TO_CART, ADD_TO_CART, PURCHASE, SET]
                        [rng.below(6) as usize];
                    browser.deed(name);
                }
            }
        }
    }
    println!(
        "{views} page views, {shown} with a campaign due, {drawn} bars at the edge: {drawn_by_campaign:?}"
    );
    // It draws little if it is only careful enough: each of these must occur.
    for campaign in [
        "demo welcome",
        "every kind mixed",
        "every kind known",
        "every kind new",
        "every kind gold",
        "every kind search",
        "every kind often",
        "every kind grows",
        "site week",
        "site night",
        "site calm",
        "slots week",
        "slots calm",
        "slots under",
    ] {
        assert!(
            drawn_by_campaign.get(campaign).is_some_and(|times| *times > 10),
            "{campaign}: {drawn_by_campaign:?}"
        );
    }
}

#[test]
fn strangers_who_are_held_out_at_the_edge_are_held_out_on_the_page() {
    let plan = published(RULES);
    let mut messages: BTreeMap<String, u32> = BTreeMap::new();
    for seed in 0..4000 {
        let mut browser =
            Browser { published: &plan, visitor: None, cookie: vec![], rng: Rng::new(seed, 3), now: START };
        let outcome = browser.view("/cart", "https://search.naver.com/search?query=%EC%8B%A0%EB%B0%9C");
        *messages.entry(outcome.page["search"].clone()).or_default() += 1;
    }
    let held_out = f64::from(messages["holdout"]) / 4000.0;
    assert!((held_out - 0.3).abs() < 0.025, "{held_out}: three in ten, as the rules say");
}

#[test]
fn strangers_behind_a_ramp_at_the_edge_are_behind_it_on_the_page() {
    let plan = published(RULES);
    let mut shown = 0;
    for seed in 0..4000 {
        let mut browser =
            Browser { published: &plan, visitor: None, cookie: vec![], rng: Rng::new(seed, 5), now: START };
        shown += u32::from(browser.view("/cart", "").page.contains_key("grows"));
    }
    let share = f64::from(shown) / 4000.0;
    let day = plan.plan.campaigns.iter().find(|campaign| campaign.id == "grows").unwrap();
    let wanted = day.ramp.unwrap().share(Millis(START)) as f64 / 10_000.0;
    assert!((0.2..0.5).contains(&wanted) && (share - wanted).abs() < 0.025, "{share} of {wanted}");
}

#[test]
fn a_cookie_comes_back_and_every_other_text_is_a_stranger() {
    let plan = published(RULES);
    let mut browser =
        Browser { published: &plan, visitor: None, cookie: vec![], rng: Rng::new(5, 4), now: START };
    browser.view("/", "https://prod.danawa.com/1");
    let seed = browser.visitor.as_ref().unwrap().profile.seed;
    let view = |at: u64| Event::page_view(&[SHOP, "/list/bags"].concat(), &[SHOP, "/"].concat(), Millis(at));
    let known = digest::read(&browser.cookie, 1, &plan, &view(browser.now)).unwrap();
    assert_eq!((known.seed, known.visits, known.views, known.visit.views), (seed, 1, 2, 2));
    assert_eq!(known.visit.channel(), "price_comparison", "carried through the visit");
    assert!(!known.arms.is_empty() && known.partial);
    let later = digest::read(&browser.cookie, 1, &plan, &view(browser.now + 31 * MINUTE)).unwrap();
    assert_eq!((later.visits, later.visit.views, later.visit.channel().as_str()), (2, 1, "internal"));

    assert!(digest::is_digest(&browser.cookie));
    for at in 0..browser.cookie.len() {
        let mut flipped = browser.cookie.clone();
        flipped[at] ^= 16;
        assert!(!digest::is_digest(&flipped), "byte {at}");
        assert!(!digest::is_digest(&browser.cookie[..at]), "cut at {at}");
    }
    let mut long = browser.cookie.clone();
    long.resize(DIGEST_BYTES + 1, 0);
    for hostile in [vec![], vec![0; 384], vec![255; 4096], long] {
        let from_outside = Event::page_view(SHOP, "https://prod.danawa.com/1", Millis(START));
        let stranger = digest::read(&hostile, 1, &plan, &from_outside).unwrap();
        assert_eq!((stranger.seed, stranger.visits, stranger.arms.len()), (1, 1, 0));
        assert_eq!(digest::read(&hostile, 1, &plan, &view(START)), None, "in the middle of a visit");
    }
}

#[test]
fn a_visitor_with_more_arms_than_fit_is_left_to_the_page() {
    let campaign = |n: u32| {
        format!(
            r#"{{ "id": "c{n}", "slot": "bottom", "goal": "order", "pace": {{ "ever": 1 }},
                  "messages": [ {{ "id": "a", "kind": "bar", "title": "T" }} ] }}"#
        )
    };
    let campaigns: Vec<String> = (0..60).map(campaign).collect();
    let rules = format!(
        r#"{{ "version": 1, "site": "demo", "currency": "KRW", "timezone": "Asia/Seoul",
             "goals": {{ "order": {{ "event": "purchase", "window": "7d" }} }}, "campaigns": [ {} ] }}"#,
        campaigns.join(",")
    );
    let plan = published(&rules);
    let mut browser =
        Browser { published: &plan, visitor: None, cookie: vec![], rng: Rng::new(5, 4), now: START };
    let mut drawn = 0;
    for n in 0..60 {
        let outcome = browser.view("/", "");
        let message = [&*format!("c{n}"), "a"].map(String::from);
        assert!(
            outcome.bar.is_none() || outcome.bar == Some((message[0].clone(), message[1].clone())),
            "{:?}",
            outcome.bar
        );
        drawn += u32::from(outcome.bar.is_some());
        browser.answer(SHOWN, &format!("c{n}"), "a");
    }
    assert!((8..60).contains(&drawn), "{drawn} bars before the cookie was full");
    assert!(digest::is_digest(&browser.cookie));
    let last = browser.view("/", "");
    assert_eq!((last.markup.as_str(), digest::is_digest(&browser.cookie)), ("", true));
}

#[test]
fn another_plan_leaves_whom_the_page_met_before_to_the_page() {
    let plan = published(RULES);
    let mut browser =
        Browser { published: &plan, visitor: None, cookie: vec![], rng: Rng::new(8, 4), now: START };
    browser.view("/", "");
    browser.deed(SET);
    browser.now += HOUR;
    let view = Event::page_view(SHOP, "", Millis(browser.now));
    let ask =
        |plan: &Published| splice(plan, Request { view: view.clone(), digest: &browser.cookie, seed: 1 }, "");
    assert!(ask(&plan).contains("\"gold a\""), "{}", ask(&plan));
    let newer = Published { hash: "0ther".into(), ..plan.clone() };
    assert_eq!(ask(&newer), "", "what was seen under other caps says nothing");
}
