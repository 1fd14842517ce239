//! The body itself: one visitor, one page, one plan. Never decides.

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use vitrine_engine::bandit::Odds;
use vitrine_engine::decide::{Decision, Published};
use vitrine_engine::event::{self, Event};
use vitrine_engine::page::Moment;
use vitrine_engine::plan::Plan;
use vitrine_engine::profile::{Arm, Stream};
use vitrine_engine::seal::{self, Kind};
use vitrine_engine::time::Millis;
use vitrine_engine::walk::Visitor;
use vitrine_engine::{digest, explain};
use wasm_bindgen::{JsCast, JsValue};

use super::debug::Debug;
use super::outbox::Outbox;
use super::slot::{self, Scene, Slots};
use super::store::Store;
use super::visit::{self, Consent, get, now, text};
use super::{ga4, net, with};

/// Counts wait this long for company before they leave, in milliseconds.
const FLUSH_AFTER: u32 = 1_000;
/// The longest timer that browsers keep, in milliseconds; a later wake is set anew.
const LONGEST_TIMER: u64 = 0x7fff_ffff;
/// A timer this late, in milliseconds, still speaks for its own moment; later,
/// the tab was asleep, and the truth is now.
const TIMER_SLACK: u64 = 1_000;
/// Events of one page kept for a visitor who is recognised late.
const PAGE_EVENTS: usize = 64;
/// The visitor's name in recordings: there is one a device.
const DEVICE: &str = "device";

/// What waits for the plan.
enum Waiting {
    Ready(Event),
    /// As the shop pushed it: amounts need the plan's currency.
    Raw(JsValue, Millis),
}

/// What the collector has answered so far.
#[derive(Default)]
struct Loading {
    plan: Option<(Plan, String)>,
    model: String,
    odds: Odds,
    /// Answers still to come.
    open: u8,
}

/// One visitor, one page, one plan.
pub struct Body {
    settings: JsValue,
    collector: String,
    debug: Debug,
    consent: Consent,
    store: Store,
    outbox: Outbox,
    visitor: Visitor,
    slots: Slots,
    loading: Loading,
    published: Option<Published>,
    waiting: Vec<Waiting>,
    /// The events of this page view, for a visitor who is recognised late.
    seen: Vec<Event>,
    decision: Decision,
    wake: Option<Timeout>,
    flush: Option<Timeout>,
    news: Vec<Box<dyn FnOnce()>>,
}

impl Body {
    /// A body that has not begun.
    pub fn new(settings: &JsValue) -> Body {
        let debug = Debug(!get(settings, "debug").is_undefined());
        let consent = Consent::from_tag(&text(settings, "consent"));
        let consent = if get(settings, "gpc").is_truthy() { Consent::default() } else { consent };
        let site = text(settings, "site");
        Body {
            collector: [&text(settings, "collector"), "/v1/", &site, "/"].concat(),
            debug,
            consent,
            store: Store::new(&site, consent.storage),
            outbox: Outbox::default(),
            visitor: Visitor::default(),
            slots: Slots::new(settings, debug),
            loading: Loading::default(),
            published: None,
            waiting: Vec::new(),
            seen: Vec::new(),
            decision: Decision::default(),
            wake: None,
            flush: None,
            news: Vec::new(),
            settings: settings.clone(),
        }
    }

    /// Recognises the visitor, listens to the page, asks for the plan.
    pub fn begin(&mut self) {
        let seed = edge_mark().map_or_else(visit::random, |(_, _, seed)| seed);
        self.visitor = self.store.read().unwrap_or_else(|| Visitor::new(seed));
        self.outbox.load(&self.store);
        self.waiting.push(Waiting::Ready(visit::page_view(None, now())));
        self.listen();
        self.loading.open = 2;
        net::fetch(&[&self.collector, "plan"].concat(), |bytes| with(move |body| body.pointer(bytes)));
        net::fetch(&[&self.collector, "odds"].concat(), |bytes| {
            with(move |body| {
                body.loading.odds =
                    bytes.and_then(|bytes| seal::open(Kind::Odds, &bytes).ok()).unwrap_or_default();
                body.loaded();
            });
        });
    }

    /// What the page is told once the body is free.
    pub fn news(&mut self) -> Vec<Box<dyn FnOnce()>> {
        core::mem::take(&mut self.news)
    }

    /// One call of the page.
    pub fn call(&mut self, name: &str, argument: &JsValue, at: f64) -> JsValue {
        let at = Millis(at as u64);
        match name {
            "track" => self.take(Waiting::Raw(argument.clone(), at)),
            "page" => {
                self.slots.clear();
                self.seen.clear();
                self.take(Waiting::Ready(visit::page_view(argument.as_string(), at)));
            }
            "set" => self.set(ga4::attributes(argument, ""), at),
            "identify" => self.set(ga4::attributes(argument, "member"), at),
            "logout" => self.start_afresh(),
            "consent" => self.allow(Consent::from_call(argument)),
            "forget" => self.forget(),
            "log" => return parse(&self.outbox.log()),
            "explain" => return self.explain(),
            _ => {}
        }
        JsValue::UNDEFINED
    }

    /// Something happened to a message.
    pub fn banner(&mut self, name: &'static str, campaign: String, message: String) {
        let choice = self.decision.choices.iter().find(|choice| choice.arm.campaign == campaign);
        let slots = self.published.as_ref().map(|published| &published.plan.slots);
        let slot = choice.zip(slots).and_then(|(choice, slots)| slots.get(usize::from(choice.slot)));
        let detail = js_sys::Object::new();
        for (key, value) in [
            ("campaign", &campaign),
            ("message", &message),
            ("slot", &slot.map(|s| s.id.clone()).unwrap_or_default()),
        ] {
            let _ = js_sys::Reflect::set(&detail, &key.into(), &value.into());
        }
        self.tell(name, detail.into());
        self.take(Waiting::Ready(Event { campaign, message, ..Event::new(name, now()) }));
    }

    /// A report was answered; 0 means that no answer came.
    pub fn answered(&mut self, id: &str, status: u16) {
        self.debug.say(|| ["Report ", id, " was answered with ", &status.to_string(), "."].concat());
        self.outbox.answered(id, status, &self.store);
    }

    fn listen(&mut self) {
        let Some((window, document)) = visit::window().zip(visit::document()) else { return };
        EventListener::new(&document, "DOMContentLoaded", |_| with(Body::show)).forget();
        EventListener::new(&document, "visibilitychange", |_| with(Body::send_counts)).forget();
        EventListener::new(&window, "pagehide", |_| with(Body::leave)).forget();
        EventListener::new(&window, "pageshow", |shown| {
            // Back from the back-forward cache: a page view without a load.
            if get(shown, "persisted").is_truthy() {
                with(|body| {
                    body.slots.clear();
                    body.take(Waiting::Ready(visit::page_view(None, now())));
                });
            }
        })
        .forget();
    }

    fn pointer(&mut self, bytes: Option<Vec<u8>>) {
        let pointer =
            parse(&bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default());
        let name = text(&pointer, "plan");
        self.loading.model = text(&pointer, "model");
        if name.is_empty() {
            self.debug.say(|| ["No plan at ", &self.collector, "plan; nothing will be shown."].concat());
            return self.loaded();
        }
        net::fetch(&[&self.collector, "plan/", &name].concat(), |bytes| {
            with(move |body| {
                match Plan::open(&bytes.unwrap_or_default()) {
                    Ok(plan) => body.loading.plan = Some((plan, name)),
                    Err(broken) => body.debug.say(|| ["The plan ", broken.reason(), "."].concat()),
                }
                body.loaded();
            });
        });
    }

    /// One more answer came; with the last one, what waited is taken in.
    fn loaded(&mut self) {
        self.loading.open = self.loading.open.saturating_sub(1);
        if self.loading.open > 0 || self.published.is_some() {
            return;
        }
        let (plan, hash) = self.loading.plan.take().unwrap_or_default();
        self.debug.say(|| {
            [
                "Plan ",
                &hash,
                " with ",
                &plan.campaigns.len().to_string(),
                " campaigns; odds of epoch ",
                &self.loading.odds.epoch.to_string(),
                ".",
            ]
            .concat()
        });
        let needs_model = plan
            .campaigns
            .iter()
            .flat_map(|campaign| &campaign.messages)
            .any(|message| matches!(message.form, vitrine_engine::plan::Form::Products { .. }));
        if let Some((plan_name, arm, _)) = edge_mark() {
            if plan_name == hash {
                self.visitor.adopt(arm);
            }
        }
        self.published =
            Some(Published { plan, hash, odds: core::mem::take(&mut self.loading.odds), model: None });
        self.take_waiting();
        if needs_model && !self.loading.model.is_empty() {
            net::fetch(&[&self.collector, "model/", &self.loading.model].concat(), |bytes| {
                with(move |body| body.model(bytes))
            });
        }
    }

    fn model(&mut self, bytes: Option<Vec<u8>>) {
        match vitrine_engine::recommend::Model::open(&bytes.unwrap_or_default()) {
            Ok(model) => {
                let index = vitrine_engine::recommend::Index::new(&model);
                if let Some(published) = &mut self.published {
                    published.model = Some((model, index));
                }
                self.show();
            }
            Err(broken) => self.debug.say(|| ["The model ", broken.reason(), "."].concat()),
        }
    }

    fn take(&mut self, waiting: Waiting) {
        self.waiting.push(waiting);
        self.take_waiting();
    }

    /// Takes everything that waits through the engine, then shows the outcome.
    fn take_waiting(&mut self) {
        let Some(digits) = self.published.as_ref().map(|published| published.plan.currency.digits) else {
            return;
        };
        if let Some(visitor) = self.store.read() {
            let page = self.visitor.page.take();
            self.visitor = Visitor { page, ..visitor };
        }
        for waiting in core::mem::take(&mut self.waiting) {
            let event = match waiting {
                Waiting::Ready(event) => Some(event),
                Waiting::Raw(body, at) => ga4::event(&body, at, digits),
            };
            if let Some(event) = event {
                self.step(&event);
                if self.seen.len() < PAGE_EVENTS {
                    self.seen.push(event);
                }
            }
        }
        self.show();
        self.keep();
    }

    fn step(&mut self, event: &Event) {
        let Some(published) = &self.published else { return };
        let seed = self.visitor.profile.seed;
        self.decision = self.visitor.step(published, event);
        if self.debug.0 {
            let line = event.to_json(DEVICE, seed, published.plan.currency.digits);
            self.debug.say(|| ["Read ", &line].concat());
            self.tell("observed", line.into());
        }
        if event.name != event::PAGE_LEAVE {
            self.tell_decision(event.at);
        }
    }

    fn look(&mut self, at: Millis) {
        let Some(published) = &self.published else { return };
        let decision = self.visitor.look(published, at);
        let is_same = decision.shows_same(&self.decision);
        self.decision = decision;
        if !is_same {
            self.tell_decision(at);
        }
        self.show();
        self.keep();
    }

    fn tell_decision(&mut self, at: Millis) {
        let Some(published) = &self.published else { return };
        let line = self.decision.to_json(&published.plan, DEVICE, at);
        self.debug.say(|| ["Decided ", &line].concat());
        self.tell("decided", line.into());
    }

    /// Makes the page show what was decided, and sets the timer for the next look.
    fn show(&mut self) {
        let Some((published, page)) = self.published.as_ref().zip(self.visitor.page.clone()) else { return };
        let moment = Moment { now: now(), page };
        let scene = Scene { published, profile: &self.visitor.profile, moment: &moment };
        self.slots.show(&scene, &self.decision);
        self.wake = self.decision.wake.map(|wake| {
            let wait = wake.since(moment.now).min(LONGEST_TIMER) as u32;
            Timeout::new(wait, move || {
                with(move |body| {
                    let late = now().since(wake);
                    body.look(if now() >= wake && late <= TIMER_SLACK { wake } else { now() });
                });
            })
        });
    }

    /// Keeps what the visitor allowed to keep, and lets counts leave soon.
    fn keep(&mut self) {
        if self.consent.reports {
            self.store.write(&self.visitor);
            if self.flush.is_none() && !self.visitor.ledger.rows.is_empty() {
                self.flush = Some(Timeout::new(FLUSH_AFTER, || with(Body::send_counts)));
            }
        } else if self.consent.storage != visit::Storage::None {
            let ledger = core::mem::take(&mut self.visitor.ledger);
            self.store.write(&self.visitor);
            self.visitor.ledger = ledger;
        }
        let Some((published, page)) = self.published.as_ref().zip(self.visitor.page.clone()) else { return };
        if !get(&self.settings, "edge").is_undefined() {
            let moment = Moment { now: now(), page };
            self.store.write_digest(&digest::write(published, &self.visitor.profile, &moment));
        }
    }

    fn send_counts(&mut self) {
        self.flush = None;
        self.post(|outbox, url| outbox.send(url));
    }

    /// The page is being left, perhaps for good.
    fn leave(&mut self) {
        if self.published.is_none() {
            // The plan never came: what happened is remembered all the same.
            self.loading.open = 1;
            self.loaded();
        }
        self.take(Waiting::Ready(Event::new(event::PAGE_LEAVE, now())));
        self.wake = None;
        self.post(|outbox, url| outbox.send_last(url));
    }

    fn post(&mut self, send: impl FnOnce(&mut Outbox, &str)) {
        let Some(published) = self.published.as_ref().filter(|_| self.consent.reports) else { return };
        self.outbox.collect(&mut self.visitor.ledger, &published.hash, &self.store);
        self.store.write(&self.visitor);
        send(&mut self.outbox, &[&self.collector, "reports"].concat());
    }

    fn set(&mut self, attributes: Vec<(String, vitrine_engine::value::Value)>, at: Millis) {
        self.take(Waiting::Ready(Event { attributes, ..Event::new(event::SET, at) }));
    }

    /// The visitor allows, or withdraws. Global Privacy Control always wins.
    fn allow(&mut self, consent: Consent) {
        let consent = if get(&self.settings, "gpc").is_truthy() { Consent::default() } else { consent };
        if consent == self.consent {
            return;
        }
        let before = core::mem::replace(&mut self.consent, consent);
        if before.reports && !consent.reports {
            self.outbox.clear();
            self.visitor.ledger.rows.clear();
        }
        self.store.set_tier(consent.storage);
        // Someone who was here before is recognised only now: what happened on
        // this page happened to them, not to a stranger.
        if before.storage == visit::Storage::None {
            if let Some(visitor) = self.store.read() {
                self.visitor = visitor;
                self.outbox.load(&self.store);
                let seen = core::mem::take(&mut self.seen);
                let again = seen.into_iter().filter(|event| event.campaign.is_empty()).map(Waiting::Ready);
                self.waiting.splice(0..0, again);
            }
        }
        self.take_waiting();
        self.keep();
    }

    fn forget(&mut self) {
        self.store.wipe();
        self.consent = Consent::default();
        self.store.set_tier(visit::Storage::None);
        self.outbox.clear();
        self.start_afresh();
    }

    /// Somebody else sits here now.
    fn start_afresh(&mut self) {
        let page = self.visitor.page.take();
        self.visitor = Visitor { page, ..Visitor::new(visit::random()) };
        self.seen.clear();
        self.slots.clear();
        self.decision = Decision::default();
        self.wake = None;
        self.keep();
    }

    fn explain(&self) -> JsValue {
        let Some((published, page)) = self.published.as_ref().zip(self.visitor.page.clone()) else {
            return JsValue::UNDEFINED;
        };
        let reasons = explain::explain(published, &self.visitor.profile, &Moment { now: now(), page });
        parse(&explain::to_json(&reasons))
    }

    fn tell(&mut self, name: &'static str, detail: JsValue) {
        let Ok(tell) = get(&self.settings, "tell").dyn_into::<js_sys::Function>() else { return };
        self.news.push(Box::new(move || {
            let _ = tell.call2(&JsValue::NULL, &name.into(), &detail);
        }));
    }
}

fn parse(json: &str) -> JsValue {
    js_sys::JSON::parse(json).unwrap_or(JsValue::UNDEFINED)
}

/// What an edge says it drew: the plan, the arm, and the seed it drew with.
fn edge_mark() -> Option<(String, Arm, u64)> {
    let mark = slot::edge_host()?.get_attribute(slot::EDGE_MARK)?;
    let words: Vec<&str> = mark.split(' ').collect();
    let [plan, campaign, message, leaf, stream, epoch, day, drawn, seed] = words.as_slice() else {
        return None;
    };
    let arm = Arm {
        campaign: (*campaign).into(),
        message: (*message).into(),
        leaf: (*leaf).into(),
        stream: Stream::from_word(stream)?,
        epoch: epoch.parse().ok()?,
        day: day.parse().ok()?,
        drawn: Millis(drawn.parse().ok()?),
        ..Arm::default()
    };
    Some(((*plan).into(), arm, seed.parse().ok()?))
}
