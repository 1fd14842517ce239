//! Two arms against each other, by whose visitors the conversions came from.
//! Never asks when they came: weekdays, delays and lost reports that strike
//! both arms alike cancel.
//!
//! Of the conversions of two arms whose visitors were allotted `share` to
//! `1 − share`, the first arm's part is `share·r / (1 − share + share·r)`,
//! `r` being the ratio of the two rates. The share is known by epoch, so each
//! conversion is a toss of a coin of known bias if `r` is 1, and the mixture of
//! likelihoods over ratios above a supposed one, divided by the likelihood of
//! that one, is a supermartingale for every ratio up to it (Wald 1945; Howard
//! et al. 2021). So it may be looked at as often as one likes, whatever the
//! policy did.

use libm::{exp, log, log1p};

use crate::interval::{Interval, end};

/// Conversions are gathered by the logit of their share, this wide: what is
/// mixed up errs on the safe side, by Jensen's inequality, by less than 0.1 %.
const STEP: f64 = 0.125;
/// Half as many buckets: shares from e^-10 to 1 − e^-10; beyond, they are
/// taken for these, where a conversion says nothing.
const HALF: usize = 80;
/// The least log ratio in the mixture: 1 % better.
const LEAST: f64 = 0.01;
/// Each ratio is so much larger than the one before, in logarithms.
const GROWTH: f64 = 1.5;
/// How many: up to seven times better.
const RATIOS: usize = 14;
/// The log ratio that the mixture likes best, and its spread in logarithms:
/// most changes of a shop's words that matter lie between 4 % and 60 %.
const LIKELY: (f64, f64) = (0.17, 1.0);
/// Log ratios are looked for within e^±30: beyond any rate's ratio.
const FAR: f64 = 30.0;

/// What is known of one arm's rate over another's.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Duel {
    ours: f64,
    theirs: f64,
    buckets: Vec<Bucket>,
}

/// Conversions of alike shares.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Bucket {
    at: usize,
    conversions: f64,
    /// The sum of the conversions' shares.
    shares: f64,
}

impl Duel {
    /// Adds the conversions of visitors who were allotted `share` to us and
    /// `1 − share` to them. Without a share between 0 and 1 nothing can be
    /// learnt from them.
    pub fn add(&mut self, ours: u64, theirs: u64, share: f64) {
        let all = (ours + theirs) as f64;
        if all == 0.0 || !(share > 0.0 && share < 1.0) {
            return;
        }
        self.ours += ours as f64;
        self.theirs += theirs as f64;
        let logit = log(share / (1.0 - share)) / STEP + HALF as f64;
        let at = logit.clamp(0.0, (2 * HALF) as f64) as usize;
        let place = self.buckets.partition_point(|bucket| bucket.at < at);
        if self.buckets.get(place).is_none_or(|bucket| bucket.at != at) {
            self.buckets.insert(place, Bucket { at, ..Bucket::default() });
        }
        if let Some(bucket) = self.buckets.get_mut(place) {
            bucket.conversions += all;
            bucket.shares += all * share;
        }
    }

    /// The same duel as the other arm sees it.
    #[must_use]
    pub fn turned(&self) -> Duel {
        let turn = |bucket: &Bucket| Bucket {
            at: 2 * HALF - bucket.at,
            conversions: bucket.conversions,
            shares: bucket.conversions - bucket.shares,
        };
        Duel { ours: self.theirs, theirs: self.ours, buckets: self.buckets.iter().rev().map(turn).collect() }
    }

    /// The logarithm of the evidence that our rate is above theirs times
    /// e^`supposed`. At ln(1/α) it may be said, and is wrong in at most a share
    /// α of all duels, however often one looked.
    #[must_use]
    pub fn evidence(&self, supposed: f64) -> f64 {
        let null = self.likelihood(supposed);
        mixture_of_ratios(|step| self.likelihood(supposed + step) - null)
    }

    /// The log ratios that are still possible, each end wrong in at most a
    /// share `alpha`; infinite where nothing bounds it.
    #[must_use]
    pub fn log_ratio(&self, alpha: f64) -> Interval {
        let (enough, turned) = (log(1.0 / alpha), self.turned());
        let center = self.best().clamp(-FAR, FAR);
        let far = |end: f64| if end <= -FAR { f64::NEG_INFINITY } else { end };
        Interval {
            low: far(end(-FAR, center, |supposed| self.evidence(supposed) >= enough)),
            high: -far(end(-FAR, -center, |supposed| turned.evidence(supposed) >= enough)),
        }
    }

    /// The likeliest log ratio; ±infinity where only one arm has conversions,
    /// 0 where none has.
    #[must_use]
    pub fn best(&self) -> f64 {
        match (self.ours > 0.0, self.theirs > 0.0) {
            (false, false) => return 0.0,
            (true, false) => return f64::INFINITY,
            (false, true) => return f64::NEG_INFINITY,
            (true, true) => {}
        }
        let expected = |ratio: f64| -> f64 {
            let part = |bucket: &Bucket| {
                let share = bucket.shares / bucket.conversions * exp(ratio);
                bucket.conversions * share / (1.0 - bucket.shares / bucket.conversions + share)
            };
            self.buckets.iter().map(part).sum()
        };
        end(-FAR, FAR, |ratio| expected(ratio) < self.ours)
    }

    /// How much is known of the log ratio, as 1 / variance, at a ratio.
    #[must_use]
    pub fn information(&self, ratio: f64) -> f64 {
        let part = |bucket: &Bucket| {
            let share = bucket.shares / bucket.conversions;
            let ours = share * exp(ratio) / (1.0 - share + share * exp(ratio));
            bucket.conversions * ours * (1.0 - ours)
        };
        self.buckets.iter().map(part).sum()
    }

    fn likelihood(&self, ratio: f64) -> f64 {
        let more = exp(ratio) - 1.0;
        let part = |bucket: &Bucket| bucket.conversions * log1p(bucket.shares / bucket.conversions * more);
        self.ours * ratio - self.buckets.iter().map(part).sum::<f64>()
    }
}

/// The logarithm of the mixture over ratios of e^gain, `gain` being what a log
/// ratio of so much above the supposed one makes likelier.
pub(crate) fn mixture_of_ratios(gain: impl Fn(f64) -> f64) -> f64 {
    let (mut sum, mut weights, mut step) = (0.0, 0.0, LEAST);
    let mut most = f64::NEG_INFINITY;
    for _ in 0..RATIOS {
        let off = log(step / LIKELY.0) / LIKELY.1;
        let weight = exp(-0.5 * off * off);
        let gain = gain(step);
        // The sum is kept relative to its largest part, which may pass a double's range.
        if gain > most {
            sum *= exp(most - gain);
            most = gain;
        }
        sum += weight * exp(gain - most);
        weights += weight;
        step *= GROWTH;
    }
    most + log(sum / weights)
}
