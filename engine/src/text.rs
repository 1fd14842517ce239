//! Text in and out: digits, escaping, comparison. Never uses `core::fmt`, whose
//! number formatting alone would cost a page several kilobytes.

use alloc::string::String;
use core::cmp::Ordering;

/// The parts as one text. One function for all, where `concat` and `join`
/// would be compiled anew for every kind of list.
#[must_use]
pub fn join(parts: &[&str]) -> String {
    let mut out = String::new();
    for part in parts {
        out.push_str(part);
    }
    out
}

/// The text before and behind the first `sign`, an ASCII character; `None`
/// without one. A search for one byte: the standard library's searchers of
/// characters and texts cost a page two kilobytes.
#[must_use]
pub fn cut(text: &str, sign: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == sign)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// The text up to the first `sign`, or all of it; what is behind stays in `rest`.
pub fn next_part<'a>(rest: &mut &'a str, sign: u8) -> &'a str {
    let (part, behind) = cut(rest, sign).unwrap_or((rest, ""));
    *rest = behind;
    part
}

/// Appends `value` in decimal, padded with zeros to at least `width` digits.
pub fn push_number(out: &mut String, value: u64, width: usize) {
    if value > 9 || width > 1 {
        push_number(out, value / 10, width.saturating_sub(1));
    }
    out.push(char::from(b'0' + (value % 10) as u8));
}

/// `value` in decimal.
#[must_use]
pub fn decimal(value: u64) -> String {
    let mut out = String::new();
    push_number(&mut out, value, 1);
    out
}

/// `value` in decimal, by long division of its 32-bit limbs: the compiler's own
/// division of 128 bits would cost a page a kilobyte for sums of squared money.
#[must_use]
pub fn wide(value: u128) -> String {
    const CHUNK: u64 = 1_000_000_000;
    let mut rest = 0;
    let mut quotient = 0;
    for limb in [(value >> 96) as u32, (value >> 64) as u32, (value >> 32) as u32, value as u32] {
        let limb = rest << 32 | u64::from(limb);
        quotient = quotient << 32 | u128::from(limb / CHUNK);
        rest = limb % CHUNK;
    }
    let mut out = if quotient > 0 { wide(quotient) } else { String::new() };
    let width = if quotient > 0 { 9 } else { 1 };
    push_number(&mut out, rest, width);
    out
}

/// The whole number that `text` writes in decimal digits and nothing else.
#[must_use]
pub fn whole(text: &str) -> Option<u64> {
    let mut value: u64 = 0;
    for byte in text.bytes() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value.checked_mul(10)?.checked_add(u64::from(digit))?;
    }
    (!text.is_empty()).then_some(value)
}

/// The hexadecimal digit of the lowest four bits.
#[must_use]
pub fn hex_digit(value: u64) -> char {
    char::from_digit(value as u32 & 15, 16).unwrap_or('0')
}

/// `value` as 16 hexadecimal digits.
#[must_use]
pub fn hex64(value: u64) -> String {
    let mut out = String::new();
    for place in (0..16).rev() {
        out.push(hex_digit(value >> (place * 4)));
    }
    out
}

/// Appends `text` with everything escaped that could leave an HTML text node
/// or a double- or single-quoted attribute.
pub fn push_html(out: &mut String, text: &str) {
    for c in text.chars() {
        let escaped = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\'' => "&#39;",
            '`' => "&#96;",
            '\0' => "",
            _ => {
                out.push(c);
                continue;
            }
        };
        out.push_str(escaped);
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
    text.trim().to_ascii_lowercase()
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

/// A text in the small letters that [`lower`] gives.
#[must_use]
pub fn lowered(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        out.push(lower(c));
    }
    out
}

/// The order of two texts by their UTF-16 units, which is JavaScript's: what
/// takes two units stands below U+E000 and what follows it.
#[must_use]
pub fn by_utf16(one: &str, other: &str) -> Ordering {
    let rank = |c: char| if ('\u{e000}'..='\u{ffff}').contains(&c) { u32::MAX } else { c as u32 };
    let mut others = other.chars();
    for a in one.chars() {
        let Some(b) = others.next() else { return Ordering::Greater };
        if a != b {
            return (rank(a), a).cmp(&(rank(b), b));
        }
    }
    if others.next().is_some() { Ordering::Less } else { Ordering::Equal }
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
    fn numbers_are_written_and_read_exactly() {
        for value in [0, 9, 10, 10_u64.pow(19), u64::MAX] {
            assert_eq!(decimal(value), alloc::format!("{value}"));
            assert_eq!(whole(&decimal(value)), Some(value));
        }
        for value in [0, 999_999_999, 1_000_000_000, 1_000_000_007 << 32, u128::MAX] {
            assert_eq!(wide(value), alloc::format!("{value}"));
        }
        for bad in ["", "-1", "+1", "1 ", "18446744073709551616"] {
            assert_eq!(whole(bad), None, "{bad}");
        }
        let mut padded = String::new();
        push_number(&mut padded, 7, 3);
        assert_eq!(padded, "007");
    }

    #[test]
    fn a_text_is_cut_at_a_sign_into_all_its_parts() {
        assert_eq!(cut("a=b=c", b'='), Some(("a", "b=c")));
        assert_eq!(cut("신발", b'='), None);
        let mut rest = "a&&b";
        let parts = [next_part(&mut rest, b'&'), next_part(&mut rest, b'&'), next_part(&mut rest, b'&')];
        assert_eq!((parts, rest), (["a", "", "b"], ""));
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
    fn texts_stand_in_javascripts_order() {
        let texts =
            ["", "a", "a\u{ff5e}", "ab", "\u{d7ff}", "😀", "😀a", "\u{10ffff}", "\u{e000}", "\u{ffff}"];
        for one in texts {
            for other in texts {
                assert_eq!(
                    by_utf16(one, other),
                    one.encode_utf16().cmp(other.encode_utf16()),
                    "{one} {other}"
                );
            }
        }
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
