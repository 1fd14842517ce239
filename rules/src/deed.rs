//! What was done: `$did`, `$sequence` and `$path`. Never judges;
//! `engine/pattern.rs` does.

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;
use vitrine_engine::event::WORD_LIMIT;
use vitrine_engine::judge::{Node, NodeId};
use vitrine_engine::page::Page;
use vitrine_engine::pattern::{Did, Filter, Kind, Piece, Sequence, Span, UNIT_LIMIT};
use vitrine_engine::text::fold;

use crate::desk::{Desk, Domain};
use crate::notes::{did_you_mean, quote};
use crate::read::{self, Fields};
use crate::words;

/// Counts above this are typing mistakes: nobody views a product a million times.
const TIMES_LIMIT: i64 = 1_000_000;
/// Pages of one pattern: the device keeps the last 32.
const PAGES_LIMIT: usize = 32;

/// How a filter is made of the numbers of its names.
type MakeFilter = fn(Vec<u32>) -> Filter;

impl Desk<'_> {
    /// `$did`: a deed, how often, within which time.
    pub fn did(&mut self, value: &Value) -> Option<NodeId> {
        let what = "`$did`";
        let fields = Fields::of(value, what, words::DID, &mut self.notes)?;
        let kind = self.kind(&fields, what);
        let times = self.times(&fields);
        let span = match fields.get("within") {
            None => Some(Span::Ever),
            Some(Value::StringLit(text)) if text.value == "session" => Some(Span::Visit),
            Some(value) => read::duration(value, "`within` (or `session`)", &mut self.notes).map(Span::Last),
        };
        let (kind, (at_least, at_most), span) = (kind?, times?, span?);
        self.table.add(Node::Did(Did { kind, at_least, at_most, span }))
    }

    /// How often: exactly `times`, or between `atLeast` and `atMost`; at least
    /// once where nothing is said.
    fn times(&mut self, fields: &Fields) -> Option<(u32, u32)> {
        let mut count = |name: &str| match fields.get(name) {
            None => Some(None),
            Some(value) => {
                let what = quote(name);
                read::whole(value, &what, 0..=TIMES_LIMIT, &mut self.notes)
                    .map(|times| Some((times as u32, value.start())))
            }
        };
        let (times, low, high) = (count("times"), count("atLeast"), count("atMost"));
        let conflict = |desk: &mut Self, at: usize, message: &str| {
            desk.notes.error(at, "conflict", message);
            None
        };
        match (times?, low?, high?) {
            (Some((times, _)), None, None) => Some((times, times)),
            (Some((_, at)), _, _) => {
                conflict(self, at, "`times` is exact and cannot stand beside `atLeast` or `atMost`")
            }
            (None, Some((0, at)), None) => {
                conflict(self, at, "`atLeast` 0 is true of everybody; leave it out")
            }
            (None, Some((low, at)), Some((high, _))) if low > high => {
                conflict(self, at, "`atLeast` is more than `atMost`, which is never true")
            }
            // "At most twice" includes never; "at least" nothing said means once.
            (None, low, Some((high, _))) => Some((low.map_or(0, |(low, _)| low), high)),
            (None, low, None) => Some((low.map_or(1, |(low, _)| low), u32::MAX)),
        }
    }

    /// `$sequence`: deeds in this order.
    pub fn sequence(&mut self, value: &Value) -> Option<NodeId> {
        let what = "`$sequence`";
        let fields = Fields::of(value, what, words::SEQUENCE, &mut self.notes)?;
        let steps = self.steps(&fields);
        let within = match fields.get("within") {
            None => Some(None),
            Some(value) => read::duration(value, "`within`", &mut self.notes).map(Some),
        };
        let without = self.optional_kind(&fields, "without");
        let (steps, within, without) = (steps?, within?, without?);
        self.table.add(Node::Sequence(Sequence { steps, within, without }))
    }

    fn steps(&mut self, fields: &Fields) -> Option<Vec<(Kind, u32)>> {
        let value = fields.need("steps", "`$sequence`", &mut self.notes)?;
        let list = read::list(value, "`steps`", &mut self.notes)?;
        let steps: Vec<Option<(Kind, u32)>> = list.iter().map(|step| self.step(step)).collect();
        let steps: Vec<(Kind, u32)> = steps.into_iter().collect::<Option<_>>()?;
        let units: u64 = steps.iter().map(|(_, times)| u64::from(*times)).sum();
        if units > UNIT_LIMIT as u64 {
            let message = format!("all `times` of a sequence may be {UNIT_LIMIT} together, not {units}");
            self.notes.error(value.start(), "limit", message);
            return None;
        }
        Some(steps)
    }

    fn step(&mut self, value: &Value) -> Option<(Kind, u32)> {
        let what = "a step of `$sequence`";
        let fields = Fields::of(value, what, words::STEP, &mut self.notes)?;
        let kind = self.kind(&fields, what);
        let times = match fields.get("times") {
            None => Some(1),
            Some(value) => read::whole(value, "`times`", 1..=TIMES_LIMIT, &mut self.notes),
        };
        Some((kind?, times? as u32))
    }

    /// `$path`: pages that fit these patterns, one right after the other.
    pub fn path(&mut self, value: &Value) -> Option<NodeId> {
        let list = read::list(value, "`$path`", &mut self.notes)?;
        if list.len() > PAGES_LIMIT {
            let message = format!("`$path` may name {PAGES_LIMIT} pages, as many as a device remembers");
            self.notes.error(value.start(), "limit", message);
            return None;
        }
        let patterns: Vec<Option<Vec<Piece>>> = list.iter().map(|pattern| self.pattern(pattern)).collect();
        let patterns = patterns.into_iter().collect::<Option<_>>()?;
        self.table.add(Node::Path(patterns))
    }

    fn pattern(&mut self, value: &Value) -> Option<Vec<Piece>> {
        let text = read::text(value, "a pattern of `$path`", &mut self.notes)?;
        let path = Page::parse(&text.value).path;
        let mut pieces: Vec<Piece> = path
            .split('/')
            .filter(|piece| !piece.is_empty())
            .map(|piece| match piece {
                "*" => Piece::One,
                "**" => Piece::Rest,
                _ => Piece::Is(piece.into()),
            })
            .collect();
        let last = pieces.pop();
        let odd = pieces.contains(&Piece::Rest)
            || pieces.iter().chain(&last).any(|piece| matches!(piece, Piece::Is(name) if name.contains('*')));
        if odd || !text.value.starts_with('/') || text.value.contains(['?', '#']) {
            let message = format!(
                "{} is no pattern: it begins with `/`; `*` stands for one whole part, `**` for the rest at the end; there is no `?` and no `#`",
                quote(&text.value)
            );
            self.notes.error(value.start(), "bad_path", message);
            return None;
        }
        pieces.extend(last);
        Some(pieces)
    }

    /// A kind of deed that may be left out.
    pub fn optional_kind(&mut self, fields: &Fields, name: &str) -> Option<Option<Kind>> {
        let Some(value) = fields.get(name) else { return Some(None) };
        let what = quote(name);
        let fields = Fields::of(value, &what, words::EVENT, &mut self.notes)?;
        self.kind(&fields, &what).map(Some)
    }

    /// An event and what its products or page must be.
    fn kind(&mut self, fields: &Fields, what: &str) -> Option<Kind> {
        let event = match fields.need("event", what, &mut self.notes) {
            Some(value) => self.event(value),
            None => None,
        };
        let mut filters = Vec::new();
        let mut whole = true;
        let kinds: [(&str, Domain, MakeFilter); 4] = [
            ("item", Domain::Item, Filter::Item),
            ("category", Domain::Category, Filter::Category),
            ("brand", Domain::Brand, Filter::Brand),
            ("path", Domain::Place, Filter::Place),
        ];
        for (name, domain, filter) in kinds {
            if let Some(value) = fields.get(name) {
                match self.numbers(value, name, domain) {
                    Some(numbers) => filters.push(filter(numbers)),
                    None => whole = false,
                }
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
        if !words::EVENTS.contains(&name.as_str()) {
            let sentence =
                format!("{} is no event of GA4's; it is right only if your shop sends it", quote(&name));
            let said = did_you_mean(sentence, &name, words::EVENTS.iter().copied());
            self.notes.warn_like(value.start(), "unknown_event", said);
        }
        Some((name, value.start()))
    }

    fn numbers(&mut self, value: &Value, name: &str, domain: Domain) -> Option<Vec<u32>> {
        let what = quote(name);
        let list = read::one_or_more(value, &what, &mut self.notes)?;
        let numbers: Vec<Option<u32>> = list
            .iter()
            .map(|entry| {
                let text = self.short_text(entry, &what)?;
                let text = match domain {
                    Domain::Category | Domain::Brand => fold(&text),
                    Domain::Place => self.address(&text, &what, entry.start())?,
                    _ => text,
                };
                Some(self.names.number(domain, &text, entry.start(), &mut self.notes))
            })
            .collect();
        numbers.into_iter().collect()
    }

    /// A text no longer than what a device keeps of it.
    fn short_text(&mut self, value: &Value, what: &str) -> Option<String> {
        let text = read::text(value, what, &mut self.notes)?;
        if text.value.len() > WORD_LIMIT {
            let message = format!("{what} is longer than the {WORD_LIMIT} bytes that a device keeps of it");
            self.notes.error(value.start(), "bad_value", message);
            return None;
        }
        Some(text.value.to_string())
    }
}
