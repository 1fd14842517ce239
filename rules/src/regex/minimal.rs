//! Equal states of a table become one, by Hopcroft's refinement: in the order
//! of n log n, so that no pattern within the limits takes long.

use std::collections::BTreeMap;

use vitrine_engine::automaton::START;

/// A state as a full row: where each kind leads, and whether a text may end
/// here. The two ends come first, then the start.
pub(crate) type Row = (Vec<usize>, bool);

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
    let mut blocks = Blocks::of(rows);
    while let Some(splitter) = blocks.waiting.pop() {
        let states = blocks.members.get(splitter).cloned().unwrap_or_default();
        for letter in 0..letters {
            let mut touched: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
            for state in &states {
                for from in before.get(*state).and_then(|lists| lists.get(letter)).into_iter().flatten() {
                    let block = blocks.of_state.get(*from).copied().unwrap_or(0);
                    touched.entry(block).or_default().push(*from);
                }
            }
            for (block, inside) in touched {
                blocks.split(block, inside);
            }
        }
    }
    blocks.of_state
}

/// States parted as far as is known that they differ.
struct Blocks {
    of_state: Vec<usize>,
    members: Vec<Vec<usize>>,
    /// Blocks by which others are still to be split.
    waiting: Vec<usize>,
}

impl Blocks {
    /// Those at which a text may end, and the others.
    fn of(rows: &[Row]) -> Blocks {
        let is_last = |at: &usize| rows.get(*at).is_some_and(|(_, is_last)| *is_last);
        let (last, other): (Vec<usize>, Vec<usize>) = (0..rows.len()).partition(is_last);
        Blocks {
            of_state: rows.iter().map(|(_, is_last)| usize::from(*is_last)).collect(),
            members: vec![other, last],
            waiting: vec![0, 1],
        }
    }

    /// Parts the states that lead into the splitter from those that do not. The
    /// smaller half is looked at again, the larger only if it already waits: it
    /// keeps the old number.
    fn split(&mut self, block: usize, mut inside: Vec<usize>) {
        let Some(all) = self.members.get_mut(block).filter(|all| inside.len() < all.len()) else { return };
        inside.sort_unstable();
        let outside: Vec<usize> =
            all.iter().copied().filter(|at| inside.binary_search(at).is_err()).collect();
        let (small, large) = if inside.len() < outside.len() { (inside, outside) } else { (outside, inside) };
        *all = large;
        let new = self.members.len();
        for at in &small {
            if let Some(block) = self.of_state.get_mut(*at) {
                *block = new;
            }
        }
        self.members.push(small);
        self.waiting.push(new);
    }
}
