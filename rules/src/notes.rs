//! Mistakes as they are found: by byte offset, without a place. Never judges;
//! line, column and pointer are worked out once, at the end, in one walk.

use std::borrow::Cow;

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;

use crate::diagnostic::{Diagnostic, Severity};
pub(crate) use crate::said::quote;
use crate::said::{QUOTE_CHARS, Said};

/// Mistakes listed: nobody reads more, and a hostile file could make 100,000.
const LIST_LIMIT: usize = 1_000;
/// Bytes of a pointer, so that one long key cannot be repeated in every mistake.
const POINTER_BYTES: usize = 1_024;

/// The mistakes found so far.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    list: Vec<Note>,
    errors: usize,
}

/// One mistake at a byte offset.
#[derive(Debug)]
struct Note {
    at: usize,
    severity: Severity,
    code: &'static str,
    said: Said,
    suggestion: Option<String>,
}

impl Notes {
    /// Notes an error.
    pub fn error(&mut self, at: usize, code: &'static str, said: Said) {
        self.push(at, Severity::Error, code, (said, None));
    }

    /// Notes an error with what probably was meant.
    pub fn error_like(&mut self, at: usize, code: &'static str, said: (Said, Option<String>)) {
        self.push(at, Severity::Error, code, said);
    }

    /// Notes a warning.
    pub fn warn(&mut self, at: usize, code: &'static str, said: Said) {
        self.push(at, Severity::Warning, code, (said, None));
    }

    /// Notes a warning with what probably was meant.
    pub fn warn_like(&mut self, at: usize, code: &'static str, said: (Said, Option<String>)) {
        self.push(at, Severity::Warning, code, said);
    }

    /// Whether anything stands in the way of a plan.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    fn push(&mut self, at: usize, severity: Severity, code: &'static str, said: (Said, Option<String>)) {
        self.errors += usize::from(severity == Severity::Error);
        let (said, suggestion) = said;
        self.list.push(Note { at, severity, code, said, suggestion });
    }

    /// The diagnostics, by position. `root` is the parsed text, where it could
    /// be parsed.
    pub fn finish(mut self, text: &str, root: Option<&Value>) -> Vec<Diagnostic> {
        self.list.sort_by_key(|note| note.at);
        let left = self.list.len().saturating_sub(LIST_LIMIT);
        if left > 0 {
            self.list.truncate(LIST_LIMIT);
            let at = self.list.last().map_or(0, |note| note.at);
            let severity = if self.has_errors() { Severity::Error } else { Severity::Warning };
            let said = say!(
                en: "{left} more mistakes are not listed; mend these first",
                ko: "틀린 곳이 {left}개 더 있지만 적지 않았습니다. 이것부터 고치세요",
                left,
            );
            self.push(at, severity, "too_many_mistakes", (said, None));
        }
        let mut place = Place::default();
        self.list
            .into_iter()
            .map(|note| {
                place.move_to(text, note.at);
                Diagnostic {
                    severity: note.severity,
                    code: note.code,
                    message: note.said.en,
                    message_ko: note.said.ko,
                    pointer: root.map(|root| pointer(root, note.at)).unwrap_or_default(),
                    line: place.line + 1,
                    column: place.column + 1,
                    suggestion: note.suggestion,
                }
            })
            .collect()
    }
}

/// A walk through the text that only goes forward, so that a thousand mistakes
/// in one long line cost one pass.
#[derive(Default)]
struct Place {
    at: usize,
    line: u32,
    column: u32,
}

impl Place {
    fn move_to(&mut self, text: &str, to: usize) {
        let between = text.get(self.at..to).unwrap_or_default();
        let mut rest = between.chars().peekable();
        while let Some(c) = rest.next() {
            let next = rest.peek().copied().or_else(|| text.get(to..)?.chars().next());
            match c {
                '\n' => (self.line, self.column) = (self.line.saturating_add(1), 0),
                // The parser ends a line at a lone carriage return, too.
                '\r' if next != Some('\n') => {
                    (self.line, self.column) = (self.line.saturating_add(1), 0);
                }
                _ => self.column = self.column.saturating_add(1),
            }
        }
        self.at = self.at.max(to);
    }
}

/// The pointer to the innermost value that holds the offset; a key counts to
/// its value.
fn pointer(root: &Value, at: usize) -> String {
    let mut out = String::new();
    let mut here = root;
    loop {
        let (name, next) = match here {
            Value::Object(object) => {
                let after = object.properties.partition_point(|property| property.range.start <= at);
                let held = after.checked_sub(1).and_then(|index| object.properties.get(index));
                match held.filter(|property| at < property.range.end) {
                    Some(property) => (Cow::Borrowed(property.name.as_str()), &property.value),
                    None => return out,
                }
            }
            Value::Array(array) => {
                let after = array.elements.partition_point(|element| element.start() <= at);
                let held = after.checked_sub(1).and_then(|index| Some((index, array.elements.get(index)?)));
                match held.filter(|(_, element)| at < element.end()) {
                    Some((index, element)) => (Cow::Owned(index.to_string()), element),
                    None => return out,
                }
            }
            _ => return out,
        };
        if out.len() + name.len() >= POINTER_BYTES {
            return out;
        }
        out.push('/');
        out.push_str(&name.replace('~', "~0").replace('/', "~1"));
        here = next;
    }
}

/// A choice of words for a sentence: `` `a`, `b` or `c` ``.
pub(crate) fn one_of<'a>(words: impl IntoIterator<Item = &'a str>) -> Said {
    let quoted: Vec<String> = words.into_iter().map(quote).collect();
    let en = match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    };
    Said { en, ko: quoted.join(", ") }
}

/// A sentence and the nearest known word, said in words where there is one.
pub(crate) fn did_you_mean<'a>(
    said: Said,
    wrong: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> (Said, Option<String>) {
    match nearest(wrong, known) {
        Some(right) => (meaning(said, &right), Some(right)),
        None => (said, None),
    }
}

/// A sentence, and what probably was meant.
pub(crate) fn meaning(said: Said, right: &str) -> Said {
    say!(en: "{said}; did you mean {right}?", ko: "{said}. 혹시 {right}인가요?", said, right = quote(right))
}

/// The known word that is a slip of the finger away: a third of the letters, at
/// least one, may differ. Longer words than people type are not compared.
fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let length = wrong.chars().count();
    if length > QUOTE_CHARS {
        return None;
    }
    let folded = wrong.to_lowercase();
    known
        .into_iter()
        .filter_map(|word| {
            let other = word.chars().count();
            let longer = length.max(other);
            let limit = (longer / 3).max(1);
            // Lengths alone tell most words apart, at a hundredth of the price.
            let near = length.abs_diff(other) <= limit;
            let distance = near.then(|| strsim::osa_distance(&folded, &word.to_lowercase()))?;
            (distance <= limit && distance < longer).then_some((distance, word))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        assert_eq!(nearest("pathh", ["path", "brand"]).as_deref(), Some("path"));
        assert_eq!(nearest("Channel", ["channel"]).as_deref(), Some("channel"));
        assert_eq!(nearest("colour", ["path", "brand"]), None);
        assert_eq!(nearest("b", ["a"]), None);
    }

    #[test]
    fn places_count_characters_and_every_kind_of_line_end() {
        let text = "가\r\n나\r다\n라x";
        let mut place = Place::default();
        for (needle, want) in [("가", (0, 0)), ("나", (1, 0)), ("다", (2, 0)), ("x", (3, 1))] {
            place.move_to(text, text.find(needle).unwrap());
            assert_eq!((place.line, place.column), want, "{needle}");
        }
    }
}
