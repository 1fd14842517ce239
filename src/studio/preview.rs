//! What a preview asks: which messages a draft has, and how each of them looks.
//! Never decides: a message is drawn whether or not it is due.

use serde_json::{Value, json};
use vitrine_engine::banner::Scene;
use vitrine_engine::decide::Choice;
use vitrine_engine::page::Moment;
use vitrine_engine::plan::{Form, Place};
use vitrine_engine::seal::{self, Kind};
use vitrine_engine::walk::Visitor;

use super::{Site, said};

impl Site {
    /// Every campaign with its messages, as JSON.
    pub fn messages(&self) -> String {
        let plan = &self.published.plan;
        let campaigns = plan.campaigns.iter().map(|campaign| {
            let messages = campaign.messages.iter().map(|message| {
                let kind = match message.form {
                    Form::Bar => "bar",
                    Form::Modal => "modal",
                    Form::Products { .. } => "products",
                };
                json!({ "id": message.id, "kind": kind })
            });
            let slot = plan.slots.get(usize::from(campaign.slot)).map(|slot| slot.id.as_str());
            json!({ "campaign": campaign.id, "slot": slot, "messages": messages.collect::<Vec<Value>>() })
        });
        Value::Array(campaigns.collect()).to_string()
    }

    /// One message as a visitor whom a page handed over would see it, and where it
    /// belongs, as JSON.
    ///
    /// # Errors
    /// Says what the plan has not, or why the bytes are no visitor.
    pub fn show(&self, visitor: &[u8], [campaign, message]: [&str; 2]) -> Result<String, String> {
        let (visitor, moment) = seal::open::<(Visitor, Moment)>(Kind::Glance, visitor)
            .map_err(|broken| said("visitor", broken))?;
        let plan = &self.published.plan;
        let missing = || format!("The plan has no message `{message}` in a campaign `{campaign}`.");
        let found = (0u16..).zip(&plan.campaigns).find(|(_, known)| known.id == campaign);
        let (at, known) = found.ok_or_else(missing)?;
        let place = known.message(message).ok_or_else(missing)?;
        let slot = plan.slots.get(usize::from(known.slot)).ok_or_else(missing)?;
        let choice = Choice { campaign: at, message: Some(place), slot: known.slot, ..Choice::default() };
        let scene = Scene { published: &self.published, profile: &visitor.profile, moment: &moment };
        let markup = self.markup(&scene, &choice);
        let (selector, position, height) = match &slot.place {
            Place::Inline { selector, position, min_height } => {
                (selector.as_str(), *position as u8, *min_height)
            }
            _ => ("", 0, 0),
        };
        let shown = json!({ "markup": markup, "selector": selector, "position": position, "height": height });
        Ok(shown.to_string())
    }
}
