//! Equal states of a table become one, by Hopcroft's refinement: in the order
//! of n log n, so that no pattern within the limits takes long.

use std::collections::BTreeMap;

use vitrine_engine::automaton::START;

use super::table::Row;

/// The table with equal states made one, and the place of its start. The two
/// ends keep their places; the start can be one of them.
pub(crate) fn minimal(rows: Vec<Row>) -> (Vec<Row>, usize) {
    let blocks = blocks(&rows);
    // New places by first appearance.
    let mut places: BTreeMap<usize, usize> = BTreeMap::new();
    for at in 0..rows.len() {
        let block = blocks.get(at).copied().unwrap_or(0);
        let next = places.len();
        places.entry(block).or_insert(next);
    }
    let place = |at: &usize| blocks.get(*at).and_then(|block| places.get(block)).copied().unwrap_or(0);
    let mut out: Vec<Row> = Vec::new();
    for (at, (row, is_last)) in rows.iter().enumerate() {
        if place(&at) == out.len() {
            out.push((row.iter().map(place).collect(), *is_last));
        }
    }
    (out, place(&usize::from(START)))
}

/// The block of each state: states of one block accept the same texts.
fn blocks(rows: &[Row]) -> Vec<usize> {
    let letters = rows.first().map_or(0, |(row, _)| row.len());
    let mut before: Vec<Vec<Vec<usize>>> = vec![vec![Vec::new(); letters]; rows.len()];
    for (at, (row, _)) in rows.iter().enumerate() {
        for (letter, to) in row.iter().enumerate() {
            if let Some(list) = before.get_mut(*to).and_then(|lists| lists.get_mut(letter)) {
                list.push(at);
            }
        }
    }
    let (last, other): (Vec<usize>, Vec<usize>) =
        (0..rows.len()).partition(|at| rows.get(*at).is_some_and(|(_, is_last)| *is_last));
    let mut block_of: Vec<usize> = rows.iter().map(|(_, is_last)| usize::from(*is_last)).collect();
    let mut members = vec![other, last];
    let mut waiting: Vec<usize> = vec![0, 1];
    while let Some(splitter) = waiting.pop() {
        let states = members.get(splitter).cloned().unwrap_or_default();
        for letter in 0..letters {
            let mut touched: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
            for state in &states {
                for from in before.get(*state).and_then(|lists| lists.get(letter)).into_iter().flatten() {
                    let block = block_of.get(*from).copied().unwrap_or(0);
                    touched.entry(block).or_default().push(*from);
                }
            }
            for (block, inside) in touched {
                split(block, inside, &mut members, &mut block_of, &mut waiting);
            }
        }
    }
    block_of
}

/// Parts the states that lead into the splitter from those that do not. The
/// smaller half is looked at again, the larger only if it already waits: it
/// keeps the old number.
fn split(
    block: usize,
    inside: Vec<usize>,
    members: &mut Vec<Vec<usize>>,
    block_of: &mut [usize],
    waiting: &mut Vec<usize>,
) {
    let Some(all) = members.get_mut(block) else { return };
    if inside.len() >= all.len() {
        return;
    }
    let mut marked: Vec<usize> = inside;
    marked.sort_unstable();
    let outside: Vec<usize> = all.iter().copied().filter(|at| marked.binary_search(at).is_err()).collect();
    let (small, large) = if marked.len() < outside.len() { (marked, outside) } else { (outside, marked) };
    *all = large;
    let new = members.len();
    for at in &small {
        if let Some(block) = block_of.get_mut(*at) {
            *block = new;
        }
    }
    members.push(small);
    waiting.push(new);
}
