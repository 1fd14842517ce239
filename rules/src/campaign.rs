//! Campaigns: who, where, when, how often, towards which goal, by which draw.
//! Never drops one: a campaign that cannot be read keeps the plan from being made.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;
use vitrine_engine::plan::{CAMPAIGN_LIMIT, Campaign, Goal, Pace, Place, Segment, Slot};

use crate::allocation::Allocation;
use crate::calendar::Calendar;
use crate::desk::Desk;
use crate::notes::{did_you_mean, one_of, quote};
use crate::read::{self, Fields};
use crate::said::Said;
use crate::site::{DEFAULT_GOAL, default_goal};
use crate::words;

/// Priorities, both ways.
const PRIORITY_LIMIT: i64 = 1_000_000;

/// What campaigns refer to.
pub(crate) struct Stage {
    /// Declared slots, then the overlays that campaigns use.
    pub slots: Vec<Slot>,
    /// Declared goals, then the default one where a campaign needs it.
    pub goals: Vec<Goal>,
    /// Segments, in the order of the file.
    pub segments: Vec<Segment>,
    /// The site's time zone.
    pub zone: TimeZone,
}

impl Desk<'_> {
    /// All campaigns, highest priority first.
    pub fn campaigns(&mut self, value: &Value, stage: &mut Stage) -> Vec<Campaign> {
        let Some(array) = value.as_array() else {
            read::no_list(value, "`campaigns`", &mut self.notes);
            return Vec::new();
        };
        if array.elements.len() > CAMPAIGN_LIMIT {
            let said = say!(
                en: "there are more than {most} campaigns", ko: "캠페인이 {most}개보다 많습니다",
                most = CAMPAIGN_LIMIT,
            );
            self.notes.error(value.start(), "limit", said);
            return Vec::new();
        }
        let mut ids = BTreeSet::new();
        let mut campaigns: Vec<Campaign> =
            array.elements.iter().filter_map(|entry| self.campaign(entry, stage, &mut ids)).collect();
        campaigns.sort_by_key(|campaign| core::cmp::Reverse(campaign.priority));
        campaigns
    }

    fn campaign(&mut self, value: &Value, stage: &mut Stage, ids: &mut BTreeSet<String>) -> Option<Campaign> {
        let name = value.as_object().and_then(|object| object.get_string("id"));
        let what = match name {
            Some(name) => say!(en: "campaign {name}", ko: "캠페인 {name}", name = quote(&name.value)),
            None => say!(en: "this campaign", ko: "이 캠페인"),
        };
        let fields = Fields::of(value, &what, words::CAMPAIGN, &mut self.notes)?;
        let id = self.id(&fields, &what, (&[], ids));
        let slot = self.campaign_slot(&fields, &what, &mut stage.slots);
        let priority = fields.get_or("priority", 0, |value| {
            read::whole(value, "`priority`", -PRIORITY_LIMIT..=PRIORITY_LIMIT, &mut self.notes)
        });
        let when = fields.get_or("when", None, |value| {
            self.condition(value, say!(en: "`when` of {what}", ko: "{what}의 `when`", what)).map(Some)
        });
        let trigger = fields.get_or("trigger", None, |value| self.trigger(value).map(Some));
        let schedule =
            fields.get_or("schedule", Default::default(), |value| self.schedule(value, &stage.zone));
        let quiet = fields.get_or("quiet", None, |value| self.quiet(value).map(Some));
        let pace = fields.get_or("pace", Pace::default(), |value| self.pace(value));
        let goal = self.campaign_goal(&fields, &mut stage.goals);
        let holdout = fields.get_or("holdout", 0, |value| self.holdout(value));
        let allocation = fields.get_or("allocation", Allocation::default(), |value| {
            let schedule = schedule.as_deref().unwrap_or_default();
            let calendar = Calendar { zone: &stage.zone, schedule };
            self.allocation(value, (&stage.segments, calendar))
        });
        let messages = fields
            .need("messages", &what, &mut self.notes)
            .and_then(|value| self.messages(value, allocation.as_ref()));
        let allocation = allocation?;
        Some(Campaign {
            id: id?,
            slot: slot?,
            priority: priority? as i32,
            when: when?,
            trigger: trigger?,
            schedule: schedule?,
            quiet: quiet?,
            pace: pace?,
            goal: goal?,
            holdout: holdout?,
            aim: allocation.aim,
            by_revenue: allocation.by_revenue,
            ramp: allocation.ramp,
            by: allocation.by,
            messages: messages?,
        })
    }

    /// A name that no sister has.
    pub fn id(
        &mut self,
        fields: &Fields,
        what: &Said,
        (reserved, known): (&[&str], &mut BTreeSet<String>),
    ) -> Option<String> {
        let value = fields.need("id", what, &mut self.notes)?;
        let text = read::text(value, "`id`", &mut self.notes)?;
        let name = text.value.to_string();
        let what = say!(en: "the `id`", ko: "`id`");
        if !read::check_id((&name, value.start()), what, reserved, &mut self.notes) {
            return None;
        }
        if !known.insert(name.clone()) {
            let said = say!(
                en: "{name} stands here a second time; names must differ",
                ko: "{name:이<} 여기에 또 있습니다. 이름은 서로 달라야 합니다",
                name = quote(&name),
            );
            self.notes.error(value.start(), "duplicate_id", said);
            return None;
        }
        Some(name)
    }

    fn campaign_slot(&mut self, fields: &Fields, what: &Said, slots: &mut Vec<Slot>) -> Option<u16> {
        let value = fields.need("slot", what, &mut self.notes)?;
        let text = read::text(value, "`slot`", &mut self.notes)?;
        let name = text.value.as_ref();
        if let Some(at) = slots.iter().position(|slot| slot.id == name) {
            return u16::try_from(at).ok();
        }
        let place = match name {
            "top" => Place::Top,
            "bottom" => Place::Bottom,
            "center" => Place::Center,
            _ => {
                let known: Vec<&str> = slots
                    .iter()
                    .map(|slot| slot.id.as_str())
                    .chain(words::OVERLAYS.iter().copied())
                    .collect();
                let said = say!(
                    en: "there is no slot {name}; declare it under `slots`, or use {list}",
                    ko: "{name:라<}는 슬롯이 없습니다. `slots`에 선언하거나 {list} 중 하나를 쓰세요",
                    name = quote(name), list = one_of(words::OVERLAYS.iter().copied()),
                );
                self.notes.error_like(value.start(), "unknown_name", did_you_mean(said, name, known));
                return None;
            }
        };
        slots.push(Slot { id: name.into(), place });
        u16::try_from(slots.len() - 1).ok()
    }

    fn campaign_goal(&mut self, fields: &Fields, goals: &mut Vec<Goal>) -> Option<u16> {
        let place = |goals: &[Goal], name: &str| goals.iter().position(|goal| goal.id == name);
        let Some(value) = fields.get("goal") else {
            let at = place(goals, DEFAULT_GOAL).unwrap_or_else(|| {
                goals.push(default_goal());
                goals.len() - 1
            });
            return u16::try_from(at).ok();
        };
        let text = read::text(value, "`goal`", &mut self.notes)?;
        let at = place(goals, &text.value);
        if at.is_none() {
            let said = say!(
                en: "there is no goal {name}; declare it under `goals`",
                ko: "{name:라<}는 목표가 없습니다. `goals`에 선언하세요",
                name = quote(&text.value),
            );
            let known = goals.iter().map(|goal| goal.id.as_str());
            self.notes.error_like(value.start(), "unknown_name", did_you_mean(said, &text.value, known));
        }
        at.and_then(|at| u16::try_from(at).ok())
    }

    /// A list of words of a fixed set.
    pub fn some_words<'w>(&mut self, value: &Value, what: &str, known: &[&'w str]) -> Option<Vec<&'w str>> {
        let list = read::list(value, what, &mut self.notes)?;
        let what = say!(en: "an entry of {what}", ko: "{what}의 값", what);
        read::all(list.iter().map(|entry| read::word(entry, &what, known, &mut self.notes)))
    }
}
