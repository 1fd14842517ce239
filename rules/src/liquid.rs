//! Texts with gaps: the published subset of Liquid. Never guesses: a tag or
//! filter that is not in the subset is refused at its own column.

use jsonc_parser::ast::{StringLit, Value};
use jsonc_parser::common::Ranged;
use vitrine_engine::attribute::Attribute;
use vitrine_engine::template::{Filter, Span, Words};

use crate::desk::Desk;
use crate::notes::{did_you_mean, one_of, quote};
use crate::read;
use crate::source::inside;
use crate::words::{self, Holds};

/// Characters of one text: a banner is no article, and a device loads them all.
const TEXT_CHARS: usize = 1_000;
/// Languages of one text.
const LANGUAGE_LIMIT: usize = 50;

/// What is wrong within a text, at which of its bytes.
type Slip = (usize, String, Option<String>);

impl Desk<'_> {
    /// A text, or one a language.
    pub fn words(&mut self, value: &Value, what: &str) -> Option<Words> {
        let languages = self.by_language(value, what, |desk, value| desk.spans(value, what))?;
        Some(Words { languages })
    }

    /// One thing for all languages, or an object with one a language.
    pub fn by_language<T>(
        &mut self,
        value: &Value,
        what: &str,
        mut one: impl FnMut(&mut Self, &Value) -> Option<T>,
    ) -> Option<Vec<(String, T)>> {
        let Value::Object(object) = value else {
            return Some(vec![(String::new(), one(self, value)?)]);
        };
        if object.properties.is_empty() || object.properties.len() > LANGUAGE_LIMIT {
            let message = format!(
                "{what} has {} languages, but must have 1 to {LANGUAGE_LIMIT}",
                object.properties.len()
            );
            self.notes.error(value.start(), "empty", message);
            return None;
        }
        let languages: Vec<Option<_>> = object
            .properties
            .iter()
            .map(|property| {
                let language = self.language(property.name.as_str(), property.range.start);
                let thing = one(self, &property.value);
                Some((language?, thing?))
            })
            .collect();
        languages.into_iter().collect()
    }

    /// A language as the page's `lang` is compared: `ko`, `en-gb`.
    fn language(&mut self, name: &str, at: usize) -> Option<String> {
        let part = |part: &str| {
            (1..=8).contains(&part.len())
                && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        let is_tag = |name: &str| {
            let primary = name.split('-').next().unwrap_or_default();
            (2..=3).contains(&primary.len()) && name.split('-').all(part)
        };
        if is_tag(name) {
            return Some(name.into());
        }
        let folded = name.to_lowercase().replace('_', "-");
        let suggestion = is_tag(&folded).then_some(folded);
        let mut message = format!("{} is no language; write it as in `ko`, `en` or `en-gb`", quote(name));
        if let Some(right) = &suggestion {
            message = format!("{message}; did you mean {}?", quote(right));
        }
        self.notes.error_like(at, "bad_id", (message, suggestion));
        None
    }

    fn spans(&mut self, value: &Value, what: &str) -> Option<Vec<Span>> {
        let literal = read::text(value, what, &mut self.notes)?;
        if literal.value.chars().count() > TEXT_CHARS {
            let message = format!("{what} is longer than {TEXT_CHARS} characters");
            self.notes.error(value.start(), "limit", message);
            return None;
        }
        let mut spans = Vec::new();
        let mut at = 0;
        while let Some(rest) = literal.value.get(at..).filter(|rest| !rest.is_empty()) {
            let (plain, gap) = match next_gap(rest) {
                Ok((plain, gap)) => (plain, gap),
                Err((within, message, _)) => return self.slip(literal, (at + within, message, None)),
            };
            if !plain.is_empty() {
                spans.push(Span::Text(plain.into()));
            }
            let Some(gap) = gap else { break };
            let begin = at + plain.len() + "{{".len();
            at = begin + gap.len() + "}}".len();
            spans.push(self.output(literal, gap, begin)?);
        }
        Some(spans)
    }

    /// What stands between `{{` and `}}`; `begin` is its place in the text.
    fn output(&mut self, literal: &StringLit, gap: &str, begin: usize) -> Option<Span> {
        let mut parts = split_pipes(gap).into_iter().map(|(at, part)| trimmed(begin + at, part));
        let (at, name) = parts.next().unwrap_or((begin, ""));
        let odd = |c: char| c.is_whitespace() || "\"'|:{}[]()".contains(c);
        if name.is_empty() || name.contains(odd) || name.starts_with('-') || name.ends_with('-') {
            let message = format!("{} is no attribute; a gap is `{{{{ attribute | filter }}}}`", quote(name));
            return self.slip(literal, (at, message, None));
        }
        let place = inside(literal, self.text, at);
        let attribute = self.attribute(name, place)?;
        let mut filters = Vec::new();
        for (at, part) in parts {
            match filter(part) {
                Ok(Filter::Money) if !can_be_money(&attribute) => {
                    let message = format!("`money` writes an amount, and {} is none", quote(name));
                    return self.slip(literal, (at, message, None));
                }
                Ok(filter) => filters.push(filter),
                Err((message, suggestion)) => return self.slip(literal, (at, message, suggestion)),
            }
        }
        Some(Span::Output(attribute, filters))
    }

    fn slip<T>(&mut self, literal: &StringLit, slip: Slip) -> Option<T> {
        let (index, message, suggestion) = slip;
        let at = inside(literal, self.text, index);
        self.notes.error_like(at, "bad_text", (message, suggestion));
        None
    }
}

/// The text up to the next gap, and the gap's inside.
fn next_gap(rest: &str) -> Result<(&str, Option<&str>), Slip> {
    let tag = rest.find("{%");
    let Some((plain, after)) =
        rest.split_once("{{").filter(|(plain, _)| tag.is_none_or(|at| plain.len() < at))
    else {
        return match tag {
            Some(at) => {
                Err((at, "tags `{% … %}` are not supported; a text has gaps `{{ … }}` only".into(), None))
            }
            None => Ok((rest, None)),
        };
    };
    // A quoted argument may hold braces.
    let mut quoted = None;
    let mut before = ' ';
    for (at, c) in after.char_indices() {
        match (quoted, c) {
            (None, '"' | '\'') => quoted = Some(c),
            (Some(open), _) if open == c => quoted = None,
            (None, '}') if before == '}' => {
                return Ok((plain, after.get(..at.saturating_sub(1))));
            }
            _ => {}
        }
        before = c;
    }
    Err((plain.len(), "this `{{` is never closed by `}}`".into(), None))
}

/// The parts between `|`, with their places; a quoted `|` divides nothing.
fn split_pipes(gap: &str) -> Vec<(usize, &str)> {
    let mut parts = Vec::new();
    let mut quoted = None;
    let mut from = 0;
    for (at, c) in gap.char_indices() {
        match (quoted, c) {
            (None, '"' | '\'') => quoted = Some(c),
            (Some(open), _) if open == c => quoted = None,
            (None, '|') => {
                parts.push((from, gap.get(from..at).unwrap_or_default()));
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push((from, gap.get(from..).unwrap_or_default()));
    parts
}

fn trimmed(at: usize, part: &str) -> (usize, &str) {
    (at + part.len() - part.trim_start().len(), part.trim())
}

fn filter(part: &str) -> Result<Filter, (String, Option<String>)> {
    let (name, argument) = match part.split_once(':') {
        Some((name, argument)) => (name.trim(), Some(argument.trim())),
        None => (part, None),
    };
    let simple = match name {
        "default" => {
            return default_filter(argument).ok_or_else(|| {
                ("`default` takes one text in quotes, as in `default: \"you\"`".into(), None)
            });
        }
        "upcase" => Filter::Upcase,
        "downcase" => Filter::Downcase,
        "capitalize" => Filter::Capitalize,
        "money" => Filter::Money,
        _ => {
            let known = || words::FILTERS.iter().copied();
            return Err(did_you_mean(
                format!("unknown filter {}; there are {}", quote(name), one_of(known())),
                name,
                known(),
            ));
        }
    };
    match argument {
        None => Ok(simple),
        Some(_) => Err((format!("{} takes no argument", quote(name)), None)),
    }
}

fn default_filter(argument: Option<&str>) -> Option<Filter> {
    let argument = argument?;
    let open = argument.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let text = argument.strip_prefix(open)?.strip_suffix(open)?;
    (!text.contains(open)).then(|| Filter::Default(text.into()))
}

fn can_be_money(attribute: &Attribute) -> bool {
    matches!(words::holds(attribute), Holds::Number(..) | Holds::Anything)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_braces_and_pipes_belong_to_the_argument() {
        let (plain, gap) = next_gap("a {{ x | default: '}} | b' }} c").unwrap();
        assert_eq!((plain, gap), ("a ", Some(" x | default: '}} | b' ")));
        let parts: Vec<&str> = split_pipes(gap.unwrap()).into_iter().map(|(_, part)| part.trim()).collect();
        assert_eq!(parts, ["x", "default: '}} | b'"]);
    }

    #[test]
    fn a_single_brace_is_text_and_a_gap_ends_at_its_first_closing() {
        assert_eq!(next_gap("a { b } c").unwrap(), ("a { b } c", None));
        assert_eq!(next_gap("{{a}}}").unwrap(), ("", Some("a")));
        assert!(next_gap("{{ a }").is_err());
    }
}
