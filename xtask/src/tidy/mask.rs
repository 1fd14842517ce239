//! A look at Rust source that tells code from comments and strings. It never
//! parses: the checks need words and lines, not meaning.

/// Code with comments and strings blanked, line for line, and the strings.
#[derive(Default)]
pub struct Masked {
    pub code: String,
    /// Line from 1, and what stands between the quotes.
    pub strings: Vec<(usize, String)>,
}

impl Masked {
    pub fn new(text: &str) -> Self {
        let mut reader = Reader { rest: text, line: 1, before: ' ', out: Self::default() };
        while reader.step() {}
        reader.out
    }
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
    /// The last character of code: an `r` after a letter begins no raw string.
    before: char,
    out: Masked,
}

impl Reader<'_> {
    /// Takes one comment, string or character; `false` at the end.
    fn step(&mut self) -> bool {
        let Some(first) = self.rest.chars().next() else {
            return false;
        };
        if self.rest.starts_with("//") {
            let length = self.rest.find('\n').unwrap_or(self.rest.len());
            self.blank(length);
        } else if self.rest.starts_with("/*") {
            self.blank(block_comment(self.rest));
        } else if let Some((open, close)) = self.raw_string() {
            self.string(open, &close);
        } else if first == '"' {
            self.string(1, "\"");
        } else if first == '\'' {
            self.quote();
        } else {
            self.copy(first);
        }
        true
    }

    /// The lengths of a raw string's opening, and its closing, if one begins here.
    fn raw_string(&self) -> Option<(usize, String)> {
        if self.before.is_alphanumeric() || self.before == '_' {
            return None;
        }
        let after = self.rest.strip_prefix(['b', 'c']).unwrap_or(self.rest);
        let after = after.strip_prefix('r')?;
        let hashes = after.len() - after.trim_start_matches('#').len();
        let inside = after.trim_start_matches('#').strip_prefix('"')?;
        let close = format!("\"{}", "#".repeat(hashes));
        Some((self.rest.len() - inside.len(), close))
    }

    fn string(&mut self, open: usize, close: &str) {
        let line = self.line;
        let body = self.rest.get(open..).unwrap_or_default();
        let raw = open > 1;
        let length = if raw { body.find(close).unwrap_or(body.len()) } else { closing_quote(body) };
        let content = body.get(..length).unwrap_or_default().to_owned();
        self.out.strings.push((line, content));
        self.blank((open + length + close.len()).min(self.rest.len()));
        self.before = '"';
    }

    /// A character, or a lifetime's mark, which is copied.
    fn quote(&mut self) {
        let inside = self.rest.get(1..).unwrap_or_default();
        let mut chars = inside.char_indices();
        let first = chars.next().map(|(_, c)| c);
        let second = chars.next();
        let length = match (first, second) {
            (Some('\\'), _) => inside.get(2..).and_then(|i| i.find('\'')).map(|at| at + 4),
            (Some(_), Some((at, '\''))) => Some(at + 2),
            _ => None,
        };
        match length {
            Some(length) => self.blank(length),
            None => self.copy('\''),
        }
    }

    fn copy(&mut self, c: char) {
        self.out.code.push(c);
        self.line += usize::from(c == '\n');
        self.before = c;
        self.rest = self.rest.get(c.len_utf8()..).unwrap_or_default();
    }

    /// Takes bytes without showing them; lines stay lines.
    fn blank(&mut self, length: usize) {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        for c in taken.chars() {
            self.out.code.push(if c == '\n' { '\n' } else { ' ' });
            self.line += usize::from(c == '\n');
        }
        self.rest = rest;
        self.before = ' ';
    }
}

/// The length of a block comment; they nest.
fn block_comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth = depth.saturating_sub(1);
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// Where the string that begins here ends; a backslash hides what follows.
fn closing_quote(body: &str) -> usize {
    let mut hidden = false;
    for (at, c) in body.char_indices() {
        match c {
            _ if hidden => hidden = false,
            '\\' => hidden = true,
            '"' => return at,
            _ => {}
        }
    }
    body.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_strings_are_blanked_line_for_line() {
        let text = "let a = \"crate::x\"; // crate::y\n/* crate::z /* in */\n still */ let b = 1;\n";
        let masked = Masked::new(text);
        assert!(!masked.code.contains("crate"));
        assert_eq!(masked.code.lines().count(), text.lines().count());
        assert!(masked.code.ends_with("let b = 1;\n"));
        assert_eq!(masked.strings, [(1, "crate::x".to_owned())]);
    }

    #[test]
    fn raw_strings_end_at_their_own_hashes() {
        let masked = Masked::new("r##\"a \"# b\"## + r\"\\\" + br#\"<p>\"# ; \nfor \"x\"");
        let strings: Vec<&str> = masked.strings.iter().map(|(_, s)| s.as_str()).collect();
        assert_eq!(strings, ["a \"# b", "\\", "<p>", "x"]);
        assert_eq!(masked.strings.last().unwrap().0, 2);
    }

    #[test]
    fn quotes_that_are_characters_or_lifetimes_open_no_string() {
        let masked = Masked::new("fn f<'a>(x: &'a str) { g('\"', '\\'', '\\u{22}', b'\"', \"s\") }");
        assert_eq!(masked.strings, [(1, "s".to_owned())]);
        assert!(masked.code.contains("<'a>(x: &'a str)"));
    }

    #[test]
    fn an_escaped_quote_does_not_end_a_string() {
        let masked = Masked::new("\"a\\\"b\\\\\" \"한\" c");
        let strings: Vec<&str> = masked.strings.iter().map(|(_, s)| s.as_str()).collect();
        assert_eq!(strings, ["a\\\"b\\\\", "한"]);
        assert!(masked.code.ends_with(" c"));
    }
}
