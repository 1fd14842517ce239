//! Seeded draws. Never asks the outside world for randomness: the seed comes in.

use crate::hash::mix;

/// SplitMix64 (Steele, Lea and Flood 2014): one addition and one mix a draw.
#[derive(Debug, Clone)]
pub struct Rng(u64);

impl Rng {
    /// A stream of its own for every (seed, purpose): the same pair gives the
    /// same draws in every browser.
    #[must_use]
    pub fn new(seed: u64, purpose: u64) -> Self {
        Rng(mix(seed ^ mix(purpose)))
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number below `bound`, which is at least 1. The bias is below
    /// bound / 2^64 and so cannot be seen.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next_u64()) * u128::from(bound.max(1))) >> 64) as u64
    }

    /// A number in `[0, 1)` with 53 random bits.
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// A standard normal draw, by Box and Muller's method over `libm`.
    pub fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.unit()));
        radius * libm::cos(core::f64::consts::TAU * self.unit())
    }

    /// A Gamma(shape, 1) draw by Marsaglia and Tsang (2000); `shape` above 0.
    pub fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let boost = libm::pow(1.0 - self.unit(), 1.0 / shape);
            return self.gamma(shape + 1.0) * boost;
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / libm::sqrt(9.0 * d);
        loop {
            let x = self.normal();
            let base = 1.0 + c * x;
            if base > 0.0 {
                let v = base * base * base;
                let u = 1.0 - self.unit();
                if libm::log(u) < 0.5 * x * x + d - d * v + d * libm::log(v) {
                    return d * v;
                }
            }
        }
    }

    /// A Beta(a, b) draw; both above 0.
    pub fn beta(&mut self, a: f64, b: f64) -> f64 {
        let x = self.gamma(a);
        let y = self.gamma(b);
        x / (x + y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beta_draws_have_the_mean_and_variance_of_the_distribution() {
        let mut rng = Rng::new(7, 1);
        for (a, b) in [(1.0, 1.0), (0.5, 2.0), (30.0, 970.0)] {
            let n = 40_000;
            let draws: alloc::vec::Vec<f64> = (0..n).map(|_| rng.beta(a, b)).collect();
            let mean = draws.iter().sum::<f64>() / f64::from(n);
            let var = draws.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / f64::from(n);
            let want = a / (a + b);
            let want_var = a * b / ((a + b) * (a + b) * (a + b + 1.0));
            assert!((mean - want).abs() < 5.0 * libm::sqrt(want_var / f64::from(n)), "mean {mean} {want}");
            assert!((var / want_var - 1.0).abs() < 0.06, "variance {var} {want_var}");
        }
    }

    #[test]
    fn below_reaches_every_value_about_equally_often() {
        let mut rng = Rng::new(1, 2);
        let mut seen = [0u32; 7];
        for _ in 0..70_000 {
            seen[rng.below(7) as usize] += 1;
        }
        assert!(seen.iter().all(|&n| (9_500..10_500).contains(&n)), "{seen:?}");
    }
}
