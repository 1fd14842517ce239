//! What an edge sends along with a page: one bar, or only a note for the
//! page's module. Never draws what the page might not: wherever the edge knows
//! too little to be sure, it leaves the slot to the page.

use alloc::string::String;
use alloc::vec::Vec;

use crate::banner;
use crate::decide::{Choice, Published, Verdict, consider};
use crate::digest;
use crate::event::Event;
use crate::facts::Facts;
use crate::node::NodeId;
use crate::page::Moment;
use crate::plan::{Campaign, Form, Plan};
use crate::profile::Profile;
use crate::trigger::{Cause, Fired};
use crate::truth::Truth;

/// In place of a plan's name: the page takes the seed and adopts no arm.
const NO_PLAN: &str = "-";

/// One request for a page.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The page view; its page carries the document's language.
    pub view: Event,
    /// The bytes in the digest cookie; empty without one.
    pub digest: &'a [u8],
    /// The seed of a visitor whom the edge does not know.
    pub seed: u64,
}

/// The markup to send along; empty where there is nothing to say. `sheet` is
/// the address of the banners' style sheet.
#[must_use]
pub fn splice(published: &Published, request: Request, sheet: &str) -> String {
    let Request { mut view, digest, seed } = request;
    let Some(mut page) = view.page.take() else { return String::new() };
    // Nobody here can see which inline slots the page has, so none is decided.
    page.slots = Some(Vec::new());
    view.page = Some(page.clone());
    let Some(profile) = digest::read(digest, seed, published, &view) else { return String::new() };
    let moment = Moment { now: view.at, page };
    let Found { bar, note, is_ramped } = choose(published, &profile, &moment);
    let scene = banner::Scene { published, profile: &profile, moment: &moment };
    // An edge has no shelf: products are the page's to fill in.
    let markup = bar.as_ref().and_then(|bar| banner::render(&scene, bar, &|_| None));
    let choice = if markup.is_some() { bar } else { note };
    let marker = |plan, choice| banner::Marker { plan, choice, seed: profile.seed };
    match choice {
        Some(choice) => banner::host(&marker(&published.hash, &choice), sheet, markup),
        None if is_ramped => banner::host(&marker(NO_PLAN, &Choice::default()), sheet, None),
        None => String::new(),
    }
}

/// What an edge finds for one request.
struct Found {
    /// The bar to draw.
    bar: Option<Choice>,
    /// The choice to name where no bar is drawn.
    note: Option<Choice>,
    /// Whether a ramp kept a stranger out.
    is_ramped: bool,
}

/// What can be said of a request without doubt.
///
/// A stranger's seed is always told, also when the draw gave the holdout, a
/// message that the edge cannot draw or a place behind the ramp's share: if the
/// page drew another seed in these cases only, the holdout and these messages
/// would all but vanish, and a ramp would be steeper than its rule.
fn choose(published: &Published, profile: &Profile, moment: &Moment) -> Found {
    let plan = &published.plan;
    let facts = published.facts(profile, moment);
    let (mut doubted, mut sure, mut all_doubted, mut is_ramped) = (Vec::new(), Vec::new(), false, false);
    let decision = consider(published, profile, moment, |campaign, verdict, truths| {
        let truth = |id: NodeId| truths.get(usize::from(id)).copied().unwrap_or_default();
        is_ramped |= !profile.partial && *verdict == Verdict::Ramp;
        let is_known = |id: Option<NodeId>| id.is_none_or(|id| truth(id) != Truth::Unknown);
        let is_clear = match verdict {
            Verdict::Due(choice) => {
                let is_sure = !all_doubted
                    && !doubted.contains(&campaign.slot)
                    && is_sure(published, campaign, profile, &truth);
                if is_sure {
                    sure.push(choice.campaign);
                }
                is_sure
            }
            Verdict::When(id) => is_known(Some(*id)),
            Verdict::Quiet => is_known(plan.quiet) && is_known(campaign.quiet),
            Verdict::Trigger(Fired::No) => {
                // No page has given a sign before it is there.
                let waits_here = campaign
                    .trigger
                    .as_ref()
                    .is_some_and(|trigger| trigger.delay == 0 && matches!(trigger.cause, Cause::Sign(..)));
                waits_here || !profile.partial
            }
            // The page may have the slot.
            Verdict::NoSlot => false,
            _ => true,
        };
        if !is_clear {
            doubted.push(campaign.slot);
            // What may be due there may fill a cap that all of them share.
            all_doubted |= !plan.pace.is_empty();
        }
    });
    let is_bar = |choice: &&Choice| sure.contains(&choice.campaign) && is_bar(choice, plan, &facts);
    let bar = decision.choices.iter().find(is_bar).cloned();
    let note = decision.choices.into_iter().find(|_| !profile.partial);
    Found { bar, note, is_ramped }
}

/// Whether a choice is a bar over the page whose words are all known here.
fn is_bar(choice: &Choice, plan: &Plan, facts: &Facts) -> bool {
    let campaign = plan.campaigns.get(usize::from(choice.campaign));
    let message = campaign
        .filter(|campaign| digest::is_overlay(plan, campaign))
        .zip(choice.message)
        .and_then(|(campaign, at)| campaign.messages.get(usize::from(at)));
    message.is_some_and(|message| {
        let cta = message.cta.as_ref().is_none_or(|cta| cta.text.is_known(facts));
        message.form == Form::Bar && cta && message.title.is_known(facts) && message.body.is_known(facts)
    })
}

/// Whether the page would hold the same arm: the digest names it, or every
/// segment that decides where it is drawn from is known.
fn is_sure(
    published: &Published,
    campaign: &Campaign,
    profile: &Profile,
    truth: &dyn Fn(NodeId) -> Truth,
) -> bool {
    let segments = campaign.by.iter().filter_map(|at| published.plan.segments.get(usize::from(*at)));
    let leaf = segments.map(|segment| truth(segment.when)).find(|held| *held != Truth::False);
    profile.arm(&campaign.id).is_some() || leaf != Some(Truth::Unknown)
}
