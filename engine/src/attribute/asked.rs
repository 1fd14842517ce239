//! When an attribute can be asked, and what can change it. Never looks at a
//! value.

use super::{Attribute, Topic};

impl Attribute {
    /// Whether an edge's digest, its cookie and its request answer this.
    pub(crate) fn known_at_edge(&self) -> bool {
        matches!(
            self,
            Attribute::Visits
                | Attribute::Views
                | Attribute::SessionViews
                | Attribute::Channel
                | Attribute::Source
                | Attribute::Keyword
                | Attribute::Campaign
                | Attribute::Evidence
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
                | Attribute::FirstKeyword
                | Attribute::FirstCampaign
                | Attribute::CartCount
                | Attribute::CartValue
                | Attribute::CartLastTitle
                | Attribute::Purchases
                | Attribute::Revenue
                | Attribute::InterestCategory(_)
                | Attribute::InterestBrand(_)
                | Attribute::InterestTag(_)
                | Attribute::InterestPrice(_)
                | Attribute::InterestTop
                | Attribute::InterestTopBrand
                | Attribute::InterestTopTag
                | Attribute::InterestTopPrice
                | Attribute::CartItems
                | Attribute::CartCategories
                | Attribute::CartBrands
                | Attribute::ViewedItems
                | Attribute::BoughtItems
                | Attribute::SearchLast
                | Attribute::Custom(_)
        )
    }

    /// What can change it, besides time.
    #[must_use]
    pub fn topic(&self) -> Topic {
        match self {
            Attribute::Custom(_) => Topic::Set,
            Attribute::Visits
            | Attribute::Views
            | Attribute::SessionViews
            | Attribute::DaysSinceFirst
            | Attribute::DaysSinceLast
            | Attribute::Channel
            | Attribute::Source
            | Attribute::Keyword
            | Attribute::FirstChannel
            | Attribute::FirstSource
            | Attribute::FirstKeyword
            | Attribute::FirstCampaign
            | Attribute::Campaign
            | Attribute::Evidence
            | Attribute::Landing
            | Attribute::Path
            | Attribute::Query(_)
            | Attribute::Language
            | Attribute::Device => Topic::View,
            Attribute::Hour | Attribute::Weekday | Attribute::SessionSeconds => Topic::Time,
            _ => Topic::Deed,
        }
    }
}
