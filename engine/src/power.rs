//! Powers and logarithms to the base 2, by series. Never asks the platform:
//! only additions, multiplications and divisions, which every runtime rounds
//! alike. `libm`'s two functions are a kilobyte of every page for a last digit
//! that nothing here needs; these agree with them to thirteen digits.

use core::f64::consts::{LN_2, LOG2_E};

/// Below it a power of two is nothing, above it the largest number.
const EXPONENT_LIMIT: f64 = 1022.0;
/// Terms of both series; the last is below the last bit.
const TERMS: u32 = 20;

/// Two to the power `x`.
#[must_use]
pub fn exp2(x: f64) -> f64 {
    let x = x.clamp(-EXPONENT_LIMIT, EXPONENT_LIMIT);
    let whole = x as i64;
    // The exponential of what is left, within ±ln 2.
    let rest = (x - whole as f64) * LN_2;
    let mut power = 1.0;
    for term in (1..TERMS).rev() {
        power = 1.0 + rest / f64::from(term) * power;
    }
    power * f64::from_bits((1023 + whole).cast_unsigned() << 52)
}

/// The logarithm of `x` to the base 2; `x` above 0 and not denormal.
#[must_use]
pub fn log2(x: f64) -> f64 {
    let bits = x.to_bits();
    let exponent = (bits >> 52) as f64 - 1023.0;
    // The mantissa, 1 ..= 2, by the series of the inverse hyperbolic tangent.
    let mantissa = f64::from_bits(bits & (u64::MAX >> 12) | 1023 << 52);
    let ratio = (mantissa - 1.0) / (mantissa + 1.0);
    let mut sum = 0.0;
    for term in (0..TERMS).rev() {
        sum = sum * ratio * ratio + 1.0 / f64::from(2 * term + 1);
    }
    exponent + 2.0 * LOG2_E * ratio * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_and_logarithms_agree_with_the_library() {
        for step in -4000..4000 {
            let x = f64::from(step) * 0.0137;
            assert!((exp2(x) / libm::exp2(x) - 1.0).abs() < 1e-13, "2^{x}");
            let y = libm::exp2(x) * 1.7;
            assert!((log2(y) - libm::log2(y)).abs() < 1e-13, "log2 {y}");
        }
        assert_eq!((exp2(0.0), exp2(-1.0), exp2(10.0)), (1.0, 0.5, 1024.0));
        assert_eq!((log2(1.0), log2(8.0)), (0.0, 3.0));
        assert!(exp2(-1e9) < 1e-300 && exp2(f64::INFINITY).is_finite());
    }
}
