//! Deeds that are missing or too many. Never guesses: what is forgotten is said
//! to be unknown.

use alloc::string::String;

use crate::facts::Facts;
use crate::pattern::{self, Did, Sequence};
use crate::text::{decimal, join};
use crate::truth::Truth;

use super::Sentence;
use super::parts::{counted, deed, span, times};

pub(super) fn did(words: &mut Sentence, wanted: &Did, negated: bool, facts: &Facts) {
    let (name, filters) = deed(wanted.kind, facts);
    let (low, high) = pattern::times(wanted.kind, wanted.span.since(facts), facts);
    let (english_span, korean_span) = span(wanted.span);
    words.say(&[&name, &filters[0], " happened "], &[&name, &filters[1], ": ", &korean_span, " "]);
    if low == high {
        let times = times(low);
        words.say(&[&times, &english_span], &[&decimal(low.into()), "번"]);
    } else if high == u32::MAX {
        words.say(
            &["at least ", &times(low), &english_span, ", the rest is forgotten and so unknown"],
            &[&decimal(low.into()), "번 이상(그 전은 잊혀서 알 수 없음)"],
        );
    } else {
        words.say(
            &[
                &decimal(low.into()),
                " to ",
                &times(high),
                &english_span,
                ", the rest is forgotten and so unknown",
            ],
            &[&decimal(low.into()), "~", &decimal(high.into()), "번(일부는 잊혀서 알 수 없음)"],
        );
    }
    let (least, most) = (wanted.at_least, wanted.at_most);
    let lower = decimal(least.into());
    let upper = decimal(most.into());
    match (negated, least, most) {
        (true, 0 | 1, u32::MAX) => words.say(&[", and must not have happened"], &[", 없어야 함"]),
        (true, _, u32::MAX) => words.say(&[", needs fewer than ", &lower], &[", ", &lower, "번 미만 필요"]),
        (true, ..) => words
            .say(&[", must not be ", &lower, " to ", &upper], &[", ", &lower, "~", &upper, "번이면 안 됨"]),
        (false, _, u32::MAX) => {
            words.say(&[", needs at least ", &lower], &[", ", &lower, "번 이상 필요"]);
            let more = least.saturating_sub(high);
            if more > 0 {
                words.say(
                    &[" — ", &counted(&decimal(more.into())), " more"],
                    &[" — ", &decimal(more.into()), "번 더"],
                );
            }
        }
        (false, 0, _) => words.say(&[", needs at most ", &upper], &[", ", &upper, "번 이하 필요"]),
        (false, ..) => {
            words.say(&[", needs ", &lower, " to ", &upper], &[", ", &lower, "~", &upper, "번 필요"])
        }
    }
}

pub(super) fn sequence(
    words: &mut Sentence,
    wanted: &Sequence,
    (negated, truth): (bool, Truth),
    facts: &Facts,
) {
    let name = if wanted.only { "`$path`" } else { "`$sequence`" };
    let is_known = truth != Truth::Unknown;
    if negated && is_known {
        return words.say(
            &[name, " was gone through, and must not have been"],
            &[name, ": 이미 지나갔음, 없어야 함"],
        );
    }
    if !is_known {
        return words.say(
            &[name, " is unknown: deeds that could decide it are forgotten, and what is unknown is not met"],
            &[name, ": 판단할 기록이 잊혀서 알 수 없고, 알 수 없는 조건은 맞지 않은 것으로 봄"],
        );
    }
    let total = decimal(wanted.steps.len() as u64);
    let done = (1..=wanted.steps.len()).rev().find(|done| {
        let mut begun = wanted.clone();
        begun.steps.truncate(*done);
        let mut facts = Facts { wake: None, ..*facts };
        pattern::sequence(&begun, &mut facts) == Truth::True
    });
    let done = done.unwrap_or_default();
    let got = decimal(done as u64);
    words.say(
        &[name, " has got through ", &got, " of ", &total, " steps"],
        &[name, ": ", &total, "단계 중 ", &got, "단계까지 함"],
    );
    if let Some(next) = wanted.steps.get(done) {
        let ((deed, filters), times) = (deed(next.kind, facts), decimal(next.times.into()));
        let (english, korean) = if next.times > 1 {
            (join(&[", ", &times, " times"]), join(&[" ", &times, "번"]))
        } else {
            (String::new(), String::new())
        };
        words.say(
            &["; the next is ", &deed, &filters[0], &english],
            &[". 다음: ", &deed, &filters[1], &korean],
        );
    }
}
