//! What can be asked of a visitor, a page and a moment, and the value as it is
//! now. Never compares: a value that this device cannot know is no value.

use alloc::string::String;

use crate::event;
use crate::hash::name32;
use crate::intent::Intent;
use crate::pack::pack_enum;
use crate::page::Moment;
use crate::profile::{Profile, Terms};
use crate::text::{fold, join};
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

/// What can be asked of a visitor, a page and a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attribute {
    /// Visits, this one included.
    Visits,
    /// Page views ever.
    Views,
    /// Page views of this visit.
    SessionViews,
    /// Seconds since this visit began.
    SessionSeconds,
    /// Whole days since the first visit.
    DaysSinceFirst,
    /// Whole days between this visit and the one before; absent on the first.
    DaysSinceLast,
    /// Whole days since the last purchase; absent where there was none.
    DaysSincePurchase,
    /// This visit's channel.
    Channel,
    /// This visit's source.
    Source,
    /// This visit's keyword.
    Keyword,
    /// The first visit's channel.
    FirstChannel,
    /// The first visit's source.
    FirstSource,
    /// The path that this visit began on.
    Landing,
    /// The path in view.
    Path,
    /// A query parameter of the page in view.
    Query(String),
    /// The page's language.
    Language,
    /// `mobile` or `desktop`.
    Device,
    /// The site's local hour, 0..=23.
    Hour,
    /// The site's local weekday, 0 Sunday ..= 6 Saturday.
    Weekday,
    /// Pieces in the cart.
    CartCount,
    /// The cart's value, in the currency's main unit.
    CartValue,
    /// The title of the product last put into the cart.
    CartLastTitle,
    /// Purchases ever.
    Purchases,
    /// Purchases' value ever, in the currency's main unit.
    Revenue,
    /// Interest in a category, 0..=1.
    InterestCategory(String),
    /// Interest in a brand, 0..=1.
    InterestBrand(String),
    /// The category of the strongest interest.
    InterestTop,
    /// Purchase propensity, 0..=1; absent without a model.
    Intent,
    /// The last search in the shop.
    SearchLast,
    /// Anything that the site set.
    Custom(String),
}

/// The names of all attributes that the device knows by itself; those with a
/// trailing dot take a name of the marketer's.
pub const NAMES: &[&str] = &[
    "visits",
    "views",
    "session.views",
    "session.seconds",
    "days_since_first",
    "days_since_last",
    "days_since_purchase",
    "channel",
    "source",
    "keyword",
    "first.channel",
    "first.source",
    "landing",
    "path",
    "query.",
    "language",
    "device",
    "hour",
    "weekday",
    "cart.count",
    "cart.value",
    "cart.last.title",
    "purchases",
    "revenue",
    "interest.category.",
    "interest.brand.",
    "interest.top",
    "intent",
    "search.last",
];

impl Attribute {
    /// The attribute of a dotted name; one that the device does not know is
    /// the site's own.
    #[must_use]
    pub fn parse(name: &str) -> Attribute {
        let tail = |prefix: &str| name.strip_prefix(prefix).filter(|rest| !rest.is_empty());
        if let Some(parameter) = tail("query.") {
            return Attribute::Query(parameter.into());
        }
        if let Some(category) = tail("interest.category.") {
            return Attribute::InterestCategory(fold(category));
        }
        if let Some(brand) = tail("interest.brand.") {
            return Attribute::InterestBrand(fold(brand));
        }
        match name {
            "visits" => Attribute::Visits,
            "views" => Attribute::Views,
            "session.views" => Attribute::SessionViews,
            "session.seconds" => Attribute::SessionSeconds,
            "days_since_first" => Attribute::DaysSinceFirst,
            "days_since_last" => Attribute::DaysSinceLast,
            "days_since_purchase" => Attribute::DaysSincePurchase,
            "channel" => Attribute::Channel,
            "source" => Attribute::Source,
            "keyword" => Attribute::Keyword,
            "first.channel" => Attribute::FirstChannel,
            "first.source" => Attribute::FirstSource,
            "landing" => Attribute::Landing,
            "path" => Attribute::Path,
            "language" => Attribute::Language,
            "device" => Attribute::Device,
            "hour" => Attribute::Hour,
            "weekday" => Attribute::Weekday,
            "cart.count" => Attribute::CartCount,
            "cart.value" => Attribute::CartValue,
            "cart.last.title" => Attribute::CartLastTitle,
            "purchases" => Attribute::Purchases,
            "revenue" => Attribute::Revenue,
            "interest.top" => Attribute::InterestTop,
            "intent" => Attribute::Intent,
            "search.last" => Attribute::SearchLast,
            custom => Attribute::Custom(custom.into()),
        }
    }

    /// The dotted name, as rules write it.
    #[must_use]
    pub fn name(&self) -> String {
        let fixed = match self {
            Attribute::Query(name) => return join(&["query.", name]),
            Attribute::InterestCategory(name) => return join(&["interest.category.", name]),
            Attribute::InterestBrand(name) => return join(&["interest.brand.", name]),
            Attribute::Custom(name) => name,
            Attribute::Visits => "visits",
            Attribute::Views => "views",
            Attribute::SessionViews => "session.views",
            Attribute::SessionSeconds => "session.seconds",
            Attribute::DaysSinceFirst => "days_since_first",
            Attribute::DaysSinceLast => "days_since_last",
            Attribute::DaysSincePurchase => "days_since_purchase",
            Attribute::Channel => "channel",
            Attribute::Source => "source",
            Attribute::Keyword => "keyword",
            Attribute::FirstChannel => "first.channel",
            Attribute::FirstSource => "first.source",
            Attribute::Landing => "landing",
            Attribute::Path => "path",
            Attribute::Language => "language",
            Attribute::Device => "device",
            Attribute::Hour => "hour",
            Attribute::Weekday => "weekday",
            Attribute::CartCount => "cart.count",
            Attribute::CartValue => "cart.value",
            Attribute::CartLastTitle => "cart.last.title",
            Attribute::Purchases => "purchases",
            Attribute::Revenue => "revenue",
            Attribute::InterestTop => "interest.top",
            Attribute::Intent => "intent",
            Attribute::SearchLast => "search.last",
        };
        fixed.into()
    }

    /// Whether an edge's digest, its cookie and its request answer this.
    fn known_at_edge(&self) -> bool {
        matches!(
            self,
            Attribute::Visits
                | Attribute::Views
                | Attribute::SessionViews
                | Attribute::Channel
                | Attribute::Source
                | Attribute::Keyword
                | Attribute::Path
                | Attribute::Query(_)
                | Attribute::Language
                | Attribute::Hour
                | Attribute::Weekday
        )
    }

    /// Whether the next page view leaves this as it is, so that what a page
    /// found still stands when an edge hears of it.
    pub(crate) fn lasts(&self) -> bool {
        matches!(
            self,
            Attribute::DaysSinceFirst
                | Attribute::DaysSincePurchase
                | Attribute::FirstChannel
                | Attribute::FirstSource
                | Attribute::CartCount
                | Attribute::CartValue
                | Attribute::CartLastTitle
                | Attribute::Purchases
                | Attribute::Revenue
                | Attribute::InterestCategory(_)
                | Attribute::InterestBrand(_)
                | Attribute::InterestTop
                | Attribute::SearchLast
                | Attribute::Custom(_)
        )
    }

    /// The value as it is now; `None` where this device cannot know it.
    #[must_use]
    pub fn read(&self, facts: &Facts) -> Option<Value> {
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
            Attribute::InterestCategory(name) => {
                Fact::Share(profile.categories.share(name, now, terms.half_life))
            }
            Attribute::InterestBrand(name) => Fact::Share(profile.brands.share(name, now, terms.half_life)),
            Attribute::InterestTop => Fact::Text(profile.categories.top().unwrap_or_default()),
            Attribute::Intent => {
                facts.intent.map_or(Fact::Text(""), |intent| Fact::Share(intent.score(profile)))
            }
            Attribute::SearchLast => Fact::Text(&profile.term),
            Attribute::Custom(name) => Fact::Own(profile.attribute(name)),
        };
        Some(fact.value(terms))
    }

    /// For an attribute that counts elapsed time: since when, in which unit.
    pub(crate) fn elapsed(&self, profile: &Profile) -> Option<(Millis, u64)> {
        match self {
            Attribute::SessionSeconds => Some((profile.visit.started, 1000)),
            Attribute::DaysSinceFirst => Some((profile.first_at, DAY)),
            Attribute::DaysSincePurchase => {
                profile.count(name32(event::PURCHASE)).map(|count| (count.last, DAY))
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
    Own(Value),
}

impl Fact<'_> {
    fn value(self, terms: &Terms) -> Value {
        let number = match self {
            Fact::Text("") => return Value::Absent,
            Fact::Text(text) | Fact::Parameter(text) => return Value::text(text),
            Fact::Own(value) => return value,
            Fact::Count(count) => count as f64,
            Fact::Money(minor) => minor as f64 / f64::from(terms.minor_per_unit.max(1)),
            Fact::Share(share) => nearest(share * SHARE_STEPS) as f64 / SHARE_STEPS,
        };
        Value::Number(number)
    }
}

pack_enum!(Attribute {
    0 Visits, 1 Views, 2 SessionViews, 3 SessionSeconds, 4 DaysSinceFirst, 5 DaysSinceLast, 6 DaysSincePurchase,
    7 Channel, 8 Source, 9 Keyword, 10 FirstChannel, 11 FirstSource, 12 Landing, 13 Path, 14 Query(name), 15 Language,
    16 Device, 17 Hour, 18 Weekday, 19 CartCount, 20 CartValue, 21 CartLastTitle, 22 Purchases, 23 Revenue,
    24 InterestCategory(name), 25 InterestBrand(name), 26 InterestTop, 27 Intent, 28 SearchLast, 29 Custom(name),
} else Attribute::Visits);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_published_name_is_an_attribute_of_the_device() {
        for name in NAMES {
            let full = if name.ends_with('.') { [name, "x"].concat() } else { String::from(*name) };
            assert!(!matches!(Attribute::parse(&full), Attribute::Custom(_)), "{name}");
        }
    }
}
