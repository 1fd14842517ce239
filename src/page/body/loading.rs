//! What the body asks the network for, and what it does with the answers.
//! Never waits: events are kept until the plan is there, or the page is left.

use core::mem::{ManuallyDrop, forget, replace};

use vitrine_engine::arm::{Arm, Stream};
use vitrine_engine::bandit::Odds;
use vitrine_engine::decide::Published;
use vitrine_engine::pack::{Input, Pack};
use vitrine_engine::plan::Form;
use vitrine_engine::seal::{self, Broken, Kind};
use vitrine_engine::text::{decimal, join, next_part, whole};
use vitrine_engine::time::Millis;

use super::Body;
use crate::page::IS_FULL;
use crate::page::given::text;
use crate::page::outbox::FIRST_REPORT;

/// Tasks of the network; reports have the numbers above the last.
const POINTER: u32 = 0;
const PLAN: u32 = 1;
const ODDS: u32 = 2;
const MODEL: u32 = 3;

impl Body {
    /// The network answered a task.
    pub fn answer(&mut self, task: u32, status: u16, bytes: &[u8]) {
        match task {
            POINTER => return self.follow(bytes),
            PLAN => {
                let kept = self.loading.as_mut().map_or(Ok(()), |loading| loading.keep_plan(bytes));
                if let Err(broken) = kept
                    && self.speaks()
                {
                    self.say(&["The plan ", broken.reason(), "; nothing will be shown."]);
                }
            }
            ODDS => {
                if let (Some(loading), Ok(odds)) = (&mut self.loading, seal::keep::<Odds>(Kind::Odds, bytes))
                {
                    forget(replace(&mut loading.odds, ManuallyDrop::into_inner(odds)));
                }
            }
            MODEL => return self.stocked(status, bytes),
            report => {
                let id = self.outbox.answered(report - FIRST_REPORT, status, &self.store);
                if self.speaks() {
                    self.say(&["Report ", &id, " was answered with ", &decimal(status.into()), "."]);
                }
                return;
            }
        }
        self.loaded();
    }

    /// The shelf has its goods, or says why not; what it gave are the model's
    /// few numbers that conditions ask for.
    fn stocked(&mut self, status: u16, bytes: &[u8]) {
        if status != 0 {
            if self.speaks() {
                let why = Broken::of(status as u8).map_or("did not come", Broken::reason);
                self.say(&["The model ", why, "."]);
            }
            return;
        }
        if let Some(published) = &mut self.published {
            published.intent = Pack::unpack(&mut Input::new(bytes));
        }
        self.show();
    }

    /// Asks for what is published; the page itself may still be being parsed.
    pub(super) fn ask_all(&mut self) {
        self.ask(POINTER, "plan", "");
        self.ask(ODDS, "odds", "");
        if crate::is_parsed() {
            self.loaded();
        }
    }

    /// The pointer names the plan and the model: `{"plan":"…","model":"…"}`.
    fn follow(&mut self, bytes: &[u8]) {
        let text = text(bytes);
        self.model = field(text, "model").unwrap_or_default().into();
        match field(text, "plan") {
            Some(name) => self.ask(PLAN, "plan/", name),
            None => {
                if self.speaks() {
                    self.say(&["No plan at ", &self.collector, "plan; nothing will be shown."]);
                }
                self.loaded();
            }
        }
    }

    /// One more answer came; with the last one, what waited is taken in.
    pub(super) fn loaded(&mut self) {
        self.open = self.open.saturating_sub(1);
        if self.open > 0 || self.published.is_some() {
            return;
        }
        let Some(published) = self.loading.take() else { return };
        if self.speaks() {
            self.say_plan(published);
        }
        let has_strips = published.plan.campaigns.iter().any(|campaign| {
            campaign.messages.iter().any(|message| matches!(message.form, Form::Products { .. }))
        });
        // The page is parsed by now; when the module began, the edge's element
        // may still have been on its way.
        if let Some((plan, arm, seed)) = edge_mark() {
            if self.is_stranger {
                self.visitor.profile.seed = seed;
            }
            if plan == published.hash {
                self.visitor.adopt(arm);
            }
        }
        self.published = Some(published);
        self.take_waiting();
        if has_strips && !self.model.is_empty() {
            let name = core::mem::take(&mut self.model);
            crate::stock(&join(&[&self.collector, "model/", &name]), MODEL);
        }
    }

    fn say_plan(&self, published: &Published) {
        let (campaigns, epoch) = (published.plan.campaigns.len() as u64, u64::from(published.odds.epoch));
        self.say(&[
            "Plan ",
            &published.hash,
            ": ",
            &decimal(campaigns),
            " campaigns; odds of epoch ",
            &decimal(epoch),
        ]);
    }

    fn ask(&self, task: u32, what: &str, name: &str) {
        crate::send(&join(&[&self.collector, what, name]), "", task);
    }
}

/// A field of the pointer, which holds hexadecimal names and nothing else.
fn field<'a>(json: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = json;
    while !rest.is_empty() {
        if next_part(&mut rest, b'"') == name {
            next_part(&mut rest, b'"');
            let value = next_part(&mut rest, b'"');
            return value.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(value);
        }
    }
    None
}

/// What an edge says it drew: the plan, the arm, and the seed it drew with.
fn edge_mark() -> Option<(String, Arm, u64)> {
    if !IS_FULL {
        return None;
    }
    let mark = crate::edge_mark();
    let mut words = text(&mark);
    let mut word = || next_part(&mut words, b' ');
    let (campaign, message, plan, leaf, stream) = (word(), word(), word(), word(), word());
    let (epoch, day, drawn, seed) = (whole(word())?, whole(word())?, whole(word())?, whole(words)?);
    let mut arm = Arm::default();
    arm.campaign = campaign.into();
    arm.message = message.into();
    arm.leaf = leaf.into();
    arm.stream = Stream::from_word(stream)?;
    arm.epoch = epoch as u32;
    arm.day = day as u32;
    arm.drawn = Millis(drawn);
    Some((plan.into(), arm, seed))
}
