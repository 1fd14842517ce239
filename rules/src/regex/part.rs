//! The parts of a pattern, whatever syntax it was written in. Never refuses
//! anything.

use super::units::Units;

/// A pattern or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// One unit of a set.
    Unit(Units),
    /// One after the other.
    Row(Vec<Part>),
    /// One of these.
    Any(Vec<Part>),
    /// So many times; without end where there is no highest.
    Times(Box<Part>, u32, Option<u32>),
    /// `^`.
    Start,
    /// `$`.
    End,
    /// `\b`; `\B` where it is not.
    Edge(bool),
}

impl Part {
    /// Whether nothing at all, anywhere, is enough.
    pub fn is_optional(&self) -> bool {
        match self {
            Part::Row(parts) => parts.iter().all(Part::is_optional),
            Part::Any(parts) => parts.iter().any(Part::is_optional),
            Part::Times(part, low, _) => *low == 0 || part.is_optional(),
            Part::Unit(_) | Part::Start | Part::End | Part::Edge(_) => false,
        }
    }
}
