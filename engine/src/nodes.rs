//! The table of a plan's conditions: each once, after its parts, with what
//! follows from that. Never keeps an answer: `judge` does.

use alloc::vec::Vec;
use core::ops::Deref;

use crate::attribute::Attribute;
use crate::condition::test;
use crate::event;
use crate::facts::Facts;
use crate::hash::{hash64, name32};
use crate::kind::Kinds;
use crate::node::{Node, NodeId, pack_table, unpack_table};
use crate::pack::{Input, Pack};
use crate::pattern::{self, Span};
use crate::truth::Truth;
use crate::value::Value;

/// The table of conditions, and the attributes that they ask for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Nodes {
    list: Vec<Node>,
    subjects: Vec<Attribute>,
    /// What tells this table from another, so that answers are never taken for
    /// those to other questions.
    pub(crate) key: u64,
    /// For every condition where its wholes begin in `wholes`, and one more.
    starts: Vec<u32>,
    wholes: Vec<NodeId>,
    /// The conditions without parts.
    pub(crate) atoms: Vec<NodeId>,
}

impl Nodes {
    /// The table of these conditions; tests name their attribute by its place
    /// in `subjects`.
    #[must_use]
    pub fn new(list: Vec<Node>, subjects: Vec<Attribute>) -> Nodes {
        let (nodes, mut bytes) = (Nodes { list, subjects, ..Nodes::default() }, Vec::new());
        nodes.pack(&mut bytes);
        nodes.indexed(&bytes)
    }

    /// Fills in what follows from the conditions, whose packed bytes are given.
    fn indexed(mut self, bytes: &[u8]) -> Nodes {
        self.key = hash64(bytes);
        let count = self.list.len();
        self.starts.resize(count + 1, 0);
        for (at, node) in self.list.iter().enumerate() {
            if node.parts().is_empty() {
                self.atoms.push(at as NodeId);
            }
            for part in node.parts() {
                if let Some(start) = self.starts.get_mut(usize::from(*part)) {
                    *start += 1;
                }
            }
        }
        // Counts become ends; filling backwards turns each end into a start.
        let mut sum = 0;
        for start in &mut self.starts {
            sum += *start;
            *start = sum;
        }
        self.wholes.resize(sum as usize, 0);
        for (at, node) in self.list.iter().enumerate().rev() {
            for part in node.parts() {
                if let Some(start) = self.starts.get_mut(usize::from(*part)) {
                    *start = start.saturating_sub(1);
                    if let Some(whole) = self.wholes.get_mut(*start as usize) {
                        *whole = at as NodeId;
                    }
                }
            }
        }
        self
    }

    /// The attributes that tests ask for, each once.
    #[must_use]
    pub fn subjects(&self) -> &[Attribute] {
        &self.subjects
    }

    /// The attribute of a test.
    #[must_use]
    pub fn subject(&self, at: u16) -> Option<&Attribute> {
        self.subjects.get(usize::from(at))
    }

    /// Whether every condition's parts stand before it and every test's
    /// attribute is there.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.list.iter().enumerate().all(|(at, node)| {
            let has_subject = match node {
                Node::Test(subject, _) => self.subject(*subject).is_some(),
                _ => true,
            };
            has_subject && node.parts().iter().all(|part| usize::from(*part) < at)
        })
    }

    /// Whether a condition asks for a visitor's past that the next page view
    /// leaves as it is: the page judges it, and an edge believes the page.
    #[must_use]
    pub fn lasts(&self, node: &Node, kinds: &Kinds) -> bool {
        let lasts = |kind: u16| kinds.event(kind) != name32(event::PAGE_VIEW);
        match node {
            Node::Test(subject, _) => self.subject(*subject).is_some_and(Attribute::lasts),
            Node::Did(did) => did.span != Span::Visit && lasts(did.kind),
            Node::Sequence(sequence) => {
                sequence.span != Span::Visit
                    && sequence
                        .steps
                        .iter()
                        .all(|step| lasts(step.kind) && step.without.is_none_or(lasts) && !step.next)
                    && sequence.without.is_none_or(lasts)
            }
            _ => false,
        }
    }

    /// The truth of a condition without parts.
    #[must_use]
    pub fn ask(&self, node: &Node, value: Option<&Value>, facts: &mut Facts) -> Truth {
        match node {
            Node::Test(subject, compare) => self
                .subject(*subject)
                .map_or(Truth::Unknown, |attribute| test(attribute, value, compare, facts)),
            Node::Did(did) => pattern::did(did, facts),
            Node::Sequence(sequence) => pattern::sequence(sequence, facts),
            _ => Truth::Unknown,
        }
    }

    /// The conditions of which one is a part.
    pub(crate) fn wholes(&self, part: usize) -> &[NodeId] {
        let bound = |at: usize| self.starts.get(at).map_or(0, |start| *start as usize);
        self.wholes.get(bound(part)..bound(part + 1)).unwrap_or_default()
    }
}

impl Deref for Nodes {
    type Target = [Node];
    fn deref(&self) -> &[Node] {
        &self.list
    }
}

impl Pack for Nodes {
    fn pack(&self, out: &mut Vec<u8>) {
        self.subjects.pack(out);
        pack_table(&self.list, out);
    }

    fn unpack(input: &mut Input) -> Self {
        let rest = input.rest();
        let subjects = Pack::unpack(input);
        Nodes { list: unpack_table(input), subjects, ..Nodes::default() }.indexed(input.since(rest))
    }
}
