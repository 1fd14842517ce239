//! A pattern, unit by unit, and what has to be known of all of it beforehand.
//! Never knows what a unit means: `syntax` does.

use std::collections::BTreeSet;

use super::{Case, Fault, Refusal};

/// Units of one pattern: people write tens.
const LENGTH_LIMIT: usize = 2_000;

/// A pattern under way.
pub(super) struct Reader {
    units: Vec<u16>,
    /// The byte offset of each unit, and of the end.
    places: Vec<usize>,
    /// The next unit.
    pub at: usize,
    /// Brackets that are open.
    pub depth: usize,
    /// Whether capitals and small letters are told apart.
    pub case: Case,
    /// Groups that a number can mean.
    pub groups: u32,
    /// Whether any group has a name: `\k` then means one.
    pub named: bool,
    /// The names of the groups so far.
    pub names: BTreeSet<Vec<u16>>,
}

impl Reader {
    /// At the beginning of a pattern.
    pub fn of(pattern: &str, case: Case) -> Result<Reader, Refusal> {
        let mut units = Vec::new();
        let mut places = Vec::new();
        for (at, letter) in pattern.char_indices() {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                units.push(*unit);
                places.push(at);
            }
            if units.len() > LENGTH_LIMIT {
                return Err(Refusal { at, fault: Fault::TooLong });
            }
        }
        places.push(pattern.len());
        let mut reader =
            Reader { units, places, at: 0, depth: 0, case, groups: 0, named: false, names: BTreeSet::new() };
        reader.count_groups();
        Ok(reader)
    }

    /// A refusal of what stands at a unit.
    pub fn fault(&self, at: usize, fault: Fault) -> Refusal {
        Refusal { at: self.places.get(at).or(self.places.last()).copied().unwrap_or(0), fault }
    }

    /// Units to go.
    pub fn left(&self) -> usize {
        self.units.len().saturating_sub(self.at)
    }

    /// The next unit.
    pub fn peek(&self) -> Option<u16> {
        self.units.get(self.at).copied()
    }

    /// The unit `ahead` of the next as an ASCII character, or 0.
    pub fn ascii(&self, ahead: usize) -> u8 {
        self.units.get(self.at + ahead).and_then(|unit| u8::try_from(*unit).ok()).unwrap_or(0)
    }

    /// Whether this comes next; then it is passed.
    pub fn eat(&mut self, want: &str) -> bool {
        let is_next = want.bytes().enumerate().all(|(ahead, byte)| self.ascii(ahead) == byte);
        self.at += if is_next { want.len() } else { 0 };
        is_next
    }

    /// A back-reference is told from an octal number by how many groups the
    /// whole pattern has.
    fn count_groups(&mut self) {
        let mut in_brackets = false;
        while let Some(unit) = self.peek() {
            match u8::try_from(unit).unwrap_or(0) {
                b'\\' => self.at += 1,
                b'[' => in_brackets = true,
                b']' => in_brackets = false,
                b'(' if !in_brackets => {
                    let is_named = self.ascii(1) == b'?'
                        && self.ascii(2) == b'<'
                        && !matches!(self.ascii(3), b'=' | b'!');
                    self.named |= is_named;
                    self.groups += u32::from(is_named || self.ascii(1) != b'?');
                }
                _ => {}
            }
            self.at += 1;
        }
        self.at = 0;
    }
}
