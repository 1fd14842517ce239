//! Names that are declared and not used. Never speaks of a file without
//! campaigns: its names wait for them.

use std::collections::BTreeSet;

use jsonc_parser::ast::Value;

use super::{Lint, field, text};
use crate::notes::quote;
use crate::said::Said;
use crate::segment::mentioned;

impl Lint<'_, '_> {
    /// Notes each segment, goal and slot that nothing refers to.
    pub(super) fn unused(&mut self) {
        let campaigns = self.campaigns();
        if campaigns.is_empty() {
            return;
        }
        let mut segments = Vec::new();
        self.root.properties.iter().for_each(|property| mentioned(&property.value, &mut segments));
        let by =
            campaigns.iter().filter_map(|(object, _)| field(field(object, "allocation")?.as_object()?, "by"));
        let by = by.filter_map(Value::as_array).flat_map(|list| &list.elements);
        segments.extend(by.filter_map(|name| Some(name.as_string_lit()?.value.as_ref())));
        self.unused_of("segments", segments, |name| say!(
            en: "segment {name} is not used anywhere", ko: "세그먼트 {name:이<} 아무 데서도 쓰이지 않습니다", name,
        ));
        let named = |field: &'static str| {
            campaigns.iter().filter_map(move |(object, _)| text(object, field)).collect()
        };
        self.unused_of("slots", named("slot"), |name| {
            say!(
                en: "no campaign uses slot {name}", ko: "슬롯 {name:을<} 쓰는 캠페인이 없습니다", name,
            )
        });
        let mut goals: Vec<&str> = named("goal");
        if campaigns.iter().any(|(object, _)| field(object, "goal").is_none()) {
            goals.push(crate::site::DEFAULT_GOAL);
        }
        self.unused_of("goals", goals, |name| {
            say!(
                en: "no campaign aims at goal {name}", ko: "목표 {name:을<} 쓰는 캠페인이 없습니다", name,
            )
        });
    }

    fn unused_of(&mut self, kind: &str, used: Vec<&str>, say: fn(String) -> Said) {
        let Some(Value::Object(declared)) = field(self.root, kind) else { return };
        let used: BTreeSet<&str> = used.into_iter().collect();
        for property in &declared.properties {
            let name = property.name.as_str();
            if !used.contains(name) {
                self.notes.warn(property.range.start, "unused_name", say(quote(name)));
            }
        }
    }
}
