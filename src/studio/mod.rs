//! The studio's body: the marketer's tools in a browser, and in Node the
//! developer's too. Runs in a shopper's page only where somebody asks it why, so
//! it may be large. Never reads a clock.

#[cfg(feature = "node")]
pub mod node;
#[cfg(not(feature = "node"))]
mod preview;

use vitrine_engine::bandit::Odds;
use vitrine_engine::banner::{self, Scene, strip};
use vitrine_engine::decide::{Choice, Published};
use vitrine_engine::explain::explain_glance;
use vitrine_engine::plan::Plan;
use vitrine_engine::recommend::{Index, Model};
use vitrine_engine::seal::{self, Broken, Kind};
use vitrine_engine::time::Millis;

/// Checks rule text as it would be published at a moment, in milliseconds
/// since 1970; a JSON array of diagnostics.
pub fn check(rules: &str, now: f64) -> String {
    let compiled = vitrine_rules::compile_at(rules, Some(moment(now)));
    serde_json::to_string(&compiled.diagnostics).unwrap_or_default()
}

/// Why each campaign is shown or not to a visitor that a page handed over.
/// Odds and a model that cannot be read count for nothing, as in the page.
///
/// # Errors
/// Says which bytes cannot be read, and why.
pub fn explain(plan: &[u8], odds: &[u8], model: &[u8], visitor: &[u8]) -> Result<String, String> {
    Site::of_page(plan, odds, model)?.explain_glance(visitor)
}

/// What was published.
pub struct Site {
    published: Published,
    goods: Option<Goods>,
}

impl Site {
    /// A site of a sealed plan.
    ///
    /// # Errors
    /// Says why the plan cannot be read.
    fn new(plan: &[u8], odds: Odds, goods: Option<Goods>) -> Result<Site, String> {
        let hash = seal::name(plan);
        let plan = Plan::open(plan).map_err(|broken| said("plan", broken))?;
        let intent = goods.as_ref().and_then(|(model, _)| model.intent.clone());
        Ok(Site { published: Published { plan, hash, odds, intent }, goods })
    }

    /// A site as a page got it: odds and a model that cannot be read count for nothing.
    ///
    /// # Errors
    /// Says why the plan cannot be read.
    pub fn of_page(plan: &[u8], odds: &[u8], model: &[u8]) -> Result<Site, String> {
        Site::new(plan, seal::open(Kind::Odds, odds).unwrap_or_default(), readable(model))
    }

    /// Why each campaign is shown or not to a visitor that a page handed over.
    ///
    /// # Errors
    /// Says why the visitor cannot be read.
    pub fn explain_glance(&self, visitor: &[u8]) -> Result<String, String> {
        explain_glance(&self.published, self.goods.as_ref(), visitor)
            .map_err(|broken| said("visitor", broken))
    }

    /// The markup of a choice; `None` where it has no product to show.
    fn markup(&self, scene: &Scene, choice: &Choice) -> Option<String> {
        banner::render(scene, choice, &|order| {
            let (model, index) = self.goods.as_ref()?;
            strip::draw(order, model, index)
        })
    }
}

/// Whole milliseconds since 1970; what is none is 0, long before any rules.
fn moment(at: f64) -> Millis {
    Millis(at as u64)
}

fn said(what: &str, broken: Broken) -> String {
    format!("The {what} {}.", broken.reason())
}

/// A model and the index of all its shards that are at hand.
type Goods = (Model, Index);

/// The model and the shards that the page had. A shard that cannot be read is
/// passed over, as in the page.
fn readable(bytes: &[u8]) -> Option<Goods> {
    let mut files = files(bytes);
    let mut goods = Model::load(files.next()?).ok()?;
    for shard in files {
        let _passed_over = goods.1.join(&mut goods.0, shard);
    }
    Some(goods)
}

/// Files, each behind its length in four little-endian bytes.
fn files(mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    core::iter::from_fn(move || {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let (file, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        bytes = rest;
        Some(file)
    })
}
