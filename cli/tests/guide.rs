//! `docs/rules.md` is true: every example in it is compiled and lived through
//! by the visitors written below it, and no word of the language is missing.
//!
//! An example is a block ` ```json `, a part of a rule file, and behind it a
//! block ` ```visitors `, a visitor a line:
//!
//! ```text
//! yes  / → +10m → add_to_cart {"items": […]} → /cart
//! no   / from https://www.google.com/ on mobile in ko
//! "5 % off"  set {"tier": "gold"} → /
//! ```
//!
//! `yes` and `no` say whether the first campaign is due in the end, a text that
//! its banner says so. Fields of the file and of a campaign find their places
//! themselves; in ` ```json site ` all are the file's.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use serde_json::{Map, Value, json};
use vitrine_engine::attribute::NAMES;
use vitrine_engine::banner::{self, Scene};
use vitrine_engine::channel::Medium;
use vitrine_engine::decide::{Choice, Decision, Published};
use vitrine_engine::page::Moment;
use vitrine_engine::plan::Plan;
use vitrine_engine::profile::VISIT_GAP;
use vitrine_engine::time::{DAY, HOUR, MINUTE, Millis};
use vitrine_engine::walk::Visitor;
use vitrine_rules::words::{COMBINERS, EVENTS, FIELDS, FILTERS, KINDS, OPERATORS, OVERLAYS, WEEKDAYS};
use vitrine_rules::{Severity, compile};
use vitrine_trainer::line;

/// Monday, 23 November 2026, ten in the morning in Seoul.
const START: u64 = 1_795_395_600_000;
/// Attributes that the examples take for the shop's own.
const OWN: &[&str] =
    &["address", "age", "app_version", "email", "member", "plan", "tags", "user_id", "wishlist"];
/// Fields that a file and a campaign both have; here they are the campaign's.
const SHARED: &[&str] = &["quiet", "pace", "holdout"];

fn guide() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/rules.md")).unwrap()
}

struct Example {
    /// The line of its first fence.
    line: usize,
    is_site: bool,
    rules: String,
    visitors: Vec<String>,
}

fn examples(text: &str) -> Vec<Example> {
    let mut found: Vec<Example> = Vec::new();
    let mut fence: Option<(usize, String, String)> = None;
    for (at, line) in text.lines().enumerate() {
        match (&mut fence, line.strip_prefix("```")) {
            (None, Some(kind)) => fence = Some((at + 1, kind.trim().into(), String::new())),
            (Some((_, _, body)), None) => *body += &format!("{line}\n"),
            (Some(_), Some(_)) => {
                let (line, kind, body) = fence.take().unwrap();
                match kind.as_str() {
                    "json" | "json site" => {
                        let is_site = kind == "json site";
                        found.push(Example { line, is_site, rules: body, visitors: Vec::new() });
                    }
                    "visitors" => {
                        found.last_mut().unwrap().visitors = body.lines().map(String::from).collect()
                    }
                    other => assert!(["text", "js", "sh"].contains(&other), "line {line}: a block `{other}`"),
                }
            }
            (None, None) => {}
        }
    }
    found
}

/// The whole rule file that a part of it stands for.
fn whole(example: &Example) -> Value {
    let part: Map<String, Value> =
        serde_json::from_str(&example.rules).unwrap_or_else(|why| panic!("line {}: {why}", example.line));
    let root = FIELDS.iter().find(|(name, _)| *name == "rules").unwrap().1;
    let mut file = json!({
        "version": 1, "site": "shop", "currency": "KRW", "timezone": "Asia/Seoul",
        "attributes": OWN,
    });
    let mut campaign = json!({
        "id": "example", "slot": "bottom",
        "messages": [ { "id": "a", "kind": "bar", "title": "Hello" } ],
    });
    for (name, value) in part {
        let is_files = root.contains(&name.as_str()) && (example.is_site || !SHARED.contains(&name.as_str()));
        let place = if is_files { &mut file } else { &mut campaign };
        place[name] = value;
    }
    if file.get("campaigns").is_none() {
        file["campaigns"] = json!([campaign]);
    }
    file
}

fn publish(example: &Example) -> Published {
    let file = whole(example).to_string();
    let compiled = compile(&file);
    let bad: Vec<&str> = compiled
        .diagnostics
        .iter()
        .filter(|found| found.severity == Severity::Error || found.code == "unknown_attribute")
        .map(|found| found.message.as_str())
        .collect();
    assert!(bad.is_empty(), "line {}: {bad:#?}", example.line);
    let plan = Plan::open(&compiled.plan.unwrap().seal()).unwrap();
    Published { plan, ..Published::default() }
}

/// A visitor on the way.
struct Walk<'a> {
    published: &'a Published,
    /// The campaign that the example is about.
    campaign: &'a str,
    visitor: Visitor,
    decision: Decision,
    now: Millis,
    last: Millis,
}

impl Walk<'_> {
    fn take(&mut self, step: &str) {
        if let Some(span) = step.strip_prefix('+') {
            let (count, unit) = span.split_at(span.len() - 1);
            let unit = match unit {
                "s" => 1_000,
                "m" => MINUTE,
                "h" => HOUR,
                "d" => DAY,
                other => panic!("`{other}` is no unit of time"),
            };
            self.pass(count.parse::<u64>().unwrap() * unit);
            return;
        }
        let event = if step.starts_with('/') { view(step) } else { deed(step) };
        let mut line = event;
        line["visitor"] = json!("v");
        line["t"] = json!(self.now.0);
        let event = line::read(&line.to_string(), self.published.plan.currency.digits).unwrap().event;
        self.decision = self.visitor.step(self.published, &event);
        self.last = self.now;
        // One second a step, as people take.
        self.pass(1_000);
    }

    /// Lets time pass; whoever says nothing for half an hour has left.
    fn pass(&mut self, span: u64) {
        let until = Millis(self.now.0 + span);
        while let Some(now) = self.decision.wake.filter(|wake| *wake <= until) {
            if now.since(self.last) >= VISIT_GAP {
                break;
            }
            self.decision = self.visitor.look(self.published, now);
        }
        self.now = until;
    }

    fn choice(&self) -> Option<&Choice> {
        self.decision.choices.iter().find(|choice| choice.arm.campaign == self.campaign)
    }

    /// What the banner says.
    fn says(&self) -> String {
        let Some(choice) = self.choice() else {
            return "nothing".into();
        };
        let moment = Moment { now: self.now, page: self.visitor.page.clone().unwrap() };
        let scene = Scene { published: self.published, profile: &self.visitor.profile, moment: &moment };
        banner::render(&scene, choice, &|_| None).unwrap_or_default()
    }
}

/// `/path from REFERRER on mobile in ko`.
fn view(step: &str) -> Value {
    let mut words = step.split(' ');
    let mut event = json!({
        "event": "page_view", "language": "en", "device": "desktop",
        "url": format!("https://shop.example{}", words.next().unwrap()),
    });
    while let (Some(what), Some(value)) = (words.next(), words.next()) {
        let field = match what {
            "from" => "referrer",
            "on" => "device",
            "in" => "language",
            other => panic!("a page view has no `{other}`"),
        };
        event[field] = json!(value);
    }
    event
}

/// `add_to_cart {…}`; `set {…}` sets attributes.
fn deed(step: &str) -> Value {
    let (name, fields) = step.split_once(' ').unwrap_or((step, "{}"));
    let fields: Value = serde_json::from_str(fields).unwrap_or_else(|why| panic!("`{step}`: {why}"));
    if name == "set" {
        return json!({ "event": "set", "attributes": fields });
    }
    let mut event = json!({ "event": name });
    if ["shown", "clicked", "dismissed"].contains(&name) {
        event = json!({ "event": name, "campaign": "example", "message": "a" });
    }
    for (name, value) in fields.as_object().unwrap() {
        event[name] = value.clone();
    }
    event
}

fn answer(published: &Published, campaign: &str, steps: &str) -> (bool, String) {
    let mut walk = Walk {
        published,
        campaign,
        visitor: Visitor::new(7),
        decision: Decision::default(),
        now: Millis(START),
        last: Millis(START),
    };
    for step in steps.split('→') {
        walk.take(step.trim());
    }
    (walk.choice().is_some(), walk.says())
}

#[test]
fn every_example_is_lived_through_as_it_says() {
    let mut wrong = Vec::new();
    let (mut yes, mut no) = (0, 0);
    for example in examples(&guide()) {
        let published = publish(&example);
        let file = whole(&example);
        let campaign = file["campaigns"][0]["id"].as_str().unwrap();
        assert!(!example.visitors.is_empty(), "line {}: an example that nobody lives through", example.line);
        for visitor in &example.visitors {
            if let Some(rest) = visitor.strip_prefix('"') {
                let (text, steps) = rest.split_once('"').unwrap();
                let (_, said) = answer(&published, campaign, steps);
                if !said.contains(text) {
                    wrong.push(format!("line {}: {visitor}: the banner is {said}", example.line));
                }
                continue;
            }
            let (wanted, steps) = visitor.split_once(' ').unwrap();
            let wanted = match wanted {
                "yes" => true,
                "no" => false,
                other => panic!("line {}: `{other}` is neither yes nor no", example.line),
            };
            yes += usize::from(wanted);
            no += usize::from(!wanted);
            if answer(&published, campaign, steps).0 != wanted {
                wrong.push(format!("line {}: {visitor}", example.line));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(yes > 60 && no > 60, "{yes} visitors see something, {no} do not");
}

#[test]
fn no_word_of_the_language_is_missing() {
    let text = guide();
    let fields = FIELDS.iter().flat_map(|(_, fields)| fields.iter());
    let words = fields.chain(COMBINERS).chain(OPERATORS).chain(KINDS).chain(OVERLAYS).chain(FILTERS);
    let words = words.chain(WEEKDAYS).chain(EVENTS).chain(NAMES).copied();
    let channels = Medium::ALL.iter().map(|medium| medium.word());
    let missing: Vec<&str> = words
        .chain(channels)
        .filter(|word| !text.contains(&format!("`{word}")) && !text.contains(&format!("\"{word}\"")))
        .collect();
    assert!(missing.is_empty(), "not in docs/rules.md: {missing:?}");
}

#[test]
fn every_entry_of_the_contents_leads_somewhere() {
    let text = guide();
    let heads: Vec<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("## ").or(line.strip_prefix("### ")))
        .map(|head| {
            head.to_lowercase()
                .chars()
                .filter(|c| c.is_alphanumeric() || *c == ' ' || *c == '-')
                .map(|c| if c == ' ' { '-' } else { c })
                .collect()
        })
        .collect();
    for link in text.split("](#").skip(1) {
        let target = link.split(')').next().unwrap();
        assert!(heads.iter().any(|head| head == target), "#{target} leads nowhere");
    }
}
