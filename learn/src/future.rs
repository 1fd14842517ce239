//! Futures of a campaign, drawn from what is known of its messages. Never asks
//! a campaign's days: only how far its test has come, and what a day brings.
//!
//! A future draws how far apart messages are, then what each is really worth,
//! and goes on day by day as the collector does: conversions by chance, visitors
//! as the policy will give them, and the very test that names winners. Its duels
//! begin where the real ones stand, since under odds that moved the sums of all
//! days would be taken for more than they prove.

use libm::{erfc, exp, floor, log, sqrt};
use vitrine_engine::rng::Rng;

use crate::duel::mixture_of_ratios;
use crate::interval::end;
use crate::mean::reach;
use crate::policy::{EVEN, top_two};
use crate::spread::SPREADS;

/// Days after which nobody waits any more: campaigns, shops and seasons change.
pub const HORIZON: f64 = 365.0;
/// What is thought of how far messages are apart before any counts, in
/// logarithms: the middle, as in `spread.rs`, and how far off it may be. Two thirds of all campaigns then lie
/// between a tenth and two fifths.
const LIKELY: (f64, f64) = (0.2, 0.6);
/// Looks of a future: every day at first, then at moments so many times as far
/// away as the one before, between which the winner may come on any day.
const LATER: f64 = 1.12;
/// The shares that a policy gives are drawn anew after a day and this part of
/// what has passed: they move ever more slowly.
const ANEW: f64 = 0.2;
/// The steps of the table of [`Bar`], in logarithms of what is known, and how
/// many: up to 10^9 converters.
const BAR_STEP: f64 = 0.25;
const BAR_STEPS: usize = 84;

/// What is known of one message: for every purpose the logarithm of what it
/// brings is as good as normal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lane {
    /// The logarithm of its rate, or of its revenue per visitor.
    pub level: f64,
    /// How much is known of it, as 1 / variance: its converters, or as many
    /// baskets of equal size as would say as much.
    pub known: f64,
    /// How much more a day brings, if it is worth its level.
    pub daily: f64,
}

/// How far one message is ahead of another.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Lead {
    /// The logarithm of the ratio of what they bring, times `information`.
    pub score: f64,
    /// How much is known of that logarithm, as 1 / variance.
    pub information: f64,
}

/// By which test the winner will be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Test {
    /// The one of [`crate::duel`].
    Conversions,
    /// The one of [`crate::mean`].
    Revenue,
}

/// Where a campaign stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Its messages.
    pub lanes: Vec<Lane>,
    /// The earlier message against the later, of every two: (0, 1), (0, 2), …
    pub leads: Vec<Lead>,
    /// The test, each duel of which may be wrong in a share `alpha` of all
    /// campaigns.
    pub test: Test,
    /// See `test`.
    pub alpha: f64,
    /// Whether the two that lead will get most visitors.
    pub is_top_two: bool,
}

/// What is believed of the messages' worth, for one spread of them.
#[derive(Clone, Copy)]
struct Belief {
    /// The sum of the probabilities up to this spread.
    up_to: f64,
    spread: f64,
    middle: f64,
    /// How much is known of the middle.
    known: f64,
}

/// A message in a future.
struct Runner {
    truth: f64,
    score: f64,
    lane: Lane,
    /// How much more a day brings, worth what it is.
    daily: f64,
    /// What the latest step showed of its level, and how much that says.
    shown: f64,
    more: f64,
}

/// The days until each of so many futures has a winner, in order; infinite
/// without one within [`HORIZON`].
#[must_use]
pub fn futures(standing: &Standing, count: usize, rng: &mut Rng) -> Vec<f64> {
    let beliefs = beliefs(&standing.lanes);
    let bar = Bar::new(standing.test, standing.alpha);
    let mut ends: Vec<f64> = (0..count)
        .map(|at| {
            let part = (at as f64 + 0.5) / count as f64;
            let belief = beliefs.iter().find(|belief| part <= belief.up_to).or(beliefs.last());
            belief.map_or(f64::INFINITY, |belief| Future::new(standing, belief, rng).end(&bar, rng))
        })
        .collect();
    ends.sort_by(f64::total_cmp);
    ends
}

/// How probable each spread is, by how far apart the levels are found.
fn beliefs(lanes: &[Lane]) -> Vec<Belief> {
    let mut beliefs = Vec::with_capacity(SPREADS.len());
    for spread in SPREADS {
        let variance = |lane: &Lane| spread * spread + 1.0 / lane.known;
        let (mut sum, mut known) = (0.0, 0.0);
        for lane in lanes {
            sum += lane.level / variance(lane);
            known += 1.0 / variance(lane);
        }
        let middle = sum / known;
        let off = log(spread / LIKELY.0) / LIKELY.1;
        let mut likelihood = -0.5 * (off * off + log(known));
        for lane in lanes {
            let off = lane.level - middle;
            likelihood -= 0.5 * (off * off / variance(lane) + log(variance(lane)));
        }
        beliefs.push(Belief { up_to: likelihood, spread, middle, known });
    }
    let most = beliefs.iter().map(|belief| belief.up_to).fold(f64::NEG_INFINITY, f64::max);
    let mut all = 0.0;
    for belief in &mut beliefs {
        all += exp(belief.up_to - most);
        belief.up_to = all;
    }
    beliefs.iter_mut().for_each(|belief| belief.up_to /= all);
    beliefs
}

struct Future {
    runners: Vec<Runner>,
    leads: Vec<Lead>,
    /// The precision of what one message is worth around their middle.
    prior: f64,
    is_top_two: bool,
    /// When the policy's shares are drawn anew.
    moves: f64,
}

impl Future {
    fn new(standing: &Standing, belief: &Belief, rng: &mut Rng) -> Future {
        let prior = 1.0 / (belief.spread * belief.spread);
        let middle = belief.middle + rng.normal() / sqrt(belief.known);
        let runner = |lane: &Lane| {
            let known = lane.known + prior;
            let truth = (lane.level * lane.known + middle * prior) / known + rng.normal() / sqrt(known);
            let daily = lane.daily * exp(truth - lane.level);
            Runner { truth, score: lane.level * lane.known, lane: *lane, daily, shown: 0.0, more: 0.0 }
        };
        Future {
            runners: standing.lanes.iter().map(runner).collect(),
            leads: standing.leads.clone(),
            prior,
            is_top_two: standing.is_top_two && standing.lanes.len() > 2,
            moves: 0.0,
        }
    }

    /// The day on which there is a winner.
    fn end(&mut self, bar: &Bar, rng: &mut Rng) -> f64 {
        let whole: f64 = self.runners.iter().map(|runner| runner.visitors()).sum();
        let (mut now, mut day) = (0.0, 1.0);
        while day <= HORIZON {
            if self.is_top_two && now >= self.moves {
                self.moves = now + 1.0 + ANEW * now;
                self.allot(whole);
            }
            self.step(day - now, rng);
            if self.has_winner(bar) {
                // On any of the days since the look before.
                return libm::ceil(now + (day - now) * (1.0 - rng.unit()));
            }
            now = day;
            day = f64::max(day + 1.0, floor(day * LATER));
        }
        f64::INFINITY
    }

    fn step(&mut self, days: f64, rng: &mut Rng) {
        for runner in &mut self.runners {
            let more = runner.daily * days;
            runner.more = more;
            if more > 0.0 {
                runner.shown = runner.truth + rng.normal() / sqrt(more);
                runner.score += runner.shown * more;
                runner.lane.known += more;
            }
        }
        let mut leads = self.leads.iter_mut();
        for (at, ours) in self.runners.iter().enumerate() {
            for (theirs, lead) in self.runners.iter().skip(at + 1).zip(leads.by_ref()) {
                let information = ours.more * theirs.more / (ours.more + theirs.more);
                if information > 0.0 {
                    lead.score += information * (ours.shown - theirs.shown);
                    lead.information += information;
                }
            }
        }
    }

    fn has_winner(&self, bar: &Bar) -> bool {
        let mut beaten = vec![0; self.runners.len()];
        let mut leads = self.leads.iter();
        for (at, ours) in self.runners.iter().enumerate() {
            for (other, theirs) in self.runners.iter().enumerate().skip(at + 1) {
                let Some(lead) = leads.next() else { continue };
                if lead.score * lead.score < bar.least * lead.information || lead.information <= 0.0 {
                    continue;
                }
                let height = bar.height(lead.information, ours.lane.known.min(theirs.lane.known));
                let winner = if lead.score > 0.0 { at } else { other };
                if lead.score.abs() / sqrt(lead.information) >= height {
                    beaten.get_mut(winner).into_iter().for_each(|count| *count += 1);
                }
            }
        }
        beaten.iter().any(|count| *count + 1 == self.runners.len())
    }

    /// Gives the next visitors to the two that lead, by the chance of each of
    /// being ahead of the first: near enough to [`crate::policy::TopTwo`].
    fn allot(&mut self, whole: f64) {
        let known = |runner: &Runner| runner.lane.known + self.prior;
        let (mut sum, mut weights) = (0.0, 0.0);
        for runner in &self.runners {
            let weight = 1.0 / (1.0 / self.prior + 1.0 / runner.lane.known);
            sum += weight * runner.score / runner.lane.known;
            weights += weight;
        }
        let all: f64 = self.runners.iter().map(|runner| runner.lane.known).sum();
        if all < EVEN * self.runners.len() as f64 {
            return;
        }
        let believed = |runner: &Runner| (runner.score + sum / weights * self.prior) / known(runner);
        let mut first = (f64::NEG_INFINITY, 1.0);
        for runner in &self.runners {
            if believed(runner) > first.0 {
                first = (believed(runner), known(runner));
            }
        }
        let mut rest = 1.0;
        let mut best: Vec<f64> = Vec::with_capacity(self.runners.len());
        for runner in &self.runners {
            let short = first.0 - believed(runner);
            let ahead = 0.5 * erfc(short / sqrt(2.0 * (1.0 / first.1 + 1.0 / known(runner))));
            best.push(if short > 0.0 { ahead } else { 0.0 });
            rest *= if short > 0.0 { 1.0 - ahead } else { 1.0 };
        }
        let behind: f64 = best.iter().sum();
        for chance in &mut best {
            *chance = if *chance > 0.0 { *chance } else { rest } / (behind + rest);
        }
        for (runner, share) in self.runners.iter_mut().zip(top_two(&best)) {
            runner.daily = whole * share * exp(runner.truth);
        }
    }
}

impl Runner {
    /// Its visitors a day, in any unit that all of a campaign share.
    fn visitors(&self) -> f64 {
        self.lane.daily / exp(self.lane.level)
    }
}

/// How many standard errors one message has to lead another by.
struct Bar {
    test: Test,
    alpha: f64,
    /// The square of a height that none falls below: no mixture is above the
    /// likeliest ratio's evidence.
    least: f64,
    /// By the logarithm of the information of a duel.
    heights: Vec<f64>,
}

impl Bar {
    fn new(test: Test, alpha: f64) -> Bar {
        let enough = log(1.0 / alpha);
        let height = |at: usize| {
            let known = exp(at as f64 * BAR_STEP);
            let is_short = |errors: f64| {
                let score = errors * sqrt(known);
                mixture_of_ratios(|step| score * step - 0.5 * known * step * step) < enough
            };
            // A score of a hundred standard errors suffices everywhere.
            end(0.0, 100.0 + enough, is_short)
        };
        let heights = match test {
            Test::Conversions => (0..BAR_STEPS).map(height).collect(),
            Test::Revenue => Vec::new(),
        };
        Bar { test, alpha, least: 2.0 * enough, heights }
    }

    fn height(&self, information: f64, least: f64) -> f64 {
        if self.test == Test::Revenue {
            return reach(least, self.alpha);
        }
        let at = f64::max(0.0, log(information) / BAR_STEP);
        let (floor, part) = (floor(at), at - floor(at));
        let height =
            |at: usize| self.heights.get(at).or(self.heights.last()).copied().unwrap_or(f64::INFINITY);
        height(floor as usize) * (1.0 - part) + height(floor as usize + 1) * part
    }
}
