//! The studio's body: the marketer's tools in a browser or in Node. Runs in a
//! shopper's page only where somebody asks it why, so it may be large.

use vitrine_engine::bandit::Odds;
use vitrine_engine::decide::Published;
use vitrine_engine::explain::explain_glance;
use vitrine_engine::plan::Plan;
use vitrine_engine::recommend::{Index, Model};
use vitrine_engine::seal::{self, Kind};

use vitrine_engine::time::Millis;

/// Checks rule text as it would be published at a moment, in milliseconds
/// since 1970; a JSON array of diagnostics.
pub fn check(rules: &str, now: f64) -> String {
    // Whole milliseconds since 1970; what is none is 0, long before any rules.
    let compiled = vitrine_rules::compile_at(rules, Some(Millis(now as u64)));
    serde_json::to_string(&compiled.diagnostics).unwrap_or_default()
}

/// The model and the shards that the page had, each behind its length in four
/// little-endian bytes. A shard that cannot be read is passed over, as in the page.
fn shelf(mut bytes: &[u8]) -> Option<(Model, Index)> {
    let mut goods: Option<(Model, Index)> = None;
    while let Some((length, rest)) = bytes.split_first_chunk::<4>() {
        let (file, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        match &mut goods {
            Some((model, index)) => _ = index.join(model, file),
            None => goods = Some(Model::load(file).ok()?),
        }
        bytes = rest;
    }
    goods
}

/// Why each campaign is shown or not to a visitor that a page handed over.
/// Odds and a model that cannot be read count for nothing, as in the page.
///
/// # Errors
/// Says which bytes cannot be read, and why.
pub fn explain(plan: &[u8], odds: &[u8], model: &[u8], visitor: &[u8]) -> Result<String, String> {
    let hash = seal::name(plan);
    let plan = Plan::open(plan).map_err(|broken| format!("The plan {}.", broken.reason()))?;
    let odds = seal::open::<Odds>(Kind::Odds, odds).unwrap_or_default();
    let goods = shelf(model);
    let intent = goods.as_ref().and_then(|(model, _)| model.intent.clone());
    let published = Published { plan, hash, odds, intent };
    explain_glance(&published, goods.as_ref(), visitor)
        .map_err(|broken| format!("The visitor {}.", broken.reason()))
}
