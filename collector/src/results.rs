//! Counters as people read them. Never names a winner and never rounds money.
//!
//! Units: `revenue` in minor units of the currency, as a decimal string, since
//! it passes 2^53; `revenue_per_visitor` in minor units, a number;
//! `rate` = converters / visitors and `click_rate` = clicked / shown, 0 to 1,
//! `null` without a visitor or a showing; `rate_low` and `rate_high` the 95 %
//! Wilson score interval of `rate` (Wilson 1927); `share` the part of the next
//! visitors who get the message among those not held out, for `holdout` the
//! part held out of all.
//!
//! `global_holdout` stands beside the messages and is never added to them:
//! visitors kept from every campaign say what the whole of it brings, a
//! campaign's own `holdout` what this one adds to the others.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use vitrine_engine::arm::{HOLDOUT, Stream};
use vitrine_engine::bandit::{Aim, Odds, weights};
use vitrine_engine::plan::{Campaign, Plan};
use vitrine_engine::report::Counts;

use crate::compile::leaves;
use crate::counters::Totals;
use crate::state::State;

/// The normal quantile of a two-sided 95 % interval.
const Z95: f64 = 1.959_963_984_540_054;

/// One arm's counters by message, over the leaves asked for.
type Arms<'t> = BTreeMap<&'t str, Counts>;

/// The results of a site; by leaf too where `by_leaf`.
#[must_use]
pub fn results(site: &str, state: &State, by_leaf: bool) -> Value {
    let empty = Plan::default();
    let plan = state.published.as_ref().map_or(&empty, |p| &p.plan);
    let view = View { plan, odds: &state.odds.odds, totals: &state.totals, by_leaf };
    let planned: BTreeSet<&str> = plan.campaigns.iter().map(|c| c.id.as_str()).collect();
    let gone: BTreeSet<&str> =
        state.totals.keys().map(|cell| cell.campaign.as_str()).filter(|id| !planned.contains(id)).collect();
    let mut campaigns: Vec<Value> = plan.campaigns.iter().map(|c| view.campaign(c)).collect();
    campaigns.extend(gone.iter().map(|id| view.gone(id)));
    json!({
        "site": site,
        "plan": state.published.as_ref().map(|p| &p.file.hash),
        "version": state.published.as_ref().map(|p| p.version),
        "epoch": state.odds.odds.epoch,
        "currency": { "code": plan.currency.code, "digits": plan.currency.digits },
        "interval": "95 % Wilson score interval of the rate",
        "campaigns": campaigns,
    })
}

struct View<'s> {
    plan: &'s Plan,
    odds: &'s Odds,
    totals: &'s Totals,
    by_leaf: bool,
}

impl View<'_> {
    fn campaign(&self, campaign: &Campaign) -> Value {
        let leaves = leaves(self.plan, &campaign.by);
        let arms = self.arms(&campaign.id, None);
        let shares = self.shares(campaign, &leaves);
        let goal = self.plan.goals.get(usize::from(campaign.goal));
        let mut row = self.head(&campaign.id, &arms, true);
        row.insert("goal".into(), json!(goal.map(|goal| &goal.id)));
        let aim = match campaign.aim {
            Aim::Earn => "earn",
            Aim::Split => "split",
        };
        row.insert("aim".into(), json!(aim));
        row.insert("messages".into(), messages(campaign, &arms, &shares));
        self.kept_from_all(&campaign.id, &mut row);
        if self.by_leaf {
            let mut known = leaves;
            for leaf in self.counted_leaves(&campaign.id) {
                if !known.iter().any(|known| known == leaf) {
                    known.push(leaf.into());
                }
            }
            let leaf = |leaf: &String| {
                let arms = self.arms(&campaign.id, Some(leaf));
                let shares = self.shares(campaign, std::slice::from_ref(leaf));
                json!({ "leaf": leaf, "messages": messages(campaign, &arms, &shares) })
            };
            let leaves: Vec<Value> = known.iter().map(leaf).collect();
            row.insert("leaves".into(), Value::Array(leaves));
        }
        Value::Object(row)
    }

    /// A campaign that the plan no longer has.
    fn gone(&self, id: &str) -> Value {
        let list = |arms: &Arms<'_>| -> Value {
            arms.iter().map(|(message, counts)| arm(message, counts, &Standing::default())).collect()
        };
        let arms = self.arms(id, None);
        let mut row = self.head(id, &arms, false);
        row.insert("messages".into(), list(&arms));
        self.kept_from_all(id, &mut row);
        if self.by_leaf {
            let leaves = self
                .counted_leaves(id)
                .into_iter()
                .map(|leaf| json!({ "leaf": leaf, "messages": list(&self.arms(id, Some(leaf))) }));
            row.insert("leaves".into(), leaves.collect());
        }
        Value::Object(row)
    }

    fn head(&self, id: &str, arms: &Arms<'_>, in_plan: bool) -> Map<String, Value> {
        let mut sum = Counts::default();
        arms.values().for_each(|counts| sum.add(counts));
        let mut row = Map::new();
        row.insert("campaign".into(), json!(id));
        row.insert("in_plan".into(), json!(in_plan));
        row.insert("visitors".into(), json!(sum.visitors));
        row.insert("converters".into(), json!(sum.converters));
        row.insert("revenue".into(), json!(sum.revenue.to_string()));
        row
    }

    fn arms(&self, campaign: &str, leaf: Option<&str>) -> Arms<'_> {
        let mut arms = Arms::new();
        for (cell, counts) in self.totals {
            let is_kept = cell.stream == Stream::Global.word();
            if cell.campaign == campaign && !is_kept && leaf.is_none_or(|leaf| cell.leaf == leaf) {
                arms.entry(cell.message.as_str()).or_default().add(counts);
            }
        }
        arms
    }

    /// Those who are kept from every campaign and would have been due in this one.
    fn kept_from_all(&self, campaign: &str, row: &mut Map<String, Value>) {
        let mut sum = Counts::default();
        for (cell, counts) in self.totals {
            if cell.campaign == campaign && cell.stream == Stream::Global.word() {
                sum.add(counts);
            }
        }
        if self.plan.holdout > 0 || sum != Counts::default() {
            let share = Some(f64::from(self.plan.holdout) / 10_000.0);
            let standing = Standing { in_plan: self.plan.holdout > 0, baseline: false, share };
            row.insert("global_holdout".into(), arm(HOLDOUT, &sum, &standing));
        }
    }

    fn counted_leaves(&self, campaign: &str) -> BTreeSet<&str> {
        let cells = self.totals.keys().filter(|cell| cell.campaign == campaign);
        cells.map(|cell| cell.leaf.as_str()).collect()
    }

    /// The part of the next visitors who get each message, in the order of the
    /// plan: over several leaves the mean, weighted by their visitors so far.
    fn shares(&self, campaign: &Campaign, leaves: &[String]) -> Vec<f64> {
        let ids: Vec<&str> = campaign.messages.iter().map(|m| m.id.as_str()).collect();
        let fixed: Vec<u32> = campaign.messages.iter().map(|m| m.weight).collect();
        let mut shares = vec![0.0; ids.len()];
        let mut all = 0.0;
        for leaf in leaves {
            let arms = self.arms(&campaign.id, Some(leaf));
            let weight = 1.0 + arms.values().map(|c| c.visitors).sum::<u64>() as f64;
            let odds = self.odds.of(&campaign.id, leaf);
            let (drawn, _) = weights(campaign.aim, &fixed, &ids, odds);
            let whole: f64 = drawn.iter().map(|w| f64::from(*w)).sum::<f64>().max(1.0);
            for (share, drawn) in shares.iter_mut().zip(drawn) {
                *share += weight * f64::from(drawn) / whole;
            }
            all += weight;
        }
        shares.iter().map(|share| share / all).collect()
    }
}

/// What a message is in the plan.
#[derive(Default)]
struct Standing {
    in_plan: bool,
    baseline: bool,
    share: Option<f64>,
}

/// The plan's messages, then those that the plan no longer has, then the holdout.
fn messages(campaign: &Campaign, arms: &Arms<'_>, shares: &[f64]) -> Value {
    let none = Counts::default();
    let mut rows: Vec<Value> = campaign
        .messages
        .iter()
        .zip(shares)
        .map(|(message, share)| {
            let standing = Standing { in_plan: true, baseline: message.baseline, share: Some(*share) };
            let counts = arms.get(message.id.as_str()).unwrap_or(&none);
            arm(&message.id, counts, &standing)
        })
        .collect();
    let is_gone = |id: &str| id != HOLDOUT && !campaign.messages.iter().any(|m| m.id == id);
    let gone = arms.iter().filter(|(id, _)| is_gone(id));
    rows.extend(gone.map(|(id, counts)| arm(id, counts, &Standing::default())));
    if campaign.holdout > 0 || arms.contains_key(HOLDOUT) {
        let standing = Standing {
            in_plan: campaign.holdout > 0,
            baseline: false,
            share: Some(f64::from(campaign.holdout) / 10_000.0),
        };
        rows.push(arm(HOLDOUT, arms.get(HOLDOUT).unwrap_or(&none), &standing));
    }
    Value::Array(rows)
}

fn arm(id: &str, counts: &Counts, standing: &Standing) -> Value {
    let ratio = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
    let interval = wilson(counts.converters, counts.visitors);
    json!({
        "message": id,
        "in_plan": standing.in_plan,
        "baseline": standing.baseline,
        "share": standing.share,
        "visitors": counts.visitors,
        "converters": counts.converters,
        "rate": ratio(counts.converters, counts.visitors),
        "rate_low": interval.map(|(low, _)| low),
        "rate_high": interval.map(|(_, high)| high),
        "revenue": counts.revenue.to_string(),
        "revenue_per_visitor":
            (counts.visitors > 0).then(|| counts.revenue as f64 / counts.visitors as f64),
        "due": counts.due,
        "shown": counts.shown,
        "clicked": counts.clicked,
        "dismissed": counts.dismissed,
        "click_rate": ratio(counts.clicked, counts.shown),
    })
}

/// Wilson's score interval of `hits` of `trials`; `None` without a trial. More
/// hits than trials, as forged reports may add up to, count as all.
fn wilson(hits: u64, trials: u64) -> Option<(f64, f64)> {
    if trials == 0 {
        return None;
    }
    let n = trials as f64;
    let p = hits.min(trials) as f64 / n;
    let z2 = Z95 * Z95;
    let center = p + z2 / (2.0 * n);
    let spread = Z95 * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    let whole = 1.0 + z2 / n;
    let low = if hits == 0 { 0.0 } else { (center - spread) / whole };
    let high = if hits >= trials { 1.0 } else { (center + spread) / whole };
    Some((low.max(0.0), high.min(1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_wilsons() {
        // Newcombe 1998, table I, method 3: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
        for (hits, trials, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let (found_low, found_high) = wilson(hits, trials).unwrap();
            assert!((found_low - low).abs() < 5e-5, "{hits}/{trials}: {found_low}");
            assert!((found_high - high).abs() < 5e-5, "{hits}/{trials}: {found_high}");
        }
        assert_eq!(wilson(0, 0), None);
        assert_eq!(wilson(3, 2).unwrap().1, 1.0);
    }
}
