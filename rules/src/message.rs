//! Messages: what a visitor may get to see. Never writes markup.

use std::collections::BTreeSet;

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;
use vitrine_engine::arm::HOLDOUT;
use vitrine_engine::plan::{Cta, Form, MESSAGE_LIMIT, Message, is_safe_link};
use vitrine_engine::template::Words;

use crate::allocation::Allocation;
use crate::desk::Desk;
use crate::notes::{meaning, quote};
use crate::read::{self, Fields};
use crate::said::Said;
use crate::words;

/// The longest link, in bytes, as browsers and proxies carry it.
const LINK_BYTES: usize = 2_000;

impl Desk<'_> {
    /// The messages of a campaign.
    pub fn messages(&mut self, value: &Value, allocation: Option<&Allocation>) -> Option<Vec<Message>> {
        let list = read::list(value, "`messages`", &mut self.notes)?;
        if list.len() > MESSAGE_LIMIT {
            let said = say!(
                en: "a campaign has at most {most} messages, not {count}",
                ko: "캠페인의 메시지는 {most}개까지인데 {count}개입니다",
                most = MESSAGE_LIMIT, count = list.len(),
            );
            self.notes.error(value.start(), "limit", said);
            return None;
        }
        let mut ids = BTreeSet::new();
        let mut messages = read::all(list.iter().map(|entry| self.message(entry, allocation, &mut ids)))?;
        self.weigh(&mut messages, allocation?, value.start())?;
        // The first message is the one that others are compared with, unless
        // another says so.
        let baselines: Vec<usize> =
            (0..list.len()).filter(|at| messages.get(*at).is_some_and(|m| m.baseline)).collect();
        match baselines.as_slice() {
            [] => messages.first_mut()?.baseline = true,
            [_] => {}
            [_, second, ..] => {
                let at = list.get(*second).map_or(value.start(), Ranged::start);
                let said = say!(
                    en: "another message of this campaign is the `baseline` already",
                    ko: "이 캠페인의 다른 메시지가 이미 `baseline`입니다",
                );
                self.notes.error(at, "conflict", said);
                return None;
            }
        }
        Some(messages)
    }

    fn message(
        &mut self,
        value: &Value,
        allocation: Option<&Allocation>,
        ids: &mut BTreeSet<String>,
    ) -> Option<Message> {
        let name = value.as_object().and_then(|object| object.get_string("id"));
        let what = match name {
            Some(name) => say!(en: "message {name}", ko: "메시지 {name}", name = quote(&name.value)),
            None => say!(en: "this message", ko: "이 메시지"),
        };
        let fields = Fields::of(value, &what, words::MESSAGE, &mut self.notes)?;
        let id = self.id(&fields, &what, (&[HOLDOUT], ids));
        let form = self.form(&fields, &what);
        let baseline =
            fields.get_or("baseline", false, |value| read::flag(value, "`baseline`", &mut self.notes));
        let title = fields
            .need("title", &what, &mut self.notes)
            .and_then(|value| self.words(value, say!(en: "`title` of {what}", ko: "{what}의 `title`", what)));
        let body = fields.get_or("body", Words::default(), |value| {
            self.words(value, say!(en: "`body` of {what}", ko: "{what}의 `body`", what))
        });
        let cta = fields.get_or("cta", None, |value| self.cta(value).map(Some));
        let weight = fields.get_or("weight", 1, |value| self.weight(value, allocation));
        Some(Message {
            id: id?,
            form: form?,
            title: title?,
            body: body?,
            cta: cta?,
            weight: weight?,
            baseline: baseline?,
        })
    }

    fn form(&mut self, fields: &Fields, what: &Said) -> Option<Form> {
        let value = fields.need("kind", what, &mut self.notes)?;
        let kind = read::word(value, "`kind`", words::KINDS, &mut self.notes)?;
        let recommend = fields.get("recommend");
        match (kind, recommend) {
            ("products", recommend) => self.products(recommend),
            (_, Some(value)) => {
                let said = say!(
                    en: "`recommend` fills a message of kind `products`, and this is a {kind}",
                    ko: "`recommend`는 종류가 `products`인 메시지를 채우는데, 이 메시지는 {kind}입니다",
                    kind = quote(kind),
                );
                self.notes.error(value.start(), "conflict", said);
                None
            }
            ("modal", None) => Some(Form::Modal),
            (_, None) => Some(Form::Bar),
        }
    }

    fn cta(&mut self, value: &Value) -> Option<Cta> {
        let fields = Fields::of(value, "`cta`", words::CTA, &mut self.notes)?;
        let text = fields
            .need("text", "`cta`", &mut self.notes)
            .and_then(|value| self.words(value, say!(en: "`text` of `cta`", ko: "`cta`의 `text`")));
        let href = fields
            .need("href", "`cta`", &mut self.notes)
            .and_then(|value| self.by_language(value, "`href`", Self::href));
        Some(Cta { text: text?, href: href? })
    }

    fn href(&mut self, value: &Value) -> Option<String> {
        let text = read::text(value, "`href`", &mut self.notes)?;
        let href = text.value.as_ref();
        if is_safe_link(href) && href.len() <= LINK_BYTES && !href.contains("{{") {
            return Some(href.into());
        }
        let said = say!(
            en: "`href` is {href}, but must lead to a page: a path of this site such as `/cart`, or an address with `https://`, without gaps",
            ko: "`href`가 {href}인데, 페이지로 이어져야 합니다. `/cart`처럼 이 사이트의 경로나 `https://`로 시작하는 주소를 빈칸 없이 쓰세요",
            href = quote(href),
        );
        let rooted = format!("/{href}");
        let plain = href.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_.?=&".contains(&byte));
        let said = match plain && is_safe_link(&rooted) {
            true => (meaning(said, &rooted), Some(rooted)),
            false => (said, None),
        };
        self.notes.error_like(value.start(), "bad_link", said);
        None
    }
}
