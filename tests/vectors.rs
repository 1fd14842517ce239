//! `tests/vectors/*.json`: what the engine answers, an entry a sentence. The
//! same binary runs natively, in Node and in the browser, so the three cannot
//! differ. Never stops at the first entry that fails: it names them all.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use vitrine_engine::bandit::{Aim, LeafOdds, Odds};
use vitrine_engine::banner;
use vitrine_engine::channel::{Landing, Medium, arrive};
use vitrine_engine::decide::{Decision, Published};
use vitrine_engine::event::{self, Event};
use vitrine_engine::explain::{Product, Reason, explain, explain_rows};
use vitrine_engine::ids::pack_ids;
use vitrine_engine::intent::{Intent, Line};
use vitrine_engine::lists::Writer;
use vitrine_engine::page::{Moment, Page};
use vitrine_engine::plan::Plan;
use vitrine_engine::profile::VISIT_GAP;
use vitrine_engine::recommend::{Index, Model};
use vitrine_engine::seal::{self, Kind};
use vitrine_engine::sites::{RARE, Sites};
use vitrine_engine::time::{DAY, HOUR, MINUTE, Millis};
use vitrine_engine::walk::Visitor;
use vitrine_learn::evidence::{Count, Evidence, History};
use vitrine_learn::odds::odds;
use vitrine_learn::tally::Tally;
use vitrine_rules::eval::eval;
use vitrine_rules::{compile, compile_at};
use vitrine_trainer::catalog::{self, Catalog};
use vitrine_trainer::recode::recode;
use vitrine_trainer::{Wish, line, train};
use wasm_bindgen_test::wasm_bindgen_test;

/// A walk that looks more often than this at one page never ends.
const LOOK_LIMIT: usize = 1_000;

/// A visitor's way through a plan.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WalkEntry {
    name: String,
    rules: Box<RawValue>,
    /// A 64-bit number, in decimals.
    #[serde(default = "seven")]
    seed: String,
    odds: Option<OddsEntry>,
    /// What a model knows of behaviour: the propensity's line, then the clusters'.
    #[serde(default)]
    intent: Vec<Line>,
    /// Lines as `vitrine replay` reads them, without visitor and seed; where
    /// one is `{"rules": …}`, another plan is published before the next.
    events: Vec<Box<RawValue>>,
    /// The time since the first event, the event or `look`, what is due:
    /// `0:10:00 look: campaign/message leaf stream epoch, …` or `nothing`.
    decisions: Vec<String>,
    /// What is counted in the end; a count of zero is left out.
    reports: Option<Vec<Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OddsEntry {
    epoch: u32,
    leaves: Vec<LeafEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LeafEntry {
    campaign: String,
    leaf: String,
    weights: BTreeMap<String, u32>,
}

/// Another plan, among the events.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Republished {
    rules: Box<RawValue>,
}

/// Where one landing came from.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChannelEntry {
    name: String,
    url: String,
    #[serde(default)]
    referrer: String,
    #[serde(default)]
    user_agent: String,
    medium: String,
    source: String,
    #[serde(default)]
    keyword: String,
    #[serde(default)]
    campaign: String,
    evidence: String,
    /// Only a table with the rare sites knows it; pages take it for this one's
    /// host.
    #[serde(default)]
    is_rare: bool,
}

/// An address in an old charset.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RecodeEntry {
    name: String,
    address: String,
    /// As it was where it is missing.
    recoded: Option<String>,
}

/// What GrowthBook's own evaluator answered.
#[derive(Deserialize)]
struct ConditionEntry {
    name: String,
    holds: bool,
}

/// Why every campaign is shown or not, after the last event.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExplainEntry {
    name: String,
    rules: Box<RawValue>,
    #[serde(default = "seven")]
    seed: String,
    events: Vec<Box<RawValue>>,
    /// Seconds after the last event.
    #[serde(default)]
    later: u64,
    /// A log and a feed as in [`RenderEntry`].
    #[serde(default)]
    sessions: Vec<String>,
    #[serde(default)]
    catalog: Vec<String>,
    /// A line a campaign: its name, then the sentence.
    english: Vec<String>,
    korean: Vec<String>,
}

/// The markup of all that is due after the last event.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RenderEntry {
    name: String,
    rules: Box<RawValue>,
    #[serde(default = "seven")]
    seed: String,
    events: Vec<Box<RawValue>>,
    /// A log to train on: item ids, oldest first, a session a text.
    sessions: Option<Vec<String>>,
    /// A product feed, a line a text, its cells between ` | `.
    #[serde(default)]
    catalog: Vec<String>,
    html: String,
}

/// Bytes that every device must make alike.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bytes {
    walks: Vec<BytesEntry>,
    odds: Vec<LearntEntry>,
    models: Vec<ModelEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BytesEntry {
    name: String,
    rules: Box<RawValue>,
    #[serde(default = "seven")]
    seed: String,
    events: Vec<Box<RawValue>>,
    /// The sealed plan's name.
    plan: String,
    /// The sealed visitor, in hexadecimal digits.
    visitor: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LearntEntry {
    name: String,
    #[serde(default)]
    aim: String,
    /// Visitors and converters, by day, leaf and arm.
    days: Vec<Vec<Vec<(u64, u64)>>>,
    /// By leaf.
    weights: Option<Vec<Vec<u32>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelEntry {
    name: String,
    sessions: Vec<String>,
    #[serde(default)]
    catalog: Vec<String>,
    /// The sealed model's name.
    model: String,
}

/// A mistake in a rule file; `rules/tests/vectors.rs` says what the fields mean.
#[derive(Deserialize)]
struct DiagnosticsEntry {
    name: String,
    rules: String,
    /// The moment of publishing, in milliseconds since 1970.
    now: Option<u64>,
    repeat: Option<Repeat>,
    count: Option<usize>,
    diagnostics: Vec<Value>,
}

#[derive(Deserialize)]
struct Repeat {
    text: String,
    times: usize,
    then: String,
}

#[wasm_bindgen_test(unsupported = test)]
fn walks() {
    let entries: Vec<WalkEntry> = read(include_str!("vectors/walk.json"));
    check(&entries, 30, |entry| &entry.name, walked);
}

#[wasm_bindgen_test(unsupported = test)]
fn memories() {
    let entries: Vec<WalkEntry> = read(include_str!("vectors/memory.json"));
    check(&entries, 30, |entry| &entry.name, walked);
}

#[wasm_bindgen_test(unsupported = test)]
fn channels() {
    let entries: Vec<ChannelEntry> = read(include_str!("vectors/channel.json"));
    check(
        &entries,
        40,
        |entry| &entry.name,
        |entry| {
            let (page, referrer) = (Page::parse(&recode(&entry.url)), recode(&entry.referrer));
            let judge = |rare| {
                arrive(&Landing {
                    page: &page,
                    referrer: &referrer,
                    agent: &entry.user_agent,
                    sites: Sites(rare),
                })
            };
            let found = judge(RARE);
            if !entry.is_rare {
                same(&found, &judge(""))?;
            } else if judge("").medium != Medium::Referral {
                return Err("pages know it, too".into());
            }
            let found =
                [found.medium.word(), &found.source, &found.keyword, &found.campaign, found.evidence.word()];
            let wanted = [&entry.medium, &entry.source, &entry.keyword, &entry.campaign, &entry.evidence];
            same(&wanted.map(String::as_str), &found)
        },
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn old_charsets() {
    let entries: Vec<RecodeEntry> = read(include_str!("vectors/recode.json"));
    check(
        &entries,
        20,
        |entry| &entry.name,
        |entry| same(entry.recoded.as_ref().unwrap_or(&entry.address), &recode(&entry.address)),
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn renderings() {
    let entries: Vec<RenderEntry> = read(include_str!("vectors/render.json"));
    check(
        &entries,
        10,
        |entry| &entry.name,
        |entry| {
            let mut walk = Walk::new(&entry.rules, &entry.seed)?;
            if let Some(sessions) = &entry.sessions {
                let model = model(sessions, &entry.catalog)?;
                let index = Index::new(&model);
                walk.published.intent = model.intent.clone();
                walk.shelf = Some((model, index));
            }
            walk.take_all(&entry.events)?;
            same(&entry.html, &walk.render())
        },
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn explanations() {
    let entries: Vec<ExplainEntry> = read(include_str!("vectors/explain.json"));
    check(
        &entries,
        30,
        |entry| &entry.name,
        |entry| {
            let mut walk = Walk::new(&entry.rules, &entry.seed)?;
            walk.take_all(&entry.events)?;
            let page = walk.visitor.page.clone().unwrap_or_default();
            let moment = Moment { now: walk.last.plus(entry.later * 1000), page };
            let mut reasons = explain(&walk.published, &walk.visitor.profile, &moment);
            if !entry.sessions.is_empty() {
                let model = model(&entry.sessions, &entry.catalog)?;
                let goods = (&model, &Index::new(&model));
                explain_rows(&mut reasons, goods, &walk.published, (&walk.visitor.profile, &moment));
            }
            let (mut english, mut korean) = (Vec::new(), Vec::new());
            for Reason { campaign, sentence, products, .. } in &reasons {
                english.push(format!("{campaign}: {}", sentence.english));
                korean.push(format!("{campaign}: {}", sentence.korean));
                for Product { id, sentence, .. } in products {
                    english.push(format!("{id}: {}", sentence.english));
                    korean.push(format!("{id}: {}", sentence.korean));
                }
            }
            same(&[&entry.english, &entry.korean], &[&english, &korean])
        },
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn sealed_plans_and_visitors() {
    let bytes: Bytes = read(include_str!("vectors/bytes.json"));
    check(
        &bytes.walks,
        2,
        |entry| &entry.name,
        |entry| {
            let mut walk = Walk::new(&entry.rules, &entry.seed)?;
            walk.take_all(&entry.events)?;
            walk.finish()?;
            let sealed = seal::seal(Kind::Memory, &walk.visitor);
            let hex: String = sealed.iter().map(|byte| format!("{byte:02x}")).collect();
            same(&[&entry.plan, &entry.visitor], &[&walk.published.hash, &hex])
        },
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn learnt_odds() {
    let bytes: Bytes = read(include_str!("vectors/bytes.json"));
    check(
        &bytes.odds,
        7,
        |entry| &entry.name,
        |entry| {
            let count = |&(visitors, converters): &(u64, u64)| Count {
                tally: Tally { visitors, converters },
                ..Count::default()
            };
            let leaf = |arms: &Vec<(u64, u64)>| arms.iter().map(count).collect();
            let mut history = History::default();
            entry.days.iter().for_each(|day| history.push(&day.iter().map(leaf).collect::<Vec<_>>()));
            let evidence = Evidence { windows: history.windows(), ..Evidence::default() };
            let aim = if entry.aim == "learn" { Aim::Learn } else { Aim::Earn };
            same(&entry.weights, &odds(aim, &evidence))
        },
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn trained_models() {
    let bytes: Bytes = read(include_str!("vectors/bytes.json"));
    check(
        &bytes.models,
        2,
        |entry| &entry.name,
        |entry| same(&entry.model, &seal::name(&model(&entry.sessions, &entry.catalog)?.seal())),
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn conditions() {
    let lines: Vec<Box<RawValue>> = read(include_str!("vectors/conditions.json"));
    let entries: Vec<(&str, ConditionEntry)> =
        lines.iter().map(|line| (line.get(), read(line.get()))).collect();
    check(&entries, 250, |(_, entry)| &entry.name, |(line, entry)| same(&Ok(entry.holds), &eval(line)));
}

#[wasm_bindgen_test(unsupported = test)]
fn diagnostics() {
    let entries: Vec<DiagnosticsEntry> = read(include_str!("vectors/diagnostics.json"));
    check(
        &entries,
        100,
        |entry| &entry.name,
        |entry| {
            let mut text = entry.rules.clone();
            if let Some(repeat) = &entry.repeat {
                text += &repeat.text.repeat(repeat.times);
                text += &repeat.then;
            }
            let found = serde_json::to_value(compile_at(&text, entry.now.map(Millis)).diagnostics).unwrap();
            let found = found.as_array().unwrap();
            same(&entry.count.unwrap_or(entry.diagnostics.len()), &found.len())?;
            same(entry.diagnostics.as_slice(), &found[found.len() - entry.diagnostics.len()..])
        },
    );
}

fn walked(entry: &WalkEntry) -> Result<(), String> {
    let mut walk = Walk::new(&entry.rules, &entry.seed)?;
    if let Some(odds) = &entry.odds {
        let leaf = |leaf: &LeafEntry| LeafOdds {
            campaign: leaf.campaign.clone(),
            leaf: leaf.leaf.clone(),
            weights: leaf.weights.clone().into_iter().collect(),
        };
        walk.published.odds = Odds { epoch: odds.epoch, leaves: odds.leaves.iter().map(leaf).collect() };
    }
    if !entry.intent.is_empty() {
        // Through the same bytes as a page would.
        let intent = Some(Intent { lines: entry.intent.clone() });
        let (ids, lists) = (pack_ids::<&str>(&[]), Writer::default().finish());
        let sealed = Model { ids, lists, intent, ..Model::default() }.seal();
        walk.published.intent = Model::open(&sealed).map_err(|broken| broken.reason().to_owned())?.intent;
    }
    walk.take_all(&entry.events)?;
    walk.finish()?;
    same(&entry.decisions, &walk.said)?;
    entry.reports.as_ref().map_or(Ok(()), |wanted| same(wanted, &walk.reports()))
}

/// A visitor on the way, as `cli/src/replay/people.rs` takes them.
struct Walk {
    published: Published,
    shelf: Option<(Model, Index)>,
    visitor: Visitor,
    decision: Decision,
    start: Option<Millis>,
    last: Millis,
    said: Vec<String>,
}

impl Walk {
    fn new(rules: &RawValue, seed: &str) -> Result<Walk, String> {
        let mut walk = Walk {
            published: Published::default(),
            shelf: None,
            visitor: Visitor::new(seed.parse().map_err(|_| format!("`{seed}` is no seed"))?),
            decision: Decision::default(),
            start: None,
            last: Millis(0),
            said: Vec::new(),
        };
        walk.publish(rules)?;
        Ok(walk)
    }

    /// Takes a plan through the same bytes as a page would.
    fn publish(&mut self, rules: &RawValue) -> Result<(), String> {
        let compiled = compile(rules.get());
        let sealed = compiled.plan.ok_or_else(|| format!("{:#?}", compiled.diagnostics))?.seal();
        self.published.hash = seal::name(&sealed);
        self.published.plan =
            Plan::open(&sealed).map_err(|broken| format!("the plan {}", broken.reason()))?;
        Ok(())
    }

    fn take_all(&mut self, events: &[Box<RawValue>]) -> Result<(), String> {
        for event in events {
            if let Ok(other) = serde_json::from_str::<Republished>(event.get()) {
                self.publish(&other.rules)?;
                continue;
            }
            // Every line of a log names its visitor.
            let text = event.get().replacen('{', "{\"visitor\":\"v\",", 1);
            let line = line::read(&text, self.published.plan.currency.digits)?;
            if line.event.at < self.last {
                return Err(format!("`t` runs back in {}", event.get()));
            }
            self.look_until(line.event.at)?;
            self.step(&line.event);
        }
        Ok(())
    }

    fn step(&mut self, event: &Event) {
        self.start.get_or_insert(event.at);
        self.last = event.at;
        self.decision = self.visitor.replay(&self.published, event);
        if event.name != event::PAGE_LEAVE {
            self.say(event.at, &event.name);
        }
    }

    /// Looks again whenever the engine asked for it, as long as somebody is there.
    fn look_until(&mut self, until: Millis) -> Result<(), String> {
        for _ in 0..LOOK_LIMIT {
            let wake = self.decision.wake.filter(|wake| wake.since(self.last) < VISIT_GAP);
            let Some(now) = wake.filter(|wake| *wake <= until) else { return Ok(()) };
            let decision = self.visitor.look(&self.published, now);
            let is_same = decision.shows_same(&self.decision);
            self.decision = decision;
            if !is_same {
                self.say(now, "look");
            }
        }
        Err(format!("more than {LOOK_LIMIT} looks after {}", self.said.last().unwrap()))
    }

    fn finish(&mut self) -> Result<(), String> {
        self.look_until(Millis::NEVER)
    }

    fn say(&mut self, now: Millis, why: &str) {
        let choices = self.decision.choices.iter().map(|choice| {
            let arm = &choice.arm;
            let stream = arm.stream.word();
            format!("{}/{} {} {stream} {}", arm.campaign, arm.message, arm.leaf, arm.epoch)
        });
        let choices: Vec<String> = choices.collect();
        let due = if choices.is_empty() { "nothing".into() } else { choices.join(", ") };
        self.said.push(format!("{} {why}: {due}", elapsed(now.since(self.start.unwrap_or_default()))));
    }

    /// What would leave the device, without what the decisions say already.
    fn reports(&mut self) -> Vec<Value> {
        let mut rows = Vec::new();
        for report in self.visitor.ledger.reports("", String::new) {
            let report: Value = serde_json::from_str(&report.to_json()).unwrap();
            for row in report["counts"].as_array().unwrap() {
                let mut row = row.as_object().unwrap().clone();
                row.retain(|name, count| {
                    !["stream", "epoch"].contains(&name.as_str()) && *count != 0 && *count != "0"
                });
                row.insert("campaign".into(), report["campaign"].clone());
                rows.push(Value::Object(row));
            }
        }
        rows
    }

    fn render(&self) -> String {
        let page = self.visitor.page.clone().unwrap_or_default();
        let moment = Moment { now: self.last, page };
        let scene =
            banner::Scene { published: &self.published, profile: &self.visitor.profile, moment: &moment };
        let strip = |order: &[u8]| {
            let (model, index) = self.shelf.as_ref()?;
            banner::strip::draw(order, model, index)
        };
        let choices = self.decision.choices.iter();
        choices.filter_map(|choice| banner::render(&scene, choice, &strip)).collect()
    }
}

/// `0:10:00.001`, and with days in front `1d 0:10:00`.
fn elapsed(millis: u64) -> String {
    let (hours, minutes, seconds) = (millis % DAY / HOUR, millis % HOUR / MINUTE, millis % MINUTE / 1000);
    let days = if millis >= DAY { format!("{}d ", millis / DAY) } else { String::new() };
    let part = if !millis.is_multiple_of(1000) { format!(".{:03}", millis % 1000) } else { String::new() };
    format!("{days}{hours}:{minutes:02}:{seconds:02}{part}")
}

fn model(sessions: &[String], feed: &[String]) -> Result<Model, String> {
    let feed = feed.join("\n").replace(" | ", "\t");
    let catalog = match feed.is_empty() {
        true => Catalog::default(),
        false => catalog::read(&mut feed.as_bytes()).map_err(|trouble| trouble.to_string())?,
    };
    let log = sessions.join("\n");
    let wish = Wish { support: 1, ..Wish::default() };
    let trained = train(&mut log.as_bytes(), &catalog, wish, &mut |_| {});
    trained.map(|trained| trained.model).map_err(|trouble| trouble.to_string())
}

fn seven() -> String {
    "7".into()
}

fn read<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("the file of vectors: {error}"))
}

fn same<T: PartialEq + std::fmt::Debug + ?Sized>(wanted: &T, found: &T) -> Result<(), String> {
    if wanted == found { Ok(()) } else { Err(format!("wanted {wanted:#?}\nfound {found:#?}")) }
}

/// Tries every entry and fails with all that do not hold. A file that lost
/// entries fails too, and so does a sentence that stands there twice.
fn check<T>(
    entries: &[T],
    least: usize,
    name: impl Fn(&T) -> &str,
    holds: impl Fn(&T) -> Result<(), String>,
) {
    let mut failures = String::new();
    let mut failed = 0;
    let mut names: Vec<&str> = Vec::new();
    for entry in entries {
        let found = if names.contains(&name(entry)) {
            Err("another entry has this name".to_owned())
        } else {
            holds(entry)
        };
        names.push(name(entry));
        if let Err(why) = found {
            failed += 1;
            writeln!(failures, "\n✗ {}\n{why}", name(entry)).unwrap();
        }
    }
    assert!(entries.len() >= least, "{} entries, where there were {least}", entries.len());
    assert!(failed == 0, "{failed} of {} entries do not hold:\n{failures}", entries.len());
}
