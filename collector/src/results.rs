//! Counters as people read them. Never names a winner but by the always-valid
//! test, and never rounds money.
//!
//! Units: `revenue` in minor units of the currency, as a decimal string, since
//! it passes 2^53; `revenue_per_visitor` in minor units, a number;
//! `rate` = converters / visitors and `click_rate` = clicked / shown, 0 to 1,
//! `null` without a visitor or a showing; `share` the part of the next
//! visitors who get the message among those not held out, for `holdout` the
//! part held out of all. `settled` are the visitors whose time to convert is
//! over; rates, revenue per visitor and their intervals are theirs, unless
//! there are none and `provisional` says so.
//!
//! `global_holdout` stands beside the messages and is never added to them:
//! visitors kept from every campaign say what the whole of it brings, a
//! campaign's own `holdout` what this one adds to the others.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};

use serde_json::{Map, Value, json};
use vitrine_engine::arm::{HOLDOUT, Stream};
use vitrine_engine::bandit::{Aim, Odds, RESERVED, weights};
use vitrine_engine::plan::{Campaign, Plan};
use vitrine_engine::report::Counts;
use vitrine_engine::time::{HOUR, Millis};
use vitrine_learn::interval::ALPHA;
use vitrine_learn::judge::{Judged, judge, worth};

use crate::compile::leaves;
use crate::counters::Totals;
use crate::judged;
use crate::state::{Site, State};
use crate::strata::{self, Strata};

/// One arm's counters by message, over the leaves asked for.
type Arms<'t> = BTreeMap<&'t str, Counts>;

/// How results are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Asked {
    /// By leaf too.
    pub by_leaf: bool,
    /// Judged without the browsers that forget after seven days.
    pub is_lasting: bool,
}

/// Results that were judged already, and of what.
#[derive(Debug, Clone)]
pub struct Kept {
    asked: Asked,
    /// The state's revision, the local day, and the hour where shares grow.
    as_of: (u64, u32, u64),
    text: Arc<str>,
}

/// The results of a site, as JSON. Judged once for everybody who asks the same
/// of the same counts, since hundreds may look at a large campaign at once.
#[must_use]
pub fn results(site: &Site, asked: Asked, now: Millis) -> Arc<str> {
    let mut judged = site.judged.lock().unwrap_or_else(PoisonError::into_inner);
    let state = site.state();
    let day = state.published.as_ref().map_or(0, |p| p.plan.terms.zone.day(now));
    let grows = state.published.as_ref().is_some_and(|p| p.plan.campaigns.iter().any(|c| c.ramp.is_some()));
    let as_of = (state.revision, day, if grows { now.0 / HOUR } else { 0 });
    if let Some(kept) = judged.iter().find(|kept| kept.asked == asked && kept.as_of == as_of) {
        return Arc::clone(&kept.text);
    }
    let text: Arc<str> = document(site, &state, asked, now).to_string().into();
    judged.retain(|kept| kept.asked != asked);
    judged.push(Kept { asked, as_of, text: Arc::clone(&text) });
    text
}

fn document(site: &Site, state: &State, asked: Asked, now: Millis) -> Value {
    let empty = Plan::default();
    let plan = state.published.as_ref().map_or(&empty, |p| &p.plan);
    let today = plan.terms.zone.day(now);
    let view = View {
        plan,
        odds: &state.odds.odds,
        totals: &state.totals,
        strata: &state.strata,
        asked,
        now,
        today,
    };
    let planned: BTreeSet<&str> = plan.campaigns.iter().map(|c| c.id.as_str()).collect();
    let gone: BTreeSet<&str> =
        state.totals.keys().map(|cell| cell.campaign.as_str()).filter(|id| !planned.contains(id)).collect();
    let mut campaigns: Vec<Value> =
        plan.campaigns.iter().map(|c| view.campaign(c, site.turned_away(&c.id))).collect();
    campaigns.extend(gone.iter().map(|id| view.gone(id)));
    json!({
        "site": site.name,
        "plan": state.published.as_ref().map(|p| &p.file.hash),
        "version": state.published.as_ref().map(|p| p.version),
        "epoch": state.odds.odds.epoch,
        "currency": { "code": plan.currency.code, "digits": plan.currency.digits },
        "interval": "95 % confidence sequences: all messages of a campaign, at every look",
        "campaigns": campaigns,
    })
}

struct View<'s> {
    plan: &'s Plan,
    odds: &'s Odds,
    totals: &'s Totals,
    strata: &'s Strata,
    asked: Asked,
    now: Millis,
    /// The site's local day.
    today: u32,
}

impl View<'_> {
    fn campaign(&self, campaign: &Campaign, turned_away: u64) -> Value {
        let leaves = leaves(self.plan, &campaign.by);
        let arms = self.arms(&campaign.id, None);
        let shares = self.shares(campaign, &leaves);
        let goal = self.plan.goals.get(usize::from(campaign.goal));
        let mut row = self.head(&campaign.id, &arms, true);
        row.insert("goal".into(), json!(goal.map(|goal| &goal.id)));
        row.insert("aim".into(), json!(campaign.aim.word()));
        row.insert("optimize".into(), json!(if campaign.by_revenue { "revenue" } else { "conversion" }));
        row.insert("turned_away".into(), json!(turned_away));
        row.insert("forgetful".into(), json!(self.strata.forgetful(&campaign.id)));
        row.extend(self.judged(campaign, None, &arms, &shares));
        self.kept_from_all(&campaign.id, &mut row);
        if self.asked.by_leaf {
            let mut known = leaves;
            for leaf in self.counted_leaves(&campaign.id) {
                if !known.iter().any(|known| known == leaf) {
                    known.push(leaf.into());
                }
            }
            let leaf = |leaf: &String| {
                let arms = self.arms(&campaign.id, Some(leaf));
                let shares = self.shares(campaign, std::slice::from_ref(leaf));
                let mut row = self.judged(campaign, Some(leaf), &arms, &shares);
                row.insert("leaf".into(), json!(leaf));
                Value::Object(row)
            };
            let leaves: Vec<Value> = known.iter().map(leaf).collect();
            row.insert("leaves".into(), Value::Array(leaves));
        }
        Value::Object(row)
    }

    /// The verdict, what the policy earned, and the rows of the messages.
    fn judged(
        &self,
        campaign: &Campaign,
        leaf: Option<&str>,
        arms: &Arms<'_>,
        shares: &[f64],
    ) -> Map<String, Value> {
        let asked = strata::Asked { leaf, is_lasting: self.asked.is_lasting, today: self.today };
        let judged = judge(&self.strata.campaign(self.plan, campaign, &asked));
        let id = |at: usize| campaign.messages.get(at).map_or("", |message| message.id.as_str());
        let mut row = judged::campaign(&judged, id);
        if leaf.is_none() {
            row.insert(
                "ramp".into(),
                json!(judged::ramp(campaign, &judged, (self.now, &self.plan.terms.zone), id)),
            );
        }
        row.insert("messages".into(), messages(campaign, &judged, arms, shares));
        row
    }

    /// A campaign that the plan no longer has.
    fn gone(&self, id: &str) -> Value {
        let list = |arms: &Arms<'_>| -> Value {
            arms.iter().map(|(message, counts)| stray(message, counts, arms.len())).collect()
        };
        let arms = self.arms(id, None);
        let mut row = self.head(id, &arms, false);
        row.insert("messages".into(), list(&arms));
        self.kept_from_all(id, &mut row);
        if self.asked.by_leaf {
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
            let worth = worth(&sum, &Counts::default(), ALPHA);
            row.insert("global_holdout".into(), arm(HOLDOUT, &sum, &standing, judged::worth(&worth, &sum)));
        }
    }

    fn counted_leaves(&self, campaign: &str) -> BTreeSet<&str> {
        let cells = self.totals.keys().filter(|cell| cell.campaign == campaign);
        cells.map(|cell| cell.leaf.as_str()).collect()
    }

    /// The part of the next visitors who get each message, in the order of the
    /// plan: over several leaves the mean, weighted by their visitors so far.
    fn shares(&self, campaign: &Campaign, leaves: &[String]) -> Vec<f64> {
        let messages = || campaign.messages.iter().map(|m| (m.id.as_str(), m.weight));
        let mut shares = vec![0.0; campaign.messages.len()];
        let mut all = 0.0;
        for leaf in leaves {
            let arms = self.arms(&campaign.id, Some(leaf));
            let weight = 1.0 + arms.values().map(|c| c.visitors).sum::<u64>() as f64;
            let odds = self.odds.of(&campaign.id, leaf);
            let (drawn, _) = weights(campaign.aim, messages(), odds);
            let whole: f64 = drawn.iter().map(|w| f64::from(*w)).sum::<f64>().max(1.0);
            // Who is reserved in a campaign that learns gets an even draw.
            let even = if campaign.aim == Aim::Learn { 1.0 / RESERVED as f64 } else { 0.0 };
            for (share, drawn) in shares.iter_mut().zip(drawn) {
                *share += weight
                    * ((1.0 - even) * f64::from(drawn) / whole + even / campaign.messages.len() as f64);
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
fn messages(campaign: &Campaign, judged: &Judged, arms: &Arms<'_>, shares: &[f64]) -> Value {
    let none = Counts::default();
    let mut rows: Vec<Value> = campaign
        .messages
        .iter()
        .zip(&judged.arms)
        .zip(shares)
        .map(|((message, known), share)| {
            let standing = Standing { in_plan: true, baseline: message.baseline, share: Some(*share) };
            let counts = arms.get(message.id.as_str()).unwrap_or(&none);
            arm(&message.id, counts, &standing, judged::message(known, counts))
        })
        .collect();
    let is_gone = |id: &str| id != HOLDOUT && !campaign.messages.iter().any(|m| m.id == id);
    let gone = arms.iter().filter(|(id, _)| is_gone(id));
    rows.extend(gone.map(|(id, counts)| stray(id, counts, arms.len())));
    if campaign.holdout > 0 || arms.contains_key(HOLDOUT) {
        let standing = Standing {
            in_plan: campaign.holdout > 0,
            baseline: false,
            share: Some(f64::from(campaign.holdout) / 10_000.0),
        };
        let counts = arms.get(HOLDOUT).unwrap_or(&none);
        rows.push(arm(HOLDOUT, counts, &standing, judged::worth(&judged.holdout, counts)));
    }
    Value::Array(rows)
}

/// A message that the plan no longer has, among so many of its campaign: its
/// goal's window is not known any more, so nobody is waited for.
fn stray(id: &str, counts: &Counts, arms: usize) -> Value {
    let worth = worth(counts, &Counts::default(), ALPHA / arms.max(1) as f64);
    arm(id, counts, &Standing::default(), judged::worth(&worth, counts))
}

fn arm(id: &str, counts: &Counts, standing: &Standing, judged: Map<String, Value>) -> Value {
    let clicks = (counts.shown > 0).then(|| counts.clicked as f64 / counts.shown as f64);
    let mut row = Map::new();
    row.insert("message".into(), json!(id));
    row.insert("in_plan".into(), json!(standing.in_plan));
    row.insert("baseline".into(), json!(standing.baseline));
    row.insert("share".into(), json!(standing.share));
    row.insert("visitors".into(), json!(counts.visitors));
    row.insert("converters".into(), json!(counts.converters));
    row.extend(judged);
    row.insert("revenue".into(), json!(counts.revenue.to_string()));
    row.insert("due".into(), json!(counts.due));
    row.insert("shown".into(), json!(counts.shown));
    row.insert("clicked".into(), json!(counts.clicked));
    row.insert("dismissed".into(), json!(counts.dismissed));
    row.insert("click_rate".into(), json!(clicks));
    Value::Object(row)
}
