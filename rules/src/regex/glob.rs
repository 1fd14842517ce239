//! Path patterns as marketers write them: `/list/*`, `/blog/**`, `/product/{id}`,
//! `/(women|men)/shoes-*`. Never looks at a query or a host: it is held
//! against the path as `Page::parse` gives it.
//!
//! | sign | stands for |
//! |---|---|
//! | `*` as a part | exactly one part, whatever it is |
//! | `*` within a part | any letters of this part, none too |
//! | `**` as a part | any number of parts, none too |
//! | `{id}` | an id: ASCII letters, digits, `-` and `_`, at least one a digit |
//! | `(a\|b)`, `{a,b}` | one of these, within a part |
//!
//! A sign itself is written as in an address: `%2A` is a star.

use vitrine_engine::automaton::Pattern;
use vitrine_engine::page::Page;

use super::part::Part;
use super::units::Units;
use super::{Case, Fault, Refusal, finish};

/// Bytes of one path pattern: four times what a device keeps of a path.
const LENGTH_LIMIT: usize = 1_024;

/// Compiles a path pattern; the whole path must fit it.
///
/// # Errors
/// Says which part of the pattern is wrong, and where.
pub fn glob(pattern: &str) -> Result<Pattern, Refusal> {
    let refuse = |at, fault| Err(Refusal { at, fault });
    if !pattern.starts_with('/') {
        return refuse(0, Fault::NoSlash);
    }
    if pattern.len() > LENGTH_LIMIT {
        return refuse(LENGTH_LIMIT, Fault::TooLong);
    }
    if let Some(at) = pattern.find(['?', '#']) {
        return refuse(at, Fault::NoPath);
    }
    let mut row = vec![Part::Start];
    let mut at = 0;
    let parts: Vec<&str> = pattern.split('/').skip(1).collect();
    let is_root = parts.iter().all(|part| part.is_empty());
    for part in &parts {
        at += 1;
        match *part {
            // A slash at the end says nothing, as in the path itself.
            "" if !is_root && at + part.len() == pattern.len() => {}
            "**" => row.push(optional(vec![one('/'), any(Units::default().inverted())])),
            _ => {
                row.push(one('/'));
                row.extend(Reader { text: part, at: 0, from: at }.part()?);
            }
        }
        at += part.len();
    }
    // The root is a slash and no part: `/**` and its like must fit it, too.
    if !is_root && parts.iter().all(|part| matches!(*part, "**" | "")) {
        row = vec![Part::Start, one('/')];
        return finish(&Part::Row(row), Case::Sensitive);
    }
    row.push(Part::End);
    finish(&Part::Row(row), Case::Sensitive)
}

fn one(letter: char) -> Part {
    text(letter.encode_utf8(&mut [0; 4]))
}

fn text(text: &str) -> Part {
    Part::Row(text.encode_utf16().map(|unit| Part::Unit(Units::one(unit))).collect())
}

fn any(units: Units) -> Part {
    Part::Times(Box::new(Part::Unit(units)), 0, None)
}

fn optional(row: Vec<Part>) -> Part {
    Part::Times(Box::new(Part::Row(row)), 0, Some(1))
}

fn inside() -> Units {
    Units::one('/' as u16).inverted()
}

fn id() -> Part {
    let digit = Units::named(b'd').unwrap_or_default();
    let mut ranges = Units::named(b'w').unwrap_or_default().ranges().to_vec();
    ranges.push(('-' as u16, '-' as u16));
    let letter = Units::of(&ranges);
    Part::Row(vec![any(letter.clone()), Part::Unit(digit), any(letter)])
}

/// One part of a path pattern.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// Where the part begins in the pattern.
    from: usize,
}

impl Reader<'_> {
    fn refuse<T>(&self, at: usize, fault: Fault) -> Result<T, Refusal> {
        Err(Refusal { at: self.from + at, fault })
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn part(mut self) -> Result<Vec<Part>, Refusal> {
        if self.text == "*" {
            return Ok(vec![Part::Times(Box::new(Part::Unit(inside())), 1, None)]);
        }
        let mut row = Vec::new();
        while !self.rest().is_empty() {
            let from = self.at;
            match self.rest().as_bytes().first() {
                Some(b'(') => row.push(self.choice(b"(|)")?),
                Some(b'{') if !self.rest().starts_with("{id}") => row.push(self.choice(b"{,}")?),
                Some(b')' | b'}') => return self.refuse(from, Fault::StrayBracket),
                _ => row.push(self.piece(&['*', '(', '{', ')', '}'])?),
            }
        }
        Ok(row)
    }

    /// `*`, `{id}`, or text up to one of `signs`.
    fn piece(&mut self, signs: &[char]) -> Result<Part, Refusal> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if rest.starts_with("**") {
            return self.refuse(self.at, Fault::StarsInPart);
        }
        if rest.starts_with('*') {
            self.at += 1;
            return Ok(any(inside()));
        }
        if rest.starts_with("{id}") {
            self.at += 4;
            return Ok(id());
        }
        let length = rest.find(signs).unwrap_or(rest.len());
        self.at += length;
        // Decoded as the device decodes the address itself.
        let plain = Page::parse(&format!("/{}", rest.get(..length).unwrap_or_default())).path;
        Ok(text(plain.strip_prefix('/').unwrap_or(&plain)))
    }

    /// Alternatives; `signs` open, part and close them.
    fn choice(&mut self, signs: &[u8; 3]) -> Result<Part, Refusal> {
        let [open, between, close] = signs.map(char::from);
        let from = self.at;
        self.at += 1;
        let (mut choices, mut row) = (Vec::new(), Vec::new());
        loop {
            let Some(next) = self.rest().chars().next() else {
                // A `/` ends the part before the bracket is closed.
                return self.refuse(from, Fault::OpenGroup);
            };
            if next == close || next == between {
                self.at += 1;
                choices.push(Part::Row(core::mem::take(&mut row)));
                if next == close {
                    break;
                }
            } else if (next == '(' || next == '{' || next == open) && !self.rest().starts_with("{id}") {
                return self.refuse(self.at, Fault::NotWithinPart);
            } else {
                row.push(self.piece(&['*', '(', '{', between, close])?);
            }
        }
        if open == '{' && choices.len() < 2 {
            return self.refuse(from, Fault::UnknownPlaceholder);
        }
        Ok(Part::Any(choices))
    }
}
