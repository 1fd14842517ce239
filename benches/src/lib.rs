//! Rules and visitors of a workload, judged by the engine as the page judges
//! them. It never decides, renders or stores, and no product depends on it.
#![cfg_attr(
    target_family = "wasm",
    allow(unsafe_code, reason = "exports of a module are unsafe by their nature")
)]

use vitrine_engine::decide::Published;
use vitrine_engine::event::Event;
use vitrine_engine::judge::Judge;
use vitrine_engine::page::{Moment, Page};
use vitrine_engine::plan::Plan;
use vitrine_engine::profile::Profile;
use vitrine_engine::time::Millis;
use vitrine_engine::truth::Truth;
use vitrine_rules::Language;
use vitrine_trainer::line;
use wasm_bindgen::prelude::wasm_bindgen;

#[cfg(target_family = "wasm")]
#[global_allocator]
static HEAP: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());

/// Decimals of the workload's currency.
const DIGITS: u8 = 2;

/// A plan and visitors to hold it against.
#[wasm_bindgen]
pub struct Bench {
    published: Published,
    visitors: Vec<Visitor>,
    /// Copies of one visitor, each to be used up by one page view.
    fresh: Vec<Visitor>,
    /// Those that are used up: a page frees nothing when it is viewed.
    used: Vec<Visitor>,
    /// The page view that they are shown.
    view: Event,
}

#[derive(Clone)]
struct Visitor {
    profile: Profile,
    judge: Judge,
    moment: Moment,
}

#[wasm_bindgen]
impl Bench {
    /// Opens a plan's sealed bytes.
    ///
    /// # Errors
    /// A sentence that says what is wrong with them.
    #[wasm_bindgen(constructor)]
    pub fn new(plan: &[u8]) -> Result<Bench, String> {
        let plan = Plan::open(plan).map_err(|broken| format!("the plan {}", broken.reason()))?;
        let published = Published { plan, ..Published::default() };
        Ok(Bench {
            published,
            visitors: Vec::new(),
            fresh: Vec::new(),
            used: Vec::new(),
            view: Event::default(),
        })
    }

    /// Adds the visitor of an events log, as they stand on a page at a moment,
    /// in milliseconds since 1970.
    ///
    /// # Errors
    /// A sentence that says which line is no event.
    pub fn visitor(&mut self, log: &str, path: &str, now: f64) -> Result<(), String> {
        let mut profile = Profile::new(1);
        for text in log.lines() {
            let line = line::read(text, DIGITS).map_err(|why| format!("`{text}` {why}"))?;
            profile.observe(&line.event, &self.published.plan.terms);
        }
        let moment = Moment { now: Millis(now as u64), page: Page::parse(path) };
        self.visitors.push(Visitor { profile, judge: Judge::default(), moment });
        Ok(())
    }

    /// Judges everything of one visitor anew; the number of segments held.
    pub fn judge(&mut self, visitor: usize) -> usize {
        let Some(visitor) = self.visitors.get_mut(visitor) else { return 0 };
        visitor.judge_all(&self.published);
        held(&self.published.plan, visitor).filter(|is_held| *is_held).count()
    }

    /// Which segments the last judgement found held, a byte each.
    #[must_use]
    pub fn segments(&self, visitor: usize) -> Vec<u8> {
        let visitor = self.visitors.get(visitor);
        visitor.map(|visitor| held(&self.published.plan, visitor).map(u8::from).collect()).unwrap_or_default()
    }

    /// Makes `count` copies of a judged visitor, to be shown the page view of a
    /// line. Returns how many segments it changes.
    ///
    /// # Errors
    /// A sentence that says why the line is no event.
    pub fn prepare(&mut self, visitor: usize, line: &str, count: usize) -> Result<usize, String> {
        self.view = line::read(line, DIGITS).map_err(|why| format!("`{line}` {why}"))?.event;
        let Some(visitor) = self.visitors.get_mut(visitor) else { return Ok(0) };
        visitor.judge_all(&self.published);
        self.used = Vec::with_capacity(count);
        self.fresh = vec![visitor.clone(); count];
        let mut after = visitor.clone();
        after.see(&self.published, &self.view);
        let plan = &self.published.plan;
        Ok(held(plan, visitor).zip(held(plan, &after)).filter(|(before, after)| before != after).count())
    }

    /// Shows the page view to the next copy: remembers it and judges what it
    /// can have changed. The number of segments held; 0 where none is left.
    pub fn see(&mut self) -> usize {
        let Some(mut visitor) = self.fresh.pop() else { return 0 };
        visitor.see(&self.published, &self.view);
        let count = held(&self.published.plan, &visitor).filter(|is_held| *is_held).count();
        self.used.push(visitor);
        count
    }
}

impl Visitor {
    fn judge_all(&mut self, published: &Published) {
        self.profile.settle(&published.plan.terms.kinds);
        let mut facts = published.facts(&self.profile, &self.moment);
        self.judge.judge(&published.plan.nodes, &mut facts);
    }

    fn see(&mut self, published: &Published, event: &Event) {
        self.profile.observe(event, &published.plan.terms);
        if let Some(page) = &event.page {
            self.moment.page = page.clone();
        }
        self.moment.now = event.at;
        let mut facts = published.facts(&self.profile, &self.moment);
        self.judge.judge_again(&published.plan.nodes, Some(event), &mut facts);
    }
}

fn held<'a>(plan: &'a Plan, visitor: &'a Visitor) -> impl Iterator<Item = bool> + 'a {
    let truths = visitor.judge.truths();
    plan.segments.iter().map(|segment| truths.get(usize::from(segment.when)) == Some(&Truth::True))
}

/// The sealed plan of rule text.
///
/// # Errors
/// The first mistake, as a sentence.
#[wasm_bindgen]
pub fn compile(rules: &str) -> Result<Vec<u8>, String> {
    let compiled = vitrine_rules::compile(rules);
    match compiled.plan {
        Some(plan) => Ok(plan.seal()),
        None => Err(compiled
            .diagnostics
            .first()
            .map(|first| first.sentence("rules.json", Language::English))
            .unwrap_or_default()),
    }
}
