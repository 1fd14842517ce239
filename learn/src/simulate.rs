//! Campaigns that never were: what a policy would lose, find and claim. Never
//! draws a visitor: a batch is a multinomial and a binomial draw an arm, so a
//! hundred thousand visitors are a hundred steps.

use std::thread;

use vitrine_engine::bandit::WHOLE;
use vitrine_engine::rng::Rng;

use crate::binomial::{binomial, multinomial};
use crate::evidence::{Count, Evidence, History, Window, Worth};
use crate::interval::{ALPHA, covers};
use crate::odds::apportion;
use crate::policy::Policy;
use crate::race::Race;
use crate::tally::Tally;

/// Threads; the results do not depend on how many there are.
const THREADS: u64 = 2;

/// What a simulated campaign's visitors are like.
#[derive(Debug, Clone, PartialEq)]
pub struct World {
    /// The leaves.
    pub leaves: Vec<Leaf>,
    /// What the campaign earns.
    pub worth: Worth,
    /// Mean basket of each arm's converters, in minor units; 1 for those
    /// missing. Only for revenue.
    pub baskets: Vec<f64>,
    /// The standard deviation of a basket's logarithm; at 1 a basket in a hundred
    /// is six times the mean. Only for revenue.
    pub tail: f64,
    /// After so many visitors the arms' rates are turned round.
    pub swap_at: Option<u64>,
}

/// The visitors of one leaf.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaf {
    /// Their share among all; the leaves' shares sum to 1.
    pub share: f64,
    /// The arms' rates.
    pub rates: Vec<f64>,
}

/// How much is simulated.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    /// Visitors a campaign.
    pub horizon: u64,
    /// Visitors between two odds.
    pub batch: u64,
    /// Campaigns.
    pub runs: u64,
    /// The same seed gives the same campaigns, whatever the policy.
    pub seed: u64,
    /// The visitor counts at which the loss is noted, rising.
    pub marks: Vec<u64>,
    /// The share of visitors who are drawn evenly whatever the odds.
    pub random: f64,
    /// Whether winners and intervals are judged at every look, too.
    pub judged: bool,
}

/// What became of one campaign.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Run {
    /// What was lost against the best arm from the start to each mark, in
    /// conversions or minor units: expected, by who got which arm.
    pub lost: Vec<f64>,
    /// What had been lost when the rates were turned round.
    pub lost_before_swap: f64,
    /// The share of visitors who got their leaf's best arm.
    pub best: f64,
    /// The first winner that was named, and whether it was the best.
    pub winner: Option<bool>,
    /// Whether every interval held its truth at every look.
    pub covered: bool,
}

/// Simulates campaigns under a policy, in the order of their seeds.
#[must_use]
pub fn simulate(world: &World, scale: &Scale, policy: &dyn Policy) -> Vec<Run> {
    let part = scale.runs.div_ceil(THREADS);
    thread::scope(|scope| {
        let started: Vec<_> = (0..THREADS)
            .map(|at| {
                let runs = at * part..scale.runs.min((at + 1) * part);
                scope.spawn(move || {
                    runs.map(|run| Campaign::new(world, scale, run).run(policy)).collect::<Vec<_>>()
                })
            })
            .collect();
        started.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
    })
}

struct Campaign<'s> {
    world: &'s World,
    scale: &'s Scale,
    seed: u64,
    seen: u64,
    lost: f64,
    best: f64,
    totals: Window,
    race: Race,
    outcome: Run,
}

impl Campaign<'_> {
    fn new<'s>(world: &'s World, scale: &'s Scale, run: u64) -> Campaign<'s> {
        let none = |leaf: &Leaf| vec![Count::default(); leaf.rates.len()];
        Campaign {
            world,
            scale,
            seed: Rng::new(scale.seed, run).next_u64(),
            seen: 0,
            lost: 0.0,
            best: 0.0,
            totals: world.leaves.iter().map(none).collect(),
            race: Race::new(world.leaves.first().map_or(0, |leaf| leaf.rates.len())),
            outcome: Run { covered: true, ..Run::default() },
        }
    }

    fn run(mut self, policy: &dyn Policy) -> Run {
        let mut history = History::default();
        history.push(&self.totals);
        while self.seen < self.scale.horizon {
            let evidence = Evidence { worth: self.world.worth, spread: None, windows: history.windows() };
            let batch = self.batch(&policy.shares(&evidence));
            history.push(&batch);
            if self.scale.judged {
                self.judge();
            }
        }
        self.outcome.best = self.best / self.scale.horizon.max(1) as f64;
        self.outcome
    }

    /// One batch by these shares; notes what was lost.
    fn batch(&mut self, shares: &[Vec<f64>]) -> Window {
        let mut size = self.scale.batch.min(self.scale.horizon - self.seen);
        if let Some(swap) = self.world.swap_at.filter(|swap| (self.seen..self.seen + size).contains(swap)) {
            if swap == self.seen {
                self.outcome.lost_before_swap = self.lost;
            } else {
                size = swap - self.seen;
            }
        }
        let of_leaf: Vec<f64> = self.world.leaves.iter().map(|leaf| leaf.share).collect();
        let mut sizes = vec![0; of_leaf.len()];
        multinomial(&mut self.rng(0), size, &of_leaf, &mut sizes);
        let mut batch = Window::new();
        for (at, size) in sizes.iter().enumerate() {
            let arms = shares.get(at).map_or(&[][..], Vec::as_slice);
            batch.push(self.leaf(at, *size, arms));
        }
        self.seen += size;
        while self.scale.marks.get(self.outcome.lost.len()).is_some_and(|mark| *mark <= self.seen) {
            self.outcome.lost.push(self.lost);
        }
        batch
    }

    fn leaf(&mut self, at: usize, size: u64, shares: &[f64]) -> Vec<Count> {
        let Some(leaf) = self.world.leaves.get(at) else { return Vec::new() };
        let arms = leaf.rates.len();
        let odds = apportion(shares);
        let drawn: Vec<f64> = odds.iter().map(|odds| f64::from(*odds) / f64::from(WHOLE)).collect();
        let place = 1 + (at as u64) * (2 + 3 * arms as u64);
        let reserved = binomial(&mut self.rng(place), size, self.scale.random);
        let mut sum = vec![Count::default(); arms];
        let streams =
            [(reserved, vec![1.0 / arms as f64; arms], None), (size - reserved, drawn, Some(&odds))];
        for (stream, (size, shares, odds)) in streams.into_iter().enumerate() {
            if size == 0 {
                continue;
            }
            let mut sizes = vec![0; arms];
            multinomial(&mut self.rng(place + 1 + stream as u64), size, &shares, &mut sizes);
            let counts = self.outcomes((at, place + 3 + (stream * arms) as u64), &sizes);
            if self.scale.judged {
                let even = vec![1; arms];
                let tallies: Vec<Tally> = counts.iter().map(|count| count.tally).collect();
                self.race.add(&tallies, Some(odds.unwrap_or(&even)));
            }
            sum.iter_mut().zip(&counts).for_each(|(sum, count)| sum.add(count));
        }
        if let Some(total) = self.totals.get_mut(at) {
            total.iter_mut().zip(&sum).for_each(|(total, count)| total.add(count));
        }
        sum
    }

    /// What comes of visitors of a leaf by arm.
    fn outcomes(&mut self, (leaf, place): (usize, u64), sizes: &[u64]) -> Vec<Count> {
        let rates = self.rates(leaf);
        let values: Vec<f64> = rates.iter().enumerate().map(|(at, rate)| rate * self.basket(at)).collect();
        let best = values.iter().copied().fold(0.0, f64::max);
        let mut counts = Vec::with_capacity(sizes.len());
        for (at, ((size, rate), value)) in sizes.iter().zip(&rates).zip(&values).enumerate() {
            let mut rng = self.rng(place + at as u64);
            let converters = binomial(&mut rng, *size, *rate);
            let mut count = Count::default();
            count.tally = Tally { visitors: *size, converters };
            if self.world.worth == Worth::Revenue {
                for _ in 0..converters {
                    let off = self.world.tail * (rng.normal() - 0.5 * self.world.tail);
                    let basket = (self.basket(at) * libm::exp(off)) as u128;
                    count.revenue += basket;
                    count.revenue2 += basket * basket;
                }
            }
            let short = best - value;
            self.lost += *size as f64 * short;
            if short <= 0.0 {
                self.best += *size as f64;
            }
            counts.push(count);
        }
        counts
    }

    fn basket(&self, arm: usize) -> f64 {
        match self.world.worth {
            Worth::Conversion => 1.0,
            Worth::Revenue => self.world.baskets.get(arm).copied().unwrap_or(1.0),
        }
    }

    fn rates(&self, leaf: usize) -> Vec<f64> {
        let mut rates = self.world.leaves.get(leaf).map_or_else(Vec::new, |leaf| leaf.rates.clone());
        if self.world.swap_at.is_some_and(|swap| self.seen >= swap) {
            rates.reverse();
        }
        rates
    }

    /// Draws of their own for every batch and place in it.
    fn rng(&self, place: u64) -> Rng {
        Rng::new(self.seed, (self.seen << 16) | place)
    }

    fn judge(&mut self) {
        if self.outcome.winner.is_none() {
            self.outcome.winner = self.race.winner(ALPHA).map(|winner| {
                self.world.leaves.iter().all(|leaf| {
                    let best = leaf.rates.iter().copied().fold(0.0, f64::max);
                    leaf.rates.get(winner).is_some_and(|rate| *rate >= best)
                })
            });
        }
        for (leaf, totals) in self.world.leaves.iter().zip(&self.totals) {
            let part = ALPHA / (leaf.rates.len() * self.world.leaves.len()).max(1) as f64;
            for (rate, total) in leaf.rates.iter().zip(totals) {
                self.outcome.covered &= covers(total.tally, *rate, part);
            }
        }
    }
}
