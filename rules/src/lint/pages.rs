//! Page patterns that no page can fit, since a browser has resolved the path
//! before any device sees it. Never tries a page of the shop's.

use jsonc_parser::ast::{StringLit, Value};
use jsonc_parser::common::Ranged;

use super::{Lint, field};
use crate::notes::{meaning, quote};

impl Lint<'_, '_> {
    /// Notes each page pattern that no page can fit.
    pub(super) fn pages(&mut self) {
        let mut found = Vec::new();
        self.root
            .properties
            .iter()
            .for_each(|property| patterns(property.name.as_str(), &property.value, &mut found));
        for literal in found {
            let text = literal.value.as_ref();
            let Some(right) = resolved(text) else { continue };
            let said = say!(
                en: "no page can fit {pattern}: a path has no empty parts, and none that are `.` or `..`",
                ko: "{pattern}에 맞는 페이지는 있을 수 없습니다. 경로에는 빈 마디나 `.`, `..`가 없습니다",
                pattern = quote(text),
            );
            self.notes.warn_like(literal.start(), "dead_pattern", (meaning(said, &right), Some(right)));
        }
    }
}

/// The page patterns within a field: of `quiet` and `$path`, and the `path` of
/// a deed.
fn patterns<'t, 'a>(name: &str, value: &'t Value<'a>, found: &mut Vec<&'t StringLit<'a>>) {
    match value {
        Value::Object(object) if name == "$path" => {
            object
                .properties
                .iter()
                .filter(|p| p.name.as_str() == "pages")
                .for_each(|p| texts(&p.value, found));
        }
        Value::Object(object) => {
            let is_deed = field(object, "event").is_some();
            for property in &object.properties {
                match property.name.as_str() {
                    "path" if is_deed => texts(&property.value, found),
                    other => patterns(other, &property.value, found),
                }
            }
        }
        _ if name == "quiet" || name == "$path" => texts(value, found),
        Value::Array(list) => list.elements.iter().for_each(|entry| patterns("", entry, found)),
        _ => {}
    }
}

/// The texts of a value: one, a list of them, or each under its `page`.
fn texts<'t, 'a>(value: &'t Value<'a>, found: &mut Vec<&'t StringLit<'a>>) {
    match value {
        Value::StringLit(literal) if literal.value != "**" => found.push(literal),
        Value::Array(list) => list.elements.iter().for_each(|entry| texts(entry, found)),
        Value::Object(object) => field(object, "page").into_iter().for_each(|page| texts(page, found)),
        _ => {}
    }
}

/// The pattern as a browser would have written the path; `None` where it is
/// written so already. A slash at the end says nothing.
fn resolved(pattern: &str) -> Option<String> {
    let parts = pattern.strip_prefix('/')?;
    let parts = parts.strip_suffix('/').unwrap_or(parts);
    if parts.is_empty() || !parts.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return None;
    }
    let mut right: Vec<&str> = Vec::new();
    for part in parts.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(right.pop()),
            _ => right.push(part),
        }
    }
    Some(format!("/{}", right.join("/")))
}
