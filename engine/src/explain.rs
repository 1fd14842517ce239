//! Why a campaign is shown or not: the first clause that failed, the value
//! seen and the value needed. Never judges by itself: it listens to `decide`.

use alloc::string::String;
use alloc::vec::Vec;

use crate::decide::{Published, Verdict, consider};
use crate::facts::Facts;
use crate::json::Json;
use crate::node::{Node, NodeId};
use crate::pack::Pack;
use crate::page::Moment;
use crate::plan::{Form, Plan};
use crate::profile::Profile;
use crate::recommend::{Index, Model, Past, Wish, picks};
use crate::seal::{self, Broken, Kind};
use crate::sentence::product::{Shelf, product};
use crate::sentence::{Case, Sentence, failing, ramped, tell};
use crate::text::{join, push_number};
use crate::trigger::Fired;
use crate::truth::Truth;
use crate::walk::Visitor;

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
    /// All of it in words.
    pub sentence: Sentence,
    /// The products of a row that is shown; [`explain_rows`] fills them in.
    pub products: Vec<Product>,
}

/// One product of a row, and why it stands there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Product {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Why it stands there.
    pub sentence: Sentence,
}

/// One reason a campaign, by priority.
#[must_use]
pub fn explain(published: &Published, profile: &Profile, moment: &Moment) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let plan = &published.plan;
    // As `consider` does, so that what is told is what was judged.
    let mut profile = profile.clone();
    if !profile.partial {
        profile.settle(&plan.terms.kinds);
    }
    let profile = &profile;
    let facts = published.facts(profile, moment);
    consider(published, profile, moment, |campaign, verdict, truths| {
        let [clause, seen, needed] = failed(verdict);
        let mut reason = Reason::default();
        reason.campaign.clone_from(&campaign.id);
        reason.clause.push_str(clause);
        reason.seen.push_str(seen);
        reason.needed.push_str(needed);
        match verdict {
            Verdict::Due(choice) => reason.message.clone_from(&choice.arm.message),
            Verdict::When(when) => tell_failing(&mut reason, plan, truths, (*when, &facts)),
            Verdict::Trigger(Fired::At(due)) => {
                push_number(&mut reason.needed, due.since(moment.now).div_ceil(1000), 1);
                reason.needed.push_str(" s more");
            }
            Verdict::Ramp => {
                if let Some(([share, place], _)) = ramped(campaign, &facts) {
                    reason.seen = join(&["place ", &place]);
                    reason.needed = join(&["within ", &share]);
                }
            }
            Verdict::Slot(other) => {
                if let Some(other) = plan.campaigns.get(usize::from(*other)) {
                    reason.seen.push_str(&other.id);
                }
            }
            _ => {}
        }
        reason.sentence = tell(&Case { plan, campaign, verdict, truths, facts: &facts });
        reasons.push(reason);
    });
    reasons
}

/// Says of every row of products that is shown what stands in it, and why: by
/// the same ranking as the shelf's.
pub fn explain_rows(
    reasons: &mut [Reason],
    (model, index): (&Model, &Index),
    published: &Published,
    (profile, moment): (&Profile, &Moment),
) {
    let plan = &published.plan;
    let past = Past::of(profile, moment, plan.terms.half_life);
    let language = &moment.page.language;
    let shelf = Shelf { model, index, past: &past, currency: &plan.currency, language };
    for reason in reasons {
        let campaign = plan.campaigns.iter().find(|campaign| campaign.id == reason.campaign);
        let message = campaign
            .and_then(|campaign| campaign.messages.iter().find(|message| message.id == reason.message));
        let Some(Form::Products { wish }) = message.map(|message| &message.form) else { continue };
        let Some(mut wish) = Wish::of(wish) else { continue };
        if picks(model, index, &past, &wish).is_empty()
            && let Some(other) = wish.otherwise.take()
        {
            wish.ranking = other.ranking;
        }
        for pick in picks(model, index, &past, &wish) {
            let id = index.id(pick.card.item).unwrap_or_default();
            let sentence = product(&shelf, &pick);
            reason.products.push(Product { id, title: pick.card.label(language).0.into(), sentence });
        }
    }
}

/// The clause that failed, what was seen, what was needed; as far as words
/// that never change can say it.
fn failed(verdict: &Verdict) -> [&'static str; 3] {
    match verdict {
        Verdict::Due(_) | Verdict::When(_) => ["", "", ""],
        Verdict::Schedule => ["schedule", "closed now", "open"],
        Verdict::Trigger(Fired::At(_)) => ["trigger", "waiting", ""],
        Verdict::Trigger(_) => ["trigger", "has not fired", "fired"],
        Verdict::Pace(stop) => ["pace", stop.word(), "below the limit"],
        Verdict::SitePace(_, stop) => ["pace of the site", stop.word(), "below the limit"],
        Verdict::Quiet => ["quiet", "a quiet page", "another page"],
        Verdict::Kept => ["holdout of the site", "kept from every campaign", "not kept"],
        Verdict::Slot(_) => ["slot", "taken by ", "free"],
        Verdict::NoSlot => ["slot", "not on this page", "an element for it"],
        Verdict::Ramp => ["ramp", "", ""],
        Verdict::NoMessage => ["messages", "every weight is 0", "a weight above 0"],
    }
}

/// Tells the part of a failed condition that failed.
fn tell_failing(reason: &mut Reason, plan: &Plan, truths: &[Truth], (from, facts): (NodeId, &Facts)) {
    let found = failing(plan, truths, from);
    if found.negated {
        reason.needed.push_str("not ");
    }
    let node = plan.nodes.get(usize::from(found.at));
    if let Some(Node::Test(subject, compare)) = node
        && let Some(attribute) = plan.nodes.subject(*subject)
    {
        let seen = attribute.read(facts).map(|value| value.show());
        reason.clause.push_str(&attribute.name());
        reason.seen.push_str(match &seen {
            None => "unknown",
            Some(seen) if seen.is_empty() => "absent",
            Some(seen) => seen,
        });
        reason.needed.push_str(&compare.show());
        return;
    }
    reason.clause.push_str(match node {
        Some(Node::Did(_)) => "$did",
        Some(Node::Sequence(sequence)) if sequence.only => "$path",
        Some(Node::Sequence(_)) => "$sequence",
        _ => "when",
    });
    reason.seen.push_str(found.truth.word());
    reason.needed.push_str("yes");
}

impl Truth {
    /// As a person reads it.
    fn word(self) -> &'static str {
        match self {
            Truth::True => "yes",
            Truth::False => "no",
            Truth::Unknown => "unknown",
        }
    }
}

/// What a page hands over to be explained elsewhere: the visitor and the moment,
/// sealed. All else that `explain` needs was published.
#[must_use]
pub fn glance(visitor: &Visitor, moment: &Moment) -> Vec<u8> {
    let mut content = Vec::new();
    visitor.pack(&mut content);
    moment.pack(&mut content);
    seal::wrap(Kind::Glance, &content)
}

/// Explains a [`glance`], as [`to_json`] does; rows of products where there is
/// a model.
///
/// # Errors
/// Says why the bytes are no glance.
pub fn explain_glance(
    published: &Published,
    goods: Option<&(Model, Index)>,
    glance: &[u8],
) -> Result<String, Broken> {
    let (visitor, moment) = seal::open::<(Visitor, Moment)>(Kind::Glance, glance)?;
    let mut reasons = explain(published, &visitor.profile, &moment);
    if let Some((model, index)) = goods {
        explain_rows(&mut reasons, (model, index), published, (&visitor.profile, &moment));
    }
    Ok(to_json(&reasons))
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
            ("sentence", &reason.sentence.english),
            ("sentence_ko", &reason.sentence.korean),
        ] {
            if !text.is_empty() {
                json.pair(name, text);
            }
        }
        if !reason.products.is_empty() {
            json.key("products");
            json.begin('[');
            for product in &reason.products {
                json.begin('{');
                json.pair("id", &product.id);
                json.pair("title", &product.title);
                json.pair("sentence", &product.sentence.english);
                json.pair("sentence_ko", &product.sentence.korean);
                json.end('}');
            }
            json.end(']');
        }
        json.end('}');
    }
    json.end(']');
    json.finish()
}
