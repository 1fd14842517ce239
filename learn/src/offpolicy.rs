//! What a policy would have earned, from the log of another. Never says a
//! number that too few rows stand behind.
//!
//! With weights w = probability / propensity and rewards r, over n rows:
//! IPW is Σwr/n (Horvitz and Thompson 1952); SNIPW Σwr/Σw (Hájek 1971); DM the
//! mean of the rewards that a model expects of the policy; DR is DM + Σw(r−q)/n
//! (Dudík et al. 2014), q being what the model expects of the item shown; SNDR
//! is DM + Σw(r−q)/Σw. The model expects an item's mean at its position, drawn
//! to the item's and the log's means where it was seldom shown, and is made
//! from the other half of the log than it is asked about.

use std::collections::BTreeMap;

use vitrine_engine::rng::Rng;

use crate::logged::{Choice, Policy, Shown};

/// Below this many rows of equal weight an interval says nothing of use.
pub const LEAST_SAMPLE: f64 = 100.0;
/// Rows with which a mean is drawn to the wider one.
const SHRINKAGE: f64 = 100.0;
/// Resamples of the bootstrap; the ends of an interval are then the 25th and
/// the 975th.
const RESAMPLES: usize = 1_000;
/// Longer logs are resampled in so many parts, each a row of every so many.
const PARTS: usize = 10_000;
/// The purpose of the bootstrap's draws.
const PURPOSE: u64 = 0x0ff;

/// A way to estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Estimator {
    /// Inverse propensity weights.
    Ipw,
    /// The same, divided by the sum of the weights.
    Snipw,
    /// The model alone.
    Dm,
    /// The model, and weights for what it got wrong.
    Dr,
    /// The same, divided by the sum of the weights.
    Sndr,
}

impl Estimator {
    /// All of them.
    pub const ALL: [Estimator; 5] =
        [Estimator::Ipw, Estimator::Snipw, Estimator::Dm, Estimator::Dr, Estimator::Sndr];

    /// Its name.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Estimator::Ipw => "ipw",
            Estimator::Snipw => "snipw",
            Estimator::Dm => "dm",
            Estimator::Dr => "dr",
            Estimator::Sndr => "sndr",
        }
    }
}

/// What a policy is worth, in rewards a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Value {
    /// The estimate.
    pub value: f64,
    /// The lower end of its 95 % bootstrap interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// A judged log.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// One value an estimator, in the order asked for.
    pub values: Vec<Value>,
    /// (Σw)² / Σw²: as many rows of equal weight would say as much.
    pub sample: f64,
    /// The largest weight.
    pub max_weight: f64,
    /// Rows of the log.
    pub rows: usize,
}

/// Judges a policy by the log of another; `seed` is the bootstrap's.
///
/// # Errors
/// A sentence: the log says too little about this policy.
pub fn judge(policy: &Policy, log: &[Shown], estimators: &[Estimator], seed: u64) -> Result<Judged, String> {
    let weight =
        |shown: &Shown| policy.choices.get(shown.choice).map_or(0.0, |c| c.probability) * shown.inverse;
    let (mut sum, mut squares, mut max_weight) = (0.0, 0.0, 0.0);
    for shown in log {
        let weight = weight(shown);
        sum += weight;
        squares += weight * weight;
        max_weight = f64::max(max_weight, weight);
    }
    let sample = if squares > 0.0 { sum * sum / squares } else { 0.0 };
    if !(sample >= LEAST_SAMPLE && sample.is_finite()) {
        return Err(format!(
            "the log is worth only {sample:.1} rows for this policy, and below {LEAST_SAMPLE} no value can be told; log more, or judge a policy that is closer to the one logged"
        ));
    }
    let halves = [0, 1].map(|half| Model::new(policy, log.iter().skip(half).step_by(2)));
    let parts = log.len().min(PARTS);
    let mut sums = vec![Sums::default(); parts];
    for (at, shown) in log.iter().enumerate() {
        let [even, odd] = &halves;
        let model = if at % 2 == 0 { odd } else { even };
        let (weight, position) = (weight(shown), policy.choices.get(shown.choice).map_or(0, |c| c.position));
        if let Some(part) = sums.get_mut(at % parts) {
            let error = shown.reward - model.expects.get(shown.choice).copied().unwrap_or_default();
            part.add(&Sums {
                rows: 1.0,
                weights: weight,
                rewards: weight * shown.reward,
                expected: model.values.get(position).copied().unwrap_or_default(),
                errors: weight * error,
            });
        }
    }
    let mut whole = Sums::default();
    sums.iter().for_each(|part| whole.add(part));
    let mut resampled = vec![Vec::with_capacity(RESAMPLES); estimators.len()];
    let mut rng = Rng::new(seed, PURPOSE);
    for _ in 0..RESAMPLES {
        let mut drawn = Sums::default();
        for _ in 0..parts {
            if let Some(part) = sums.get(rng.below(parts as u64) as usize) {
                drawn.add(part);
            }
        }
        for (estimator, values) in estimators.iter().zip(&mut resampled) {
            values.push(drawn.value(*estimator));
        }
    }
    let values = estimators.iter().zip(&mut resampled).map(|(estimator, values)| {
        values.sort_by(f64::total_cmp);
        let end = |share: f64| values.get((share * RESAMPLES as f64) as usize).copied().unwrap_or_default();
        Value { value: whole.value(*estimator), low: end(0.025), high: end(0.975) }
    });
    Ok(Judged { values: values.collect(), sample, max_weight, rows: log.len() })
}

/// What all estimators are made of.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    rows: f64,
    weights: f64,
    rewards: f64,
    expected: f64,
    errors: f64,
}

impl Sums {
    fn add(&mut self, more: &Sums) {
        self.rows += more.rows;
        self.weights += more.weights;
        self.rewards += more.rewards;
        self.expected += more.expected;
        self.errors += more.errors;
    }

    fn value(&self, estimator: Estimator) -> f64 {
        // A resample without a single row that the policy would show has no say.
        let by_weight = |sum: f64| if self.weights > 0.0 { sum / self.weights } else { 0.0 };
        match estimator {
            Estimator::Ipw => self.rewards / self.rows,
            Estimator::Snipw => by_weight(self.rewards),
            Estimator::Dm => self.expected / self.rows,
            Estimator::Dr => (self.expected + self.errors) / self.rows,
            Estimator::Sndr => self.expected / self.rows + by_weight(self.errors),
        }
    }
}

/// The rewards that half of a log lets one expect.
struct Model {
    /// Of each choice.
    expects: Vec<f64>,
    /// Of the policy, at each position.
    values: Vec<f64>,
}

impl Model {
    fn new<'l>(policy: &Policy, half: impl Iterator<Item = &'l Shown>) -> Model {
        let mut seen = vec![(0.0, 0.0); policy.choices.len()];
        let mut items: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
        let mut all = (0.0, 0.0);
        for shown in half {
            let item = policy.choices.get(shown.choice).map_or(usize::MAX, |choice| choice.item);
            let places = [seen.get_mut(shown.choice), Some(items.entry(item).or_default()), Some(&mut all)];
            for place in places.into_iter().flatten() {
                place.0 += 1.0;
                place.1 += shown.reward;
            }
        }
        let drawn = |(rows, sum): (f64, f64), to: f64| (sum + SHRINKAGE * to) / (rows + SHRINKAGE);
        let mean = all.1 / f64::max(all.0, 1.0);
        let expects: Vec<f64> = policy
            .choices
            .iter()
            .zip(&seen)
            .map(|(choice, seen)| {
                drawn(*seen, drawn(items.get(&choice.item).copied().unwrap_or_default(), mean))
            })
            .collect();
        let positions = policy.choices.iter().map(|choice| choice.position + 1).max().unwrap_or_default();
        let mut values = vec![0.0; positions];
        for (Choice { position, probability, .. }, expected) in policy.choices.iter().zip(&expects) {
            if let Some(value) = values.get_mut(*position) {
                *value += probability * expected;
            }
        }
        Model { expects, values }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logged::read;

    const POLICY: &str = "item_id,position,probability\na,1,0.8\nb,1,0.2\n";

    fn log(rows: usize, rates: [f64; 2]) -> String {
        let mut rng = Rng::new(rows as u64, 5);
        let mut text = "x,item_id,position,click,propensity_score\n".to_owned();
        for _ in 0..rows {
            let at = usize::from(rng.unit() >= 0.3);
            let click = u8::from(rng.unit() < rates[at]);
            text += &format!(",{},1,{click},{}\n", ["a", "b"][at], [0.3, 0.7][at]);
        }
        text
    }

    fn judged(policy: &str, log: &str) -> Result<Judged, String> {
        let mut policy = Policy::read(policy.as_bytes()).unwrap();
        let log = read(log.as_bytes(), &mut policy).unwrap();
        judge(&policy, &log, &Estimator::ALL, 1)
    }

    #[test]
    fn every_estimator_finds_the_value_of_a_known_policy() {
        let truth = 0.8 * 0.1 + 0.2 * 0.03;
        let judged = judged(POLICY, &log(60_000, [0.1, 0.03])).unwrap();
        for (value, estimator) in judged.values.iter().zip(Estimator::ALL) {
            let name = estimator.word();
            assert!((value.value - truth).abs() < 0.004, "{name}: {value:?}");
            assert!(value.low < value.value && value.value < value.high, "{name}: {value:?}");
            assert!(value.high - value.low < 0.012, "{name}: {value:?}");
        }
        assert!((judged.max_weight - 0.8 / 0.3).abs() < 1e-12 && judged.rows == 60_000);
    }

    #[test]
    fn nothing_is_said_of_less_than_a_hundred_rows() {
        let refusal = judged(POLICY, &log(99, [0.1, 0.03])).unwrap_err();
        assert!(refusal.starts_with("the log is worth only "), "{refusal}");
        // A policy that the log never followed.
        let refusal = judged("item_id,position,probability\nc,1,1\n", &log(9000, [0.1, 0.03])).unwrap_err();
        assert!(refusal.contains("worth only 0.0 rows"), "{refusal}");
    }

    #[test]
    fn the_same_log_gives_the_same_bits() {
        let text = log(20_000, [0.1, 0.03]);
        assert_eq!(judged(POLICY, &text), judged(POLICY, &text));
    }
}
