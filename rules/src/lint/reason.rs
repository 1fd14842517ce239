//! Whether conditions can hold together. Never claims more than it can prove:
//! what it does not understand, and what would take too long, is possible, so
//! a linter that asks here is silent rather than wrong.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use vitrine_engine::attribute::Attribute;
use vitrine_engine::compare::Compare;
use vitrine_engine::kind::Kinds;
use vitrine_engine::node::{Node, NodeId};
use vitrine_engine::nodes::Nodes;

use super::counts::{Count, Counts};
use super::values::{Limit, Values, can_be};

/// Steps of all questions about one file together: some tenths of a second.
const STEPS: u32 = 400_000;
/// Steps of one question, so that one tangled condition does not take them all.
const STEPS_OF_ONE: u32 = 20_000;
/// Choices within choices: the browser's stack is far from its end.
const DEPTH: usize = 100;

/// All conditions of a plan, to be asked about.
pub(crate) struct Reason<'a> {
    nodes: &'a Nodes,
    kinds: &'a Kinds,
    /// Conditions that were found wrong already: anything is possible of them,
    /// so that one mistake is noted once.
    settled: BTreeSet<NodeId>,
    left: Cell<u32>,
}

/// What is to hold at once.
#[derive(Default)]
pub(crate) struct Wanted<'a> {
    /// Conditions, and whether they are to be true or false.
    pub conditions: Vec<(NodeId, bool)>,
    /// Comparisons of attributes that hold besides.
    pub tests: Vec<(&'a Attribute, &'a Compare)>,
    /// Deeds that were done at least so often, ever.
    pub done: Vec<Count<'a>>,
}

impl<'a> Reason<'a> {
    /// Reasons about a table of conditions.
    pub fn new(nodes: &'a Nodes, kinds: &'a Kinds) -> Reason<'a> {
        Reason { nodes, kinds, settled: BTreeSet::new(), left: Cell::new(STEPS) }
    }

    /// The condition of a place in the table.
    pub fn node(&self, id: NodeId) -> Option<&'a Node> {
        self.nodes.get(usize::from(id))
    }

    /// The attribute of a test.
    pub fn subject(&self, at: u16) -> Option<&'a Attribute> {
        self.nodes.subject(at)
    }

    /// Takes a condition for possible and not certain from now on.
    pub fn settle(&mut self, id: NodeId) {
        self.settled.insert(id);
    }

    /// Whether a condition can never be true.
    pub fn is_never(&self, id: NodeId) -> bool {
        self.excludes(&Wanted { conditions: vec![(id, true)], ..Wanted::default() })
    }

    /// Whether a condition can never be false.
    pub fn is_always(&self, id: NodeId) -> bool {
        self.excludes(&Wanted { conditions: vec![(id, false)], ..Wanted::default() })
    }

    /// Whether no visitor can ever meet all of this at one moment.
    pub fn excludes(&self, wanted: &Wanted<'a>) -> bool {
        self.excludes_within(wanted, &|_, _| true)
    }

    /// The same, where attributes can have only some values: hours within a
    /// schedule.
    pub fn excludes_within(&self, wanted: &Wanted<'a>, limits: &Limit) -> bool {
        let budget = Cell::new(self.left.get().min(STEPS_OF_ONE));
        let before = budget.get();
        let found = Branch::new(wanted, limits).can_hold((self, &budget, DEPTH), wanted.conditions.clone());
        self.left.set(self.left.get().saturating_sub(before - budget.get()));
        found == Some(false)
    }
}

/// One way in which everything could hold.
#[derive(Clone)]
struct Branch<'a, 'w> {
    wanted: &'w Wanted<'a>,
    limits: &'w Limit<'w>,
    /// Conditions that cannot be taken apart.
    known: BTreeMap<NodeId, bool>,
    /// Some of these parts must be so.
    choices: Vec<(&'a [NodeId], bool)>,
}

impl<'a, 'w> Branch<'a, 'w> {
    fn new(wanted: &'w Wanted<'a>, limits: &'w Limit<'w>) -> Self {
        Branch { wanted, limits, known: BTreeMap::new(), choices: Vec::new() }
    }

    /// Whether this can be; `None` if that would take too long to say.
    fn can_hold(
        mut self,
        (reason, budget, depth): (&Reason<'a>, &Cell<u32>, usize),
        mut open: Vec<(NodeId, bool)>,
    ) -> Option<bool> {
        while let Some((id, want)) = open.pop() {
            budget.set(budget.get().checked_sub(1)?);
            let node = reason.node(id)?;
            match node {
                _ if reason.settled.contains(&id) => {}
                Node::All(parts) if want => open.extend(parts.iter().map(|part| (*part, true))),
                Node::Any(parts) if !want => open.extend(parts.iter().map(|part| (*part, false))),
                Node::All(parts) | Node::Any(parts) => self.choices.push((parts, want)),
                Node::Not(part) => open.push((*part, !want)),
                Node::Segment(_, part) => open.push((*part, want)),
                _ if *self.known.entry(id).or_insert(want) != want => return Some(false),
                _ => {}
            }
        }
        if !self.agrees(reason, budget)? {
            return Some(false);
        }
        let Some((parts, want)) = self.choices.pop() else { return Some(true) };
        for part in parts {
            let next = (reason, budget, depth.checked_sub(1)?);
            if self.clone().can_hold(next, vec![(*part, want)])? {
                return Some(true);
            }
        }
        Some(false)
    }

    /// Whether all that is known fits together.
    fn agrees(&self, reason: &Reason<'a>, budget: &Cell<u32>) -> Option<bool> {
        let mut tests: Vec<(&Attribute, Vec<(&Compare, bool)>)> = Vec::new();
        let mut add = |attribute: &'a Attribute, test: &'a Compare, want: bool| match tests
            .iter_mut()
            .find(|(known, _)| *known == attribute)
        {
            Some((_, list)) => list.push((test, want)),
            None => tests.push((attribute, vec![(test, want)])),
        };
        let mut counts = Counts::default();
        self.wanted.done.iter().for_each(|count| counts.add(count, true));
        for (attribute, compare) in &self.wanted.tests {
            add(attribute, compare, true);
        }
        for (id, want) in &self.known {
            match reason.node(*id)? {
                Node::Test(subject, compare) => add(reason.subject(*subject)?, compare, *want),
                Node::Did(did) => counts.add_did(did, reason.kinds, *want),
                Node::Sequence(sequence) if *want => counts.add_sequence(sequence, reason.kinds),
                _ => {}
            }
        }
        let size = self.known.len() as u32 + 1;
        budget.set(budget.get().checked_sub(size)?);
        for (attribute, tests) in &tests {
            let values = Values { attribute, tests, limits: self.limits };
            budget.set(budget.get().checked_sub(values.price())?);
            if !can_be(&values) {
                return Some(false);
            }
        }
        Some(counts.agree())
    }
}
