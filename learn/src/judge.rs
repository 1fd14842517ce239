//! A campaign's counts → what may be said of its messages. Never says a winner
//! by belief, and never compares visitors who may still convert with visitors
//! who no longer can.

use crate::tally::Tally;
use vitrine_engine::report::Counts;

use crate::belief::{Belief, beliefs};
use crate::duel::Duel;
use crate::forecast::Forecast;
use crate::interval::{ALPHA, Estimate, Interval, rate};
use crate::mean::{Pair, difference, equal_baskets, is_pair, moments, reach, revenue, richest};
use crate::mismatch::{Alarm, Mismatch};
use crate::outlook::outlook;
use crate::race::Race;
use crate::settled::{Campaign, Cohort};

/// Messages whose rates all differ by less than this part are equivalent.
pub const EQUIVALENT: f64 = 0.03;

/// What may be said.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Of each message.
    pub arms: Vec<Arm>,
    /// Of the holdout.
    pub holdout: Worth,
    /// Of all together.
    pub verdict: Verdict,
    /// What the policy brought over an equal split, among settled visitors.
    pub gain: Option<Gain>,
}

/// What is known of one arm.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Worth {
    /// The visitors behind it: the settled ones, or all while none is.
    pub visitors: u64,
    /// Whether they may still convert.
    pub is_provisional: bool,
    /// Converters per visitor.
    pub rate: Option<Estimate>,
    /// Minor units per visitor.
    pub revenue: Option<Estimate>,
}

/// What is known of one message.
#[derive(Debug, Clone, PartialEq)]
pub struct Arm {
    /// By itself.
    pub worth: Worth,
    /// Beside the baseline, unless it is that.
    pub to_baseline: Option<Against>,
    /// Beside those who saw nothing.
    pub to_holdout: Option<Against>,
    /// What is believed of it.
    pub belief: Belief,
}

/// One arm beside another.
#[derive(Debug, Clone, PartialEq)]
pub struct Against {
    /// Its rate over the other's, less 1.
    pub lift: Estimate,
    /// Its rate less the other's.
    pub difference: Estimate,
    /// Its revenue per visitor less the other's, in minor units.
    pub revenue: Option<Estimate>,
}

/// What a policy brought.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gain {
    /// Conversions.
    pub conversions: Estimate,
    /// Minor units.
    pub revenue: Estimate,
}

/// What is said of a campaign.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// There is nothing to compare.
    Alone,
    /// Visitors did not come as drawn; nothing is compared.
    Mismatch(Alarm),
    /// No visitor has been counted.
    Nobody,
    /// Nobody's time to convert is over yet; so many more days.
    Waiting(u32),
    /// This message is better than every other.
    Winner(usize),
    /// All messages' rates are within [`EQUIVALENT`] of each other.
    Equivalent,
    /// Not yet.
    Open(Forecast),
}

/// Judges a campaign.
#[must_use]
pub fn judge(campaign: &Campaign) -> Judged {
    let arms = campaign.open.len();
    let mut race = Race::new(arms);
    let mut mismatch = Mismatch::new(arms);
    for stratum in &campaign.strata {
        let tallies = tallies(&stratum.arms);
        race.add(&tallies, stratum.odds.as_deref());
        if let Some(odds) = stratum.odds.as_ref().filter(|_| stratum.is_checked) {
            mismatch.add(&tallies, odds);
        }
    }
    let (mut settled, mut held) = (vec![Counts::default(); arms], Counts::default());
    for cohort in &campaign.cohorts {
        settled.iter_mut().zip(&cohort.arms).for_each(|(sum, more)| sum.add(more));
        held.add(&cohort.holdout);
    }
    let part = ALPHA / arms.max(1) as f64;
    let beliefs = beliefs(&settled, campaign.seed);
    let said = (0..arms).map(|at| {
        let own = settled.get(at).copied().unwrap_or_default();
        let open = campaign.open.get(at).copied().unwrap_or_default();
        let to_baseline = campaign.baseline.filter(|base| *base != at).and_then(|base| {
            let pairs = pairs(campaign, |cohort| (arm(cohort, at), arm(cohort, base)));
            let other = settled.get(base).copied().unwrap_or_default();
            let ratio = race.duel(at, base)?;
            against(&ratio, (&own, &other), &pairs, part)
        });
        let to_holdout = {
            let pairs = pairs(campaign, |cohort| (arm(cohort, at), cohort.holdout));
            let mut ratio = Duel::default();
            for (ours, theirs) in &pairs {
                let share = ours.visitors as f64 / (ours.visitors + theirs.visitors) as f64;
                ratio.add(converters(ours), converters(theirs), share);
            }
            against(&ratio, (&own, &held), &pairs, part)
        };
        let belief = beliefs.get(at).copied().unwrap_or_default();
        Arm { worth: worth(&own, &open, part), to_baseline, to_holdout, belief }
    });
    Judged {
        arms: said.collect(),
        holdout: worth(&held, &campaign.open_holdout, ALPHA),
        verdict: verdict(campaign, &race, &mismatch, &settled),
        gain: gain(campaign, &settled),
    }
}

/// What is known of one arm; `alpha` is its part of the error.
#[must_use]
pub fn worth(settled: &Counts, open: &Counts, alpha: f64) -> Worth {
    let is_provisional = settled.visitors == 0 && open.visitors > 0;
    let counts = if is_provisional { open } else { settled };
    let tally = Tally { visitors: counts.visitors, converters: converters(counts) };
    let Interval { low, high } = rate(tally, alpha);
    let value = tally.converters as f64 / tally.visitors as f64;
    Worth {
        visitors: counts.visitors,
        is_provisional,
        rate: (tally.visitors > 0).then_some(Estimate { value, low, high }),
        revenue: revenue(counts, alpha),
    }
}

fn verdict(campaign: &Campaign, race: &Race, mismatch: &Mismatch, settled: &[Counts]) -> Verdict {
    if settled.len() < 2 {
        return Verdict::Alone;
    }
    if let Some(alarm) = mismatch.alarm() {
        return Verdict::Mismatch(alarm);
    }
    if settled.iter().all(|arm| arm.visitors == 0) {
        let came = campaign.open.iter().any(|arm| arm.visitors > 0);
        return if came { Verdict::Waiting(campaign.settles_in) } else { Verdict::Nobody };
    }
    if campaign.by_revenue {
        let days: Vec<&[Counts]> = campaign.cohorts.iter().map(|cohort| cohort.arms.as_slice()).collect();
        if let Some(winner) = richest(&days, settled.len(), ALPHA) {
            return Verdict::Winner(winner);
        }
    } else if let Some(winner) = race.winner(ALPHA) {
        return Verdict::Winner(winner);
    } else if are_equivalent(race, settled.len()) {
        return Verdict::Equivalent;
    }
    Verdict::Open(outlook(campaign, race, settled))
}

fn are_equivalent(race: &Race, arms: usize) -> bool {
    let is_close = |ours: usize, theirs: usize| {
        // Far from enough conversions: an interval is not worth its search.
        let known = race.duel(ours, theirs).map_or(0.0, |duel| duel.information(0.0));
        known * EQUIVALENT * EQUIVALENT > 4.0
            && race
                .lift(ours, theirs, ALPHA)
                .is_some_and(|lift| lift.low > -EQUIVALENT && lift.high < EQUIVALENT)
    };
    (0..arms).all(|ours| (ours + 1..arms).all(|theirs| is_close(ours, theirs)))
}

fn against(ratio: &Duel, (own, other): (&Counts, &Counts), pairs: &[Pair], part: f64) -> Option<Against> {
    let best = ratio.best();
    if other.visitors == 0 || !best.is_finite() || best == 0.0 && ratio.information(0.0) == 0.0 {
        return None;
    }
    let lift = |alpha: f64| {
        let Interval { low, high } = ratio.log_ratio(alpha);
        Estimate { value: libm::expm1(best), low: libm::expm1(low), high: libm::expm1(high) }
    };
    // The difference is the other's rate times the lift, and lies between the
    // two rates' intervals; each gets a third of the error that is left.
    let third = part / 3.0;
    let tally = |counts: &Counts| Tally { visitors: counts.visitors, converters: converters(counts) };
    let (own, base, ratio_thirds) = (rate(tally(own), third), rate(tally(other), third), lift(third));
    let times = |lift: f64, if_less: f64, if_more: f64| lift * if lift < 0.0 { if_less } else { if_more };
    Some(Against {
        lift: lift(part),
        difference: Estimate {
            value: ratio_thirds.value * converters(other) as f64 / other.visitors as f64,
            low: f64::max(own.low - base.high, times(ratio_thirds.low, base.high, base.low)),
            high: f64::min(own.high - base.low, times(ratio_thirds.high, base.low, base.high)),
        },
        revenue: difference(pairs, part),
    })
}

/// Visitors of each message less what an equal split would have given it, times
/// what they are worth, leaf by leaf. A message takes part from the day on which
/// its first visitor was drawn.
#[must_use]
pub fn gain(campaign: &Campaign, settled: &[Counts]) -> Option<Gain> {
    let leaves = campaign.strata.iter().map(|stratum| stratum.leaf + 1).max()?;
    let mut began = vec![u32::MAX; settled.len()];
    for stratum in &campaign.strata {
        let came = began.iter_mut().zip(&stratum.arms).filter(|(_, arm)| arm.visitors > 0);
        came.for_each(|(began, _)| *began = stratum.day.min(*began));
    }
    // What each message got, and what it would have got.
    let mut drawn = vec![vec![(Counts::default(), 0.0); settled.len()]; leaves];
    for stratum in campaign.strata.iter().filter(|stratum| stratum.is_learnt) {
        let takes_part = |began: &&u32| **began <= stratum.day;
        let visitors: u64 = stratum.arms.iter().map(|arm| arm.visitors).sum();
        let equal = visitors as f64 / began.iter().filter(takes_part).count().max(1) as f64;
        let Some(arms) = drawn.get_mut(stratum.leaf) else { continue };
        for (((sum, would), more), began) in arms.iter_mut().zip(&stratum.arms).zip(&began) {
            sum.add(more);
            *would += if takes_part(&began) { equal } else { 0.0 };
        }
    }
    let (mut conversions, mut money) = ((0.0, 0.0), (0.0, 0.0));
    let mut all = Counts::default();
    for arms in &drawn {
        for ((arm, would), everywhere) in arms.iter().zip(settled) {
            all.add(arm);
            let more = arm.visitors as f64 - would;
            // Who got nobody in this leaf is taken for what it is elsewhere.
            let known = if arm.visitors > 0 { arm } else { everywhere };
            let Some((mean, variance)) = moments(known) else { continue };
            let n = known.visitors as f64;
            let rate = converters(known) as f64 / n;
            conversions.0 += more * rate;
            conversions.1 += more * more * rate * (1.0 - rate) / n;
            money.0 += more * mean;
            money.1 += more * more * variance / n;
        }
    }
    if all.converters == 0 {
        return None;
    }
    let estimate = |(value, variance): (f64, f64), events: f64| {
        let off = reach(events, ALPHA) * libm::sqrt(variance);
        Estimate { value, low: value - off, high: value + off }
    };
    // Without any revenue its variance is zero, and so is what it is off.
    let money = estimate(money, f64::max(1.0, equal_baskets(&all)));
    Some(Gain { conversions: estimate(conversions, all.converters as f64), revenue: money })
}

fn pairs(campaign: &Campaign, of: impl Fn(&Cohort) -> Pair) -> Vec<Pair> {
    let pairs = campaign.cohorts.iter().map(of);
    pairs.filter(is_pair).collect()
}

fn arm(cohort: &Cohort, at: usize) -> Counts {
    cohort.arms.get(at).copied().unwrap_or_default()
}

fn tallies(arms: &[Counts]) -> Vec<Tally> {
    let tally = |arm: &Counts| Tally { visitors: arm.visitors, converters: converters(arm) };
    arms.iter().map(tally).collect()
}

/// Forged reports may add up to more converters than visitors.
fn converters(counts: &Counts) -> u64 {
    counts.converters.min(counts.visitors)
}
