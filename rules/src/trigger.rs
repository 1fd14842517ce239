//! What a campaign waits for. Never waits itself; `engine/trigger.rs` judges.

use jsonc_parser::ast::Value;
use vitrine_engine::trigger::Trigger;

use crate::desk::Desk;
use crate::read::{self, Fields};
use crate::words;

impl Desk<'_> {
    /// The trigger of a campaign.
    pub fn trigger(&mut self, value: &Value) -> Option<Trigger> {
        let what = "`trigger`";
        let fields = Fields::of(value, what, words::TRIGGER, &mut self.notes)?;
        let after = match fields.need("after", what, &mut self.notes) {
            Some(_) => self.optional_kind(&fields, "after"),
            None => None,
        };
        let without = self.optional_kind(&fields, "without");
        let delay = match fields.get("for") {
            None => Some(0),
            Some(value) => read::duration(value, "`for`", &mut self.notes),
        };
        Some(Trigger { after: after??, without: without?, delay: delay? })
    }
}
