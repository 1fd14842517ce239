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
    let mut found = Failing { at: from, negated: false, segment: None, has_others: false };
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
    }
    found
}

/// Puts a campaign's verdict into words.
#[must_use]
pub fn tell(
    plan: &Plan,
    campaign: &Campaign,
    verdict: &Verdict,
    truths: &[Truth],
    facts: &Facts,
) -> Sentence {
    let mut said = Sentence::default();
    match verdict {
        Verdict::Due(choice) if choice.arm.message != HOLDOUT => {
            said.say(&["Shown: `", &choice.arm.message, "`."], &["보임: `", &choice.arm.message, "`."]);
            return said;
        }
        _ => said.say(&["Not shown: "], &["보이지 않음: "]),
    }
    let words = &mut said;
    match verdict {
        Verdict::Due(choice) if choice.arm.stream == Stream::Global => held_out_of_all(words),
        Verdict::Kept => held_out_of_all(words),
        Verdict::Due(_) => words.say(
            &["it is due, but this visitor is held out of it, for comparison"],
            &["보일 차례이지만, 비교를 위해 이 방문자에게는 보이지 않음(대조군)"],
        ),
        Verdict::Schedule => schedule(words, campaign, facts),
        Verdict::When(from) => {
            let found = failing(plan, truths, *from);
            let segment = found.segment.and_then(|place| plan.segments.get(usize::from(place)));
            if let Some(segment) = segment {
                words.say(
                    &["segment `", &segment.id, "` is not held: "],
                    &["세그먼트 `", &segment.id, "`에 속하지 않음: "],
                );
            }
            let truth = truths.get(usize::from(found.at)).copied().unwrap_or_default();
            condition(words, plan, found, truth, facts);
            if found.has_others {
                words.say(
                    &[" (or another part of the same `$or`)"],
                    &[" (같은 `$or`의 다른 조건이 맞아도 됨)"],
                );
            }
        }
        Verdict::Trigger(fired) => trigger(words, campaign.trigger.as_ref(), *fired, facts),
        Verdict::Pace(stop) => {
            if let Some(arm) = facts.profile.arm(&campaign.id) {
                cap(words, *stop, &campaign.pace.limits, &arm.seen, facts);
                if *stop == Stop::Dismissed {
                    let (english, korean) = if campaign.pace.stop_dismissed {
                        (", and stops for good", "")
                    } else {
                        (" on this page, and does not come back to it", " (이 페이지에서만)")
                    };
                    words.say(&[english], &[korean]);
                }
            }
        }
        Verdict::SitePace(kind, stop) => {
            let kinds = [
                ("any kind", "모든 종류"),
                ("`bar`", "`bar`"),
                ("`modal`", "`modal`"),
                ("`products`", "`products`"),
            ];
            let (english, korean) = kinds.get(usize::from(*kind)).copied().unwrap_or_default();
            words.say(&["of messages of ", english, ", "], &[korean, " 메시지: "]);
            let limits = plan.pace.iter().find(|(of, _)| of == kind).map(|(_, limits)| limits);
            let seen = facts.profile.showings.get(usize::from(*kind)).cloned().unwrap_or_default();
            cap(words, *stop, limits.unwrap_or(&Limits::default()), &seen, facts);
        }
        Verdict::Quiet => words.say(
            &["`", &facts.moment.page.path, "` is one of the quiet pages; another page is needed"],
            &["`", &facts.moment.page.path, "`: 메시지를 보이지 않는 페이지(`quiet`). 다른 페이지로 가야 함"],
        ),
        Verdict::Slot(other) => {
            let other = plan.campaigns.get(usize::from(*other)).map_or("", |other| other.id.as_str());
            let slot = slot(plan, campaign);
            words.say(
                &["slot `", slot, "` is taken by `", other, "`, whose priority is higher"],
                &["슬롯 `", slot, "`: 우선순위가 더 높은 `", other, "` 캠페인이 차지함"],
            );
        }
        Verdict::NoSlot => {
            let slot = slot(plan, campaign);
            words.say(
                &["this page has no element for slot `", slot, "`"],
                &["이 페이지에 슬롯 `", slot, "` 자리가 없음"],
            );
        }
        Verdict::Ramp => ramp(words, campaign, facts),
        Verdict::NoMessage => words.say(
            &["every message has weight 0; one above 0 is needed"],
            &["모든 메시지의 가중치가 0임. 하나는 0보다 커야 함"],
        ),
    }
    words.say(&["."], &["."]);
    said
}

fn held_out_of_all(words: &mut Sentence) {
    words.say(
        &["this visitor is held out of every campaign, for comparison"],
        &["비교를 위해 이 방문자에게는 모든 캠페인을 보이지 않음(전체 대조군)"],
    );
}

fn slot<'a>(plan: &'a Plan, campaign: &Campaign) -> &'a str {
    plan.slots.get(usize::from(campaign.slot)).map_or("", |slot| slot.id.as_str())
}

fn condition(words: &mut Sentence, plan: &Plan, found: Failing, truth: Truth, facts: &Facts) {
    match plan.nodes.get(usize::from(found.at)) {
        Some(Node::Test(subject, compare)) => {
            if let Some(attribute) = plan.nodes.subject(*subject) {
                test(words, attribute, (compare, found.negated), facts);
            }
        }
        Some(Node::Did(wanted)) => did(words, wanted, found.negated, facts),
        Some(Node::Sequence(wanted)) => sequence(words, wanted, (found.negated, truth), facts),
        _ if found.negated => words.say(&["its condition excludes everybody"], &["조건이 모두를 제외함"]),
        _ => words.say(&["its condition holds for nobody"], &["아무도 맞을 수 없는 조건임"]),
    }
}
