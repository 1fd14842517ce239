//! What stands behind a backslash, with the leniencies of Annex B. Never reads
//! `\b` and `\B` outside of brackets: they are places, not letters.

use super::reader::Reader;
use super::units::Units;
use super::{Fault, Refusal};

/// Where an escape stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Within {
    /// Among the pattern's parts.
    Pattern,
    /// In a set of letters, `[…]`.
    Brackets,
}

/// What an escape stands for.
pub(super) enum Escape {
    One(u16),
    Set(Units),
}

impl Escape {
    /// The units that it stands for.
    pub fn ranges(self) -> Vec<(u16, u16)> {
        match self {
            Escape::One(unit) => vec![(unit, unit)],
            Escape::Set(units) => units.ranges().to_vec(),
        }
    }
}

impl Reader {
    /// What follows a backslash.
    pub fn escape(&mut self, within: Within) -> Result<Escape, Refusal> {
        let from = self.at - 1;
        let Some(unit) = self.peek() else { return Err(self.fault(from, Fault::LoneBackslash)) };
        let byte = self.ascii(0);
        if byte.is_ascii_digit() {
            return self.number(within);
        }
        self.at += 1;
        if let Some(set) = Units::named(byte.to_ascii_lowercase()) {
            return Ok(Escape::Set(if byte.is_ascii_uppercase() { set.inverted() } else { set }));
        }
        Ok(Escape::One(match byte {
            b'f' => 0x0c,
            b'n' => 0x0a,
            b'r' => 0x0d,
            b't' => 0x09,
            b'v' => 0x0b,
            b'b' if within == Within::Brackets => 0x08,
            b'c' => {
                let letter = self.ascii(0);
                let is_control = letter.is_ascii_alphabetic()
                    || within == Within::Brackets && (letter.is_ascii_digit() || letter == b'_');
                if is_control {
                    self.at += 1;
                    u16::from(letter % 32)
                } else {
                    // A backslash that escapes nothing stands for itself.
                    self.at -= 1;
                    b'\\'.into()
                }
            }
            b'x' => self.hex(2).unwrap_or(unit),
            b'u' => self.hex(4).unwrap_or(unit),
            b'k' if self.named => {
                let fault = match within {
                    Within::Pattern => Fault::BackReference,
                    Within::Brackets => Fault::BadEscape,
                };
                return Err(self.fault(from, fault));
            }
            _ => unit,
        }))
    }

    /// `\1`: a back-reference where the pattern has so many groups, else an
    /// octal number, else the digit itself.
    fn number(&mut self, within: Within) -> Result<Escape, Refusal> {
        let from = self.at - 1;
        let mut value: u32 = 0;
        let mut length = 0;
        while self.ascii(length).is_ascii_digit() {
            value = value.saturating_mul(10).saturating_add(u32::from(self.ascii(length) - b'0'));
            length += 1;
        }
        if within == Within::Pattern && self.ascii(0) != b'0' && value <= self.groups {
            return Err(self.fault(from, Fault::BackReference));
        }
        let first = self.ascii(0);
        if first > b'7' {
            self.at += 1;
            return Ok(Escape::One(first.into()));
        }
        let digits = if first < b'4' { 3 } else { 2 };
        let mut octal = 0;
        for _ in 0..digits {
            let digit = self.ascii(0);
            if !matches!(digit, b'0'..=b'7') {
                break;
            }
            octal = octal * 8 + u16::from(digit - b'0');
            self.at += 1;
        }
        Ok(Escape::One(octal))
    }

    fn hex(&mut self, length: usize) -> Option<u16> {
        let mut value = 0u32;
        for ahead in 0..length {
            value = value << 4 | char::from(self.ascii(ahead)).to_digit(16)?;
        }
        self.at += length;
        u16::try_from(value).ok()
    }
}
