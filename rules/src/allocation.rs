//! How a campaign's message is drawn: aim, leaves, weights. Never draws.

use std::collections::BTreeMap;

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::Ranged;
use vitrine_engine::bandit::Aim;
use vitrine_engine::plan::{Message, Segment};

use crate::desk::Desk;
use crate::notes::{did_you_mean, one_of, quote};
use crate::read::{self, Fields};
use crate::words;

/// Weights under `split`: as fine as a hundredth of a per cent.
const WEIGHT_LIMIT: i64 = 10_000;

/// How a campaign's message is drawn.
pub(crate) struct Allocation<'t, 'a> {
    /// By learnt odds, or by weights.
    pub aim: Aim,
    /// Segments whose visitors are learnt of apart, by index.
    pub by: Vec<u16>,
    /// Weights by message.
    weights: Option<&'t Object<'a>>,
}

impl Default for Allocation<'_, '_> {
    fn default() -> Self {
        Allocation { aim: Aim::Earn, by: Vec::new(), weights: None }
    }
}

impl Desk<'_> {
    /// A campaign's allocation.
    pub fn allocation<'t, 'v>(
        &mut self,
        value: &'t Value<'v>,
        segments: &[Segment],
    ) -> Option<Allocation<'t, 'v>> {
        let fields = Fields::of(value, "`allocation`", words::ALLOCATION, &mut self.notes)?;
        let aim = match fields.get("aim") {
            None => Some(Aim::Earn),
            Some(value) => self.aim(value),
        };
        let by = match fields.get("by") {
            None => Some(Vec::new()),
            Some(value) => self.leaves(value, segments),
        };
        let weights = match fields.get("weights") {
            None => Some(None),
            Some(value) if aim == Some(Aim::Earn) => {
                self.refuse_weights(value.start());
                None
            }
            Some(value) => read::object(value, "`weights`", &mut self.notes).map(Some),
        };
        Some(Allocation { aim: aim?, by: by?, weights: weights? })
    }

    fn aim(&mut self, value: &Value) -> Option<Aim> {
        let is_learn = value.as_string_lit().is_some_and(|text| text.value == "learn");
        if is_learn {
            let message = "the aim `learn` is not supported by this version; there are `earn` and `split`";
            self.notes.error(value.start(), "unsupported", message);
            return None;
        }
        match read::word(value, "`aim`", &["earn", "split"], &mut self.notes)? {
            "split" => Some(Aim::Split),
            _ => Some(Aim::Earn),
        }
    }

    fn refuse_weights(&mut self, at: usize) {
        let message = "weights count only with the aim `split`; with `earn` the odds are learnt";
        self.notes.error(at, "conflict", message);
    }

    /// The segments of `by`, as places in the plan.
    fn leaves(&mut self, value: &Value, segments: &[Segment]) -> Option<Vec<u16>> {
        let list = read::list(value, "`by`", &mut self.notes)?;
        let mut leaves = Vec::new();
        let mut whole = true;
        for entry in list {
            let place = self
                .segment_name(entry, "an entry of `by`")
                .and_then(|name| segments.iter().position(|segment| segment.id == name))
                .and_then(|at| u16::try_from(at).ok());
            match place {
                Some(place) if leaves.contains(&place) => {
                    self.notes.error(entry.start(), "duplicate_id", "this segment stands in `by` already");
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
            Some(Allocation { aim: Aim::Earn, .. }) => {
                self.refuse_weights(value.start());
                None
            }
            Some(Allocation { weights: Some(_), .. }) => {
                let message = "this weight stands in `weights` of the allocation, too; keep one of them";
                self.notes.error(value.start(), "conflict", message);
                None
            }
            _ => self.share(value, "`weight`"),
        }
    }

    fn share(&mut self, value: &Value, what: &str) -> Option<u32> {
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
                        let sentence = format!("`weights` lacks the message {}", quote(&message.id));
                        self.notes.error(object.range.start, "missing_field", sentence);
                    }
                }
            }
        }
        if messages.iter().all(|message| message.weight == 0) {
            self.notes.error(at, "conflict", "every weight is 0, so no message could ever be drawn");
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
                let sentence =
                    format!("{} is no message of this campaign; it has {}", quote(name), one_of(ids()));
                let said = did_you_mean(sentence, name, ids());
                self.notes.error_like(property.range.start, "unknown_name", said);
                whole = false;
            }
            match self.share(&property.value, &quote(name)) {
                Some(weight) => drop(weights.insert(name.to_string(), weight)),
                None => whole = false,
            }
        }
        whole.then_some(weights)
    }
}
