//! Seeded people for a replay: they see, click, dismiss and buy at given
//! rates. Never random: a person's every act follows from the seed and names.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use vitrine_engine::decide::Choice;
use vitrine_engine::event::{self, Event};
use vitrine_engine::hash::hash64;
use vitrine_engine::rng::Rng;
use vitrine_engine::time::Millis;

use crate::failure::Failure;
use crate::input::{bytes, name};

/// The most bytes of a shoppers file.
const FILE_BYTES: usize = 1 << 20;
/// A file as it should be.
const EXAMPLE: &str = r#"such a file is `{"seed":1,"see":0.8,"value":[20000,80000],"messages":{"cart-nudge/gentle":{"click":0.1,"dismiss":0.2,"buy":0.05},"cart-nudge/holdout":{"buy":0.04}}}`"#;
/// A second to look, four to click or put away, a minute and a half to buy.
const LOOK: u64 = 1_000;
const ACT: u64 = 4_000;
const BUY: u64 = 90_000;

/// How people behave.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shoppers {
    /// Whose behaviour is drawn.
    #[serde(default)]
    seed: u64,
    /// The share of showings that are seen, 0..=1.
    see: f64,
    /// What a purchase is worth, from and to, in currency units.
    value: (f64, f64),
    /// Rates by `campaign/message`, `campaign/holdout` for those held out.
    messages: BTreeMap<String, Rates>,
    #[serde(skip)]
    minor_per_unit: f64,
}

/// The rates of one message, each 0..=1.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Rates {
    /// Of those who see it.
    click: f64,
    /// Of those who see it and do not click.
    dismiss: f64,
    /// Of the visitors who are due, once a visitor.
    buy: f64,
}

impl Shoppers {
    /// Reads the file of a site whose currency has so many digits.
    pub fn read(path: &Path, digits: u8) -> Result<Shoppers, Failure> {
        let refuse = |why: String| Failure::Input(format!("{}: {why}; {EXAMPLE}", name(path)));
        let mut shoppers: Shoppers =
            serde_json::from_slice(&bytes(path, FILE_BYTES)?).map_err(|error| refuse(error.to_string()))?;
        let rates = shoppers.messages.values().flat_map(|rates| [rates.click, rates.dismiss, rates.buy]);
        if rates.chain([shoppers.see]).any(|rate| !(0.0..=1.0).contains(&rate)) {
            return Err(refuse("a rate is not between 0 and 1".into()));
        }
        if !(0.0..=shoppers.value.1).contains(&shoppers.value.0) {
            return Err(refuse("`value` is a smallest and a largest amount".into()));
        }
        shoppers.minor_per_unit = 10f64.powi(digits.into());
        Ok(shoppers)
    }

    /// What a visitor does about a campaign that became due: `is_first` on the
    /// first time ever, `view` the page view.
    pub fn react(
        &self,
        visitor: &str,
        choice: &Choice,
        (is_first, view): (bool, u32),
        now: Millis,
    ) -> Vec<Event> {
        let (campaign, message) = (choice.arm.campaign.as_str(), choice.arm.message.as_str());
        let key = format!("{campaign}/{message}");
        let rates = self.messages.get(&key).copied().unwrap_or_default();
        let mut showing = self.rng(&[visitor, &key, &view.to_string()]);
        let mut acts = Vec::new();
        let mut act = |name: &str, after: u64| {
            acts.push(Event {
                campaign: campaign.into(),
                message: message.into(),
                ..Event::new(name, now.plus(after))
            });
        };
        if choice.message.is_some() && showing.unit() < self.see {
            act(event::SHOWN, LOOK);
            if showing.unit() < rates.click {
                act(event::CLICKED, ACT);
            } else if showing.unit() < rates.dismiss {
                act(event::DISMISSED, ACT);
            }
        }
        let mut purse = self.rng(&[visitor, campaign, "purse"]);
        if is_first && purse.unit() < rates.buy {
            let (from, to) = self.value;
            let value = (from + (to - from) * purse.unit()) * self.minor_per_unit;
            acts.push(Event {
                value: value.round() as u64,
                transaction: format!("{visitor}-{campaign}"),
                ..Event::new(event::PURCHASE, now.plus(BUY))
            });
        }
        acts
    }

    fn rng(&self, parts: &[&str]) -> Rng {
        Rng::new(self.seed, hash64(parts.join("\n").as_bytes()))
    }
}
