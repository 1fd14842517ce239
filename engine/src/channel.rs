//! Where a visit came from, with the evidence. Never guesses: what the table
//! of sites does not know is a `referral` from its host, and a word that cannot
//! be decoded is no word.

use alloc::string::String;

use crate::pack::{pack_enum, pack_struct};
use crate::page::{Page, decode, next_pair};
use crate::sites::{Site, Sites, app};
use crate::text::{clip, cut, fold, join, next_part};

/// The longest source, keyword or campaign kept, in bytes.
const WORD_LIMIT: usize = 80;
/// Of a parameter's value so many bytes are looked up.
const VALUE_LIMIT: usize = 12;
/// How an app's link begins.
const APP: &str = "android-app://";

/// The kind of place a visit came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Medium {
    /// No referrer, no parameter, no app that is known by its user agent; not a
    /// reload, and not coming back from payment or login.
    #[default]
    Direct,
    /// Unpaid search.
    Search,
    /// An advertisement in a search engine.
    PaidSearch,
    /// A social network.
    Social,
    /// An advertisement in a social network.
    PaidSocial,
    /// A mailing or a web mailer.
    Email,
    /// A price comparison.
    PriceComparison,
    /// An affiliate's link.
    Affiliate,
    /// A display advertisement.
    Display,
    /// An AI assistant.
    AiAssistant,
    /// A messenger.
    Messenger,
    /// Any other site.
    Referral,
    /// The shop itself: its own pages, a reload, or coming back from payment or
    /// login, whose name is then the source.
    Internal,
}

impl Medium {
    /// Every medium.
    pub const ALL: [Medium; 13] = [
        Medium::Direct,
        Medium::Search,
        Medium::PaidSearch,
        Medium::Social,
        Medium::PaidSocial,
        Medium::Email,
        Medium::PriceComparison,
        Medium::Affiliate,
        Medium::Display,
        Medium::AiAssistant,
        Medium::Messenger,
        Medium::Referral,
        Medium::Internal,
    ];

    /// The word that rules use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Medium::Direct => "direct",
            Medium::Search => "search",
            Medium::PaidSearch => "paid_search",
            Medium::Social => "social",
            Medium::PaidSocial => "paid_social",
            Medium::Email => "email",
            Medium::PriceComparison => "price_comparison",
            Medium::Affiliate => "affiliate",
            Medium::Display => "display",
            Medium::AiAssistant => "ai_assistant",
            Medium::Messenger => "messenger",
            Medium::Referral => "referral",
            Medium::Internal => "internal",
        }
    }
}

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
    /// Whether this landing is where its visit comes from: always with the
    /// visit's first page, but for a return from payment or login, which keeps
    /// what the visit `before` came from. Later in a visit only with evidence
    /// that cannot mislead: a site that nobody knows may be one more bank.
    #[must_use]
    pub fn counts(&self, is_first: bool, is_known: bool) -> bool {
        match self.medium {
            Medium::Internal => is_first && (self.source.is_empty() || !is_known),
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
    /// The referrer as the browser has it; that of a reload is the page itself.
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
    let from = landing.by_referrer();
    let is_own = from.medium == Medium::Internal && from.source.is_empty();
    let mut arrival = if is_own && landing.is_reload() {
        from
    } else {
        landing.by_parameter().or_else(|| landing.by_click_id(&from)).unwrap_or(from)
    };
    arrival.campaign = landing.said("utm_campaign").map(word).unwrap_or_default();
    if arrival.keyword.is_empty() {
        let names = ["utm_term", "n_query", "dmskw", "n_keyword", "dmkw", "k_keyword", "nt_keyword"];
        arrival.keyword = said_first(landing.page, &names);
    }
    arrival
}

impl Landing<'_> {
    fn by_parameter(&self) -> Option<Arrival> {
        let own = self.said("utm_source").map(|source| (source, "utm_medium"));
        let (source, medium) = own.or_else(|| Some((self.said("nt_source")?, "nt_medium")))?;
        let named = fold(self.said(medium).unwrap_or_default());
        let known = self.sites.find_source(&fold(source)).map(|site| medium_of(&site));
        Some(Arrival {
            medium: self.named_medium(&named, known.filter(|medium| *medium != Medium::Internal)),
            source: word(source),
            evidence: Evidence::Parameter,
            ..Arrival::default()
        })
    }

    /// What a marketer's own words mean, as GA4 groups them: whether it is paid,
    /// then what the medium says, then what is known of the source.
    fn named_medium(&self, medium: &str, known: Option<Medium>) -> Medium {
        let named = self.sites.find(&join(&["+", medium])).map(|site| medium_of(&site));
        let is_paid = matches!(medium, "ppc" | "retargeting")
            || medium.starts_with("paid")
            || medium.as_bytes().windows(2).any(|two| two == b"cp");
        if named == Some(Medium::PaidSearch) || is_paid {
            return match known {
                Some(Medium::Social) => Medium::PaidSocial,
                Some(Medium::Search | Medium::Messenger | Medium::Referral) | None => {
                    named.unwrap_or(Medium::PaidSearch)
                }
                Some(other) => other,
            };
        }
        match named {
            None if medium.ends_with("push") => Medium::Messenger,
            None => known.unwrap_or(Medium::Referral),
            Some(Medium::Search) => known.unwrap_or(Medium::Search),
            Some(named) => named,
        }
    }

    /// The click id that says most. Some networks put theirs on every link: an
    /// unpaid one says no more than that, and where the referrer is known, less.
    fn by_click_id(&self, from: &Arrival) -> Option<Arrival> {
        let mut best = None;
        let mut most = 0;
        for (name, value) in &self.page.query {
            let name = join(&["?", &fold(name)]);
            let value = fold(clip(next_part(&mut value.as_str(), b'.'), VALUE_LIMIT));
            let exact = self.sites.find(&join(&[&name, "=", &value]));
            let weight = if exact.is_some() { 3 } else { 2 };
            let Some(site) = exact.or_else(|| self.sites.find(&name)).filter(|_| !value.is_empty()) else {
                continue;
            };
            let weight = match medium_of(&site) {
                Medium::Social | Medium::Search => 1,
                _ if site.is_marked => 3,
                _ => weight,
            };
            if weight > most {
                (best, most) = (Some(site), weight);
            }
        }
        let site = best?;
        let medium = medium_of(&site);
        let mut source = site.source;
        if most == 1 && from.medium == medium {
            source.clone_from(&from.source);
        } else if most == 1 && !matches!(from.medium, Medium::Direct | Medium::Referral) {
            return None;
        }
        Some(Arrival { medium, source, evidence: Evidence::ClickId, ..Arrival::default() })
    }

    fn by_referrer(&self) -> Arrival {
        let from = Page::parse(self.referrer);
        if from.host.is_empty() && !self.referrer.starts_with('/') {
            // No referrer, or a text that is no address: `-`, `about:blank`.
            return app(self.agent).map_or_else(Arrival::default, |(_, site)| arrival(site, Evidence::UserAgent));
        }
        if bare(&from.host) == bare(&self.page.host) || from.host.is_empty() {
            return Arrival { medium: Medium::Internal, evidence: Evidence::Referrer, ..Arrival::default() };
        }
        let is_app = self.referrer.starts_with(APP);
        let site =
            if is_app { self.sites.find(&join(&["@", &from.host])) } else { self.sites.find_host(&from.host) };
        let Some(site) = site else {
            let source = word(&from.host);
            return Arrival { medium: Medium::Referral, source, evidence: Evidence::Referrer, ..Arrival::default() };
        };
        let mut arrival = arrival(site, Evidence::Referrer);
        if matches!(arrival.medium, Medium::Search | Medium::PaidSearch) {
            arrival.keyword = said_first(&from, KEYWORDS);
        }
        arrival
    }

    /// Whether the page is its own referrer.
    fn is_reload(&self) -> bool {
        let from = Page::parse(self.referrer);
        from.path == self.page.path && from.query == self.page.query
    }

    fn said(&self, name: &str) -> Option<&str> {
        said(self.page, name)
    }
}

/// The parameters that search engines write keywords into, the likeliest first.
const KEYWORDS: &[&str] =
    &["query", "q", "p", "wd", "word", "kw", "text", "keyword", "su", "qt", "mt", "searchterm", "search", "key"];

/// The first of these parameters that says something.
fn said_first(page: &Page, names: &[&str]) -> String {
    let said = names.iter().find_map(|name| said(page, name)).unwrap_or_default();
    // What would not decode stands there as it was written.
    if decode(said, false).is_none() { String::new() } else { word(said) }
}

/// A parameter that says something, in any case; an empty one is no evidence.
fn said<'a>(page: &'a Page, name: &str) -> Option<&'a str> {
    let said = page.query.iter().find(|(key, value)| key.eq_ignore_ascii_case(name) && !value.is_empty());
    said.map(|(_, value)| value.as_str())
}

fn arrival(site: Site, evidence: Evidence) -> Arrival {
    Arrival { medium: medium_of(&site), source: site.source, evidence, ..Arrival::default() }
}

fn medium_of(site: &Site) -> Medium {
    Medium::ALL.get(usize::from(site.medium)).copied().unwrap_or_default()
}

/// A host without the `m.` of a shop's pages for phones.
fn bare(host: &str) -> &str {
    host.strip_prefix("m.").unwrap_or(host)
}

/// A text for comparison, bounded; one with control characters is none.
fn word(text: &str) -> String {
    if text.chars().any(char::is_control) { String::new() } else { clip(&fold(text), WORD_LIMIT).into() }
}

/// The charsets that an address may be written in, by the names that decoders
/// know, each with the words that engines use. The first six stand by their
/// place in the table of sites.
const CHARSETS: [(&str, &str); 7] = [
    ("euc-kr", "euc-kr euckr cp949 ms949 uhc ks_c_5601-1987 ksc5601 windows-949"),
    ("gbk", "gbk gb2312 gb18030 cp936"),
    ("shift_jis", "shift_jis shift-jis sjis cp932 ms932 windows-31j"),
    ("euc-jp", "euc-jp eucjp ujis"),
    ("windows-1251", "windows-1251 cp1251"),
    ("big5", "big5"),
    ("iso-2022-jp", "iso-2022-jp jis"),
];

/// What needs no decoding.
const UTF_8: &str = "utf-8";

/// How the words of an address are written, by the name that decoders know;
/// `None` for UTF-8, and where it cannot be known. A search engine says so
/// itself, else words that are not UTF-8 are in the one that its country used;
/// so are those that Korean advertisers' parameters carry to a page.
///
/// The body rewrites such an address before it makes an event of it: `ie=utf-8`
/// in front of its query says so ever after.
#[must_use]
pub fn charset(address: &str) -> Option<&'static str> {
    let (head, query) = cut(next_part(&mut &*address, b'#'), b'?')?;
    let (mut declared, mut is_foreign, mut is_korean_ad) = ("", false, false);
    let mut rest = query;
    while let Some((key, value)) = next_pair(&mut rest) {
        let key = fold(key);
        if declared.is_empty() && matches!(key.as_str(), "ie" | "ei" | "enc" | "charset") {
            declared = declared_charset(value);
        }
        is_korean_ad |= key.starts_with("n_") || key.starts_with("dm");
        is_foreign |= decode(value, true).is_none();
    }
    let known = Sites::default().find_host(&Page::parse(head).host);
    let engine = known.filter(|site| matches!(medium_of(site), Medium::Search | Medium::PaidSearch));
    if engine.is_some() && !declared.is_empty() {
        return Some(declared).filter(|name| *name != UTF_8);
    }
    let usual = engine.map_or(is_korean_ad.then_some(0), |site| site.charset).filter(|_| is_foreign)?;
    CHARSETS.get(usize::from(usual)).map(|(name, _)| *name)
}

/// The charset that a parameter names; empty where it names none.
fn declared_charset(value: &str) -> &'static str {
    let value = fold(value);
    if value.starts_with("utf") {
        return UTF_8;
    }
    let named = CHARSETS.iter().find(|(_, words)| has_word(words, &value));
    named.map_or("", |(name, _)| *name)
}

fn has_word(mut words: &str, word: &str) -> bool {
    while !words.is_empty() {
        if next_part(&mut words, b' ') == word {
            return true;
        }
    }
    false
}

pack_struct!(Arrival { medium, source, keyword, campaign, evidence });
pack_enum!(Evidence { 0 None, 1 Parameter, 2 ClickId, 3 Referrer, 4 UserAgent } else Evidence::None);
pack_enum!(Medium {
    0 Direct, 1 Search, 2 PaidSearch, 3 Social, 4 PaidSocial, 5 Email, 6 PriceComparison, 7 Affiliate, 8 Display,
    9 AiAssistant, 10 Messenger, 11 Referral, 12 Internal,
} else Medium::Direct);
