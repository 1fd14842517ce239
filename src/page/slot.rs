//! Where messages meet the eye. Never moves anything that is in view: what
//! may stand where is measured by the page's hands.

use vitrine_engine::banner::{self, Scene};
use vitrine_engine::decide::{Choice, Decision};
use vitrine_engine::plan::{Place, Plan, Position};
use vitrine_engine::text::join;

/// The messages that stand on the page, by campaign and message.
#[derive(Default)]
pub struct Slots {
    standing: Vec<String>,
    /// What was said to be wrong already.
    said: Vec<(String, &'static str)>,
}

/// The key of a message on the page; ids have no spaces.
fn key(choice: &Choice) -> String {
    join(&[&choice.arm.campaign, " ", &choice.arm.message])
}

/// The plan's inline slots that the page has.
pub fn present(plan: &Plan) -> Vec<String> {
    let mut found = Vec::new();
    for slot in &plan.slots {
        let is_here = matches!(&slot.place, Place::Inline { selector, .. } if crate::has(selector));
        if is_here {
            found.push(slot.id.clone());
        }
    }
    found
}

impl Slots {
    /// Takes everything off the page.
    pub fn clear(&mut self) {
        for key in core::mem::take(&mut self.standing) {
            crate::unmount(&key);
        }
    }

    /// Makes the page show exactly what was decided; gives what is wrong with
    /// the installation, as the slot's name and why.
    pub fn show(&mut self, scene: &Scene, decision: &Decision) -> Vec<(String, &'static str)> {
        let before = core::mem::take(&mut self.standing);
        for known in before {
            if decision.choices.iter().any(|choice| choice.message.is_some() && key(choice) == known) {
                self.standing.push(known);
            } else {
                crate::unmount(&known);
            }
        }
        let mut wrong = Vec::new();
        for choice in decision.choices.iter().filter(|choice| choice.message.is_some()) {
            let key = key(choice);
            if !self.standing.contains(&key) {
                match mount(scene, choice, &key) {
                    None => self.standing.push(key),
                    Some(reason) if self.said.contains(&reason) => {}
                    Some(reason) => {
                        self.said.push(reason.clone());
                        wrong.push(reason);
                    }
                }
            }
        }
        crate::clear_edge();
        wrong
    }
}

fn mount(scene: &Scene, choice: &Choice, key: &str) -> Option<(String, &'static str)> {
    let slot = scene.published.plan.slots.get(usize::from(choice.slot))?;
    let said = |why| Some((slot.id.clone(), why));
    let Some(markup) = banner::render(scene, choice, &strip) else {
        return said("has no product to show yet");
    };
    let (selector, position, height) = match &slot.place {
        Place::Inline { selector, position, min_height } => (selector.as_str(), *position, *min_height),
        _ => ("", Position::Inside, 0),
    };
    match crate::mount(key, &markup, selector, position as u8, height) {
        0 => None,
        1 => said("has no element on this page"),
        2 => said("would move the page: give its element a height, of at least its `minHeight`"),
        _ => said("is refused by the page; allow `vitrine` in its `trusted-types`"),
    }
}

/// A product strip, by the shelf's module; `None` where that did not come yet.
fn strip(order: &[u8]) -> Option<String> {
    let markup = crate::draw(order);
    if markup.is_empty() { None } else { String::from_utf8(markup).ok() }
}
