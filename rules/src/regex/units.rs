//! Sets of UTF-16 units, what JavaScript's `RegExp` reads one of at a time.
//! Never knows a pattern's syntax.

use std::sync::OnceLock;

/// The highest unit.
const LAST: u16 = u16::MAX;

/// Units as ranges, ascending, with a gap between any two.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Units(Vec<(u16, u16)>);

impl Units {
    /// One unit.
    pub fn one(unit: u16) -> Units {
        Units(vec![(unit, unit)])
    }

    /// These ranges, in any order, overlapping or not.
    pub fn of(ranges: &[(u16, u16)]) -> Units {
        let mut sorted = ranges.to_vec();
        sorted.sort_unstable();
        let mut out: Vec<(u16, u16)> = Vec::with_capacity(sorted.len());
        for (low, high) in sorted {
            match out.last_mut() {
                Some(last) if u32::from(low) <= u32::from(last.1) + 1 => last.1 = last.1.max(high),
                _ => out.push((low, high)),
            }
        }
        Units(out)
    }

    /// `\d`, `\s` and `\w`; anything else is none.
    pub fn named(letter: u8) -> Option<Units> {
        let of = |texts: &[(char, char)]| {
            Units::of(&texts.iter().map(|(low, high)| (*low as u16, *high as u16)).collect::<Vec<_>>())
        };
        Some(match letter {
            b'd' => of(&[('0', '9')]),
            b'w' => of(&[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')]),
            // White space and line ends of ECMAScript: Unicode's space
            // separators and the byte order mark.
            b's' => of(&[
                ('\t', '\r'),
                (' ', ' '),
                ('\u{a0}', '\u{a0}'),
                ('\u{1680}', '\u{1680}'),
                ('\u{2000}', '\u{200a}'),
                ('\u{2028}', '\u{2029}'),
                ('\u{202f}', '\u{202f}'),
                ('\u{205f}', '\u{205f}'),
                ('\u{3000}', '\u{3000}'),
                ('\u{feff}', '\u{feff}'),
            ]),
            _ => return None,
        })
    }

    /// `.`: everything but the four ends of a line.
    pub fn dot() -> Units {
        Units::of(&[(0x0a, 0x0a), (0x0d, 0x0d), (0x2028, 0x2029)]).inverted()
    }

    /// The ranges.
    pub fn ranges(&self) -> &[(u16, u16)] {
        &self.0
    }

    /// The only unit.
    pub fn single(&self) -> Option<u16> {
        match self.0.as_slice() {
            [(low, high)] if low == high => Some(*low),
            _ => None,
        }
    }

    /// Whether it holds a unit.
    pub fn has(&self, unit: u16) -> bool {
        let after = self.0.partition_point(|(low, _)| *low <= unit);
        after.checked_sub(1).and_then(|at| self.0.get(at)).is_some_and(|(_, high)| unit <= *high)
    }

    /// All other units.
    pub fn inverted(&self) -> Units {
        let mut out = Vec::with_capacity(self.0.len() + 1);
        let mut next = Some(0);
        for (low, high) in &self.0 {
            if let Some(from) = next.filter(|from| from < low) {
                out.push((from, low - 1));
            }
            next = high.checked_add(1);
        }
        out.extend(next.map(|from| (from, LAST)));
        Units(out)
    }

    /// All units whose capital is the capital of one of these: what flag `i`
    /// makes of a set.
    pub fn any_case(&self) -> Units {
        let cases = Cases::get();
        let mut out = self.0.clone();
        for (unit, capital) in &cases.pairs {
            // A unit is added if anything of its family is in the set.
            if self.has(*capital) || cases.family(*capital).iter().any(|(kin, _)| self.has(*kin)) {
                out.push((*unit, *unit));
                out.push((*capital, *capital));
            }
        }
        Units::of(&out)
    }
}

/// The unit that flag `i` compares by, as ECMAScript's `Canonicalize` has it.
fn capital(unit: u16) -> u16 {
    let Some(letter) = char::from_u32(unit.into()) else { return unit };
    let mut upper = letter.to_uppercase();
    let (Some(first), None) = (upper.next(), upper.next()) else { return unit };
    match u16::try_from(u32::from(first)) {
        Ok(capital) if unit < 128 || capital >= 128 => capital,
        _ => unit,
    }
}

/// Every unit that is not its own capital, with its capital.
struct Cases {
    /// By unit.
    pairs: Vec<(u16, u16)>,
    /// The same by capital.
    families: Vec<(u16, u16)>,
}

impl Cases {
    fn get() -> &'static Cases {
        static CASES: OnceLock<Cases> = OnceLock::new();
        CASES.get_or_init(|| {
            let pairs: Vec<(u16, u16)> = (0..=LAST)
                .map(|unit| (unit, capital(unit)))
                .filter(|(unit, capital)| unit != capital)
                .collect();
            let mut families = pairs.clone();
            families.sort_unstable_by_key(|(unit, capital)| (*capital, *unit));
            Cases { pairs, families }
        })
    }

    /// The units with this capital, besides itself.
    fn family(&self, capital: u16) -> &[(u16, u16)] {
        let from = self.families.partition_point(|(_, other)| *other < capital);
        let until = self.families.partition_point(|(_, other)| *other <= capital);
        self.families.get(from..until).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_and_its_inverse_hold_every_unit_once() {
        for set in [
            Units::default(),
            Units::dot(),
            Units::of(&[(0, 5), (6, 9), (40, LAST)]),
            Units::named(b's').unwrap(),
        ] {
            let other = set.inverted();
            assert!((0..=LAST).all(|unit| set.has(unit) != other.has(unit)));
            assert_eq!(other.inverted(), set);
        }
        assert_eq!(Units::default().inverted().ranges(), [(0, LAST)]);
    }

    #[test]
    fn a_family_is_closed_under_case() {
        let sigma = Units::one('σ' as u16).any_case();
        assert!(['Σ', 'σ', 'ς'].iter().all(|letter| sigma.has(*letter as u16)));
        // The Kelvin sign and the long s are no ASCII letters without flag `u`.
        let ascii = Units::of(&[('k' as u16, 'k' as u16), ('s' as u16, 's' as u16)]).any_case();
        assert_eq!(ascii.ranges().len(), 4);
        // `ÿ` has a capital outside of Latin-1; `ß` has none of one letter.
        assert_eq!(Units::one('ÿ' as u16).any_case().ranges().len(), 2);
        assert_eq!(Units::one('ß' as u16).any_case(), Units::one('ß' as u16));
    }
}
