//! The body itself: one visitor, one page, one plan. Never decides.

mod loading;

use vitrine_engine::banner::Scene;
use vitrine_engine::decide::{Decision, Published};
use vitrine_engine::event::{self, Event, Item};
use vitrine_engine::page::Moment;
use vitrine_engine::sign::Sign;
use vitrine_engine::text::{join, next_part, whole};
use vitrine_engine::time::Millis;
use vitrine_engine::walk::Visitor;
use vitrine_engine::{digest, explain};

use super::given::{Given, SEPARATOR};
use super::outbox::Outbox;
use super::slot::{self, Slots};
use super::store::Store;
use super::visit::{self, Consent, now};
use super::{IS_FULL, tell};

/// Counts wait this long for company before they leave, in milliseconds.
const FLUSH_AFTER: f64 = 1_000.0;
/// A timer this late, in milliseconds, still speaks for its own moment; later,
/// the tab was asleep, and the truth is now.
const TIMER_SLACK: u64 = 1_000;
/// Events of one page kept for a visitor who is recognised late.
const PAGE_EVENTS: usize = 64;
/// The visitor's name in recordings: there is one a device.
const DEVICE: &str = "device";

/// Timers.
const LOOK: u8 = 0;
const FLUSH: u8 = 1;

/// What waits for the plan.
enum Waiting {
    Ready(Event),
    /// As the shop pushed it: amounts need the plan's currency.
    Raw(String, Vec<u8>, Millis),
}

/// One visitor, one page, one plan.
pub struct Body {
    collector: String,
    is_debug: bool,
    has_gpc: bool,
    has_edge: bool,
    consent: Consent,
    store: Store,
    outbox: Outbox,
    visitor: Visitor,
    /// Nobody whom this device knows, nor who was just forgotten: an edge that
    /// met them may have drawn their seed.
    is_stranger: bool,
    slots: Slots,
    /// Filled while the plan and the odds are on their way. What was published
    /// lives as long as the page, so that no code to free it is carried.
    loading: Option<&'static mut Published>,
    /// The model's name, once the pointer told it.
    model: String,
    /// Answers still to come before the plan counts.
    open: u8,
    published: Option<&'static mut Published>,
    waiting: Vec<Waiting>,
    /// The events of this page view, for a visitor who is recognised late.
    seen: Vec<Event>,
    decision: Decision,
    is_flushing: bool,
}

impl Body {
    /// A body that has not begun. The wishes are the tag's: storage, flags.
    pub fn new(site: &str, collector: &str, (storage, flags): (u8, u8)) -> Body {
        let has_gpc = flags & 2 != 0;
        let consent = if has_gpc { Consent::default() } else { Consent { storage, reports: flags & 1 != 0 } };
        Body {
            collector: join(&[collector, "/", site, "/"]),
            is_debug: flags & 4 != 0,
            has_gpc,
            has_edge: flags & 8 != 0,
            consent,
            store: Store::new(site, consent.storage),
            outbox: Outbox::default(),
            visitor: Visitor::new(0),
            is_stranger: false,
            slots: Slots::default(),
            loading: Some(Box::leak(Box::default())),
            model: String::new(),
            // The pointer or the plan it names, the odds, and the page itself.
            open: 3,
            published: None,
            waiting: Vec::new(),
            seen: Vec::new(),
            decision: Decision::default(),
            is_flushing: false,
        }
    }

    /// Recognises the visitor and asks for the plan.
    pub fn begin(&mut self, at: f64) {
        let known = self.store.read();
        self.is_stranger = known.is_none();
        self.visitor = known.unwrap_or_else(|| Visitor::new(crate::random()));
        self.outbox.load(&self.store);
        self.waiting.push(Waiting::Ready(visit::page_view(None, Millis(at as u64))));
        self.ask_all();
    }

    /// One call of the page; an answer is JSON.
    pub fn call(&mut self, name: &str, given: &Given, at: f64) {
        let at = Millis(at as u64);
        match name {
            "track" => self.take(Waiting::Raw(given.texts.into(), given.numbers.to_vec(), at)),
            "page" => {
                self.slots.clear();
                self.seen.clear();
                self.take(Waiting::Ready(visit::page_view(Some(given.texts), at)));
            }
            "set" | "identify" => {
                let mut event = Event::new(event::SET, at);
                event.attributes = given.attributes();
                self.take(Waiting::Ready(event));
            }
            "logout" => self.start_afresh(),
            "consent" => {
                self.allow(Consent { storage: given.number(0) as u8, reports: given.number(1) != 0.0 });
            }
            "forget" => {
                self.allow(Consent::default());
                self.store.set_tier(0);
                self.start_afresh();
            }
            "log" => crate::reply(&self.outbox.log()),
            "explain" => self.glance(),
            _ => {}
        }
    }

    /// Something happened to a message: what, its campaign and itself, in words, and
    /// its products, parted by ASCII 31. Or a sign was given: which, how much of it.
    pub fn happened(&mut self, mut words: &str) {
        let (name, campaign) = (next_part(&mut words, b' '), next_part(&mut words, b' '));
        let message = next_part(&mut words, SEPARATOR);
        if let Some(sign) = Sign::of(name) {
            let amount = whole(campaign).unwrap_or_default() as u32;
            return self.take(Waiting::Ready(sign.event(amount, now())));
        }
        let choice = self.decision.choices.iter().find(|choice| choice.arm.campaign == campaign);
        let slots = self.published.as_ref().map(|published| &published.plan.slots);
        let slot = choice.zip(slots).and_then(|(choice, slots)| slots.get(usize::from(choice.slot)));
        tell(&[name, campaign, message, slot.map_or("", |slot| &slot.id)]);
        let mut event = Event::new(name, now());
        (event.campaign, event.message) = (campaign.into(), message.into());
        while !words.is_empty() {
            let mut item = Item::default();
            item.id = next_part(&mut words, SEPARATOR).into();
            event.items.push(item);
        }
        self.take(Waiting::Ready(event));
    }

    /// A timer went off, or the page is parsed.
    pub fn tick(&mut self, which: u8) {
        match which {
            LOOK => {
                let wake = self.decision.wake.unwrap_or_default();
                let is_punctual = wake <= now() && now().since(wake) <= TIMER_SLACK;
                self.look(if is_punctual { wake } else { now() });
            }
            FLUSH => self.post(Outbox::send),
            _ => self.loaded(),
        }
    }

    /// The page is being left, perhaps for good.
    pub fn leave(&mut self) {
        if self.published.is_none() {
            // The plan never came: what happened is remembered all the same.
            self.open = 1;
            self.loaded();
        }
        self.take(Waiting::Ready(Event::new(event::PAGE_LEAVE, now())));
        crate::timer(LOOK, -1.0);
        self.post(Outbox::send_last);
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
        self.catch_up();
        for waiting in core::mem::take(&mut self.waiting) {
            let event = match waiting {
                Waiting::Ready(event) => Some(self.look_around(event)),
                Waiting::Raw(texts, numbers, at) => {
                    Given { texts: &texts, numbers: &numbers }.event(at, digits)
                }
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

    /// Takes over what another tab of this visitor wrote meanwhile; whoever
    /// writes without it takes the other's deeds away, or counts them twice.
    fn catch_up(&mut self) {
        if let Some(visitor) = self.store.read() {
            let page = self.visitor.page.take();
            self.visitor = Visitor { page, ..visitor };
        }
    }

    /// Notes which slots the page of a page view has.
    fn look_around(&self, mut event: Event) -> Event {
        if let Some((page, published)) = event.page.as_mut().zip(self.published.as_ref()) {
            page.slots = Some(slot::present(&published.plan));
        }
        event
    }

    fn step(&mut self, event: &Event) {
        let Some(published) = &self.published else { return };
        let seed = self.visitor.profile.seed;
        self.decision = self.visitor.step(published, event);
        if self.speaks() {
            let line = event.to_json(DEVICE, seed, published.plan.currency.digits);
            self.say(&["Read ", &line]);
            tell(&["observed", &line]);
        }
        if event.name != event::PAGE_LEAVE {
            self.tell_decision(event.at);
        }
        if event.page.is_some() {
            crate::watch(&visit::signs(&published.plan));
        }
    }

    fn look(&mut self, at: Millis) {
        self.catch_up();
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

    fn tell_decision(&self, at: Millis) {
        let Some(published) = &self.published else { return };
        let line = self.decision.to_json(&published.plan, DEVICE, at);
        if self.speaks() {
            self.say(&["Decided ", &line]);
        }
        tell(&["decided", &line]);
    }

    /// Makes the page show what was decided, and sets the timer for the next look.
    fn show(&mut self) {
        let Some((published, moment)) = self.published.as_ref().zip(self.moment()) else { return };
        let scene = Scene { published, profile: &self.visitor.profile, moment: &moment };
        let wrong = self.slots.show(&scene, &self.decision);
        let wait = self.decision.wake.map_or(-1.0, |wake| wake.since(moment.now) as f64);
        crate::timer(LOOK, wait);
        for line in wrong {
            self.say(&[&line]);
        }
    }

    /// Keeps what the visitor allowed to keep, and lets counts leave soon.
    fn keep(&mut self) {
        let Some((published, moment)) = self.published.as_ref().zip(self.moment()) else {
            return self.save();
        };
        if IS_FULL && self.has_edge && self.consent.storage == visit::PERSISTENT {
            self.store.write_digest(&digest::write(published, &self.visitor.profile, &moment));
        }
        if self.consent.reports && !self.is_flushing && !self.visitor.ledger.rows.is_empty() {
            self.is_flushing = true;
            crate::timer(FLUSH, FLUSH_AFTER);
        }
        self.save();
    }

    /// Counts that may not leave are not kept either.
    fn save(&mut self) {
        if self.consent.reports {
            self.store.write(&self.visitor);
        } else {
            let ledger = core::mem::take(&mut self.visitor.ledger);
            self.store.write(&self.visitor);
            self.visitor.ledger = ledger;
        }
    }

    fn post(&mut self, send: fn(&mut Outbox, &str)) {
        self.is_flushing = false;
        self.catch_up();
        let Some(published) = self.published.as_ref().filter(|_| self.consent.reports) else { return };
        self.outbox.collect(&mut self.visitor.ledger, &published.hash, &self.store);
        self.store.write(&self.visitor);
        send(&mut self.outbox, &join(&[&self.collector, "reports"]));
    }

    /// The visitor allows, or withdraws. Global Privacy Control always wins.
    fn allow(&mut self, consent: Consent) {
        let consent = if self.has_gpc { Consent::default() } else { consent };
        if consent == self.consent {
            return;
        }
        let before = core::mem::replace(&mut self.consent, consent);
        if before.reports && !consent.reports {
            self.outbox = Outbox::default();
            self.store.write_outbox("");
            self.visitor.ledger.rows.clear();
        }
        if before.storage != consent.storage {
            self.store.set_tier(consent.storage);
        }
        // Someone who was here before is recognised only now: what happened on
        // this page happened to them, not to a stranger.
        if before.storage == 0 {
            if let Some(visitor) = self.store.read() {
                self.is_stranger = false;
                self.visitor = visitor;
                let later = core::mem::take(&mut self.waiting);
                for event in core::mem::take(&mut self.seen) {
                    if event.campaign.is_empty() {
                        self.waiting.push(Waiting::Ready(event));
                    }
                }
                self.waiting.extend(later);
            }
            self.outbox.load(&self.store);
        }
        self.take_waiting();
    }

    /// Somebody else sits here now.
    fn start_afresh(&mut self) {
        let page = self.visitor.page.take();
        self.visitor = Visitor::new(crate::random());
        self.is_stranger = false;
        self.visitor.page = page;
        self.outbox = Outbox::default();
        self.seen.clear();
        self.slots.clear();
        self.decision = Decision::default();
        crate::timer(LOOK, -1.0);
        self.keep();
    }

    /// Hands the visitor over to whoever explains; nothing before the plan is there.
    fn glance(&self) {
        if let Some((_, moment)) = self.published.as_ref().zip(self.moment()) {
            crate::hand_over(&explain::glance(&self.visitor, &moment));
        }
    }

    /// This instant, on a page that is in view.
    fn moment(&self) -> Option<Moment> {
        self.visitor.page.clone().map(|page| Moment { now: now(), page })
    }

    /// `data-debug`: what was read, decided and sent, and what is wrong.
    fn say(&self, line: &[&str]) {
        if self.speaks() {
            crate::say(&join(line));
        }
    }

    /// Asked before a line is put together, so that a body that never speaks
    /// does not carry the lines.
    #[inline(always)]
    fn speaks(&self) -> bool {
        IS_FULL && self.is_debug
    }
}
