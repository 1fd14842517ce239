//! The parts of a sentence that recur: deeds, spans, moments, numbers. Never
//! knows what they are said of.

use alloc::string::String;

use crate::automaton::Pattern;
use crate::event;
use crate::facts::Facts;
use crate::hash::name32;
use crate::kind::Filter;
use crate::pattern::Span;
use crate::sign::Sign;
use crate::text::{decimal, join, push_number, whole};
use crate::time::{DAY, HOUR, MINUTE, Millis, date};
use crate::value::Value;

/// GA4's event names that rules ask for, since a plan knows them by hash only.
const EVENTS: &str = "page_view view_item view_item_list select_item add_to_cart remove_from_cart view_cart \
    add_to_wishlist begin_checkout add_shipping_info add_payment_info purchase refund view_promotion select_promotion \
    search view_search_results select_content share login sign_up generate_lead scroll click file_download form_start \
    form_submit video_start video_progress video_complete user_engagement shown clicked dismissed";

/// A deed in backticks, and what is asked of it besides its name.
pub(super) fn deed(kind: u16, facts: &Facts) -> (String, [String; 2]) {
    let hash = facts.terms.kinds.event(kind);
    let own = [Sign::Scroll, Sign::Dwell, Sign::Idle, Sign::Exit].map(|sign| sign.names()[0]);
    let known = EVENTS.split(' ').chain([event::SET]).chain(own).find(|name| name32(name) == hash);
    let name = known.map_or_else(|| "the shop's own event".into(), |name| join(&["`", name, "`"]));
    let filters = facts.terms.kinds.get(kind).map_or(&[] as &[Filter], |kind| &kind.filters);
    let asked = match filters {
        [] => Default::default(),
        [Filter::Page(pages)] => {
            let page = pages.first().map(Pattern::example).unwrap_or_default();
            [join(&[" on a page such as `", &page, "`"]), join(&[" (`", &page, "` 같은 페이지)"])]
        }
        _ => [" (with its filters)".into(), " (조건에 맞는)".into()],
    };
    (name, asked)
}

pub(super) fn span(span: Span) -> (String, String) {
    match span {
        Span::Ever => (String::new(), "지금까지".into()),
        Span::Visit => (" in this visit".into(), "이번 방문에".into()),
        Span::Last(length) => {
            let (english, korean) = duration(length);
            (join(&[" in the last ", &english]), join(&["최근 ", &korean, " 동안"]))
        }
    }
}

/// A span in its two largest units, rounded up to seconds.
pub(super) fn duration(millis: u64) -> (String, String) {
    let units =
        [(DAY, "day", "일"), (HOUR, "hour", "시간"), (MINUTE, "minute", "분"), (1000, "second", "초")];
    let (mut english, mut korean) = (String::new(), String::new());
    let mut rest = millis.div_ceil(1000) * 1000;
    let mut said = 0;
    for (length, short, long) in units {
        let count = rest / length;
        rest %= length;
        if said < 2 && (count > 0 || length == 1000 && said == 0) {
            let gap = if said > 0 { " " } else { "" };
            english.push_str(&join(&[gap, &decimal(count), " ", short, if count == 1 { "" } else { "s" }]));
            korean.push_str(&join(&[gap, &decimal(count), long]));
            said += 1;
        }
    }
    (english, korean)
}

/// A moment on the site's clock: `2026-12-01 09:00`.
pub(super) fn clock(at: Millis, facts: &Facts) -> String {
    let minute = u64::from(facts.terms.zone.minute_of_day(at));
    let mut out = date(facts.terms.zone.day(at));
    out.push(' ');
    push_number(&mut out, minute / 60, 2);
    out.push(':');
    push_number(&mut out, minute % 60, 2);
    out
}

/// A value; a text in backticks.
pub(super) fn quoted(value: &Value) -> String {
    match value {
        Value::Text(text) => join(&["`", text, "`"]),
        Value::List(_) => join(&["`", &value.show(), "`"]),
        other => other.show(),
    }
}

pub(super) fn times(count: u32) -> String {
    match count {
        1 => "once".into(),
        2 => "twice".into(),
        _ => join(&[&decimal(count.into()), " times"]),
    }
}

/// A version as people write it, of a text whose order is the versions'.
pub(super) fn version(ordered: &str) -> String {
    let mut out = String::new();
    for (at, part) in ordered.split('-').filter(|part| *part != "~").enumerate() {
        out.push_str(match at {
            0 => "",
            1 | 2 => ".",
            _ => "-",
        });
        out.push_str(part.trim());
    }
    out
}

/// A small number as a word.
pub(super) fn counted(number: &str) -> String {
    let words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    let at = whole(number).and_then(|number| number.checked_sub(1));
    at.and_then(|at| words.get(at as usize)).map_or_else(|| number.into(), |word| (*word).into())
}
