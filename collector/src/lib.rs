//! Counts in, odds out; serves plan, model, module and console. Never sees a
//! raw event or an identity, never keeps an address, and never answers for a
//! report before its counts are on disk.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

mod app;
pub mod audit;
mod browser;
mod compile;
mod counters;
mod drafts;
mod evidence;
mod goods;
mod house;
mod judged;
pub mod keys;
mod metrics;
mod odds;
mod place;
mod problem;
mod prune;
mod report;
mod results;
mod routes;
mod server;
mod start;
mod state;
mod store;
mod strata;
mod ticker;
mod writer;

pub use goods::shard_path;
pub use start::{Config, NewKey, Running, SiteConfig, StartError, new_key, revoke, start};
pub use store::{Address, Place};

/// The addresses of the public listener with their methods, as `/openapi.json`
/// lists them; `{prefix}` stands for the configured one.
#[must_use]
pub fn addresses() -> Vec<(&'static str, &'static [&'static str])> {
    let table = routes::table();
    table.iter().map(|route| (route.path, route.methods)).collect()
}

/// Milliseconds since 1970, by this machine's clock.
fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
