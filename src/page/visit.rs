//! What enters at the door of a page view: address, referrer, clock, random
//! bits, language, device and consent, each read once. Never keeps them.

use vitrine_engine::channel::ITSELF;
use vitrine_engine::event::Event;
use vitrine_engine::page::Page;
use vitrine_engine::plan::Plan;
use vitrine_engine::sites::app;
use vitrine_engine::text::{fold, push_number, whole};
use vitrine_engine::time::Millis;
use vitrine_engine::trigger::{Cause, Trigger};

use super::given::{SEPARATOR, next_text, text};

/// Below this width, in CSS pixels, a page is laid out for a phone.
const PHONE_WIDTH: u64 = 640;

/// The clock.
pub fn now() -> Millis {
    Millis(crate::now() as u64)
}

/// The page view that is happening now. One that the page itself calls for, by
/// an address or with none, comes from the page in view.
pub fn page_view(call: Option<&str>, at: Millis) -> Event {
    let here = crate::here();
    let mut here = text(&here);
    let mut part = || next_text(&mut here);
    let (address, referrer, language, width, agent) = (part(), part(), part(), part(), part());
    let url = call.filter(|url| !url.is_empty()).unwrap_or(address);
    let mut event = Event::page_view(url, if call.is_some() { ITSELF } else { referrer }, at);
    event.agent = app(agent);
    if let Some(page) = &mut event.page {
        if page.host.is_empty() {
            page.host = Page::parse(address).host;
        }
        page.language = fold(language);
        let is_phone = whole(width).is_some_and(|width| width < PHONE_WIDTH);
        page.device = if is_phone { "mobile" } else { "desktop" }.into();
    }
    event
}

/// The signs of a page that a plan's triggers wait for, each a name and how
/// much of it.
pub fn signs(plan: &Plan) -> String {
    let mut signs = String::new();
    for campaign in &plan.campaigns {
        if let Some(Trigger { cause: Cause::Sign(sign, amount), .. }) = campaign.trigger {
            if !signs.is_empty() {
                signs.push(char::from(SEPARATOR));
            }
            signs.push_str(sign.names()[0]);
            signs.push(' ');
            push_number(&mut signs, amount.into(), 1);
        }
    }
    signs
}

/// What the visitor allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Consent {
    /// Where the device may remember: 0 nowhere, 1 until the tab is closed, 2
    /// until it is forgotten.
    pub storage: u8,
    /// Whether counts may leave.
    pub reports: bool,
}

/// The device may remember for good.
pub const PERSISTENT: u8 = 2;
