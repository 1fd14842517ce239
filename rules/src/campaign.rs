//! Campaigns: who, where, when, how often, towards which goal, by which draw.
//! Never drops one: a campaign that cannot be read keeps the plan from being made.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;
use vitrine_engine::plan::{CAMPAIGN_LIMIT, Campaign, Goal, Pace, Place, Segment, Slot};

use crate::allocation::Allocation;
use crate::desk::Desk;
use crate::notes::{did_you_mean, one_of, quote};
use crate::read::{self, Fields};
use crate::site::{DEFAULT_GOAL, default_goal};
use crate::words;

/// Priorities, both ways.
const PRIORITY_LIMIT: i64 = 1_000_000;
/// The greatest share of visitors kept from a campaign: beyond one half it is
/// a test of nothing.
const HOLDOUT_LIMIT: f64 = 0.5;
/// The engine counts the holdout in parts of so many.
const HOLDOUT_PARTS: f64 = 10_000.0;
/// Showings; more is no limit at all.
const SHOWINGS_LIMIT: i64 = 1_000_000;

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
            read::wrong(value, "`campaigns`", "a list `[ … ]`", &mut self.notes);
            return Vec::new();
        };
        if array.elements.len() > CAMPAIGN_LIMIT {
            let message = format!("there are more than {CAMPAIGN_LIMIT} campaigns");
            self.notes.error(value.start(), "limit", message);
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
            Some(name) => format!("campaign {}", quote(&name.value)),
            None => "this campaign".into(),
        };
        let fields = Fields::of(value, &what, words::CAMPAIGN, &mut self.notes)?;
        let id = self.id(&fields, &what, (&[], ids));
        let slot = self.campaign_slot(&fields, &what, &mut stage.slots);
        let priority = match fields.get("priority") {
            None => Some(0),
            Some(value) => {
                read::whole(value, "`priority`", -PRIORITY_LIMIT..=PRIORITY_LIMIT, &mut self.notes)
            }
        };
        let when = match fields.get("when") {
            None => Some(None),
            Some(value) => self.condition(value, &format!("`when` of {what}")).map(Some),
        };
        let trigger = match fields.get("trigger") {
            None => Some(None),
            Some(value) => self.trigger(value).map(Some),
        };
        let schedule = match fields.get("schedule") {
            None => Some(Default::default()),
            Some(value) => self.schedule(value, &stage.zone),
        };
        let pace = match fields.get("pace") {
            None => Some(Pace::default()),
            Some(value) => self.pace(value),
        };
        let goal = self.campaign_goal(&fields, &mut stage.goals);
        let holdout = match fields.get("holdout") {
            None => Some(0),
            Some(value) => self.holdout(value),
        };
        let allocation = match fields.get("allocation") {
            None => Some(Allocation::default()),
            Some(value) => self.allocation(value, &stage.segments),
        };
        let messages = match fields.need("messages", &what, &mut self.notes) {
            Some(value) => self.messages(value, allocation.as_ref()),
            None => None,
        };
        let allocation = allocation?;
        Some(Campaign {
            id: id?,
            slot: slot?,
            priority: priority? as i32,
            when: when?,
            trigger: trigger?,
            schedule: schedule?,
            pace: pace?,
            goal: goal?,
            holdout: holdout?,
            aim: allocation.aim,
            by: allocation.by,
            messages: messages?,
        })
    }

    /// A name that no sister has.
    pub fn id(
        &mut self,
        fields: &Fields,
        what: &str,
        (reserved, known): (&[&str], &mut BTreeSet<String>),
    ) -> Option<String> {
        let value = fields.need("id", what, &mut self.notes)?;
        let text = read::text(value, "`id`", &mut self.notes)?;
        let name = text.value.to_string();
        if !read::check_id(value.start(), "the `id`", &name, reserved, &mut self.notes) {
            return None;
        }
        if !known.insert(name.clone()) {
            let message = format!("{} stands here a second time; names must differ", quote(&name));
            self.notes.error(value.start(), "duplicate_id", message);
            return None;
        }
        Some(name)
    }

    fn campaign_slot(&mut self, fields: &Fields, what: &str, slots: &mut Vec<Slot>) -> Option<u16> {
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
                let sentence = format!(
                    "there is no slot {}; declare it under `slots`, or use {}",
                    quote(name),
                    one_of(words::OVERLAYS.iter().copied())
                );
                self.notes.error_like(value.start(), "unknown_name", did_you_mean(sentence, name, known));
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
            let sentence = format!("there is no goal {}; declare it under `goals`", quote(&text.value));
            let known = goals.iter().map(|goal| goal.id.as_str());
            self.notes.error_like(value.start(), "unknown_name", did_you_mean(sentence, &text.value, known));
        }
        at.and_then(|at| u16::try_from(at).ok())
    }

    fn pace(&mut self, value: &Value) -> Option<Pace> {
        let fields = Fields::of(value, "`pace`", words::PACE, &mut self.notes)?;
        let mut times = |name: &str| match fields.get(name) {
            None => Some(0),
            Some(value) => read::whole(value, &quote(name), 1..=SHOWINGS_LIMIT, &mut self.notes)
                .map(|times| times as u32),
        };
        let (per_visit, per_day, ever) = (times("perSession"), times("perDay"), times("ever"));
        let cool_down = match fields.get("coolDown") {
            None => Some(0),
            Some(value) => read::duration(value, "`coolDown`", &mut self.notes),
        };
        let stops = match fields.get("stopAfter") {
            None => Some(Vec::new()),
            Some(value) => self.some_words(value, "`stopAfter`", &["clicked", "dismissed", "converted"]),
        };
        let (per_visit, per_day, ever, cool_down, stops) = (per_visit?, per_day?, ever?, cool_down?, stops?);
        Some(Pace {
            per_visit,
            per_day,
            ever,
            cool_down,
            stop_clicked: stops.contains(&"clicked"),
            stop_dismissed: stops.contains(&"dismissed"),
            stop_converted: stops.contains(&"converted"),
        })
    }

    /// A list of words of a fixed set.
    pub fn some_words<'w>(&mut self, value: &Value, what: &str, known: &[&'w str]) -> Option<Vec<&'w str>> {
        let list = read::list(value, what, &mut self.notes)?;
        let what = format!("an entry of {what}");
        let found: Vec<Option<&str>> =
            list.iter().map(|entry| read::word(entry, &what, known, &mut self.notes)).collect();
        found.into_iter().collect()
    }

    fn holdout(&mut self, value: &Value) -> Option<u16> {
        let share = read::number(value, "`holdout`", &mut self.notes)?;
        let parts = (share * HOLDOUT_PARTS).round();
        if !(0.0..=HOLDOUT_LIMIT).contains(&share) || (share * HOLDOUT_PARTS - parts).abs() > 1e-6 {
            let message = format!(
                "`holdout` must be a share from 0 to {HOLDOUT_LIMIT}, such as `0.05`, with at most four decimals"
            );
            self.notes.error(value.start(), "bad_value", message);
            return None;
        }
        Some(parts as u16)
    }
}
