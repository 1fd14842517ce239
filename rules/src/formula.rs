//! A condition as it was written, before it becomes lines of a table. Never
//! reads a value and never says what is wrong.

use vitrine_engine::attribute::Attribute;
use vitrine_engine::compare::{Compare, Part};
use vitrine_engine::node::NodeId;

use crate::table::Table;

/// Whom a condition is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// A visitor.
    Visitor,
    /// An entry of a list.
    Entry,
}

/// A condition: of a visitor, of one value, or of an entry of a list.
#[derive(Debug)]
pub(crate) enum Formula {
    /// Every part holds; with none, always.
    All(Vec<Formula>),
    /// Some part holds; with none, never.
    Any(Vec<Formula>),
    /// The part does not hold.
    Not(Box<Formula>),
    /// The value in question passes.
    Test(Compare),
    /// What this says of a value holds of the value at a dotted name.
    At(String, Box<Formula>),
    /// A line of the plan's table.
    Known(NodeId),
}

impl Formula {
    /// What is always so.
    pub const ALWAYS: Formula = Formula::All(Vec::new());
    /// What is never so.
    pub const NEVER: Formula = Formula::Any(Vec::new());

    /// The opposite.
    pub fn not(self) -> Formula {
        Formula::Not(Box::new(self))
    }

    /// A condition of a visitor as lines of the plan's table; `None` where the
    /// table is full.
    pub fn of_visitor(self, table: &mut Table) -> Option<NodeId> {
        self.lines(None, table)
    }

    fn lines(self, attribute: Option<&Attribute>, table: &mut Table) -> Option<NodeId> {
        let mut each = |parts: Vec<Formula>| -> Option<Vec<NodeId>> {
            parts.into_iter().map(|part| part.lines(attribute, table)).collect()
        };
        match self {
            Formula::All(parts) => {
                let parts = each(parts)?;
                table.all(parts)
            }
            Formula::Any(parts) => {
                let parts = each(parts)?;
                table.any(parts)
            }
            Formula::Not(part) => {
                let part = part.lines(attribute, table)?;
                table.not(part)
            }
            Formula::Test(compare) => table.test(attribute?, compare),
            Formula::At(name, formula) => formula.lines(Some(&Attribute::parse(&name)), table),
            Formula::Known(node) => Some(node),
        }
    }

    /// A condition of one value as a table of its own.
    pub fn of_value(self) -> Vec<Part> {
        let mut parts = Vec::new();
        self.parts(None, &mut parts);
        parts
    }

    /// Adds this and what it is made of; this stands last.
    fn parts(self, path: Option<&str>, table: &mut Vec<Part>) -> u16 {
        let mut each = |parts: Vec<Formula>| parts.into_iter().map(|part| part.parts(path, table)).collect();
        let part = match self {
            Formula::All(parts) => Part::All(each(parts)),
            Formula::Any(parts) => Part::Any(each(parts)),
            Formula::Not(part) => Part::Not(part.parts(path, table)),
            Formula::Test(compare) => match path {
                Some(path) => Part::At(path.into(), compare),
                None => Part::This(compare),
            },
            Formula::At(path, formula) => return formula.parts(Some(&path), table),
            // Only a visitor's condition has lines of the plan in it.
            Formula::Known(_) => Part::Any(Vec::new()),
        };
        table.push(part);
        u16::try_from(table.len() - 1).unwrap_or(u16::MAX)
    }

    /// What a value must pass, comparison by comparison where that says it all.
    pub fn compares(self) -> Vec<Compare> {
        match self {
            Formula::Test(compare) => vec![compare],
            Formula::All(parts) if parts.iter().all(|part| matches!(part, Formula::Test(_))) => {
                parts.into_iter().flat_map(Formula::compares).collect()
            }
            other => vec![Compare::Whole(other.of_value())],
        }
    }

    /// How many lines a table of its own would have.
    pub fn size(&self) -> usize {
        match self {
            Formula::All(parts) | Formula::Any(parts) => 1 + parts.iter().map(Formula::size).sum::<usize>(),
            Formula::Not(part) => 1 + part.size(),
            Formula::At(_, part) => part.size(),
            Formula::Test(_) | Formula::Known(_) => 1,
        }
    }
}
