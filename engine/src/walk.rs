//! The walk of one event: observe, count, decide, become due. Never knows
//! whether it runs in a page or in a replay: both take exactly these steps.

use alloc::vec::Vec;

use crate::arm::{self, Arm, Stream};
use crate::decide::{Decision, Published, decide_again};
use crate::event::{self, Event};
use crate::judge::Judge;
use crate::pack::{Input, Pack};
use crate::page::{Moment, Page};
use crate::profile::Profile;
use crate::report::{Counts, Ledger};
use crate::time::Millis;

/// One device's visitor: what it remembers, what it has to report, and the
/// page it is on. Sealed as one record, so that no arm is held uncounted.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Visitor {
    /// What the device remembers.
    pub profile: Profile,
    /// What it has not reported yet.
    pub ledger: Ledger,
    /// The page in view; `None` after it was left. Not stored.
    pub page: Option<Page>,
    /// The latest judgement, so that the next event costs only what it changes.
    /// Not stored; whoever replaces the profile begins with a new one.
    pub judge: Judge,
}

impl Visitor {
    /// A stranger.
    #[must_use]
    pub fn new(seed: u64) -> Visitor {
        let mut visitor = Visitor::default();
        visitor.profile.seed = seed;
        visitor
    }

    /// Takes one event in and decides; nothing is decided after a page was left.
    pub fn step(&mut self, published: &Published, event: &Event) -> Decision {
        let plan = &published.plan;
        if let Some(page) = &event.page {
            self.page = Some(page.clone());
        }
        if self.profile.observe(event, &plan.terms) {
            self.ledger.count(&mut self.profile, plan, event);
        }
        if event.name == event::PAGE_LEAVE {
            self.page = None;
        }
        self.decide(published, event.at, Some(event))
    }

    /// Takes one event of a log in and decides. A log without page views is
    /// taken as one long page.
    pub fn replay(&mut self, published: &Published, event: &Event) -> Decision {
        if self.page.is_none() && event.name != event::PAGE_LEAVE {
            self.page = Some(Page::default());
        }
        self.step(published, event)
    }

    /// Decides again because time has passed.
    pub fn look(&mut self, published: &Published, now: Millis) -> Decision {
        self.decide(published, now, None)
    }

    fn decide(&mut self, published: &Published, now: Millis, event: Option<&Event>) -> Decision {
        let Some(page) = self.page.take() else {
            // Whatever happens unseen is judged at the next page view, with all.
            self.judge = Judge::default();
            return Decision::default();
        };
        self.profile.settle(&published.plan.terms.kinds);
        let moment = Moment { now, page };
        let decision = decide_again(&mut self.judge, published, (&self.profile, event), &moment);
        self.page = Some(moment.page);
        self.enter(published, &decision, now);
        decision
    }

    /// Takes over an arm that an edge drew for this visitor, unless one is held.
    pub fn adopt(&mut self, mut arm: Arm) {
        if self.profile.arm(&arm.campaign).is_none() {
            arm.adopted = true;
            self.profile.hold(arm);
            self.judge.touch();
        }
    }

    /// Whoever is due counts, once a page view, before anything is drawn on
    /// the page; the holdout too.
    fn enter(&mut self, published: &Published, decision: &Decision, now: Millis) {
        for choice in decision.choices.iter().filter(|choice| choice.fresh) {
            let known = self.profile.arm(&choice.arm.campaign).is_some_and(|arm| {
                arm.message == choice.arm.message && arm.stream == choice.arm.stream && !arm.adopted
            });
            let mut arm = choice.arm.clone();
            arm.view = self.profile.views;
            arm.due = now;
            arm.adopted = false;
            if arm.stream == Stream::Global {
                // As if it were shown, so that whoever is kept from everything
                // meets the same caps, and so the same campaigns, as the others.
                let day = published.plan.terms.zone.day(now);
                arm.seen.add(now, self.profile.visits, day);
                arm.shown_view = arm.view;
                arm::note(&mut self.profile.showings, arm.kind, (now, self.profile.visits, day));
            }
            self.ledger.add(&arm, &Counts { visitors: u64::from(!known), due: 1, ..Counts::default() });
            self.profile.hold(arm);
            self.judge.touch();
        }
    }
}

/// The page is not kept: whoever comes back is on another.
impl Pack for Visitor {
    fn pack(&self, out: &mut Vec<u8>) {
        self.profile.pack(out);
        self.ledger.pack(out);
    }

    fn unpack(input: &mut Input) -> Self {
        Visitor {
            profile: Pack::unpack(input),
            ledger: Pack::unpack(input),
            page: None,
            judge: Judge::default(),
        }
    }
}
