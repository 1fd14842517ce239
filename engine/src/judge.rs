//! All conditions of a plan at once: one pass over a table in which every
//! condition stands once, after its parts. Never recurses, so no foreign plan
//! can be deep, and a condition that ten campaigns share is judged once.

use alloc::vec::Vec;

use crate::attribute::{Attribute, Facts};
use crate::automaton::Pattern;
use crate::compare::Compare;
use crate::condition::test;
use crate::event;
use crate::hash::name32;
use crate::pack::pack_enum;
use crate::pattern::{self, Did, Kind, Piece, Sequence, Span};
use crate::value::Truth;

/// The place of a condition in the plan's table.
pub type NodeId = u16;

/// One condition. Parts stand before the whole; the door checks it.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// Every part holds; with none, always.
    All(Vec<NodeId>),
    /// Some part holds; with none, never.
    Any(Vec<NodeId>),
    /// The part does not hold.
    Not(NodeId),
    /// One attribute, one comparison.
    Test(Attribute, Compare),
    /// How often something was done.
    Did(Did),
    /// In which order things were done.
    Sequence(Sequence),
    /// Along which pages.
    Path(Vec<Vec<Piece>>),
    /// A named segment: its name's hash and its condition.
    Segment(u32, NodeId),
    /// The path in view fits a pattern.
    Page(Pattern),
}

impl Node {
    /// The parts of a combined condition.
    #[must_use]
    pub fn parts(&self) -> &[NodeId] {
        match self {
            Node::All(parts) | Node::Any(parts) => parts,
            Node::Not(part) | Node::Segment(_, part) => core::slice::from_ref(part),
            Node::Test(..) | Node::Did(_) | Node::Sequence(_) | Node::Path(_) | Node::Page(_) => &[],
        }
    }

    /// Whether this asks for a visitor's past that the next page view leaves
    /// as it is: the page judges it, and an edge believes the page.
    #[must_use]
    pub fn lasts(&self) -> bool {
        let lasts = |kind: &Kind| kind.event != name32(event::PAGE_VIEW);
        match self {
            Node::Test(attribute, _) => attribute.lasts(),
            Node::Did(did) => did.span != Span::Visit && lasts(&did.kind),
            Node::Sequence(sequence) => {
                sequence.steps.iter().all(|(kind, _)| lasts(kind)) && sequence.without.iter().all(lasts)
            }
            _ => false,
        }
    }

    /// The truth of a condition without parts.
    #[must_use]
    pub fn ask(&self, facts: &mut Facts) -> Truth {
        match self {
            Node::Test(attribute, compare) => test(attribute, compare, facts),
            Node::Did(did) => pattern::did(did, facts),
            Node::Sequence(sequence) => pattern::sequence(sequence, facts),
            Node::Path(patterns) => pattern::path(patterns, facts),
            Node::Page(pattern) => pattern.is_match(&facts.moment.page.path).into(),
            _ => Truth::Unknown,
        }
    }
}

/// The truth of every condition, in the table's order.
#[must_use]
pub fn judge(nodes: &[Node], facts: &mut Facts) -> Vec<Truth> {
    let profile = facts.profile;
    let mut found = profile.found.iter();
    let mut truths: Vec<Truth> = Vec::with_capacity(nodes.len());
    for node in nodes {
        let part = |id: &NodeId| truths.get(usize::from(*id)).copied().unwrap_or_default();
        let truth = match node {
            Node::All(parts) => parts.iter().fold(Truth::True, |all, id| all.min(part(id))),
            Node::Any(parts) => parts.iter().fold(Truth::False, |any, id| any.max(part(id))),
            Node::Not(id) => !part(id),
            Node::Segment(_, id) => part(id),
            // The page judged it with the whole profile.
            lasting if profile.partial && lasting.lasts() => match found.next() {
                Some(0) => Truth::False,
                Some(2) => Truth::True,
                _ => Truth::Unknown,
            },
            leaf => leaf.ask(facts),
        };
        truths.push(truth);
    }
    truths
}

pack_enum!(Node {
    0 All(parts), 1 Any(parts), 2 Not(part), 3 Test(attribute, compare), 4 Did(did), 5 Sequence(sequence),
    6 Path(patterns), 7 Segment(name, part), 8 Page(pattern),
} else Node::All(Vec::new()));
