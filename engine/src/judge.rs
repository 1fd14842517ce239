//! All conditions of a plan at once: one pass over a table in which every
//! condition stands once, after its parts. Never recurses, so no foreign plan
//! can be deep; a condition that ten campaigns share is judged once; and after
//! one event only what that event can have changed is judged again.

use alloc::vec::Vec;
use core::ops::Deref;

use crate::attribute::{Attribute, Topic};
use crate::condition::test;
use crate::event::{self, Event};
use crate::facts::Facts;
use crate::hash::{hash64, name32};
use crate::kind::Kinds;
use crate::node::{Node, NodeId, pack_table, unpack_table};
use crate::pack::{Input, Pack};
use crate::pattern::{self, Span};
use crate::time::Millis;
use crate::value::{Truth, Value};

/// The table of conditions, and the attributes that they ask for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Nodes {
    list: Vec<Node>,
    subjects: Vec<Attribute>,
    /// What tells this table from another, so that answers are never taken for
    /// those to other questions.
    key: u64,
    /// For every condition where its wholes begin in `wholes`, and one more.
    starts: Vec<u32>,
    wholes: Vec<NodeId>,
    /// The conditions without parts.
    leaves: Vec<NodeId>,
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
                self.leaves.push(at as NodeId);
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
    fn wholes(&self, part: usize) -> &[NodeId] {
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

/// The truth of every condition, kept from one event to the next.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Judge {
    truths: Vec<Truth>,
    /// For every condition, the moment at which time alone could change it; the
    /// end of time where it never does.
    wakes: Vec<Millis>,
    /// The subjects' values; `None` where this device cannot know one.
    values: Vec<Option<Value>>,
    /// The questions that these are the answers to.
    key: u64,
    kinds: u32,
    visit: u32,
    has_intent: bool,
    now: Millis,
    /// The earliest of `wakes`.
    next: Millis,
    /// Something changed that was no event.
    touched: bool,
}

impl Judge {
    /// The truth of every condition, in the table's order.
    #[must_use]
    pub fn truths(&self) -> &[Truth] {
        &self.truths
    }

    /// Says that the visitor's arms changed, which no event tells.
    pub fn touch(&mut self) {
        self.touched = true;
    }

    /// Judges everything, and notes when time alone could change an answer.
    pub fn judge(&mut self, nodes: &Nodes, facts: &mut Facts) {
        self.read(nodes, facts);
        for (at, node) in nodes.iter().enumerate() {
            self.answer(nodes, (at, node), facts);
        }
        self.note(nodes, facts);
    }

    /// Judges everything for a visitor of whom only a digest is known: what
    /// lasts is believed, since the page judged it with the whole profile. Apart
    /// from [`Judge::judge`], so that no page carries it.
    pub fn believe(&mut self, nodes: &Nodes, facts: &mut Facts) {
        self.read(nodes, facts);
        let mut found = facts.profile.found.iter();
        for (at, node) in nodes.iter().enumerate() {
            if nodes.lasts(node, &facts.terms.kinds) {
                let truth = match found.next() {
                    Some(0) => Truth::False,
                    Some(2) => Truth::True,
                    _ => Truth::Unknown,
                };
                self.put(at, truth);
            } else {
                self.answer(nodes, (at, node), facts);
            }
        }
        self.note(nodes, facts);
    }

    /// Makes room for all answers, and reads what is asked for.
    fn read(&mut self, nodes: &Nodes, facts: &Facts) {
        self.truths.clear();
        self.truths.resize(nodes.len(), Truth::Unknown);
        self.wakes.clear();
        self.wakes.resize(nodes.len(), END);
        self.values.resize(nodes.subjects().len(), None);
        for (subject, known) in nodes.subjects().iter().zip(&mut self.values) {
            subject.renew(facts, known);
        }
    }

    /// Judges again what `event`, the latest that the profile has observed, or
    /// the time gone by can have changed since the last judgement of the same
    /// visitor, of whom all is known; where that was none, or of another plan or
    /// visit, everything.
    pub fn judge_again(&mut self, nodes: &Nodes, event: Option<&Event>, facts: &mut Facts) {
        let is_known = self.key == nodes.key
            && self.kinds == facts.terms.kinds.key()
            && self.visit == facts.profile.visits
            && self.has_intent == facts.intent.is_some()
            && self.now <= facts.moment.now
            && self.truths.len() == nodes.len();
        if !is_known {
            return self.judge(nodes, facts);
        }
        let due = self.next <= facts.moment.now;
        let stale = self.refresh(nodes, event, facts);
        let mut dirty = Dirty(Vec::new());
        dirty.0.resize(nodes.len() / 64 + 1, 0);
        for leaf in &nodes.leaves {
            let at = usize::from(*leaf);
            let is_due = due && self.wakes.get(at).is_some_and(|wake| *wake <= facts.moment.now);
            let is_stale = match nodes.get(at) {
                Some(Node::Test(subject, _)) => stale.has(usize::from(*subject)),
                Some(Node::Did(did)) => event.is_some() && touches_tally(did.kind, facts),
                Some(Node::Sequence(_)) => event.is_some(),
                _ => false,
            };
            if is_due || is_stale {
                dirty.mark(at);
            }
        }
        self.settle(nodes, &mut dirty, facts);
        self.note(nodes, facts);
    }

    /// Reads again what the event can have changed; says which values did, or
    /// are of a kind that changes when time is looked at.
    fn refresh(&mut self, nodes: &Nodes, event: Option<&Event>, facts: &Facts) -> Dirty {
        let mut stale = Dirty(Vec::new());
        stale.0.resize(nodes.subjects.len() / 64 + 1, 0);
        let due = self.next <= facts.moment.now;
        for (at, subject) in nodes.subjects.iter().enumerate() {
            let topic = subject.topic();
            let can_change = match topic {
                Topic::Time => due,
                Topic::View => due || event.is_some_and(|event| event.page.is_some()),
                Topic::Set => event.is_some_and(|event| event.name == event::SET),
                Topic::Deed => due || self.touched || event.is_some(),
            };
            if can_change && let Some(known) = self.values.get_mut(at) {
                // A leaning is another function of time after every event.
                if subject.renew(facts, known) || topic == Topic::Deed {
                    stale.mark(at);
                }
            }
        }
        stale
    }

    /// Judges what is marked, and what it is a part of where it changed. Parts
    /// stand before wholes, so one pass from the front settles all.
    fn settle(&mut self, nodes: &Nodes, dirty: &mut Dirty, facts: &mut Facts) {
        let mut word = 0;
        while let Some(bits) = dirty.0.get_mut(word) {
            if *bits == 0 {
                word += 1;
                continue;
            }
            let at = word * 64 + bits.trailing_zeros() as usize;
            *bits &= *bits - 1;
            let Some(node) = nodes.get(at) else { continue };
            if self.answer(nodes, (at, node), facts) {
                nodes.wholes(at).iter().for_each(|whole| dirty.mark(usize::from(*whole)));
            }
        }
    }

    /// Judges one condition, whose parts are judged; whether its truth changed.
    fn answer(&mut self, nodes: &Nodes, (at, node): (usize, &Node), facts: &mut Facts) -> bool {
        let part = |id: &NodeId| self.truths.get(usize::from(*id)).copied().unwrap_or_default();
        let truth = match node {
            Node::All(parts) => {
                let mut all = Truth::True;
                for id in parts {
                    all = all.min(part(id));
                    if all == Truth::False {
                        break;
                    }
                }
                all
            }
            Node::Any(parts) => {
                let mut any = Truth::False;
                for id in parts {
                    any = any.max(part(id));
                    if any == Truth::True {
                        break;
                    }
                }
                any
            }
            Node::Not(id) => !part(id),
            Node::Segment(_, id) => part(id),
            leaf => {
                let value = match leaf {
                    Node::Test(subject, _) => self.values.get(usize::from(*subject)),
                    _ => None,
                };
                let truth = nodes.ask(leaf, value.and_then(Option::as_ref), facts);
                // Only what has no parts changes with time by itself.
                if let Some(wake) = self.wakes.get_mut(at) {
                    *wake = facts.wake.take().unwrap_or(END);
                }
                truth
            }
        };
        self.put(at, truth)
    }

    /// Notes a truth; whether it is another than before.
    fn put(&mut self, at: usize, truth: Truth) -> bool {
        let Some(known) = self.truths.get_mut(at) else { return false };
        core::mem::replace(known, truth) != truth
    }

    /// Remembers what was judged, and tells the facts when to look again.
    fn note(&mut self, nodes: &Nodes, facts: &mut Facts) {
        self.key = nodes.key;
        self.kinds = facts.terms.kinds.key();
        self.visit = facts.profile.visits;
        self.has_intent = facts.intent.is_some();
        self.touched = false;
        self.now = facts.moment.now;
        self.next = END;
        for wake in &self.wakes {
            self.next = self.next.min(*wake);
        }
        if self.next < END {
            facts.wake_at(self.next);
        }
    }
}

/// A moment that never comes.
const END: Millis = Millis(u64::MAX);

/// Whether the latest deed can have changed a count: it is of the kind, or the
/// count leans on what the ring still holds.
fn touches_tally(kind: u16, facts: &Facts) -> bool {
    let profile = facts.profile;
    let is_bound = profile.tallies.get(usize::from(kind)).is_none_or(|tally| tally.since > Millis(0));
    is_bound || profile.unnamed > Millis(0) || profile.ring.last().is_none_or(|deed| deed.is(kind))
}

/// Bits, one a condition or subject.
struct Dirty(Vec<u64>);

impl Dirty {
    fn mark(&mut self, at: usize) {
        if let Some(bits) = self.0.get_mut(at / 64) {
            *bits |= 1 << (at % 64);
        }
    }
    fn has(&self, at: usize) -> bool {
        self.0.get(at / 64).is_some_and(|bits| bits >> (at % 64) & 1 == 1)
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
