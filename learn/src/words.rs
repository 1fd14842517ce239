//! A verdict in words, English and Korean. Never says more than the verdict.

use crate::forecast::{Days, Forecast};
use crate::judge::{EQUIVALENT, Verdict};

/// A sentence in both languages of the console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// English.
    pub en: String,
    /// Korean.
    pub ko: String,
}

/// The verdict's name, for programs.
#[must_use]
pub fn name(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Alone => "alone",
        Verdict::Mismatch(_) => "mismatch",
        Verdict::Nobody => "nobody",
        Verdict::Waiting(_) => "waiting",
        Verdict::Winner(_) => "winner",
        Verdict::Equivalent => "equivalent",
        Verdict::Open(_) => "open",
    }
}

/// The verdict as a sentence; `message` names a message by its index.
#[must_use]
pub fn words<'m>(verdict: &Verdict, message: impl Fn(usize) -> &'m str) -> Words {
    let (en, ko) = match verdict {
        Verdict::Alone => (
            "one message, so there is nothing to compare".to_owned(),
            "메시지가 하나라서 비교할 것이 없습니다".to_owned(),
        ),
        Verdict::Mismatch(alarm) => {
            let (name, seen, expected) = (message(alarm.arm), alarm.visitors, libm::round(alarm.expected));
            (
                format!(
                    "no comparison: `{name}` got {seen} visitors where its odds give {expected}; something loses a message's visitors"
                ),
                format!(
                    "비교할 수 없음: `{name}`의 방문자가 {seen}명인데 확률대로라면 {expected}명입니다. 어느 메시지의 방문자가 빠지고 있습니다"
                ),
            )
        }
        Verdict::Nobody => ("nobody has come yet".to_owned(), "아직 아무도 오지 않았습니다".to_owned()),
        Verdict::Waiting(days) => {
            let unit = if *days == 1 { "day" } else { "days" };
            (
                format!("too early: visitors can still convert; first comparison in {days} {unit}"),
                format!("아직 이릅니다: 방문자가 아직 전환할 수 있습니다. 첫 비교까지 {days}일"),
            )
        }
        Verdict::Winner(at) => (format!("winner: {}", message(*at)), format!("승자: {}", message(*at))),
        Verdict::Equivalent => {
            let part = libm::round(EQUIVALENT * 100.0);
            (format!("equivalent within {part} %"), format!("{part} % 이내로 같음"))
        }
        Verdict::Open(Forecast::Unclear) => (
            "no winner yet, and too early to say when".to_owned(),
            "아직 승자 없음, 언제 나올지는 아직 알 수 없음".to_owned(),
        ),
        Verdict::Open(Forecast::After(days)) => (
            format!("no winner yet, and hardly within {days} days; too early to say when"),
            format!("아직 승자 없음, {days}일 안에는 나오기 어렵고 언제 나올지는 아직 알 수 없음"),
        ),
        Verdict::Open(Forecast::Starved) => (
            "no winner yet; the aim `earn` seldom finds one, `learn` does".to_owned(),
            "아직 승자 없음. 목적 `earn`은 승자를 가리기 어렵고, `learn`이 가립니다".to_owned(),
        ),
        Verdict::Open(Forecast::Beyond) => (
            "no winner yet, and at this pace none within a year".to_owned(),
            "아직 승자 없음, 이대로라면 1년 안에는 나오지 않음".to_owned(),
        ),
        Verdict::Open(Forecast::Days(days)) => until(days),
    };
    Words { en, ko }
}

fn until(Days { about, low, high }: &Days) -> (String, String) {
    let unit = |days: u32| if days == 1 { "day" } else { "days" };
    match about {
        Some(about) if low < high => (
            format!("no winner yet, about {about} more {} (likely {low} to {high})", unit(*about)),
            format!("아직 승자 없음, 약 {about}일 더 (아마 {low}~{high}일)"),
        ),
        Some(about) => (
            format!("no winner yet, about {about} more {}", unit(*about)),
            format!("아직 승자 없음, 약 {about}일 더"),
        ),
        None if *low <= 1 => (
            format!("no winner yet, likely within {high} {}", unit(*high)),
            format!("아직 승자 없음, 아마 {high}일 안에"),
        ),
        None => (
            format!("no winner yet, likely in {low} to {high} days"),
            format!("아직 승자 없음, 아마 {low}~{high}일 뒤"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verdict_has_its_words() {
        let said = |verdict: Verdict| words(&verdict, |at| ["A", "B"][at]);
        assert_eq!(said(Verdict::Winner(1)).en, "winner: B");
        assert_eq!(said(Verdict::Winner(1)).ko, "승자: B");
        assert_eq!(said(Verdict::Nobody).en, "nobody has come yet");
        let open = |about, low, high| said(Verdict::Open(Forecast::Days(Days { about, low, high }))).en;
        assert_eq!(open(Some(9), 4, 24), "no winner yet, about 9 more days (likely 4 to 24)");
        assert_eq!(open(Some(1), 1, 1), "no winner yet, about 1 more day");
        assert_eq!(open(None, 4, 24), "no winner yet, likely in 4 to 24 days");
        assert_eq!(open(None, 1, 4), "no winner yet, likely within 4 days");
        assert_eq!(
            said(Verdict::Open(Forecast::After(12))).en,
            "no winner yet, and hardly within 12 days; too early to say when"
        );
        assert_eq!(said(Verdict::Open(Forecast::Unclear)).en, "no winner yet, and too early to say when");
        assert_eq!(
            said(Verdict::Open(Forecast::Beyond)).ko,
            "아직 승자 없음, 이대로라면 1년 안에는 나오지 않음"
        );
        assert_eq!(said(Verdict::Equivalent).en, "equivalent within 3 %");
        assert_eq!(
            said(Verdict::Waiting(1)).en,
            "too early: visitors can still convert; first comparison in 1 day"
        );
    }
}
