//! Patterns of the rule language to what a device can walk. Never matches a
//! text itself, and never ships a parser: `engine/automaton.rs` walks the table.

// letters, and what is made of them
mod units;
mod part;
// the two ways to write a pattern
mod escape;
mod syntax;
mod glob;
// the table
mod minimal;
mod table;

use vitrine_engine::automaton::{Pattern, YES};

use part::Part;

pub use glob::glob;

/// Units of a plain text that is searched without a table: a search looks at
/// each place of a text at most so often.
const PLAIN_LIMIT: usize = 64;

/// Why a pattern cannot be used, and where in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// Byte offset in the pattern of the part that is wrong.
    pub at: usize,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// `(?=`, `(?!`, `(?<=` or `(?<!`.
    LookAround,
    /// `\1` or `\k<name>`.
    BackReference,
    /// The table would have too many states, or too much work to find them.
    TooLarge,
    /// More different letters than a table tells apart.
    TooVaried,
    /// More letters than a pattern may have.
    TooLong,
    /// Brackets nested too deep.
    TooDeep,
    /// `*` or its like with nothing before it.
    NothingToRepeat,
    /// `{3,2}`.
    CountsReversed,
    /// `[z-a]`.
    RangeReversed,
    /// `(` without `)`.
    OpenGroup,
    /// `)` without `(`.
    StrayBracket,
    /// `[` without `]`.
    OpenClass,
    /// `(?` and something that is no group.
    UnknownGroup,
    /// A group's name that is none.
    BadGroupName,
    /// Two groups of one name.
    SameGroupName,
    /// `\` at the end.
    LoneBackslash,
    /// An escape that means nothing here.
    BadEscape,
    /// A path pattern that does not begin with `/`.
    NoSlash,
    /// `?` or `#` in a path pattern.
    NoPath,
    /// `**` that is not a whole part of a path.
    StarsInPart,
    /// `{…}` that is neither `{id}` nor a list of alternatives.
    UnknownPlaceholder,
    /// Alternatives within alternatives, or `/` within them.
    NotWithinPart,
}

impl Fault {
    /// What is wrong, as the end of a sentence that begins with the pattern.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Fault::LookAround => "looks ahead or behind, which no device's table can do",
            Fault::BackReference => "refers back to an earlier group, which no device's table can do",
            Fault::TooLarge => {
                "needs too large a table for a device; use fewer or smaller counts, or begin it with `^`"
            }
            Fault::TooVaried => "tells more than 250 different letters apart; split it into several patterns",
            Fault::TooLong => "is longer than a pattern may be",
            Fault::TooDeep => "nests its brackets deeper than a pattern may",
            Fault::NothingToRepeat => "repeats nothing: a letter or group must stand before",
            Fault::CountsReversed => "counts from more to fewer",
            Fault::RangeReversed => "has a range from a higher to a lower letter",
            Fault::OpenGroup => "has a `(` that is never closed",
            Fault::StrayBracket => "has a `)` that closes nothing; write `\\)` for the sign itself",
            Fault::OpenClass => "has a `[` that is never closed",
            Fault::UnknownGroup => "has a kind of group that browsers do not agree on; write `(?:…)`",
            Fault::BadGroupName => "has a group whose name is no name",
            Fault::SameGroupName => "has two groups of one name",
            Fault::LoneBackslash => "ends with a backslash that escapes nothing",
            Fault::BadEscape => "escapes a letter that means nothing here",
            Fault::NoSlash => "must begin with `/`",
            Fault::NoPath => "is held against paths, which have no `?` and no `#`",
            Fault::StarsInPart => "has `**` beside other text; `**` stands for whole parts, as in `/list/**`",
            Fault::UnknownPlaceholder => {
                "has a placeholder that does not exist; there are `{id}` and lists such as `{shoes,bags}`"
            }
            Fault::NotWithinPart => "has alternatives that are nested or reach over a `/`",
        }
    }
}

/// Compiles a regular expression as JavaScript's `new RegExp(pattern)` has it,
/// or `new RegExp(pattern, "i")`; a text matches if the pattern is found
/// anywhere in it.
///
/// # Errors
/// Says what no table can do, or what no browser would accept, and where.
pub fn compile(pattern: &str, insensitive: bool) -> Result<Pattern, Refusal> {
    let part = syntax::parse(pattern, insensitive)?;
    finish(&part, insensitive)
}

/// The cheapest form of a pattern.
fn finish(part: &Part, folded: bool) -> Result<Pattern, Refusal> {
    if let Some(plain) = plain(part) {
        return Ok(plain);
    }
    let table = table::build(part, folded).map_err(|fault| Refusal { at: 0, fault })?;
    let is_always =
        table.states.first().is_some_and(|state| state.is_last && state.rest == YES && state.until == 0);
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
