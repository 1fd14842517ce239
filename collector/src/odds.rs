//! From counters to odds, by `vitrine-learn`. Never draws for a visitor and never counts what a
//! fixed split or the holdout did as evidence.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use vitrine_engine::bandit::{Aim, LeafOdds, Odds, WHOLE};
use vitrine_engine::plan::{Campaign, Plan};
use vitrine_learn::evidence::{Evidence, Worth};
use vitrine_learn::odds::{has_moved, odds};
use vitrine_learn::spread;

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

/// How far each campaign's messages are apart, as it was last computed: it
/// stays as it is until a report comes for the campaign.
pub type Spreads = BTreeMap<String, Option<f64>>;

/// What is known of the campaigns that reports came for. Of the site's others
/// only how far their messages are apart is asked, which `spreads` remembers.
#[must_use]
pub fn gather(plan: &Plan, strata: &Strata, dirty: &Dirty, spreads: &mut Spreads) -> Vec<Learnt> {
    let learning = || plan.campaigns.iter().filter(|campaign| campaign.aim != Aim::Split);
    let is_dirty =
        |campaign: &Campaign| leaves(plan, &campaign.by).iter().any(|leaf| dirty.holds(&campaign.id, leaf));
    if !learning().any(is_dirty) {
        return Vec::new();
    }
    if *dirty == Dirty::All {
        spreads.clear();
    }
    let mut fresh = Vec::new();
    for campaign in learning() {
        let has_reports = is_dirty(campaign);
        if has_reports || !spreads.contains_key(&campaign.id) {
            let learnt = known(plan, campaign, strata);
            spreads.insert(campaign.id.clone(), spread::of_campaign(learnt.evidence.all()));
            fresh.extend(has_reports.then_some(learnt));
        }
    }
    for learnt in &mut fresh {
        let others = spreads.iter().filter(|(id, _)| **id != learnt.id);
        let spread = spread::usual(others.filter_map(|(_, spread)| *spread));
        learnt.spread = (spread * 1000.0).round() as u32;
    }
    fresh
}

/// A campaign before the site's others were heard.
fn known(plan: &Plan, campaign: &Campaign, strata: &Strata) -> Learnt {
    let leaves = leaves(plan, &campaign.by);
    let worth = if campaign.by_revenue { Worth::Revenue } else { Worth::Conversion };
    let windows = strata.history(plan, campaign, &leaves).windows();
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use vitrine_engine::arm::Stream;
    use vitrine_engine::report::{Counts, Row};
    use vitrine_engine::rng::Rng;

    const RULES: &str = r#"{
      "version": 1, "site": "demo", "currency": "KRW",
      "segments": { "new": { "when": { "visits": 1 } } },
      "campaigns": [
        { "id": "a", "slot": "bottom", "allocation": { "aim": "learn", "by": ["new"] }, "messages": [
          { "id": "x", "kind": "bar", "title": "X" }, { "id": "y", "kind": "bar", "title": "Y" } ] },
        { "id": "b", "slot": "top", "messages": [
          { "id": "x", "kind": "bar", "title": "X" }, { "id": "y", "kind": "bar", "title": "Y" } ] },
        { "id": "c", "slot": "center", "messages": [
          { "id": "x", "kind": "bar", "title": "X" }, { "id": "y", "kind": "bar", "title": "Y" } ] } ]
    }"#;

    #[test]
    fn what_is_remembered_of_campaigns_without_reports_is_what_would_be_computed_anew() {
        let plan = crate::compile::check(RULES, None, "rules.json").unwrap().plan;
        let (mut rng, mut strata) = (Rng::new(1, 7), Strata::default());
        let (mut spreads, mut dirty) = (Spreads::new(), Dirty::All);
        let mut fewer = 0;
        for _ in 0..40 {
            let learnt = gather(&plan, &strata, &dirty, &mut spreads);
            let anew = gather(&plan, &strata, &Dirty::All, &mut Spreads::new());
            for learnt in &learnt {
                assert_eq!(anew.iter().find(|other| other.id == learnt.id), Some(learnt));
            }
            fewer += u32::from(learnt.len() < anew.len());
            let mut reported = BTreeSet::new();
            for _ in 0..1 + rng.below(2) {
                let campaign = ["a", "b", "c"][rng.below(3) as usize];
                let leaf = if campaign == "a" { ["new", "else"][rng.below(2) as usize] } else { "else" };
                for (message, rate) in [("x", 20), ("y", 20 + rng.below(30))] {
                    let row = Row {
                        campaign: campaign.into(),
                        message: message.into(),
                        leaf: leaf.into(),
                        stream: Stream::Random,
                        epoch: 0,
                        day: 20_000,
                        counts: Counts { visitors: 500, converters: rate, ..Counts::default() },
                    };
                    strata.add(&row, false);
                }
                reported.insert((campaign.to_owned(), leaf.to_owned()));
            }
            dirty = Dirty::Some(reported);
        }
        assert!(fewer > 30, "{fewer}: only what changed is computed");
        // What was remembered is what is used.
        spreads.insert("b".into(), Some(1.0));
        spreads.insert("c".into(), Some(1.0));
        let only = Dirty::Some([("a".into(), "else".into())].into());
        let remembered = gather(&plan, &strata, &only, &mut spreads);
        let anew = gather(&plan, &strata, &only, &mut Spreads::new());
        assert!(remembered[0].spread > anew[0].spread, "{} {}", remembered[0].spread, anew[0].spread);
    }
}
