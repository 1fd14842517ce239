//! What a rule file becomes: places, moments, weights and conditions as the
//! engine takes them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use vitrine_engine::arm::ALL_KINDS;
use vitrine_engine::attribute::Attribute;
use vitrine_engine::automaton::Pattern;
use vitrine_engine::bandit::Aim;
use vitrine_engine::compare::Compare;
use vitrine_engine::hash::name32;
use vitrine_engine::kind::{Filter, Kind};
use vitrine_engine::node::Node;
use vitrine_engine::pattern::{Did, Span};
use vitrine_engine::plan::{Form, Grid, Limits, Place, Plan, Position};
use vitrine_engine::recommend::{Exclude, Wish};
use vitrine_engine::sign::Sign;
use vitrine_engine::template;
use vitrine_engine::time::{DAY, HOUR, MINUTE, Millis};
use vitrine_engine::trigger::{Cause, Trigger};
use vitrine_engine::value::Value;
use vitrine_rules::regex::glob;
use vitrine_rules::{compile, words};

fn plan(rules: &str) -> Plan {
    let compiled = compile(rules);
    compiled.plan.unwrap_or_else(|| panic!("{:#?}", compiled.diagnostics))
}

/// A plan of one campaign with these fields besides the necessary ones.
fn campaign(fields: &str) -> Plan {
    plan(&format!(
        r#"{{ "version": 1, "site": "demo", "currency": "KRW", "timezone": "Asia/Seoul",
              "segments": {{ "new": {{ "when": {{ "visits": 1 }} }}, "old": {{ "when": {{ "visits": {{ "$gt": 1 }} }} }} }},
              "campaigns": [ {{ "id": "c", "slot": "bottom", {fields}
                "messages": [ {{ "id": "a", "kind": "bar", "title": "A" }}, {{ "id": "b", "kind": "products", "title": "B" }} ] }} ] }}"#
    ))
}

fn condition(when: &str) -> (Plan, Node) {
    let plan = plan(&format!(
        r#"{{ "version": 1, "site": "demo", "currency": "EUR", "campaigns": [ {{ "id": "c", "slot": "top", "when": {when},
              "messages": [ {{ "id": "a", "kind": "bar", "title": "A" }} ] }} ] }}"#
    ));
    let node = plan.nodes[usize::from(plan.campaigns[0].when.unwrap())].clone();
    (plan, node)
}

#[test]
fn the_demo_shop_is_compiled_without_a_word() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../www/shop/rules.json");
    let compiled = compile(&std::fs::read_to_string(path).unwrap());
    assert_eq!(compiled.diagnostics, []);
    let plan = compiled.plan.unwrap();
    let ids: Vec<&str> = plan.campaigns.iter().map(|campaign| campaign.id.as_str()).collect();
    let want = [
        "cart-nudge",
        "fair-price",
        "shoe-lover",
        "search-answer",
        "welcome-back",
        "welcome",
        "home-picks",
        "product-picks",
        "cart-companions",
        "cart-ideas",
        "thank-you",
    ];
    assert_eq!(ids, want);
    assert_eq!(Plan::open(&plan.seal()), Ok(plan));
}

#[test]
fn a_schedule_holds_its_last_day_whole_and_in_the_sites_zone() {
    let plan = campaign(
        r#""schedule": { "from": "2026-12-01T09:30", "to": "2026-12-31", "hours": "22:00-02:00", "weekdays": ["sun", "sat"] },"#,
    );
    let [schedule] = plan.campaigns[0].schedule.as_slice() else { panic!("one window") };
    // 2026-12-01 is day 20,788; Seoul is nine hours ahead.
    assert_eq!(schedule.from, Some(Millis(20_788 * DAY + 30 * MINUTE)));
    assert_eq!(schedule.until, Some(Millis(20_819 * DAY - 9 * HOUR)));
    assert_eq!(schedule.minutes, Some((1320, 120)));
    assert_eq!(schedule.weekdays, 0b100_0001);
    assert_eq!(plan.terms.zone.transitions, [(Millis(0), 540)]);
}

#[test]
fn several_windows_and_hours_stand_side_by_side() {
    let plan = campaign(
        r#""schedule": [ { "hours": ["09:00-12:00", "13:00-24:00"], "weekdays": ["mon"] }, { "from": "2026-12-24", "to": "2026-12-24" } ],"#,
    );
    let windows = &plan.campaigns[0].schedule;
    let minutes: Vec<_> = windows.iter().map(|window| (window.minutes, window.weekdays)).collect();
    assert_eq!(minutes, [(Some((540, 720)), 2), (Some((780, 1440)), 2), (None, 0)]);
    assert_eq!(windows[2].until.map(|until| until.0), windows[2].from.map(|from| from.0 + DAY));
}

#[test]
fn what_holds_for_the_whole_site_arrives_too() {
    let rules = r#"{ "version": 1, "site": "demo", "currency": "KRW", "holdout": 0.1, "quiet": ["/checkout/**", "/help"],
        "pace": { "all": { "perWeek": 5 }, "modal": { "perSession": 1, "coolDown": "1h" } } }"#;
    let plan = compile(rules).plan.unwrap();
    assert_eq!(plan.holdout, 1000);
    let all = Limits { per_week: 5, ..Limits::default() };
    let modal = Limits { per_visit: 1, cool_down: HOUR, ..Limits::default() };
    assert_eq!(plan.pace, [(ALL_KINDS, all), (Form::Modal.kind(), modal)]);
    assert!(plan.quiet.is_some());
    assert_eq!(Plan::open(&plan.seal()), Ok(plan));
}

/// The numbers by which devices count kinds are the order of the words.
#[test]
fn the_kinds_that_caps_name_are_those_that_messages_have() {
    for kind in words::KINDS {
        let rules = format!(
            r#"{{ "version": 1, "site": "demo", "currency": "KRW", "pace": {{ "{kind}": {{ "perDay": 1 }} }},
                "campaigns": [ {{ "id": "c", "slot": "bottom", "messages": [ {{ "id": "a", "kind": "{kind}", "title": "T" }} ] }} ] }}"#
        );
        let plan = compile(&rules).plan.unwrap();
        assert_eq!(plan.pace[0].0, plan.campaigns[0].messages[0].form.kind(), "{kind}");
    }
}

#[test]
fn a_trigger_waits_for_a_deed_or_for_one_sign_of_the_page() {
    let second = 1_000;
    for (trigger, cause, delay) in [
        (r#"{ "scroll": "60%" }"#, Cause::Sign(Sign::Scroll, 60), 0),
        (r#"{ "dwell": "30s", "delay": "5s" }"#, Cause::Sign(Sign::Dwell, 30), 5 * second),
        (r#"{ "idle": "29m" }"#, Cause::Sign(Sign::Idle, 29 * 60), 0),
        (r#"{ "exit": true, "delay": "10m" }"#, Cause::Sign(Sign::Exit, 0), 10 * MINUTE),
        (r#"{ "after": { "event": "search" }, "delay": "2m" }"#, Cause::Deed(0, None), 2 * MINUTE),
    ] {
        let plan = campaign(&format!(r#""trigger": {trigger},"#));
        assert_eq!(plan.campaigns[0].trigger, Some(Trigger { cause, delay }), "{trigger}");
        assert_eq!(Plan::open(&plan.seal()), Ok(plan));
    }
}

#[test]
fn pace_holdout_trigger_and_leaves_arrive_in_the_engines_units() {
    let plan = campaign(
        r#""pace": { "perSession": 1, "perDay": 2, "ever": 3, "coolDown": "2h", "stopAfter": ["clicked"] },
           "holdout": 0.0525, "allocation": { "by": ["old", "new"] },
           "trigger": { "after": { "event": "add_to_cart" }, "without": { "event": "purchase" }, "for": "10m" },"#,
    );
    let campaign = &plan.campaigns[0];
    let pace = &campaign.pace;
    assert_eq!(
        (pace.limits.per_visit, pace.limits.per_day, pace.limits.ever, pace.limits.cool_down),
        (1, 2, 3, 2 * HOUR)
    );
    assert_eq!((pace.stop_clicked, pace.stop_dismissed, pace.stop_converted), (true, false, false));
    assert_eq!((campaign.holdout, campaign.aim, campaign.by.as_slice()), (525, Aim::Earn, [1, 0].as_slice()));
    let trigger = campaign.trigger.as_ref().unwrap();
    let Cause::Deed(after, Some(without)) = trigger.cause else { panic!("{trigger:?}") };
    let events = [after, without].map(|kind| plan.terms.kinds.event(kind));
    assert_eq!(events, [name32("add_to_cart"), name32("purchase")]);
    assert_eq!(trigger.delay, 10 * MINUTE);
}

#[test]
fn what_is_left_out_has_its_documented_default() {
    let plan = campaign("");
    let campaign = &plan.campaigns[0];
    assert_eq!((campaign.priority, campaign.when, campaign.holdout, campaign.aim), (0, None, 0, Aim::Earn));
    let goal = &plan.goals[usize::from(campaign.goal)];
    assert_eq!((goal.event.as_str(), goal.window), ("purchase", 7 * DAY));
    assert_eq!(plan.slots[usize::from(campaign.slot)].place, Place::Bottom);
    assert_eq!(plan.terms.half_life, 14 * DAY);
    assert_eq!(plan.grid, Grid { step: 1_000, clip: 10_000_000 });
    let [first, second] = campaign.messages.as_slice() else { panic!("two messages") };
    assert_eq!((first.baseline, second.baseline, first.weight), (true, false, 1));
    let Form::Products { wish } = &second.form else { panic!("{:?}", second.form) };
    let exclude = Exclude { purchased: true, in_cart: true, viewed: false };
    assert_eq!(Wish::of(wish), Some(Wish { count: 4, exclude, ..Wish::default() }));
}

#[test]
fn split_weights_are_the_marketers() {
    let plan = campaign(r#""allocation": { "aim": "split", "weights": { "b": 3, "a": 0 } },"#);
    let weights: Vec<u32> = plan.campaigns[0].messages.iter().map(|message| message.weight).collect();
    assert_eq!((plan.campaigns[0].aim, weights), (Aim::Split, vec![0, 3]));
}

#[test]
fn money_is_kept_in_minor_units() {
    let plan = plan(
        r#"{ "version": 1, "site": "demo", "currency": "EUR", "revenue": { "round": 0.29, "clip": 1000 } }"#,
    );
    assert_eq!(plan.grid, Grid { step: 29, clip: 100_000 });
    assert_eq!(plan.terms.minor_per_unit, 100);
    assert_eq!(plan.currency.show(123_405), "1.234,05 €");
}

#[test]
fn slots_stand_where_the_file_says() {
    let plan = plan(
        r##"{ "version": 1, "site": "demo", "currency": "KRW", "slots": {
            "strip": {}, "hero": { "selector": "#hero", "position": "after", "minHeight": "260px" } } }"##,
    );
    let inline = |selector: &str, position, min_height| Place::Inline {
        selector: selector.into(),
        position,
        min_height,
    };
    assert_eq!(plan.slots[0].place, inline("[data-vitrine-slot=\"strip\"]", Position::Inside, 0));
    assert_eq!(plan.slots[1].place, inline("#hero", Position::After, 260));
}

#[test]
fn equal_priorities_keep_the_order_of_the_file() {
    let one = |id: &str, priority: i32| {
        format!(
            r#"{{ "id": "{id}", "slot": "top", "priority": {priority}, "messages": [ {{ "id": "a", "kind": "bar", "title": "A" }} ] }}"#
        )
    };
    let list = [one("a", 1), one("b", 5), one("c", 1), one("d", -1), one("e", 5)].join(",");
    let plan = plan(&format!(r#"{{ "version": 1, "site": "s", "currency": "KRW", "campaigns": [{list}] }}"#));
    let ids: Vec<&str> = plan.campaigns.iter().map(|campaign| campaign.id.as_str()).collect();
    assert_eq!(ids, ["b", "e", "a", "c", "d"]);
}

#[test]
fn a_condition_that_stands_twice_is_judged_once() {
    let (plan, node) = condition(
        r#"{ "$or": [ { "visits": 3, "channel": "email" }, { "$and": [ { "visits": { "$eq": 3 } }, { "channel": "email" } ] },
                     { "views": 3 } ] }"#,
    );
    assert_eq!(node, Node::Any(vec![2, 3]));
    assert_eq!(plan.nodes.len(), 5);
}

#[test]
fn comparisons_and_their_opposites_are_kept_apart() {
    let (plan, node) = condition(r#"{ "visits": { "$gte": 2, "$not": { "$gt": 5 } } }"#);
    assert_eq!(node, Node::All(vec![0, 2]));
    assert_eq!(plan.nodes[1], Node::Test(0, Compare::Gt(Value::Number(5.0))));
    assert_eq!(plan.nodes.subject(0), Some(&Attribute::Visits));
    assert_eq!(plan.nodes[2], Node::Not(1));
    let (plan, node) = condition(r#"{ "$nor": [ { "visits": 1 }, { "views": 1 } ] }"#);
    assert_eq!((node, &plan.nodes[2]), (Node::Not(2), &Node::Any(vec![0, 1])));
}

#[test]
fn a_segment_is_its_name_and_its_condition_wherever_it_stands() {
    let plan = plan(
        r#"{ "version": 1, "site": "s", "currency": "KRW", "segments": {
            "both": { "when": { "$segment": ["late", "early"] } },
            "early": { "when": { "hour": { "$lt": 9 } } }, "late": { "when": { "hour": { "$gte": 21 } } } } }"#,
    );
    let ids: Vec<&str> = plan.segments.iter().map(|segment| segment.id.as_str()).collect();
    assert_eq!(ids, ["both", "early", "late"]);
    for (at, segment) in plan.segments.iter().enumerate() {
        let Node::Segment(place, _) = plan.nodes[usize::from(segment.when)] else { panic!("{segment:?}") };
        assert_eq!(usize::from(place), at);
    }
    assert_eq!(Plan::open(&plan.seal()), Ok(plan));
}

#[test]
fn deeds_carry_their_filters_folded_and_their_counts() {
    let (plan, node) = condition(
        r#"{ "$did": { "event": "view_item", "category": ["Shoes", "가방"], "path": "/list/%EC%8B%A0%EB%B0%9C",
             "price": { "$gt": 10, "$lte": 25.5 }, "where": { "method": "quick" }, "atMost": 2, "within": "session" } }"#,
    );
    let kind = Kind {
        event: name32("view_item"),
        filters: vec![
            Filter::Category(vec![name32("shoes"), name32("가방")]),
            Filter::Price(1001, 2550),
            Filter::Page(vec![Pattern::Is("/list/신발".into())]),
            Filter::Parameter("method".into(), vec![Compare::Is(Value::text("quick"))]),
        ],
    };
    assert_eq!(node, Node::Did(Did { kind: 0, at_least: 0, at_most: 2, span: Span::Visit }));
    assert_eq!(plan.terms.kinds.get(0), Some(&kind));
    // Two showings are as many as are asked for, a third is one too many.
    assert_eq!(plan.terms.kinds.keep(0), 3);
    for (written, counts) in
        [("", (1, u32::MAX)), (r#", "times": 3"#, (3, 3)), (r#", "atLeast": 2"#, (2, u32::MAX))]
    {
        let (plan, node) = condition(&format!(r#"{{ "$did": {{ "event": "purchase"{written} }} }}"#));
        let Node::Did(did) = node else { panic!("{node:?}") };
        assert_eq!((did.at_least, did.at_most, did.span), (counts.0, counts.1, Span::Ever), "{written}");
        assert_eq!(plan.terms.kinds.keep(0), 0, "of `ever` the sum is enough");
    }
}

#[test]
fn sequences_keep_their_order_gaps_and_repetitions() {
    let (plan, node) = condition(
        r#"{ "$sequence": { "steps": [ { "event": "view_item", "atLeast": 3 },
             { "event": "add_to_cart", "after": "10s", "within": "5m", "without": { "event": "search" } } ],
             "within": "30m", "without": { "event": "purchase" }, "strict": true, "since": "7d" } }"#,
    );
    let Node::Sequence(sequence) = node else { panic!("{node:?}") };
    let event = |kind: u16| plan.terms.kinds.event(kind);
    let [first, second] = sequence.steps.as_slice() else { panic!("{sequence:?}") };
    assert_eq!((event(first.kind), first.times, first.or_more), (name32("view_item"), 3, true));
    assert_eq!((event(second.kind), second.times, second.or_more), (name32("add_to_cart"), 1, false));
    assert_eq!((second.gap, second.without.map(event)), ((10_000, 5 * MINUTE), Some(name32("search"))));
    assert!(first.next && second.next && sequence.beside.contains(&name32("page_view")));
    assert_eq!((sequence.within, sequence.span), (Some(30 * MINUTE), Span::Last(7 * DAY)));
    assert_eq!(sequence.without.map(event), Some(name32("purchase")));
}

#[test]
fn paths_are_sequences_of_page_views() {
    let (plan, node) = condition(
        r#"{ "$path": ["/", ["/list/*", "/search"], "**", { "page": "/product/**", "times": 2 }] }"#,
    );
    let Node::Sequence(path) = node else { panic!("{node:?}") };
    let pages = |at: usize| match plan.terms.kinds.get(path.steps[at].kind).unwrap().filters.as_slice() {
        [Filter::Page(pages)] => pages.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(pages(0), [Pattern::Is("/".into())]);
    assert_eq!(pages(1), [glob("/list/*").unwrap(), Pattern::Is("/search".into())]);
    assert_eq!(pages(2), [glob("/product/**").unwrap()]);
    let shape: Vec<(u32, bool)> = path.steps.iter().map(|step| (step.times, step.next)).collect();
    assert_eq!(shape, [(1, true), (1, true), (2, false)]);
    assert_eq!(
        (path.span, path.only, path.beside.as_slice()),
        (Span::Visit, true, &[name32("page_view")][..])
    );
}

#[test]
fn a_text_becomes_words_and_gaps() {
    let rules = r#"{ "version": 1, "site": "s", "currency": "KRW", "campaigns": [ { "id": "c", "slot": "top", "messages": [
        { "id": "a", "kind": "bar", "title": { "ko": "{{cart.last.title | default: \"그것\" | upcase}} 어때요?", "en": "Hi" } } ] } ] }"#;
    let title = plan(rules).campaigns[0].messages[0].title.clone();
    let gap = template::Span::Output(
        Attribute::CartLastTitle,
        vec![template::Filter::Default("그것".into()), template::Filter::Upcase],
    );
    assert_eq!(title.languages[0], ("ko".into(), vec![gap, template::Span::Text(" 어때요?".into())]));
    assert_eq!(title.languages[1].0, "en");
}
