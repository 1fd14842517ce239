//! Texts that are too long for where they stand. Never measures pixels: it
//! counts columns, of which a phone's line has about forty, and in which a
//! letter such as 가 or 漢 takes two.

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;
use vitrine_engine::plan::{Form, Message};
use vitrine_engine::template::{Span, Words};

use super::{Lint, field, text};
use crate::notes::quote;
use crate::said::Said;

/// What a gap is filled with, on average: a short product name.
const GAP: usize = 10;
/// A button of one line.
const CTA: usize = 40;

/// Columns of a title and a body: a bar has three lines of a phone for its
/// title, since it must not cover the page; a dialog has room; above a row of
/// products stands a heading.
fn room(form: &Form) -> (usize, usize) {
    match form {
        Form::Bar => (120, 160),
        Form::Modal => (100, 500),
        Form::Products { .. } => (80, 200),
    }
}

impl Lint<'_, '_> {
    /// Notes each text that does not fit its message.
    pub(super) fn lengths(&mut self) {
        for (object, campaign) in self.campaigns() {
            let Some(Value::Array(list)) = field(object, "messages") else { continue };
            for entry in list.elements.iter().filter_map(Value::as_object) {
                let message = text(entry, "id").and_then(|id| campaign.messages.iter().find(|m| m.id == id));
                let Some(message) = message else { continue };
                let (title, body) = room(&message.form);
                let parts = [("title", &message.title, title), ("body", &message.body, body)];
                for (name, words, room) in parts {
                    if let Some(value) = field(entry, name) {
                        self.length((value, words, room), &what(name, message));
                    }
                }
                let button = field(entry, "cta").and_then(|cta| field(cta.as_object()?, "text"));
                if let Some((value, cta)) = button.zip(message.cta.as_ref()) {
                    self.length((value, &cta.text, CTA), &what("cta", message));
                }
            }
        }
    }

    fn length(&mut self, (value, words, room): (&Value, &Words, usize), what: &Said) {
        for (language, spans) in &words.languages {
            let columns = columns(spans);
            if columns <= room {
                continue;
            }
            let said = say!(
                en: "{what} takes {columns} columns, and there is room for about {room}, where a wide letter such as 가 takes two; make it shorter",
                ko: "{what:이<} {columns}칸입니다. 들어갈 자리는 {room}칸쯤이고 한글은 한 자가 두 칸입니다. 줄이세요",
                what, columns, room,
            );
            let at = match value {
                Value::Object(texts) => field(texts, language).map_or(value.start(), Ranged::start),
                _ => value.start(),
            };
            self.notes.warn(at, "long_text", said);
        }
    }
}

fn what(name: &str, message: &Message) -> Said {
    say!(en: "{name} of message {id}", ko: "메시지 {id}의 {name}", name = quote(name), id = quote(&message.id))
}

/// Columns of a text as it is read.
fn columns(spans: &[Span]) -> usize {
    let span = |span: &Span| match span {
        Span::Text(text) => text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum(),
        Span::Output(..) => GAP,
    };
    spans.iter().map(span).sum()
}

/// Hangul, Han, Kana, and the forms made for them.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}')
}
