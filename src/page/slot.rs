//! Where messages meet the eye. Never moves anything that is in view: what
//! may stand where is measured by the page's hands.

use vitrine_engine::banner::{self, Scene};
use vitrine_engine::decide::{Choice, Decision};
use vitrine_engine::plan::{Place, Plan, Position};
use vitrine_engine::text::join;

use super::IS_FULL;

/// What became of a message, as the page's hands (`hands.js`) say it; every other
/// number is a refusal by the browser.
const STANDS: u8 = 0;
/// The page has no element for it.
const NO_ELEMENT: u8 = 1;
/// It would move what stands below.
const WOULD_MOVE: u8 = 2;
/// There is no product to show; the hands never say this.
const NO_PRODUCT: u8 = 9;

/// The messages that stand on the page, by campaign and message.
#[derive(Default)]
pub struct Slots {
    standing: Vec<String>,
    /// What was said to be wrong already.
    said: Vec<String>,
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
    /// the installation, each sentence once.
    pub fn show(&mut self, scene: &Scene, decision: &Decision) -> Vec<String> {
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
            let slot = scene.published.plan.slots.get(usize::from(choice.slot));
            let Some(slot) = slot.filter(|_| !self.standing.contains(&key)) else { continue };
            let outcome = mount(scene, choice, (&key, &slot.place));
            if outcome == STANDS {
                self.standing.push(key);
            } else if IS_FULL {
                let line = join(&["Slot `", &slot.id, "` ", reason(outcome), "."]);
                if !self.said.contains(&line) {
                    self.said.push(line.clone());
                    wrong.push(line);
                }
            }
        }
        crate::clear_edge();
        wrong
    }
}

fn mount(scene: &Scene, choice: &Choice, (key, place): (&str, &Place)) -> u8 {
    let Some(markup) = banner::render(scene, choice, &strip) else { return NO_PRODUCT };
    let (selector, position, height) = match place {
        Place::Inline { selector, position, min_height } => (selector.as_str(), *position, *min_height),
        _ => ("", Position::Inside, 0),
    };
    crate::mount(key, &markup, selector, position as u8, height)
}

fn reason(outcome: u8) -> &'static str {
    match outcome {
        NO_ELEMENT => "has no element on this page",
        WOULD_MOVE => "would move the page: give its element a height, of at least its `minHeight`",
        NO_PRODUCT => "has no product to show yet",
        _ => "is refused by the page; allow `vitrine` in its `trusted-types`",
    }
}

/// A product strip, by the shelf's module; `None` where that did not come yet.
fn strip(order: &[u8]) -> Option<String> {
    let markup = crate::draw(order);
    if markup.is_empty() { None } else { String::from_utf8(markup).ok() }
}
