//! JSON on its way out, one value after another. Never reads any: no text format
//! comes in.

use alloc::string::String;

use crate::text::{hex_digit, push_number};

/// Writes one flat JSON value after another; commas are its business.
#[derive(Debug, Default)]
pub struct Json {
    out: String,
    open: bool,
}

impl Json {
    /// Opens `{` or `[`.
    pub fn begin(&mut self, bracket: char) {
        self.comma();
        self.out.push(bracket);
        self.open = false;
    }

    /// Closes with `}` or `]`.
    pub fn end(&mut self, bracket: char) {
        self.out.push(bracket);
        self.open = true;
    }

    /// The name of the next value.
    pub fn key(&mut self, name: &str) {
        self.text(name);
        self.out.push(':');
        self.open = false;
    }

    /// A string.
    pub fn text(&mut self, text: &str) {
        self.comma();
        self.out.push('"');
        for c in text.chars() {
            if c < ' ' {
                self.out.push_str("\\u00");
                self.out.push(hex_digit(c as u64 >> 4));
                self.out.push(hex_digit(c as u64));
                continue;
            }
            if c == '"' || c == '\\' {
                self.out.push('\\');
            }
            self.out.push(c);
        }
        self.out.push('"');
        self.open = true;
    }

    /// A whole number.
    pub fn number(&mut self, value: u64) {
        self.comma();
        push_number(&mut self.out, value, 1);
        self.open = true;
    }

    /// `true`, `false` or `null`, as given.
    pub fn word(&mut self, word: &str) {
        self.comma();
        self.out.push_str(word);
        self.open = true;
    }

    /// Finished JSON of another writer.
    pub fn raw(&mut self, json: &str) {
        self.word(json);
    }

    /// A key and a string.
    pub fn pair(&mut self, name: &str, text: &str) {
        self.key(name);
        self.text(text);
    }

    /// A key and a whole number.
    pub fn count(&mut self, name: &str, value: u64) {
        self.key(name);
        self.number(value);
    }

    /// The JSON written so far.
    #[must_use]
    pub fn finish(self) -> String {
        self.out
    }

    fn comma(&mut self) {
        if self.open {
            self.out.push(',');
        }
        self.open = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_commas_and_escapes_are_placed() {
        let mut json = Json::default();
        json.begin('{');
        json.pair("a\"", "\n\\");
        json.key("b");
        json.begin('[');
        json.number(1);
        json.word("null");
        json.end(']');
        json.end('}');
        assert_eq!(json.finish(), r#"{"a\"":"\u000a\\","b":[1,null]}"#);
    }
}
