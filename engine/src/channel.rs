//! Where a visit came from, with the evidence. Never guesses: what the table
//! does not know is a `referral` from its host.

use alloc::string::{String, ToString};

use crate::pack::{pack_enum, pack_struct};
use crate::page::Page;
use crate::text::{clip, fold};

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

fn by_parameter(page: &Page) -> Option<Arrival> {
    let source = said(page, "utm_source")?;
    let medium = fold(page.parameter("utm_medium").unwrap_or_default());
    let known = host_entry(&fold(source)).map(|(_, _, medium)| medium);
    let medium = match medium.as_str() {
        "cpc" | "ppc" | "paidsearch" | "paid_search" | "sem" => match known {
            Some(Medium::Social) => Medium::PaidSocial,
            _ => Medium::PaidSearch,
        },
        "paid_social" | "paidsocial" | "social_paid" => Medium::PaidSocial,
        "social" | "sns" => Medium::Social,
        "email" | "e-mail" | "newsletter" | "mail" => Medium::Email,
        "affiliate" | "partner" => Medium::Affiliate,
        "display" | "banner" | "cpm" => Medium::Display,
        "price_comparison" | "shopping" | "comparison" => Medium::PriceComparison,
        "messenger" | "push" | "sms" | "chat" => Medium::Messenger,
        "organic" => Medium::Search,
        _ => known.unwrap_or(Medium::Referral),
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

/// Click ids that name the advertiser's network by themselves.
const CLICK_IDS: &[(&str, &str, Medium)] = &[
    ("gclid", "google", Medium::PaidSearch),
    ("gbraid", "google", Medium::PaidSearch),
    ("wbraid", "google", Medium::PaidSearch),
    ("msclkid", "bing", Medium::PaidSearch),
    ("yclid", "yandex", Medium::PaidSearch),
    ("n_media", "naver", Medium::PaidSearch),
    ("ttclid", "tiktok", Medium::PaidSocial),
    ("twclid", "x", Medium::PaidSocial),
    ("fbclid", "facebook", Medium::Social),
];

fn by_click_id(page: &Page) -> Option<Arrival> {
    let (_, source, medium) = CLICK_IDS.iter().find(|(id, _, _)| said(page, id).is_some())?;
    Some(Arrival {
        medium: *medium,
        source: source.to_string(),
        keyword: word(page.parameter("n_query").unwrap_or_default()),
        evidence: Evidence::ClickId,
    })
}

/// Hosts by suffix, longest first where one contains another. The parameter
/// of a search engine that carries the keyword stands in `keyword_of`.
const HOSTS: &[(&str, &str, Medium)] = &[
    ("shopping.naver.com", "naver_shopping", Medium::PriceComparison),
    ("mail.naver.com", "naver_mail", Medium::Email),
    ("blog.naver.com", "naver_blog", Medium::Social),
    ("cafe.naver.com", "naver_cafe", Medium::Social),
    ("naver.com", "naver", Medium::Search),
    ("mail.daum.net", "daum_mail", Medium::Email),
    ("cafe.daum.net", "daum_cafe", Medium::Social),
    ("shoppinghow.kakao.com", "shoppinghow", Medium::PriceComparison),
    ("daum.net", "daum", Medium::Search),
    ("nate.com", "nate", Medium::Search),
    ("zum.com", "zum", Medium::Search),
    ("kakao.com", "kakao", Medium::Messenger),
    ("band.us", "band", Medium::Social),
    ("danawa.com", "danawa", Medium::PriceComparison),
    ("enuri.com", "enuri", Medium::PriceComparison),
    ("idealo.de", "idealo", Medium::PriceComparison),
    ("idealo.co.uk", "idealo", Medium::PriceComparison),
    ("pricerunner.com", "pricerunner", Medium::PriceComparison),
    ("kelkoo.com", "kelkoo", Medium::PriceComparison),
    ("shopping.google.com", "google_shopping", Medium::PriceComparison),
    ("mail.google.com", "gmail", Medium::Email),
    ("gemini.google.com", "gemini", Medium::AiAssistant),
    ("outlook.live.com", "outlook", Medium::Email),
    ("mail.yahoo.com", "yahoo_mail", Medium::Email),
    ("chatgpt.com", "chatgpt", Medium::AiAssistant),
    ("chat.openai.com", "chatgpt", Medium::AiAssistant),
    ("perplexity.ai", "perplexity", Medium::AiAssistant),
    ("claude.ai", "claude", Medium::AiAssistant),
    ("copilot.microsoft.com", "copilot", Medium::AiAssistant),
    ("bing.com", "bing", Medium::Search),
    ("duckduckgo.com", "duckduckgo", Medium::Search),
    ("search.yahoo.com", "yahoo", Medium::Search),
    ("ecosia.org", "ecosia", Medium::Search),
    ("baidu.com", "baidu", Medium::Search),
    ("yandex.ru", "yandex", Medium::Search),
    ("facebook.com", "facebook", Medium::Social),
    ("instagram.com", "instagram", Medium::Social),
    ("youtube.com", "youtube", Medium::Social),
    ("t.co", "x", Medium::Social),
    ("x.com", "x", Medium::Social),
    ("twitter.com", "x", Medium::Social),
    ("tiktok.com", "tiktok", Medium::Social),
    ("pinterest.com", "pinterest", Medium::Social),
    ("linkedin.com", "linkedin", Medium::Social),
    ("reddit.com", "reddit", Medium::Social),
    ("t.me", "telegram", Medium::Messenger),
    ("wa.me", "whatsapp", Medium::Messenger),
];

fn by_referrer(page: &Page, referrer: &str) -> Arrival {
    if referrer.is_empty() {
        return Arrival::default();
    }
    let from = Page::parse(referrer);
    let (medium, source) = if from.host == page.host {
        (Medium::Internal, String::new())
    } else if let Some((_, source, medium)) = host_entry(&from.host) {
        (medium, source.to_string())
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

/// The table's row for a host or a source's own name.
fn host_entry(host: &str) -> Option<(&'static str, &'static str, Medium)> {
    let fits = |suffix: &str| {
        host.strip_suffix(suffix).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    HOSTS.iter().find(|(suffix, source, _)| *source == host || fits(suffix)).copied()
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
