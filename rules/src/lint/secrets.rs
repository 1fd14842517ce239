//! Secrets in a file that everybody can read: a plan is loaded by every
//! browser. Never keeps a secret itself: the sentence names the field and
//! repeats only what the page would show anyway.

use std::collections::BTreeSet;

use jsonc_parser::ast::{Object, StringLit, Value};
use jsonc_parser::common::Ranged;

use super::{Lint, field};
use crate::notes::quote;

/// How keys of well-known services begin.
const KEYS: &[&str] = &[
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "whsec_",
    "AKIA",
    "AIza",
    "ghp_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "EAAC",
    "SG.",
    "eyJ",
    "-----BEGIN",
];
/// Characters of the shortest key: an AWS id.
const KEY_CHARS: usize = 20;
/// Parameters of a link that open a door.
const DOORS: &[&str] = &[
    "token",
    "access_token",
    "auth",
    "api_key",
    "apikey",
    "secret",
    "password",
    "passwd",
    "pwd",
    "signature",
    "session",
    "sid",
];
/// Parameters of a link that carry a coupon.
const VOUCHERS: &[&str] = &[
    "coupon",
    "coupon_code",
    "code",
    "promo",
    "promo_code",
    "promocode",
    "voucher",
    "discount",
    "discount_code",
];
/// Words beside which a word in capitals is a code.
const CONTEXT: &[&str] = &["code", "coupon", "voucher", "promo", "쿠폰", "코드", "할인권", "상품권"];
/// Letters and digits of a code.
const CODE_CHARS: core::ops::RangeInclusive<usize> = 4..=32;
/// Letters in front of the digits of a code that stands without context, as in
/// `WELCOME10`: `RTX4090` and `PS5` are products.
const STEM_LETTERS: usize = 4;

impl Lint<'_, '_> {
    /// Notes coupon codes that are not declared public, and keys.
    pub(super) fn secrets(&mut self) {
        let public: BTreeSet<&str> = match field(self.root, "coupons") {
            Some(Value::Array(list)) => {
                list.elements.iter().filter_map(|code| Some(code.as_string_lit()?.value.as_ref())).collect()
            }
            _ => BTreeSet::new(),
        };
        let mut shown = BTreeSet::new();
        for (object, _) in self.campaigns() {
            let Some(Value::Array(list)) = field(object, "messages") else { continue };
            for message in list.elements.iter().filter_map(Value::as_object) {
                self.message(message, &public, &mut shown);
            }
        }
        self.root.properties.iter().for_each(|property| self.keys(&property.value));
        self.unused_coupons(&shown);
    }

    fn message(&mut self, message: &Object, public: &BTreeSet<&str>, shown: &mut BTreeSet<String>) {
        let cta = field(message, "cta").and_then(Value::as_object);
        let button = cta.and_then(|cta| field(cta, "text"));
        let texts = [field(message, "title"), field(message, "body"), button];
        for literal in texts.into_iter().flatten().flat_map(literals) {
            for code in words(&literal.value).filter(|word| public.contains(word)) {
                shown.insert(code.into());
            }
            for code in codes(&literal.value).filter(|code| !public.contains(code)) {
                self.undeclared(literal, code);
            }
        }
        for literal in cta.and_then(|cta| field(cta, "href")).into_iter().flat_map(literals) {
            self.link(literal, public, shown);
        }
    }

    fn link(&mut self, literal: &StringLit, public: &BTreeSet<&str>, shown: &mut BTreeSet<String>) {
        let link = literal.value.split('#').next().unwrap_or_default();
        let Some((_, query)) = link.split_once('?') else { return };
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            let folded = name.to_ascii_lowercase();
            if value.is_empty() {
                continue;
            }
            if DOORS.contains(&folded.as_str()) {
                let said = say!(
                    en: "this link gives everybody the value of {name}, since everybody can read a plan; if it opens anything, take it out",
                    ko: "플랜은 누구나 읽을 수 있어 이 링크의 {name} 값이 모두에게 알려집니다. 무언가를 여는 값이면 빼세요",
                    name = quote(name),
                );
                self.notes.warn(literal.start(), "secret", said);
            } else if public.contains(value) {
                shown.insert(value.into());
            } else if VOUCHERS.contains(&folded.as_str()) {
                self.undeclared(literal, value);
            }
        }
    }

    fn undeclared(&mut self, literal: &StringLit, code: &str) {
        let said = say!(
            en: "{code} looks like a coupon code, and everybody can read a plan; if everybody may use it, list it under `coupons`",
            ko: "{code:은<} 쿠폰 코드로 보이는데, 플랜은 누구나 읽을 수 있습니다. 누구나 써도 되는 코드라면 `coupons`에 적으세요",
            code = quote(code),
        );
        self.notes.warn(literal.start(), "secret", said);
    }

    /// Keys of services, wherever they stand.
    fn keys(&mut self, value: &Value) {
        match value {
            Value::Object(object) => object.properties.iter().for_each(|property| self.keys(&property.value)),
            Value::Array(list) => list.elements.iter().for_each(|entry| self.keys(entry)),
            Value::StringLit(literal) if has_key(&literal.value) => {
                let said = say!(
                    en: "this text holds what looks like a service's key, and everybody can read a plan; take it out and have the key replaced",
                    ko: "이 글에 서비스 키로 보이는 값이 있습니다. 플랜은 누구나 읽을 수 있으니 값을 빼고 키를 새로 발급받으세요",
                );
                self.notes.warn(literal.start(), "secret", said);
            }
            _ => {}
        }
    }

    fn unused_coupons(&mut self, shown: &BTreeSet<String>) {
        let Some(Value::Array(list)) =
            field(self.root, "coupons").filter(|_| !self.plan.campaigns.is_empty())
        else {
            return;
        };
        for code in list.elements.iter().filter_map(Value::as_string_lit) {
            if !shown.contains(code.value.as_ref()) {
                let said = say!(
                    en: "coupon {code} stands in no message, so the file tells it to everybody for nothing",
                    ko: "쿠폰 {code:은<} 어느 메시지에도 없어 까닭 없이 모두에게 알려집니다",
                    code = quote(&code.value),
                );
                self.notes.warn(code.range.start, "unused_name", said);
            }
        }
    }
}

/// A text, or each of an object's, one a language.
fn literals<'t, 'a>(value: &'t Value<'a>) -> Vec<&'t StringLit<'a>> {
    match value {
        Value::Object(object) => object.properties.iter().filter_map(|p| p.value.as_string_lit()).collect(),
        other => other.as_string_lit().into_iter().collect(),
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-')).filter(|word| !word.is_empty())
}

/// The words of a text that look like coupon codes.
fn codes(text: &str) -> impl Iterator<Item = &str> {
    let surroundings = Surroundings::of(text);
    words(text).filter(move |word| surroundings.have_code(word))
}

/// The text in which a word stands.
struct Surroundings {
    /// Whether it speaks of codes.
    is_about_codes: bool,
    /// Whether it shouts, so that capitals say nothing.
    shouts: bool,
}

impl Surroundings {
    fn of(text: &str) -> Surroundings {
        let folded = text.to_lowercase();
        Surroundings {
            is_about_codes: CONTEXT.iter().any(|word| folded.contains(word)),
            shouts: !text.contains(|c: char| c.is_ascii_lowercase())
                && words(text).filter(|word| word.chars().any(|c| c.is_ascii_uppercase())).count() > 2,
        }
    }

    /// Whether a word in them looks like a code.
    fn have_code(&self, word: &str) -> bool {
        let upper = word.bytes().filter(u8::is_ascii_uppercase).count();
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        let is_capital =
            CODE_CHARS.contains(&word.len()) && upper > 0 && !word.bytes().any(|b| b.is_ascii_lowercase());
        let stem = word.trim_end_matches(|c: char| c.is_ascii_digit());
        let is_stem = stem.len() >= STEM_LETTERS && stem.bytes().all(|byte| byte.is_ascii_uppercase());
        match (is_capital, digits > 0) {
            (true, true) => (is_stem && stem.len() + digits == word.len()) || self.is_about_codes,
            (true, false) => self.is_about_codes && !self.shouts,
            (false, _) => false,
        }
    }
}

fn has_key(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    text.split(|c: char| !is_part(c)).chain([text]).any(|word| {
        word.len() >= KEY_CHARS
            && KEYS.iter().any(|key| word.starts_with(key))
            && (word.bytes().any(|byte| byte.is_ascii_digit()) || word.starts_with("-----BEGIN"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_seen_and_products_are_not() {
        for (text, want) in [
            ("Use WELCOME10 at checkout", vec!["WELCOME10"]),
            ("쿠폰 코드 SPRING을 넣으세요", vec!["SPRING"]),
            ("Your code: XK7-99Q", vec!["XK7-99Q"]),
            ("RTX4090 and PS5 are back, from USD 499", vec![]),
            ("NEW IN: LEATHER BELTS", vec![]),
            ("USE YOUR COUPON TODAY", vec![]),
            ("갤럭시 S24 사전예약 오픈", vec![]),
            ("Free delivery by DHL", vec![]),
        ] {
            assert_eq!(codes(text).collect::<Vec<_>>(), want, "{text}");
        }
    }

    #[test]
    fn keys_of_services_are_seen() {
        let key = ["sk_live", "_51H8aBcDeFgHiJkLmNoP"].concat();
        assert!(has_key(&format!("Bearer {key}")));
        assert!(!has_key("eyJ is how a token begins"));
        assert!(!has_key("SG.Singapore.and.the.rest"));
    }
}
