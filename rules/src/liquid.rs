//! Texts with gaps: the published subset of Liquid. Never guesses: a tag or
//! filter that is not in the subset is refused at its own column.

use jsonc_parser::ast::{StringLit, Value};
use jsonc_parser::common::Ranged;
use vitrine_engine::attribute::Attribute;
use vitrine_engine::template::{Filter, Span, Words};

use crate::desk::Desk;
use crate::notes::{did_you_mean, meaning, one_of, quote};
use crate::read;
use crate::said::{Said, Speak};
use crate::source::inside;
use crate::words::{self, Holds};

/// Characters of one text: a banner is no article, and a device loads them all.
const TEXT_CHARS: usize = 1_000;
/// Languages of one text.
const LANGUAGE_LIMIT: usize = 50;

/// What is wrong within a text, at which of its bytes.
type Slip = (usize, Said, Option<String>);

impl Desk<'_> {
    /// A text, or one a language.
    pub fn words(&mut self, value: &Value, what: impl Speak) -> Option<Words> {
        let languages = self.by_language(value, &what, |desk, value| desk.spans(value, &what))?;
        Some(Words { languages })
    }

    /// One thing for all languages, or an object with one a language.
    pub fn by_language<T>(
        &mut self,
        value: &Value,
        what: impl Speak,
        mut one: impl FnMut(&mut Self, &Value) -> Option<T>,
    ) -> Option<Vec<(String, T)>> {
        let Value::Object(object) = value else {
            return Some(vec![(String::new(), one(self, value)?)]);
        };
        if object.properties.is_empty() || object.properties.len() > LANGUAGE_LIMIT {
            let said = say!(
                en: "{what} has {count} languages, but must have 1 to {most}",
                ko: "{what}의 언어가 {count}개인데, 1개에서 {most}개까지여야 합니다",
                what, count = object.properties.len(), most = LANGUAGE_LIMIT,
            );
            self.notes.error(value.start(), "empty", said);
            return None;
        }
        read::all(object.properties.iter().map(|property| {
            let language = self.language(property.name.as_str(), property.range.start);
            let thing = one(self, &property.value);
            Some((language?, thing?))
        }))
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
        let said = say!(
            en: "{name} is no language; write it as in `ko`, `en` or `en-gb`",
            ko: "{name:은<} 언어가 아닙니다. `ko`, `en`, `en-gb`처럼 쓰세요",
            name = quote(name),
        );
        let said = match &suggestion {
            Some(right) => meaning(said, right),
            None => said,
        };
        self.notes.error_like(at, "bad_id", (said, suggestion));
        None
    }

    fn spans(&mut self, value: &Value, what: impl Speak) -> Option<Vec<Span>> {
        let literal = read::text(value, &what, &mut self.notes)?;
        if literal.value.chars().count() > TEXT_CHARS {
            let said = say!(
                en: "{what} is longer than {most} characters", ko: "{what:이<} {most}자보다 깁니다",
                what, most = TEXT_CHARS,
            );
            self.notes.error(value.start(), "limit", said);
            return None;
        }
        let mut spans = Vec::new();
        let (mut at, mut whole) = (0, true);
        while let Some(rest) = literal.value.get(at..).filter(|rest| !rest.is_empty()) {
            let (plain, gap) = match next_gap(rest) {
                Ok((plain, gap)) => (plain, gap),
                Err((within, said, _)) => return self.slip(literal, (at + within, said, None)),
            };
            if !plain.is_empty() {
                spans.push(Span::Text(plain.into()));
            }
            let Some(gap) = gap else { break };
            let begin = at + plain.len() + "{{".len();
            at = begin + gap.len() + "}}".len();
            match self.output(literal, gap, begin) {
                Some(span) => spans.push(span),
                None => whole = false,
            }
        }
        whole.then_some(spans)
    }

    /// What stands between `{{` and `}}`; `begin` is its place in the text.
    fn output(&mut self, literal: &StringLit, gap: &str, begin: usize) -> Option<Span> {
        let mut parts = split_pipes(gap).into_iter().map(|(at, part)| trimmed(begin + at, part));
        let (at, name) = parts.next().unwrap_or((begin, ""));
        let odd = |c: char| c.is_whitespace() || "\"'|:{}[]()".contains(c);
        if name.is_empty() || name.contains(odd) || name.starts_with('-') || name.ends_with('-') {
            let said = say!(
                en: "{name} is no attribute; a gap is `{{{{ attribute | filter }}}}`",
                ko: "{name:은<} 속성이 아닙니다. 빈칸은 `{{{{ attribute | filter }}}}`처럼 씁니다",
                name = quote(name),
            );
            return self.slip(literal, (at, said, None));
        }
        let place = inside(literal, self.text, at);
        let attribute = self.attribute(name, place)?;
        let mut filters = Vec::new();
        for (at, part) in parts {
            match filter(part) {
                Ok(Filter::Money) if !can_be_money(&attribute) => {
                    let said = say!(
                        en: "`money` writes an amount, and {name} is none",
                        ko: "`money`는 금액을 쓰는데, {name:은<} 금액이 아닙니다",
                        name = quote(name),
                    );
                    return self.slip(literal, (at, said, None));
                }
                Ok(filter) => filters.push(filter),
                Err((said, suggestion)) => return self.slip(literal, (at, said, suggestion)),
            }
        }
        Some(Span::Output(attribute, filters))
    }

    fn slip<T>(&mut self, literal: &StringLit, slip: Slip) -> Option<T> {
        let (index, said, suggestion) = slip;
        let at = inside(literal, self.text, index);
        self.notes.error_like(at, "bad_text", (said, suggestion));
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
                let said = say!(
                    en: "tags `{{% … %}}` are not supported; a text has gaps `{{{{ … }}}}` only",
                    ko: "태그 `{{% … %}}`는 쓸 수 없습니다. 글에는 빈칸 `{{{{ … }}}}`만 쓸 수 있습니다",
                );
                Err((at, said, None))
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
    let said = say!(
        en: "this `{{{{` is never closed by `}}}}`", ko: "이 `{{{{`가 `}}}}`로 닫히지 않았습니다"
    );
    Err((plain.len(), said, None))
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

fn filter(part: &str) -> Result<Filter, (Said, Option<String>)> {
    let (name, argument) = match part.split_once(':') {
        Some((name, argument)) => (name.trim(), Some(argument.trim())),
        None => (part, None),
    };
    let simple = match name {
        "default" => {
            return default_filter(argument).ok_or_else(|| {
                let said = say!(
                    en: "`default` takes one text in quotes, as in `default: \"you\"`",
                    ko: "`default`에는 따옴표로 묶은 글 하나가 옵니다. 예: `default: \"you\"`",
                );
                (said, None)
            });
        }
        "upcase" => Filter::Upcase,
        "downcase" => Filter::Downcase,
        "capitalize" => Filter::Capitalize,
        "money" => Filter::Money,
        _ => {
            let known = || words::FILTERS.iter().copied();
            let said = say!(
                en: "unknown filter {name}; there are {list}", ko: "{name:라<}는 필터는 없습니다. 쓸 수 있는 필터: {list}",
                name = quote(name), list = one_of(known()),
            );
            return Err(did_you_mean(said, name, known()));
        }
    };
    match argument {
        None => Ok(simple),
        Some(_) => {
            let said = say!(
                en: "{name} takes no argument", ko: "{name:은<} 인수를 받지 않습니다", name = quote(name)
            );
            Err((said, None))
        }
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
