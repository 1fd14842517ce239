//! How likely each arm is the best, by integration. Never draws: the same
//! counts give the same shares, and no noise of the drawing moves the odds.
//!
//! P(arm is best) = ∫ f(x) · Π F_other(x) dx. The densities are followed on
//! one grid for all arms, whose steps are a part of the narrowest spread
//! nearby, and the distribution functions are their running sums; so neither
//! an incomplete beta function nor its inverse is needed.

use libm::{exp, log, log1p, sqrt};

/// Steps of the grid, as a part of the spread of an arm whose density is there.
const FINE: f64 = 0.35;
/// Steps far from an arm, as a part of the distance to it.
const COARSE: f64 = 0.12;
/// How many spreads from its middle an arm's density is followed; beyond is
/// less than a millionth.
const REACH: f64 = 5.0;
/// Most points of a grid; 33 arms of very different spreads need some 900.
const POINTS: usize = 4096;

/// What is believed of an arm's rate: Beta(hits, misses).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Beta {
    /// The first shape, at least 1.
    pub hits: f64,
    /// The second shape, at least 1.
    pub misses: f64,
}

impl Beta {
    /// The expected rate.
    #[must_use]
    pub fn mean(self) -> f64 {
        self.hits / (self.hits + self.misses)
    }

    /// Its standard deviation.
    #[must_use]
    pub fn spread(self) -> f64 {
        let mean = self.mean();
        sqrt(mean * (1.0 - mean) / (self.hits + self.misses + 1.0))
    }
}

/// One arm on the grid: its density and what of it lies behind.
struct Walker {
    belief: Beta,
    mean: f64,
    spread: f64,
    peak: f64,
    share: f64,
}

impl Walker {
    fn new(belief: Beta) -> Walker {
        let (mean, spread) = (belief.mean(), belief.spread());
        let mut walker = Walker { belief, mean, spread, peak: 0.0, share: 0.0 };
        walker.peak = walker.log_density(log(mean), log1p(-mean));
        walker
    }

    fn log_density(&self, log_x: f64, log_rest: f64) -> f64 {
        (self.belief.hits - 1.0) * log_x + (self.belief.misses - 1.0) * log_rest
    }
}

/// The probability that each arm's rate is the largest; they sum to 1.
#[must_use]
pub fn of_betas(beliefs: &[Beta]) -> Vec<f64> {
    let mut arms: Vec<Walker> = beliefs.iter().map(|belief| Walker::new(*belief)).collect();
    // Below the best arm's reach nobody is the best.
    let low = arms.iter().map(|arm| arm.mean - REACH * arm.spread).fold(0.0, f64::max);
    let high = arms.iter().map(|arm| arm.mean + (REACH + 2.0) * arm.spread).fold(0.0, f64::max).min(1.0);
    // What lies below the grid's beginning is counted as behind it at once.
    walk(&mut arms, (low.max(high * 1e-6), high));
    let all: f64 = arms.iter().map(|arm| arm.share).sum();
    arms.iter().map(|arm| if all > 0.0 { arm.share / all } else { 1.0 / beliefs.len() as f64 }).collect()
}

fn walk(arms: &mut [Walker], (low, high): (f64, f64)) {
    // First what each arm has in all, beginning at its own reach; then the
    // product of what is behind, as a part of that.
    let mut grid = Vec::with_capacity(256);
    let mut x = arms.iter().map(|arm| arm.mean - REACH * arm.spread).fold(low, f64::min).max(high * 1e-7);
    while x < high && grid.len() < POINTS {
        grid.push(x);
        let mut step = high;
        for arm in arms.iter() {
            let away = (x - arm.mean).abs() - REACH * arm.spread;
            step = step.min(FINE * arm.spread + COARSE * away.max(0.0));
        }
        x += step;
    }
    grid.push(high);
    let n = grid.len();
    let k = arms.len();
    let mut density = vec![0.0; n * k];
    for (x, row) in grid.iter().zip(density.chunks_exact_mut(k)) {
        let (log_x, log_rest) = (log(*x), log1p(-x.min(1.0 - 1e-12)));
        for (arm, cell) in arms.iter().zip(row) {
            let off = arm.log_density(log_x, log_rest) - arm.peak;
            *cell = if off > -40.0 { exp(off) } else { 0.0 };
        }
    }
    let mut total = vec![0.0; k];
    for (pair, rows) in grid.windows(2).zip(density.windows(2 * k).step_by(k)) {
        let [from, to] = pair else { continue };
        let (first, second) = rows.split_at(k);
        for ((sum, a), b) in total.iter_mut().zip(first).zip(second) {
            *sum += 0.5 * (to - from) * (a + b);
        }
    }
    let mut behind = vec![0.0; k];
    let mut before = vec![0.0; k];
    let mut now = vec![0.0; k];
    for (pair, rows) in grid.windows(2).zip(density.windows(2 * k).step_by(k)) {
        let [from, to] = pair else { continue };
        let (first, second) = rows.split_at(k);
        let half = 0.5 * (to - from);
        for (((sum, a), b), all) in behind.iter_mut().zip(first).zip(second).zip(&total) {
            *sum += half * (a + b) / all;
        }
        others(&behind, &mut now);
        for ((((arm, a), b), (p, q)), all) in
            arms.iter_mut().zip(first).zip(second).zip(before.iter().zip(&now)).zip(&total)
        {
            arm.share += half * (a * p + b * q) / all;
        }
        std::mem::swap(&mut before, &mut now);
    }
}

/// Of each the product of all the others.
fn others(values: &[f64], products: &mut [f64]) {
    let mut front = 1.0;
    for (product, value) in products.iter_mut().zip(values) {
        *product = front;
        front *= value;
    }
    let mut back = 1.0;
    for (product, value) in products.iter_mut().zip(values).rev() {
        *product *= back;
        back *= value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_engine::rng::Rng;

    #[test]
    fn shares_agree_with_draws() {
        let worlds: &[&[(f64, f64)]] = &[
            &[(1.0, 1.0), (1.0, 1.0), (1.0, 1.0)],
            &[(1.0, 501.0), (12.0, 489.0)],
            &[(21.0, 981.0), (2000.0, 78_000.0), (2.0, 91.0), (1.0, 92.0), (26.0, 981.0)],
            &[(1.0, 20.0), (3.0, 90.0)],
            &[(400.0, 600.0), (430.0, 570.0), (41_000.0, 59_000.0)],
        ];
        for world in worlds {
            let beliefs: Vec<Beta> =
                world.iter().map(|(hits, misses)| Beta { hits: *hits, misses: *misses }).collect();
            let shares = of_betas(&beliefs);
            let mut rng = Rng::new(1, 1);
            let mut wins = vec![0.0; world.len()];
            let n = 200_000;
            for _ in 0..n {
                let (mut best, mut at) = (-1.0, 0);
                for (arm, (a, b)) in world.iter().enumerate() {
                    let x = rng.beta(*a, *b);
                    if x > best {
                        (best, at) = (x, arm);
                    }
                }
                wins[at] += 1.0 / f64::from(n);
            }
            for (share, win) in shares.iter().zip(&wins) {
                assert!((share - win).abs() < 0.006, "{world:?} {shares:?} {wins:?}");
            }
        }
    }
}
