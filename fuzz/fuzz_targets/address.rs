//! Addresses, referrers and user agents of unknown origin: a comparable page, a
//! channel, never a panic; what is kept is bounded, and recoding twice is
//! recoding once.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vitrine_engine::channel::{Landing, arrive};
use vitrine_engine::page::Page;
use vitrine_engine::sites::{RARE, Sites};
use vitrine_trainer::recode::recode;

/// The longest text that an arrival keeps, in bytes.
const LIMIT: usize = 80;

fuzz_target!(|given: (&str, &str, &str)| {
    let (url, referrer, agent) = given;
    let page = Page::parse(url);
    assert!(page.path.starts_with('/'));
    let arrival = arrive(&Landing { page: &page, referrer, agent, sites: Sites(RARE) });
    for kept in [&arrival.source, &arrival.keyword, &arrival.campaign] {
        assert!(kept.len() <= LIMIT && !kept.chars().any(char::is_control));
    }
    for address in [url, referrer] {
        let once = recode(address);
        assert_eq!(recode(&once), once);
    }
});
