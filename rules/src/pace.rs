//! How often, to how many and on which pages nothing is shown. Never counts;
//! `engine/pace.rs` does.

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;
use vitrine_engine::arm::ALL_KINDS;
use vitrine_engine::attribute::Attribute;
use vitrine_engine::compare::Compare;
use vitrine_engine::node::NodeId;
use vitrine_engine::plan::{Limits, Pace};

use crate::desk::Desk;
use crate::notes::quote;
use crate::read::{self, Fields};
use crate::regex::glob;
use crate::source::inside;
use crate::words;

/// The greatest share of visitors kept from a campaign: beyond one half it is
/// a test of nothing.
const HOLDOUT_LIMIT: f64 = 0.5;
/// Path patterns of one list of quiet pages.
const QUIET_LIMIT: usize = 50;
/// Showings; more is no limit at all.
const SHOWINGS_LIMIT: i64 = 1_000_000;
/// Showings a day or a week: the device counts a day's in one byte.
const DAILY_LIMIT: i64 = 255;

impl Desk<'_> {
    /// How often a campaign may be seen.
    pub fn pace(&mut self, value: &Value) -> Option<Pace> {
        let fields = Fields::of(value, "`pace`", words::PACE, &mut self.notes)?;
        let limits = self.limits(&fields);
        let stops = fields.get_or("stopAfter", Vec::new(), |value| {
            self.some_words(value, "`stopAfter`", &["clicked", "dismissed", "converted"])
        });
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
        let mut times = |name: &str, most: i64| {
            fields.get_or(name, 0, |value| {
                read::whole(value, quote(name), 1..=most, &mut self.notes).map(|times| times as u32)
            })
        };
        let (per_visit, ever) = (times("perSession", SHOWINGS_LIMIT), times("ever", SHOWINGS_LIMIT));
        let (per_day, per_week) = (times("perDay", DAILY_LIMIT), times("perWeek", DAILY_LIMIT));
        let cool_down =
            fields.get_or("coolDown", 0, |value| read::duration(value, "`coolDown`", &mut self.notes));
        Some(Limits {
            per_visit: per_visit?,
            per_day: per_day?,
            per_week: per_week?,
            ever: ever?,
            cool_down: cool_down?,
        })
    }

    /// Pages on which nothing is shown, by path pattern.
    pub fn quiet(&mut self, value: &Value) -> Option<NodeId> {
        let list = read::one_or_more(value, "`quiet`", &mut self.notes)?;
        if list.len() > QUIET_LIMIT {
            let said = say!(
                en: "`quiet` names at most {most} patterns, not {count}; a pattern such as `/checkout/**` stands for many pages",
                ko: "`quiet`에는 패턴을 {most}개까지 쓸 수 있는데 {count}개입니다. `/checkout/**` 같은 패턴 하나로 여러 페이지를 나타낼 수 있습니다",
                most = QUIET_LIMIT, count = list.len(),
            );
            self.notes.error(value.start(), "limit", said);
            return None;
        }
        let parts = read::all(list.iter().map(|entry| self.quiet_page(entry)))?;
        self.table.any(parts)
    }

    fn quiet_page(&mut self, value: &Value) -> Option<NodeId> {
        let text =
            read::text(value, say!(en: "a pattern of `quiet`", ko: "`quiet`의 패턴"), &mut self.notes)?;
        match glob(&text.value) {
            Ok(pattern) => self.table.test(&Attribute::Path, Compare::Matches(pattern)),
            Err(refusal) => {
                let at = inside(text, self.text, refusal.at);
                self.notes.error(at, "bad_path", refusal.of(&text.value));
                None
            }
        }
    }

    /// The share of visitors kept from a campaign, or from all of them.
    pub fn holdout(&mut self, value: &Value) -> Option<u16> {
        let share = read::share(value, "`holdout`", (HOLDOUT_LIMIT, "0.05"), &mut self.notes)?;
        u16::try_from(share).ok()
    }
}
