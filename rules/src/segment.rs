//! Named segments: which are there, in which order they can be read, and what
//! `$segment` means. Never recurses from one segment into another, so that a
//! chain of hundreds is no deeper than one.

use std::collections::BTreeMap;

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::Ranged;
use vitrine_engine::node::{Node, NodeId};
use vitrine_engine::plan::Segment;

use crate::desk::{Desk, Domain};
use crate::notes::{did_you_mean, quote};
use crate::read::{self, Fields};
use crate::said::Speak;
use crate::words;

/// Segments of one file: the page judges them all at each event.
const SEGMENT_LIMIT: usize = 500;
/// What reports call the visitors of no segment.
const RESERVED: &[&str] = &["else"];

impl Desk<'_> {
    /// All segments, in the order of the file.
    pub fn segments(&mut self, value: &Value) -> Vec<Segment> {
        let Some(object) = read::object(value, "`segments`", &mut self.notes) else { return Vec::new() };
        if object.properties.len() > SEGMENT_LIMIT {
            let said = say!(
                en: "there are more than {most} segments", ko: "세그먼트가 {most}개보다 많습니다",
                most = SEGMENT_LIMIT,
            );
            self.notes.error(value.start(), "limit", said);
            return Vec::new();
        }
        for property in &object.properties {
            let (name, at) = (property.name.as_str(), property.range.start);
            read::check_id((name, at), say!(en: "the segment", ko: "세그먼트"), RESERVED, &mut self.notes);
            self.segments.insert(name.into(), None);
        }
        for at in self.reading_order(object) {
            let Some(property) = object.properties.get(at) else { continue };
            let name = property.name.as_str();
            let when = self.segment_condition(name, &property.value);
            // An edge tells segments apart by the numbers of their names.
            self.names.number(Domain::Segment, name, property.range.start, &mut self.notes);
            // No two segments are one condition: `explain` names them.
            let node = when.and_then(|when| self.table.add(Node::Segment(at as u16, when)));
            self.segments.insert(name.into(), node);
        }
        let segment = |name: &str| {
            let when = self.segments.get(name).copied().flatten()?;
            Some(Segment { id: name.into(), when })
        };
        object.properties.iter().filter_map(|property| segment(property.name.as_str())).collect()
    }

    fn segment_condition(&mut self, name: &str, value: &Value) -> Option<NodeId> {
        let what = say!(en: "segment {name}", ko: "세그먼트 {name}", name = quote(name));
        let fields = Fields::of(value, &what, words::SEGMENT, &mut self.notes)?;
        let when = fields.need("when", &what, &mut self.notes)?;
        self.condition(when, &say!(en: "`when` of {what}", ko: "{what}의 `when`", what))
    }

    /// `$segment`: one of these is held.
    pub fn segment(&mut self, value: &Value) -> Option<NodeId> {
        let list = read::one_or_more(value, "`$segment`", &mut self.notes)?;
        let parts = read::all(list.iter().map(|name| self.held(name)))?;
        self.table.any(parts)
    }

    fn held(&mut self, value: &Value) -> Option<NodeId> {
        let name = self.segment_name(value, "`$segment`")?;
        // A segment without a condition has been noted where it stands.
        self.segments.get(&name).copied().flatten()
    }

    /// The name of a segment that the file has.
    pub fn segment_name(&mut self, value: &Value, what: impl Speak) -> Option<String> {
        let text = read::text(value, what, &mut self.notes)?;
        let name = text.value.as_ref();
        if self.segments.contains_key(name) {
            return Some(name.into());
        }
        let said = say!(
            en: "there is no segment {name}", ko: "{name:라<}는 세그먼트가 없습니다", name = quote(name)
        );
        let said = did_you_mean(said, name, self.segments.keys().map(String::as_str));
        self.notes.error_like(value.start(), "unknown_name", said);
        None
    }

    /// The places of the segments in an order in which each comes after those
    /// it refers to: a depth-first walk with a stack of its own. Cycles are
    /// noted, spelled out.
    fn reading_order(&mut self, object: &Object) -> Vec<usize> {
        let places: BTreeMap<&str, usize> =
            object.properties.iter().enumerate().map(|(at, property)| (property.name.as_str(), at)).collect();
        let children: Vec<Vec<usize>> = object
            .properties
            .iter()
            .map(|property| {
                let mut names = Vec::new();
                mentioned(&property.value, &mut names);
                names.iter().filter_map(|name| places.get(name)).copied().collect()
            })
            .collect();
        let mut order = Vec::new();
        let mut state = vec![State::New; children.len()];
        for root in 0..children.len() {
            let mut stack = vec![(root, 0)];
            while let Some((at, step)) = stack.pop() {
                let Some(mark) = state.get_mut(at) else { continue };
                if *mark == State::Done {
                    continue;
                }
                *mark = State::Open;
                let Some(child) = children.get(at).and_then(|list| list.get(step)).copied() else {
                    *mark = State::Done;
                    order.push(at);
                    continue;
                };
                stack.push((at, step + 1));
                match state.get(child) {
                    Some(State::New) => stack.push((child, 0)),
                    Some(State::Open) => self.note_cycle(object, &stack, child),
                    _ => {}
                }
            }
        }
        order
    }

    fn note_cycle(&mut self, object: &Object, stack: &[(usize, usize)], back: usize) {
        let circle = stack.iter().map(|(at, _)| *at).skip_while(|at| *at != back).chain([back]);
        let names: Vec<String> = circle
            .filter_map(|at| object.properties.get(at))
            .map(|property| quote(property.name.as_str()))
            .collect();
        let said = say!(
            en: "this segment is defined by itself: {circle}; one of them must do without",
            ko: "세그먼트가 자기 자신으로 정의되어 있습니다: {circle}. 그중 하나는 다른 세그먼트 없이 정의하세요",
            circle = names.join(" → "),
        );
        let at = object.properties.get(back).map_or(0, |property| property.range.start);
        self.notes.error(at, "segment_cycle", said);
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    New,
    Open,
    Done,
}

/// The names behind every `$segment` within a value. Within `$elemMatch` it is
/// refused where it stands, and so refers to nothing.
pub(crate) fn mentioned<'t>(value: &'t Value, names: &mut Vec<&'t str>) {
    match value {
        Value::Object(object) => {
            for property in &object.properties {
                let name = property.name.as_str();
                if name == "$elemMatch" {
                    continue;
                }
                if name == "$segment" {
                    let list = match &property.value {
                        Value::Array(array) => array.elements.as_slice(),
                        one => core::slice::from_ref(one),
                    };
                    names.extend(list.iter().filter_map(|name| Some(name.as_string_lit()?.value.as_ref())));
                } else {
                    mentioned(&property.value, names);
                }
            }
        }
        Value::Array(array) => array.elements.iter().for_each(|element| mentioned(element, names)),
        _ => {}
    }
}
