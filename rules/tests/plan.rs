//! What a rule file becomes: places, moments, weights and conditions as the
//! engine takes them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use vitrine_engine::attribute::Attribute;
use vitrine_engine::bandit::Aim;
use vitrine_engine::compare::Compare;
use vitrine_engine::hash::name32;
use vitrine_engine::judge::Node;
use vitrine_engine::pattern::{Did, Filter, Kind, Piece, Span};
use vitrine_engine::plan::{Form, Grid, Place, Plan, Position};
use vitrine_engine::template;
use vitrine_engine::time::{DAY, HOUR, MINUTE, Millis};
use vitrine_engine::value::Value;
use vitrine_rules::compile;

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
    ];
    assert_eq!(ids, want);
    assert_eq!(Plan::open(&plan.seal()), Ok(plan));
}

#[test]
fn a_schedule_holds_its_last_day_whole_and_in_the_sites_zone() {
    let plan = campaign(
        r#""schedule": { "from": "2026-12-01T09:30", "to": "2026-12-31", "hours": "22:00-02:00", "weekdays": ["sun", "sat"] },"#,
    );
    let schedule = &plan.campaigns[0].schedule;
    // 2026-12-01 is day 20,788; Seoul is nine hours ahead.
    assert_eq!(schedule.from, Some(Millis(20_788 * DAY + 30 * MINUTE)));
    assert_eq!(schedule.until, Some(Millis(20_819 * DAY - 9 * HOUR)));
    assert_eq!(schedule.minutes, Some((1320, 120)));
    assert_eq!(schedule.weekdays, 0b100_0001);
    assert_eq!(plan.terms.zone.transitions, [(Millis(0), 540)]);
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
    assert_eq!((pace.per_visit, pace.per_day, pace.ever, pace.cool_down), (1, 2, 3, 2 * HOUR));
    assert_eq!((pace.stop_clicked, pace.stop_dismissed, pace.stop_converted), (true, false, false));
    assert_eq!((campaign.holdout, campaign.aim, campaign.by.as_slice()), (525, Aim::Earn, [1, 0].as_slice()));
    let trigger = campaign.trigger.as_ref().unwrap();
    assert_eq!(trigger.after.event, name32("add_to_cart"));
    assert_eq!(trigger.without.as_ref().map(|kind| kind.event), Some(name32("purchase")));
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
    let Form::Products { count: 4, exclude } = second.form else { panic!("{:?}", second.form) };
    assert_eq!((exclude.purchased, exclude.in_cart, exclude.viewed), (true, true, false));
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
    assert_eq!(plan.nodes[1], Node::Test(Attribute::Visits, Compare::Gt(Value::Number(5.0))));
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
    for segment in &plan.segments {
        let Node::Segment(name, _) = plan.nodes[usize::from(segment.when)] else { panic!("{segment:?}") };
        assert_eq!(name, name32(&segment.id));
    }
}

#[test]
fn deeds_carry_their_filters_folded_and_their_counts() {
    let (_, node) = condition(
        r#"{ "$did": { "event": "view_item", "category": ["Shoes", "가방"], "path": "/list/%EC%8B%A0%EB%B0%9C", "atMost": 2, "within": "session" } }"#,
    );
    let kind = Kind {
        event: name32("view_item"),
        filters: vec![
            Filter::Category(vec![name32("shoes"), name32("가방")]),
            Filter::Place(vec![name32("/list/신발")]),
        ],
    };
    assert_eq!(node, Node::Did(Did { kind, at_least: 0, at_most: 2, span: Span::Visit }));
    for (written, counts) in
        [("", (1, u32::MAX)), (r#", "times": 3"#, (3, 3)), (r#", "atLeast": 2"#, (2, u32::MAX))]
    {
        let (_, node) = condition(&format!(r#"{{ "$did": {{ "event": "purchase"{written} }} }}"#));
        let Node::Did(did) = node else { panic!("{node:?}") };
        assert_eq!((did.at_least, did.at_most, did.span), (counts.0, counts.1, Span::Ever), "{written}");
    }
}

#[test]
fn sequences_and_paths_keep_their_order() {
    let (_, node) = condition(
        r#"{ "$sequence": { "steps": [ { "event": "view_item", "times": 3 }, { "event": "add_to_cart" } ],
             "within": "30m", "without": { "event": "purchase" } } }"#,
    );
    let Node::Sequence(sequence) = node else { panic!("{node:?}") };
    let steps: Vec<(u32, u32)> = sequence.steps.iter().map(|(kind, times)| (kind.event, *times)).collect();
    assert_eq!(steps, [(name32("view_item"), 3), (name32("add_to_cart"), 1)]);
    assert_eq!(sequence.within, Some(30 * MINUTE));
    assert_eq!(sequence.without.map(|kind| kind.event), Some(name32("purchase")));
    let (_, node) = condition(r#"{ "$path": ["/", "/list/*", "/product/**"] }"#);
    let is = |name: &str| Piece::Is(name.into());
    assert_eq!(
        node,
        Node::Path(vec![vec![], vec![is("list"), Piece::One], vec![is("product"), Piece::Rest]])
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
