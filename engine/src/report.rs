//! The only gate through which anything leaves: finished counts of one
//! campaign, never an event and never an identity. Nothing passes without
//! consent.

use alloc::string::String;
use alloc::vec::Vec;

use crate::arm::{Arm, HOLDOUT, Stream};
use crate::event::{self, Event};
use crate::json::Json;
use crate::pack::pack_struct;
use crate::plan::Plan;
use crate::profile::Profile;
use crate::text::{hex_digit, wide};
use crate::time::date;

/// Counts of one report.
pub const COUNT_LIMIT: usize = 64;
/// Bytes of one report.
pub const REPORT_BYTES: usize = 16 * 1024;
/// Rows waiting on the device; above it the oldest are given up, so that a
/// device that is never online does not grow.
const LEDGER_LIMIT: usize = 256;

/// Counts that have not left the device yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ledger {
    /// One row an arm, oldest first.
    pub rows: Vec<Row>,
}

/// What is counted of one arm of one campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The campaign.
    pub campaign: String,
    /// The message, or `holdout`.
    pub message: String,
    /// The leaf it was drawn in.
    pub leaf: String,
    /// How it was drawn.
    pub stream: Stream,
    /// The epoch of the odds it was drawn from.
    pub epoch: u32,
    /// The site's local day on which it was drawn.
    pub day: u32,
    /// What was counted.
    pub counts: Counts,
}

/// The counters. Money is in minor units, already on the site's grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// 1 once a device and campaign.
    pub visitors: u64,
    /// 1 once a device and campaign, when its goal was reached in the window.
    pub converters: u64,
    /// The goal's value.
    pub revenue: u128,
    /// What the goal's value adds to the sum of squares of visitors' totals.
    pub revenue2: u128,
    /// Page views in which it was due.
    pub due: u64,
    /// Page views in which it was seen.
    pub shown: u64,
    /// Clicks.
    pub clicked: u64,
    /// Dismissals.
    pub dismissed: u64,
}

impl Counts {
    /// Adds another row's counters; saturates.
    pub fn add(&mut self, other: &Counts) {
        self.visitors = self.visitors.saturating_add(other.visitors);
        self.converters = self.converters.saturating_add(other.converters);
        self.revenue = self.revenue.saturating_add(other.revenue);
        self.revenue2 = self.revenue2.saturating_add(other.revenue2);
        self.due = self.due.saturating_add(other.due);
        self.shown = self.shown.saturating_add(other.shown);
        self.clicked = self.clicked.saturating_add(other.clicked);
        self.dismissed = self.dismissed.saturating_add(other.dismissed);
    }
}

/// What one campaign has to say, ready to leave.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// UUIDv7: the collector merges each id once.
    pub id: String,
    /// The campaign.
    pub campaign: String,
    /// The plan's name.
    pub plan: String,
    /// Its rows.
    pub rows: Vec<Row>,
}

impl Ledger {
    /// Adds counters to an arm's row.
    pub fn add(&mut self, arm: &Arm, counts: &Counts) {
        let same = |row: &&mut Row| {
            row.campaign == arm.campaign
                && row.message == arm.message
                && row.leaf == arm.leaf
                && row.day == arm.day
                && row.epoch == arm.epoch
                && row.stream == arm.stream
        };
        if let Some(row) = self.rows.iter_mut().find(same) {
            row.counts.add(counts);
            return;
        }
        if self.rows.len() >= LEDGER_LIMIT {
            self.rows.remove(0);
        }
        self.rows.push(Row {
            campaign: arm.campaign.clone(),
            message: arm.message.clone(),
            leaf: arm.leaf.clone(),
            stream: arm.stream,
            epoch: arm.epoch,
            day: arm.day,
            counts: *counts,
        });
    }

    /// Counts what a banner event or a goal says, after the profile observed
    /// the event as news.
    pub fn count(&mut self, profile: &mut Profile, plan: &Plan, event: &Event) {
        match event.name.as_str() {
            event::SHOWN | event::CLICKED | event::DISMISSED => self.count_banner(profile, event),
            _ => self.count_goal(profile, plan, event),
        }
    }

    /// Takes all rows out as reports, one a campaign, as long as `id` gives
    /// fresh ids.
    pub fn reports(&mut self, plan: &str, mut id: impl FnMut() -> String) -> Vec<Report> {
        let mut reports: Vec<Report> = Vec::new();
        for row in core::mem::take(&mut self.rows) {
            let open =
                |report: &&mut Report| report.campaign == row.campaign && report.rows.len() < COUNT_LIMIT;
            match reports.iter_mut().find(open) {
                Some(report) => report.rows.push(row),
                None => reports.push(Report {
                    id: id(),
                    campaign: row.campaign.clone(),
                    plan: plan.into(),
                    rows: alloc::vec![row],
                }),
            }
        }
        reports
    }

    fn count_banner(&mut self, profile: &Profile, event: &Event) {
        let Some(arm) =
            profile.arm(&event.campaign).filter(|arm| arm.message == event.message && arm.message != HOLDOUT)
        else {
            return;
        };
        let mut counts = Counts::default();
        match event.name.as_str() {
            // The profile marks a page view's first showing only.
            event::SHOWN => counts.shown = u64::from(arm.seen.last == Some(event.at)),
            event::CLICKED => counts.clicked = 1,
            _ => counts.dismissed = 1,
        }
        if counts != Counts::default() {
            self.add(arm, &counts);
        }
    }

    /// Attributes a goal to every arm held whose window is open. A second
    /// purchase adds (a+b)² − a² to the sum of squares.
    fn count_goal(&mut self, profile: &mut Profile, plan: &Plan, event: &Event) {
        for campaign in &plan.campaigns {
            let Some(goal) =
                plan.goals.get(usize::from(campaign.goal)).filter(|goal| goal.event == event.name)
            else {
                continue;
            };
            let Some(arm) = profile.arms.iter_mut().find(|arm| arm.campaign == campaign.id) else {
                continue;
            };
            if event.at.since(arm.drawn) > goal.window || event.at < arm.drawn {
                continue;
            }
            let (before, value) = (u128::from(arm.revenue), plan.grid.coarse(event.value));
            arm.revenue = arm.revenue.saturating_add(value);
            let after = u128::from(arm.revenue);
            let counts = Counts {
                converters: u64::from(!arm.converted),
                revenue: after - before,
                revenue2: (after * after).saturating_sub(before * before),
                ..Counts::default()
            };
            arm.converted = true;
            let arm = arm.clone();
            self.add(&arm, &counts);
        }
    }
}

impl Report {
    /// The report as the collector reads it and as the network panel shows it.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = Json::default();
        json.begin('{');
        json.pair("id", &self.id);
        json.pair("campaign", &self.campaign);
        json.pair("plan", &self.plan);
        json.key("counts");
        json.begin('[');
        for row in &self.rows {
            row.write(&mut json);
        }
        json.end(']');
        json.end('}');
        json.finish()
    }
}

impl Row {
    fn write(&self, json: &mut Json) {
        let counts = &self.counts;
        json.begin('{');
        json.pair("message", &self.message);
        json.pair("leaf", &self.leaf);
        json.pair("stream", self.stream.word());
        json.count("epoch", self.epoch.into());
        json.pair("day", &date(self.day));
        json.count("visitors", counts.visitors);
        json.count("converters", counts.converters);
        json.pair("revenue", &wide(counts.revenue));
        json.pair("revenue2", &wide(counts.revenue2));
        json.count("due", counts.due);
        json.count("shown", counts.shown);
        json.count("clicked", counts.clicked);
        json.count("dismissed", counts.dismissed);
        json.end('}');
    }
}

/// A UUIDv7 (RFC 9562): 48 bits of milliseconds, then 74 bits of `random`.
#[must_use]
pub fn uuid7(now: crate::time::Millis, random: (u64, u64)) -> String {
    let high = (now.0 << 16) | 0x7000 | (random.0 & 0x0fff);
    let low = (random.1 & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000;
    let mut id = String::new();
    for at in 0..32 {
        if matches!(at, 8 | 12 | 16 | 20) {
            id.push('-');
        }
        let half = if at < 16 { high } else { low };
        id.push(hex_digit(half >> (60 - at % 16 * 4)));
    }
    id
}

pack_struct!(Ledger { rows });
pack_struct!(Row { campaign, message, leaf, stream, epoch, day, counts });
pack_struct!(Counts { visitors, converters, revenue, revenue2, due, shown, clicked, dismissed });

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Millis;

    #[test]
    fn an_id_is_a_uuid_of_version_7_that_sorts_by_time() {
        let early = uuid7(Millis(0x0197_f0c2_0000), (u64::MAX, u64::MAX));
        assert_eq!(early, "0197f0c2-0000-7fff-bfff-ffffffffffff");
        assert!(early < uuid7(Millis(0x0197_f0c2_0001), (0, 0)));
    }
}
