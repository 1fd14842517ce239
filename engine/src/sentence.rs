//! Why a campaign is shown or not, in a sentence of English and one of Korean:
//! what was seen, what is needed, and what would have to happen. Never decides:
//! it puts a verdict into words. No page carries it.

mod parts;
mod past;
pub mod product;
mod test;
mod wait;

use alloc::string::String;

use crate::arm::{HOLDOUT, Stream};
use crate::decide::Verdict;
use crate::facts::Facts;
use crate::node::{Node, NodeId};
use crate::nodes::Nodes;
use crate::pace::Stop;
use crate::plan::{Campaign, Limits, Plan};
use crate::text::join;
use crate::truth::Truth;
use past::{did, sequence};
use test::test;
pub use wait::ramped;
use wait::{cap, ramp, schedule, trigger};

/// A sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sentence {
    /// In English.
    pub english: String,
    /// In Korean.
    pub korean: String,
}

impl Sentence {
    fn say(&mut self, english: &[&str], korean: &[&str]) {
        self.english.push_str(&join(english));
        self.korean.push_str(&join(korean));
    }
}

/// The failed part of a condition.
#[derive(Debug, Clone, Copy)]
pub struct Failing {
    /// Where it stands.
    pub at: NodeId,
    /// What it came to.
    pub truth: Truth,
    /// Whether it must not hold.
    pub negated: bool,
    /// The last segment on the way to it, by its place in the plan.
    pub segment: Option<u16>,
    /// Whether another part would have done as well.
    pub has_others: bool,
}

/// Walks from a failed condition down to the part that failed.
#[must_use]
pub fn failing(plan: &Plan, truths: &[Truth], from: NodeId) -> Failing {
    let truth = |id: NodeId| truths.get(usize::from(id)).copied().unwrap_or_default();
    let mut found =
        Failing { at: from, truth: truth(from), negated: false, segment: None, has_others: false };
    // Parts stand before wholes, so each turn goes down.
    while let Some(node) = plan.nodes.get(usize::from(found.at)) {
        let held = if found.negated { Truth::False } else { Truth::True };
        let next = match node {
            Node::All(parts) | Node::Any(parts) => {
                let is_choice = matches!(node, Node::Any(_)) != found.negated;
                found.has_others |= is_choice && parts.len() > 1;
                parts.iter().find(|part| truth(**part) != held)
            }
            Node::Not(part) => {
                found.negated = !found.negated;
                Some(part)
            }
            Node::Segment(place, part) => {
                found.segment = Some(*place);
                Some(part)
            }
            _ => None,
        };
        let Some(next) = next else { break };
        found.at = *next;
        found.truth = truth(*next);
    }
    found
}

/// A campaign, what was decided of it, and by what.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The campaign.
    pub campaign: &'a Campaign,
    /// What was decided.
    pub verdict: &'a Verdict,
    /// The truth of every condition of the plan.
    pub truths: &'a [Truth],
    /// What is known of the visitor and the moment.
    pub facts: &'a Facts<'a>,
}

/// Puts a campaign's verdict into words.
#[must_use]
pub fn tell(case: &Case) -> Sentence {
    let mut said = Sentence::default();
    match case.verdict {
        Verdict::Due(choice) if choice.arm.message != HOLDOUT => {
            said.say(&["Shown: `", &choice.arm.message, "`."], &["보임: `", &choice.arm.message, "`."]);
        }
        verdict => {
            said.say(&["Not shown: "], &["보이지 않음: "]);
            case.hindrance(&mut said, verdict);
            said.say(&["."], &["."]);
        }
    }
    said
}

impl Case<'_> {
    /// What keeps the campaign's messages from being shown.
    fn hindrance(&self, words: &mut Sentence, verdict: &Verdict) {
        let Case { plan, campaign, facts, .. } = *self;
        let slot = plan.slots.get(usize::from(campaign.slot)).map_or("", |slot| slot.id.as_str());
        match verdict {
            Verdict::Due(choice) if choice.arm.stream == Stream::Global => held_out_of_all(words),
            Verdict::Kept => held_out_of_all(words),
            Verdict::Due(_) => words.say(
                &["it is due, but this visitor is held out of it, for comparison"],
                &["보일 차례이지만, 비교를 위해 이 방문자에게는 보이지 않음(대조군)"],
            ),
            Verdict::Schedule => schedule(words, campaign, facts),
            Verdict::When(from) => self.when(words, *from),
            Verdict::Trigger(fired) => trigger(words, campaign.trigger.as_ref(), *fired, facts),
            Verdict::Pace(stop) => self.pace(words, *stop),
            Verdict::SitePace(kind, stop) => self.site_pace(words, *kind, *stop),
            Verdict::Quiet => words.say(
                &["`", &facts.moment.page.path, "` is one of the quiet pages; another page is needed"],
                &[
                    "`",
                    &facts.moment.page.path,
                    "`: 메시지를 보이지 않는 페이지(`quiet`). 다른 페이지로 가야 함",
                ],
            ),
            Verdict::Slot(other) => {
                let other = plan.campaigns.get(usize::from(*other)).map_or("", |other| other.id.as_str());
                words.say(
                    &["slot `", slot, "` is taken by `", other, "`, whose priority is higher"],
                    &["슬롯 `", slot, "`: 우선순위가 더 높은 `", other, "` 캠페인이 차지함"],
                );
            }
            Verdict::NoSlot => words.say(
                &["this page has no element for slot `", slot, "`"],
                &["이 페이지에 슬롯 `", slot, "` 자리가 없음"],
            ),
            Verdict::Ramp => ramp(words, campaign, facts),
            Verdict::NoMessage => words.say(
                &["every message has weight 0; one above 0 is needed"],
                &["모든 메시지의 가중치가 0임. 하나는 0보다 커야 함"],
            ),
        }
    }

    /// The part of the condition that failed.
    fn when(&self, words: &mut Sentence, from: NodeId) {
        let found = failing(self.plan, self.truths, from);
        if let Some(segment) = found.segment.and_then(|place| self.plan.segments.get(usize::from(place))) {
            words.say(
                &["segment `", &segment.id, "` is not held: "],
                &["세그먼트 `", &segment.id, "`에 속하지 않음: "],
            );
        }
        condition(words, &self.plan.nodes, found, self.facts);
        if found.has_others {
            words.say(&[" (or another part of the same `$or`)"], &[" (같은 `$or`의 다른 조건이 맞아도 됨)"]);
        }
    }

    /// The campaign's own cap that is reached.
    fn pace(&self, words: &mut Sentence, stop: Stop) {
        let pace = &self.campaign.pace;
        let Some(arm) = self.facts.profile.arm(&self.campaign.id) else { return };
        cap(words, stop, (&pace.limits, &arm.seen), self.facts);
        if stop == Stop::Dismissed {
            let (english, korean) = if pace.stop_dismissed {
                (", and stops for good", "")
            } else {
                (" on this page, and does not come back to it", " (이 페이지에서만)")
            };
            words.say(&[english], &[korean]);
        }
    }

    /// The cap of all messages of a kind that is reached.
    fn site_pace(&self, words: &mut Sentence, kind: u8, stop: Stop) {
        let kinds = [
            ("any kind", "모든 종류"),
            ("`bar`", "`bar`"),
            ("`modal`", "`modal`"),
            ("`products`", "`products`"),
        ];
        let (english, korean) = kinds.get(usize::from(kind)).copied().unwrap_or_default();
        words.say(&["of messages of ", english, ", "], &[korean, " 메시지: "]);
        let limits = self.plan.pace.iter().find(|(of, _)| *of == kind).map(|(_, limits)| limits);
        let seen = self.facts.profile.showings.get(usize::from(kind)).cloned().unwrap_or_default();
        cap(words, stop, (limits.unwrap_or(&Limits::default()), &seen), self.facts);
    }
}

fn held_out_of_all(words: &mut Sentence) {
    words.say(
        &["this visitor is held out of every campaign, for comparison"],
        &["비교를 위해 이 방문자에게는 모든 캠페인을 보이지 않음(전체 대조군)"],
    );
}

fn condition(words: &mut Sentence, nodes: &Nodes, found: Failing, facts: &Facts) {
    match nodes.get(usize::from(found.at)) {
        Some(Node::Test(subject, compare)) => {
            if let Some(attribute) = nodes.subject(*subject) {
                test(words, attribute, (compare, found.negated), facts);
            }
        }
        Some(Node::Did(wanted)) => did(words, wanted, found.negated, facts),
        Some(Node::Sequence(wanted)) => sequence(words, wanted, (found.negated, found.truth), facts),
        _ if found.negated => words.say(&["its condition excludes everybody"], &["조건이 모두를 제외함"]),
        _ => words.say(&["its condition holds for nobody"], &["아무도 맞을 수 없는 조건임"]),
    }
}
