//! Where a visit came from, with the evidence. Never guesses: what the table
//! does not know is a `referral` from its host.

use alloc::string::String;

use crate::pack::{pack_enum, pack_struct};
use crate::page::Page;
use crate::text::{clip, fold, next_part};

/// The longest source or keyword kept, in bytes.
const WORD_LIMIT: usize = 80;

/// The kind of place a visit came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Medium {
    /// No referrer and no parameter.
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
    /// The shop itself.
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
    /// What says so.
    pub evidence: Evidence,
}

/// Judges one landing: parameters first, since the marketer set them; then
/// click ids; then the referrer's host.
#[must_use]
pub fn arrive(page: &Page, referrer: &str) -> Arrival {
    by_parameter(page).or_else(|| by_click_id(page)).unwrap_or_else(|| by_referrer(page, referrer))
}

/// What marketers write into `utm_medium`.
const WORDS: &[(Medium, &str)] = &[
    (Medium::PaidSearch, "cpc ppc paidsearch paid_search sem"),
    (Medium::PaidSocial, "paid_social paidsocial social_paid"),
    (Medium::Social, "social sns"),
    (Medium::Email, "email e-mail newsletter mail"),
    (Medium::Affiliate, "affiliate partner"),
    (Medium::Display, "display banner cpm"),
    (Medium::PriceComparison, "price_comparison shopping comparison"),
    (Medium::Messenger, "messenger push sms chat"),
    (Medium::Search, "organic"),
];

fn by_parameter(page: &Page) -> Option<Arrival> {
    let source = said(page, "utm_source")?;
    let medium = fold(page.parameter("utm_medium").unwrap_or_default());
    let known = host_entry(&fold(source)).map(|(_, medium)| medium);
    let named = WORDS.iter().find(|(_, words)| Rows(words).any(|word| word == medium));
    let medium = match (named, known) {
        (Some((Medium::PaidSearch, _)), Some(Medium::Social)) => Medium::PaidSocial,
        (Some((medium, _)), _) => *medium,
        (None, known) => known.unwrap_or(Medium::Referral),
    };
    Some(Arrival {
        medium,
        source: word(source),
        keyword: word(page.parameter("utm_term").unwrap_or_default()),
        evidence: Evidence::Parameter,
    })
}

/// A parameter that says something; an empty one is no evidence.
fn said<'a>(page: &'a Page, name: &str) -> Option<&'a str> {
    page.parameter(name).filter(|text| !text.is_empty())
}

/// Click ids that name the advertiser's network by themselves, each with it.
const CLICK_IDS: &[(Medium, &str)] = &[
    (Medium::PaidSearch, "gclid google gbraid google wbraid google msclkid bing yclid yandex n_media naver"),
    (Medium::PaidSocial, "ttclid tiktok twclid x"),
    (Medium::Social, "fbclid facebook"),
];

fn by_click_id(page: &Page) -> Option<Arrival> {
    for (medium, ids) in CLICK_IDS {
        let mut ids = Rows(ids);
        while let Some((id, source)) = ids.pair() {
            if said(page, id).is_some() {
                return Some(Arrival {
                    medium: *medium,
                    source: source.into(),
                    keyword: word(page.parameter("n_query").unwrap_or_default()),
                    evidence: Evidence::ClickId,
                });
            }
        }
    }
    None
}

/// Hosts and the names of their sources; the longest host that fits counts. As
/// texts, not as rows of addresses, the table is a third shorter on the wire.
/// The parameters that carry a search engine's keyword stand in `by_referrer`.
const HOSTS: &[(Medium, &str)] = &[
    (
        Medium::PriceComparison,
        "shopping.naver.com naver_shopping shoppinghow.kakao.com shoppinghow danawa.com danawa \
         enuri.com enuri idealo.de idealo idealo.co.uk idealo pricerunner.com pricerunner \
         kelkoo.com kelkoo shopping.google.com google_shopping",
    ),
    (
        Medium::Email,
        "mail.naver.com naver_mail mail.daum.net daum_mail mail.google.com gmail \
         outlook.live.com outlook mail.yahoo.com yahoo_mail",
    ),
    (
        Medium::Social,
        "blog.naver.com naver_blog cafe.naver.com naver_cafe cafe.daum.net daum_cafe \
         band.us band facebook.com facebook instagram.com instagram youtube.com youtube t.co x \
         x.com x twitter.com x tiktok.com tiktok pinterest.com pinterest linkedin.com linkedin \
         reddit.com reddit",
    ),
    (
        Medium::Search,
        "naver.com naver daum.net daum nate.com nate zum.com zum bing.com bing \
         duckduckgo.com duckduckgo search.yahoo.com yahoo ecosia.org ecosia baidu.com baidu \
         yandex.ru yandex",
    ),
    (Medium::Messenger, "kakao.com kakao t.me telegram wa.me whatsapp"),
    (
        Medium::AiAssistant,
        "gemini.google.com gemini chatgpt.com chatgpt chat.openai.com chatgpt \
         perplexity.ai perplexity claude.ai claude copilot.microsoft.com copilot",
    ),
];

/// A text of words parted by spaces.
struct Rows(&'static str);

impl Rows {
    fn pair(&mut self) -> Option<(&'static str, &'static str)> {
        Some((self.next()?, self.next()?))
    }
}

impl Iterator for Rows {
    type Item = &'static str;

    fn next(&mut self) -> Option<&'static str> {
        if self.0.is_empty() { None } else { Some(next_part(&mut self.0, b' ')) }
    }
}

fn by_referrer(page: &Page, referrer: &str) -> Arrival {
    if referrer.is_empty() {
        return Arrival::default();
    }
    let from = Page::parse(referrer);
    let (medium, source) = if from.host == page.host {
        (Medium::Internal, String::new())
    } else if let Some((source, medium)) = host_entry(&from.host) {
        (medium, source.into())
    } else if is_google(&from.host) {
        (Medium::Search, "google".into())
    } else {
        (Medium::Referral, word(&from.host))
    };
    let keyword = ["query", "q", "p", "wd", "text"].iter().find_map(|name| from.parameter(name));
    let keyword = if medium == Medium::Search { word(keyword.unwrap_or_default()) } else { String::new() };
    Arrival { medium, source, keyword, evidence: Evidence::Referrer }
}

/// Google searches from many top-level domains: `google.co.kr`, `google.de`.
fn is_google(host: &str) -> bool {
    host.strip_prefix("google.").is_some_and(|tld| tld.len() <= 6)
}

/// The source and medium of a host, or of a source's own name.
fn host_entry(host: &str) -> Option<(&'static str, Medium)> {
    let mut best = None;
    let mut length = 0;
    for (medium, hosts) in HOSTS {
        let mut hosts = Rows(hosts);
        while let Some((suffix, source)) = hosts.pair() {
            let fits = host.strip_suffix(suffix).is_some_and(|sub| sub.is_empty() || sub.ends_with('.'));
            if source == host || fits && suffix.len() > length {
                best = Some((source, *medium));
                length = suffix.len();
            }
        }
    }
    best
}

fn word(text: &str) -> String {
    clip(&fold(text), WORD_LIMIT).into()
}

pack_struct!(Arrival { medium, source, keyword, evidence });
pack_enum!(Evidence { 0 None, 1 Parameter, 2 ClickId, 3 Referrer } else Evidence::None);
pack_enum!(Medium {
    0 Direct, 1 Search, 2 PaidSearch, 3 Social, 4 PaidSocial, 5 Email, 6 PriceComparison, 7 Affiliate, 8 Display,
    9 AiAssistant, 10 Messenger, 11 Referral, 12 Internal,
} else Medium::Direct);

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(url: &str, referrer: &str) -> (&'static str, String, String, &'static str) {
        let arrival = arrive(&Page::parse(url), referrer);
        (arrival.medium.word(), arrival.source, arrival.keyword, arrival.evidence.word())
    }

    #[test]
    fn parameters_win_over_click_ids_and_these_over_referrers() {
        let shop = "https://shop.example/";
        assert_eq!(judge(shop, ""), ("direct", "".into(), "".into(), "none"));
        assert_eq!(
            judge(shop, "https://search.naver.com/search?query=%EC%8B%A0%EB%B0%9C"),
            ("search", "naver".into(), "신발".into(), "referrer")
        );
        assert_eq!(
            judge(shop, "https://www.google.co.kr/"),
            ("search", "google".into(), "".into(), "referrer")
        );
        assert_eq!(
            judge("https://shop.example/?gclid=x", "https://www.google.com/"),
            ("paid_search", "google".into(), "".into(), "click_id")
        );
        assert_eq!(
            judge("https://shop.example/?gclid=x&utm_source=Letter&utm_medium=email", ""),
            ("email", "letter".into(), "".into(), "parameter")
        );
        assert_eq!(judge(shop, "https://prod.danawa.com/x").0, "price_comparison");
        assert_eq!(
            judge(shop, "https://notdanawa.com/x"),
            ("referral", "notdanawa.com".into(), "".into(), "referrer")
        );
        assert_eq!(judge(shop, "https://www.shop.example/list").0, "internal");
    }
}
