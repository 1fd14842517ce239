//! GA4's objects, as shops push them, into events. Never trusts a type: what
//! does not fit is left out.

use vitrine_engine::event::{Event, ITEM_LIMIT, Item, WORD_LIMIT};
use vitrine_engine::text::clip;
use vitrine_engine::time::Millis;
use vitrine_engine::value::{Scalar, Value};
use wasm_bindgen::{JsCast, JsValue};

use super::visit::{get, text};

/// The largest amount read, in currency units; more is a mistake or an attack.
const AMOUNT_LIMIT: f64 = 1e12;
/// How deep attributes are flattened.
const DEPTH: usize = 3;

/// An event from `{event, items, value, …}`, with the ecommerce fields at the
/// top; `None` without a name. Amounts become minor units by `digits`.
pub fn event(body: &JsValue, at: Millis, digits: u8) -> Option<Event> {
    let name = word(body, "event");
    if name.is_empty() {
        return None;
    }
    let items = get(body, "items");
    let mut list: Vec<Item> = Vec::new();
    if let Some(array) = items.dyn_ref::<js_sys::Array>() {
        list.extend(
            array
                .iter()
                .take(ITEM_LIMIT)
                .map(|entry| item(&entry, digits))
                .filter(|item| !item.id.is_empty()),
        );
    }
    Some(Event {
        items: list,
        value: minor(body, "value", digits),
        transaction: word(body, "transaction_id"),
        term: word(body, "search_term"),
        ..Event::new(&name, at)
    })
}

fn item(entry: &JsValue, digits: u8) -> Item {
    let quantity = get(entry, "quantity").as_f64().unwrap_or(1.0);
    Item {
        id: word(entry, "item_id"),
        title: word(entry, "item_name"),
        category: word(entry, "item_category"),
        brand: word(entry, "item_brand"),
        price: minor(entry, "price", digits),
        quantity: quantity.clamp(1.0, 9999.0) as u32,
    }
}

fn word(object: &JsValue, name: &str) -> String {
    clip(text(object, name).trim(), WORD_LIMIT).into()
}

/// An amount, a number or a text of one, as minor units.
fn minor(object: &JsValue, name: &str, digits: u8) -> u64 {
    let value = get(object, name);
    let units = value
        .as_f64()
        .or_else(|| value.as_string().map(|text| js_sys::Number::from(JsValue::from_str(&text)).value_of()));
    let units = units.filter(|units| units.is_finite()).unwrap_or(0.0).clamp(0.0, AMOUNT_LIMIT);
    (units * 10f64.powi(digits.into())).round() as u64
}

/// The attributes of a foreign object by dotted name, under `prefix`.
pub fn attributes(object: &JsValue, prefix: &str) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    flatten(object, prefix, DEPTH, &mut found);
    found
}

fn flatten(object: &JsValue, prefix: &str, depth: usize, found: &mut Vec<(String, Value)>) {
    let Some(object) = object.dyn_ref::<js_sys::Object>() else { return };
    for entry in js_sys::Object::entries(object).iter() {
        let pair: js_sys::Array = entry.unchecked_into();
        let (key, value) = (pair.get(0).as_string().unwrap_or_default(), pair.get(1));
        let name = if prefix.is_empty() { key } else { [prefix, ".", &key].concat() };
        if let Some(list) = value.dyn_ref::<js_sys::Array>() {
            found.push((
                name,
                Value::Many(list.iter().take(ITEM_LIMIT).map(|entry| scalar(&entry)).collect()),
            ));
        } else if value.is_object() && depth > 0 {
            flatten(&value, &name, depth - 1, found);
        } else {
            found.push((name, Value::One(scalar(&value))));
        }
    }
}

fn scalar(value: &JsValue) -> Scalar {
    if let Some(text) = value.as_string() {
        return Scalar::Text(clip(&text, WORD_LIMIT).into());
    }
    if let Some(flag) = value.as_bool() {
        return Scalar::Bool(flag);
    }
    value.as_f64().filter(|number| number.is_finite()).map_or(Scalar::Null, Scalar::Number)
}
