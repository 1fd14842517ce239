//! What is gathered while a file is read: mistakes, conditions, names. Never
//! reads a value itself.

use std::collections::{BTreeMap, BTreeSet};

use jsonc_parser::common::Range;
use vitrine_engine::attribute::Attribute;
use vitrine_engine::compare::Compare;
use vitrine_engine::hash::name32;
use vitrine_engine::kind::{Asked, Kind, Kinds};
use vitrine_engine::node::{Node, NodeId};
use vitrine_engine::nodes::Nodes;
use vitrine_engine::plan::NODE_LIMIT;

use crate::group::Group;
use crate::notes::{Notes, quote};

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

/// Every condition once, parts before wholes.
#[derive(Debug, Default)]
pub(crate) struct Table {
    nodes: Vec<Node>,
    known: BTreeMap<String, NodeId>,
    subjects: Vec<Attribute>,
    kinds: Vec<Asked>,
    /// Whether a condition found no room.
    pub is_full: bool,
}

impl Table {
    /// The place of a condition, the same for the same condition; `None` where
    /// the table is full.
    pub fn add(&mut self, node: Node) -> Option<NodeId> {
        // The debug form names every field and writes floats exactly, so two
        // conditions share it only if they are the same.
        let key = format!("{node:?}");
        if let Some(id) = self.known.get(&key) {
            return Some(*id);
        }
        let id = NodeId::try_from(self.nodes.len()).ok().filter(|_| self.nodes.len() < NODE_LIMIT);
        let Some(id) = id else {
            self.is_full = true;
            return None;
        };
        self.nodes.push(node);
        self.known.insert(key, id);
        Some(id)
    }

    /// A test of an attribute.
    pub fn test(&mut self, attribute: &Attribute, compare: Compare) -> Option<NodeId> {
        let known = self.subjects.iter().position(|known| known == attribute);
        let subject = known.unwrap_or_else(|| {
            self.subjects.push(attribute.clone());
            self.subjects.len() - 1
        });
        let subject = u16::try_from(subject).ok();
        self.is_full |= subject.is_none();
        self.add(Node::Test(subject?, compare))
    }

    /// The number of a kind of deeds of which so many moments are kept.
    pub fn kind(&mut self, kind: Kind, keep: u16) -> Option<u16> {
        let known = self.kinds.iter().position(|known| known.kind == kind);
        let at = known.unwrap_or_else(|| {
            self.kinds.push(Asked { kind, keep });
            self.kinds.len() - 1
        });
        if let Some(asked) = self.kinds.get_mut(at) {
            asked.keep = asked.keep.max(keep);
        }
        u16::try_from(at).ok()
    }

    /// The name of a kind's event, as devices compare it.
    pub fn event(&self, kind: u16) -> u32 {
        self.kinds.get(usize::from(kind)).map_or(0, |asked| asked.kind.event)
    }

    /// All of these; of one, itself.
    pub fn all(&mut self, parts: Vec<NodeId>) -> Option<NodeId> {
        self.combine(parts, Node::All)
    }

    /// Any of these; of one, itself.
    pub fn any(&mut self, parts: Vec<NodeId>) -> Option<NodeId> {
        self.combine(parts, Node::Any)
    }

    /// The opposite; of an opposite, what it was.
    pub fn not(&mut self, part: NodeId) -> Option<NodeId> {
        match self.nodes.get(usize::from(part)) {
            Some(Node::Not(inner)) => Some(*inner),
            _ => self.add(Node::Not(part)),
        }
    }

    /// The finished table and the kinds of deeds that it asks about; `None`
    /// where those are more than a device can remember.
    pub fn finish(self) -> (Nodes, Option<Kinds>) {
        let kinds = Some(Kinds::new(self.kinds)).filter(Kinds::is_sound);
        (Nodes::new(self.nodes, self.subjects), kinds)
    }

    fn combine(&mut self, mut parts: Vec<NodeId>, whole: fn(Vec<NodeId>) -> Node) -> Option<NodeId> {
        // The order stays: `explain` names the first part that failed.
        let mut seen = BTreeSet::new();
        parts.retain(|part| seen.insert(*part));
        match parts.as_slice() {
            [one] => Some(*one),
            _ => self.add(whole(parts)),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_condition_stands_once_and_parts_come_first() {
        let mut table = Table::default();
        let empty = table.add(Node::All(vec![])).unwrap();
        let not = table.not(empty).unwrap();
        assert_eq!(table.not(empty), Some(not));
        assert_eq!(table.not(not), Some(empty));
        assert_eq!(table.any(vec![not, not]), Some(not));
        let both = table.all(vec![not, empty, not]).unwrap();
        assert_eq!(table.finish().0.get(usize::from(both)), Some(&Node::All(vec![not, empty])));
    }

    #[test]
    fn a_full_table_says_so() {
        let mut table = Table::default();
        for n in 0..NODE_LIMIT {
            let parts = vec![(n / 200) as NodeId, (n % 200) as NodeId, 1];
            assert!(table.add(Node::All(parts)).is_some());
        }
        assert!(!table.is_full);
        assert_eq!(table.add(Node::All(vec![])), None);
        assert!(table.is_full);
    }
}
