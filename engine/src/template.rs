//! Texts with gaps: a subset of Liquid, compiled where the rules are uploaded.
//! Never loops, never includes, never emits anything unescaped.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::attribute::Attribute;
use crate::facts::Facts;
use crate::pack::{pack_enum, pack_struct};
use crate::text::{cut, decimal, lower, push_number, upper};
use crate::value::{Value, nearest};

/// A text in one or more languages; the first is the fallback.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Words {
    /// Language (`ko`, `en`; empty for "all") and text.
    pub languages: Vec<(String, Vec<Span>)>,
}

/// A stretch of a text.
#[derive(Debug, Clone, PartialEq)]
pub enum Span {
    /// As it stands.
    Text(String),
    /// `{{ attribute | filters }}`.
    Output(Attribute, Vec<Filter>),
}

/// What is done to a value before it is written.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// `upcase`.
    Upcase,
    /// `downcase`.
    Downcase,
    /// `capitalize`.
    Capitalize,
    /// `default: "…"`: in place of an absent or empty value.
    Default(String),
    /// `money`: in the site's currency.
    Money,
}

/// How amounts are written; compiled from the currency's name, so that every
/// runtime writes the same.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Currency {
    /// ISO 4217.
    pub code: String,
    /// Digits after the point: 0 for won, 2 for euro.
    pub digits: u8,
    /// Before the amount: `₩`, `$`; empty where it stands behind.
    pub before: String,
    /// Behind the amount: ` €`, `원`.
    pub after: String,
    /// Between thousands.
    pub group: String,
    /// Before the fraction.
    pub point: String,
}

impl Currency {
    /// An amount in minor units, as people write it.
    #[must_use]
    pub fn show(&self, minor: u64) -> String {
        let unit = 10u64.saturating_pow(self.digits.into());
        let digits = decimal(minor / unit);
        let mut out = self.before.clone();
        for (at, digit) in digits.bytes().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                out.push_str(&self.group);
            }
            out.push(char::from(digit));
        }
        if self.digits > 0 {
            out.push_str(&self.point);
            push_number(&mut out, minor % unit, self.digits.into());
        }
        out.push_str(&self.after);
        out
    }
}

impl Words {
    /// The text for a page's language.
    #[must_use]
    pub fn pick(&self, language: &str) -> &[Span] {
        pick(&self.languages, language).map_or(&[], Vec::as_slice)
    }

    /// Whether every gap's value can be known here; absent is known too.
    #[must_use]
    pub fn is_known(&self, facts: &Facts) -> bool {
        self.pick(&facts.moment.page.language).iter().all(|span| match span {
            Span::Text(_) => true,
            Span::Output(attribute, _) => attribute.read(facts).is_some(),
        })
    }

    /// The text with its gaps filled, not yet escaped.
    #[must_use]
    pub fn fill(&self, facts: &Facts, currency: &Currency) -> String {
        let mut out = String::new();
        for span in self.pick(&facts.moment.page.language) {
            match span {
                Span::Text(text) => out.push_str(text),
                Span::Output(attribute, filters) => {
                    let value = attribute.read(facts).unwrap_or(Value::Absent);
                    out.push_str(&apply(value, filters, currency));
                }
            }
        }
        out.trim().to_string()
    }
}

/// What belongs to a page's language: exact, then by primary language (`en-gb`
/// takes `en`), then the first.
#[must_use]
pub fn pick<'a, T>(list: &'a [(String, T)], language: &str) -> Option<&'a T> {
    let primary = cut(language, b'-').map_or(language, |(primary, _)| primary);
    let of = |want: &str| list.iter().find(|(known, _)| known == want);
    of(language).or_else(|| of(primary)).or_else(|| list.first()).map(|(_, thing)| thing)
}

fn apply(value: Value, filters: &[Filter], currency: &Currency) -> String {
    let mut text = value.show();
    for filter in filters {
        text = match filter {
            Filter::Upcase => with_case(&text, |_, c| upper(c)),
            Filter::Downcase => with_case(&text, |_, c| lower(c)),
            Filter::Capitalize => with_case(&text, |at, c| if at == 0 { upper(c) } else { c }),
            Filter::Default(instead) if text.is_empty() => instead.clone(),
            Filter::Default(_) => text,
            Filter::Money => match &value {
                Value::Number(amount) => {
                    let unit = 10u64.saturating_pow(currency.digits.into()) as f64;
                    currency.show(nearest(amount.max(0.0) * unit))
                }
                _ => text,
            },
        };
    }
    text
}

fn with_case(text: &str, change: fn(usize, char) -> char) -> String {
    let mut out = String::new();
    for c in text.chars() {
        out.push(change(out.len(), c));
    }
    out
}

pack_struct!(Words { languages });
pack_enum!(Span { 0 Text(text), 1 Output(attribute, filters) } else Span::Text(String::new()));
pack_enum!(Filter { 0 Upcase, 1 Downcase, 2 Capitalize, 3 Default(text), 4 Money } else Filter::Upcase);
pack_struct!(Currency { code, digits, before, after, group, point });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_as_in_their_country() {
        let won =
            Currency { code: "KRW".into(), before: "₩".into(), group: ",".into(), ..Currency::default() };
        assert_eq!(won.show(1_290_000), "₩1,290,000");
        let euro = Currency {
            digits: 2,
            after: " €".into(),
            group: ".".into(),
            point: ",".into(),
            ..Currency::default()
        };
        assert_eq!(euro.show(123_405), "1.234,05 €");
    }

    #[test]
    fn the_language_falls_back_to_the_first() {
        let words = Words {
            languages: alloc::vec![
                ("ko".into(), alloc::vec![Span::Text("가".into())]),
                ("en".into(), alloc::vec![])
            ],
        };
        assert_eq!(words.pick("en-gb"), &[]);
        assert_eq!(words.pick("fr").len(), 1);
    }
}
