//! Whether a campaign that lets in more visitors had better not. Never stops
//! anything: a marketer does.

use crate::interval::Estimate;
use crate::judge::{Against, Judged, Verdict};
use crate::words::Words;

/// Why a campaign should not grow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Harm {
    /// Visitors did not come as drawn: nobody knows what it does.
    Mismatch,
    /// This message does worse than showing nothing.
    Nothing(usize),
    /// This message does worse than the baseline.
    Baseline(usize),
}

/// The first reason, if any. Harm is what lies outside of an interval that holds at
/// every look: in at most 5 of 100 harmless campaigns it is ever said of each
/// of the two comparisons. Money decides where the campaign is for money.
#[must_use]
pub fn harm(judged: &Judged, by_revenue: bool) -> Option<Harm> {
    if matches!(judged.verdict, Verdict::Mismatch(_)) {
        return Some(Harm::Mismatch);
    }
    let is_below = |end: &Estimate| end.high < 0.0;
    let is_worse = |against: &Option<Against>| {
        against.as_ref().is_some_and(|against| match by_revenue {
            true => against.revenue.as_ref().is_some_and(is_below),
            false => is_below(&against.lift),
        })
    };
    let nothing = judged.arms.iter().position(|arm| is_worse(&arm.to_holdout));
    let baseline = || judged.arms.iter().position(|arm| is_worse(&arm.to_baseline));
    nothing.map(Harm::Nothing).or_else(|| baseline().map(Harm::Baseline))
}

/// The reason as a sentence to a marketer whose campaign still grows; `message`
/// names a message by its index.
#[must_use]
pub fn words<'m>(harm: &Harm, message: impl Fn(usize) -> &'m str) -> Words {
    let (en, ko) = match harm {
        Harm::Mismatch => (
            "visitors do not come as drawn, so nobody can say what this does".to_owned(),
            "방문자가 확률대로 오지 않아 효과를 알 수 없습니다".to_owned(),
        ),
        Harm::Nothing(at) => {
            let name = message(*at);
            (
                format!("`{name}` does worse than showing nothing"),
                format!("`{name}`의 성과가 아무것도 보이지 않을 때보다 나쁩니다"),
            )
        }
        Harm::Baseline(at) => {
            let name = message(*at);
            (
                format!("`{name}` does worse than the baseline"),
                format!("`{name}`의 성과가 기준 메시지보다 나쁩니다"),
            )
        }
    };
    Words {
        en: format!("this had better not grow: {en}; mend or end it before more visitors come"),
        ko: format!("늘리지 않는 편이 낫습니다: {ko}. 방문자가 더 오기 전에 고치거나 끝내세요"),
    }
}
