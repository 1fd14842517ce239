//! Patterns of the rule language to what a device can walk. Never matches a
//! text itself, and never ships a parser: `engine/automaton.rs` walks the table.

// why a pattern is refused
mod fault;
// letters, and what is made of them
mod units;
mod part;
// the two ways to write a pattern
mod reader;
mod escape;
mod syntax;
mod glob;
// the table
mod minimal;
mod table;

use vitrine_engine::automaton::{Pattern, YES};

use part::Part;

pub use fault::{Fault, Refusal};
pub use glob::glob;

/// Units of a plain text that is searched without a table: a search looks at
/// each place of a text at most so often.
const PLAIN_LIMIT: usize = 64;

/// Whether capitals and small letters are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// They are.
    Sensitive,
    /// They are not, as with flag `i`.
    Insensitive,
}

/// Compiles a regular expression as JavaScript's `new RegExp(pattern)` has it,
/// or `new RegExp(pattern, "i")`; a text matches if the pattern is found
/// anywhere in it.
///
/// # Errors
/// Says what no table can do, or what no browser would accept, and where.
pub fn compile(pattern: &str, case: Case) -> Result<Pattern, Refusal> {
    let part = syntax::parse(pattern, case)?;
    finish(&part, case)
}

/// The cheapest form of a pattern.
fn finish(part: &Part, case: Case) -> Result<Pattern, Refusal> {
    if let Some(plain) = plain(part) {
        return Ok(plain);
    }
    let table = table::build(part, case).map_err(|fault| Refusal { at: 0, fault })?;
    // A row that leads to the end at once is no question.
    let is_always = table.table == [0, YES, 1];
    Ok(if is_always { Pattern::Has(String::new()) } else { Pattern::Automaton(table) })
}

/// A pattern that is a plain comparison.
fn plain(part: &Part) -> Option<Pattern> {
    let mut row = Vec::new();
    flatten(part, &mut row);
    let mut rest = row.as_slice();
    // At an open end, what may be nothing says nothing.
    while let [first, tail @ ..] = rest
        && first.is_optional()
    {
        rest = tail;
    }
    while let [head @ .., last] = rest
        && last.is_optional()
    {
        rest = head;
    }
    let starts = matches!(rest, [Part::Start, ..]);
    rest = rest.get(usize::from(starts)..)?;
    let ends = matches!(rest, [.., Part::End]);
    rest = rest.get(..rest.len() - usize::from(ends))?;
    let units: Option<Vec<u16>> = rest
        .iter()
        .map(|part| match part {
            Part::Unit(units) => units.single(),
            _ => None,
        })
        .collect();
    // Half of a pair of units is no text.
    let text = String::from_utf16(&units?).ok()?;
    Some(match (starts, ends) {
        (true, true) => Pattern::Is(text),
        (true, false) => Pattern::Starts(text),
        (false, true) => Pattern::Ends(text),
        (false, false) if rest.len() <= PLAIN_LIMIT => Pattern::Has(text),
        (false, false) => return None,
    })
}

fn flatten<'a>(part: &'a Part, row: &mut Vec<&'a Part>) {
    match part {
        Part::Row(parts) => parts.iter().for_each(|part| flatten(part, row)),
        part => row.push(part),
    }
}
