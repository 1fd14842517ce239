//! What happened, in GA4's own names. Never judges and never remembers.

use alloc::string::String;
use alloc::vec::Vec;

use crate::json::Json;
use crate::pack::pack_struct;
use crate::page::Page;
use crate::text::push_number;
use crate::time::Millis;
use crate::value::Value;

/// The most items of one event that are read: GA4's own limit is 200; the
/// first of a list say what was in view.
pub const ITEM_LIMIT: usize = 50;
/// Tags of one item that are read.
pub const TAG_LIMIT: usize = 8;
/// Parameters of the shop's own of one event that are read; GA4 itself reads 25.
pub const PARAMETER_LIMIT: usize = 25;
/// The longest id, name or term kept, in bytes.
pub const WORD_LIMIT: usize = 100;

/// A visitor sees a page.
pub const PAGE_VIEW: &str = "page_view";
/// The page is left; there is nobody to wake until the next page view.
pub const PAGE_LEAVE: &str = "page_leave";
/// A product's own page.
pub const VIEW_ITEM: &str = "view_item";
/// Products in a list.
pub const VIEW_ITEM_LIST: &str = "view_item_list";
/// Into the cart.
pub const ADD_TO_CART: &str = "add_to_cart";
/// Out of the cart.
pub const REMOVE_FROM_CART: &str = "remove_from_cart";
/// The cart as it stands.
pub const VIEW_CART: &str = "view_cart";
/// Bought.
pub const PURCHASE: &str = "purchase";
/// Searched in the shop.
pub const SEARCH: &str = "search";
/// A message came into view.
pub const SHOWN: &str = "shown";
/// A message was clicked.
pub const CLICKED: &str = "clicked";
/// A message was put away.
pub const DISMISSED: &str = "dismissed";
/// The site says something of the visitor.
pub const SET: &str = "set";

/// One product of an event.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Item {
    /// GA4's `item_id`.
    pub id: String,
    /// GA4's `item_name`.
    pub title: String,
    /// GA4's `item_category`.
    pub category: String,
    /// GA4's `item_brand`.
    pub brand: String,
    /// The shop's `item_tags`: season, colour, whatever it sorts by.
    pub tags: Vec<String>,
    /// In minor units of the site's currency, for one piece.
    pub price: u64,
    /// Pieces, at least 1.
    pub quantity: u32,
}

/// One thing that happened. Fields that an event's name does not use are empty.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Event {
    /// When.
    pub at: Millis,
    /// GA4's name, or one of the constants above.
    pub name: String,
    /// The page, with a `page_view`.
    pub page: Option<Page>,
    /// The full address, with a `page_view`; kept for recordings.
    pub url: String,
    /// The referrer, with a `page_view`.
    pub referrer: String,
    /// The word of the user agent that names an app, with a `page_view`.
    pub agent: String,
    /// The products.
    pub items: Vec<Item>,
    /// In minor units of the site's currency; a purchase's value.
    pub value: u64,
    /// GA4's `transaction_id`: the same purchase is counted once.
    pub transaction: String,
    /// GA4's `search_term`.
    pub term: String,
    /// The campaign, with `shown`, `clicked`, `dismissed`.
    pub campaign: String,
    /// The message, with `shown`, `clicked`, `dismissed`.
    pub message: String,
    /// Attributes by dotted name, with `set`; null clears one.
    pub attributes: Vec<(String, Value)>,
    /// Whatever else the shop sent along, by GA4's parameter name.
    pub parameters: Vec<(String, Value)>,
}

impl Event {
    /// An event with nothing but a name and a moment.
    #[must_use]
    pub fn new(name: &str, at: Millis) -> Event {
        let mut event = Event::default();
        event.at = at;
        event.name = name.into();
        event
    }

    /// The page view of `url`.
    #[must_use]
    pub fn page_view(url: &str, referrer: &str, at: Millis) -> Event {
        let mut event = Event::new(PAGE_VIEW, at);
        event.page = Some(Page::parse(url));
        event.url = url.into();
        event.referrer = referrer.into();
        event
    }

    /// One parameter, by GA4's name: the shop's own, or `value` (in units of
    /// the currency), `search_term`, and for messages `campaign` and `message`.
    #[must_use]
    pub fn parameter(&self, name: &str, minor_per_unit: u32) -> Value {
        let text = match name {
            "value" if self.value > 0 => {
                return Value::Number(self.value as f64 / f64::from(minor_per_unit.max(1)));
            }
            "search_term" => &self.term,
            "campaign" => &self.campaign,
            "message" => &self.message,
            _ => "",
        };
        if !text.is_empty() {
            return Value::text(text);
        }
        let known = self.parameters.iter().find(|(known, _)| known == name);
        known.map_or(Value::Null, |(_, value)| value.clone())
    }

    /// The event as the line of a recording that `vitrine replay` reads. Money
    /// is in units of the currency, as GA4 has it, with `digits` decimals.
    #[must_use]
    pub fn to_json(&self, visitor: &str, seed: u64, digits: u8) -> String {
        let mut seed_text = String::new();
        push_number(&mut seed_text, seed, 1);
        let mut json = Json::default();
        json.begin('{');
        json.pair("visitor", visitor);
        json.pair("seed", &seed_text);
        json.count("t", self.at.0);
        json.pair("event", &self.name);
        optional(&mut json, "url", &self.url);
        optional(&mut json, "referrer", &self.referrer);
        optional(&mut json, "user_agent", &self.agent);
        if let Some(page) = &self.page {
            optional(&mut json, "language", &page.language);
            optional(&mut json, "device", &page.device);
        }
        if let Some(slots) = self.page.as_ref().and_then(|page| page.slots.as_ref()) {
            json.key("slots");
            json.begin('[');
            slots.iter().for_each(|slot| json.text(slot));
            json.end(']');
        }
        optional(&mut json, "transaction_id", &self.transaction);
        optional(&mut json, "search_term", &self.term);
        optional(&mut json, "campaign", &self.campaign);
        optional(&mut json, "message", &self.message);
        if self.value > 0 {
            json.key("value");
            json.raw(&units(self.value, digits));
        }
        if !self.items.is_empty() {
            json.key("items");
            json.begin('[');
            self.items.iter().for_each(|item| item.write(&mut json, digits));
            json.end(']');
        }
        pairs(&mut json, "attributes", &self.attributes);
        pairs(&mut json, "parameters", &self.parameters);
        json.end('}');
        json.finish()
    }
}

impl Item {
    fn write(&self, json: &mut Json, digits: u8) {
        json.begin('{');
        json.pair("item_id", &self.id);
        json.pair("item_name", &self.title);
        json.pair("item_category", &self.category);
        json.pair("item_brand", &self.brand);
        if !self.tags.is_empty() {
            json.key("item_tags");
            json.begin('[');
            self.tags.iter().for_each(|tag| json.text(tag));
            json.end(']');
        }
        json.key("price");
        json.raw(&units(self.price, digits));
        json.count("quantity", u64::from(self.quantity));
        json.end('}');
    }
}

fn pairs(json: &mut Json, name: &str, pairs: &[(String, Value)]) {
    if pairs.is_empty() {
        return;
    }
    json.key(name);
    json.begin('{');
    for (name, value) in pairs {
        json.key(name);
        value.write(json);
    }
    json.end('}');
}

fn optional(json: &mut Json, name: &str, text: &str) {
    if !text.is_empty() {
        json.pair(name, text);
    }
}

/// An amount in minor units as a JSON number in units.
fn units(minor: u64, digits: u8) -> String {
    let scale = 10u64.saturating_pow(digits.into());
    let mut out = String::new();
    push_number(&mut out, minor / scale, 1);
    if digits > 0 {
        out.push('.');
        push_number(&mut out, minor % scale, digits.into());
    }
    out
}

pack_struct!(Item { id, title, category, brand, tags, price, quantity });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_recorded_in_units_of_the_currency() {
        let event = Event { value: 1205, ..Event::new(PURCHASE, Millis(7)) };
        assert!(event.to_json("v", 1, 2).ends_with(r#""event":"purchase","value":12.05}"#));
        assert!(event.to_json("v", 1, 0).ends_with(r#""value":1205}"#));
    }
}
