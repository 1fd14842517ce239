//! Text to a tree with places. Never trusts the text: its length and depth are
//! bounded before anything recurses over it, and no key is lost to a second one.

use std::collections::BTreeSet;

use jsonc_parser::ast::{StringLit, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::errors::ParseErrorKind as Kind;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use crate::notes::{Notes, quote};
use crate::said::Said;

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

/// The tree of a rule file; without one, the reason is noted.
pub(crate) fn parse<'a>(text: &'a str, notes: &mut Notes) -> Option<Value<'a>> {
    let root = tree(text, notes);
    if let Some(root) = &root {
        refuse_duplicates(root, notes);
    }
    root
}

/// The tree of a text, with all its keys; without one, the reason is noted.
pub(crate) fn tree<'a>(text: &'a str, notes: &mut Notes) -> Option<Value<'a>> {
    if text.len() > TEXT_BYTES {
        refuse_size(notes);
        return None;
    }
    if let Some(at) = too_deep(text) {
        let said = say!(
            en: "more than {most} brackets are nested here; no rule needs so many",
            ko: "괄호가 여기서 {most}겹보다 깊습니다. 그렇게 깊은 규칙은 필요하지 않습니다",
            most = DEPTH_LIMIT,
        );
        notes.error(at, "too_deep", said);
        return None;
    }
    match parse_to_ast(text, &CollectOptions::default(), &DIALECT) {
        Ok(parsed) => {
            if parsed.value.is_none() {
                let said = say!(
                    en: "the file is empty; rules are one JSON object, `{{ … }}`",
                    ko: "파일이 비어 있습니다. 규칙은 JSON 객체 하나, `{{ … }}`입니다",
                );
                notes.error(text.len(), "syntax", said);
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
    let said = say!(
        en: "the file is larger than 1 MiB, which is more than a rule file may have",
        ko: "파일이 규칙 파일의 한도인 1 MiB보다 큽니다",
    );
    notes.error(0, "too_large", said);
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
                    let said = say!(
                        en: "{name} stands twice in this object; one of the two would be lost",
                        ko: "이 객체에 {name:이<} 두 번 있어 둘 중 하나는 사라집니다",
                        name = quote(name),
                    );
                    notes.error(property.range.start, "duplicate_key", said);
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
fn reason(kind: &Kind) -> Said {
    match kind {
        Kind::ExpectedComma => say!(en: "a comma is missing here", ko: "여기에 쉼표가 빠졌습니다"),
        Kind::ExpectedColonAfterObjectKey => say!(
            en: "a colon `:` is missing after the field's name", ko: "필드 이름 뒤에 쌍점 `:`이 빠졌습니다",
        ),
        Kind::ExpectedObjectValue => {
            say!(en: "a value is missing after the colon", ko: "쌍점 뒤에 값이 빠졌습니다")
        }
        Kind::ExpectedStringObjectProperty => {
            say!(en: "a field's name stands in double quotes", ko: "필드 이름은 큰따옴표로 묶어야 합니다")
        }
        Kind::SingleQuotedStringsNotAllowed => say!(
            en: "texts stand in double quotes, not single ones",
            ko: "글은 작은따옴표가 아니라 큰따옴표로 묶어야 합니다",
        ),
        Kind::MultipleRootJsonValues => say!(
            en: "something follows the end of the rules; a file is one object, `{{ … }}`",
            ko: "규칙이 끝난 뒤에 무언가 더 있습니다. 파일은 객체 하나, `{{ … }}`입니다",
        ),
        Kind::UnterminatedObject => say!(en: "this `{{` is never closed", ko: "이 `{{`가 닫히지 않았습니다"),
        Kind::UnterminatedArray => say!(en: "this `[` is never closed", ko: "이 `[`가 닫히지 않았습니다"),
        Kind::UnterminatedCommentBlock => {
            say!(en: "this comment is never closed", ko: "이 주석이 닫히지 않았습니다")
        }
        Kind::UnexpectedCloseBrace => {
            say!(en: "there is nothing that this `}}` could close", ko: "이 `}}`가 닫을 것이 없습니다")
        }
        Kind::UnexpectedCloseBracket => {
            say!(en: "there is nothing that this `]` could close", ko: "이 `]`가 닫을 것이 없습니다")
        }
        Kind::UnexpectedComma => {
            say!(en: "there is a comma too many here", ko: "여기에 쉼표가 하나 더 있습니다")
        }
        Kind::UnexpectedColon => {
            say!(en: "there is a colon too many here", ko: "여기에 쌍점이 하나 더 있습니다")
        }
        Kind::UnexpectedWord => say!(
            en: "this is no value; texts stand in double quotes",
            ko: "값이 아닙니다. 글은 큰따옴표로 묶어야 합니다",
        ),
        Kind::UnexpectedToken | Kind::UnexpectedTokenInObject => {
            say!(en: "this does not belong here", ko: "여기에 올 수 없는 글자입니다")
        }
        Kind::String(jsonc_parser::ParseStringErrorKind::UnterminatedStringLiteral) => say!(
            en: "this text is never closed; a text ends with `\"` on its own line",
            ko: "글이 닫히지 않았습니다. 글은 시작한 줄에서 `\"`로 끝나야 합니다",
        ),
        Kind::String(_) => say!(
            en: "this text holds a `\\` that JSON does not know; write `\\\\` for a backslash",
            ko: "글에 JSON이 모르는 `\\`가 있습니다. 역슬래시는 `\\\\`로 쓰세요",
        ),
        _ => say!(
            en: "this is no number as JSON writes them, such as `12` or `0.5`",
            ko: "JSON에서 쓰는 숫자가 아닙니다. `12`나 `0.5`처럼 쓰세요",
        ),
    }
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
