//! Numbers as JavaScript reads and writes them. Never uses the standard
//! library's `parse` and `format`, which cost a page ten kilobytes and more:
//! up to 15 digits and 22 places every bit is right; beyond, the last digits
//! of what is read may be off by a few units, and 15 digits are written.

use alloc::string::String;

use crate::text::{clip, decimal};

/// Powers of ten are exact up to this one.
const EXACT: i32 = 22;
/// Whole numbers are exact below this one.
const WHOLE: f64 = 9_007_199_254_740_992.0;
/// Digits read of one number; further ones only shift it.
const DIGITS: u64 = 100_000_000_000_000_000;
/// Above every number of fifteen digits, which a double always holds.
const FIFTEEN: f64 = 1e15;
/// An exponent beyond this is infinity or zero.
const EXPONENT: i32 = 10_000;

/// The number that a text is to JavaScript: white space around it is nothing,
/// an empty text is 0, and what is no number is NaN.
#[must_use]
pub fn read(text: &str) -> f64 {
    match text.trim().as_bytes() {
        [] => 0.0,
        [b'0', b'x' | b'X', digits @ ..] => in_base(digits, 16),
        [b'0', b'o' | b'O', digits @ ..] => in_base(digits, 8),
        [b'0', b'b' | b'B', digits @ ..] => in_base(digits, 2),
        [b'-', digits @ ..] => -unsigned(digits),
        [b'+', digits @ ..] | digits => unsigned(digits),
    }
}

fn in_base(digits: &[u8], base: u32) -> f64 {
    let mut value = 0.0;
    for digit in digits {
        let Some(digit) = char::from(*digit).to_digit(base) else { return f64::NAN };
        value = value * f64::from(base) + f64::from(digit);
    }
    if digits.is_empty() { f64::NAN } else { value }
}

fn unsigned(text: &[u8]) -> f64 {
    if text == b"Infinity" {
        return f64::INFINITY;
    }
    let (mut digits, mut exponent) = (0u64, 0i32);
    let (mut is_number, mut behind_point) = (false, false);
    let mut rest = text;
    while let [sign, behind @ ..] = rest {
        rest = behind;
        match sign {
            b'0'..=b'9' => {
                is_number = true;
                if digits < DIGITS {
                    digits = digits * 10 + u64::from(sign - b'0');
                    exponent -= i32::from(behind_point);
                } else {
                    exponent += i32::from(!behind_point);
                }
            }
            b'.' if !behind_point => behind_point = true,
            b'e' | b'E' if is_number => match power(rest) {
                Some(power) => {
                    exponent += power;
                    break;
                }
                None => return f64::NAN,
            },
            _ => return f64::NAN,
        }
    }
    if is_number { scale(digits, exponent) } else { f64::NAN }
}

/// The exponent behind an `e`.
fn power(text: &[u8]) -> Option<i32> {
    let (sign, digits) = match text {
        [b'-', digits @ ..] => (-1, digits),
        [b'+', digits @ ..] | digits => (1, digits),
    };
    let mut power = 0;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        power = (power * 10 + i32::from(digit - b'0')).min(EXPONENT);
    }
    (!digits.is_empty()).then_some(sign * power)
}

/// `digits` times ten to the `exponent`: one exact step where one suffices.
fn scale(digits: u64, mut exponent: i32) -> f64 {
    let mut value = digits as f64;
    while exponent != 0 && value != 0.0 && value.is_finite() {
        let step = exponent.clamp(-EXACT, EXACT);
        value = if step < 0 { value / ten(-step) } else { value * ten(step) };
        exponent -= step;
    }
    value
}

/// Ten to a power of 0..=22.
fn ten(power: i32) -> f64 {
    let mut value = 1.0;
    for _ in 0..power {
        value *= 10.0;
    }
    value
}

/// Appends a number, which is never NaN, as JavaScript writes it.
pub fn write(out: &mut String, value: f64) {
    if value < 0.0 {
        out.push('-');
    }
    let value = value.abs();
    if value < WHOLE && (value as u64) as f64 == value {
        out.push_str(&decimal(value as u64));
    } else if value.is_finite() {
        let (digits, places) = shortest(value);
        place(out, &decimal(digits), places);
    } else {
        out.push_str("Infinity");
    }
}

/// The fewest digits that name a number above zero, and how many of them stand
/// behind the point.
fn shortest(value: f64) -> (u64, i32) {
    let (mut digits, mut places) = exactly(value).unwrap_or_else(|| nearly(value));
    while digits.is_multiple_of(10) && digits > 0 {
        digits /= 10;
        places -= 1;
    }
    (digits, places)
}

fn exactly(value: f64) -> Option<(u64, i32)> {
    for places in -EXACT..=EXACT {
        let power = ten(places.abs());
        let digits = if places < 0 { value / power } else { value * power } + 0.5;
        if digits >= WHOLE {
            break;
        }
        // A whole number and a power, both exact: the one rounding of their
        // product or quotient is the reader's own.
        let digits = digits as u64;
        let again = if places < 0 { digits as f64 * power } else { digits as f64 / power };
        if again == value {
            return Some((digits, places));
        }
    }
    None
}

/// Fifteen digits.
fn nearly(value: f64) -> (u64, i32) {
    let (mut scaled, mut places) = (value, 0);
    while scaled < FIFTEEN / 10.0 {
        scaled *= 10.0;
        places += 1;
    }
    while scaled >= FIFTEEN {
        scaled /= 10.0;
        places -= 1;
    }
    ((scaled + 0.5) as u64, places)
}

/// Sets the point, or an exponent where JavaScript writes one.
fn place(out: &mut String, digits: &str, places: i32) {
    let length = digits.len() as i32;
    let point = length - places;
    let zeros = |out: &mut String, count: i32| (0..count).for_each(|_| out.push('0'));
    if !(-5..=21).contains(&point) {
        let (first, rest) = parts(digits, 1);
        out.push_str(first);
        if !rest.is_empty() {
            out.push('.');
            out.push_str(rest);
        }
        out.push_str(if point > 0 { "e+" } else { "e-" });
        out.push_str(&decimal(u64::from((point - 1).unsigned_abs())));
    } else if point >= length {
        out.push_str(digits);
        zeros(out, point - length);
    } else {
        let (whole, rest) = parts(digits, point.max(0) as usize);
        out.push_str(if whole.is_empty() { "0" } else { whole });
        out.push('.');
        zeros(out, -point);
        out.push_str(rest);
    }
}

fn parts(digits: &str, at: usize) -> (&str, &str) {
    let head = clip(digits, at);
    (head, digits.get(head.len()..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    fn written(value: f64) -> String {
        let mut out = String::new();
        write(&mut out, value);
        out
    }

    #[test]
    fn texts_are_read_as_javascript_reads_them() {
        for (text, want) in [
            ("", 0.0),
            (" 12 ", 12.0),
            ("\t-1.5e-3\n", -0.0015),
            ("1e3", 1000.0),
            ("+.5", 0.5),
            ("5.", 5.0),
            ("0x1F", 31.0),
            ("0b101", 5.0),
            ("0o17", 15.0),
            ("00012", 12.0),
            ("-Infinity", f64::NEG_INFINITY),
            ("1e999", f64::INFINITY),
            ("1e-999", 0.0),
            ("0.1000000000000000000000000000", 0.1),
            ("9007199254740993e-1", 900_719_925_474_099.3),
        ] {
            assert_eq!(read(text), want, "{text}");
        }
        for text in
            ["a", "1a", ".", "-", "+", "1e", "1e+", "e1", "--1", "0x", "-0x1", "1 2", "1_000", "infinity"]
        {
            assert!(read(text).is_nan(), "{text}");
        }
    }

    #[test]
    fn numbers_are_written_as_javascript_writes_them() {
        for (value, want) in [
            (0.0, "0"),
            (-0.0, "0"),
            (-12.0, "-12"),
            (0.1, "0.1"),
            (1.5e-7, "1.5e-7"),
            (0.000001, "0.000001"),
            (1e21, "1e+21"),
            (1.25e25, "1.25e+25"),
            (1e20, "100000000000000000000"),
            (2.0f64.powi(60), "1152921504606847000"),
            (123_456.789, "123456.789"),
            (f64::INFINITY, "Infinity"),
        ] {
            assert_eq!(written(value), want);
        }
    }

    #[test]
    fn fifteen_digits_are_read_and_written_to_the_last_bit() {
        let mut rng = Rng::new(7, 0);
        for _ in 0..200_000 {
            let digits = rng.next_u64() % 1_000_000_000_000_000;
            let places = rng.next_u64() % 22;
            let text = alloc::format!("{digits}e-{places}");
            let want: f64 = text.parse().unwrap();
            assert_eq!(read(&text), want, "{text}");
            assert_eq!(written(want).parse(), Ok(want), "{text}");
        }
    }

    #[test]
    fn any_number_is_near_what_was_meant() {
        let mut rng = Rng::new(11, 0);
        for _ in 0..100_000 {
            let value = f64::from_bits(rng.next_u64() & !(1 << 63));
            if !value.is_normal() || !(1e-290..1e290).contains(&value) {
                continue;
            }
            let back: f64 = written(value).parse().unwrap();
            assert!((back / value - 1.0).abs() < 1e-14, "{value:e} {back:e}");
            assert!((read(&alloc::format!("{value:e}")) / value - 1.0).abs() < 1e-14, "{value:e}");
        }
    }
}
