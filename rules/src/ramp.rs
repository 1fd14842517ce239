//! A campaign that begins with a small share of the visitors and grows. Never
//! reads a clock: how far it has grown is for the device to say.

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;
use vitrine_engine::plan::{Ramp, Window};
use vitrine_engine::ramp::PLACES;
use vitrine_engine::time::Millis;

use crate::calendar::{Bound, Calendar};
use crate::desk::Desk;
use crate::read::{self, Fields};
use crate::words;

/// A ramp's ends may be any share, such as a tenth.
const SHARE: (f64, &str) = (1.0, "0.1");

impl Desk<'_> {
    /// How the share of visitors grows that a campaign is open to.
    pub fn ramp(&mut self, value: &Value, calendar: Calendar) -> Option<Ramp> {
        let fields = Fields::of(value, "`ramp`", words::RAMP, &mut self.notes)?;
        let from = fields
            .need("from", "`ramp`", &mut self.notes)
            .and_then(|value| read::share(value, "`from`", SHARE, &mut self.notes));
        let to = fields.get_or("to", PLACES, |value| read::share(value, "`to`", SHARE, &mut self.notes));
        let over = fields
            .need("over", "`ramp`", &mut self.notes)
            .and_then(|value| read::duration(value, "`over`", &mut self.notes));
        let start = match fields.get("start") {
            Some(value) => self.moment(value, "`start`", Bound::From, calendar.zone),
            None => self.ramp_start(&fields, calendar.schedule),
        };
        if let Some((from, to)) = from.zip(to)
            && from >= to
        {
            let at = fields.get("to").map_or(fields.start(), Ranged::start);
            let said = say!(
                en: "`to` is not above `from`, so the share would not grow",
                ko: "`to`가 `from`보다 크지 않아 비율이 늘지 않습니다",
            );
            self.notes.error(at, "conflict", said);
            return None;
        }
        let (from, to, start, over) = (from?, to?, start?, over?);
        Some(Ramp { from, to, start, step: over.div_ceil(to - from) })
    }

    /// Where the ramp does not say it, the schedule does: it is the same for all
    /// devices, while the moment of publishing would move with every edit.
    fn ramp_start(&mut self, fields: &Fields, schedule: &[Window]) -> Option<Millis> {
        let opens: Option<Vec<Millis>> = schedule.iter().map(|window| window.from).collect();
        let start = opens.and_then(|opens| opens.into_iter().min());
        if start.is_none() {
            let said = say!(
                en: "`ramp` lacks its `start`, such as `2026-12-01`, and no `from` of a `schedule` says it either",
                ko: "`ramp`에 `2026-12-01` 같은 `start`가 없고, `schedule`의 `from`에서도 알 수 없습니다",
            );
            self.notes.error(fields.start(), "missing_field", said);
        }
        start
    }
}
