//! JavaScript's `RegExp` syntax without flag `u`, with the leniencies of the
//! specification's Annex B that every browser has. Never accepts what a
//! browser refuses, and never guesses: what a table cannot do is refused.

use super::escape::{Escape, Within};
use super::part::Part;
use super::reader::Reader;
use super::units::Units;
use super::{Case, Fault, Refusal};

/// Brackets in brackets.
const DEPTH_LIMIT: usize = 64;
/// Counts above this are one and the same: no table has room for them.
const COUNT_LIMIT: u32 = 100_000;

/// Reads a pattern.
pub(crate) fn parse(pattern: &str, case: Case) -> Result<Part, Refusal> {
    let mut reader = Reader::of(pattern, case)?;
    let part = reader.choice()?;
    // Only a closing bracket ends the outermost choice before the text does.
    if reader.left() > 0 { Err(reader.fault(reader.at, Fault::StrayBracket)) } else { Ok(part) }
}

impl Reader {
    fn choice(&mut self) -> Result<Part, Refusal> {
        let mut choices = Vec::new();
        loop {
            let mut row = Vec::new();
            while self.peek().is_some() && !matches!(self.ascii(0), b'|' | b')') {
                let part = self.term()?;
                row.push(part);
            }
            choices.push(Part::Row(row));
            if !self.eat("|") {
                break;
            }
        }
        Ok(if choices.len() == 1 {
            choices.pop().unwrap_or(Part::Row(Vec::new()))
        } else {
            Part::Any(choices)
        })
    }

    fn term(&mut self) -> Result<Part, Refusal> {
        let from = self.at;
        let part = self.atom()?;
        let at = self.at;
        let Some((low, high)) = self.quantifier() else { return Ok(part) };
        if matches!(part, Part::Start | Part::End | Part::Edge(_)) {
            return Err(self.fault(at, Fault::NothingToRepeat));
        }
        if high.is_some_and(|high| high < low) {
            return Err(self.fault(from, Fault::CountsReversed));
        }
        // Lazy or greedy find the same texts.
        self.eat("?");
        Ok(Part::Times(Box::new(part), low, high))
    }

    fn quantifier(&mut self) -> Option<(u32, Option<u32>)> {
        for (sign, low, high) in [("*", 0, None), ("+", 1, None), ("?", 0, Some(1))] {
            if self.eat(sign) {
                return Some((low, high));
            }
        }
        let back = self.at;
        let counts = self.braces();
        if counts.is_none() {
            self.at = back;
        }
        counts
    }

    fn braces(&mut self) -> Option<(u32, Option<u32>)> {
        if !self.eat("{") {
            return None;
        }
        let low = self.count()?;
        let high = match self.eat(",") {
            false => Some(low),
            true if self.ascii(0) == b'}' => None,
            true => Some(self.count()?),
        };
        self.eat("}").then_some((low, high))
    }

    fn count(&mut self) -> Option<u32> {
        let mut value = None;
        while self.ascii(0).is_ascii_digit() {
            let digit = u32::from(self.ascii(0) - b'0');
            // Beyond the limit only the order of two counts matters, and both are refused.
            value = Some((value.unwrap_or(0) * 10 + digit).min(COUNT_LIMIT));
            self.at += 1;
        }
        value
    }

    fn atom(&mut self) -> Result<Part, Refusal> {
        let from = self.at;
        let unit = self.peek().unwrap_or(0);
        match self.ascii(0) {
            b'(' => return self.group(),
            b'[' => return self.class(),
            b'*' | b'+' | b'?' => return Err(self.fault(from, Fault::NothingToRepeat)),
            b'{' if self.braces().is_some() => return Err(self.fault(from, Fault::NothingToRepeat)),
            _ => self.at = from + 1,
        }
        Ok(match u8::try_from(unit).unwrap_or(0) {
            b'^' => Part::Start,
            b'$' => Part::End,
            b'.' => Part::Unit(self.cased(Units::dot())),
            b'\\' if self.eat("b") => Part::Edge(true),
            b'\\' if self.eat("B") => Part::Edge(false),
            b'\\' => match self.escape(Within::Pattern)? {
                Escape::One(unit) => Part::Unit(self.cased(Units::one(unit))),
                Escape::Set(units) => Part::Unit(self.cased(units)),
            },
            _ => Part::Unit(self.cased(Units::one(unit))),
        })
    }

    fn cased(&self, units: Units) -> Units {
        match self.case {
            Case::Sensitive => units,
            Case::Insensitive => units.any_case(),
        }
    }

    fn group(&mut self) -> Result<Part, Refusal> {
        let from = self.at;
        if ["(?=", "(?!", "(?<=", "(?<!"].iter().any(|sign| self.eat(sign)) {
            return Err(self.fault(from, Fault::LookAround));
        }
        if self.eat("(?<") {
            self.group_name()?;
        } else if !self.eat("(?:") {
            self.at += 1;
            if self.ascii(0) == b'?' {
                return Err(self.fault(from, Fault::UnknownGroup));
            }
        }
        self.depth += 1;
        if self.depth > DEPTH_LIMIT {
            return Err(self.fault(from, Fault::TooDeep));
        }
        let part = self.choice()?;
        self.depth -= 1;
        if self.eat(")") { Ok(part) } else { Err(self.fault(from, Fault::OpenGroup)) }
    }

    fn group_name(&mut self) -> Result<(), Refusal> {
        let from = self.at;
        let mut name = Vec::new();
        while let Some(unit) = self.peek().filter(|unit| *unit != u16::from(b'>')) {
            name.push(unit);
            self.at += 1;
        }
        let text = String::from_utf16_lossy(&name);
        let is_start = |c: char| c.is_alphabetic() || matches!(c, '_' | '$');
        let is_name = text.starts_with(is_start)
            && text
                .chars()
                .all(|c| is_start(c) || c.is_alphanumeric() || matches!(c, '\u{200c}' | '\u{200d}'));
        if !self.eat(">") || !is_name {
            return Err(self.fault(from, Fault::BadGroupName));
        }
        if self.names.insert(name) { Ok(()) } else { Err(self.fault(from, Fault::SameGroupName)) }
    }

    fn class(&mut self) -> Result<Part, Refusal> {
        let from = self.at;
        self.at += 1;
        let inverted = self.eat("^");
        let mut ranges: Vec<(u16, u16)> = Vec::new();
        loop {
            if self.eat("]") {
                break;
            }
            let at = self.at;
            let low = self.class_atom(from)?;
            let is_range = self.ascii(0) == b'-' && self.left() > 1 && self.ascii(1) != b']';
            if !is_range {
                ranges.extend(low.ranges());
                continue;
            }
            self.at += 1;
            match (low, self.class_atom(from)?) {
                (Escape::One(low), Escape::One(high)) if low > high => {
                    return Err(self.fault(at, Fault::RangeReversed));
                }
                (Escape::One(low), Escape::One(high)) => ranges.push((low, high)),
                (low, high) => {
                    for side in [low, Escape::One(b'-'.into()), high] {
                        ranges.extend(side.ranges());
                    }
                }
            }
        }
        let units = self.cased(Units::of(&ranges));
        Ok(Part::Unit(if inverted { units.inverted() } else { units }))
    }

    fn class_atom(&mut self, from: usize) -> Result<Escape, Refusal> {
        let Some(unit) = self.peek() else { return Err(self.fault(from, Fault::OpenClass)) };
        self.at += 1;
        if unit == u16::from(b'\\') { self.escape(Within::Brackets) } else { Ok(Escape::One(unit)) }
    }
}
