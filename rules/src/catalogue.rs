//! The site's own names: attributes that it sets, events that it sends, coupons
//! that everybody may know. Never reads where they are used.

use std::collections::BTreeSet;

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;
use vitrine_engine::attribute::{Attribute, NAMES};
use vitrine_engine::event::WORD_LIMIT;
use vitrine_engine::profile::ATTRIBUTE_LIMIT;

use crate::desk::Desk;
use crate::notes::{did_you_mean, quote};
use crate::read;
use crate::words;

/// Events of the site's own: far more than a shop has.
const EVENT_LIMIT: usize = 200;
/// Coupon codes: each stands in some message.
const COUPON_LIMIT: usize = 200;

impl Desk<'_> {
    /// The attributes that the file declares as the site's own.
    pub fn declare_attributes(&mut self, value: &Value) {
        let Some(list) = read::list(value, "`attributes`", &mut self.notes) else { return };
        if list.len() > ATTRIBUTE_LIMIT {
            let said = say!(
                en: "a device keeps {most} attributes of a site, not {count}",
                ko: "기기에 남는 사이트 속성은 {most}개까지인데 {count}개입니다",
                most = ATTRIBUTE_LIMIT, count = list.len(),
            );
            self.notes.error(value.start(), "limit", said);
        }
        for entry in list {
            let Some(text) = read::text(entry, say!(en: "an attribute", ko: "속성"), &mut self.notes)
            else {
                continue;
            };
            let name = text.value.as_ref();
            let is_own = matches!(Attribute::parse(name), Attribute::Custom(_));
            let odd = |c: char| c.is_whitespace() || c.is_control() || "\"'|:{}[]()".contains(c);
            if !is_own || NAMES.contains(&name) {
                let said = say!(
                    en: "{name} is known to every device and cannot be declared",
                    ko: "{name:은<} 모든 기기가 아는 속성이라 선언할 수 없습니다",
                    name = quote(name),
                );
                self.notes.error(entry.start(), "bad_id", said);
            } else if name.len() > WORD_LIMIT || name.contains(odd) || words::is_of_language(name) {
                let said = say!(
                    en: "{name} cannot be an attribute: its name has letters, digits, `.`, `-` and `_`, and at most {most} bytes",
                    ko: "{name:은<} 속성 이름으로 쓸 수 없습니다. 이름은 글자, 숫자, `.`, `-`, `_`로 {most}바이트까지입니다",
                    name = quote(name), most = WORD_LIMIT,
                );
                self.notes.error(entry.start(), "bad_id", said);
            } else if !self.declared.insert(name.into()) {
                let said = say!(
                    en: "the attribute {name} is declared twice", ko: "속성 {name:이<} 두 번 선언되었습니다",
                    name = quote(name),
                );
                self.notes.error(entry.start(), "duplicate_id", said);
            }
        }
    }

    /// The events that the file declares as the site's own.
    pub fn declare_events(&mut self, value: &Value) {
        let Some(list) = read::list(value, "`events`", &mut self.notes) else { return };
        if list.len() > EVENT_LIMIT {
            let said = say!(
                en: "a site may declare {most} events of its own, not {count}",
                ko: "사이트가 선언할 수 있는 이벤트는 {most}개까지인데 {count}개입니다",
                most = EVENT_LIMIT, count = list.len(),
            );
            self.notes.error(value.start(), "limit", said);
        }
        for entry in list {
            let Some(text) = read::text(entry, say!(en: "an event", ko: "이벤트"), &mut self.notes) else {
                continue;
            };
            let name = text.value.as_ref();
            if words::EVENTS.contains(&name) {
                let said = say!(
                    en: "{name} is an event of GA4's or the device's own and cannot be declared",
                    ko: "{name:은<} GA4나 기기의 이벤트라 선언할 수 없습니다",
                    name = quote(name),
                );
                self.notes.error(entry.start(), "bad_id", said);
            } else if name.len() > WORD_LIMIT || name.contains(|c: char| c.is_control()) {
                let said = say!(
                    en: "{name} cannot be an event: its name has at most {most} bytes and no line breaks",
                    ko: "{name:은<} 이벤트 이름으로 쓸 수 없습니다. 이름은 줄바꿈 없이 {most}바이트까지입니다",
                    name = quote(name), most = WORD_LIMIT,
                );
                self.notes.error(entry.start(), "bad_id", said);
            } else if !self.events.insert(name.into()) {
                let said = say!(
                    en: "the event {name} is declared twice", ko: "이벤트 {name:이<} 두 번 선언되었습니다",
                    name = quote(name),
                );
                self.notes.error(entry.start(), "duplicate_id", said);
            }
        }
    }

    /// The coupon codes that the file declares public; the linter looks for others.
    pub fn declare_coupons(&mut self, value: &Value) {
        let Some(list) = read::list(value, "`coupons`", &mut self.notes) else { return };
        if list.len() > COUPON_LIMIT {
            let said = say!(
                en: "a file may declare {most} coupons, not {count}",
                ko: "선언할 수 있는 쿠폰은 {most}개까지인데 {count}개입니다",
                most = COUPON_LIMIT, count = list.len(),
            );
            self.notes.error(value.start(), "limit", said);
        }
        let mut known = BTreeSet::new();
        for entry in list {
            let Some(text) = read::text(entry, say!(en: "a coupon", ko: "쿠폰"), &mut self.notes) else {
                continue;
            };
            let code = text.value.as_ref();
            if code.len() > WORD_LIMIT || code.contains(|c: char| c.is_whitespace() || c.is_control()) {
                let said = say!(
                    en: "{code} cannot be a coupon: a code has at most {most} bytes and no spaces",
                    ko: "{code:은<} 쿠폰 코드로 쓸 수 없습니다. 코드는 띄어쓰기 없이 {most}바이트까지입니다",
                    code = quote(code), most = WORD_LIMIT,
                );
                self.notes.error(entry.start(), "bad_id", said);
            } else if !known.insert(code) {
                let said = say!(
                    en: "the coupon {code} is declared twice", ko: "쿠폰 {code:이<} 두 번 선언되었습니다",
                    code = quote(code),
                );
                self.notes.error(entry.start(), "duplicate_id", said);
            }
        }
    }

    /// Warns of an event that nobody is known to send.
    pub fn unknown_event(&mut self, name: &str, at: usize) {
        let known = || words::EVENTS.iter().copied().chain(self.events.iter().map(String::as_str));
        let said = say!(
            en: "{name} is no event of GA4's; if your shop sends it, declare it under `events`",
            ko: "{name:은<} GA4에 없는 이벤트입니다. 상점이 보내는 이벤트라면 `events`에 선언하세요",
            name = quote(name),
        );
        let said = did_you_mean(said, name, known());
        self.notes.warn_like(at, "unknown_event", said);
    }
}
