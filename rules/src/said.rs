//! One sentence in every language of the house, by construction. Never decides
//! what is said: whoever finds a mistake says it in both languages at once.
//!
//! ```text
//! say!(
//!     en: "{what} lacks its {name}",
//!     ko: "{what}에 {name:이<} 없습니다",
//!     what, name = quote(name),
//! )
//! ```
//!
//! Both sentences must use every word that is handed in, or the compiler
//! refuses. A Korean particle stands where a format puts its fill, behind the
//! word: `{name:은<}` gives `경로는` and `캠페인은`. See `korean::particle`.

use std::borrow::Cow;
use std::fmt::{Display, Formatter, Result};

use crate::diagnostic::Language;
use crate::korean;

/// Characters of the marketer's own text that a sentence repeats.
pub(crate) const QUOTE_CHARS: usize = 60;

/// One sentence or phrase in every language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    /// In English.
    pub en: String,
    /// In Korean.
    pub ko: String,
}

impl Said {
    /// What is the same in every language: a name, a number.
    pub fn same(text: impl Into<String>) -> Said {
        let text = text.into();
        Said { ko: text.clone(), en: text }
    }
}

/// What can be said in a sentence of either language.
pub(crate) trait Speak {
    /// The words in a language.
    fn speak(&self, language: Language) -> Cow<'_, str>;
}

impl Speak for Said {
    fn speak(&self, language: Language) -> Cow<'_, str> {
        Cow::Borrowed(match language {
            Language::English => &self.en,
            Language::Korean => &self.ko,
        })
    }
}

impl Speak for str {
    fn speak(&self, _: Language) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }
}

impl Speak for String {
    fn speak(&self, _: Language) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }
}

impl<T: Speak + ?Sized> Speak for &T {
    fn speak(&self, language: Language) -> Cow<'_, str> {
        (**self).speak(language)
    }
}

macro_rules! speak_numbers {
    ($($number:ty),*) => { $(
        impl Speak for $number {
            fn speak(&self, _: Language) -> Cow<'_, str> {
                Cow::Owned(self.to_string())
            }
        }
    )* };
}

speak_numbers!(u16, u32, u64, usize, i64, f64);

/// A word in a Korean sentence: with a fill, its particle follows it.
pub(crate) struct Korean<'a>(pub Cow<'a, str>);

impl Display for Korean<'_> {
    fn fmt(&self, f: &mut Formatter) -> Result {
        f.write_str(&self.0)?;
        match f.fill() {
            ' ' => Ok(()),
            particle => f.write_str(korean::particle(particle, &self.0)),
        }
    }
}

/// The marketer's own text in backticks, cut and on one line.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::from("`");
    out.extend(text.chars().take(QUOTE_CHARS).map(|c| if c.is_control() { ' ' } else { c }));
    if text.chars().nth(QUOTE_CHARS).is_some() {
        out.push('…');
    }
    out.push('`');
    out
}

/// Says one thing in both languages; see the head of `said.rs`.
macro_rules! say {
    (en: $en:literal, ko: $ko:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {
        $crate::said::Said {
            en: format!($en $(, $name = $crate::said::Speak::speak(
                &say!(@ $name $(, $value)?), $crate::diagnostic::Language::English))*),
            ko: format!($ko $(, $name = $crate::said::Korean($crate::said::Speak::speak(
                &say!(@ $name $(, $value)?), $crate::diagnostic::Language::Korean)))*),
        }
    };
    (@ $name:ident) => { $name };
    (@ $name:ident, $value:expr) => { $value };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_said_in_each_language_with_its_particle() {
        let place = say!(en: "campaign {name}", ko: "캠페인 {name}", name = quote("a"));
        let said = say!(
            en: "{place} lacks {what}", ko: "{place}에 {what:이<} 없습니다",
            place, what = quote("slot"),
        );
        assert_eq!(said.en, "campaign `a` lacks `slot`");
        assert_eq!(said.ko, "캠페인 `a`에 `slot`이 없습니다");
    }

    #[test]
    fn the_marketers_own_text_cannot_take_a_particle_s_place() {
        let said = say!(en: "{name}", ko: "{name:은<}", name = quote("{x:은<}을/를"));
        assert_eq!(said.ko, "`{x:은<}을/를`은");
    }
}
