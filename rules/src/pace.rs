//! How often, to how many and on which pages nothing is shown. Never counts;
//! `engine/pace.rs` does.

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;
use vitrine_engine::arm::ALL_KINDS;
use vitrine_engine::plan::{Limits, Pace};

use crate::desk::Desk;
use crate::notes::quote;
use crate::read::{self, Fields};
use crate::words;

/// The greatest share of visitors kept from a campaign: beyond one half it is
/// a test of nothing.
const HOLDOUT_LIMIT: f64 = 0.5;
/// The engine counts the holdout in parts of so many.
const HOLDOUT_PARTS: f64 = 10_000.0;
/// Showings; more is no limit at all.
const SHOWINGS_LIMIT: i64 = 1_000_000;
/// Showings a day or a week: the device counts a day's in one byte.
const DAILY_LIMIT: i64 = 255;

impl Desk<'_> {
    /// How often a campaign may be seen.
    pub fn pace(&mut self, value: &Value) -> Option<Pace> {
        let fields = Fields::of(value, "`pace`", words::PACE, &mut self.notes)?;
        let limits = self.limits(&fields);
        let stops = match fields.get("stopAfter") {
            None => Some(Vec::new()),
            Some(value) => self.some_words(value, "`stopAfter`", &["clicked", "dismissed", "converted"]),
        };
        let (limits, stops) = (limits?, stops?);
        Some(Pace {
            limits,
            stop_clicked: stops.contains(&"clicked"),
            stop_dismissed: stops.contains(&"dismissed"),
            stop_converted: stops.contains(&"converted"),
        })
    }

    /// The caps over all campaigns: of every kind of message together, or of one.
    pub fn site_pace(&mut self, value: &Value) -> Option<Vec<(u8, Limits)>> {
        let fields = Fields::of(value, "`pace`", words::SITE_PACE, &mut self.notes)?;
        let mut caps = Vec::new();
        let mut whole = true;
        for (name, kind) in words::SITE_PACE.iter().zip(ALL_KINDS..) {
            if let Some(value) = fields.get(name) {
                let entry = Fields::of(value, quote(name), words::LIMITS, &mut self.notes);
                match entry.and_then(|entry| self.limits(&entry)) {
                    Some(limits) => caps.push((kind, limits)),
                    None => whole = false,
                }
            }
        }
        whole.then_some(caps)
    }

    fn limits(&mut self, fields: &Fields) -> Option<Limits> {
        let mut times = |name: &str, most: i64| match fields.get(name) {
            None => Some(0),
            Some(value) => {
                read::whole(value, quote(name), 1..=most, &mut self.notes).map(|times| times as u32)
            }
        };
        let (per_visit, ever) = (times("perSession", SHOWINGS_LIMIT), times("ever", SHOWINGS_LIMIT));
        let (per_day, per_week) = (times("perDay", DAILY_LIMIT), times("perWeek", DAILY_LIMIT));
        let cool_down = match fields.get("coolDown") {
            None => Some(0),
            Some(value) => read::duration(value, "`coolDown`", &mut self.notes),
        };
        Some(Limits {
            per_visit: per_visit?,
            per_day: per_day?,
            per_week: per_week?,
            ever: ever?,
            cool_down: cool_down?,
        })
    }

    /// The share of visitors kept from a campaign, or from all of them.
    pub fn holdout(&mut self, value: &Value) -> Option<u16> {
        let share = read::number(value, "`holdout`", &mut self.notes)?;
        let parts = (share * HOLDOUT_PARTS).round();
        if !(0.0..=HOLDOUT_LIMIT).contains(&share) || (share * HOLDOUT_PARTS - parts).abs() > 1e-6 {
            let said = say!(
                en: "`holdout` must be a share from 0 to {most}, such as `0.05`, with at most four decimals",
                ko: "`holdout`은 0부터 {most}까지의 비율이어야 합니다. `0.05`처럼 소수 넷째 자리까지 쓸 수 있습니다",
                most = HOLDOUT_LIMIT,
            );
            self.notes.error(value.start(), "bad_value", said);
            return None;
        }
        Some(parts as u16)
    }
}
