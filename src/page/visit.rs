//! What enters at the door of a page view: address, referrer, clock, random
//! bits, language, device and consent, each read once. Never keeps them.

use vitrine_engine::event::Event;
use vitrine_engine::text::fold;
use vitrine_engine::time::Millis;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, Window};

/// Below this width, in CSS pixels, a page is laid out for a phone.
const PHONE_WIDTH: f64 = 640.0;

/// The page's window. The module runs in windows only.
pub fn window() -> Option<Window> {
    web_sys::window()
}

/// The page's document.
pub fn document() -> Option<Document> {
    window()?.document()
}

/// The clock.
pub fn now() -> Millis {
    Millis(js_sys::Date::now() as u64)
}

/// 64 random bits; from the clock where the page has no `crypto`.
pub fn random() -> u64 {
    let mut bytes = [0u8; 8];
    let crypto = window().and_then(|window| window.crypto().ok());
    match crypto.map(|crypto| crypto.get_random_values_with_u8_array(&mut bytes)) {
        Some(Ok(_)) => u64::from_le_bytes(bytes),
        _ => vitrine_engine::hash::mix(now().0),
    }
}

/// The page view that is happening now.
pub fn page_view(url: Option<String>, at: Millis) -> Event {
    let here = window().and_then(|window| window.location().href().ok()).unwrap_or_default();
    let referrer = document().map(|document| document.referrer()).unwrap_or_default();
    let root = document().and_then(|document| document.document_element());
    let language = root.and_then(|root| root.get_attribute("lang")).unwrap_or_default();
    let width = window().and_then(|window| window.inner_width().ok()).and_then(|width| width.as_f64());
    let mut event = Event::page_view(url.as_deref().unwrap_or(&here), &referrer, at);
    if let Some(page) = &mut event.page {
        if page.host.is_empty() {
            page.host = vitrine_engine::page::Page::parse(&here).host;
        }
        page.language = fold(&language);
        page.device =
            if width.is_some_and(|width| width < PHONE_WIDTH) { "mobile" } else { "desktop" }.into();
    }
    event
}

/// What the visitor allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Consent {
    /// Where the device may remember.
    pub storage: Storage,
    /// Whether counts may leave.
    pub reports: bool,
}

/// Where the device may remember.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Storage {
    /// Nowhere: this page only.
    #[default]
    None,
    /// Until the tab is closed.
    Session,
    /// Until it is forgotten.
    Persistent,
}

impl Storage {
    fn parse(word: &str) -> Storage {
        match word {
            "persistent" => Storage::Persistent,
            "session" => Storage::Session,
            _ => Storage::None,
        }
    }
}

impl Consent {
    /// From the tag: `persistent+reports`, `session`, `none`.
    pub fn from_tag(text: &str) -> Consent {
        let mut consent = Consent::default();
        for word in text.split(['+', ' ', ',']) {
            match word {
                "reports" => consent.reports = true,
                word => consent.storage = Storage::parse(word),
            }
        }
        consent
    }

    /// From `consent({storage, reports})`.
    pub fn from_call(argument: &JsValue) -> Consent {
        Consent {
            storage: Storage::parse(&text(argument, "storage")),
            reports: get(argument, "reports").is_truthy(),
        }
    }
}

/// A property of a foreign object; undefined where there is none, also where
/// a getter throws.
pub fn get(object: &JsValue, name: &str) -> JsValue {
    js_sys::Reflect::get(object, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// A property as text; numbers are written plainly, all else is empty.
pub fn text(object: &JsValue, name: &str) -> String {
    let value = get(object, name);
    match value.as_string() {
        Some(text) => text,
        None if value.as_f64().is_some() => value
            .unchecked_into::<js_sys::Number>()
            .to_string_with_radix(10)
            .map(String::from)
            .unwrap_or_default(),
        None => String::new(),
    }
}
