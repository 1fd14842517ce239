//! What was done: events, their filters, and `$did`. Never judges;
//! `engine/pattern.rs` does.

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;
use vitrine_engine::automaton::Pattern;
use vitrine_engine::event::WORD_LIMIT;
use vitrine_engine::kind::{Filter, KEEP_LIMIT, Kind};
use vitrine_engine::node::{Node, NodeId};
use vitrine_engine::pattern::{Did, Span};
use vitrine_engine::text::fold;

use crate::desk::{Desk, Domain};
use crate::notes::quote;
use crate::operator::About;
use crate::read::{self, Fields};
use crate::regex::{self, Case};
use crate::said::{Said, Speak};
use crate::words::{self, Holds};

/// Counts above this are typing mistakes: nobody views a product a million times.
pub(crate) const TIMES_LIMIT: i64 = 1_000_000;

/// How a filter is made of the numbers of its names.
type MakeFilter = fn(Vec<u32>) -> Filter;

impl Desk<'_> {
    /// `$did`: a deed, how often, within which time.
    pub fn did(&mut self, value: &Value) -> Option<NodeId> {
        let what = "`$did`";
        let fields = Fields::of(value, what, words::DID, &mut self.notes)?;
        let kind = self.kind(&fields, what);
        let times = self.times(&fields);
        let span = self.span(&fields, "within");
        let (kind, (at_least, at_most), span) = (kind?, times?, span?);
        // One more than the most tells "too often"; of "ever" the sum is enough.
        let needed = at_least.max(if at_most == u32::MAX { 0 } else { at_most.saturating_add(1) });
        let keep = if span == Span::Ever { 0 } else { needed };
        let Ok(keep) = u16::try_from(keep).map(|keep| keep.min(KEEP_LIMIT + 1)) else {
            return self.refuse_count(value);
        };
        if keep > KEEP_LIMIT {
            return self.refuse_count(value);
        }
        let kind = self.table.kind(kind, keep)?;
        self.table.add(Node::Did(Did { kind, at_least, at_most, span }))
    }

    fn refuse_count(&mut self, value: &Value) -> Option<NodeId> {
        let said = say!(
            en: "within a span of time a device counts up to {most} events of a kind; leave `within` out or ask for fewer",
            ko: "기기는 한 기간 안에서 같은 이벤트를 {most}번까지 셉니다. `within`을 빼거나 횟수를 줄이세요",
            most = KEEP_LIMIT,
        );
        self.notes.error(value.start(), "limit", said);
        None
    }

    /// How far back to look: `session`, a duration, or as far as is remembered.
    pub fn span(&mut self, fields: &Fields, name: &str) -> Option<Span> {
        match fields.get(name) {
            None => Some(Span::Ever),
            Some(Value::StringLit(text)) if text.value == "session" => Some(Span::Visit),
            Some(value) => {
                let what =
                    say!(en: "{name} (or `session`)", ko: "{name}(또는 `session`)", name = quote(name));
                read::duration(value, &what, &mut self.notes).map(Span::Last)
            }
        }
    }

    /// How often: exactly `times`, or between `atLeast` and `atMost`; at least
    /// once where nothing is said.
    fn times(&mut self, fields: &Fields) -> Option<(u32, u32)> {
        let mut count = |name: &str| {
            fields.get_or(name, None, |value| {
                let what = quote(name);
                read::whole(value, &what, 0..=TIMES_LIMIT, &mut self.notes)
                    .map(|times| Some((times as u32, value.start())))
            })
        };
        let (times, low, high) = (count("times"), count("atLeast"), count("atMost"));
        let conflict = |desk: &mut Self, at: usize, said: Said| {
            desk.notes.error(at, "conflict", said);
            None
        };
        match (times?, low?, high?) {
            (Some((times, _)), None, None) => Some((times, times)),
            (Some((_, at)), _, _) => {
                let said = say!(
                    en: "`times` is exact and cannot stand beside `atLeast` or `atMost`",
                    ko: "`times`는 정확한 횟수라 `atLeast`나 `atMost`와 함께 쓸 수 없습니다",
                );
                conflict(self, at, said)
            }
            (None, Some((0, at)), None) => {
                let said = say!(
                    en: "`atLeast` 0 is true of everybody; leave it out",
                    ko: "`atLeast` 0은 모든 방문자에게 참입니다. 빼세요",
                );
                conflict(self, at, said)
            }
            (None, Some((low, at)), Some((high, _))) if low > high => {
                let said = say!(
                    en: "`atLeast` is more than `atMost`, which is never true",
                    ko: "`atLeast`가 `atMost`보다 커서 참이 될 수 없습니다",
                );
                conflict(self, at, said)
            }
            // "At most twice" includes never; "at least" nothing said means once.
            (None, low, Some((high, _))) => Some((low.map_or(0, |(low, _)| low), high)),
            (None, low, None) => Some((low.map_or(1, |(low, _)| low), u32::MAX)),
        }
    }

    /// A kind of deeds that nobody counts: a step, or what ends a wait.
    pub fn optional_kind(&mut self, fields: &Fields, name: &str) -> Option<Option<u16>> {
        let Some(value) = fields.get(name) else { return Some(None) };
        let what = quote(name);
        let fields = Fields::of(value, &what, words::EVENT, &mut self.notes)?;
        let kind = self.kind(&fields, &what)?;
        self.table.kind(kind, 0).map(Some)
    }

    /// An event and what its products, its page or its parameters must be.
    pub fn kind(&mut self, fields: &Fields, what: impl Speak) -> Option<Kind> {
        let event = fields.need("event", what, &mut self.notes).and_then(|value| self.event(value));
        let mut filters = Vec::new();
        let mut whole = true;
        let kinds: [(&str, Domain, MakeFilter); 3] = [
            ("item", Domain::Item, Filter::Item),
            ("category", Domain::Category, Filter::Category),
            ("brand", Domain::Brand, Filter::Brand),
        ];
        for (name, domain, filter) in kinds {
            if let Some(value) = fields.get(name) {
                match self.numbers(value, name, domain) {
                    Some(numbers) => filters.push(filter(numbers)),
                    None => whole = false,
                }
            }
        }
        let more = [
            fields.get("price").map(|value| self.price(value).map(|filter| vec![filter])),
            fields.get("path").map(|value| self.pages(value).map(|pages| vec![Filter::Page(pages)])),
            fields.get("where").map(|value| self.parameters(value)),
        ];
        for found in more.into_iter().flatten() {
            match found {
                Some(found) => filters.extend(found),
                None => whole = false,
            }
        }
        let event = event?;
        whole.then(|| Kind {
            event: self.names.number(Domain::Event, &event.0, event.1, &mut self.notes),
            filters,
        })
    }

    /// An event's name; one that GA4 does not have is noted as a warning,
    /// since a shop may send its own.
    pub fn event(&mut self, value: &Value) -> Option<(String, usize)> {
        let name = self.short_text(value, "`event`")?;
        if !words::EVENTS.contains(&name.as_str()) && !self.events.contains(&name) {
            self.unknown_event(&name, value.start());
        }
        Some((name, value.start()))
    }

    /// A product's price: one, or what it is compared with, in units of the
    /// currency.
    fn price(&mut self, value: &Value) -> Option<Filter> {
        let Value::Object(object) = value else {
            let exact = self.minor(value, "`price`")?;
            return Some(Filter::Price(exact, exact));
        };
        if object.properties.is_empty() {
            let said = say!(
                en: "`price` is compared with nothing", ko: "`price`에 견줄 값이 없습니다",
            );
            self.notes.error(value.start(), "empty", said);
            return None;
        }
        let (mut low, mut high, mut whole) = (0, u64::MAX, true);
        for bound in &object.properties {
            let name = bound.name.as_str();
            let Some(minor) = self.minor(&bound.value, &quote(name)) else {
                whole = false;
                continue;
            };
            match name {
                "$eq" => (low, high) = (low.max(minor), high.min(minor)),
                "$gte" => low = low.max(minor),
                "$gt" => low = low.max(minor.saturating_add(1)),
                "$lte" => high = high.min(minor),
                "$lt" if minor > 0 => high = high.min(minor - 1),
                "$lt" => (low, high) = (1, 0),
                _ => {
                    self.unknown_operator(name, bound.range.start, words::PRICE_OPERATORS);
                    whole = false;
                }
            }
        }
        if whole && low > high {
            let said = say!(
                en: "no `price` is within these bounds", ko: "이 범위에 드는 `price`가 없습니다",
            );
            self.notes.error(value.start(), "conflict", said);
            return None;
        }
        whole.then_some(Filter::Price(low, high))
    }

    /// An amount of money in minor units.
    pub fn minor(&mut self, value: &Value, what: &str) -> Option<u64> {
        let units = read::number(value, what, &mut self.notes)?;
        let minor = (units * f64::from(self.minor_per_unit)).round();
        if !(0.0..=1e15).contains(&minor) {
            let said = say!(en: "{what} is no price", ko: "{what:이<} 가격이 아닙니다", what);
            self.notes.error(value.start(), "bad_value", said);
            return None;
        }
        Some(minor as u64)
    }

    /// What the event's own parameters must be.
    fn parameters(&mut self, value: &Value) -> Option<Vec<Filter>> {
        let object = read::object(value, "`where`", &mut self.notes)?;
        if object.properties.is_empty() {
            let said = say!(
                en: "`where` asks for nothing; leave it out", ko: "`where`에 조건이 없습니다. 빼세요",
            );
            self.notes.error(value.start(), "empty", said);
            return None;
        }
        read::all(object.properties.iter().map(|parameter| {
            let name = parameter.name.as_str();
            let formula = self.comparison(&parameter.value, About { name, holds: Holds::Anything })?;
            Some(Filter::Parameter(name.into(), formula.compares()))
        }))
    }

    /// One page pattern, or several of which one fits.
    pub fn pages(&mut self, value: &Value) -> Option<Vec<Pattern>> {
        if let Value::Object(_) = value {
            return Some(vec![self.matching_path(value)?]);
        }
        let list = read::one_or_more(value, "`path`", &mut self.notes)?;
        read::all(list.iter().map(|page| self.page(page)))
    }

    /// A pattern over a path.
    fn page(&mut self, value: &Value) -> Option<Pattern> {
        let text = read::text(value, "`path`", &mut self.notes)?;
        match regex::glob(&text.value) {
            Ok(pattern) => Some(pattern),
            Err(refusal) => {
                self.notes.error(value.start(), "bad_path", refusal.of(&text.value));
                None
            }
        }
    }

    /// `{ "$regex": … }` over a path.
    fn matching_path(&mut self, value: &Value) -> Option<Pattern> {
        let fields = Fields::of(value, "`path`", words::PATH_OPERATORS, &mut self.notes)?;
        let (name, case) = match fields.get("$regexi") {
            Some(_) => ("$regexi", Case::Insensitive),
            None => ("$regex", Case::Sensitive),
        };
        let value = fields.need(name, "`path`", &mut self.notes)?;
        let text = read::text(value, quote(name), &mut self.notes)?;
        match regex::compile(&text.value, case) {
            Ok(pattern) => Some(pattern),
            Err(refusal) => {
                self.notes.error(value.start(), "bad_value", refusal.of(&text.value));
                None
            }
        }
    }

    fn numbers(&mut self, value: &Value, name: &str, domain: Domain) -> Option<Vec<u32>> {
        let what = quote(name);
        let list = read::one_or_more(value, &what, &mut self.notes)?;
        read::all(list.iter().map(|entry| {
            let text = self.short_text(entry, &what)?;
            let text = if domain == Domain::Item { text } else { fold(&text) };
            Some(self.names.number(domain, &text, entry.start(), &mut self.notes))
        }))
    }

    /// A text no longer than what a device keeps of it.
    fn short_text(&mut self, value: &Value, what: &str) -> Option<String> {
        let text = read::text(value, what, &mut self.notes)?;
        if text.value.len() > WORD_LIMIT {
            let said = say!(
                en: "{what} is longer than the {most} bytes that a device keeps of it",
                ko: "{what:이<} 기기에 남는 {most}바이트보다 깁니다",
                what, most = WORD_LIMIT,
            );
            self.notes.error(value.start(), "bad_value", said);
            return None;
        }
        Some(text.value.to_string())
    }
}
