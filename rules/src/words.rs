//! The words of the language: fields, events, attributes, operators. Never
//! reads a file; the JSON Schema is checked against these lists.

use vitrine_engine::attribute::{Attribute, NAMES, Told};
use vitrine_engine::intent::CLUSTER_LIMIT;

/// The fields of every object with fixed fields, by the name that the JSON
/// Schema gives its definition; `rules` is the file itself.
pub const FIELDS: &[(&str, &[&str])] = &[
    ("rules", ROOT),
    ("interest", INTEREST),
    ("revenue", REVENUE),
    ("group", GROUP),
    ("savedGroup", SAVED_GROUP),
    ("slot", SLOT),
    ("goal", GOAL),
    ("segment", SEGMENT),
    ("campaign", CAMPAIGN),
    ("trigger", TRIGGER),
    ("schedule", SCHEDULE),
    ("pace", PACE),
    ("sitePace", SITE_PACE),
    ("limits", LIMITS),
    ("allocation", ALLOCATION),
    ("ramp", RAMP),
    ("message", MESSAGE),
    ("cta", CTA),
    ("recommend", RECOMMEND),
    ("otherwise", OTHERWISE),
    ("event", EVENT),
    ("step", STEP),
    ("did", DID),
    ("sequence", SEQUENCE),
    ("path", PATH),
    ("stop", STOP),
];

pub(crate) const ROOT: &[&str] = &[
    "$schema",
    "version",
    "site",
    "currency",
    "timezone",
    "rareSites",
    "interest",
    "revenue",
    "attributes",
    "groups",
    "events",
    "coupons",
    "slots",
    "goals",
    "segments",
    "quiet",
    "pace",
    "holdout",
    "campaigns",
];
pub(crate) const INTEREST: &[&str] = &["halfLife", "priceBands"];
pub(crate) const REVENUE: &[&str] = &["round", "clip"];
pub(crate) const GROUP: &[&str] = &["type", "attributeKey", "values", "condition"];
pub(crate) const SAVED_GROUP: &[&str] = &["id", "attributeKey"];
pub(crate) const SLOT: &[&str] = &["selector", "position", "minHeight"];
pub(crate) const GOAL: &[&str] = &["event", "window"];
pub(crate) const SEGMENT: &[&str] = &["when"];
pub(crate) const CAMPAIGN: &[&str] = &[
    "id",
    "slot",
    "priority",
    "when",
    "trigger",
    "schedule",
    "quiet",
    "pace",
    "goal",
    "holdout",
    "allocation",
    "messages",
];
pub(crate) const TRIGGER: &[&str] = &["after", "without", "for", "scroll", "dwell", "exit", "idle", "delay"];
/// What a trigger can wait for; one of these.
pub(crate) const CAUSES: &[&str] = &["after", "scroll", "dwell", "exit", "idle"];
pub(crate) const SCHEDULE: &[&str] = &["from", "to", "hours", "weekdays"];
pub(crate) const PACE: &[&str] = &["perSession", "perDay", "perWeek", "ever", "coolDown", "stopAfter"];
pub(crate) const LIMITS: &[&str] = &["perSession", "perDay", "perWeek", "ever", "coolDown"];
/// What the site's caps count: every message, or one kind of [`KINDS`].
pub(crate) const SITE_PACE: &[&str] = &["all", "bar", "modal", "products"];
pub(crate) const ALLOCATION: &[&str] = &["aim", "by", "optimize", "ramp", "weights"];
pub(crate) const RAMP: &[&str] = &["from", "to", "over", "start"];
pub(crate) const MESSAGE: &[&str] =
    &["id", "kind", "baseline", "title", "body", "cta", "weight", "recommend"];
pub(crate) const CTA: &[&str] = &["text", "href"];
pub(crate) const RECOMMEND: &[&str] =
    &["kind", "count", "exclude", "maxPerCategory", "pin", "boost", "ban", "otherwise"];
pub(crate) const OTHERWISE: &[&str] = &["kind", "title"];
/// By what a row of products is ranked.
pub const RANKINGS: &[&str] = &["next", "bought_together", "recently_viewed", "popular", "back_in_reach"];
/// What a row of products can leave out.
pub const EXCLUDE: &[&str] = &["purchased", "in_cart", "viewed"];
pub(crate) const EVENT: &[&str] = &["event", "item", "category", "brand", "price", "path", "where"];
pub(crate) const STEP: &[&str] = &[
    "event", "item", "category", "brand", "price", "path", "where", "times", "atLeast", "after", "within",
    "without",
];
pub(crate) const DID: &[&str] =
    &["event", "item", "category", "brand", "price", "path", "where", "times", "atLeast", "atMost", "within"];
pub(crate) const SEQUENCE: &[&str] = &["steps", "within", "without", "strict", "since"];
pub(crate) const PATH: &[&str] = &["pages", "since"];
pub(crate) const STOP: &[&str] = &["page", "times", "atLeast"];
/// How a price may be compared.
pub const PRICE_OPERATORS: &[&str] = &["$eq", "$gt", "$gte", "$lt", "$lte"];
/// How a path may be compared besides by page patterns.
pub const PATH_OPERATORS: &[&str] = &["$regex", "$regexi"];
/// Events that a strict sequence looks past, unless it asks for them: they
/// come with every page or from Vitrine itself.
pub const PASSING: &[&str] = &[
    "page_view",
    "session_start",
    "first_visit",
    "user_engagement",
    "scroll",
    "exit_intent",
    "user_idle",
    "shown",
    "clicked",
    "dismissed",
];

/// What a condition may hold besides attributes.
pub const COMBINERS: &[&str] =
    &["$and", "$or", "$nor", "$not", "$savedGroup", "$segment", "$did", "$sequence", "$path"];
/// How an attribute may be compared.
pub const OPERATORS: &[&str] = &[
    "$eq",
    "$ne",
    "$lt",
    "$lte",
    "$gt",
    "$gte",
    "$in",
    "$nin",
    "$ini",
    "$nini",
    "$inGroup",
    "$notInGroup",
    "$exists",
    "$type",
    "$not",
    "$size",
    "$elemMatch",
    "$all",
    "$alli",
    "$regex",
    "$regexi",
    "$notRegex",
    "$notRegexi",
    "$veq",
    "$vne",
    "$vlt",
    "$vlte",
    "$vgt",
    "$vgte",
];
/// Fields of the language that this version refuses by name.
pub(crate) const LATER_FIELDS: &[&str] = &["countdown"];
/// Slots over the page, which need no declaration.
pub const OVERLAYS: &[&str] = &["top", "bottom", "center"];
/// What a message can look like.
pub const KINDS: &[&str] = &["bar", "modal", "products"];
/// Filters of texts.
pub const FILTERS: &[&str] = &["upcase", "downcase", "capitalize", "default", "money"];
/// Weekdays, Sunday first, as the engine counts them.
pub const WEEKDAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// The events of GA4's ecommerce and recommended lists that shops send, and
/// the three that Vitrine adds.
pub const EVENTS: &[&str] = &[
    "page_view",
    "view_item",
    "view_item_list",
    "select_item",
    "add_to_cart",
    "remove_from_cart",
    "view_cart",
    "add_to_wishlist",
    "begin_checkout",
    "add_shipping_info",
    "add_payment_info",
    "purchase",
    "refund",
    "view_promotion",
    "select_promotion",
    "search",
    "view_search_results",
    "select_content",
    "share",
    "login",
    "sign_up",
    "generate_lead",
    "session_start",
    "first_visit",
    "scroll",
    "click",
    "file_download",
    "form_start",
    "form_submit",
    "video_start",
    "video_progress",
    "video_complete",
    "user_engagement",
    "shown",
    "clicked",
    "dismissed",
];

/// What an attribute holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Holds {
    /// A number between these.
    Number(f64, f64),
    /// Any text.
    Text,
    /// A text in lower case: the device folds what it compares.
    Folded,
    /// A path.
    Path,
    /// One of the channels.
    Channel,
    /// `mobile` or `desktop`.
    Device,
    /// A parameter's text, which may be compared as a number.
    Parameter,
    /// `true` or `false`.
    Flag,
    /// A list of texts.
    List,
    /// Whatever the site sets.
    Anything,
}

/// What an attribute holds.
pub(crate) fn holds(attribute: &Attribute) -> Holds {
    use Attribute as A;
    match attribute {
        A::Visits
        | A::Views
        | A::SessionViews
        | A::SessionSeconds
        | A::DaysSinceFirst
        | A::DaysSinceLast
        | A::DaysSincePurchase
        | A::CartCount
        | A::CartValue
        | A::Purchases
        | A::Revenue
        | A::History(_, Told::Shown | Told::DaysSinceShown) => Holds::Number(0.0, f64::MAX),
        A::Cluster => Holds::Number(1.0, CLUSTER_LIMIT as f64),
        A::Hour => Holds::Number(0.0, 23.0),
        A::Weekday => Holds::Number(0.0, 6.0),
        A::InterestCategory(_)
        | A::InterestBrand(_)
        | A::InterestTag(_)
        | A::InterestPrice(_)
        | A::Intent => Holds::Number(0.0, 1.0),
        A::History(_, Told::Clicked | Told::Dismissed | Told::Converted) => Holds::Flag,
        A::History(_, Told::Message) => Holds::Text,
        A::CartItems | A::CartCategories | A::CartBrands | A::ViewedItems | A::BoughtItems => Holds::List,
        A::Channel | A::FirstChannel => Holds::Channel,
        A::Landing | A::Path => Holds::Path,
        A::Device => Holds::Device,
        A::Language | A::InterestTop | A::InterestTopBrand | A::InterestTopTag | A::InterestTopPrice => {
            Holds::Folded
        }
        A::Query(_) => Holds::Parameter,
        A::Source | A::FirstSource | A::Keyword | A::FirstKeyword => Holds::Text,
        A::Campaign | A::FirstCampaign | A::Evidence | A::CartLastTitle | A::SearchLast => Holds::Text,
        A::Custom(_) => Holds::Anything,
    }
}

/// The names near a wrong one: as they stand, and with the wrong one's own
/// last part where a name ends with a dot.
pub(crate) fn attribute_names<'a>(wrong: &str, declared: impl Iterator<Item = &'a str>) -> Vec<String> {
    let whole = |name: &&str| {
        let parts = name.matches('.').count();
        if !name.ends_with('.') {
            return Some(name.to_string());
        }
        let own: Vec<&str> = wrong.splitn(parts + 1, '.').collect();
        own.get(parts).filter(|own| !own.is_empty()).map(|own| format!("{name}{own}"))
    };
    NAMES.iter().filter_map(whole).chain(declared.map(String::from)).collect()
}

/// Whether a name has a meaning of its own in conditions.
pub(crate) fn is_of_language(name: &str) -> bool {
    COMBINERS.contains(&name) || OPERATORS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attribute_of_the_device_has_a_type() {
        for name in NAMES {
            let tail = if *name == "messages." { "x.shown" } else { "x" };
            let full = if name.ends_with('.') { format!("{name}{tail}") } else { name.to_string() };
            assert_ne!(holds(&Attribute::parse(&full)), Holds::Anything, "{name}");
        }
    }

    #[test]
    fn a_name_with_the_marketers_own_end_is_found() {
        let near = attribute_names("interest.categry.shoes", core::iter::empty());
        assert!(near.contains(&"interest.category.shoes".to_string()));
    }
}
