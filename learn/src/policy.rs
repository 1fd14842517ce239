//! Policies: from counts to the shares in which each leaf's next visitors get
//! each message. Never draws, and never knows more than [`Evidence`].

use libm::log;

use crate::best::{Beta, of_betas};
use crate::drift;
use crate::evidence::{Count, Evidence, Window, Worth};
use crate::prior::{Belief, Beliefs, LEAVES, beliefs, known, worth_of};

/// The part of the visitors that `explore_commit` spreads evenly.
const EXPLORE: f64 = 0.2;
/// The part that `epsilon_greedy` goes on spreading evenly.
const EPSILON: f64 = 0.1;
/// Converters an arm before `learn` leaves the even split.
pub(crate) const EVEN: f64 = 25.0;

/// Between two arms: how much sharper, by the converters counted of each, linear in
/// their logarithm. Least while a hasty choice may last, most when what is still
/// unsure is small, and in the end as with more arms (searched for like the rest).
const PAIR: [(f64, f64); 4] = [(5.0, 3.1), (30.0, 2.7), (150.0, 3.5), (1000.0, 2.5)];
/// Arms from which on more arms make no more difference to [`Earn::early`].
const ARMS: f64 = 6.0;
/// How much sharper, for every arm up to [`ARMS`], where each leaf is learnt of for
/// itself and has no converters yet.
const LONELY: f64 = 0.7;
/// Converters an arm of a leaf, in the mean, at which half of that is left: with one
/// leaf alone, and with [`LEAVES`], where what is found out pays back less.
const LONELY_HALF: [f64; 2] = [10.0, 45.0];
/// The least chance of being the best that `learn` reckons with, so that there
/// always is a second.
const CHANCE: f64 = 1e-6;

/// What a campaign's visitors are allotted by.
pub trait Policy: Sync {
    /// For each leaf the share of each arm; a leaf's shares sum to 1.
    fn shares(&self, evidence: &Evidence) -> Vec<Vec<f64>>;
}

/// Every arm alike.
#[derive(Debug, Clone, Copy)]
pub struct Uniform;

/// Every arm alike for a fifth of the horizon, then the best so far.
#[derive(Debug, Clone, Copy)]
pub struct ExploreCommit {
    /// Visitors until the end, which only this policy knows.
    pub horizon: u64,
}

/// The best so far, but for a tenth of the visitors, who are spread evenly.
#[derive(Debug, Clone, Copy)]
pub struct EpsilonGreedy;

/// The probability that an arm is the best under Beta(1, 1) priors (Thompson
/// 1933), each leaf for itself; where revenue is wanted with each arm's own mean
/// basket, begun with one of the campaign's, and the campaign's variance.
#[derive(Debug, Clone, Copy)]
pub struct Thompson;

/// Most conversions: Thompson's rule on what [`beliefs`] says, with sharper
/// beliefs than the counts support, since a share of every arm in proportion
/// to its chance explores more than pays (Phan et al. 2019 for the effect of
/// inference on regret; the sharpness was searched for, see `docs/bandit.md`).
/// Between two arms by conversions [`PAIR`] stands for `sharp`, `early` and `half`.
#[derive(Debug, Clone, Copy)]
pub struct Earn {
    /// How much sharper in the long run.
    pub sharp: f64,
    /// How much sharper, for every arm up to [`ARMS`], in the beginning: while
    /// little is known, what is tried out pays back least, and the more arms
    /// there are the more of it there would be.
    pub early: f64,
    /// Believed converters an arm at which half of `early` is left.
    pub half: f64,
    /// How much sharper where one of [`LEAVES`] leaves may like another arm than the
    /// others do: what is found out in one leaf pays back in that one alone. Towards
    /// one leaf it becomes `sharp`.
    pub leaf: f64,
    /// Whether latest periods are looked at for a change.
    pub drift: bool,
}

impl Default for Earn {
    fn default() -> Self {
        Earn { sharp: 2.5, early: 1.0, half: 10.0, leaf: 6.0, drift: true }
    }
}

/// A winner soon: every arm alike at first, then the top two (Russo 2016: half
/// for the best, half for what would be the best if that were not), so that
/// the two that are hard to tell apart get the visitors.
#[derive(Debug, Clone, Copy)]
pub struct TopTwo;

/// The marketer's weights, whatever the counts.
#[derive(Debug, Clone)]
pub struct Split(pub Vec<u32>);

/// A policy that does not tell leaves apart.
#[derive(Debug, Clone, Copy)]
pub struct Pooled<P>(pub P);

/// A policy that learns of each leaf for itself.
#[derive(Debug, Clone, Copy)]
pub struct Separate<P>(pub P);

impl Policy for Split {
    fn shares(&self, evidence: &Evidence) -> Vec<Vec<f64>> {
        let weights: Vec<f64> = self.0.iter().map(|weight| f64::from(*weight)).collect();
        let all: f64 = weights.iter().sum();
        vec![weights.iter().map(|weight| weight / all).collect(); evidence.all().len()]
    }
}

impl<P: Policy> Policy for Pooled<P> {
    fn shares(&self, evidence: &Evidence) -> Vec<Vec<f64>> {
        let shares = self.0.shares(&evidence.pooled()).into_iter().next().unwrap_or_default();
        vec![shares; evidence.all().len()]
    }
}

impl<P: Policy> Policy for Separate<P> {
    fn shares(&self, evidence: &Evidence) -> Vec<Vec<f64>> {
        evidence.apart().iter().flat_map(|leaf| self.0.shares(leaf)).collect()
    }
}

impl Policy for Uniform {
    fn shares(&self, evidence: &Evidence) -> Vec<Vec<f64>> {
        by_leaf(evidence, |_| None)
    }
}

impl Policy for ExploreCommit {
    fn shares(&self, evidence: &Evidence) -> Vec<Vec<f64>> {
        let seen = visitors(evidence.all());
        let enough = seen as f64 >= EXPLORE * self.horizon as f64;
        by_leaf(evidence, |arms| enough.then(|| leader(arms, evidence.worth)))
    }
}

impl Policy for EpsilonGreedy {
    fn shares(&self, evidence: &Evidence) -> Vec<Vec<f64>> {
        by_leaf(evidence, |arms| {
            let even = EPSILON / arms.len() as f64;
            Some(leader(arms, evidence.worth).iter().map(|share| share * (1.0 - EPSILON) + even).collect())
        })
    }
}

impl Policy for Thompson {
    fn shares(&self, evidence: &Evidence) -> Vec<Vec<f64>> {
        by_leaf(evidence, |arms| Some(of_betas(&counted(arms, evidence.worth)?)))
    }
}

/// What is believed of each arm by its own counts alone; `None` where revenue is
/// wanted and nobody bought.
fn counted(arms: &[Count], worth: Worth) -> Option<Vec<Beta>> {
    let rate = |arm: &Count| {
        let (hits, misses) = arm.tally.split();
        Beta { hits: 1.0 + hits, misses: 1.0 + misses }
    };
    if worth == Worth::Conversion {
        return Some(arms.iter().map(rate).collect());
    }
    let mut all = Count::default();
    arms.iter().for_each(|arm| all.add(arm));
    let buyers = all.tally.split().0;
    if buyers < 1.0 || all.revenue == 0 {
        return None;
    }
    let mean = all.revenue as f64 / buyers;
    let variance = (all.revenue2 as f64 / buyers / (mean * mean) - 1.0).max(0.01);
    let basket = |arm: &Count| {
        let own = arm.tally.split().0 + 1.0;
        ((arm.revenue as f64 / mean + 1.0) / own, own)
    };
    let dearest = arms.iter().map(|arm| basket(arm).0).fold(0.0, f64::max);
    let arm = |arm: &Count| {
        let (ratio, own) = basket(arm);
        worth_of(rate(arm), ratio / dearest, variance / own / (ratio * ratio))
    };
    Some(arms.iter().map(arm).collect())
}

impl Policy for Earn {
    fn shares(&self, evidence: &Evidence) -> Vec<Vec<f64>> {
        if visitors(evidence.all()) == 0 {
            return Uniform.shares(evidence);
        }
        let spoken = match evidence.windows.first() {
            Some(all) if !self.drift => vec![(1.0, all)],
            _ => drift::windows(evidence),
        };
        let mut mixed: Vec<Vec<f64>> = evidence.all().iter().map(|arms| vec![0.0; arms.len()]).collect();
        for (part, window) in spoken {
            for (mixed, shares) in mixed.iter_mut().zip(self.of_window(evidence, window)) {
                mixed.iter_mut().zip(shares).for_each(|(sum, share)| *sum += part * share);
            }
        }
        mixed
    }
}

impl Earn {
    fn of_window(&self, evidence: &Evidence, window: &Window) -> Vec<Vec<f64>> {
        let found = beliefs(window, evidence.worth, evidence.spread);
        let shared = self.shared(&found, evidence.worth);
        let part = (window.len() as f64 / LEAVES).min(1.0);
        let alone = self.sharp + part * (self.leaf - self.sharp);
        let together = found.leaves.iter().map(|leaf| of_betas(&sharpened(leaf, shared, alone)));
        let mut all: Vec<Vec<f64>> = together.collect();
        for (mixed, leaf) in all.iter_mut().zip(&found.lonely) {
            let own = of_betas(&self.lonely(&leaf.beliefs, part));
            mixed.iter_mut().zip(own).for_each(|(mixed, own)| *mixed += leaf.part * (own - *mixed));
        }
        all
    }

    /// How much sharper than the counts is believed what all leaves share.
    fn shared(&self, all: &Beliefs, worth: Worth) -> f64 {
        let arms = all.leaves.first().map_or(1, Vec::len).max(1);
        if arms == 2 && worth == Worth::Conversion {
            return between_two(all.counted);
        }
        self.sharp + self.early * (arms as f64).min(ARMS) / (1.0 + all.known / self.half)
    }

    /// What is believed of a leaf that is learnt of for itself, and is one of many
    /// in so far as `part` says.
    fn lonely(&self, leaf: &[Belief], part: f64) -> Vec<Beta> {
        let [few, many] = LONELY_HALF;
        let half = few + part * (many - few);
        let sharp = self.sharp + LONELY * (leaf.len() as f64).min(ARMS) / (1.0 + known(leaf) / half);
        leaf.iter().map(|belief| times(belief.beta, sharp)).collect()
    }
}

/// What is believed of a leaf, by so much more sharply what all `shared`, and what it
/// has `alone`.
fn sharpened(leaf: &[Belief], shared: f64, alone: f64) -> Vec<Beta> {
    let sharp = |belief: &Belief| 1.0 / ((1.0 - belief.own) / shared + belief.own / alone);
    leaf.iter().map(|belief| times(belief.beta, sharp(belief))).collect()
}

fn times(beta: Beta, sharp: f64) -> Beta {
    Beta { hits: beta.hits * sharp, misses: beta.misses * sharp }
}

/// Follows [`PAIR`].
fn between_two(converters: f64) -> f64 {
    let mut at = PAIR.first().map_or(1.0, |first| first.1);
    for pair in PAIR.windows(2) {
        let [(from, low), (to, high)] = pair else { continue };
        let part = log(converters.clamp(*from, *to) / from) / log(to / from);
        if part > 0.0 {
            at = low + part * (high - low);
        }
    }
    at
}

impl Policy for TopTwo {
    fn shares(&self, evidence: &Evidence) -> Vec<Vec<f64>> {
        let beliefs = beliefs(evidence.all(), evidence.worth, evidence.spread);
        let top = |(arms, beliefs): (&Vec<Count>, &Vec<Belief>)| {
            let hits: f64 = arms.iter().map(|arm| arm.tally.split().0).sum();
            if hits < EVEN * arms.len() as f64 || arms.len() < 3 {
                return even(arms.len());
            }
            top_two(&of_betas(&beliefs.iter().map(|belief| belief.beta).collect::<Vec<_>>()))
        };
        evidence.all().iter().zip(&beliefs.leaves).map(top).collect()
    }
}

/// Half for the best; half for the best of the others, over who is the best.
pub(crate) fn top_two(best: &[f64]) -> Vec<f64> {
    let best: Vec<f64> = best.iter().map(|share| share.clamp(CHANCE, 1.0 - CHANCE)).collect();
    let others: f64 = best.iter().map(|share| share / (1.0 - share)).sum();
    let share = |share: &f64| 0.5 * share * (1.0 + others - share / (1.0 - share));
    let shares: Vec<f64> = best.iter().map(share).collect();
    let all: f64 = shares.iter().sum();
    shares.iter().map(|share| share / all).collect()
}

fn by_leaf(evidence: &Evidence, shares: impl Fn(&[Count]) -> Option<Vec<f64>>) -> Vec<Vec<f64>> {
    let leaf = |arms: &Vec<Count>| {
        let seen = arms.iter().any(|arm| arm.tally.visitors > 0);
        seen.then(|| shares(arms)).flatten().unwrap_or_else(|| even(arms.len()))
    };
    evidence.all().iter().map(leaf).collect()
}

fn even(arms: usize) -> Vec<f64> {
    vec![1.0 / arms.max(1) as f64; arms]
}

fn visitors(window: &[Vec<Count>]) -> u64 {
    window.iter().flatten().fold(0, |sum, arm| arm.tally.visitors.saturating_add(sum))
}

/// All for the arm that earned most a visitor; equals share, and an arm that
/// nobody saw is taken for the best.
fn leader(arms: &[Count], worth: Worth) -> Vec<f64> {
    let value = |arm: &Count| {
        let (hits, misses) = arm.tally.split();
        let earned = match worth {
            Worth::Conversion => hits,
            Worth::Revenue => arm.revenue as f64,
        };
        if hits + misses > 0.0 { earned / (hits + misses) } else { f64::INFINITY }
    };
    let best = arms.iter().map(value).fold(0.0, f64::max);
    let tied = arms.iter().filter(|arm| value(arm) >= best).count() as f64;
    arms.iter().map(|arm| if value(arm) >= best { 1.0 / tied } else { 0.0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_two_arms_the_sharpness_goes_through_its_points_and_stays_at_its_ends() {
        for (converters, sharp) in PAIR {
            assert!((between_two(converters) - sharp).abs() < 1e-12, "{converters}");
        }
        assert_eq!((between_two(0.0), between_two(1e9)), (PAIR[0].1, PAIR[3].1));
        let between = between_two(libm::sqrt(30.0 * 150.0));
        assert!((between - 3.1).abs() < 1e-9, "{between}");
    }
}
