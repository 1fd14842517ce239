//! Text to a tree with places. Never trusts the text: its length and depth are
//! bounded before anything recurses over it, and no key is lost to a second one.

use std::collections::BTreeSet;

use jsonc_parser::ast::{StringLit, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::errors::ParseErrorKind as Kind;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use crate::notes::{Notes, quote};

/// Bytes of a rule file: the largest allowed plan, written by hand with comments.
pub const TEXT_BYTES: usize = 1024 * 1024;
/// Brackets within brackets. A campaign's conditions begin at the fourth, and
/// nobody can follow sixty; the browser's stack is far from its end.
const DEPTH_LIMIT: usize = 64;

/// JSON with comments and trailing commas, and nothing else.
const DIALECT: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_trailing_commas: true,
    allow_loose_object_property_names: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// The tree of a text; without one, the reason is noted.
pub(crate) fn parse<'a>(text: &'a str, notes: &mut Notes) -> Option<Value<'a>> {
    if text.len() > TEXT_BYTES {
        refuse_size(notes);
        return None;
    }
    if let Some(at) = too_deep(text) {
        let message = format!("more than {DEPTH_LIMIT} brackets are nested here; no rule needs so many");
        notes.error(at, "too_deep", message);
        return None;
    }
    match parse_to_ast(text, &CollectOptions::default(), &DIALECT) {
        Ok(parsed) => {
            match &parsed.value {
                Some(root) => refuse_duplicates(root, notes),
                None => {
                    notes.error(text.len(), "syntax", "the file is empty; rules are one JSON object, `{ … }`")
                }
            }
            parsed.value
        }
        Err(error) => {
            notes.error(error.range().start, "syntax", reason(error.kind()));
            None
        }
    }
}

/// Notes that the file is too large.
pub(crate) fn refuse_size(notes: &mut Notes) {
    notes.error(0, "too_large", "the file is larger than 1 MiB, which is more than a rule file may have");
}

/// Where the brackets get too deep, found without recursion: in front of the
/// parser, which recurses. Strings and comments are skipped as it skips them.
fn too_deep(text: &str) -> Option<usize> {
    let mut bytes = text.bytes().enumerate().peekable();
    let mut depth = 0usize;
    while let Some((at, byte)) = bytes.next() {
        let next = bytes.peek().map(|(_, byte)| *byte);
        match (byte, next) {
            (b'"', _) => {
                while let Some((_, byte)) = bytes.next() {
                    match byte {
                        b'\\' => drop(bytes.next()),
                        b'"' => break,
                        _ => {}
                    }
                }
            }
            (b'/', Some(b'/')) => drop(bytes.find(|(_, byte)| matches!(byte, b'\n' | b'\r'))),
            (b'/', Some(b'*')) => {
                bytes.next();
                let mut star = false;
                for (_, byte) in bytes.by_ref() {
                    if star && byte == b'/' {
                        break;
                    }
                    star = byte == b'*';
                }
            }
            (b'{' | b'[', _) => {
                depth += 1;
                if depth > DEPTH_LIMIT {
                    return Some(at);
                }
            }
            (b'}' | b']', _) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// Of two equal keys one would be lost, so both are wrong.
fn refuse_duplicates(value: &Value, notes: &mut Notes) {
    match value {
        Value::Object(object) => {
            let mut known = BTreeSet::new();
            for property in &object.properties {
                let name = property.name.as_str();
                if !known.insert(name) {
                    let message =
                        format!("{} stands twice in this object; one of the two would be lost", quote(name));
                    notes.error(property.range.start, "duplicate_key", message);
                }
                refuse_duplicates(&property.value, notes);
            }
        }
        Value::Array(array) => array.elements.iter().for_each(|element| refuse_duplicates(element, notes)),
        _ => {}
    }
}

/// The byte offset in the file of the byte `index` of a string's value, so
/// that a mistake within a text is shown within it, escapes or not.
pub(crate) fn inside(literal: &StringLit, text: &str, index: usize) -> usize {
    let start = literal.start() + 1;
    let raw = text.get(start..literal.end()).unwrap_or_default();
    let mut decoded = 0;
    let mut rest = raw.char_indices();
    while let Some((at, c)) = rest.next() {
        if decoded >= index {
            return start + at;
        }
        decoded += if c != '\\' {
            c.len_utf8()
        } else if rest.next().is_some_and(|(_, escaped)| escaped == 'u') {
            let code: String = rest.by_ref().take(4).map(|(_, digit)| digit).collect();
            // Half of a surrogate pair: two halves make the pair's four bytes.
            u32::from_str_radix(&code, 16).map_or(1, |code| char::from_u32(code).map_or(2, char::len_utf8))
        } else {
            1
        };
    }
    start
}

/// The parser's reason as a sentence for a person.
fn reason(kind: &Kind) -> String {
    let sentence = match kind {
        Kind::ExpectedComma => "a comma is missing here",
        Kind::ExpectedColonAfterObjectKey => "a colon `:` is missing after the field's name",
        Kind::ExpectedObjectValue => "a value is missing after the colon",
        Kind::ExpectedStringObjectProperty => "a field's name stands in double quotes",
        Kind::SingleQuotedStringsNotAllowed => "texts stand in double quotes, not single ones",
        Kind::MultipleRootJsonValues => {
            "something follows the end of the rules; a file is one object, `{ … }`"
        }
        Kind::UnterminatedObject => "this `{` is never closed",
        Kind::UnterminatedArray => "this `[` is never closed",
        Kind::UnterminatedCommentBlock => "this comment is never closed",
        Kind::UnexpectedCloseBrace => "there is nothing that this `}` could close",
        Kind::UnexpectedCloseBracket => "there is nothing that this `]` could close",
        Kind::UnexpectedComma => "there is a comma too many here",
        Kind::UnexpectedColon => "there is a colon too many here",
        Kind::UnexpectedWord => "this is no value; texts stand in double quotes",
        Kind::UnexpectedToken | Kind::UnexpectedTokenInObject => "this does not belong here",
        Kind::String(jsonc_parser::ParseStringErrorKind::UnterminatedStringLiteral) => {
            "this text is never closed; a text ends with `\"` on its own line"
        }
        Kind::String(_) => "this text holds a `\\` that JSON does not know; write `\\\\` for a backslash",
        _ => "this is no number as JSON writes them, such as `12` or `0.5`",
    };
    sentence.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_within_a_text_is_found_behind_escapes() {
        let text = r#"  "a\n\u00e9\ud83d\ude00{{""#;
        let mut notes = Notes::default();
        let Some(Value::StringLit(literal)) = parse(text, &mut notes) else { panic!("a text") };
        let index = literal.value.find("{{").unwrap();
        assert_eq!(inside(&literal, text, index), text.find("{{").unwrap());
    }

    #[test]
    fn brackets_in_texts_and_comments_are_not_deep() {
        let many = "[".repeat(100_000);
        assert_eq!(too_deep(&many), Some(DEPTH_LIMIT));
        for calm in [
            format!("\"{many}\""),
            format!("// {many}\n1"),
            format!("/* {many} */"),
            format!("\"\\\"{many}\""),
        ] {
            assert_eq!(too_deep(&calm), None);
        }
    }
}
