//! Text in and out: escaping, JSON, comparison. Never uses `core::fmt`, whose
//! number formatting alone would cost a page several kilobytes.

use alloc::string::String;
use alloc::vec::Vec;

/// Appends `value` in decimal, padded with zeros to at least `width` digits.
pub fn push_number(out: &mut String, value: u64, width: usize) {
    let mut digits: Vec<u8> = Vec::new();
    let mut rest = value;
    loop {
        digits.push(b'0' + (rest % 10) as u8);
        rest /= 10;
        if rest == 0 && digits.len() >= width {
            break;
        }
    }
    out.extend(digits.iter().rev().map(|&digit| char::from(digit)));
}

/// Appends `value` in decimal; for sums of squared money, which pass 2^64.
pub fn push_wide(out: &mut String, value: u128) {
    const CHUNK: u128 = 10_000_000_000_000_000_000;
    if value >= CHUNK {
        push_wide(out, value / CHUNK);
        push_number(out, (value % CHUNK) as u64, 19);
    } else {
        push_number(out, value as u64, 1);
    }
}

/// `value` as 16 hexadecimal digits.
#[must_use]
pub fn hex64(value: u64) -> String {
    (0..16).rev().filter_map(|place| char::from_digit((value >> (place * 4)) as u32 & 15, 16)).collect()
}

/// Appends `text` with everything escaped that could leave an HTML text node
/// or a double- or single-quoted attribute.
pub fn push_html(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '`' => out.push_str("&#96;"),
            '\0' => {}
            _ => out.push(c),
        }
    }
}

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
            match c {
                '"' | '\\' => {
                    self.out.push('\\');
                    self.out.push(c);
                }
                c if (c as u32) < 0x20 => {
                    self.out.push_str("\\u00");
                    self.out.extend(
                        [c as u32 >> 4, c as u32 & 15].into_iter().filter_map(|n| char::from_digit(n, 16)),
                    );
                }
                c => self.out.push(c),
            }
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

/// At most `limit` bytes of `text`, cut between characters.
#[must_use]
pub fn clip(text: &str, limit: usize) -> &str {
    let mut end = limit.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// Lower case for comparison: ASCII only, so that no locale and no Unicode
/// table is needed and every runtime agrees.
#[must_use]
pub fn fold(text: &str) -> String {
    text.trim().chars().map(|c| c.to_ascii_lowercase()).collect()
}

/// The capital of a Latin, Greek or Cyrillic letter, by the distance between
/// the two in Unicode's blocks. Its full tables would cost a page ten
/// kilobytes for letters that have no capital or several.
#[must_use]
pub fn upper(c: char) -> char {
    let down = |by: u32| char::from_u32(c as u32 - by).unwrap_or(c);
    match c {
        'a'..='z' | 'à'..='ö' | 'ø'..='þ' | 'α'..='ρ' | 'σ'..='ω' | 'а'..='я' => down(0x20),
        'ѐ'..='џ' => down(0x50),
        'ā'..='į' | 'ŋ'..='ŷ' if !(c as u32).is_multiple_of(2) => down(1),
        _ => c,
    }
}

/// The small letter of a capital that [`upper`] gives.
#[must_use]
pub fn lower(c: char) -> char {
    let up = |by: u32| char::from_u32(c as u32 + by).unwrap_or(c);
    match c {
        'A'..='Z' | 'À'..='Ö' | 'Ø'..='Þ' | 'Α'..='Ρ' | 'Σ'..='Ω' | 'А'..='Я' => up(0x20),
        'Ѐ'..='Џ' => up(0x50),
        'Ā'..='Į' | 'Ŋ'..='Ŷ' if (c as u32).is_multiple_of(2) => up(1),
        _ => c,
    }
}

/// Whether a link leads to a page and nowhere else: `https:`, `http:`, or
/// relative to the site. No `javascript:`, no `//host`, no control characters.
#[must_use]
pub fn is_safe_link(href: &str) -> bool {
    let absolute = href.starts_with("https://") || href.starts_with("http://");
    let relative = (href.starts_with('/') && !href.starts_with("//") && !href.starts_with("/\\"))
        || href.starts_with('#')
        || href.starts_with('?');
    (absolute || relative) && !href.chars().any(|c| c.is_control() || c == '\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_numbers_are_exact() {
        for value in [0, 9, 10_u128.pow(19) - 1, 10_u128.pow(19), u128::MAX] {
            let mut out = String::new();
            push_wide(&mut out, value);
            assert_eq!(out, alloc::format!("{value}"));
        }
    }

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

    #[test]
    fn capitals_agree_with_unicode_where_they_are_given() {
        for c in ('a'..='џ').filter(|c| upper(*c) != *c) {
            assert_eq!(Some(upper(c)), c.to_uppercase().next(), "{c}");
            assert_eq!(lower(upper(c)), c);
        }
        assert_eq!("straße größer".chars().map(upper).collect::<String>(), "STRAßE GRÖßER");
    }

    #[test]
    fn clip_never_splits_a_character() {
        assert_eq!(clip("신발", 4), "신");
        assert_eq!(clip("ab", 9), "ab");
    }

    #[test]
    fn only_links_to_pages_are_safe() {
        for good in ["/cart", "https://shop.example/a?b#c", "#top", "?q=1", "/"] {
            assert!(is_safe_link(good), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            "//evil.example",
            "/\\evil.example",
            "data:text/html,x",
            "",
            "java\nscript:x",
            " /x",
            "cart",
        ] {
            assert!(!is_safe_link(bad), "{bad}");
        }
    }
}
