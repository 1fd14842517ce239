//! Campaigns that never get their turn, or two that take it at once. Never
//! asks how often: only whether it can ever be.

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::Ranged;
use vitrine_engine::plan::{Campaign, Pace, Place, Window};

use super::reason::{Reason, Wanted};
use super::{Lint, field};
use crate::notes::quote;

impl<'t, 'a> Lint<'t, 'a> {
    /// Notes schedules that are over, campaigns behind another, and two at once.
    pub(super) fn turns(&mut self, reason: &Reason<'t>) {
        let campaigns = self.campaigns();
        for (object, campaign) in &campaigns {
            self.over(object, campaign);
            self.shadowed(object, campaign, reason);
        }
        for (at, (object, campaign)) in campaigns.iter().enumerate() {
            let before = campaigns.iter().take(at).map(|(_, other)| *other);
            if let Some(other) = before.into_iter().find(|other| self.at_once(other, campaign, reason)) {
                let said = say!(
                    en: "{first} and {second} wait for the same moment in two slots, so a visitor may get both at once; give one of them a delay, or the site a `pace`",
                    ko: "{first:과<} {second:은<} 서로 다른 슬롯에서 같은 순간을 기다려 방문자에게 둘이 한꺼번에 보일 수 있습니다. 하나를 늦추거나 사이트에 `pace`를 두세요",
                    first = quote(&other.id), second = quote(&campaign.id),
                );
                let at = field(object, "trigger").map_or(object.range.start, Ranged::start);
                self.notes.warn(at, "two_at_once", said);
            }
        }
    }

    fn over(&mut self, object: &'t Object<'a>, campaign: &Campaign) {
        let Some((now, value)) = self.now.zip(field(object, "schedule")) else { return };
        let is_over = |window: &Window| window.until.is_some_and(|until| until <= now);
        if campaign.schedule.iter().all(is_over) {
            let said = say!(
                en: "the schedule of campaign {name} is over, so it will not run any more",
                ko: "캠페인 {name}의 일정이 이미 끝나 더는 실행되지 않습니다",
                name = quote(&campaign.id),
            );
            self.notes.warn(value.start(), "schedule_over", said);
            return;
        }
        let Value::Array(list) = value else { return };
        for (entry, window) in list.elements.iter().zip(&campaign.schedule) {
            if is_over(window) {
                let said = say!(
                    en: "this window of the schedule is over; take it out",
                    ko: "일정의 이 구간은 이미 끝났습니다. 빼세요",
                );
                self.notes.warn(entry.start(), "schedule_over", said);
            }
        }
    }

    /// Notes a campaign whose slot another always holds.
    fn shadowed(&mut self, object: &'t Object<'a>, campaign: &'t Campaign, reason: &Reason<'t>) {
        let plan = self.plan;
        let before = plan.campaigns.iter().take_while(|other| other.id != campaign.id);
        let mut holders =
            before.filter(|other| plan.pace.is_empty() && other.slot == campaign.slot && never_yields(other));
        let Some(holder) = holders.find(|other| covers(other, campaign, reason)) else { return };
        let said = say!(
            en: "campaign {name} never gets its turn: {holder} goes first in the same slot, for everybody whom {name} is for, and nothing ends it",
            ko: "캠페인 {name}에는 차례가 오지 않습니다. 같은 슬롯에서 {holder:이<} 먼저이고, {name}의 방문자를 모두 포함하며, 끝나지도 않습니다",
            name = quote(&campaign.id), holder = quote(&holder.id),
        );
        let at = field(object, "id").map_or(object.range.start, Ranged::start);
        self.notes.warn(at, "shadowed", said);
    }

    /// Whether two messages over the page may come at the same moment.
    fn at_once(&self, one: &'t Campaign, two: &'t Campaign, reason: &Reason<'t>) -> bool {
        let is_over_page = |campaign: &Campaign| {
            let slot = self.plan.slots.get(usize::from(campaign.slot));
            slot.is_some_and(|slot| !matches!(slot.place, Place::Inline { .. }))
        };
        let conditions = [one.when, two.when].into_iter().flatten().map(|when| (when, true)).collect();
        self.plan.pace.is_empty()
            && one.slot != two.slot
            && one.trigger.is_some()
            && one.trigger == two.trigger
            && one.schedule == two.schedule
            && is_over_page(one)
            && is_over_page(two)
            && !reason.excludes(&Wanted { conditions, ..Wanted::default() })
    }
}

/// Whether a campaign, once it is due, stays due: nothing but closing it frees
/// its slot.
fn never_yields(campaign: &Campaign) -> bool {
    campaign.trigger.is_none()
        && campaign.schedule.is_empty()
        && campaign.quiet.is_none()
        && campaign.pace == Pace::default()
        && campaign.holdout == 0
        && campaign.ramp.is_none()
}

/// Whether one campaign is for everybody whom another is for.
fn covers<'t>(whole: &'t Campaign, part: &'t Campaign, reason: &Reason<'t>) -> bool {
    let Some(when) = whole.when else { return true };
    let conditions = part.when.map(|when| (when, true)).into_iter().chain([(when, false)]).collect();
    reason.excludes(&Wanted { conditions, ..Wanted::default() })
}
