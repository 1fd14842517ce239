//! Addresses and referrers of unknown origin: a comparable page and a channel,
//! never a panic, and reading the path again changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vitrine_engine::channel::arrive;
use vitrine_engine::page::Page;

fuzz_target!(|given: (&str, &str)| {
    let page = Page::parse(given.0);
    assert!(page.path.starts_with('/'));
    let _ = arrive(&page, given.1);
});
