//! Where a visit came from, with the evidence. Never guesses: what the table
//! of sites does not know is a `referral` from its host, and a word that cannot
//! be decoded is no word.

use alloc::string::String;

use crate::pack::{pack_enum, pack_struct};
use crate::page::{Page, Within, decode};
use crate::sites::app;
pub use crate::sites::{Medium, Sites};
use crate::text::{clip, fold, join, next_part};

/// The longest source, keyword or campaign kept, in bytes.
const WORD_LIMIT: usize = 80;
/// Of a parameter's value so many bytes are looked up.
const VALUE_LIMIT: usize = 12;
/// How an app's link begins.
const APP: &str = "android-app://";
/// The referrer of a page that comes from itself: a reload, a way back, a view
/// that a page of one document calls for.
pub const ITSELF: &str = "/";

/// What the verdict rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Evidence {
    /// Nothing was there.
    #[default]
    None,
    /// A campaign parameter, such as `utm_medium`.
    Parameter,
    /// A click id, such as `gclid`.
    ClickId,
    /// The referrer's host.
    Referrer,
    /// The in-app browser's user agent.
    UserAgent,
}

impl Evidence {
    /// The word that the `channel` command prints.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Evidence::None => "none",
            Evidence::Parameter => "parameter",
            Evidence::ClickId => "click_id",
            Evidence::Referrer => "referrer",
            Evidence::UserAgent => "user_agent",
        }
    }
}

/// Where one visit came from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Arrival {
    /// The kind of place.
    pub medium: Medium,
    /// The place: `google`, `danawa`, a host; empty for a direct visit.
    pub source: String,
    /// What was searched for, where it can be known; else empty.
    pub keyword: String,
    /// The campaign that the address names; else empty.
    pub campaign: String,
    /// What says so.
    pub evidence: Evidence,
}

impl Arrival {
    /// Whether this landing is where its visit comes from, after so many page
    /// views of the visit and of the visitor: always with the visit's first
    /// page, but for a return from payment or login, which keeps what the visit
    /// before came from. Later in a visit only with evidence that cannot
    /// mislead: a site that nobody knows may be one more bank.
    #[must_use]
    pub fn counts(&self, visit_views: u32, views: u32) -> bool {
        let is_first = visit_views == 0;
        match self.medium {
            Medium::Internal => is_first && (self.source.is_empty() || views == 0),
            Medium::Direct | Medium::Referral => is_first,
            _ => is_first || self.evidence != Evidence::UserAgent,
        }
    }
}

/// All that tells where a page view came from.
#[derive(Debug, Clone, Copy)]
pub struct Landing<'a> {
    /// The page.
    pub page: &'a Page,
    /// The referrer as the browser has it, or [`ITSELF`].
    pub referrer: &'a str,
    /// The user agent, or only its word that names an app.
    pub agent: &'a str,
    /// What is known of sites.
    pub sites: Sites<'a>,
}

/// Judges one landing: parameters first, since the marketer set them; then
/// click ids; then the referrer's host; then the user agent.
#[must_use]
pub fn arrive(landing: &Landing) -> Arrival {
    let mut arrival = Arrival::default();
    landing.by_referrer(&mut arrival);
    if landing.referrer != ITSELF && !landing.by_parameter(&mut arrival) {
        landing.by_click_id(&mut arrival);
    }
    arrival.campaign = word(said(landing.page, "utm_campaign"));
    if arrival.keyword.is_empty() {
        arrival.keyword = keyword(landing.page, "utm_term n_query dmskw n_keyword dmkw k_keyword nt_keyword");
    }
    arrival
}

impl Landing<'_> {
    /// Whether the address says by itself where it was found, in Google's words
    /// or in Naver's.
    fn by_parameter(&self, arrival: &mut Arrival) -> bool {
        for (source, medium) in [("utm_source", "utm_medium"), ("nt_source", "nt_medium")] {
            let source = word(said(self.page, source));
            if !source.is_empty() {
                arrival.medium = self.named_medium(&fold(said(self.page, medium)), &source);
                arrival.source = source;
                arrival.keyword.clear();
                arrival.evidence = Evidence::Parameter;
                return true;
            }
        }
        false
    }

    /// What a marketer's own words mean, as GA4 groups them: whether it is paid,
    /// then what the medium says, then what is known of the source.
    fn named_medium(&self, medium: &str, source: &str) -> Medium {
        let key = join(&["+", medium]);
        let named = Sites("").find(&key).map(|site| site.medium);
        let known = self.sites.find_source(source).unwrap_or(Medium::Referral);
        let known = if known == Medium::Internal { Medium::Referral } else { known };
        let is_paid = medium == "ppc"
            || medium == "retargeting"
            || medium.starts_with("paid")
            || medium.as_bytes().windows(2).any(|two| two == b"cp");
        match (named, known) {
            (Some(Medium::PaidSearch), _)
            | (_, Medium::Social | Medium::Search | Medium::Messenger | Medium::Referral)
                if is_paid || named == Some(Medium::PaidSearch) =>
            {
                if known == Medium::Social {
                    Medium::PaidSocial
                } else {
                    named.unwrap_or(Medium::PaidSearch)
                }
            }
            (None, _) if medium.ends_with("push") => Medium::Messenger,
            (Some(Medium::Search), Medium::Referral) => Medium::Search,
            (Some(named), _) if !is_paid && named != Medium::Search => named,
            _ => known,
        }
    }

    /// The click id that says most. Some networks put theirs on every link: an
    /// unpaid one says no more than that, and where the referrer is known, less.
    fn by_click_id(&self, arrival: &mut Arrival) {
        let mut most = 0;
        for (name, value) in &self.page.query {
            let name = join(&["?", &fold(name)]);
            let value = fold(clip(next_part(&mut value.as_str(), b'.'), VALUE_LIMIT));
            if value.is_empty() {
                continue;
            }
            let exact = join(&[&name, "=", &value]);
            let exact = self.sites.find(&exact);
            let Some(site) = exact.or_else(|| self.sites.find(&name)) else { continue };
            let is_weak = matches!(site.medium, Medium::Social | Medium::Search);
            let weight = if is_weak {
                1
            } else if exact.is_some() || site.is_marked {
                3
            } else {
                2
            };
            let is_same = arrival.medium == site.medium;
            if weight <= most
                || is_weak && !is_same && !matches!(arrival.medium, Medium::Direct | Medium::Referral)
            {
                continue;
            }
            most = weight;
            if !is_weak || !is_same {
                arrival.source = site.source.into();
            }
            arrival.medium = site.medium;
            arrival.evidence = Evidence::ClickId;
        }
    }

    fn by_referrer(&self, arrival: &mut Arrival) {
        let from = Page::parse(self.referrer);
        let host = from.host.as_str();
        arrival.evidence = Evidence::Referrer;
        let is_ours = if host.is_empty() {
            self.referrer.starts_with(ITSELF)
        } else {
            bare(host) == bare(&self.page.host)
        };
        // Most page views come from the page before: no need to look that up.
        if is_ours {
            arrival.medium = Medium::Internal;
            return;
        }
        let is_app = self.referrer.starts_with(APP);
        let key = if is_app { join(&["@", host]) } else { join(&["~", &app(self.agent)]) };
        let site = if is_app || host.is_empty() { self.sites.find(&key) } else { self.sites.find_host(host) };
        if host.is_empty() {
            // No referrer, or a text that is no address: `-`, `about:blank`.
            arrival.evidence = if site.is_some() { Evidence::UserAgent } else { Evidence::None };
        } else if site.is_none() {
            arrival.medium = Medium::Referral;
            arrival.source = word(host);
        }
        if let Some(site) = site {
            arrival.medium = site.medium;
            arrival.source = site.source.into();
            if matches!(site.medium, Medium::Search | Medium::PaidSearch) {
                arrival.keyword = keyword(&from, KEYWORDS);
            }
        }
    }
}

/// The parameters that search engines write keywords into, the likeliest first.
const KEYWORDS: &str = "query q p wd word kw text keyword su qt mt searchterm search key";

/// The first of these parameters that says something.
fn keyword(page: &Page, mut names: &str) -> String {
    while !names.is_empty() {
        let said = said(page, next_part(&mut names, b' '));
        if !said.is_empty() {
            // What would not decode stands there as it was written.
            return if decode(said, Within::Path).is_none() { String::new() } else { word(said) };
        }
    }
    String::new()
}

/// What a parameter says, in any case; an empty one is no evidence.
fn said<'a>(page: &'a Page, name: &str) -> &'a str {
    for (key, value) in &page.query {
        if key.eq_ignore_ascii_case(name) && !value.is_empty() {
            return value;
        }
    }
    ""
}

/// A host without the `m.` of a shop's pages for phones.
fn bare(host: &str) -> &str {
    host.strip_prefix("m.").unwrap_or(host)
}

/// A text for comparison, bounded; one with control characters is none.
fn word(text: &str) -> String {
    if text.chars().any(char::is_control) { String::new() } else { clip(&fold(text), WORD_LIMIT).into() }
}

pack_struct!(Arrival { medium, source, keyword, campaign, evidence });
pack_enum!(Evidence { 0 None, 1 Parameter, 2 ClickId, 3 Referrer, 4 UserAgent } else Evidence::None);
