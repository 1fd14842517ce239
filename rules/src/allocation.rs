//! How a campaign's message is drawn: aim, leaves, weights. Never draws.

use std::collections::BTreeMap;

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::Ranged;
use vitrine_engine::bandit::Aim;
use vitrine_engine::plan::{Message, Ramp, Segment};

use crate::calendar::Calendar;
use crate::desk::Desk;
use crate::notes::{did_you_mean, one_of, quote};
use crate::read::{self, Fields};
use crate::said::Speak;
use crate::words;

/// Weights under `split`: as fine as a hundredth of a per cent.
const WEIGHT_LIMIT: i64 = 10_000;

/// How a campaign's message is drawn.
pub(crate) struct Allocation<'t, 'a> {
    /// By learnt odds, or by weights.
    pub aim: Aim,
    /// Whether odds are learnt of revenue rather than of conversions.
    pub by_revenue: bool,
    /// Segments whose visitors are learnt of apart, by index.
    pub by: Vec<u16>,
    /// How its share of visitors grows; everybody at once without.
    pub ramp: Option<Ramp>,
    /// Weights by message.
    weights: Option<&'t Object<'a>>,
}

impl Default for Allocation<'_, '_> {
    fn default() -> Self {
        Allocation { aim: Aim::Earn, by_revenue: false, by: Vec::new(), ramp: None, weights: None }
    }
}

impl Desk<'_> {
    /// A campaign's allocation.
    pub fn allocation<'t, 'v>(
        &mut self,
        value: &'t Value<'v>,
        (segments, calendar): (&[Segment], Calendar),
    ) -> Option<Allocation<'t, 'v>> {
        let fields = Fields::of(value, "`allocation`", words::ALLOCATION, &mut self.notes)?;
        let aim = fields.get_or("aim", Aim::Earn, |value| self.aim(value));
        let by = fields.get_or("by", Vec::new(), |value| self.leaves(value, segments));
        let by_revenue = fields.get_or("optimize", false, |value| self.optimize(value, aim));
        let ramp = fields.get_or("ramp", None, |value| self.ramp(value, calendar).map(Some));
        let weights = match fields.get("weights") {
            None => Some(None),
            Some(value) if aim.is_some_and(|aim| aim != Aim::Split) => {
                self.refuse_weights(value.start());
                None
            }
            Some(value) => read::object(value, "`weights`", &mut self.notes).map(Some),
        };
        Some(Allocation { aim: aim?, by_revenue: by_revenue?, by: by?, ramp: ramp?, weights: weights? })
    }

    fn aim(&mut self, value: &Value) -> Option<Aim> {
        match read::word(value, "`aim`", &["earn", "learn", "split"], &mut self.notes)? {
            "split" => Some(Aim::Split),
            "learn" => Some(Aim::Learn),
            _ => Some(Aim::Earn),
        }
    }

    /// Whether odds are learnt of revenue; weights are not learnt at all.
    fn optimize(&mut self, value: &Value, aim: Option<Aim>) -> Option<bool> {
        let word = read::word(value, "`optimize`", &["conversion", "revenue"], &mut self.notes)?;
        if aim == Some(Aim::Split) {
            let said = say!(
                en: "`optimize` says what the odds are learnt of, and with the aim `split` nothing is learnt",
                ko: "`optimize`는 무엇을 기준으로 비율을 학습할지 정합니다. 목적이 `split`이면 학습하지 않습니다",
            );
            self.notes.error(value.start(), "conflict", said);
            return None;
        }
        Some(word == "revenue")
    }

    fn refuse_weights(&mut self, at: usize) {
        let said = say!(
            en: "weights count only with the aim `split`; with `earn` and `learn` the odds are learnt",
            ko: "가중치는 목적이 `split`일 때만 쓰입니다. `earn`과 `learn`에서는 비율을 학습합니다",
        );
        self.notes.error(at, "conflict", said);
    }

    /// The segments of `by`, as places in the plan.
    fn leaves(&mut self, value: &Value, segments: &[Segment]) -> Option<Vec<u16>> {
        let list = read::list(value, "`by`", &mut self.notes)?;
        let mut leaves = Vec::new();
        let mut whole = true;
        for entry in list {
            let place = self
                .segment_name(entry, say!(en: "an entry of `by`", ko: "`by`의 값"))
                .and_then(|name| segments.iter().position(|segment| segment.id == name))
                .and_then(|at| u16::try_from(at).ok());
            match place {
                Some(place) if leaves.contains(&place) => {
                    let said = say!(
                        en: "this segment stands in `by` already", ko: "이 세그먼트는 `by`에 이미 있습니다",
                    );
                    self.notes.error(entry.start(), "duplicate_id", said);
                    whole = false;
                }
                Some(place) => leaves.push(place),
                None => whole = false,
            }
        }
        whole.then_some(leaves)
    }

    /// The `weight` of one message.
    pub fn weight(&mut self, value: &Value, allocation: Option<&Allocation>) -> Option<u32> {
        match allocation {
            Some(Allocation { aim: Aim::Earn | Aim::Learn, .. }) => {
                self.refuse_weights(value.start());
                None
            }
            Some(Allocation { weights: Some(_), .. }) => {
                let said = say!(
                    en: "this weight stands in `weights` of the allocation, too; keep one of them",
                    ko: "이 가중치는 배분의 `weights`에도 있습니다. 둘 중 하나만 남기세요",
                );
                self.notes.error(value.start(), "conflict", said);
                None
            }
            _ => self.share(value, "`weight`"),
        }
    }

    fn share(&mut self, value: &Value, what: impl Speak) -> Option<u32> {
        read::whole(value, what, 0..=WEIGHT_LIMIT, &mut self.notes).map(|weight| weight as u32)
    }

    /// Gives every message its weight of the allocation, and notes a draw that
    /// could draw nothing.
    pub fn weigh(&mut self, messages: &mut [Message], allocation: &Allocation, at: usize) -> Option<()> {
        if let Some(object) = allocation.weights {
            let weights = self.weights(object, messages)?;
            for message in messages.iter_mut() {
                match weights.get(&message.id) {
                    Some(weight) => message.weight = *weight,
                    None => {
                        let said = say!(
                            en: "`weights` lacks the message {name}", ko: "`weights`에 메시지 {name:이<} 없습니다",
                            name = quote(&message.id),
                        );
                        self.notes.error(object.range.start, "missing_field", said);
                    }
                }
            }
        }
        if messages.iter().all(|message| message.weight == 0) {
            let said = say!(
                en: "every weight is 0, so no message could ever be drawn",
                ko: "가중치가 모두 0이어서 어떤 메시지도 뽑힐 수 없습니다",
            );
            self.notes.error(at, "conflict", said);
            return None;
        }
        Some(())
    }

    fn weights(&mut self, object: &Object, messages: &[Message]) -> Option<BTreeMap<String, u32>> {
        let ids = || messages.iter().map(|message| message.id.as_str());
        let mut weights = BTreeMap::new();
        let mut whole = true;
        for property in &object.properties {
            let name = property.name.as_str();
            if !ids().any(|id| id == name) {
                let said = say!(
                    en: "{name} is no message of this campaign; it has {list}",
                    ko: "{name:은<} 이 캠페인의 메시지가 아닙니다. 이 캠페인의 메시지: {list}",
                    name = quote(name), list = one_of(ids()),
                );
                let said = did_you_mean(said, name, ids());
                self.notes.error_like(property.range.start, "unknown_name", said);
                whole = false;
            }
            match self.share(&property.value, quote(name)) {
                Some(weight) => drop(weights.insert(name.to_string(), weight)),
                None => whole = false,
            }
        }
        whole.then_some(weights)
    }
}
