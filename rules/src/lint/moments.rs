//! Campaigns that never find their moment: who is meant, when it runs, what it
//! waits for and where it is silent exclude each other. Never judges a
//! condition by itself; `truth` did.

use jsonc_parser::ast::Object;
use jsonc_parser::common::Ranged;
use vitrine_engine::attribute::Attribute;
use vitrine_engine::pattern::Span;
use vitrine_engine::plan::{Campaign, Window};
use vitrine_engine::trigger::{Cause, Trigger};
use vitrine_engine::value::Value;

use super::counts::{Count, is_wider};
use super::reason::{Reason, Wanted};
use super::{Lint, field};
use crate::notes::quote;

impl<'t, 'a> Lint<'t, 'a> {
    /// Notes campaigns that can never be due, at the field that rules them out.
    pub(super) fn moments(&mut self, reason: &Reason<'t>) {
        for (object, campaign) in self.campaigns() {
            self.idle_wait(object, campaign);
            if self.is_silent(object, campaign, reason) || self.is_out_of_hours(object, campaign, reason) {
                continue;
            }
            self.waits_in_vain(object, campaign, reason);
        }
    }

    /// Notes a campaign that is for pages on which it is silent.
    fn is_silent(&mut self, object: &'t Object<'a>, campaign: &'t Campaign, reason: &Reason<'t>) -> bool {
        let quiet: Vec<_> =
            [self.plan.quiet, campaign.quiet].into_iter().flatten().map(|id| (id, false)).collect();
        if quiet.is_empty() {
            return false;
        }
        let conditions = campaign.when.map(|when| (when, true)).into_iter().chain(quiet).collect();
        if !reason.excludes(&Wanted { conditions, ..Wanted::default() }) {
            return false;
        }
        let at = field(object, "quiet").map_or(object.range.start, Ranged::start);
        let said = say!(
            en: "campaign {name} is only for pages that are `quiet`, so it is never shown",
            ko: "캠페인 {name}의 페이지가 모두 `quiet`에 들어 있어 한 번도 보이지 않습니다",
            name = quote(&campaign.id),
        );
        self.notes.warn(at, "unreachable", said);
        true
    }

    /// Notes a campaign whose condition names hours or days off its schedule.
    fn is_out_of_hours(
        &mut self,
        object: &'t Object<'a>,
        campaign: &'t Campaign,
        reason: &Reason<'t>,
    ) -> bool {
        let Some((when, value)) = campaign.when.zip(field(object, "schedule")) else { return false };
        let runs = |attribute: &Attribute, value: &Value| runs_at(&campaign.schedule, attribute, value);
        // Lives no longer than the question.
        let wanted = Wanted { conditions: vec![(when, true)], ..Wanted::default() };
        if !reason.excludes_within(&wanted, &runs) {
            return false;
        }
        let said = say!(
            en: "the condition of campaign {name} is never true while its schedule runs",
            ko: "일정이 열려 있는 동안 캠페인 {name}의 조건이 참이 되는 때가 없습니다",
            name = quote(&campaign.id),
        );
        self.notes.warn(value.start(), "unreachable", said);
        true
    }

    /// Notes a campaign that waits for a deed of visitors whom it is not for.
    fn waits_in_vain(&mut self, object: &'t Object<'a>, campaign: &'t Campaign, reason: &Reason<'t>) {
        let Some((trigger, when)) = campaign.trigger.as_ref().zip(campaign.when) else { return };
        let Cause::Deed(after, _) = trigger.cause else { return };
        let Some(kind) = self.plan.terms.kinds.get(after) else { return };
        let done = vec![Count { kind, span: Span::Ever, low: 1, high: u32::MAX }];
        let wanted = Wanted { conditions: vec![(when, true)], done, ..Wanted::default() };
        let Some(value) = field(object, "trigger").filter(|_| reason.excludes(&wanted)) else { return };
        let said = say!(
            en: "campaign {name} waits for what its own condition rules out, so it is never shown",
            ko: "캠페인 {name}의 조건과 기다리는 행동이 모순되어 한 번도 보이지 않습니다",
            name = quote(&campaign.id),
        );
        self.notes.warn(value.start(), "unreachable", said);
    }

    /// Notes a `without` that names the deed waited for.
    fn idle_wait(&mut self, object: &'t Object<'a>, campaign: &'t Campaign) {
        let Some(Trigger { cause: Cause::Deed(after, without), .. }) = campaign.trigger else { return };
        let kinds = &self.plan.terms.kinds;
        let pair = without.and_then(|kind| kinds.get(kind)).zip(kinds.get(after));
        let is_idle = pair.is_some_and(|(without, after)| is_wider(without, after));
        let value = field(object, "trigger").and_then(|trigger| field(trigger.as_object()?, "without"));
        let Some(value) = value.filter(|_| is_idle) else { return };
        let said = say!(
            en: "`without` names the very deed of `after`; the latest one starts the wait anew, so this never ends it",
            ko: "`without`이 `after`와 같은 행동입니다. 그 행동이 다시 일어나면 기다림이 새로 시작될 뿐 끝나지 않습니다",
        );
        self.notes.warn(value.start(), "unreachable", said);
    }
}

/// Whether any window is open at an hour or on a weekday; other attributes do
/// not depend on it.
fn runs_at(windows: &[Window], attribute: &Attribute, value: &Value) -> bool {
    let Value::Number(number) = value else { return true };
    let number = *number as u16;
    match attribute {
        Attribute::Hour => windows.iter().any(|window| is_open_in(window, number)),
        Attribute::Weekday => windows.iter().any(|window| is_open_on(window, number)),
        _ => true,
    }
}

fn is_open_in(window: &Window, hour: u16) -> bool {
    let (first, last) = (hour * 60, hour * 60 + 59);
    window.minutes.is_none_or(|(from, until)| {
        if from <= until { from <= last && first < until } else { last >= from || first < until }
    })
}

fn is_open_on(window: &Window, day: u16) -> bool {
    let is_past_midnight = window.minutes.is_some_and(|(from, until)| from > until);
    let opens = |day: u16| window.weekdays >> day & 1 == 1;
    window.weekdays == 0 || opens(day) || (is_past_midnight && opens((day + 6) % 7))
}
