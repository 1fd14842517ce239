//! Shares, weights and windows out of sense. Never judges how a campaign does:
//! only what could not tell anybody anything.

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::Ranged;
use vitrine_engine::bandit::Aim;
use vitrine_engine::plan::Campaign;
use vitrine_engine::time::{DAY, MINUTE};

use super::{Lint, field, text};
use crate::notes::quote;

/// From this share on, in 1/10,000, more visitors miss a campaign than a
/// comparison needs.
const LARGE_HOLDOUT: u16 = 5_000;
/// A goal reached later has other causes, and most browsers have forgotten the
/// draw by then.
const LONGEST_WINDOW: u64 = 90 * DAY;
/// Nobody reads, decides and buys sooner.
const SHORTEST_WINDOW: u64 = MINUTE;

impl<'t> Lint<'t, '_> {
    /// Notes draws, holdouts and windows that make no sense.
    pub(super) fn shares(&mut self) {
        for (object, campaign) in self.campaigns() {
            self.weights(object, campaign);
            self.nothing_to_learn(object, campaign);
            self.cut_ramp(object, campaign);
            self.holdout(object, campaign.holdout);
        }
        self.holdout(self.root, self.plan.holdout);
        self.windows();
    }

    fn weights(&mut self, object: &'t Object, campaign: &Campaign) {
        if campaign.aim != Aim::Split {
            return;
        }
        for message in campaign.messages.iter().filter(|message| message.weight == 0) {
            let Some(at) = weight_of(object, &message.id) else { continue };
            let said = say!(
                en: "message {name} has the weight 0, so nobody will ever see it",
                ko: "메시지 {name}의 가중치가 0이어서 아무에게도 보이지 않습니다",
                name = quote(&message.id),
            );
            self.notes.warn(at, "zero_weight", said);
        }
    }

    fn nothing_to_learn(&mut self, object: &'t Object, campaign: &Campaign) {
        let Some(allocation) =
            field(object, "allocation").filter(|_| campaign.messages.len() == 1 && campaign.ramp.is_none())
        else {
            return;
        };
        let said = say!(
            en: "campaign {name} has one message, so there is nothing to draw; leave `allocation` out or add a message",
            ko: "캠페인 {name}에는 메시지가 하나뿐이라 나눌 것이 없습니다. `allocation`을 빼거나 메시지를 더하세요",
            name = quote(&campaign.id),
        );
        self.notes.warn(allocation.start(), "nothing_to_learn", said);
    }

    /// Notes a ramp that the schedule cuts off before it has grown.
    fn cut_ramp(&mut self, object: &'t Object, campaign: &Campaign) {
        let Some(ramp) = &campaign.ramp else { return };
        let ends: Option<Vec<_>> = campaign.schedule.iter().map(|window| window.until).collect();
        let Some(last) = ends.and_then(|ends| ends.into_iter().max()).filter(|last| *last < ramp.end())
        else {
            return;
        };
        let ramp_at = field(object, "allocation").and_then(|value| field(value.as_object()?, "ramp"));
        let said = say!(
            en: "the schedule ends before this ramp has grown: it gets to {share} % of visitors",
            ko: "일정이 끝날 때까지 다 늘지 못하고 방문자의 {share}%까지만 늘어납니다",
            share = ramp.share(last) as f64 / 100.0,
        );
        self.notes.warn(ramp_at.map_or(object.range.start, Ranged::start), "odd_window", said);
    }

    /// Notes a holdout, of one campaign or of all, that is too large.
    fn holdout(&mut self, object: &'t Object, share: u16) {
        if let Some(value) = field(object, "holdout").filter(|_| share >= LARGE_HOLDOUT) {
            let said = say!(
                en: "this holdout keeps half of the visitors or more away; a comparison needs 5 to 10 in a hundred",
                ko: "이 홀드아웃은 방문자의 절반 이상을 제외합니다. 비교에는 100명 중 5명에서 10명이면 됩니다",
            );
            self.notes.warn(value.start(), "large_holdout", said);
        }
    }

    fn windows(&mut self) {
        let Some(Value::Object(goals)) = field(self.root, "goals") else { return };
        for goal in &self.plan.goals {
            let Some(Value::Object(object)) = field(goals, &goal.id) else { continue };
            let Some(value) = field(object, "window") else { continue };
            if goal.window > LONGEST_WINDOW {
                let said = say!(
                    en: "`window` of goal {name} is longer than 90 days; browsers have forgotten the visitor by then, and what happens so late has other causes",
                    ko: "목표 {name}의 `window`가 90일보다 깁니다. 그때쯤이면 브라우저가 방문자를 잊은 뒤이고, 그렇게 늦은 행동은 다른 까닭에서 나옵니다",
                    name = quote(&goal.id),
                );
                self.notes.warn(value.start(), "odd_window", said);
            } else if goal.window < SHORTEST_WINDOW {
                let said = say!(
                    en: "`window` of goal {name} is shorter than a minute, in which hardly anybody gets there",
                    ko: "목표 {name}의 `window`가 1분보다 짧아 그 안에 이를 수 있는 방문자가 거의 없습니다",
                    name = quote(&goal.id),
                );
                self.notes.warn(value.start(), "odd_window", said);
            }
        }
    }
}

/// Where the weight of a message stands.
fn weight_of(campaign: &Object, message: &str) -> Option<usize> {
    let weights = field(campaign, "allocation").and_then(|value| field(value.as_object()?, "weights"));
    if let Some(weight) = weights.and_then(|weights| field(weights.as_object()?, message)) {
        return Some(weight.start());
    }
    let messages = field(campaign, "messages")?.as_array()?;
    let mut objects = messages.elements.iter().filter_map(Value::as_object);
    let object = objects.find(|object| text(object, "id") == Some(message))?;
    field(object, "weight").map(Ranged::start)
}
