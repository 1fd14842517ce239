//! What `earn` loses in worlds that change, whose leaves disagree, or whose
//! baskets differ, and in worlds that nobody chose. Never checks one run: only
//! means of many, on seeds of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use vitrine_engine::rng::Rng;
use vitrine_learn::evidence::{Evidence, Worth};
use vitrine_learn::policy::{
    Earn, EpsilonGreedy, ExploreCommit, Policy, Pooled, Separate, Thompson, Uniform,
};
use vitrine_learn::simulate::{Leaf, Run, Scale, World, simulate};

/// 2.0 to 3.0 %, as multiples of the lowest.
const FIVE: [f64; 5] = [1.0, 1.0, 1.1, 1.2, 1.5];

fn world(leaves: Vec<Vec<f64>>) -> World {
    let share = 1.0 / leaves.len() as f64;
    let leaves = leaves.into_iter().map(|rates| Leaf { share, rates }).collect();
    World { leaves, worth: Worth::Conversion, baskets: Vec::new(), tail: 1.0, swap_at: None }
}

fn runs(world: &World, (runs, marks): (u64, &[u64]), policy: &dyn Policy) -> Vec<Run> {
    let scale = Scale {
        horizon: *marks.last().unwrap(),
        batch: 1_000,
        runs,
        seed: 11,
        marks: marks.to_vec(),
        random: 0.0,
        judged: false,
    };
    simulate(world, &scale, policy)
}

/// Losses at the marks, in the mean.
fn lost(world: &World, size: (u64, &[u64]), policy: &dyn Policy) -> Vec<f64> {
    let runs = runs(world, size, policy);
    let mean = |at: usize| runs.iter().map(|run| run.lost[at]).sum::<f64>() / runs.len() as f64;
    (0..size.1.len()).map(mean).collect()
}

#[test]
fn after_a_reversal_it_turns_round_and_before_one_it_costs_nothing_to_look_out_for_it() {
    let rates = FIVE.map(|rate| 0.02 * rate).to_vec();
    let world = World { swap_at: Some(100_000), ..world(vec![rates]) };
    let mean = |earn: Earn| {
        let runs = runs(&world, (60, &[200_000]), &earn);
        let before = runs.iter().map(|run| run.lost_before_swap).sum::<f64>() / runs.len() as f64;
        (before, runs.iter().map(|run| run.lost[0]).sum::<f64>() / runs.len() as f64 - before)
    };
    let (before, after) = mean(Earn::default());
    let (blind_before, blind_after) = mean(Earn { drift: false, ..Earn::default() });
    println!("before {before:.1} ({blind_before:.1} blind), after {after:.1} ({blind_after:.1} blind)");
    assert!(after <= 273.0, "{after}");
    assert!(before <= 1.1 * blind_before, "{before} {blind_before}");
    assert!(after < 0.5 * blind_after, "without the difference there is nothing to test: {blind_after}");
}

#[test]
fn leaves_are_learnt_of_together_where_they_agree_and_apart_where_they_do_not() {
    let leaf = |turn: usize| {
        let mut rates = FIVE.map(|rate| 0.1 * rate).to_vec();
        rates.rotate_left(turn % 5);
        rates
    };
    let size = (40, &[10_000, 30_000][..]);
    let alike = world((0..20).map(|_| leaf(0)).collect());
    let turned = world((0..20).map(leaf).collect());
    let [one, each] = [&alike, &turned].map(|world| lost(world, size, &Earn::default()));
    let pooled = [&alike, &turned].map(|world| lost(world, size, &Pooled(Earn::default())));
    let separate = [&alike, &turned].map(|world| lost(world, size, &Separate(Earn::default())));
    println!("alike {one:.1?} of {:.1?}, each another order {each:.1?} of {:.1?}", pooled[0], separate[1]);
    for at in 0..2 {
        assert!(one[at] <= 1.12 * pooled[0][at], "{one:?} {pooled:?}");
        assert!(each[at] <= 1.12 * separate[1][at], "{each:?} {separate:?}");
    }
    // Either alone would be far off in the other world.
    assert!(separate[0][1] > 4.0 * pooled[0][1] && pooled[1][1] > 1.7 * separate[1][1]);
}

#[test]
fn what_buyers_spend_decides_where_revenue_is_wanted() {
    // The arm that sells most often sells the least; its baskets are log-normal.
    let mut world = world(vec![vec![0.03, 0.036, 0.03]]);
    world.worth = Worth::Revenue;
    world.baskets = vec![30_000.0, 25_000.0, 45_000.0];
    let size = (60, &[10_000, 100_000][..]);
    let [ours, even, blind] = [&Earn::default() as &dyn Policy, &Uniform, &Blind(Thompson)]
        .map(|policy| lost(&world, size, policy));
    println!("earn {ours:.0?}, uniform {even:.0?}, by conversions alone {blind:.0?}");
    assert!(ours[0] < 0.7 * even[0] && ours[1] < 0.25 * even[1], "{ours:?} {even:?}");
    assert!(ours[1] < 0.2 * blind[1], "{ours:?} {blind:?}");
}

/// A policy that does not know what buyers spend.
struct Blind<P>(P);

impl<P: Policy> Policy for Blind<P> {
    fn shares(&self, evidence: &Evidence) -> Vec<Vec<f64>> {
        self.0.shares(&Evidence { worth: Worth::Conversion, ..evidence.clone() })
    }
}

/// 2 to 8 arms, base rates of 0.5 to 10 %, spreads of 5 to 40 %, baskets with σ of
/// 0.5 to 1.5; in every other world the arms' mean baskets spread by 5 to 40 %, too.
fn random_shop(rng: &mut Rng, dear: bool) -> World {
    let arms = 2 + rng.below(7);
    let base = 0.005 * libm::exp(rng.unit() * 3.0);
    let [rates, baskets] = [0.05, 0.05].map(|spread| spread * libm::exp(rng.unit() * 2.08));
    let rate = |rng: &mut Rng| (base * (1.0 + rates * rng.normal())).clamp(base * 0.2, 0.6);
    let rates = (0..arms).map(|_| rate(rng)).collect();
    let basket = |rng: &mut Rng| 30_000.0 * (1.0 + baskets * rng.normal()).clamp(0.3, 3.0);
    let baskets = (0..arms).map(|_| if dear { basket(rng) } else { 30_000.0 }).collect();
    World { worth: Worth::Revenue, baskets, tail: 0.5 + rng.unit(), ..world(vec![rates]) }
}

#[test]
fn in_24_shops_that_nobody_chose_it_loses_less_revenue_than_the_best_of_the_others() {
    let mut rng = Rng::new(2, 24);
    let runs = std::env::var("VITRINE_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(8);
    let (mut logs, mut worst) = ([[0.0; 2]; 2], [0.0f64; 2]);
    for number in 0..24 {
        let world = random_shop(&mut rng, number % 2 == 1);
        let size = (runs, &[10_000, 100_000][..]);
        let ours = lost(&world, size, &Earn::default());
        let mut best = lost(&world, size, &Uniform);
        let committed = [10_000, 100_000].map(|horizon| {
            let size = (runs, &[horizon][..]);
            lost(&world, size, &ExploreCommit { horizon })[0]
        });
        let [greedy, thompson] =
            [&EpsilonGreedy as &dyn Policy, &Thompson].map(|policy| lost(&world, size, policy));
        for (at, best) in best.iter_mut().enumerate() {
            *best = best.min(committed[at]).min(greedy[at]).min(thompson[at]);
            logs[number % 2][at] += libm::log(ours[at] / *best) / 12.0;
            worst[at] = worst[at].max(ours[at] / *best);
        }
    }
    let [alike, dear] = logs.map(|logs| logs.map(libm::exp));
    println!("of the best one's loss: baskets alike {alike:.3?}, apart {dear:.3?}, worst {worst:.2?}");
    assert!(alike[0] < 1.05 && alike[1] < 0.95 && dear[0] < 1.15 && dear[1] < 1.1, "{alike:?} {dear:?}");
}

/// 2 to 20 arms, base rates of 0.3 to 16 %, spreads of 5 to 40 %.
fn random_world(rng: &mut Rng) -> World {
    let arms = 2 + rng.below(19);
    let (base, spread) = (0.003 * libm::exp(rng.unit() * 4.0), 0.05 * libm::exp(rng.unit() * 2.08));
    let arm = |rng: &mut Rng| (base * (1.0 + spread * rng.normal())).clamp(base * 0.2, 0.6);
    world(vec![(0..arms).map(|_| arm(rng)).collect()])
}

#[test]
fn in_forty_worlds_that_nobody_chose_it_loses_less_than_thompson() {
    let mut rng = Rng::new(2, 40);
    let mut logs = [0.0, 0.0];
    for _ in 0..40 {
        let world = random_world(&mut rng);
        let size = (8, &[10_000, 100_000][..]);
        let (ours, theirs) = (lost(&world, size, &Earn::default()), lost(&world, size, &Thompson));
        for (sum, (ours, theirs)) in logs.iter_mut().zip(ours.iter().zip(&theirs)) {
            *sum += libm::log(ours / theirs) / 40.0;
        }
    }
    let ratios = logs.map(libm::exp);
    println!("of Thompson's loss, in the geometric mean: {ratios:.3?}");
    assert!(ratios[0] < 0.87 && ratios[1] < 0.77, "{ratios:?}");
}
