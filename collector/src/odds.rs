//! From counters to odds. Never draws for a visitor and never counts what a
//! fixed split or the holdout did as evidence.

use serde_json::{Value, json};
use vitrine_engine::arm::Stream;
use vitrine_engine::bandit::{Aim, LeafOdds, Odds, Tally, WHOLE, thompson};
use vitrine_engine::plan::{Campaign, Plan};

use crate::compile::leaves;
use crate::counters::{Cell, Totals};
use crate::state::Dirty;

/// A weight that moved by this much is news: 1 %, twice the error of the draws.
const MOVED: u32 = WHOLE / 100;
/// So is a smaller move of at least a tenth of it that halves or doubles the
/// weight: exploration has to fade all the way.
const MOVED_LITTLE: u32 = WHOLE / 1000;

/// New odds, and what they were computed from.
#[derive(Debug, Clone, PartialEq)]
pub struct Computed {
    /// The odds, one epoch later.
    pub odds: Odds,
    /// The tallies behind the leaves that changed, as JSON. The seed of each
    /// is the epoch, so that they can be re-run.
    pub evidence: String,
}

/// The odds of a plan after reports; `None` where nothing moved.
#[must_use]
pub fn compute(plan: &Plan, totals: &Totals, now: &Odds, dirty: &Dirty) -> Option<Computed> {
    let mut odds = Odds { epoch: now.epoch.saturating_add(1), leaves: Vec::new() };
    let mut evidence = Vec::new();
    for campaign in plan.campaigns.iter().filter(|c| c.aim == Aim::Earn) {
        for leaf in leaves(plan, &campaign.by) {
            let known = now.of(&campaign.id, &leaf);
            if !dirty.holds(&campaign.id, &leaf) {
                odds.leaves.extend(known.cloned());
                continue;
            }
            let arms = tallies(campaign, &leaf, totals);
            let Some(fresh) = of_leaf(campaign, &leaf, &arms, odds.epoch) else {
                continue;
            };
            match known.filter(|known| !has_moved(known, &fresh)) {
                Some(known) => odds.leaves.push(known.clone()),
                None => {
                    evidence.push(describe(&fresh, &arms));
                    odds.leaves.push(fresh);
                }
            }
        }
    }
    (odds.leaves != now.leaves).then(|| Computed { odds, evidence: Value::Array(evidence).to_string() })
}

/// What is known of each message, in the order of the plan.
fn tallies(campaign: &Campaign, leaf: &str, totals: &Totals) -> Vec<Tally> {
    let tally = |message: &str| {
        let mut tally = Tally::default();
        for stream in [Stream::Random, Stream::Adaptive] {
            let cell = Cell {
                campaign: campaign.id.clone(),
                leaf: leaf.into(),
                message: message.into(),
                stream: stream.word(),
            };
            if let Some(counts) = totals.get(&cell) {
                tally.visitors = tally.visitors.saturating_add(counts.visitors);
                tally.converters = tally.converters.saturating_add(counts.converters);
            }
        }
        tally
    };
    campaign.messages.iter().map(|m| tally(&m.id)).collect()
}

fn of_leaf(campaign: &Campaign, leaf: &str, arms: &[Tally], seed: u32) -> Option<LeafOdds> {
    let weights = thompson(arms, seed.into())?;
    let ids = campaign.messages.iter().map(|message| message.id.clone());
    Some(LeafOdds { campaign: campaign.id.clone(), leaf: leaf.into(), weights: ids.zip(weights).collect() })
}

fn has_moved(known: &LeafOdds, fresh: &LeafOdds) -> bool {
    known.weights.len() != fresh.weights.len()
        || known.weights.iter().zip(&fresh.weights).any(|(old, new)| {
            let by = old.1.abs_diff(new.1);
            old.0 != new.0 || by >= MOVED || (by >= MOVED_LITTLE && by.saturating_mul(2) >= old.1)
        })
}

fn describe(odds: &LeafOdds, arms: &[Tally]) -> Value {
    let arms: Vec<Value> = odds
        .weights
        .iter()
        .zip(arms)
        .map(|((id, _), arm)| json!([id, arm.visitors, arm.converters]))
        .collect();
    json!({ "campaign": odds.campaign, "leaf": odds.leaf, "arms": arms })
}

/// Odds as people read them: weights as shares of 1.
#[must_use]
pub fn to_json(odds: &Odds) -> Value {
    let leaf = |leaf: &LeafOdds| {
        let share = |(id, weight): &(String, u32)| (id.clone(), json!(f64::from(*weight) / f64::from(WHOLE)));
        json!({
            "campaign": leaf.campaign,
            "leaf": leaf.leaf,
            "shares": leaf.weights.iter().map(share).collect::<serde_json::Map<_, _>>(),
        })
    };
    json!({ "epoch": odds.epoch, "leaves": odds.leaves.iter().map(leaf).collect::<Vec<_>>() })
}
