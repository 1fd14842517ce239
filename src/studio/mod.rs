//! The studio's body: the marketer's tools in a browser or in Node. Runs in a
//! shopper's page only where somebody asks it why, so it may be large.

use serde_json::{Value, json};
use vitrine_engine::bandit::Odds;
use vitrine_engine::banner::{self, Scene};
use vitrine_engine::decide::{Choice, Published};
use vitrine_engine::explain::explain_glance;
use vitrine_engine::page::Moment;
use vitrine_engine::plan::{Place, Plan};
use vitrine_engine::recommend::{Index, Model};
use vitrine_engine::seal::{self, Broken, Kind};
use vitrine_engine::time::Millis;
use vitrine_engine::walk::Visitor;

/// Checks rule text as it would be published at a moment, in milliseconds
/// since 1970; a JSON array of diagnostics.
pub fn check(rules: &str, now: f64) -> String {
    // Whole milliseconds since 1970; what is none is 0, long before any rules.
    let compiled = vitrine_rules::compile_at(rules, Some(Millis(now as u64)));
    serde_json::to_string(&compiled.diagnostics).unwrap_or_default()
}

/// The model and the shards that the page had, each behind its length in four
/// little-endian bytes. A shard that cannot be read is passed over, as in the page.
fn shelf(mut bytes: &[u8]) -> Option<(Model, Index)> {
    let mut goods: Option<(Model, Index)> = None;
    while let Some((length, rest)) = bytes.split_first_chunk::<4>() {
        let (file, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        match &mut goods {
            Some((model, index)) => _ = index.join(model, file),
            None => goods = Some(Model::load(file).ok()?),
        }
        bytes = rest;
    }
    goods
}

/// What was published, opened. Odds and a model that cannot be read count for
/// nothing, as in the page.
pub struct Opened {
    published: Published,
    goods: Option<(Model, Index)>,
}

impl Opened {
    /// Opens sealed bytes; the model and its shards each behind its length.
    ///
    /// # Errors
    /// Says why the bytes are no plan.
    pub fn new(plan: &[u8], odds: &[u8], model: &[u8]) -> Result<Opened, String> {
        let hash = seal::name(plan);
        let plan = Plan::open(plan).map_err(|broken| format!("The plan {}.", broken.reason()))?;
        let odds = seal::open::<Odds>(Kind::Odds, odds).unwrap_or_default();
        let goods = shelf(model);
        let intent = goods.as_ref().and_then(|(model, _)| model.intent.clone());
        Ok(Opened { published: Published { plan, hash, odds, intent }, goods })
    }

    /// Why each campaign is shown or not to a visitor that a page handed over.
    ///
    /// # Errors
    /// Says why the bytes are no visitor.
    pub fn explain(&self, visitor: &[u8]) -> Result<String, String> {
        explain_glance(&self.published, self.goods.as_ref(), visitor).map_err(foreign)
    }

    /// Every campaign with its messages, as JSON.
    pub fn messages(&self) -> String {
        let kinds = ["bar", "modal", "products"];
        let plan = &self.published.plan;
        let campaigns = plan.campaigns.iter().map(|campaign| {
            let messages = campaign.messages.iter().map(|message| {
                let kind = kinds.get(usize::from(message.form.kind()).saturating_sub(1));
                json!({ "id": message.id, "kind": kind })
            });
            let slot = plan.slots.get(usize::from(campaign.slot)).map(|slot| slot.id.as_str());
            json!({ "campaign": campaign.id, "slot": slot, "messages": messages.collect::<Vec<Value>>() })
        });
        Value::Array(campaigns.collect()).to_string()
    }

    /// One message as this visitor would see it, whether or not it is due: the
    /// markup of the page's own body, and where it belongs.
    ///
    /// # Errors
    /// Says what the plan has not, or why the bytes are no visitor.
    pub fn show(&self, visitor: &[u8], [campaign, message]: [&str; 2]) -> Result<String, String> {
        let (visitor, moment) = seal::open::<(Visitor, Moment)>(Kind::Glance, visitor).map_err(foreign)?;
        let plan = &self.published.plan;
        let missing = || format!("The plan has no message `{message}` in a campaign `{campaign}`.");
        let found = (0u16..).zip(&plan.campaigns).find(|(_, known)| known.id == campaign);
        let (at, known) = found.ok_or_else(missing)?;
        let place = known.message(message).ok_or_else(missing)?;
        let slot = plan.slots.get(usize::from(known.slot)).ok_or_else(missing)?;
        let choice = Choice { campaign: at, message: Some(place), slot: known.slot, ..Choice::default() };
        let scene = Scene { published: &self.published, profile: &visitor.profile, moment: &moment };
        let strip = |order: &[u8]| {
            let (model, index) = self.goods.as_ref()?;
            banner::strip::draw(order, model, index)
        };
        let markup = banner::render(&scene, &choice, &strip);
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

fn foreign(broken: Broken) -> String {
    format!("The visitor {}.", broken.reason())
}
