//! All conditions of a plan at once: one pass over a table in which every
//! condition stands once, after its parts. Never recurses, so no foreign plan
//! can be deep; a condition that ten campaigns share is judged once; and after
//! one event only what that event can have changed is judged again.

use alloc::vec::Vec;

use crate::attribute::Topic;
use crate::event::{self, Event};
use crate::facts::Facts;
use crate::node::{Node, NodeId};
use crate::nodes::Nodes;
use crate::time::Millis;
use crate::truth::Truth;
use crate::value::Value;

/// The truth of every condition, kept from one event to the next.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Judge {
    truths: Vec<Truth>,
    /// For every condition, the moment at which time alone could change it;
    /// [`Millis::NEVER`] where it cannot.
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
        self.wakes.resize(nodes.len(), Millis::NEVER);
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
        let mut dirty = Marks::new(nodes.len());
        for atom in &nodes.atoms {
            let at = usize::from(*atom);
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
    fn refresh(&mut self, nodes: &Nodes, event: Option<&Event>, facts: &Facts) -> Marks {
        let mut stale = Marks::new(nodes.subjects().len());
        let due = self.next <= facts.moment.now;
        for (at, subject) in nodes.subjects().iter().enumerate() {
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
    fn settle(&mut self, nodes: &Nodes, dirty: &mut Marks, facts: &mut Facts) {
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
            atom => {
                let value = match atom {
                    Node::Test(subject, _) => self.values.get(usize::from(*subject)),
                    _ => None,
                };
                let truth = nodes.ask(atom, value.and_then(Option::as_ref), facts);
                // Only what has no parts changes with time by itself.
                if let Some(wake) = self.wakes.get_mut(at) {
                    *wake = facts.wake.take().unwrap_or(Millis::NEVER);
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
        self.next = Millis::NEVER;
        for wake in &self.wakes {
            self.next = self.next.min(*wake);
        }
        if self.next < Millis::NEVER {
            facts.wake_at(self.next);
        }
    }
}

/// Whether the latest deed can have changed a count: it is of the kind, or the
/// count leans on what the ring still holds.
fn touches_tally(kind: u16, facts: &Facts) -> bool {
    let profile = facts.profile;
    let is_bound = profile.tallies.get(usize::from(kind)).is_none_or(|tally| tally.since > Millis(0));
    is_bound || profile.unnamed > Millis(0) || profile.ring.last().is_none_or(|deed| deed.is(kind))
}

/// What is to be looked at again: a bit for each condition or subject.
struct Marks(Vec<u64>);

impl Marks {
    fn new(count: usize) -> Marks {
        let mut marks = Marks(Vec::new());
        marks.0.resize(count / 64 + 1, 0);
        marks
    }

    fn mark(&mut self, at: usize) {
        if let Some(bits) = self.0.get_mut(at / 64) {
            *bits |= 1 << (at % 64);
        }
    }

    fn has(&self, at: usize) -> bool {
        self.0.get(at / 64).is_some_and(|bits| bits >> (at % 64) & 1 == 1)
    }
}
