//! From counts to odds and results. Never draws for a visitor, never reads a
//! clock or opens a file: counts come in, numbers go out, and the same
//! counts give the same bits.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

pub mod baskets;
pub mod belief;
pub mod best;
pub mod binomial;
pub mod csv;
pub mod delay;
pub mod disagree;
pub mod drift;
pub mod duel;
pub mod evidence;
pub mod fit;
pub mod forecast;
pub mod future;
pub mod harm;
pub mod interval;
pub mod judge;
pub mod logged;
pub mod mean;
pub mod mismatch;
pub mod odds;
pub mod offpolicy;
pub mod outlook;
pub mod policy;
pub mod prior;
pub mod race;
pub mod settled;
pub mod simulate;
pub mod spread;
pub mod tally;
pub mod words;
