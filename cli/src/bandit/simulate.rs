//! `vitrine bandit simulate`: campaigns that never were → what a policy would
//! have lost, beside the simplest ones on the same seeds.

use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use vitrine_engine::bandit::RESERVED;
use vitrine_learn::evidence::Worth;
use vitrine_learn::policy::{
    Earn, EpsilonGreedy, ExploreCommit, Policy, Pooled, Separate, Split, Thompson, TopTwo, Uniform,
};
use vitrine_learn::simulate::{Leaf, Run, Scale, World, simulate};

use crate::failure::{Failure, stdout};
use crate::progress::Bar;

/// Losses are noted at these visitor counts, and at the horizon.
const MARKS: [u64; 9] = [1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000];
/// Most visitors of a simulated campaign, and most campaigns: beyond, memory
/// would be short.
const HORIZON: u64 = 10_000_000;
/// Most batches of a campaign: all of them are kept.
const BATCHES: u64 = 10_000;
/// As many as a campaign may have, and a holdout.
const ARMS: usize = 33;
/// Leaves of a campaign.
const LEAVES: usize = 64;
/// The normal quantile of the upper end of a two-sided 95 % interval.
const Z95: f64 = 1.959_963_984_540_054;

/// Simulate campaigns and print what was lost, as one line of JSON.
///
/// Losses are expected conversions (or revenue) against showing everybody the
/// best arm, as [mean, standard error] by visitors. `ratio_upper95` is the upper
/// end of the 95 % interval of the ratio to the best of the baselines.
#[derive(Debug, Args)]
pub struct Simulate {
    /// The arms' conversion rates: shares such as 0.024, or per cents such as 2.4%
    #[arg(long, value_delimiter = ',', required = true, value_name = "P,P,…", value_parser = rate)]
    arms: Vec<f64>,
    /// Visitors a campaign
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1..=HORIZON))]
    horizon: u64,
    /// Visitors between two odds
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=HORIZON))]
    batch: u64,
    /// Campaigns
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    runs: u64,
    /// The same seed gives the same campaigns
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// What the campaign wants
    #[arg(long, value_enum, default_value = "earn")]
    aim: Aim,
    /// Another policy than the aim's
    #[arg(long, value_enum)]
    policy: Option<Name>,
    /// Weights of the arms under `split`
    #[arg(long, value_delimiter = ',', value_name = "N,N,…")]
    weights: Vec<u32>,
    /// After so many visitors the arms' rates are turned round
    #[arg(long, value_name = "N")]
    swap_at: Option<u64>,
    /// Leaves, all of them of the same size but for `--unequal`
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=LEAVES as u64))]
    leaves: u64,
    /// The first leaf is twice the size of the second, three times that of the third …
    #[arg(long)]
    unequal: bool,
    /// Whether all leaves are alike, every other one has the rates in another
    /// order, or each
    #[arg(long, value_enum, default_value = "homogeneous")]
    world: Kind,
    /// Mean baskets of the arms' converters, in minor units: the campaign then
    /// earns revenue, with log-normal baskets
    #[arg(long, value_delimiter = ',', value_name = "N,N,…")]
    baskets: Vec<f64>,
    /// The standard deviation of a basket's logarithm: at 1 one in a hundred is six
    /// times the mean
    #[arg(long, value_name = "S", default_value_t = 1.0, value_parser = tail)]
    tail: f64,
    /// Without the baselines, which take most of the time
    #[arg(long)]
    alone: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Aim {
    Earn,
    Learn,
    Split,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Name {
    Earn,
    /// `earn` that never looks for a change.
    EarnWithoutDrift,
    /// `earn` that does not tell leaves apart.
    EarnPooled,
    /// `earn` that learns of each leaf for itself.
    EarnSeparate,
    TopTwo,
    Uniform,
    ExploreCommit,
    EpsilonGreedy,
    Thompson,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    Homogeneous,
    Groups,
    Heterogeneous,
}

/// The loss of many runs at some marks.
struct Losses {
    by_run: Vec<Vec<f64>>,
    marks: Vec<u64>,
}

impl Simulate {
    /// Does it.
    pub fn run(self) -> Result<(), Failure> {
        self.check()?;
        let (world, scale) = (self.world(), self.scale());
        let mut bar = Bar::new(None);
        let others = if self.alone { 0 } else { self.rivals().len() as u64 };
        let mut step = |done: u64, name: &str| bar.done(done, 1 + others, name);
        step(0, "simulating");
        let runs = simulate(&world, &scale, &*self.policy(scale.horizon));
        let ours = Losses::of(&runs, &scale.marks);
        let mut line = Map::new();
        line.insert("regret".into(), ours.figures());
        if let Some(swap) = self.swap_at {
            line.insert("after_swap".into(), after(&runs, &scale.marks, swap));
        }
        let share = |is: &dyn Fn(&Run) -> bool| {
            figure(runs.iter().filter(|run| is(run)).count() as f64 / scale.runs as f64)
        };
        let best: f64 = runs.iter().map(|run| run.best).sum::<f64>() / scale.runs as f64;
        line.insert("best_arm".into(), figure(best));
        if scale.judged {
            line.insert("winner_declared".into(), share(&|run| run.winner.is_some()));
            line.insert("winner_right".into(), share(&|run| run.winner == Some(true)));
            line.insert("coverage".into(), share(&|run| run.covered));
        }
        if !self.alone {
            self.compare((&world, &scale), &ours, &mut line, &mut step);
        }
        drop(bar);
        stdout(|out| writeln!(out, "{}", Value::Object(line)))
    }

    fn check(&self) -> Result<(), Failure> {
        let bad = |sentence: String| Err(Failure::Input(sentence));
        if self.arms.len() < 2 || self.arms.len() > ARMS {
            return bad(format!("`--arms` has {} rates; a campaign has 2 to {ARMS}", self.arms.len()));
        }
        if self.horizon.div_ceil(self.batch) > BATCHES {
            return bad(format!(
                "`--batch` is too small for the horizon: at most {BATCHES} batches are simulated"
            ));
        }
        if !self.baskets.is_empty() && self.baskets.len() != self.arms.len() {
            return bad(format!("`--baskets` has {} means for {} arms", self.baskets.len(), self.arms.len()));
        }
        if self.baskets.iter().any(|basket| !(1.0..=1e9).contains(basket)) {
            return bad("a mean of `--baskets` lies between 1 and 10^9 minor units".into());
        }
        if !self.weights.is_empty()
            && (self.weights.len() != self.arms.len() || self.weights.iter().all(|w| *w == 0))
        {
            return bad("`--weights` needs a weight for every arm, and one above 0".into());
        }
        Ok(())
    }

    fn world(&self) -> World {
        let arms = self.arms.len();
        let size = |at: u64| if self.unequal { 1.0 / (at + 1) as f64 } else { 1.0 };
        let all: f64 = (0..self.leaves).map(size).sum();
        let leaf = |at: u64| {
            let mut rates = self.arms.clone();
            rates.rotate_left(match self.world {
                Kind::Homogeneous => 0,
                Kind::Groups => at as usize % 2 * (arms / 2),
                Kind::Heterogeneous => at as usize % arms,
            });
            Leaf { share: size(at) / all, rates }
        };
        World {
            leaves: (0..self.leaves).map(leaf).collect(),
            worth: if self.baskets.is_empty() { Worth::Conversion } else { Worth::Revenue },
            baskets: self.baskets.clone(),
            tail: self.tail,
            swap_at: self.swap_at,
        }
    }

    fn scale(&self) -> Scale {
        let mut marks: Vec<u64> = MARKS.into_iter().filter(|mark| *mark < self.horizon).collect();
        let swapped = MARKS.iter().filter_map(|mark| Some(mark + self.swap_at?));
        marks.extend(swapped.chain(self.swap_at).filter(|mark| *mark < self.horizon));
        marks.push(self.horizon);
        marks.sort_unstable();
        marks.dedup();
        Scale {
            horizon: self.horizon,
            batch: self.batch,
            runs: self.runs,
            seed: self.seed,
            marks,
            random: if self.aim == Aim::Learn && self.policy.is_none() { 1.0 / RESERVED as f64 } else { 0.0 },
            judged: self.swap_at.is_none(),
        }
    }

    fn policy(&self, horizon: u64) -> Box<dyn Policy> {
        let name = match (self.policy, self.aim) {
            (Some(name), _) => name,
            (None, Aim::Earn) => Name::Earn,
            (None, Aim::Learn) => Name::TopTwo,
            (None, Aim::Split) => {
                let even = vec![1; self.arms.len()];
                return Box::new(Split(if self.weights.is_empty() { even } else { self.weights.clone() }));
            }
        };
        match name {
            Name::Earn => Box::new(Earn::default()),
            Name::EarnWithoutDrift => Box::new(Earn { drift: false, ..Earn::default() }),
            Name::EarnPooled => Box::new(Pooled(Earn::default())),
            Name::EarnSeparate => Box::new(Separate(Earn::default())),
            Name::TopTwo => Box::new(TopTwo),
            Name::Uniform => Box::new(Uniform),
            Name::ExploreCommit => Box::new(ExploreCommit { horizon }),
            Name::EpsilonGreedy => Box::new(EpsilonGreedy),
            Name::Thompson => Box::new(Thompson),
        }
    }

    /// Whom the policy is compared with: with several leaves the question is
    /// whether they are told apart well.
    fn rivals(&self) -> &'static [&'static str] {
        if self.leaves > 1 {
            &["pooled", "separate"]
        } else {
            &["uniform", "explore_commit", "epsilon_greedy", "thompson"]
        }
    }

    /// The same campaigns under other policies, and how ours compares with the
    /// best of them at every mark.
    fn compare(
        &self,
        (world, scale): (&World, &Scale),
        ours: &Losses,
        line: &mut Map<String, Value>,
        step: &mut dyn FnMut(u64, &str),
    ) {
        let scale = Scale { judged: false, random: 0.0, ..scale.clone() };
        let mut baselines = Vec::new();
        for (name, done) in self.rivals().iter().zip(1..) {
            step(done, name);
            let losses = |policy: &dyn Policy| Losses::of(&simulate(world, &scale, policy), &scale.marks);
            let losses = match *name {
                "explore_commit" => committed(world, &scale),
                "epsilon_greedy" => losses(&EpsilonGreedy),
                "thompson" => losses(&Thompson),
                "pooled" => losses(&Pooled(Earn::default())),
                "separate" => losses(&Separate(Earn::default())),
                _ => losses(&Uniform),
            };
            baselines.push((*name, losses));
        }
        let figures = baselines.iter().map(|(name, losses)| ((*name).to_string(), losses.figures()));
        line.insert("baselines".into(), Value::Object(figures.collect()));
        let mut ratios = Map::new();
        for (at, mark) in scale.marks.iter().enumerate() {
            let best = baselines
                .iter()
                .map(|(_, losses)| losses.at(at))
                .min_by(|a, b| mean(a).total_cmp(&mean(b)))
                .unwrap_or_default();
            ratios.insert(mark.to_string(), json!(upper_ratio(&ours.at(at), &best).map(figure)));
        }
        line.insert("ratio_upper95".into(), Value::Object(ratios));
    }
}

/// Explore, then commit, once for every mark: the policy knows its horizon.
fn committed(world: &World, scale: &Scale) -> Losses {
    let mut by_run = vec![Vec::new(); scale.runs as usize];
    for mark in &scale.marks {
        let scale = Scale { horizon: *mark, marks: vec![*mark], ..scale.clone() };
        let runs = simulate(world, &scale, &ExploreCommit { horizon: *mark });
        for (losses, run) in by_run.iter_mut().zip(&runs) {
            losses.extend(run.lost.first());
        }
    }
    Losses { by_run, marks: scale.marks.clone() }
}

/// What was lost from the reversal on.
fn after(runs: &[Run], marks: &[u64], swap: u64) -> Value {
    let mut figures = Map::new();
    for (at, mark) in marks.iter().enumerate().filter(|(_, mark)| **mark > swap) {
        let lost = |run: &Run| run.lost.get(at).map_or(0.0, |lost| lost - run.lost_before_swap);
        let losses: Vec<f64> = runs.iter().map(lost).collect();
        figures.insert((mark - swap).to_string(), json!([figure(mean(&losses)), figure(error(&losses))]));
    }
    Value::Object(figures)
}

impl Losses {
    fn of(runs: &[Run], marks: &[u64]) -> Losses {
        Losses { by_run: runs.iter().map(|run| run.lost.clone()).collect(), marks: marks.to_vec() }
    }

    fn at(&self, mark: usize) -> Vec<f64> {
        self.by_run.iter().filter_map(|losses| losses.get(mark).copied()).collect()
    }

    fn figures(&self) -> Value {
        let pair = |(at, mark): (usize, &u64)| {
            let losses = self.at(at);
            (mark.to_string(), json!([figure(mean(&losses)), figure(error(&losses))]))
        };
        Value::Object(self.marks.iter().enumerate().map(pair).collect())
    }
}

/// A figure as it is printed: six digits, which is finer than any of them is known.
fn figure(value: f64) -> Value {
    // Of what was written a moment ago every number can be read.
    format!("{value:.5e}").parse::<f64>().map_or(Value::Null, |rounded| json!(rounded))
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The standard error of the mean.
fn error(values: &[f64]) -> f64 {
    let (mean, n) = (mean(values), values.len() as f64);
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    (squares / (n - 1.0).max(1.0) / n.max(1.0)).sqrt()
}

/// The upper end of the 95 % interval of a ratio of means over paired runs, by
/// the delta method; `None` where nothing is lost either way.
fn upper_ratio(ours: &[f64], theirs: &[f64]) -> Option<f64> {
    let below = mean(theirs);
    let ratio = mean(ours) / below;
    let off: Vec<f64> = ours.iter().zip(theirs).map(|(ours, theirs)| ours - ratio * theirs).collect();
    (below > 0.0).then(|| ratio + Z95 * error(&off) / below)
}

/// A rate as a share or in per cents.
fn rate(text: &str) -> Result<f64, String> {
    let (digits, unit) = text.strip_suffix('%').map_or((text, 1.0), |digits| (digits, 0.01));
    match digits.trim().parse::<f64>().map(|rate| rate * unit) {
        Ok(rate) if (0.0..=1.0).contains(&rate) => Ok(rate),
        _ => Err("a rate is a share from 0 to 1, such as 0.024, or per cents, such as 2.4%".into()),
    }
}

/// The standard deviation of a logarithm: from 0, all baskets alike, to 2.
fn tail(text: &str) -> Result<f64, String> {
    let tail = text.parse::<f64>().ok().filter(|tail| (0.0..=2.0).contains(tail));
    tail.ok_or_else(|| "a basket's logarithm has a standard deviation from 0 to 2".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_six_digits_and_none_of_the_noise_of_sums() {
        for (value, wanted) in [
            (6.804590000000003, "6.80459"),
            (0.1 + 0.2, "0.3"),
            (1_234_567.891, "1234570.0"),
            (0.000_012_345_678, "0.0000123457"),
            (0.0, "0.0"),
            (f64::NAN, "null"),
        ] {
            assert_eq!(figure(value).to_string(), wanted);
        }
    }
}
