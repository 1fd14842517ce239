//! In which order things were done, and along which pages: `$sequence` and
//! `$path`. Never judges; `engine/pattern.rs` does.

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;
use vitrine_engine::event::PAGE_VIEW;
use vitrine_engine::hash::name32;
use vitrine_engine::kind::{Filter, Kind};
use vitrine_engine::node::{Node, NodeId};
use vitrine_engine::pattern::{Sequence, Span, Step, UNIT_LIMIT};

use crate::deed::TIMES_LIMIT;
use crate::desk::Desk;
use crate::notes::quote;
use crate::read::{self, Fields};
use crate::words;

/// No bound on the time between two steps.
const ANY_GAP: (u64, u64) = (0, u64::MAX);

impl Desk<'_> {
    /// `$sequence`: deeds in this order.
    pub fn sequence(&mut self, value: &Value) -> Option<NodeId> {
        let what = "`$sequence`";
        let fields = Fields::of(value, what, words::SEQUENCE, &mut self.notes)?;
        let strict = fields.get_or("strict", false, |value| read::flag(value, "`strict`", &mut self.notes));
        let steps = self.steps(&fields, strict.unwrap_or_default());
        let within = fields
            .get_or("within", None, |value| read::duration(value, "`within`", &mut self.notes).map(Some));
        let without = self.optional_kind(&fields, "without");
        let span = self.span(&fields, "since");
        let (steps, within, without, span) = (steps?, within?, without?, span?);
        strict?;
        // A page view between two clicks is no detour, unless it is asked for.
        let asked: Vec<u32> = steps.iter().map(|step| self.table.event(step.kind)).collect();
        let mut beside: Vec<u32> = words::PASSING.iter().map(|name| name32(name)).collect();
        beside.retain(|name| !asked.contains(name));
        if !steps.iter().any(|step| step.next) {
            beside.clear();
        }
        self.table.add(Node::Sequence(Sequence { steps, within, without, span, beside, only: false }))
    }

    fn steps(&mut self, fields: &Fields, strict: bool) -> Option<Vec<Step>> {
        let value = fields.need("steps", "`$sequence`", &mut self.notes)?;
        let list = read::list(value, "`steps`", &mut self.notes)?;
        let steps = read::all(list.iter().enumerate().map(|(at, step)| self.step(step, at == 0, strict)))?;
        self.bounded(steps, value)
    }

    /// Refuses more repetitions than one pass each can look for.
    fn bounded(&mut self, steps: Vec<Step>, value: &Value) -> Option<Vec<Step>> {
        let units: u64 = steps.iter().map(|step| u64::from(step.times)).sum();
        if units > UNIT_LIMIT as u64 {
            let said = say!(
                en: "all `times` of a sequence may be {most} together, not {units}",
                ko: "순서의 `times`는 모두 더해 {most}까지인데 {units}입니다",
                most = UNIT_LIMIT, units,
            );
            self.notes.error(value.start(), "limit", said);
            return None;
        }
        Some(steps)
    }

    fn step(&mut self, value: &Value, is_first: bool, strict: bool) -> Option<Step> {
        let what = &say!(en: "a step of `$sequence`", ko: "`$sequence`의 단계");
        let fields = Fields::of(value, what, words::STEP, &mut self.notes)?;
        let kind = self.kind(&fields, what);
        let times = self.repetitions(&fields);
        let mut bound = |name: &str, without: u64| match fields.get(name) {
            None => Some(without),
            Some(value) if is_first => {
                let said = say!(
                    en: "{name} counts from the step before, and the first step has none; a bound on the whole stands beside `steps`",
                    ko: "{name:은<} 앞 단계부터 세는데 첫 단계에는 앞 단계가 없습니다. 전체의 기한은 `steps` 옆에 쓰세요",
                    name = quote(name),
                );
                self.notes.error(value.start(), "conflict", said);
                None
            }
            Some(value) => read::duration(value, quote(name), &mut self.notes),
        };
        let (least, most) = (bound("after", ANY_GAP.0), bound("within", ANY_GAP.1));
        let without = match fields.get("without") {
            Some(value) if is_first => {
                let said = say!(
                    en: "`without` counts from the step before, and the first step has none",
                    ko: "`without`은 앞 단계부터 보는데 첫 단계에는 앞 단계가 없습니다",
                );
                self.notes.error(value.start(), "conflict", said);
                None
            }
            _ => self.optional_kind(&fields, "without"),
        };
        let (gap, (times, or_more)) = ((least?, most?), times?);
        if gap.0 > gap.1 {
            let said = say!(
                en: "`after` is longer than `within`, which is never true",
                ko: "`after`가 `within`보다 길어 참이 될 수 없습니다",
            );
            self.notes.error(fields.start(), "conflict", said);
            return None;
        }
        let kind = self.table.kind(kind?, 0)?;
        Some(Step { kind, times, or_more, next: strict, gap, without: without? })
    }

    /// `times` so often, or `atLeast` so often; once where nothing is said.
    fn repetitions(&mut self, fields: &Fields) -> Option<(u32, bool)> {
        let count = |value: &Value, what: &str, desk: &mut Self| {
            read::whole(value, what, 1..=TIMES_LIMIT, &mut desk.notes).map(|times| times as u32)
        };
        match (fields.get("times"), fields.get("atLeast")) {
            (None, None) => Some((1, false)),
            (Some(times), None) => Some((count(times, "`times`", self)?, false)),
            (None, Some(least)) => Some((count(least, "`atLeast`", self)?, true)),
            (Some(times), Some(_)) => {
                let said = say!(
                    en: "`times` is exact and cannot stand beside `atLeast`",
                    ko: "`times`는 정확한 횟수라 `atLeast`와 함께 쓸 수 없습니다",
                );
                self.notes.error(times.start(), "conflict", said);
                None
            }
        }
    }

    /// `$path`: pages that fit these patterns, one right after the other.
    pub fn path(&mut self, value: &Value) -> Option<NodeId> {
        let what = "`$path`";
        let (pages, span) = match value {
            Value::Object(_) => {
                let fields = Fields::of(value, what, words::PATH, &mut self.notes)?;
                let pages = fields.need("pages", what, &mut self.notes);
                let span = match fields.get("since") {
                    None => Some(Span::Visit),
                    Some(_) => self.span(&fields, "since"),
                };
                (pages?, span?)
            }
            _ => (value, Span::Visit),
        };
        let list = read::list(pages, what, &mut self.notes)?;
        let mut steps = Vec::new();
        let (mut loose, mut whole) = (false, true);
        for page in list {
            if page.as_string_lit().is_some_and(|text| text.value == "**") {
                loose = true;
                continue;
            }
            match self.stop(page) {
                Some((kind, times, or_more)) => {
                    let next = !core::mem::take(&mut loose);
                    steps.push(Step { kind, times, or_more, next, gap: ANY_GAP, without: None });
                }
                None => whole = false,
            }
        }
        if whole && steps.is_empty() {
            let said = say!(
                en: "`$path` names no page: `**` alone stands for any pages at all",
                ko: "`$path`에 페이지가 없습니다. `**`만으로는 모든 페이지를 뜻합니다",
            );
            self.notes.error(value.start(), "empty", said);
            return None;
        }
        let steps = self.bounded(steps, value).filter(|_| whole)?;
        let beside = vec![name32(PAGE_VIEW)];
        self.table.add(Node::Sequence(Sequence {
            steps,
            within: None,
            without: None,
            span,
            beside,
            only: true,
        }))
    }

    /// One page of a path: a pattern, several of which one fits, or with how
    /// often.
    fn stop(&mut self, value: &Value) -> Option<(u16, u32, bool)> {
        let (pages, (times, or_more)) = match value {
            Value::Object(_) => {
                let what = &say!(en: "a page of `$path`", ko: "`$path`의 페이지");
                let fields = Fields::of(value, what, words::STOP, &mut self.notes)?;
                let page = fields.need("page", what, &mut self.notes);
                let times = self.repetitions(&fields);
                (self.pages(page?)?, times?)
            }
            _ => (self.pages(value)?, (1, false)),
        };
        let kind = Kind { event: name32(PAGE_VIEW), filters: vec![Filter::Page(pages)] };
        Some((self.table.kind(kind, 0)?, times, or_more))
    }
}
