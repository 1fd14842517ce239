//! The marketer's JSON → `Plan`, or sentences that say what is wrong and where.
//!
//! It never reads a file or a clock, never drops a rule and never widens one:
//! what cannot be read is an error, and one error means no plan. It runs where
//! rules are uploaded (the collector, the command, the console's wasm), never
//! in a shopper's page.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

// what everything stands on
#[macro_use]
mod said;
mod diagnostic;
mod korean;
mod notes;
pub mod words;
// text to values
mod read;
mod source;
// patterns to tables
pub mod regex;
// values to parts of a plan
mod table;
mod calendar;
mod catalogue;
mod desk;
mod money;
// conditions
mod comparand;
mod condition;
mod deed;
pub mod eval;
mod formula;
mod group;
mod literal;
mod operator;
mod order;
mod segment;
// what reads well and still is wrong
mod lint;
// offers
mod allocation;
mod campaign;
mod liquid;
mod message;
mod pace;
mod ramp;
mod rare;
mod recommend;
mod site;
mod trigger;

use jsonc_parser::ast::Value;
use vitrine_engine::kind::Kinds;
use vitrine_engine::nodes::Nodes;
use vitrine_engine::plan::{PLAN_BYTES, Plan};
use vitrine_engine::profile::Terms;
use vitrine_engine::time::Millis;

pub use diagnostic::{CODES, Code, Diagnostic, Language, Severity};
pub use source::TEXT_BYTES;

use campaign::Stage;
use desk::Desk;
use lint::Lint;
use notes::Notes;
use read::Fields;

/// What became of a rule file.
#[derive(Debug, Clone, PartialEq)]
pub struct Compiled {
    /// The plan; `None` where any diagnostic is an error.
    pub plan: Option<Plan>,
    /// All mistakes, by position.
    pub diagnostics: Vec<Diagnostic>,
}

/// Compiles the text of a rule file. Total: whatever the text, the answer is a
/// plan or sentences, and a plan always passes [`Plan::open`].
#[must_use]
pub fn compile(text: &str) -> Compiled {
    compile_at(text, None)
}

/// Compiles the text of a rule file that is published at a moment; with one,
/// it is also warned of what is over by then.
#[must_use]
pub fn compile_at(text: &str, now: Option<Millis>) -> Compiled {
    // Some editors put a byte order mark in front; no column counts it.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut desk = Desk::new(text);
    let root = source::parse(text, &mut desk.notes);
    let plan = root.as_ref().and_then(|root| desk.plan(root));
    let plan = plan.filter(|_| !desk.notes.has_errors());
    if let (Some(Value::Object(root)), Some(plan)) = (&root, &plan) {
        Lint { root, plan, marks: &desk.marks, now, notes: &mut desk.notes }.run();
    }
    Compiled { plan, diagnostics: desk.notes.finish(text, root.as_ref()) }
}

/// Compiles the bytes of a rule file that may be in any encoding: what is not
/// UTF-8 is a mistake at the first byte that is none.
#[must_use]
pub fn compile_bytes(bytes: &[u8], now: Option<Millis>) -> Compiled {
    let mut notes = Notes::default();
    let text = match core::str::from_utf8(bytes) {
        // A cut character at the end of too much text is not worth a sentence.
        _ if bytes.len() > TEXT_BYTES => {
            source::refuse_size(&mut notes);
            ""
        }
        Ok(text) => return compile_at(text, now),
        Err(error) => {
            notes.error(
                error.valid_up_to(),
                "syntax",
                say!(
                    en: "from here on the file is not UTF-8; save it as UTF-8",
                    ko: "여기부터 UTF-8이 아닙니다. 파일을 UTF-8로 저장하세요",
                ),
            );
            let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
            core::str::from_utf8(good).unwrap_or_default()
        }
    };
    Compiled { plan: None, diagnostics: notes.finish(text, None) }
}

impl<'a> Desk<'a> {
    fn plan(&mut self, root: &Value<'a>) -> Option<Plan> {
        let fields =
            Fields::of(root, say!(en: "the rule file", ko: "규칙 파일"), words::ROOT, &mut self.notes)?;
        let site = self.site(&fields);
        self.declare(&fields);
        let slots = fields.get("slots").map(|value| self.slots(value)).unwrap_or_default();
        let goals = fields.get("goals").map(|value| self.goals(value)).unwrap_or_default();
        let segments = fields.get("segments").map(|value| self.segments(value)).unwrap_or_default();
        // A wrong zone was noted; the campaigns' own mistakes are still found.
        let zone = site.as_ref().map_or(jiff::tz::TimeZone::UTC, |site| site.zone.clone());
        let mut stage = Stage { slots, goals, segments, zone };
        let campaigns =
            fields.get("campaigns").map(|value| self.campaigns(value, &mut stage)).unwrap_or_default();
        let quiet = fields.get("quiet").and_then(|value| self.quiet(value));
        let pace = fields.get("pace").and_then(|value| self.site_pace(value)).unwrap_or_default();
        let holdout = fields.get("holdout").and_then(|value| self.holdout(value)).unwrap_or_default();
        let (nodes, kinds) = self.conditions(fields.start());
        let site = site.filter(|_| !self.notes.has_errors())?;
        let plan = Plan {
            site: site.site,
            currency: site.currency,
            terms: Terms { kinds: kinds?, ..site.terms },
            grid: site.grid,
            nodes,
            segments: stage.segments,
            slots: stage.slots,
            goals: stage.goals,
            campaigns,
            quiet,
            pace,
            holdout,
        };
        self.check_size(&plan, fields.start());
        Some(plan)
    }

    /// The names that the rest of the file may use.
    fn declare(&mut self, fields: &Fields<'_, 'a>) {
        if let Some(value) = fields.get("attributes") {
            self.declare_attributes(value);
        }
        if let Some(value) = fields.get("groups") {
            self.declare_groups(value);
        }
        if let Some(value) = fields.get("events") {
            self.declare_events(value);
        }
        if let Some(value) = fields.get("coupons") {
            self.declare_coupons(value);
        }
    }

    /// All conditions, and the kinds of events that they count, where a device
    /// can hold them.
    fn conditions(&mut self, at: usize) -> (Nodes, Option<Kinds>) {
        if self.table.is_full {
            let said = say!(
                en: "there are more conditions than one plan can hold",
                ko: "조건이 한 플랜에 담을 수 있는 것보다 많습니다",
            );
            self.notes.error(at, "limit", said);
        }
        let (nodes, kinds) = core::mem::take(&mut self.table).finish();
        if kinds.is_none() {
            let said = say!(
                en: "the conditions count more kinds of events than a device can remember; ask for fewer, or for smaller numbers within a span",
                ko: "조건들이 세는 이벤트가 기기가 기억할 수 있는 것보다 많습니다. 종류를 줄이거나 기간 안의 횟수를 줄이세요",
            );
            self.notes.error(at, "limit", said);
        }
        (nodes, kinds)
    }

    fn check_size(&mut self, plan: &Plan, at: usize) {
        let size = plan.seal().len();
        if size > PLAN_BYTES {
            let said = say!(
                en: "the plan takes {size} bytes, but a device loads at most {most}; use fewer campaigns or shorter texts",
                ko: "플랜이 {size}바이트인데 기기가 불러올 수 있는 것은 {most}바이트까지입니다. 캠페인을 줄이거나 글을 짧게 쓰세요",
                size, most = PLAN_BYTES,
            );
            self.notes.error(at, "limit", said);
        }
    }
}
