//! What is gathered while a file is read: mistakes, conditions, names. Never
//! reads a value itself.

use std::collections::{BTreeMap, BTreeSet};

use jsonc_parser::ast::Value;
use jsonc_parser::common::Range;
use vitrine_engine::hash::name32;
use vitrine_engine::node::NodeId;
use vitrine_engine::value::Value as Known;

use crate::notes::{Notes, quote};
use crate::table::Table;

/// Everything that the readers share.
#[derive(Debug)]
pub(crate) struct Desk<'a> {
    /// The whole text, for places within it.
    pub text: &'a str,
    /// The mistakes so far.
    pub notes: Notes,
    /// The conditions so far.
    pub table: Table,
    /// The names that devices compare by number.
    pub names: Names,
    /// Minor units in one unit of the file's currency.
    pub minor_per_unit: u32,
    /// Attributes that the file declares as the site's own.
    pub declared: BTreeSet<String>,
    /// The price bands that the file names.
    pub bands: BTreeSet<String>,
    /// The saved groups of the file.
    pub groups: BTreeMap<String, Group<'a>>,
    /// The saved groups that are being read, each within the one before.
    pub open_groups: Vec<String>,
    /// How many lists the value being read of lies within.
    pub nesting: u8,
    /// Whether odd conditions mean what GrowthBook's evaluator makes of them,
    /// instead of being mistakes.
    pub lenient: bool,
    /// Events that the file declares as the site's own.
    pub events: BTreeSet<String>,
    /// Where each condition stands in the text, parts before wholes.
    pub marks: Vec<Mark>,
    /// Every segment of the file; without a condition where it is wrong.
    pub segments: BTreeMap<String, Option<NodeId>>,
}

impl<'a> Desk<'a> {
    /// An empty desk for a text.
    pub fn new(text: &'a str) -> Desk<'a> {
        Desk {
            text,
            notes: Notes::default(),
            table: Table::default(),
            names: Names::default(),
            minor_per_unit: 1,
            declared: BTreeSet::new(),
            bands: BTreeSet::new(),
            groups: BTreeMap::new(),
            open_groups: Vec::new(),
            nesting: 0,
            lenient: false,
            events: BTreeSet::new(),
            marks: Vec::new(),
            segments: BTreeMap::new(),
        }
    }

    /// Notes where a condition that could be read stands, for the linter.
    pub fn mark(&mut self, range: Range, node: Option<NodeId>) -> Option<NodeId> {
        self.marks.extend(node.map(|node| Mark { start: range.start, end: range.end, node }));
        node
    }
}

/// A condition and the text that it was read from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    /// From the first byte of the text.
    pub start: usize,
    /// To before this one.
    pub end: usize,
    /// The condition.
    pub node: NodeId,
}

/// A saved group.
#[derive(Debug, Clone)]
pub(crate) enum Group<'a> {
    /// A bare list of values.
    Values(Vec<Known>),
    /// Values of one attribute.
    List(Option<String>, Vec<Known>),
    /// Whoever meets a condition.
    Condition(Value<'a>),
    /// What cannot be read: nobody is in it, and nobody is outside.
    Unreadable,
}

/// What a name names; names of different kinds are never compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Domain {
    /// An event.
    Event,
    /// A product.
    Item,
    /// A product's category.
    Category,
    /// A product's brand.
    Brand,
    /// A segment.
    Segment,
}

/// The names that devices compare by their 32-bit hash.
#[derive(Debug, Default)]
pub(crate) struct Names {
    known: BTreeMap<(Domain, u32), String>,
}

impl Names {
    /// The number of a name. Two names with one number are noted: a device
    /// would take the one for the other.
    pub fn number(&mut self, domain: Domain, name: &str, at: usize, notes: &mut Notes) -> u32 {
        let number = name32(name);
        let first = self.known.entry((domain, number)).or_insert_with(|| name.into());
        if first != name {
            let said = say!(
                en: "{first} and {second} look the same to a device (their 32-bit hashes are equal); rename one of them",
                ko: "{first:과<} {second:은<} 기기에서 구별되지 않습니다(32비트 해시가 같습니다). 하나의 이름을 바꾸세요",
                first = quote(first), second = quote(name),
            );
            notes.error(at, "name_collision", said);
        }
        number
    }
}
