//! A pattern's parts to a table of states. Never decides what a pattern
//! means; `regex-automata` determines the states, and what is done here makes
//! them few: a found pattern has one end, equal states are one, and a state
//! says only how it differs.
//!
//! The table's letters are kinds of units, so that no encoding of text costs a
//! state: `regex-automata` reads bytes, and each byte stands for one kind.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;
use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, Hir, Look, Repetition};
use vitrine_engine::automaton::{Automaton, NO, START, TABLE_LIMIT, YES};

use super::minimal::{Row, minimal};
use super::part::Part;
use super::units::Units;
use super::{Case, Fault};

/// States of one table: a pattern that a person wrote has tens.
const STATE_LIMIT: usize = 2_000;
/// Bytes of `regex-automata`'s own tables on the way: some milliseconds of work.
const WORK_BYTES: usize = 1 << 20;
/// States before equal ones are one.
const RAW_STATES: usize = 4 * STATE_LIMIT;

/// The table of a pattern that is searched anywhere in a text.
pub(crate) fn build(part: &Part, case: Case) -> Result<Automaton, Fault> {
    let folded = case == Case::Insensitive;
    let kinds = Kinds::of(part, case)?;
    let (rows, start) = minimal(raw(part, &kinds)?);
    if rows.len() > STATE_LIMIT + usize::from(START) {
        return Err(Fault::TooLarge);
    }
    if start < usize::from(START) {
        // Nothing that follows changes the answer.
        let end = if start == usize::from(YES) { YES } else { NO };
        return Ok(Automaton { folded, table: vec![0, end, end] });
    }
    let table = write(&rows, &lay_out(&kinds, &rows));
    if table.len() > TABLE_LIMIT { Err(Fault::TooLarge) } else { Ok(Automaton { folded, table }) }
}

/// Units by what the pattern tells apart.
struct Kinds {
    /// Where each range of units begins, ascending from 0; the ranges meet.
    starts: Vec<u16>,
    /// The byte of each range.
    bytes: Vec<u8>,
    /// The bytes in use, ascending.
    all: Vec<u8>,
    /// The bytes of each set of the pattern.
    of_set: BTreeMap<Units, BTreeSet<u8>>,
}

impl Kinds {
    fn of(part: &Part, case: Case) -> Result<Kinds, Fault> {
        let mut sets = BTreeSet::new();
        let mut has_edge = false;
        gather(part, &mut sets, &mut has_edge);
        let word = Units::named(b'w').unwrap_or_default();
        if has_edge {
            sets.insert(word.clone());
        }
        let ranges = sets.iter().flat_map(Units::ranges);
        let cuts = ranges.flat_map(|(low, high)| [Some(*low), high.checked_add(1)]).flatten();
        let mut starts: BTreeSet<u16> = cuts.collect();
        starts.insert(0);
        if case == Case::Insensitive {
            // A walk never asks for a capital: whatever it is told, it costs no range.
            starts.retain(|unit| !(0x41..=0x5a).contains(unit));
            starts.insert(0x5b);
        }
        let starts: Vec<u16> = starts.into_iter().collect();
        let (mut inside, mut outside) = bytes_by_word(has_edge);
        let mut known: HashMap<Vec<bool>, u8> = HashMap::new();
        let mut kinds = Kinds { starts, bytes: Vec::new(), all: Vec::new(), of_set: BTreeMap::new() };
        kinds.of_set = sets.iter().map(|set| (set.clone(), BTreeSet::new())).collect();
        for unit in &kinds.starts {
            let marks: Vec<bool> = sets.iter().map(|set| set.has(*unit)).collect();
            let byte = match known.get(&marks) {
                Some(byte) => *byte,
                None => {
                    let pool = if word.has(*unit) { &mut inside } else { &mut outside };
                    let byte = pool.pop().ok_or(Fault::TooVaried)?;
                    for (set, bytes) in &mut kinds.of_set {
                        if set.has(*unit) {
                            bytes.insert(byte);
                        }
                    }
                    known.insert(marks, byte);
                    byte
                }
            };
            kinds.bytes.push(byte);
        }
        kinds.all = known.into_values().collect();
        kinds.all.sort_unstable();
        Ok(kinds)
    }
}

fn gather(part: &Part, sets: &mut BTreeSet<Units>, has_edge: &mut bool) {
    match part {
        Part::Unit(units) => {
            sets.insert(units.clone());
        }
        Part::Row(parts) | Part::Any(parts) => parts.iter().for_each(|part| gather(part, sets, has_edge)),
        Part::Times(part, _, _) => gather(part, sets, has_edge),
        Part::Edge(_) => *has_edge = true,
        Part::Start | Part::End => {}
    }
}

/// Bytes to hand out, to kinds of word units and to others: where `\b` is
/// asked for, the byte must be a word's exactly if the unit is.
fn bytes_by_word(has_edge: bool) -> (Vec<u8>, Vec<u8>) {
    (0..=255u8).rev().partition(|byte| {
        let is_word = byte.is_ascii_alphanumeric() || *byte == b'_';
        if has_edge { is_word } else { *byte >= 128 }
    })
}

fn hir(part: &Part, kinds: &Kinds) -> Hir {
    match part {
        Part::Unit(units) => {
            let bytes = kinds.of_set.get(units).into_iter().flatten();
            let ranges = bytes.map(|byte| ClassBytesRange::new(*byte, *byte));
            Hir::class(Class::Bytes(ClassBytes::new(ranges)))
        }
        Part::Row(parts) => Hir::concat(parts.iter().map(|part| hir(part, kinds)).collect()),
        Part::Any(parts) => Hir::alternation(parts.iter().map(|part| hir(part, kinds)).collect()),
        Part::Times(part, min, max) => {
            let sub = Box::new(hir(part, kinds));
            Hir::repetition(Repetition { min: *min, max: *max, greedy: true, sub })
        }
        Part::Start => Hir::look(Look::Start),
        Part::End => Hir::look(Look::End),
        Part::Edge(true) => Hir::look(Look::WordAscii),
        Part::Edge(false) => Hir::look(Look::WordAsciiNegate),
    }
}

/// The states as `regex-automata` finds them, with every match led to one end.
fn raw(part: &Part, kinds: &Kinds) -> Result<Vec<Row>, Fault> {
    let nfa = thompson::Compiler::new()
        .configure(
            thompson::Config::new()
                .utf8(false)
                .nfa_size_limit(Some(WORK_BYTES))
                .which_captures(thompson::WhichCaptures::None),
        )
        .build_from_hir(&hir(part, kinds))
        .map_err(|_| Fault::TooLarge)?;
    let dfa = dense::Builder::new()
        .configure(
            dense::Config::new()
                .accelerate(false)
                .start_kind(StartKind::Unanchored)
                .dfa_size_limit(Some(WORK_BYTES))
                .determinize_size_limit(Some(WORK_BYTES)),
        )
        .build_from_nfa(&nfa)
        .map_err(|_| Fault::TooLarge)?;
    let begin = dfa.start_state(&start::Config::new()).map_err(|_| Fault::TooLarge)?;
    let ends = [NO, YES].map(|end| (vec![usize::from(end); kinds.all.len()], end == YES));
    let mut rows: Vec<Row> = ends.into();
    let mut known: HashMap<StateID, usize> = HashMap::from([(begin, usize::from(START))]);
    let mut waiting = vec![begin];
    let mut next = 0;
    while let Some(state) = waiting.get(next).copied() {
        next += 1;
        let mut row = Vec::with_capacity(kinds.all.len());
        for byte in &kinds.all {
            let to = dfa.next_state(state, *byte);
            row.push(if dfa.is_match_state(to) {
                usize::from(YES)
            } else if dfa.is_dead_state(to) {
                usize::from(NO)
            } else {
                *known.entry(to).or_insert_with(|| {
                    waiting.push(to);
                    waiting.len() + usize::from(START) - 1
                })
            });
        }
        rows.push((row, dfa.is_match_state(dfa.next_eoi_state(state))));
        if waiting.len() > RAW_STATES {
            return Err(Fault::TooLarge);
        }
    }
    Ok(rows)
}

/// What a state says: its edges, and what becomes of other units.
struct Laid {
    edges: Vec<(u16, u16, usize)>,
    rest: usize,
    as_rest: bool,
}

/// Rows to states that say as little as possible.
fn lay_out(kinds: &Kinds, rows: &[Row]) -> Vec<Laid> {
    // Where each range of units leads.
    let column = |byte: &u8| kinds.all.binary_search(byte).unwrap_or(0);
    let columns: Vec<usize> = kinds.bytes.iter().map(column).collect();
    let spread = |row: &Row| -> Vec<usize> {
        columns.iter().map(|column| row.0.get(*column).copied().unwrap_or(0)).collect()
    };
    let wide: Vec<Vec<usize>> = rows.iter().map(spread).collect();
    let mut laid: Vec<Laid> = wide.iter().map(|row| by_rest(kinds, row)).collect();
    // A state may borrow from one that does not borrow itself.
    let mut lenders = BTreeSet::new();
    for at in usize::from(START)..laid.len() {
        let Some(state) = laid.get(at) else { break };
        let lender = state.rest;
        let (Some(row), Some(other), Some(theirs)) = (wide.get(at), wide.get(lender), laid.get(lender))
        else {
            break;
        };
        if lender < usize::from(START) || lender == at || lenders.contains(&at) || theirs.as_rest {
            continue;
        }
        let edges = edges_where(kinds, row, |range, to| other.get(range) != Some(&to));
        if edges.len() < state.edges.len() {
            lenders.insert(lender);
            if let Some(state) = laid.get_mut(at) {
                *state = Laid { edges, rest: lender, as_rest: true };
            }
        }
    }
    laid
}

/// The state by the other units' target that leaves the fewest edges.
fn by_rest(kinds: &Kinds, row: &[usize]) -> Laid {
    let targets: BTreeSet<usize> = row.iter().copied().collect();
    let laid = targets.into_iter().map(|rest| {
        let edges = edges_where(kinds, row, |_, to| to != rest);
        Laid { edges, rest, as_rest: false }
    });
    laid.min_by_key(|laid| laid.edges.len()).unwrap_or(Laid { edges: Vec::new(), rest: 0, as_rest: false })
}

fn edges_where(kinds: &Kinds, row: &[usize], tells: impl Fn(usize, usize) -> bool) -> Vec<(u16, u16, usize)> {
    let mut edges: Vec<(u16, u16, usize)> = Vec::new();
    let ends = kinds.starts.iter().skip(1).map(|start| start - 1).chain([u16::MAX]);
    for (range, ((low, high), to)) in kinds.starts.iter().zip(ends).zip(row).enumerate() {
        if !tells(range, *to) {
            continue;
        }
        match edges.last_mut() {
            Some(last) if last.2 == *to && last.1.checked_add(1) == Some(*low) => last.1 = high,
            _ => edges.push((*low, high, *to)),
        }
    }
    edges
}

/// The rows of numbers that a device walks.
fn write(rows: &[Row], laid: &[Laid]) -> Vec<u16> {
    let heads = heads(rows, laid);
    // Row by row, each followed by the one that its first edge leads to.
    let mut order: Vec<Vec<usize>> = Vec::new();
    let mut places: HashMap<usize, usize> = HashMap::from([(0, 0), (1, 1)]);
    let mut waiting = vec![usize::from(START)];
    let mut end = usize::from(START);
    while let Some(at) = waiting.pop() {
        if places.contains_key(&at) {
            continue;
        }
        places.insert(at, end);
        let mut run = vec![at];
        let mut full = at;
        while let Some(next) = laid.get(full).and_then(Laid::next).filter(|next| !heads.contains(next)) {
            run.push(next);
            full = next;
        }
        let Some(state) = laid.get(full) else { continue };
        end += run.len() + 2 + 3 * state.edges.len();
        waiting.push(state.rest);
        waiting.extend(state.edges.iter().rev().map(|(_, _, to)| *to));
        order.push(run);
    }
    let place = |to: usize| places.get(&to).map_or(NO, |place| *place as u16);
    let mut table: Vec<u16> = Vec::with_capacity(end);
    for run in order {
        table.push(run.len() as u16 - 1);
        let Some((full, letters)) = run.split_last() else { continue };
        let states = letters.iter().filter_map(|at| laid.get(*at));
        table.extend(states.filter_map(|state| state.edges.first()).map(|(low, _, _)| *low));
        let (Some(state), Some((_, is_last))) = (laid.get(*full), rows.get(*full)) else { continue };
        table.push(place(state.rest));
        table.push((state.edges.len() as u16) << 2 | u16::from(state.as_rest) << 1 | u16::from(*is_last));
        for (low, high, to) in &state.edges {
            table.extend([*low, high - low, place(*to)]);
        }
    }
    table
}

impl Laid {
    /// The state that the only edge, a single letter's, leads to.
    fn next(&self) -> Option<usize> {
        match self.edges.as_slice() {
            [(low, high, to)] if low == high => Some(*to),
            _ => None,
        }
    }
}

/// The states that begin a row: a run is entered at its beginning only, all
/// its states fall back alike, and none is a last one.
fn heads(rows: &[Row], laid: &[Laid]) -> BTreeSet<usize> {
    let mut heads = BTreeSet::from([0, 1, usize::from(START)]);
    let mut seen = BTreeSet::new();
    for (at, (state, (_, is_last))) in laid.iter().zip(rows).enumerate().skip(usize::from(START)) {
        heads.insert(state.rest);
        let next = state.next().filter(|_| !is_last).and_then(|to| Some((to, laid.get(to)?)));
        let in_run = next.filter(|(_, next)| (next.rest, next.as_rest) == (state.rest, state.as_rest));
        for (_, _, to) in &state.edges {
            // Whoever is entered twice begins a row, and a circle has a beginning.
            if !seen.insert(*to) || in_run.is_none() || *to <= at {
                heads.insert(*to);
            }
        }
    }
    heads
}
