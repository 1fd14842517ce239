//! Why a campaign is shown or not: the first clause that failed, the value
//! seen and the value needed. Never judges by itself: it listens to `decide`.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::condition::{Facts, Truth};
use crate::decide::{Published, Verdict, consider};
use crate::judge::{Node, NodeId};
use crate::page::Moment;
use crate::pattern::Fired;
use crate::profile::Profile;
use crate::text::{Json, decimal, join};

/// One campaign's answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reason {
    /// The campaign.
    pub campaign: String,
    /// The message shown or `holdout`; empty if the campaign is not due.
    pub message: String,
    /// The clause that failed; empty if none did.
    pub clause: String,
    /// What was seen.
    pub seen: String,
    /// What was needed.
    pub needed: String,
}

/// One reason a campaign, by priority.
#[must_use]
pub fn explain(published: &Published, profile: &Profile, moment: &Moment) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let plan = &published.plan;
    let intent = published.model.as_ref().and_then(|(model, _)| model.intent.as_ref());
    let facts = Facts { profile, moment, terms: &plan.terms, intent, wake: None };
    consider(published, profile, moment, &mut |campaign, verdict, truths| {
        let mut reason = Reason { campaign: campaign.id.clone(), ..Reason::default() };
        let mut say = |clause: &str, seen: String, needed: String| {
            reason.clause = clause.to_string();
            reason.seen = seen;
            reason.needed = needed;
        };
        match verdict {
            Verdict::Due(choice) => reason.message.clone_from(&choice.arm.message),
            Verdict::Schedule => say("schedule", "closed now".into(), "open".into()),
            Verdict::When(when) => {
                let (clause, seen, needed) = first_failing(&plan.nodes, truths, *when, &facts);
                say(&clause, seen, needed);
            }
            Verdict::Trigger(Fired::At(due)) => {
                let seconds = due.since(moment.now).div_ceil(1000);
                say("trigger", "waiting".into(), join(&[&decimal(seconds), " s more"]));
            }
            Verdict::Trigger(_) => say("trigger", "has not fired".into(), "fired".into()),
            Verdict::Pace(stop) => say("pace", stop.word().into(), "below the limit".into()),
            Verdict::Slot(other) => {
                let other =
                    plan.campaigns.get(usize::from(*other)).map_or("", |campaign| campaign.id.as_str());
                say("slot", join(&["taken by ", other]), "free".into());
            }
            Verdict::NoSlot => say("slot", "not on this page".into(), "an element for it".into()),
            Verdict::NoMessage => say("messages", "every weight is 0".into(), "a weight above 0".into()),
        }
        reasons.push(reason);
    });
    reasons
}

/// Walks from a failed condition down to the part that failed.
fn first_failing(nodes: &[Node], truths: &[Truth], from: NodeId, facts: &Facts) -> (String, String, String) {
    let truth = |id: NodeId| truths.get(usize::from(id)).copied().unwrap_or_default();
    let (mut at, mut negated) = (from, false);
    // Parts stand before wholes, so each turn goes down.
    while let Some(node) = nodes.get(usize::from(at)) {
        let fails =
            |id: &&NodeId| if negated { truth(**id) != Truth::False } else { truth(**id) != Truth::True };
        let next = match node {
            Node::All(parts) | Node::Any(parts) => parts.iter().find(fails),
            Node::Not(part) => {
                negated = !negated;
                Some(part)
            }
            Node::Segment(_, part) => Some(part),
            _ => None,
        };
        let Some(next) = next else { break };
        at = *next;
    }
    let (clause, seen, needed) = match nodes.get(usize::from(at)) {
        Some(Node::Test(attribute, compare)) => {
            let seen = attribute.read(facts).map_or("unknown".into(), |value| value.show());
            (attribute.name(), if seen.is_empty() { "absent".into() } else { seen }, compare.show())
        }
        Some(Node::Did(_)) => ("$did".into(), word(truth(at)), "yes".into()),
        Some(Node::Sequence(_)) => ("$sequence".into(), word(truth(at)), "yes".into()),
        Some(Node::Path(_)) => ("$path".into(), word(truth(at)), "yes".into()),
        _ => ("when".into(), word(truth(at)), "yes".into()),
    };
    let needed = if negated { join(&["not ", &needed]) } else { needed };
    (clause, seen, needed)
}

fn word(truth: Truth) -> String {
    match truth {
        Truth::True => "yes",
        Truth::False => "no",
        Truth::Unknown => "unknown",
    }
    .into()
}

/// The reasons as a JSON array.
#[must_use]
pub fn to_json(reasons: &[Reason]) -> String {
    let mut json = Json::default();
    json.begin('[');
    for reason in reasons {
        json.begin('{');
        json.pair("campaign", &reason.campaign);
        json.key("shown");
        json.word(if reason.clause.is_empty() { "true" } else { "false" });
        for (name, text) in [
            ("message", &reason.message),
            ("clause", &reason.clause),
            ("seen", &reason.seen),
            ("needed", &reason.needed),
        ] {
            if !text.is_empty() {
                json.pair(name, text);
            }
        }
        json.end('}');
    }
    json.end(']');
    json.finish()
}
