//! Where messages meet the eye: shadow roots over the page and in its slots.
//! Never moves anything that is in view, never leaves a listener behind.

use gloo_events::{EventListener, EventListenerOptions};
use vitrine_engine::banner;
use vitrine_engine::decide::{Choice, Decision, Published};
use vitrine_engine::event;
use vitrine_engine::page::Moment;
use vitrine_engine::plan::{Place, Position};
use vitrine_engine::profile::Profile;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlDialogElement, HtmlElement, IntersectionObserver, ShadowRoot};

use super::debug::Debug;
use super::visit::{document, get, window};

/// The share of a message that must be in view to count as seen: the IAB's
/// half of the pixels.
const SEEN: f64 = 0.5;
/// The least height of an inline slot, in CSS pixels, that holds anything.
const LEAST_HEIGHT: i32 = 40;
/// The attribute by which an edge marks what it drew.
pub const EDGE_MARK: &str = "data-vitrine-edge";

/// The messages that stand on the page.
pub struct Slots {
    settings: JsValue,
    debug: Debug,
    standing: Vec<Standing>,
}

/// One message on the page; dropping it takes it off.
struct Standing {
    campaign: String,
    message: String,
    host: Element,
    _listeners: Vec<EventListener>,
    _seen: Option<Seen>,
}

/// Waits until a message is seen.
struct Seen {
    observer: IntersectionObserver,
    _callback: Closure<dyn FnMut(js_sys::Array)>,
}

impl Drop for Seen {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

impl Drop for Standing {
    fn drop(&mut self) {
        self.host.remove();
    }
}

/// All that drawing needs to know.
pub struct Scene<'a> {
    pub published: &'a Published,
    pub profile: &'a Profile,
    pub moment: &'a Moment,
}

impl Slots {
    /// No message stands yet. `settings` holds the loader's two hands: `dress`
    /// adopts a style sheet, `fill` sets markup under Trusted Types.
    pub fn new(settings: &JsValue, debug: Debug) -> Slots {
        Slots { settings: settings.clone(), debug, standing: Vec::new() }
    }

    /// Takes everything off the page.
    pub fn clear(&mut self) {
        self.standing.clear();
    }

    /// Makes the page show exactly what was decided.
    pub fn show(&mut self, scene: &Scene, decision: &Decision) {
        let same = |standing: &Standing, choice: &Choice| {
            standing.campaign == choice.arm.campaign && standing.message == choice.arm.message
        };
        self.standing.retain(|standing| decision.choices.iter().any(|choice| same(standing, choice)));
        for choice in &decision.choices {
            if choice.message.is_some() && !self.standing.iter().any(|standing| same(standing, choice)) {
                self.mount(scene, choice);
            }
        }
        // What an edge drew and the page does not want goes.
        if let Some(host) = edge_host() {
            host.remove();
        }
    }

    fn mount(&mut self, scene: &Scene, choice: &Choice) {
        let Some(slot) = scene.published.plan.slots.get(usize::from(choice.slot)) else { return };
        let drawn = edge_host()
            .filter(|host| is_drawn(host, choice))
            .and_then(|host| Some((host.shadow_root()?, host)));
        let (root, host) = match drawn {
            Some((root, host)) => {
                let _ = host.remove_attribute(EDGE_MARK);
                self.call("dress", &root, banner::STYLE);
                (root, host)
            }
            None => {
                let Some(markup) = banner::render(scene.published, scene.profile, scene.moment, choice)
                else {
                    return;
                };
                let Some(anchor) = self.anchor(&slot.id, &slot.place) else { return };
                let Some((root, host)) = host() else { return };
                self.call("dress", &root, banner::STYLE);
                self.call("fill", &root, &markup);
                anchor.place(&host);
                (root, host)
            }
        };
        let names = (choice.arm.campaign.clone(), choice.arm.message.clone());
        let Some(first) = root.query_selector(".vt").ok().flatten() else { return host.remove() };
        let listeners = listen(&root, &first, &names);
        if let Some(dialog) = first.dyn_ref::<HtmlDialogElement>() {
            let _ = dialog.show_modal();
        }
        let seen = watch(&first, &names);
        self.standing.push(Standing {
            campaign: names.0,
            message: names.1,
            host,
            _listeners: listeners,
            _seen: seen,
        });
    }

    fn call(&self, hand: &str, root: &ShadowRoot, text: &str) {
        if let Some(hand) = get(&self.settings, hand).dyn_ref::<js_sys::Function>() {
            if hand.call2(&JsValue::NULL, root, &text.into()).is_err() {
                self.debug.say(|| {
                    "The page's Trusted Types policy refuses `vitrine`; add it to `trusted-types`.".into()
                });
            }
        }
    }

    /// Where a message may stand without moving what is in view.
    fn anchor(&self, slot: &str, place: &Place) -> Option<Anchor> {
        let Place::Inline { selector, position, min_height } = place else {
            return Some(Anchor {
                element: document()?.body()?.into(),
                position: Position::Inside,
                height: 0,
            });
        };
        let Some(element) = document()?.query_selector(selector).ok().flatten() else {
            self.debug.say(|| ["Slot `", slot, "`: this page has no element `", selector, "`."].concat());
            return None;
        };
        let height = element.client_height();
        if *position == Position::Inside {
            let is_reserved = height >= LEAST_HEIGHT.max(i32::from(*min_height));
            if is_reserved || is_below(&element) {
                return Some(Anchor { element, position: *position, height });
            }
            self.debug
                .say(|| ["Slot `", slot, "`: give its element a height, or the page would jump."].concat());
            return None;
        }
        is_below(&element).then_some(Anchor { element, position: *position, height: i32::from(*min_height) })
    }
}

/// A place in the page.
struct Anchor {
    element: Element,
    position: Position,
    /// In CSS pixels; 0 where the message needs none of its own.
    height: i32,
}

impl Anchor {
    fn place(&self, host: &Element) {
        if let Some(host) = host.dyn_ref::<HtmlElement>().filter(|_| self.height > 0) {
            let _ = js_sys::Reflect::set(
                &get(host, "style"),
                &"height".into(),
                &[&self.height.to_string(), "px"].concat().into(),
            );
        }
        let _ = match self.position {
            Position::Inside => self.element.append_child(host).is_ok(),
            Position::Before => self.element.insert_adjacent_element("beforebegin", host).is_ok(),
            Position::After => self.element.insert_adjacent_element("afterend", host).is_ok(),
        };
    }
}

fn is_below(element: &Element) -> bool {
    let height = window().and_then(|window| window.inner_height().ok()).and_then(|height| height.as_f64());
    height.is_some_and(|height| element.get_bounding_client_rect().top() >= height)
}

/// A new element with an open shadow root.
fn host() -> Option<(ShadowRoot, Element)> {
    let host = document()?.create_element("div").ok()?;
    let _ = host.set_attribute("data-vitrine", "");
    let root = host.attach_shadow(&web_sys::ShadowRootInit::new(web_sys::ShadowRootMode::Open)).ok()?;
    Some((root, host))
}

/// The element that an edge drew, while nobody has taken it over.
pub fn edge_host() -> Option<Element> {
    document()?.query_selector(&["[", EDGE_MARK, "]"].concat()).ok()?
}

fn is_drawn(host: &Element, choice: &Choice) -> bool {
    let mark = host.get_attribute(EDGE_MARK).unwrap_or_default();
    let mut words = mark.split(' ').skip(1);
    words.next() == Some(&choice.arm.campaign) && words.next() == Some(&choice.arm.message)
}

type Names = (String, String);

fn tell(names: &Names, name: &'static str) {
    let (campaign, message) = names.clone();
    super::with(move |body| body.banner(name, campaign, message));
}

fn listen(root: &ShadowRoot, first: &Element, names: &Names) -> Vec<EventListener> {
    let mut listeners = Vec::new();
    let dialog = first.dyn_ref::<HtmlDialogElement>().cloned();
    let (own, frame) = (names.clone(), first.clone());
    let closing = dialog.clone();
    let dismiss = move |names: &Names| match &closing {
        // The browser gives the focus back, then says `close`.
        Some(dialog) => dialog.close(),
        None => tell(names, event::DISMISSED),
    };
    let by_key = dismiss.clone();
    listeners.push(EventListener::new(root, "click", move |click| {
        let Some(target) = click.target().and_then(|target| target.dyn_into::<Element>().ok()) else {
            return;
        };
        let part = target.closest("[data-vt]").ok().flatten().and_then(|part| part.get_attribute("data-vt"));
        match part.as_deref() {
            Some("click") => tell(&own, event::CLICKED),
            Some(_) => dismiss(&own),
            // A click beside the dialog lands on the dialog itself.
            None if target == frame && frame.is_instance_of::<HtmlDialogElement>() => dismiss(&own),
            None => {}
        }
    }));
    let own = names.clone();
    match dialog {
        Some(dialog) => {
            listeners.push(EventListener::new(&dialog, "close", move |_| tell(&own, event::DISMISSED)))
        }
        None => {
            let return_to = std::rc::Rc::new(std::cell::RefCell::new(JsValue::NULL));
            let came_from = return_to.clone();
            listeners.push(EventListener::new(root, "focusin", move |focus| {
                let from = get(focus, "relatedTarget");
                if !from.is_null() {
                    *came_from.borrow_mut() = from;
                }
            }));
            let options = EventListenerOptions::enable_prevent_default();
            listeners.push(EventListener::new_with_options(root, "keydown", options, move |key| {
                if get(key, "key").as_string().as_deref() == Some("Escape") {
                    key.prevent_default();
                    by_key(&own);
                    if let Some(element) = return_to.borrow().dyn_ref::<HtmlElement>() {
                        let _ = element.focus();
                    }
                }
            }));
        }
    }
    listeners
}

fn watch(element: &Element, names: &Names) -> Option<Seen> {
    let names = names.clone();
    let callback = Closure::<dyn FnMut(js_sys::Array)>::new(move |entries: js_sys::Array| {
        if entries.iter().any(|entry| get(&entry, "isIntersecting").is_truthy()) {
            tell(&names, event::SHOWN);
        }
    });
    let options = web_sys::IntersectionObserverInit::new();
    options.set_threshold(&SEEN.into());
    let observer =
        IntersectionObserver::new_with_options(callback.as_ref().unchecked_ref(), &options).ok()?;
    observer.observe(element);
    Some(Seen { observer, _callback: callback })
}
