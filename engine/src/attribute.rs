//! What can be asked of a visitor, a page and a moment, by name. Never looks:
//! `facts` reads what an attribute is now.

mod asked;

use alloc::string::String;

use crate::pack::pack_enum;
use crate::text::{fold, join};

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
    /// The campaign that this visit's address named.
    Campaign,
    /// What this visit's channel rests on.
    Evidence,
    /// The first visit's channel.
    FirstChannel,
    /// The first visit's source.
    FirstSource,
    /// The first visit's keyword.
    FirstKeyword,
    /// The campaign that the first visit's address named.
    FirstCampaign,
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
    /// Interest in a tag, 0..=1.
    InterestTag(String),
    /// Interest in a price band, 0..=1.
    InterestPrice(String),
    /// The category of the strongest interest.
    InterestTop,
    /// The brand of the strongest interest.
    InterestTopBrand,
    /// The tag of the strongest interest.
    InterestTopTag,
    /// The price band of the strongest interest.
    InterestTopPrice,
    /// Ids of the products in the cart, last touched last.
    CartItems,
    /// Categories of the products in the cart.
    CartCategories,
    /// Brands of the products in the cart.
    CartBrands,
    /// Ids of the products viewed, the latest last.
    ViewedItems,
    /// Ids of the products bought, the latest last.
    BoughtItems,
    /// The visitor's history with a campaign.
    History(String, Told),
    /// Purchase propensity, 0..=1; absent without a model.
    Intent,
    /// The number of the group that this visitor behaves like, from 1; absent
    /// without a model.
    Cluster,
    /// The last search in the shop.
    SearchLast,
    /// Anything that the site set.
    Custom(String),
}

/// What can change an attribute within a visit, besides time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// Nothing else.
    Time,
    /// A page view.
    View,
    /// What the site says of the visitor.
    Set,
    /// Anything that happens.
    Deed,
}

/// What can be asked of a campaign's history with a visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// How often it was shown.
    Shown,
    /// Whole days since it was last shown; absent if never.
    DaysSinceShown,
    /// Whether it was clicked.
    Clicked,
    /// Whether it was dismissed.
    Dismissed,
    /// Whether its goal was reached within the window.
    Converted,
    /// The message held, or `holdout`; absent if none.
    Message,
}

/// What stands behind `messages.CAMPAIGN.`, in the order of [`Told`].
pub const HISTORY: [&str; 6] = ["shown", "days_since_shown", "clicked", "dismissed", "converted", "message"];

const TOLD: [Told; 6] =
    [Told::Shown, Told::DaysSinceShown, Told::Clicked, Told::Dismissed, Told::Converted, Told::Message];

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
    "campaign",
    "evidence",
    "first.channel",
    "first.source",
    "first.keyword",
    "first.campaign",
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
    "interest.tag.",
    "interest.price.",
    "interest.top",
    "interest.top.brand",
    "interest.top.tag",
    "interest.top.price",
    "cart.items",
    "cart.categories",
    "cart.brands",
    "viewed.items",
    "purchased.items",
    "messages.",
    "intent",
    "cluster",
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
        if let Some(tag) = tail("interest.tag.") {
            return Attribute::InterestTag(fold(tag));
        }
        if let Some(band) = tail("interest.price.") {
            return Attribute::InterestPrice(fold(band));
        }
        if let Some((campaign, told)) = tail("messages.").and_then(|rest| rest.rsplit_once('.'))
            && let Some((_, told)) = HISTORY.iter().zip(TOLD).find(|(name, _)| **name == told)
        {
            return Attribute::History(campaign.into(), told);
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
            "campaign" => Attribute::Campaign,
            "evidence" => Attribute::Evidence,
            "first.channel" => Attribute::FirstChannel,
            "first.source" => Attribute::FirstSource,
            "first.keyword" => Attribute::FirstKeyword,
            "first.campaign" => Attribute::FirstCampaign,
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
            "interest.top.brand" => Attribute::InterestTopBrand,
            "interest.top.tag" => Attribute::InterestTopTag,
            "interest.top.price" => Attribute::InterestTopPrice,
            "cart.items" => Attribute::CartItems,
            "cart.categories" => Attribute::CartCategories,
            "cart.brands" => Attribute::CartBrands,
            "viewed.items" => Attribute::ViewedItems,
            "purchased.items" => Attribute::BoughtItems,
            "intent" => Attribute::Intent,
            "cluster" => Attribute::Cluster,
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
            Attribute::InterestTag(name) => return join(&["interest.tag.", name]),
            Attribute::InterestPrice(name) => return join(&["interest.price.", name]),
            Attribute::History(campaign, told) => {
                let told = HISTORY.iter().zip(TOLD).find(|(_, known)| known == told);
                return join(&["messages.", campaign, ".", told.map_or("", |(name, _)| name)]);
            }
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
            Attribute::FirstKeyword => "first.keyword",
            Attribute::FirstCampaign => "first.campaign",
            Attribute::Campaign => "campaign",
            Attribute::Evidence => "evidence",
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
            Attribute::InterestTopBrand => "interest.top.brand",
            Attribute::InterestTopTag => "interest.top.tag",
            Attribute::InterestTopPrice => "interest.top.price",
            Attribute::CartItems => "cart.items",
            Attribute::CartCategories => "cart.categories",
            Attribute::CartBrands => "cart.brands",
            Attribute::ViewedItems => "viewed.items",
            Attribute::BoughtItems => "purchased.items",
            Attribute::Intent => "intent",
            Attribute::Cluster => "cluster",
            Attribute::SearchLast => "search.last",
        };
        fixed.into()
    }
}

pack_enum!(Attribute {
    0 Visits, 1 Views, 2 SessionViews, 3 SessionSeconds, 4 DaysSinceFirst, 5 DaysSinceLast, 6 DaysSincePurchase,
    7 Channel, 8 Source, 9 Keyword, 10 FirstChannel, 11 FirstSource, 12 Landing, 13 Path, 14 Query(name), 15 Language,
    16 Device, 17 Hour, 18 Weekday, 19 CartCount, 20 CartValue, 21 CartLastTitle, 22 Purchases, 23 Revenue,
    24 InterestCategory(name), 25 InterestBrand(name), 26 InterestTop, 27 Intent, 28 SearchLast, 29 Custom(name),
    30 InterestTag(name), 31 InterestPrice(name), 32 InterestTopBrand, 33 InterestTopTag, 34 InterestTopPrice,
    35 CartItems, 36 CartCategories, 37 CartBrands, 38 ViewedItems, 39 BoughtItems, 40 History(campaign, told),
    41 Campaign, 42 Evidence, 43 FirstKeyword, 44 FirstCampaign,
    45 Cluster,
} else Attribute::Visits);
pack_enum!(Told {
    0 Shown, 1 DaysSinceShown, 2 Clicked, 3 Dismissed, 4 Converted, 5 Message,
} else Told::Shown);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_published_name_is_an_attribute_of_the_device() {
        for name in NAMES {
            let tail = if *name == "messages." { "x.shown" } else { "x" };
            let full = if name.ends_with('.') { [name, tail].concat() } else { String::from(*name) };
            assert!(!matches!(Attribute::parse(&full), Attribute::Custom(_)), "{name}");
        }
    }
}
