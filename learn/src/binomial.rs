//! Draws of the simulator. Never used for a visitor.

use libm::{exp, lgamma, log, log1p};
use vitrine_engine::rng::Rng;

/// Expected hits up to which counting from zero is quicker.
const FEW: f64 = 12.0;

/// How many of `trials` hit, by inversion of the distribution function from
/// one uniform number: the same number gives policies that sent the same
/// visitors the same outcome.
#[must_use]
pub fn binomial(rng: &mut Rng, trials: u64, rate: f64) -> u64 {
    if rate > 0.5 {
        return trials - binomial(rng, trials, 1.0 - rate);
    }
    let u = rng.unit();
    if trials == 0 || rate <= 0.0 {
        return 0;
    }
    let n = trials as f64;
    let odds = rate / (1.0 - rate);
    if n * rate <= FEW {
        let mut mass = exp(n * log1p(-rate));
        let (mut sum, mut hits) = (mass, 0.0);
        while sum < u && hits < n {
            mass *= (n - hits) / (hits + 1.0) * odds;
            hits += 1.0;
            sum += mass;
            if mass < 1e-18 && hits > n * rate {
                break;
            }
        }
        return hits as u64;
    }
    // From the likeliest count outwards, in turns above and below.
    let mode = libm::floor((n + 1.0) * rate).min(n);
    let top = exp(lgamma(n + 1.0) - lgamma(mode + 1.0) - lgamma(n - mode + 1.0)
        + mode * log(rate)
        + (n - mode) * log1p(-rate));
    let (mut up, mut down) = (mode, mode);
    let (mut up_mass, mut down_mass) = (top, top);
    let mut left = u - top;
    loop {
        if left < 0.0 {
            return mode as u64;
        }
        up_mass *= (n - up).max(0.0) / (up + 1.0) * odds;
        up += 1.0;
        left -= up_mass;
        if left < 0.0 {
            return up as u64;
        }
        down_mass *= down / ((n - down + 1.0) * odds);
        down -= 1.0;
        left -= down_mass;
        if left < 0.0 {
            return down.max(0.0) as u64;
        }
        if up_mass + down_mass < 1e-17 {
            return mode as u64;
        }
    }
}

/// How many of `all` draws fall to each share; the shares sum to 1.
pub fn multinomial(rng: &mut Rng, all: u64, shares: &[f64], out: &mut [u64]) {
    let (mut left, mut rest) = (all, 1.0);
    for (share, count) in shares.iter().zip(out.iter_mut()) {
        let rate = if rest > 1e-12 { (share / rest).clamp(0.0, 1.0) } else { 0.0 };
        *count = if rate >= 1.0 { left } else { binomial(rng, left, rate) };
        left -= *count;
        rest -= share;
    }
    // What rounding left over goes to the last that has a share.
    if let Some((_, count)) = shares.iter().zip(out.iter_mut()).rev().find(|(share, _)| **share > 0.0) {
        *count += left;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_the_mean_and_variance_of_the_distribution() {
        let mut rng = Rng::new(3, 4);
        for (n, p) in [(91, 0.02), (1000, 0.02), (1000, 0.4), (980, 0.93), (5, 0.5), (90_000, 0.003)] {
            let runs = 20_000;
            let draws: Vec<f64> = (0..runs).map(|_| binomial(&mut rng, n, p) as f64).collect();
            let mean = draws.iter().sum::<f64>() / f64::from(runs);
            let variance = draws.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / f64::from(runs);
            let want = n as f64 * p;
            assert!((mean - want).abs() < 5.0 * libm::sqrt(want / f64::from(runs)), "{n} {p}: {mean}");
            assert!((variance / (want * (1.0 - p)) - 1.0).abs() < 0.05, "{n} {p}: {variance}");
        }
    }

    #[test]
    fn every_visitor_falls_to_one_arm() {
        let mut rng = Rng::new(5, 6);
        for shares in [vec![1.0], vec![0.0, 1.0], vec![0.2, 0.3, 0.5], vec![0.999, 0.0005, 0.0005]] {
            let mut out = vec![0; shares.len()];
            multinomial(&mut rng, 1000, &shares, &mut out);
            assert_eq!(out.iter().sum::<u64>(), 1000);
            assert!(shares.iter().zip(&out).all(|(share, count)| *share > 0.0 || *count == 0));
        }
    }
}
