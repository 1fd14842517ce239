//! From counters to odds, by `vitrine-learn`. Never draws for a visitor and never counts what a
//! fixed split or the holdout did as evidence.

use serde_json::{Map, Value, json};
use vitrine_engine::bandit::{Aim, LeafOdds, Odds, WHOLE};
use vitrine_engine::plan::{Campaign, Plan};
use vitrine_learn::evidence::{Evidence, Worth};
use vitrine_learn::odds::{has_moved, odds};
use vitrine_learn::prior;

use crate::compile::leaves;
use crate::evidence;
use crate::state::Dirty;
use crate::strata::Strata;

/// New odds, and what they were computed from.
#[derive(Debug, Clone, PartialEq)]
pub struct Computed {
    /// The odds, one epoch later.
    pub odds: Odds,
    /// The counts behind the campaigns whose odds changed, as JSON, so that
    /// they can be re-run.
    pub evidence: String,
}

/// A campaign whose odds may have changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Learnt {
    /// The campaign.
    pub id: String,
    /// What it wants.
    pub aim: Aim,
    /// Its leaves.
    pub leaves: Vec<String>,
    /// Its messages.
    pub messages: Vec<String>,
    /// How far the site's other campaigns' messages are apart, in thousandths.
    pub spread: u32,
    /// Its counts.
    pub evidence: Evidence,
}

/// What is known of the campaigns that reports came for.
#[must_use]
pub fn gather(plan: &Plan, strata: &Strata, dirty: &Dirty) -> Vec<Learnt> {
    let learning = || plan.campaigns.iter().filter(|campaign| campaign.aim != Aim::Split);
    let is_dirty =
        |campaign: &Campaign| leaves(plan, &campaign.by).iter().any(|leaf| dirty.holds(&campaign.id, leaf));
    if !learning().any(is_dirty) {
        return Vec::new();
    }
    let all: Vec<(Learnt, Option<f64>)> = learning()
        .map(|campaign| {
            let learnt = known(plan, campaign, strata);
            let spread = prior::spread(learnt.evidence.all());
            (learnt, spread)
        })
        .collect();
    let among = |learnt: &Learnt| {
        let others = all.iter().filter(|(other, _)| other.id != learnt.id);
        let spread = prior::usual(others.filter_map(|(_, spread)| *spread));
        Learnt { spread: (spread * 1000.0).round() as u32, ..learnt.clone() }
    };
    let chosen = learning().zip(&all).filter(|(campaign, _)| is_dirty(campaign));
    chosen.map(|(_, (learnt, _))| among(learnt)).collect()
}

/// A campaign before the site's others were heard.
fn known(plan: &Plan, campaign: &Campaign, strata: &Strata) -> Learnt {
    let leaves = leaves(plan, &campaign.by);
    let worth = if campaign.by_revenue { Worth::Revenue } else { Worth::Conversion };
    let windows = strata.history(campaign, &leaves).windows();
    Learnt {
        id: campaign.id.clone(),
        aim: campaign.aim,
        messages: campaign.messages.iter().map(|message| message.id.clone()).collect(),
        spread: 0,
        evidence: Evidence { worth, spread: None, windows },
        leaves,
    }
}

impl Learnt {
    /// The leaves' odds; none while too little is known.
    #[must_use]
    pub fn odds(&self) -> Vec<LeafOdds> {
        let spread = Some(f64::from(self.spread) / 1000.0);
        let evidence = Evidence { spread, ..self.evidence.clone() };
        let weights = odds(self.aim, &evidence).unwrap_or_default();
        let leaf = |(leaf, weights): (&String, Vec<u32>)| LeafOdds {
            campaign: self.id.clone(),
            leaf: leaf.clone(),
            weights: self.messages.iter().cloned().zip(weights).collect(),
        };
        self.leaves.iter().zip(weights).map(leaf).collect()
    }
}

/// The odds of a plan after reports; `None` where nothing moved.
#[must_use]
pub fn compute(plan: &Plan, learnt: &[Learnt], now: &Odds) -> Option<Computed> {
    let mut odds = Odds { epoch: now.epoch.saturating_add(1), leaves: Vec::new() };
    let mut changed = Vec::new();
    for campaign in plan.campaigns.iter().filter(|campaign| campaign.aim != Aim::Split) {
        let fresh = learnt.iter().find(|learnt| learnt.id == campaign.id);
        let computed = fresh.map(Learnt::odds).unwrap_or_default();
        let mut moved = Vec::new();
        for leaf in leaves(plan, &campaign.by) {
            let known = now.of(&campaign.id, &leaf).filter(|known| is_of(known, campaign));
            let new = computed.iter().find(|odds| odds.leaf == leaf);
            match (known, new) {
                (Some(known), Some(new)) if !has_moved(&weights(known), &weights(new)) => {
                    odds.leaves.push(known.clone());
                }
                (_, Some(new)) => {
                    moved.push(leaf);
                    odds.leaves.push(new.clone());
                }
                (known, None) => odds.leaves.extend(known.cloned()),
            }
        }
        if let Some(fresh) = fresh.filter(|_| !moved.is_empty()) {
            changed.push((fresh, moved));
        }
    }
    (odds.leaves != now.leaves).then(|| Computed { odds, evidence: evidence::write(&changed) })
}

/// Whether odds are of the messages that the campaign has now.
fn is_of(odds: &LeafOdds, campaign: &Campaign) -> bool {
    odds.weights.iter().map(|(id, _)| id).eq(campaign.messages.iter().map(|message| &message.id))
}

fn weights(odds: &LeafOdds) -> Vec<u32> {
    odds.weights.iter().map(|(_, weight)| *weight).collect()
}

/// Odds as people read them: weights as shares of 1.
#[must_use]
pub fn to_json(odds: &Odds) -> Value {
    let leaf = |leaf: &LeafOdds| {
        let share = |(id, weight): &(String, u32)| (id.clone(), json!(f64::from(*weight) / f64::from(WHOLE)));
        json!({
            "campaign": leaf.campaign,
            "leaf": leaf.leaf,
            "shares": leaf.weights.iter().map(share).collect::<Map<_, _>>(),
        })
    };
    json!({ "epoch": odds.epoch, "leaves": odds.leaves.iter().map(leaf).collect::<Vec<_>>() })
}
