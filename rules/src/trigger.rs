//! What a campaign waits for. Never waits itself; `engine/trigger.rs` judges.

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;
use vitrine_engine::profile::VISIT_GAP;
use vitrine_engine::sign::Sign;
use vitrine_engine::time::MINUTE;
use vitrine_engine::trigger::{Cause, Trigger};

use crate::desk::Desk;
use crate::notes::{one_of, quote};
use crate::read::{self, Fields};
use crate::words;

/// The longest that a page can be watched: after half an hour without a deed
/// the visit is over, and with it the page view.
const WATCH_LIMIT: u64 = VISIT_GAP - MINUTE;

impl Desk<'_> {
    /// The trigger of a campaign.
    pub fn trigger(&mut self, value: &Value) -> Option<Trigger> {
        let fields = Fields::of(value, "`trigger`", words::TRIGGER, &mut self.notes)?;
        let causes: Vec<&str> =
            words::CAUSES.iter().copied().filter(|name| fields.get(name).is_some()).collect();
        let cause = match causes.as_slice() {
            [] => {
                let said = say!(
                    en: "this `trigger` waits for nothing; it needs {list}",
                    ko: "이 `trigger`는 기다리는 것이 없습니다. {list} 중 하나가 필요합니다",
                    list = one_of(words::CAUSES.iter().copied()),
                );
                self.notes.error(fields.start(), "missing_field", said);
                None
            }
            ["after"] => self.deed(&fields),
            [name] => self.sign(&fields, name),
            [first, second, ..] => {
                let at = fields.get(second).map_or(fields.start(), Ranged::start);
                let said = say!(
                    en: "a `trigger` waits for one thing, and this one has {first} already; make it two campaigns",
                    ko: "`trigger`는 한 가지만 기다리는데 여기에는 {first:이<} 이미 있습니다. 캠페인을 둘로 나누세요",
                    first = quote(first),
                );
                self.notes.error(at, "conflict", said);
                None
            }
        };
        let delay = self.delay(&fields);
        Some(Trigger { cause: cause?, delay: delay? })
    }

    fn deed(&mut self, fields: &Fields) -> Option<Cause> {
        let (after, without) = (self.optional_kind(fields, "after"), self.optional_kind(fields, "without"));
        Some(Cause::Deed(after??, without?))
    }

    fn sign(&mut self, fields: &Fields, name: &str) -> Option<Cause> {
        let mut whole = true;
        for other in ["without", "for"] {
            if let Some(value) = fields.get(other) {
                let said = say!(
                    en: "{other} goes with `after`; for a wait behind {name} there is `delay`",
                    ko: "{other:은<} `after`와 함께 씁니다. {name} 뒤에 기다리려면 `delay`를 쓰세요",
                    other = quote(other), name = quote(name),
                );
                self.notes.error(value.start(), "conflict", said);
                whole = false;
            }
        }
        let value = fields.get(name)?;
        let (sign, amount) = match name {
            "scroll" => (Sign::Scroll, self.percent(value)),
            "dwell" => (Sign::Dwell, self.watch(value, "`dwell`")),
            "idle" => (Sign::Idle, self.watch(value, "`idle`")),
            _ => (Sign::Exit, self.exit(value)),
        };
        let amount = amount?;
        whole.then_some(Cause::Sign(sign, amount))
    }

    /// `60%`.
    fn percent(&mut self, value: &Value) -> Option<u32> {
        let text = read::text(value, "`scroll`", &mut self.notes)?;
        let digits = text.value.strip_suffix('%').filter(|d| d.bytes().all(|byte| byte.is_ascii_digit()));
        let percent = digits.and_then(|d| d.parse().ok()).filter(|percent| (1..=100).contains(percent));
        if percent.is_none() {
            let said = say!(
                en: "`scroll` is {text}, but must be a part of the page such as `60%`, from `1%` to `100%`",
                ko: "`scroll`이 {text}인데, `1%`부터 `100%`까지 `60%`처럼 페이지의 비율이어야 합니다",
                text = quote(&text.value),
            );
            self.notes.error(value.start(), "bad_value", said);
        }
        percent
    }

    /// How long a page is watched, in seconds.
    fn watch(&mut self, value: &Value, what: &str) -> Option<u32> {
        let span = read::duration(value, what, &mut self.notes)?;
        if span > WATCH_LIMIT {
            let said = say!(
                en: "{what} is at most `{most}m`: half an hour without a deed ends the visit",
                ko: "{what:은<} `{most}m`까지입니다. 30분 동안 아무 일도 없으면 방문이 끝납니다",
                what, most = WATCH_LIMIT / MINUTE,
            );
            self.notes.error(value.start(), "bad_duration", said);
            return None;
        }
        u32::try_from(span / 1000).ok()
    }

    fn exit(&mut self, value: &Value) -> Option<u32> {
        let is_on = read::flag(value, "`exit`", &mut self.notes)?;
        if !is_on {
            let said = say!(
                en: "`exit` that is `false` waits for nothing; leave it out",
                ko: "`false`인 `exit`는 아무것도 기다리지 않습니다. 지우세요",
            );
            self.notes.error(value.start(), "bad_value", said);
        }
        is_on.then_some(0)
    }

    /// How long a trigger waits, once it has what it waits for.
    fn delay(&mut self, fields: &Fields) -> Option<u64> {
        let mut span = |name: &str| {
            fields.get_or(name, None, |value| {
                read::duration(value, quote(name), &mut self.notes).map(|span| Some((span, value.start())))
            })
        };
        match (span("for")?, span("delay")?) {
            (Some(_), Some((_, at))) => {
                let said = say!(
                    en: "`for` is the wait already; keep one of `for` and `delay`",
                    ko: "`for`가 이미 기다리는 시간입니다. `for`와 `delay` 중 하나만 쓰세요",
                );
                self.notes.error(at, "conflict", said);
                None
            }
            (Some((span, _)), None) | (None, Some((span, _))) => Some(span),
            (None, None) => Some(0),
        }
    }
}
