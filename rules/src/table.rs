//! The conditions on their way into a plan: each once, after its parts. Never
//! reads one and never judges one.

use std::collections::{BTreeMap, BTreeSet};

use vitrine_engine::attribute::Attribute;
use vitrine_engine::compare::Compare;
use vitrine_engine::kind::{Asked, Kind, Kinds};
use vitrine_engine::node::{Node, NodeId};
use vitrine_engine::nodes::Nodes;
use vitrine_engine::plan::NODE_LIMIT;

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
