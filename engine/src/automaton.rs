//! Patterns of text, compiled where the rules were uploaded. Never parses a
//! regular expression and never backtracks: one step a unit of text, whatever
//! the pattern, so that no marketer's pattern can hang a shopper's page.
//!
//! A unit is one of UTF-16, as in JavaScript's `RegExp` without flags: a
//! pattern means here what it means in the browser's own console.

use alloc::string::String;
use alloc::vec::Vec;

use crate::pack::{Input, Pack, pack_struct};

/// Numbers of one table: places in it are numbers of two bytes. A pattern that
/// a person wrote has a hundred.
pub const TABLE_LIMIT: usize = 60_000;

/// Places looked at in search of an example: a table of ours has fewer.
const EXAMPLE_LIMIT: usize = 2_000;

/// The end at which nothing can match any more.
pub const NO: u16 = 0;
/// The end at which the pattern was found, whatever follows.
pub const YES: u16 = 1;
/// The row in which every text begins. A row's place in the table is its
/// number less this.
pub const START: u16 = 2;

/// What a text is held against. Most of what marketers write is a plain
/// comparison, and those need no table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// The whole text is this.
    Is(String),
    /// It begins with this.
    Starts(String),
    /// It ends with this.
    Ends(String),
    /// This stands in it somewhere.
    Has(String),
    /// A table decides.
    Automaton(Automaton),
}

/// A table of states, as rows of numbers. A row is a run of letters, each of
/// which leads one on, and a state in full behind them:
///
/// ```text
/// length of the run, its units …, rest, edges × 4 + borrows × 2 + last, edges …
/// ```
///
/// and an edge is the lowest unit, how many more, and the row that they lead
/// to. Any other unit leads to the row `rest`, from within the run too; where
/// the row borrows, it is taken as `rest` would take it: in a search most
/// states fall back as the first one does. A text that ends in the state in
/// full matches if it is a last one.
///
/// Any list of numbers is a table: what leads out of it leads to [`NO`], and a
/// text has as many steps as units. So nothing needs a check, and a word in a
/// pattern stays a word, which compresses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Automaton {
    /// Whether ASCII capitals count as small letters.
    pub folded: bool,
    /// The rows.
    pub table: Vec<u16>,
}

/// Where a walk is: in which row, and how far in its run.
pub type Place = (u16, u16);

impl Pattern {
    /// Whether a text matches.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        let (want, from_start, to_end) = match self {
            Pattern::Is(want) => (want, true, true),
            Pattern::Starts(want) => (want, true, false),
            Pattern::Ends(want) => (want, false, true),
            Pattern::Has(want) => (want, false, false),
            Pattern::Automaton(automaton) => return automaton.is_match(text),
        };
        // One plain search for all four: the standard library's costs a page
        // two kilobytes, and the texts of a page are short.
        let want = want.as_bytes();
        let mut rest = text.as_bytes();
        loop {
            if (want.is_empty() || rest.first() == want.first())
                && rest.starts_with(want)
                && (!to_end || rest.len() == want.len())
            {
                return true;
            }
            match rest {
                [_, tail @ ..] if !from_start => rest = tail,
                _ => return false,
            }
        }
    }

    /// A short text that matches, to show a person what is asked for; empty
    /// where nothing matches.
    #[must_use]
    pub fn example(&self) -> String {
        match self {
            Pattern::Is(text) | Pattern::Starts(text) | Pattern::Ends(text) | Pattern::Has(text) => {
                text.clone()
            }
            Pattern::Automaton(automaton) => automaton.example(),
        }
    }
}

impl Pack for Pattern {
    fn pack(&self, out: &mut Vec<u8>) {
        let (form, text) = match self {
            Pattern::Is(text) => (0, text),
            Pattern::Starts(text) => (1, text),
            Pattern::Ends(text) => (2, text),
            Pattern::Has(text) => (3, text),
            Pattern::Automaton(automaton) => {
                out.push(4);
                return automaton.pack(out);
            }
        };
        out.push(form);
        text.pack(out);
    }

    fn unpack(input: &mut Input) -> Self {
        let form = input.byte();
        if form == 4 {
            return Pattern::Automaton(Automaton::unpack(input));
        }
        let text = String::unpack(input);
        match form {
            0 => Pattern::Is(text),
            1 => Pattern::Starts(text),
            2 => Pattern::Ends(text),
            3 => Pattern::Has(text),
            _ => {
                input.fail();
                Pattern::Is(text)
            }
        }
    }
}

/// One row of a table.
struct Row<'a> {
    run: &'a [u16],
    rest: u16,
    borrows: bool,
    is_last: bool,
    /// Lowest unit, how many more, and where they lead.
    edges: &'a [[u16; 3]],
}

impl Automaton {
    /// Whether a text matches.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        let mut at = (START, 0);
        for unit in text.encode_utf16() {
            at = self.step(at, unit);
            if at.0 <= YES {
                return at.0 == YES;
            }
        }
        self.ends(at)
    }

    /// The place after one unit.
    #[must_use]
    pub fn step(&self, at: Place, unit: u16) -> Place {
        let unit = if self.folded && unit.wrapping_sub(0x41) < 26 { unit | 0x20 } else { unit };
        let (mut number, mut done) = at;
        // A row borrows from one other; a foreign chain of borrowers ends there.
        for _ in 0..2 {
            let Some(row) = self.row(number) else { break };
            match row.run.get(usize::from(done)) {
                Some(want) if *want == unit => return (number, done + 1),
                Some(_) => {}
                None => {
                    for [low, more, to] in row.edges {
                        if unit.wrapping_sub(*low) <= *more {
                            return (*to, 0);
                        }
                    }
                }
            }
            (number, done) = (row.rest, 0);
            if !row.borrows {
                return (number, 0);
            }
        }
        (NO, 0)
    }

    /// Whether a text may end here.
    fn ends(&self, at: Place) -> bool {
        self.row(at.0).is_some_and(|row| row.is_last && usize::from(at.1) == row.run.len())
    }

    /// A row, if the table has all of it.
    fn row(&self, number: u16) -> Option<Row<'_>> {
        let (length, tail) = self.table.get(usize::from(number.checked_sub(START)?)..)?.split_first()?;
        let (run, tail) = tail.split_at_checked(usize::from(*length))?;
        let [rest, head, tail @ ..] = tail else { return None };
        let edges = tail.get(..usize::from(*head >> 2) * 3)?.as_chunks().0;
        Some(Row { run, rest: *rest, borrows: head & 2 > 0, is_last: head & 1 > 0, edges })
    }

    /// The shortest text that is found by way of letters that the table names,
    /// or of `x` where any other will do.
    fn example(&self) -> String {
        // Each place seen, the one before, and the unit between.
        let mut seen: Vec<(Place, usize, u16)> = alloc::vec![((START, 0), 0, 0)];
        let mut next = 0;
        while let Some((at, _, _)) = seen.get(next).copied() {
            if at.0 == YES || self.ends(at) {
                let mut units = Vec::new();
                while let Some((_, before, unit)) = seen.get(next).filter(|_| next > 0) {
                    units.push(*unit);
                    next = *before;
                }
                units.reverse();
                return String::from_utf16_lossy(&units);
            }
            for unit in self.letters(at) {
                let to = self.step(at, unit);
                if to.0 != NO && seen.len() < EXAMPLE_LIMIT && !seen.iter().any(|(place, _, _)| *place == to)
                {
                    seen.push((to, next, unit));
                }
            }
            next += 1;
        }
        String::new()
    }

    /// The lowest units of the edges that leave a place, and `x`.
    fn letters(&self, at: Place) -> Vec<u16> {
        let mut letters = Vec::new();
        let row = self.row(at.0);
        let borrowed = row.as_ref().filter(|row| row.borrows).and_then(|row| self.row(row.rest));
        for (row, done) in row.iter().map(|row| (row, at.1)).chain(borrowed.iter().map(|row| (row, 0))) {
            match row.run.get(usize::from(done)) {
                Some(unit) => letters.push(*unit),
                None => letters.extend(row.edges.iter().map(|[low, _, _]| *low)),
            }
        }
        letters.push(u16::from(b'x'));
        letters
    }
}

pack_struct!(Automaton { folded, table });

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    use alloc::vec;

    fn digits() -> Automaton {
        // `[0-9]+-a`, as a search, capitals or not.
        let unit = |letter: char| letter as u16;
        let table = vec![
            // Row 2: a digit leads to row 8, everything else back here.
            0,
            START,
            4,
            unit('0'),
            9,
            8,
            // Row 8: a hyphen leads to row 14, the rest as in row 2.
            0,
            START,
            6,
            unit('-'),
            0,
            14,
            // Row 14: `a` is the end.
            0,
            START,
            6,
            unit('a'),
            0,
            YES,
        ];
        Automaton { folded: true, table }
    }

    #[test]
    fn a_table_is_walked_one_step_a_unit() {
        let pattern = Pattern::Automaton(digits());
        for (text, want) in
            [("x17-a", true), ("17-A!", true), ("17--a", false), ("17-1-a", true), ("", false)]
        {
            assert_eq!(pattern.is_match(text), want, "{text}");
        }
    }

    #[test]
    fn plain_comparisons_are_what_they_say() {
        for (pattern, yes, no) in [
            (Pattern::Is("가방".into()), "가방", "가방 "),
            (Pattern::Starts("/p/".into()), "/p/1", "x/p/"),
            (Pattern::Ends("-sale".into()), "/p-sale", "-sale/"),
            (Pattern::Has("aab".into()), "/aaab", "/aaac"),
            (Pattern::Has("b".into()), "b", ""),
        ] {
            assert!(pattern.is_match(yes), "{pattern:?}");
            assert!(!pattern.is_match(no), "{pattern:?}");
        }
        assert!(Pattern::Has(String::new()).is_match(""));
    }

    #[test]
    fn a_run_is_walked_letter_by_letter_and_left_by_its_rest() {
        // `abc$`: row 2 waits for `a`, row 8 has the rest and falls back as row 2.
        let unit = |letter: char| letter as u16;
        let table = vec![0, START, 4, unit('a'), 0, 8, 2, unit('b'), unit('c'), START, 3];
        let pattern = Pattern::Automaton(Automaton { folded: false, table });
        for (text, want) in [("abc", true), ("xabc", true), ("ababc", true), ("abcd", false), ("ab", false)] {
            assert_eq!(pattern.is_match(text), want, "{text}");
        }
        assert_eq!(pattern.example(), "abc");
        assert_eq!(Pattern::Automaton(digits()).example(), "0-a");
    }

    #[test]
    fn any_numbers_are_a_table() {
        let table = digits();
        let mut bytes = Vec::new();
        table.pack(&mut bytes);
        let mut input = Input::new(&bytes);
        assert_eq!(Automaton::unpack(&mut input), table);
        assert!(!input.is_broken() && input.is_done());
        let mut rng = Rng::new(7, 1);
        let text = "17-a17--b0x".repeat(50);
        for _ in 0..20_000 {
            let mut foreign = table.clone();
            for _ in 0..1 + rng.below(6) {
                let at = rng.below(foreign.table.len() as u64) as usize;
                let number = if rng.below(3) == 0 { rng.next_u64() } else { rng.below(24) };
                foreign.table[at] = number as u16;
            }
            foreign.table.truncate(rng.below(40) as usize);
            let _ = (Pattern::Automaton(foreign.clone()).is_match(&text), foreign.example());
        }
    }

    #[test]
    fn a_borrower_of_a_borrower_matches_nothing() {
        let table = Automaton { folded: false, table: vec![0, START, 2] };
        assert!(!Pattern::Automaton(table).is_match(&"x".repeat(1_000_000)));
    }
}
