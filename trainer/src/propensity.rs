//! Purchase propensity: who, at a moment of a visit, buys within a week; and
//! the clusters of those moments. Never computes a feature of its own: the
//! engine's `intent::features` does, on a profile that the engine's own
//! `observe` built.

use std::collections::BTreeMap;

use vitrine_engine::event::{ADD_TO_CART, Event, PAGE_VIEW, PURCHASE, SEARCH, VIEW_ITEM};
use vitrine_engine::hash::hash64;
use vitrine_engine::intent::{Intent, Line, features};
use vitrine_engine::profile::{Profile, Terms};
use vitrine_engine::time::DAY;

use crate::clusters::{self, Cluster};
use crate::logistic::{Row, calibrated, probability, split};

/// Visitors that are followed: those with the lowest hashes, a fair sample
/// whatever the log's order.
const VISITORS: usize = 10_000;
/// Moments kept of one visitor.
const MOMENTS_EACH: usize = 128;
/// How far ahead a purchase is foreseen, in milliseconds.
pub const HORIZON: u64 = 7 * DAY;
/// Buyers below which no model is fitted: some ten to each of the six counts
/// that features are made of.
pub const BUYERS: usize = 60;
/// The share of moments, the latest ones, on which the model is judged.
const TAIL: f64 = 0.2;
/// Groups of equal size in which promise and outcome are compared.
const GROUPS: usize = 5;
/// The least probability that a loss is taken of: a promise of exactly nothing
/// that is broken would cost without end.
const LEAST: f64 = 1e-6;

/// What was known at moments of visits, and what came after them.
#[derive(Debug, Default)]
pub struct Moments {
    /// By hash, so that the visitor to drop is the last.
    visitors: BTreeMap<u64, Followed>,
    end: u64,
}

#[derive(Debug, Default)]
struct Followed {
    profile: Profile,
    moments: Vec<Moment>,
}

#[derive(Debug)]
struct Moment {
    at: u64,
    visit: u32,
    features: Line,
    /// When the visitor bought next.
    bought: Option<u64>,
}

/// One moment of the tail, judged.
#[derive(Debug, Clone, Copy)]
struct Scored {
    score: f64,
    bought: bool,
    weight: f64,
}

/// What came of fitting.
#[derive(Debug, Clone, PartialEq)]
pub enum Propensity {
    /// The log holds no purchase.
    NoPurchases,
    /// Too few visitors bought, or the log is too short to see a week ahead.
    TooFew {
        /// Visitors of the sample who were seen to buy after a known moment.
        buyers: usize,
    },
    /// A model, and how it did on the log's tail.
    Fitted(Fitted),
}

/// A fitted model and its proof.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// The model: the propensity's line, then the clusters'.
    pub intent: Intent,
    /// What the clusters are, in their order.
    pub clusters: Vec<Cluster>,
    /// How often a buyer's moment scored above another's on the tail, by a
    /// model that had not seen it; 0.5 is chance. Nothing if the tail has only one kind.
    pub auc: Option<f64>,
    /// Mean squared error of its promises on the tail, and of the tail's own
    /// rate promised to everybody (Brier).
    pub brier: (f64, f64),
    /// Mean logarithmic loss, in nats, likewise.
    pub loss: (f64, f64),
    /// Groups of the tail from the least to the most likely: what was
    /// promised, and what share bought.
    pub calibration: Vec<(f64, f64)>,
    /// Moments of the tail.
    pub tail: usize,
}

impl Moments {
    /// Takes one event in.
    pub fn take(&mut self, visitor: &str, event: &Event) {
        self.end = self.end.max(event.at.0);
        let hash = hash64(visitor.as_bytes());
        if !self.visitors.contains_key(&hash) && self.visitors.len() >= VISITORS {
            match self.visitors.last_key_value() {
                Some((highest, _)) if hash < *highest => self.visitors.pop_last(),
                _ => return,
            };
        }
        let Followed { profile, moments } = self.visitors.entry(hash).or_default();
        profile.observe(event, &Terms::default());
        if event.name == PURCHASE {
            for moment in moments.iter_mut().rev().take_while(|moment| moment.bought.is_none()) {
                moment.bought = Some(event.at.0);
            }
        }
        let speaks = [PAGE_VIEW, VIEW_ITEM, ADD_TO_CART, SEARCH].contains(&event.name.as_str());
        if speaks && moments.len() < MOMENTS_EACH {
            moments.push(Moment {
                at: event.at.0,
                visit: profile.visits,
                features: features(profile),
                bought: None,
            });
        }
    }

    /// Fits the model on all moments, and judges one fitted on the earlier
    /// ones by the later ones.
    #[must_use]
    pub fn fit(&self) -> Propensity {
        let has_bought =
            |followed: &Followed| !followed.profile.bought.is_empty() || followed.profile.spent > 0;
        let bought_after = |followed: &&Followed| {
            followed.moments.iter().any(|moment| moment.bought.is_some() && self.is_seen(moment))
        };
        let buyers = self.visitors.values().filter(bought_after).count();
        if buyers == 0 && !self.visitors.values().any(has_bought) {
            return Propensity::NoPurchases;
        }
        if buyers < BUYERS {
            return Propensity::TooFew { buyers };
        }
        let rows = self.rows();
        let (early, late) = split(&rows, TAIL);
        let judged = calibrated(early);
        let score = |row: &Row| {
            let Row { bought, weight, .. } = *row;
            Scored { score: probability(&judged, &row.x), bought, weight }
        };
        let mut scored: Vec<Scored> = late.iter().map(score).collect();
        scored.sort_by(|a, b| a.score.total_cmp(&b.score));
        let clusters = clusters::find(&rows);
        let lines = [calibrated(&rows)].into_iter().chain(clusters.iter().map(|found| found.line));
        Propensity::Fitted(Fitted {
            intent: Intent { lines: lines.collect() },
            clusters,
            auc: auc(&scored),
            brier: losses(&scored, |promised, bought| (promised - bought) * (promised - bought)),
            loss: losses(&scored, |promised, bought| {
                let kept = if bought > 0.5 { promised } else { 1.0 - promised };
                -libm::log(kept.max(LEAST))
            }),
            calibration: calibration(&scored),
            tail: late.len(),
        })
    }

    /// A week must have passed after a moment, or its outcome is not known.
    fn is_seen(&self, moment: &Moment) -> bool {
        moment.at.saturating_add(HORIZON) <= self.end
    }

    /// All moments whose outcome is known, by time. The moments of one visit
    /// weigh one together, so that long visits do not speak for all.
    fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for followed in self.visitors.values() {
            for visit in followed.moments.chunk_by(|a, b| a.visit == b.visit) {
                for moment in visit.iter().filter(|moment| self.is_seen(moment)) {
                    rows.push(Row {
                        at: moment.at,
                        x: moment.features,
                        bought: moment.bought.is_some_and(|bought| bought <= moment.at + HORIZON),
                        weight: 1.0 / visit.len() as f64,
                    });
                }
            }
        }
        // Stable, and the visitors stand in the order of their hashes.
        rows.sort_by_key(|row| row.at);
        rows
    }
}

/// The mean loss of the promises, and of the rate promised to everybody.
fn losses(scored: &[Scored], loss: impl Fn(f64, f64) -> f64) -> (f64, f64) {
    let all = weight(scored);
    let rate = weight_of_buyers(scored) / all;
    let mean = |promised: &dyn Fn(&Scored) -> f64| {
        let sum: f64 = scored
            .iter()
            .map(|moment| moment.weight * loss(promised(moment), f64::from(u8::from(moment.bought))))
            .sum();
        sum / all
    };
    (mean(&|moment| moment.score), mean(&|_| rate))
}

/// The area under the curve, by ranks: equal scores count half. `scored` ascends.
fn auc(scored: &[Scored]) -> Option<f64> {
    let (mut below, mut buyers, mut wins) = (0.0, 0.0, 0.0);
    for equal in scored.chunk_by(|a, b| a.score == b.score) {
        let (hits, all) = (weight_of_buyers(equal), weight(equal));
        wins += hits * (below + (all - hits) / 2.0);
        below += all - hits;
        buyers += hits;
    }
    (buyers > 0.0 && below > 0.0).then(|| wins / (buyers * below))
}

fn calibration(scored: &[Scored]) -> Vec<(f64, f64)> {
    let mean = |group: &[Scored]| {
        let promised: f64 = group.iter().map(|moment| moment.score * moment.weight).sum();
        let all = weight(group);
        (promised / all, weight_of_buyers(group) / all)
    };
    scored.chunks(scored.len().div_ceil(GROUPS).max(1)).map(mean).collect()
}

/// What moments weigh together.
fn weight(scored: &[Scored]) -> f64 {
    scored.iter().map(|moment| moment.weight).sum()
}

/// What those weigh together that led to a purchase.
fn weight_of_buyers(scored: &[Scored]) -> f64 {
    scored.iter().filter(|moment| moment.bought).map(|moment| moment.weight).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_engine::event::Item;
    use vitrine_engine::rng::Rng;
    use vitrine_engine::time::{HOUR, Millis};

    /// Visitors who look at one to five items and put some into the cart; who
    /// has a full cart buys with a planted chance.
    fn planted(visitors: u64) -> Moments {
        let mut moments = Moments::default();
        let mut rng = Rng::new(3, 0);
        for visitor in 0..visitors {
            let name = format!("v{visitor}");
            let mut at = 40 * DAY + visitor * HOUR / 4;
            let mut chance = 0.02;
            for click in 0..1 + rng.below(5) {
                let item = Item { id: format!("i{click}"), quantity: 1, ..Item::default() };
                let mut event = Event { items: vec![item], ..Event::new(VIEW_ITEM, Millis(at)) };
                moments.take(&name, &event);
                if rng.unit() < 0.3 {
                    event.name = ADD_TO_CART.into();
                    moments.take(&name, &event);
                    chance = 0.7;
                }
                at += 60_000;
            }
            if rng.unit() < chance {
                let item = Item { id: "i0".into(), quantity: 1, ..Item::default() };
                moments.take(&name, &Event { items: vec![item], ..Event::new(PURCHASE, Millis(at)) });
            }
        }
        moments
    }

    #[test]
    fn a_planted_propensity_is_found_again_and_is_calibrated() {
        let Propensity::Fitted(fitted) = planted(4000).fit() else { panic!("no model") };
        assert!(fitted.intent.lines[0][4] > 1.0, "the cart speaks: {:?}", fitted.intent);
        assert!(fitted.auc.unwrap() > 0.65, "auc {:?}", fitted.auc);
        for (promised, bought) in &fitted.calibration {
            assert!((promised - bought).abs() < 0.08, "{promised} promised, {bought} bought");
        }
        assert_eq!(Propensity::Fitted(fitted), planted(4000).fit(), "twice the same");
    }

    #[test]
    fn a_log_without_purchases_or_with_few_gets_no_model() {
        let mut quiet = Moments::default();
        quiet.take("v", &Event::new(PAGE_VIEW, Millis(5)));
        assert_eq!(quiet.fit(), Propensity::NoPurchases);
        assert!(matches!(planted(40).fit(), Propensity::TooFew { .. }));
    }

    #[test]
    fn the_sample_of_visitors_is_bounded_and_does_not_depend_on_their_order() {
        let event = |at: u64| Event::new(PAGE_VIEW, Millis(at));
        let (mut there, mut back) = (Moments::default(), Moments::default());
        for n in 0..VISITORS as u64 + 500 {
            there.take(&n.to_string(), &event(1));
            back.take(&(VISITORS as u64 + 499 - n).to_string(), &event(1));
        }
        assert_eq!(there.visitors.len(), VISITORS);
        assert!(there.visitors.keys().eq(back.visitors.keys()));
    }

    #[test]
    fn the_area_counts_equal_scores_half() {
        let scored = |moments: &[(f64, bool)]| -> Vec<Scored> {
            moments
                .iter()
                .map(|(score, bought)| Scored { score: *score, bought: *bought, weight: 0.5 })
                .collect()
        };
        assert_eq!(auc(&scored(&[(0.1, false), (0.5, false), (0.5, true), (0.9, true)])), Some(0.875));
        assert_eq!(auc(&scored(&[(0.1, true)])), None);
    }
}
