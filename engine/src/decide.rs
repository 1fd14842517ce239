//! Which message stands in which slot now, and when to look again. Never
//! changes anything: the same plan, odds, model, profile and moment give the
//! same decision everywhere.

use alloc::string::String;
use alloc::vec::Vec;
use core::mem::{ManuallyDrop, forget, replace};

use crate::arm::{ALL_KINDS, Arm, HOLDOUT, Stream};
use crate::bandit::{self, Aim, Odds};
use crate::event::Event;
use crate::facts::Facts;
use crate::intent::Intent;
use crate::json::Json;
use crate::judge::Judge;
use crate::node::NodeId;
use crate::pace::{self, Stop};
use crate::page::{Moment, Page};
use crate::plan::{Campaign, PLAN_BYTES, Place, Plan};
use crate::profile::Profile;
use crate::seal::{self, Broken, Kind};
use crate::time::Millis;
use crate::trigger::{Fired, fired};
use crate::truth::Truth;

/// What the collector, or a static host, gave.
#[derive(Debug, Clone, Default)]
pub struct Published {
    /// What the marketer published.
    pub plan: Plan,
    /// Its name, which reports carry.
    pub hash: String,
    /// What was learnt so far.
    pub odds: Odds,
    /// The model's propensity, the part of it that conditions ask for; `None`
    /// until a model is loaded, or where it has none.
    pub intent: Option<Intent>,
}

impl Published {
    /// Takes over a plan's sealed bytes for as long as the module lives; see
    /// [`seal::keep`].
    ///
    /// # Errors
    /// Says why the bytes are no plan.
    pub fn keep_plan(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        if bytes.len() > PLAN_BYTES {
            return Err(Broken::Foreign);
        }
        let mut plan: ManuallyDrop<Plan> = seal::keep(Kind::Plan, bytes)?;
        if !plan.completes() {
            return Err(Broken::Content);
        }
        forget(replace(&mut self.plan, ManuallyDrop::into_inner(plan)));
        self.hash = seal::name(bytes);
        Ok(())
    }

    /// What is judged of a visitor at a moment.
    #[must_use]
    pub fn facts<'a>(&'a self, profile: &'a Profile, moment: &'a Moment) -> Facts<'a> {
        Facts { profile, moment, terms: &self.plan.terms, intent: self.intent.as_ref(), wake: None }
    }
}

/// What stands where, until the next event or until `wake`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Decision {
    /// At most one a slot, and the holdouts beside them; by priority.
    pub choices: Vec<Choice>,
    /// The next moment at which time alone could change the answer.
    pub wake: Option<Millis>,
}

/// One campaign that is due, with the arm that this visitor holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Choice {
    /// Index of the campaign.
    pub campaign: u16,
    /// Index of its message; `None` for the holdout.
    pub message: Option<u16>,
    /// Index of its slot.
    pub slot: u16,
    /// The arm, as it will be held.
    pub arm: Arm,
    /// True the first time on this page view: then the visitor becomes due.
    pub fresh: bool,
}

/// Why a campaign is or is not shown.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It is due, or stands already.
    Due(Choice),
    /// The schedule is closed.
    Schedule,
    /// Its condition does not hold, or cannot be known.
    When(NodeId),
    /// Its trigger has not fired.
    Trigger(Fired),
    /// It was seen often enough.
    Pace(Stop),
    /// Messages of this kind, by number, were seen often enough.
    SitePace(u8, Stop),
    /// Nothing, or not this, is shown on such a page.
    Quiet,
    /// This visitor is kept from every campaign, but saw this one before that
    /// began, and so is counted nowhere.
    Kept,
    /// A campaign of higher priority (by index) has its slot.
    Slot(u16),
    /// This page has no such slot.
    NoSlot,
    /// The campaign ramps up, and this visitor's turn has not come.
    Ramp,
    /// Every message has weight zero.
    NoMessage,
}

/// Decides for a visitor at a moment.
#[must_use]
pub fn decide(published: &Published, profile: &Profile, moment: &Moment) -> Decision {
    consider(published, profile, moment, |_, _, _| {})
}

/// Decides again for a visitor whose deeds are recognised by this plan's kinds,
/// after the latest event or because time has passed; judges only what that
/// can have changed. The same decision as [`decide`]'s.
pub fn decide_again(
    judge: &mut Judge,
    published: &Published,
    (profile, event): (&Profile, Option<&Event>),
    moment: &Moment,
) -> Decision {
    let mut facts = published.facts(profile, moment);
    judge.judge_again(&published.plan.nodes, event, &mut facts);
    choose(published, judge.truths(), facts, |_, _, _| {})
}

/// The same decision, with every campaign's verdict and the truth of every
/// condition told to `record`: `explain` is this code path. Compiled anew for
/// every recorder, so that a page, which records nothing, pays nothing.
pub fn consider(
    published: &Published,
    profile: &Profile,
    moment: &Moment,
    record: impl FnMut(&Campaign, &Verdict, &[Truth]),
) -> Decision {
    let kinds = &published.plan.terms.kinds;
    let mut settled = None;
    if !profile.partial && !profile.is_settled(kinds) {
        settled.insert(profile.clone()).settle(kinds);
    }
    let mut facts = published.facts(settled.as_ref().unwrap_or(profile), moment);
    let mut judge = Judge::default();
    match profile.partial {
        true => judge.believe(&published.plan.nodes, &mut facts),
        false => judge.judge(&published.plan.nodes, &mut facts),
    }
    choose(published, judge.truths(), facts, record)
}

fn choose(
    published: &Published,
    truths: &[Truth],
    mut facts: Facts,
    mut record: impl FnMut(&Campaign, &Verdict, &[Truth]),
) -> Decision {
    let plan = &published.plan;
    let is_kept = bandit::held_out(facts.profile.seed, "", plan.holdout);
    let mut decision = Decision::default();
    for (at, campaign) in (0u16..).zip(&plan.campaigns) {
        let others = &decision.choices;
        let verdict = Candidate { at, campaign, others, is_kept }.verdict(published, truths, &mut facts);
        record(campaign, &verdict, truths);
        if let Verdict::Due(choice) = verdict {
            decision.choices.push(choice);
        }
    }
    decision.wake = facts.wake;
    decision
}

/// A campaign on its way through the checks.
struct Candidate<'a> {
    at: u16,
    campaign: &'a Campaign,
    /// What is due already, of higher priority.
    others: &'a [Choice],
    /// Whether the visitor is kept from every campaign.
    is_kept: bool,
}

impl Candidate<'_> {
    fn verdict(&self, published: &Published, truths: &[Truth], facts: &mut Facts) -> Verdict {
        let (campaign, plan) = (self.campaign, &published.plan);
        let mut arm = facts.profile.arm(&campaign.id);
        if let Some(held) = arm
            && (held.stream == Stream::Global) != self.is_kept
        {
            if self.is_kept {
                return Verdict::Kept;
            }
            // Nobody is kept from everything any more.
            arm = None;
        }
        for other in self.others {
            if other.slot == campaign.slot && pace::is_message(&other.arm) {
                return Verdict::Slot(other.campaign);
            }
        }
        if !has_slot(plan, campaign, &facts.moment.page) {
            return Verdict::NoSlot;
        }
        let truth = |id: NodeId| truths.get(usize::from(id)).copied().unwrap_or_default();
        let is_quiet = |quiet: Option<NodeId>| quiet.is_some_and(|quiet| truth(quiet) != Truth::False);
        if is_quiet(plan.quiet) || is_quiet(campaign.quiet) {
            return Verdict::Quiet;
        }
        if let Some(arm) = arm.filter(|arm| pace::stands(arm, facts))
            && let Some(choice) = self.keep(arm, false)
        {
            return Verdict::Due(choice);
        }
        if !pace::on_schedule(&campaign.schedule, facts) {
            return Verdict::Schedule;
        }
        if let Some(when) = campaign.when.filter(|when| truth(*when) != Truth::True) {
            return Verdict::When(when);
        }
        if let Some(trigger) = &campaign.trigger {
            match fired(trigger, arm, facts) {
                Fired::Yes(_) => {}
                Fired::At(due) => {
                    facts.wake_at(due);
                    return Verdict::Trigger(Fired::At(due));
                }
                Fired::No => return Verdict::Trigger(Fired::No),
            }
        }
        if let Some(stop) = arm.and_then(|arm| pace::stopped(&campaign.pace, arm, facts)) {
            return Verdict::Pace(stop);
        }
        // What stops one message of a campaign stops all of them, whichever
        // this visitor drew: else its arms could not be compared.
        for (kind, limits) in &plan.pace {
            if campaign.has_kind(*kind) {
                let seen = facts.profile.showings.get(usize::from(*kind)).copied().unwrap_or_default();
                let more = self.due_here(*kind, facts);
                if let Some(stop) = pace::capped(limits, &seen, more, facts) {
                    return Verdict::SitePace(*kind, stop);
                }
            }
        }
        if arm.is_none()
            && let Some(ramp) = &campaign.ramp
        {
            let turn = ramp.turn(bandit::turn(facts.profile.seed, &campaign.id));
            if turn.is_none_or(|turn| turn > facts.moment.now) {
                facts.wake_at(turn.unwrap_or_default());
                return Verdict::Ramp;
            }
        }
        let kept = arm.and_then(|arm| self.keep(arm, true));
        kept.or_else(|| self.draw(published, truths, facts)).map_or(Verdict::NoMessage, Verdict::Due)
    }

    /// Messages of a kind that are due on this page and not seen yet: a cap
    /// that did not count them would let two through at once.
    fn due_here(&self, kind: u8, facts: &Facts) -> u32 {
        let is_meant = |arm: &Arm| kind == ALL_KINDS || arm.kind == kind;
        let mut times = 0;
        for other in self.others {
            times += u32::from(other.fresh && is_meant(&other.arm) && pace::is_message(&other.arm));
        }
        for arm in &facts.profile.arms {
            times += u32::from(is_meant(arm) && pace::is_due_unseen(arm, facts));
        }
        times
    }

    /// The arm that the visitor holds already, if its message still exists.
    fn keep(&self, arm: &Arm, fresh: bool) -> Option<Choice> {
        let mut arm = arm.clone();
        let mut message = None;
        if arm.message != HOLDOUT {
            let at = self.campaign.message(&arm.message)?;
            arm.kind = self.kind(at);
            message = Some(at);
        }
        Some(Choice { campaign: self.at, message, slot: self.campaign.slot, arm, fresh })
    }

    /// The number of a message's kind.
    fn kind(&self, message: u16) -> u8 {
        self.campaign.messages.get(usize::from(message)).map_or(ALL_KINDS, |message| message.form.kind())
    }

    /// Draws the visitor's arm: holdout, leaf, odds, message.
    fn draw(&self, published: &Published, truths: &[Truth], facts: &Facts) -> Option<Choice> {
        let (campaign, profile) = (self.campaign, facts.profile);
        let held = |at: &&u16| {
            let segment = published.plan.segments.get(usize::from(**at));
            segment.is_some_and(|s| truths.get(usize::from(s.when)) == Some(&Truth::True))
        };
        let leaf = campaign.by.iter().find(held).and_then(|at| published.plan.segments.get(usize::from(*at)));
        let leaf = leaf.map_or("else", |segment| segment.id.as_str());
        let mut arm = Arm::default();
        arm.campaign.clone_from(&campaign.id);
        arm.leaf = leaf.into();
        arm.day = facts.terms.zone.day(facts.moment.now);
        arm.drawn = facts.moment.now;
        let mut message = None;
        if !self.is_kept && bandit::held_out(profile.seed, &campaign.id, campaign.holdout) {
            arm.message = HOLDOUT.into();
            arm.stream = Stream::Holdout;
        } else {
            let messages = campaign.messages.iter().map(|message| (message.id.as_str(), message.weight));
            let mut odds = published.odds.of(&campaign.id, leaf);
            if campaign.aim == Aim::Learn && bandit::reserved(profile.seed, &campaign.id) {
                odds = None;
            }
            let (weights, stream) = bandit::weights(campaign.aim, messages, odds);
            let drawn = bandit::draw(profile.seed, &campaign.id, &weights)?;
            let drawn = drawn as u16;
            arm.kind = self.kind(drawn);
            if self.is_kept {
                // In place of the message that would have been shown.
                arm.message = HOLDOUT.into();
                arm.stream = Stream::Global;
            } else {
                arm.message.clone_from(&campaign.messages.get(usize::from(drawn))?.id);
                arm.stream = stream;
                arm.epoch = if stream == Stream::Adaptive { published.odds.epoch } else { 0 };
                message = Some(drawn);
            }
        }
        Some(Choice { campaign: self.at, message, slot: campaign.slot, arm, fresh: true })
    }
}

/// Whether a campaign's slot is on the page; overlays are on every page, and
/// where nobody looked, so is every slot.
fn has_slot(plan: &Plan, campaign: &Campaign, page: &Page) -> bool {
    let Some(slot) = plan.slots.get(usize::from(campaign.slot)) else { return false };
    let is_inline = matches!(slot.place, Place::Inline { .. });
    !is_inline || page.slots.as_ref().is_none_or(|slots| slots.contains(&slot.id))
}

impl Decision {
    /// The decision as the line that `vitrine replay` prints.
    #[must_use]
    pub fn to_json(&self, plan: &Plan, visitor: &str, at: Millis) -> String {
        let mut json = Json::default();
        json.begin('{');
        json.pair("visitor", visitor);
        json.count("t", at.0);
        json.key("decisions");
        json.begin('[');
        for choice in &self.choices {
            json.begin('{');
            json.pair("campaign", &choice.arm.campaign);
            json.pair("message", &choice.arm.message);
            json.pair("slot", plan.slots.get(usize::from(choice.slot)).map_or("", |slot| slot.id.as_str()));
            json.pair("leaf", &choice.arm.leaf);
            json.pair("stream", choice.arm.stream.word());
            json.end('}');
        }
        json.end(']');
        json.end('}');
        json.finish()
    }

    /// Whether another decision shows the same.
    #[must_use]
    pub fn shows_same(&self, other: &Decision) -> bool {
        let key = |choice: &Choice| (choice.campaign, choice.message, choice.slot);
        self.choices.len() == other.choices.len()
            && self.choices.iter().zip(&other.choices).all(|(one, two)| key(one) == key(two))
    }
}
