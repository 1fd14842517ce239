//! `vitrine render`: one message's HTML, for a look without a visitor.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use vitrine_engine::arm::Arm;
use vitrine_engine::attribute::NAMES;
use vitrine_engine::banner;
use vitrine_engine::decide::Choice;
use vitrine_engine::event::{self, Event, Item};
use vitrine_engine::page::{Moment, Page};
use vitrine_engine::plan::Plan;
use vitrine_engine::profile::Profile;
use vitrine_engine::time::Millis;
use vitrine_engine::value::Value;
use vitrine_engine::walk::Visitor;
use vitrine_trainer::value::Tree;

use crate::failure::{Failure, stdout};
use crate::input::{bytes, name};
use crate::published::Files;

/// The most bytes of an attributes file.
const ATTRIBUTES_BYTES: usize = 1 << 20;

/// Print the HTML of one message.
#[derive(Debug, Args)]
pub struct Render {
    #[command(flatten)]
    files: Files,
    /// The campaign
    #[arg(long)]
    campaign: String,
    /// The message
    #[arg(long)]
    message: String,
    /// What is known of the visitor: a JSON object by dotted name, as the texts name it
    #[arg(long, value_name = "A.json")]
    attributes: Option<PathBuf>,
}

impl Render {
    /// Does it.
    pub fn run(self) -> Result<(), Failure> {
        let (published, shelf) = self.files.read_with_shelf()?;
        let mut visitor = Visitor::new(0);
        let mut page = Page::parse("/");
        if let Some(path) = &self.attributes {
            self.files.beside(path)?;
            let known: BTreeMap<String, Tree> = serde_json::from_slice(&bytes(path, ATTRIBUTES_BYTES)?)
                .map_err(|error| {
                    let (name, line, column) = (name(path), error.line(), error.column());
                    Failure::Input(format!(
                        "{name}:{line}:{column}: is no JSON object of attributes; one is `{{\"visits\": 3}}`"
                    ))
                })?;
            learn(known, (&mut visitor.profile, &mut page), &published.plan);
        }
        let choice = self.choice(&published)?;
        let moment = Moment { now: Millis(0), page };
        let scene = banner::Scene { published: &published, profile: &visitor.profile, moment: &moment };
        let strip = |order: &[u8]| {
            let (model, index) = shelf.as_ref()?;
            banner::strip::draw(order, model, index)
        };
        let html = banner::render(&scene, &choice, &strip).ok_or_else(|| {
            Failure::Input("this message has no product to show; give a `--model` with cards".into())
        })?;
        stdout(|out| writeln!(out, "{html}"))
    }

    fn choice(&self, published: &vitrine_engine::decide::Published) -> Result<Choice, Failure> {
        let campaigns = &published.plan.campaigns;
        let found = (0u16..).zip(campaigns).find(|(_, campaign)| campaign.id == self.campaign);
        let (at, campaign) =
            found.ok_or_else(|| Failure::Input(format!("the plan has no campaign `{}`", self.campaign)))?;
        let message = campaign.message(&self.message).ok_or_else(|| {
            Failure::Input(format!("campaign `{}` has no message `{}`", self.campaign, self.message))
        })?;
        Ok(Choice {
            campaign: at,
            message: Some(message),
            slot: campaign.slot,
            arm: Arm::default(),
            fresh: true,
        })
    }
}

/// What is known of the visitor, where the engine looks for it. What only a device
/// can know is passed over, and said so.
fn learn(known: BTreeMap<String, Tree>, (profile, page): (&mut Profile, &mut Page), plan: &Plan) {
    let minor = 10f64.powi(plan.currency.digits.into());
    let mut last = Item { quantity: 1, ..Item::default() };
    let mut has_cart = false;
    let mut seen = Event::new(event::SET, Millis(0));
    for (name, Tree(value)) in known {
        let number = if let Value::Number(number) = value { number } else { 0.0 };
        let text = value.show();
        has_cart |= name.starts_with("cart.");
        match name.as_str() {
            "language" => page.language = text,
            "device" => page.device = text,
            "visits" => profile.visits = number as u32,
            "views" => profile.views = number as u32,
            "revenue" => profile.spent = (number * minor) as u64,
            "source" => profile.visit.arrival.source = text,
            "keyword" => profile.visit.arrival.keyword = text,
            "campaign" => profile.visit.arrival.campaign = text,
            "landing" => profile.visit.landing = text,
            "search.last" => profile.term = text,
            "cart.last.title" => last.title = text,
            "cart.value" => last.price = (number * minor) as u64,
            "cart.count" => last.quantity = number as u32,
            _ if is_the_devices(&name) => {
                let _unheard =
                    writeln!(io::stderr(), "vitrine: `{name}` is for the device to know, and left out");
            }
            _ => seen.attributes.push((name, value)),
        }
    }
    profile.observe(&seen, &plan.terms);
    if has_cart {
        let pieces = u64::from(last.quantity.max(1));
        profile.cart.push(Item { price: last.price / pieces, ..last });
    }
}

/// Whether an attribute is one that the engine works out by itself.
fn is_the_devices(name: &str) -> bool {
    NAMES.iter().any(|known| name == *known || known.ends_with('.') && name.starts_with(known))
}
