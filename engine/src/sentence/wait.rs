//! What only has to be waited for: a trigger, a schedule, a ramp, a cap. Never
//! promises a moment that an event could change without saying so.

use alloc::string::String;

use crate::arm::Showings;
use crate::bandit;
use crate::facts::Facts;
use crate::pace::{self, Stop};
use crate::plan::{Campaign, Limits};
use crate::sign::Sign;
use crate::text::{decimal, join, push_number};
use crate::time::Millis;
use crate::trigger::{Cause, Fired, Trigger};

use super::Sentence;
use super::parts::{clock, deed, duration, times};

/// Looks ahead for a schedule's next opening: two years of two windows a day.
const OPENING_LOOKS: usize = 3_000;

pub(super) fn trigger(words: &mut Sentence, trigger: Option<&Trigger>, fired: Fired, facts: &Facts) {
    let Some(trigger) = trigger else { return };
    let waits = match trigger.cause {
        Cause::Deed(after, without) => {
            let ((after_name, after_filters), ended) =
                (deed(after, facts), without.map(|kind| deed(kind, facts)));
            if let Fired::At(due) = fired {
                let (english, korean) = duration(due.since(facts.moment.now));
                words.say(&["the trigger goes off in ", &english], &["트리거: ", &korean, " 뒤에 작동"]);
                if let Some((name, filters)) = ended {
                    words.say(
                        &[", unless ", &name, &filters[0], " comes first"],
                        &[" (그 전에 ", &name, &filters[1], " 없을 때만)"],
                    );
                }
                return;
            }
            let has_begun = facts.profile.ring.iter().any(|known| known.is(after));
            if let (true, Some((name, filters))) = (has_begun, ended) {
                return words.say(
                    &[
                        "the trigger waited after ",
                        &after_name,
                        &after_filters[0],
                        ", but ",
                        &name,
                        &filters[0],
                        " followed; it starts again with the next ",
                        &after_name,
                    ],
                    &[
                        "트리거: ",
                        &after_name,
                        &after_filters[1],
                        " 뒤에 ",
                        &name,
                        &filters[1],
                        " 발생함. 다음 ",
                        &after_name,
                        "부터 다시 기다림",
                    ],
                );
            }
            (join(&[&after_name, &after_filters[0]]), join(&[&after_name, &after_filters[1]]))
        }
        Cause::Sign(sign, amount) => {
            if let Fired::At(due) = fired {
                let (english, korean) = duration(due.since(facts.moment.now));
                return words
                    .say(&["the trigger goes off in ", &english], &["트리거: ", &korean, " 뒤에 작동"]);
            }
            let amount = decimal(amount.into());
            match sign {
                Sign::Scroll => (
                    join(&["a scroll to ", &amount, " % of the page"]),
                    join(&["페이지 ", &amount, "% 스크롤"]),
                ),
                Sign::Dwell => {
                    (join(&[&amount, " seconds on the page"]), join(&["페이지에 ", &amount, "초 머무름"]))
                }
                Sign::Idle => {
                    (join(&[&amount, " seconds without a touch"]), join(&[&amount, "초 동안 조작 없음"]))
                }
                Sign::Exit => ("a sign of leaving".into(), "떠나려는 움직임".into()),
            }
        }
    };
    words.say(&["the trigger waits for ", &waits.0], &["트리거: ", &waits.1, " 기다리는 중"]);
}

pub(super) fn schedule(words: &mut Sentence, campaign: &Campaign, facts: &Facts) {
    let mut page = facts.moment.clone();
    for _ in 0..OPENING_LOOKS {
        let next = {
            let mut facts = Facts { moment: &page, wake: None, ..*facts };
            if pace::on_schedule(&campaign.schedule, &mut facts) {
                let clock = clock(page.now, &facts);
                return words.say(
                    &["the schedule is closed; it opens on ", &clock, ", by the site's clock"],
                    &["일정이 닫혀 있음 — 사이트 시각 ", &clock, "에 열림"],
                );
            }
            facts.wake
        };
        let Some(next) = next else { break };
        page.now = next;
    }
    words.say(&["the schedule is over"], &["일정이 끝났음"]);
}

pub(super) fn ramp(words: &mut Sentence, campaign: &Campaign, facts: &Facts) {
    let Some(([share, place], turn)) = ramped(campaign, facts) else { return };
    words.say(
        &["the campaign ramps up and is open to ", &share, " of visitors now; this one stands at ", &place],
        &[
            "캠페인을 차츰 늘려 가는 중으로 지금은 방문자의 ",
            &share,
            "에게 열려 있고, 이 방문자의 자리는 ",
            &place,
        ],
    );
    let Some(turn) = turn else {
        return words.say(&[", behind the end of the ramp"], &["(끝까지 늘려도 닿지 않음)"]);
    };
    let clock = clock(turn, facts);
    words.say(&[" and gets a turn on ", &clock], &[", ", &clock, "부터 차례임"]);
}

/// The share of visitors that a ramp is open to now, and this visitor's place
/// in it, both in per cent; and when their turn comes, if ever.
#[must_use]
pub fn ramped(campaign: &Campaign, facts: &Facts) -> Option<([String; 2], Option<Millis>)> {
    let (ramp, place) = (campaign.ramp?, bandit::turn(facts.profile.seed, &campaign.id));
    Some(([ramp.share(facts.moment.now), place].map(per_cent), ramp.turn(place)))
}

/// A number of 10,000 in per cent, as exactly as it is known.
fn per_cent(places: u64) -> String {
    let mut out = decimal(places / 100);
    if !places.is_multiple_of(100) {
        out.push('.');
        push_number(&mut out, places % 100, 2);
    }
    out.push_str(" %");
    out
}

pub(super) fn cap(words: &mut Sentence, stop: Stop, (limits, seen): (&Limits, &Showings), facts: &Facts) {
    let profile = facts.profile;
    let today = facts.terms.zone.day(facts.moment.now);
    let counted = |shown: u32, limit: u32| (times(shown), decimal(shown.into()), decimal(limit.into()));
    let (shown, limit, english, korean) = match stop {
        Stop::PerVisit => (seen.in_visit(profile.visits), limits.per_visit, "in this visit", "이번 방문에"),
        Stop::PerDay => (seen.on_day(today), limits.per_day, "today", "오늘"),
        Stop::PerWeek => (seen.in_week(today), limits.per_week, "in seven days", "7일 동안"),
        Stop::Ever => (seen.ever, limits.ever, "so far", "지금까지"),
        Stop::CoolDown => {
            words.say(&["`coolDown`: it was shown not long ago"], &["`coolDown`: 얼마 전에 보였음"]);
            return again(words, pace::ends(stop, limits, seen, facts), facts);
        }
        Stop::Clicked => {
            return words.say(&["it was clicked, and stops for good"], &["이미 클릭해서 더 보이지 않음"]);
        }
        Stop::Dismissed => return words.say(&["it was dismissed"], &["닫아서 더 보이지 않음"]),
        Stop::Converted => {
            return words
                .say(&["its goal was reached, and it stops for good"], &["목표를 이루어서 더 보이지 않음"]);
        }
        Stop::Quiet => {
            return words.say(&["the page told the edge to keep quiet"], &["페이지가 엣지에 쉬라고 알림"]);
        }
    };
    let (shown_times, shown, limit) = counted(shown, limit);
    words.say(
        &["`", stop.word(), "`: shown ", &shown_times, " ", english, ", at most ", &limit],
        &["`", stop.word(), "`: ", korean, " ", &shown, "번 보임, 최대 ", &limit, "번"],
    );
    match stop {
        Stop::PerVisit => words.say(&[" — again in the next visit"], &[" — 다음 방문에 다시"]),
        Stop::Ever => words.say(&[" — never again"], &[" — 다시 보이지 않음"]),
        _ => again(words, pace::ends(stop, limits, seen, facts), facts),
    }
}

fn again(words: &mut Sentence, at: Option<Millis>, facts: &Facts) {
    if let Some(at) = at {
        let clock = clock(at, facts);
        words.say(&[" — again from ", &clock], &[" — ", &clock, "부터 다시"]);
    }
}
