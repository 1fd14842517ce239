//! One condition and one set of attributes → whether it holds, with the meaning
//! of GrowthBook's evaluator also where a condition is odd. Never knows a
//! visitor: an attribute is what the line says, and nothing else.

use jsonc_parser::ast::Value as Tree;
use vitrine_engine::facts::Facts;
use vitrine_engine::judge::Judge;
use vitrine_engine::page::{Moment, Page};
use vitrine_engine::profile::{Profile, Terms};
use vitrine_engine::time::Millis;
use vitrine_engine::truth::Truth;
use vitrine_engine::value::Value;

use crate::desk::Desk;
use crate::literal::{entries, literal};
use crate::source;

/// Judges a line `{"condition": …, "attributes": …, "groups": …}`; the last two
/// may be left out.
///
/// # Errors
/// Says why the line holds no condition.
pub fn eval(line: &str) -> Result<bool, String> {
    let mut desk = Desk::new(line);
    desk.lenient = true;
    let root = source::tree(line, &mut desk.notes);
    let holds = root.as_ref().and_then(|root| desk.eval(root));
    holds.ok_or_else(|| {
        let mistakes = desk.notes.finish(line, root.as_ref());
        mistakes.into_iter().next().map_or_else(|| "this is no condition".into(), |mistake| mistake.message)
    })
}

impl<'a> Desk<'a> {
    fn eval(&mut self, root: &Tree<'a>) -> Option<bool> {
        let fields = entries(root.as_object()?);
        let get = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, field)| &field.value);
        if let Some(groups) = get("groups") {
            self.given_groups(groups);
        }
        let condition = get("condition").filter(|value| value.as_object().is_some())?;
        let whole = self.condition(condition, "the condition")?;
        let mut profile = Profile::new(0);
        profile.attributes = get("attributes").map(attributes).unwrap_or_default();
        let (nodes, _) = core::mem::take(&mut self.table).finish();
        let (moment, terms) = (Moment { now: Millis(0), page: Page::default() }, Terms::default());
        let mut facts = Facts { profile: &profile, moment: &moment, terms: &terms, intent: None, wake: None };
        let mut judge = Judge::default();
        judge.judge(&nodes, &mut facts);
        judge.truths().get(usize::from(whole)).map(|truth| *truth == Truth::True)
    }
}

/// Attributes by their first name. A name with a dot cannot be asked for.
fn attributes(tree: &Tree) -> Vec<(String, Value)> {
    let fields = match literal(tree) {
        Value::Object(fields) => fields,
        Value::List(list) => {
            let length = ("length".to_string(), Value::number(list.len() as u64));
            list.into_iter().enumerate().map(|(at, value)| (at.to_string(), value)).chain([length]).collect()
        }
        _ => Vec::new(),
    };
    fields.into_iter().filter(|(name, _)| !name.contains('.')).collect()
}
