//! Patterns of text, compiled where the rules were uploaded. Never parses a
//! regular expression and never backtracks: one step a unit of text, whatever
//! the pattern, so that no marketer's pattern can hang a shopper's page.
//!
//! A unit is one of UTF-16, as in JavaScript's `RegExp` without flags: a
//! pattern means here what it means in the browser's own console.

use alloc::string::String;
use alloc::vec::Vec;

use crate::pack::{Input, Pack, pack_enum, push_varint};

/// States of one automaton, the two ends not counted: a pattern that a person
/// wrote has tens, and a plan of 500 campaigns must fit into a page's memory.
pub const STATE_LIMIT: usize = 2_000;

/// The end at which nothing can match any more.
pub const NO: u16 = 0;
/// The end at which the pattern was found, whatever follows.
pub const YES: u16 = 1;
/// The state in which every text begins.
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

/// A table of states. Total for every table that unpacks: a step leads to a
/// state that exists, and a text has as many steps as units.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Automaton {
    /// Whether ASCII capitals count as small letters.
    pub folded: bool,
    /// The states from [`START`] on.
    pub states: Vec<State>,
    /// The edges of all states, state by state.
    pub edges: Vec<Edge>,
}

/// Where a state leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct State {
    /// Where this state's edges end in the table; they begin where those of
    /// the state before end.
    pub until: u16,
    /// Where a unit leads that no edge takes.
    pub rest: u16,
    /// Such a unit is taken as `rest` would take it, instead of leading there:
    /// in a search most states fall back as the first one does.
    pub as_rest: bool,
    /// A text that ends here matches.
    pub is_last: bool,
}

/// The units from `low` to `high`, both included, lead to `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// The lowest unit.
    pub low: u16,
    /// The highest.
    pub high: u16,
    /// The state.
    pub to: u16,
}

impl Pattern {
    /// Whether a text matches.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        match self {
            Pattern::Is(want) => text == want,
            Pattern::Starts(want) => text.as_bytes().starts_with(want.as_bytes()),
            Pattern::Ends(want) => text.as_bytes().ends_with(want.as_bytes()),
            Pattern::Has(want) => has(text.as_bytes(), want.as_bytes()),
            Pattern::Automaton(automaton) => automaton.is_match(text),
        }
    }
}

/// A plain search: the standard library's costs a page two kilobytes, and the
/// texts of a page are short.
fn has(text: &[u8], want: &[u8]) -> bool {
    let mut rest = text;
    loop {
        if rest.first() == want.first() && rest.starts_with(want) || want.is_empty() {
            return true;
        }
        let [_, tail @ ..] = rest else { return false };
        rest = tail;
    }
}

impl Automaton {
    /// Whether a text matches.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        let mut at = START;
        for unit in text.encode_utf16() {
            at = self.step(at, unit);
            if at <= YES {
                return at == YES;
            }
        }
        self.state(at).is_some_and(|state| state.is_last)
    }

    /// The state after one unit.
    #[must_use]
    pub fn step(&self, at: u16, unit: u16) -> u16 {
        let unit = if self.folded && matches!(unit, 0x41..=0x5a) { unit | 0x20 } else { unit };
        let mut at = at;
        // A state may borrow from one other; a foreign chain ends there.
        for _ in 0..2 {
            let Some(state) = self.state(at) else { break };
            for edge in self.edges_of(at) {
                if edge.low <= unit && unit <= edge.high {
                    return edge.to;
                }
            }
            at = state.rest;
            if !state.as_rest {
                return at;
            }
        }
        NO
    }

    fn state(&self, at: u16) -> Option<&State> {
        self.states.get(usize::from(at.checked_sub(START)?))
    }

    /// The edges of a state.
    #[must_use]
    pub fn edges_of(&self, at: u16) -> &[Edge] {
        let from = self.state(at.saturating_sub(1)).map_or(0, |before| usize::from(before.until));
        let until = self.state(at).map_or(0, |state| usize::from(state.until));
        self.edges.get(from..until).unwrap_or_default()
    }
}

/// A place as a number: 0 is the next state and 1 this one, the two that most
/// edges lead to.
fn push_place(out: &mut Vec<u8>, to: u16, own: u16, mark: bool) {
    let place = match to {
        _ if to == own + 1 => 0,
        _ if to == own => 1,
        _ => u64::from(to) + 2,
    };
    push_varint(out, place << 1 | u64::from(mark));
}

fn place(input: &mut Input, own: u16, count: usize) -> (u16, bool) {
    let number = input.number();
    let to = match number >> 1 {
        0 => u64::from(own) + 1,
        1 => u64::from(own),
        other => other - 2,
    };
    if to >= (count as u64) + u64::from(START) {
        input.fail();
    }
    (to as u16, number & 1 == 1)
}

impl Pack for Automaton {
    fn pack(&self, out: &mut Vec<u8>) {
        push_varint(out, (self.states.len() as u64) << 1 | u64::from(self.folded));
        for (own, state) in (START..).zip(&self.states) {
            let edges = self.edges_of(own);
            push_varint(out, (edges.len() as u64) << 1 | u64::from(state.is_last));
            push_place(out, state.rest, own, state.as_rest);
            for edge in edges {
                push_varint(out, edge.low.into());
                push_place(out, edge.to, own, edge.low < edge.high);
                if edge.low < edge.high {
                    push_varint(out, (edge.high - edge.low).into());
                }
            }
        }
    }

    fn unpack(input: &mut Input) -> Self {
        let mut automaton = Automaton::default();
        let head = input.number();
        let count = (head >> 1) as usize;
        automaton.folded = head & 1 == 1;
        if count > STATE_LIMIT {
            input.fail();
        }
        let mut own = START;
        while automaton.states.len() < count && !input.is_broken() {
            let head = input.number();
            let (rest, as_rest) = place(input, own, count);
            for _ in 0..head >> 1 {
                let low = u16::unpack(input);
                let (to, is_range) = place(input, own, count);
                let more = if is_range { u16::unpack(input) } else { 0 };
                if input.is_broken() || automaton.edges.len() >= usize::from(u16::MAX) {
                    input.fail();
                    break;
                }
                automaton.edges.push(Edge { low, high: low.saturating_add(more), to });
            }
            let until = automaton.edges.len() as u16;
            automaton.states.push(State { until, rest, as_rest, is_last: head & 1 == 1 });
            own += 1;
        }
        automaton
    }
}

pack_enum!(Pattern { 0 Is(text), 1 Starts(text), 2 Ends(text), 3 Has(text), 4 Automaton(table) }
    else Pattern::Is(String::new()));

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    use alloc::vec;

    fn digits() -> Automaton {
        // `[0-9]+-a`, as a search.
        let edge = |low: char, high: char, to| Edge { low: low as u16, high: high as u16, to };
        Automaton {
            folded: true,
            states: vec![
                State { until: 1, rest: 2, as_rest: false, is_last: false },
                State { until: 2, rest: 2, as_rest: true, is_last: false },
                State { until: 3, rest: 2, as_rest: true, is_last: false },
            ],
            edges: vec![edge('0', '9', 3), edge('-', '-', 4), edge('a', 'a', YES)],
        }
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
    fn a_table_comes_back_from_its_bytes_and_no_byte_makes_it_loop_or_leave() {
        let table = digits();
        let mut bytes = Vec::new();
        table.pack(&mut bytes);
        let mut input = Input::new(&bytes);
        assert_eq!(Automaton::unpack(&mut input), table);
        assert!(!input.is_broken() && input.is_done());
        let mut rng = Rng::new(7, 1);
        let mut sound = 0;
        for _ in 0..200_000 {
            let mut foreign = bytes.clone();
            for _ in 0..1 + rng.below(3) {
                let at = rng.below(foreign.len() as u64) as usize;
                foreign[at] = rng.below(256) as u8;
            }
            let mut input = Input::new(&foreign);
            let table = Automaton::unpack(&mut input);
            // Broken or not: the walk ends, and every step leads to a place.
            let _ = table.is_match("17-a17--b0x");
            if !input.is_broken() {
                sound += 1;
                let end = START + table.states.len() as u16;
                assert!((0..end + 9).all(|at| (0..300).all(|unit| table.step(at, unit) < end.max(1))));
            }
        }
        assert!(sound > 1000, "{sound}");
    }

    #[test]
    fn a_borrower_of_a_borrower_matches_nothing() {
        let state = State { until: 0, rest: START, as_rest: true, is_last: false };
        let table = Automaton { folded: false, states: vec![state], edges: vec![] };
        assert!(!table.is_match(&"x".repeat(1_000_000)));
    }
}
