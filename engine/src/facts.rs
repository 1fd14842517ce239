//! What is known of a visitor, a page and a moment, and an attribute's value
//! as it is now. Never compares: a value that this device cannot know is no
//! value.

use alloc::vec::Vec;

use crate::attribute::{Attribute, Told};
use crate::event;
use crate::hash::name32;
use crate::intent::Intent;
use crate::interest::Interest;
use crate::page::Moment;
use crate::profile::{Profile, Terms};
use crate::time::{DAY, Millis};
use crate::value::{Value, nearest};

/// Shares are compared at six decimals, so that the last bit of a float
/// decides nothing.
pub const SHARE_STEPS: f64 = 1e6;

/// All that a judgement looks at, and the next moment at which it could change.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The visitor.
    pub profile: &'a Profile,
    /// Now, and the page.
    pub moment: &'a Moment,
    /// The plan's terms.
    pub terms: &'a Terms,
    /// The propensity model, where there is one.
    pub intent: Option<&'a Intent>,
    /// The earliest later moment at which time alone could change an answer.
    pub wake: Option<Millis>,
}

impl Facts<'_> {
    /// Notes a moment at which an answer could change; past ones are ignored.
    pub fn wake_at(&mut self, at: Millis) {
        if at > self.moment.now {
            self.wake = Some(self.wake.map_or(at, |known| known.min(at)));
        }
    }

    /// Notes a moment that was counted on the local clock; where that clock is
    /// changed before, this moment instead, to count again.
    pub fn wake_at_local(&mut self, at: Millis) {
        let change = self.terms.zone.next_change(self.moment.now);
        self.wake_at(change.map_or(at, |change| change.min(at)));
    }
}

impl Attribute {
    /// The value as it is now; `None` where this device cannot know it.
    #[must_use]
    pub fn read(&self, facts: &Facts) -> Option<Value> {
        self.look(facts).map(|fact| fact.value(facts.terms))
    }

    /// Brings a value known before up to date; whether it changed. What did not
    /// change is not copied: most of what is asked is the same from one event
    /// to the next.
    pub fn renew(&self, facts: &Facts, known: &mut Option<Value>) -> bool {
        let fact = self.look(facts);
        let is_same = match (&fact, &known) {
            (Some(Fact::Text(text) | Fact::Parameter(text)), Some(Value::Text(known))) => {
                !text.is_empty() && text == known
            }
            (Some(Fact::Own(value)), Some(known)) => *value == known,
            _ => false,
        };
        if is_same {
            return false;
        }
        let value = fact.map(|fact| fact.value(facts.terms));
        let has_changed = *known != value;
        *known = value;
        has_changed
    }

    fn look<'a>(&'a self, facts: &Facts<'a>) -> Option<Fact<'a>> {
        let Facts { profile, moment, terms, .. } = facts;
        if profile.partial && !self.known_at_edge() {
            return None;
        }
        let now = moment.now;
        let fact = match self {
            Attribute::Visits => Fact::Count(profile.visits.into()),
            Attribute::Views => Fact::Count(profile.views.into()),
            Attribute::SessionViews => Fact::Count(profile.visit.views.into()),
            Attribute::SessionSeconds | Attribute::DaysSinceFirst | Attribute::DaysSincePurchase => self
                .elapsed(profile)
                .map_or(Fact::Text(""), |(from, unit)| Fact::Count(now.since(from) / unit)),
            Attribute::DaysSinceLast if profile.visits < 2 => Fact::Text(""),
            Attribute::DaysSinceLast => Fact::Count(profile.visit.started.since(profile.before) / DAY),
            Attribute::Channel => Fact::Text(profile.visit.arrival.medium.word()),
            Attribute::Source => Fact::Text(&profile.visit.arrival.source),
            Attribute::Keyword => Fact::Text(&profile.visit.arrival.keyword),
            Attribute::FirstChannel => Fact::Text(profile.first.medium.word()),
            Attribute::FirstSource => Fact::Text(&profile.first.source),
            Attribute::FirstKeyword => Fact::Text(&profile.first.keyword),
            Attribute::FirstCampaign => Fact::Text(&profile.first.campaign),
            Attribute::Campaign => Fact::Text(&profile.visit.arrival.campaign),
            Attribute::Evidence => Fact::Text(profile.visit.arrival.evidence.word()),
            Attribute::Landing => Fact::Text(&profile.visit.landing),
            Attribute::Path => Fact::Text(&moment.page.path),
            Attribute::Query(name) => moment.page.parameter(name).map_or(Fact::Text(""), Fact::Parameter),
            Attribute::Language => Fact::Text(&moment.page.language),
            Attribute::Device if moment.page.device.is_empty() => return None,
            Attribute::Device => Fact::Text(&moment.page.device),
            Attribute::Hour => Fact::Count(u64::from(terms.zone.minute_of_day(now) / 60)),
            Attribute::Weekday => Fact::Count(terms.zone.weekday(now).into()),
            Attribute::CartCount => {
                Fact::Count(profile.cart.iter().fold(0, |sum, line| sum + u64::from(line.quantity)))
            }
            Attribute::CartValue => Fact::Money(profile.cart_value()),
            Attribute::CartLastTitle => Fact::Text(profile.cart.last().map_or("", |line| &line.title)),
            Attribute::Purchases => {
                Fact::Count(profile.count(name32(event::PURCHASE)).map_or(0, |count| count.times.into()))
            }
            Attribute::Revenue => Fact::Money(profile.spent),
            Attribute::InterestCategory(name)
            | Attribute::InterestBrand(name)
            | Attribute::InterestTag(name)
            | Attribute::InterestPrice(name) => {
                let tastes = self.tastes(profile);
                Fact::Share(tastes.map_or(0.0, |tastes| tastes.share(name, now, terms.half_life)))
            }
            Attribute::InterestTop
            | Attribute::InterestTopBrand
            | Attribute::InterestTopTag
            | Attribute::InterestTopPrice => {
                Fact::Text(self.tastes(profile).and_then(Interest::top).unwrap_or_default())
            }
            Attribute::CartItems
            | Attribute::CartCategories
            | Attribute::CartBrands
            | Attribute::ViewedItems => {
                let mut list: Vec<&str> = Vec::new();
                let is_viewed = matches!(self, Attribute::ViewedItems);
                for line in if is_viewed { &profile.viewed } else { &profile.cart } {
                    list.push(match self {
                        Attribute::CartCategories => &line.category,
                        Attribute::CartBrands => &line.brand,
                        _ => &line.id,
                    });
                }
                Fact::Made(Value::texts(&list))
            }
            Attribute::BoughtItems => Fact::Made(Value::texts(&profile.bought)),
            Attribute::History(campaign, told) => {
                let arm = profile.arm(campaign);
                match (told, arm) {
                    (Told::Shown, _) => Fact::Count(arm.map_or(0, |arm| arm.seen.ever.into())),
                    (Told::DaysSinceShown, _) => match arm.and_then(|arm| arm.seen.last) {
                        Some(shown) => Fact::Count(now.since(shown) / DAY),
                        None => Fact::Text(""),
                    },
                    (Told::Message, _) => Fact::Text(arm.map_or("", |arm| arm.message.as_str())),
                    (Told::Clicked, _) => Fact::Flag(arm.is_some_and(|arm| arm.clicked.is_some())),
                    (Told::Dismissed, _) => Fact::Flag(arm.is_some_and(|arm| arm.dismissed.is_some())),
                    (Told::Converted, _) => Fact::Flag(arm.is_some_and(|arm| arm.converted)),
                }
            }
            Attribute::Intent | Attribute::Cluster => {
                let Some(intent) = facts.intent else { return Some(Fact::Text("")) };
                match (self, intent.judge(profile)) {
                    (Attribute::Intent, (share, _)) => Fact::Share(share),
                    (_, (_, 0)) => Fact::Text(""),
                    (_, (_, number)) => Fact::Count(number),
                }
            }
            Attribute::SearchLast => Fact::Text(&profile.term),
            Attribute::Custom(name) => match profile.set_value(name) {
                Some((value, None)) => Fact::Own(value),
                Some((value, Some(path))) => Fact::Made(value.at(path)),
                None => Fact::Made(Value::Null),
            },
        };
        Some(fact)
    }

    /// The table of leanings that this asks of.
    pub(crate) fn tastes<'a>(&self, profile: &'a Profile) -> Option<&'a Interest> {
        Some(match self {
            Attribute::InterestCategory(_) | Attribute::InterestTop => &profile.categories,
            Attribute::InterestBrand(_) | Attribute::InterestTopBrand => &profile.brands,
            Attribute::InterestTag(_) | Attribute::InterestTopTag => &profile.tags,
            Attribute::InterestPrice(_) | Attribute::InterestTopPrice => &profile.bands,
            _ => return None,
        })
    }

    /// The name whose share of the leanings this is.
    pub(crate) fn taste(&self) -> Option<&str> {
        match self {
            Attribute::InterestCategory(name)
            | Attribute::InterestBrand(name)
            | Attribute::InterestTag(name)
            | Attribute::InterestPrice(name) => Some(name),
            _ => None,
        }
    }

    /// For an attribute that counts elapsed time: since when, in which unit.
    pub(crate) fn elapsed(&self, profile: &Profile) -> Option<(Millis, u64)> {
        match self {
            Attribute::SessionSeconds => Some((profile.visit.started, 1000)),
            Attribute::DaysSinceFirst => Some((profile.first_at, DAY)),
            Attribute::DaysSincePurchase => {
                profile.count(name32(event::PURCHASE)).map(|count| (count.last, DAY))
            }
            Attribute::History(campaign, Told::DaysSinceShown) => {
                profile.arm(campaign).and_then(|arm| arm.seen.last).map(|shown| (shown, DAY))
            }
            _ => None,
        }
    }
}

/// What was read, before it becomes a value of its own.
enum Fact<'a> {
    /// Absent where it is empty.
    Text(&'a str),
    /// Present even where it is empty.
    Parameter(&'a str),
    Count(u64),
    /// In minor units.
    Money(u64),
    Share(f64),
    Flag(bool),
    Own(&'a Value),
    Made(Value),
}

impl Fact<'_> {
    fn value(self, terms: &Terms) -> Value {
        let number = match self {
            Fact::Text("") => return Value::Absent,
            Fact::Text(text) | Fact::Parameter(text) => return Value::text(text),
            Fact::Own(value) => return value.clone(),
            Fact::Made(value) => return value,
            Fact::Flag(flag) => return Value::Bool(flag),
            Fact::Count(count) => count as f64,
            Fact::Money(minor) => minor as f64 / f64::from(terms.minor_per_unit.max(1)),
            Fact::Share(share) => nearest(share * SHARE_STEPS) as f64 / SHARE_STEPS,
        };
        Value::Number(number)
    }
}
