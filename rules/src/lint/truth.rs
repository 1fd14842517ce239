//! Conditions that are never true, always true, or true of those who lack what
//! they ask for. Never looks at campaigns.

use std::collections::BTreeMap;

use vitrine_engine::attribute::Attribute;
use vitrine_engine::compare::Compare;
use vitrine_engine::node::{Node, NodeId};
use vitrine_engine::value::Value;

use super::Lint;
use super::reason::{Reason, Wanted};
use super::values::{absence, may_be_absent};
use crate::desk::Mark;
use crate::notes::quote;
use crate::said::Said;

/// Warnings of this kind in one file; whoever has more has one mistake in all.
const MOST: usize = 100;

/// What is wrong with a condition.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    Never,
    Always,
}

impl<'t> Lint<'t, '_> {
    /// Notes each smallest condition that is never or always true.
    pub(super) fn truths(&mut self, reason: &mut Reason<'t>) {
        let mut faults: BTreeMap<NodeId, Option<Fault>> = BTreeMap::new();
        let mut flagged: Vec<&Mark> = Vec::new();
        for mark in self.marks {
            // A whole that was wrong already where its part was noted.
            let is_noted = flagged.iter().any(|part| mark.start <= part.start && part.end <= mark.end);
            if is_noted || flagged.len() >= MOST {
                continue;
            }
            let fault = *faults.entry(mark.node).or_insert_with(|| fault(reason, mark.node));
            if let Some(fault) = fault {
                reason.settle(mark.node);
                flagged.push(mark);
                self.notes.warn(mark.start, code(fault), sentence(reason, mark.node, fault));
            }
        }
        self.absences(reason);
    }

    /// Notes each comparison by size that a value which is not there passes.
    fn absences(&mut self, reason: &Reason<'t>) {
        let mut noted: Vec<&Mark> = Vec::new();
        for mark in self.marks {
            if noted.iter().any(|part| mark.start <= part.start && part.end <= mark.end)
                || noted.len() >= MOST
            {
                continue;
            }
            let Some((attribute, missing)) = passes_nothing(reason, mark.node) else { continue };
            let whole = self.marks.iter().filter(|whole| whole.start <= mark.start && mark.end <= whole.end);
            let Some(whole) = whole.max_by_key(|whole| whole.end - whole.start) else { continue };
            let is_null = Compare::Eq(Value::Null);
            let wanted = Wanted {
                conditions: vec![(whole.node, true), (mark.node, true)],
                tests: vec![(attribute, &is_null)],
                ..Wanted::default()
            };
            if reason.excludes(&wanted) {
                continue;
            }
            noted.push(mark);
            let name = quote(&attribute.name());
            let said = match missing {
                Value::Absent => say!(
                    en: "this is also true of visitors who have no {name}; if they are not meant, add `\"$exists\": true`",
                    ko: "{name:이<} 없는 방문자에게도 참이 됩니다. 그런 방문자를 뺄 생각이면 `\"$exists\": true`를 더하세요",
                    name,
                ),
                _ => say!(
                    en: "where {name} is not set it counts as 0, so this is also true of visitors without it; if they are not meant, add `\"$exists\": true`",
                    ko: "{name:이<} 없으면 0으로 셈해 그런 방문자에게도 참이 됩니다. 그런 방문자를 뺄 생각이면 `\"$exists\": true`를 더하세요",
                    name,
                ),
            };
            self.notes.warn(mark.start, "true_without_value", said);
        }
    }
}

fn fault(reason: &Reason, node: NodeId) -> Option<Fault> {
    if reason.is_never(node) {
        return Some(Fault::Never);
    }
    reason.is_always(node).then_some(Fault::Always)
}

fn code(fault: Fault) -> &'static str {
    match fault {
        Fault::Never => "never_true",
        Fault::Always => "always_true",
    }
}

fn sentence(reason: &Reason, node: NodeId, fault: Fault) -> Said {
    match (fault, reason.node(node)) {
        (Fault::Always, _) => say!(
            en: "this is true of everybody, so it parts nobody from anybody; leave it out",
            ko: "모든 방문자에게 참이라 아무도 가려내지 않는 조건입니다. 빼세요",
        ),
        (Fault::Never, Some(Node::Test(subject, _))) => say!(
            en: "{name} is never so, so this can never be true",
            ko: "{name:은<} 그런 값이 될 수 없어 이 조건은 절대 참이 되지 않습니다",
            name = reason.subject(*subject).map_or("`?`".into(), |attribute| quote(&attribute.name())),
        ),
        (Fault::Never, Some(Node::All(_))) => say!(
            en: "these conditions exclude each other, so together they can never be true",
            ko: "서로 모순되는 조건이라 함께 참이 될 수 없습니다",
        ),
        _ => say!(en: "this can never be true", ko: "이 조건은 절대 참이 될 수 없습니다"),
    }
}

/// The attribute of a condition that compares its size and that nothing passes,
/// with the nothing that it would be.
fn passes_nothing<'a>(reason: &Reason<'a>, id: NodeId) -> Option<(&'a Attribute, Value)> {
    let (attribute, by_size) = subject(reason, id)?;
    let missing = absence(attribute);
    (by_size && may_be_absent(attribute) && holds(reason, id, &missing)).then_some((attribute, missing))
}

/// The one attribute that a condition asks for, and whether for its size.
fn subject<'a>(reason: &Reason<'a>, id: NodeId) -> Option<(&'a Attribute, bool)> {
    match reason.node(id)? {
        Node::Test(at, compare) => {
            let by_size =
                matches!(compare, Compare::Lt(_) | Compare::Lte(_) | Compare::Gt(_) | Compare::Gte(_));
            Some((reason.subject(*at)?, by_size))
        }
        Node::Not(part) => subject(reason, *part),
        Node::All(parts) => {
            let mut found = None;
            for part in parts {
                let (attribute, by_size) = subject(reason, *part)?;
                match &mut found {
                    None => found = Some((attribute, by_size)),
                    Some((known, _)) if *known != attribute => return None,
                    Some((_, any)) => *any |= by_size,
                }
            }
            found
        }
        _ => None,
    }
}

/// Whether a condition of one attribute holds of a value.
fn holds(reason: &Reason, id: NodeId, value: &Value) -> bool {
    match reason.node(id) {
        Some(Node::Test(_, compare)) => compare.holds(value),
        Some(Node::Not(part)) => !holds(reason, *part, value),
        Some(Node::All(parts)) => parts.iter().all(|part| holds(reason, *part, value)),
        _ => false,
    }
}
