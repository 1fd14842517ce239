//! What can be published but was probably meant otherwise. Never stands in the
//! way: a file with warnings has a plan. Never guesses, either: where a
//! question cannot be answered surely, nothing is said.

mod counts;
mod length;
mod moments;
mod pages;
mod reason;
mod secrets;
mod shares;
mod truth;
mod turns;
mod unused;
mod values;

use jsonc_parser::ast::{Object, Value};
use vitrine_engine::plan::{Campaign, Plan};
use vitrine_engine::time::Millis;

use crate::desk::Mark;
use crate::notes::Notes;
use reason::Reason;

/// All that the linter looks at.
pub(crate) struct Lint<'t, 'a> {
    /// The file.
    pub root: &'t Object<'a>,
    /// What became of it.
    pub plan: &'t Plan,
    /// Where its conditions stand, parts before wholes.
    pub marks: &'t [Mark],
    /// The moment at which it is published, if that is known.
    pub now: Option<Millis>,
    /// Where warnings go.
    pub notes: &'t mut Notes,
}

impl<'t, 'a> Lint<'t, 'a> {
    /// Notes every warning about a file without errors.
    pub fn run(&mut self) {
        let mut reason = Reason::new(&self.plan.nodes, &self.plan.terms.kinds);
        self.truths(&mut reason);
        self.moments(&reason);
        self.turns(&reason);
        self.pages();
        self.shares();
        self.lengths();
        self.secrets();
        self.unused();
    }

    /// Every campaign of the file with what became of it.
    fn campaigns(&self) -> Vec<(&'t Object<'a>, &'t Campaign)> {
        let Some(Value::Array(list)) = field(self.root, "campaigns") else { return Vec::new() };
        let entry = |value: &'t Value<'a>| {
            let object = value.as_object()?;
            let id = text(object, "id")?;
            Some((object, self.plan.campaigns.iter().find(|campaign| campaign.id == id)?))
        };
        list.elements.iter().filter_map(entry).collect()
    }
}

/// A field's value.
fn field<'t, 'a>(object: &'t Object<'a>, name: &str) -> Option<&'t Value<'a>> {
    object.properties.iter().find(|property| property.name.as_str() == name).map(|property| &property.value)
}

/// A field's text.
fn text<'t>(object: &'t Object, name: &str) -> Option<&'t str> {
    field(object, name)?.as_string_lit().map(|text| text.value.as_ref())
}
