//! The brain of Vitrine: observes what a visitor does, judges the marketer's
//! plan, decides which message stands in which slot, renders it, and counts.
//!
//! It never reads a clock, never draws a random number of its own, never does
//! I/O and knows no text format: time, seed and page come in from outside, so
//! the same (plan, odds, model, profile, moment) gives the same bytes in every
//! browser, on every edge and natively.
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic))]

extern crate alloc;

// Layers, lowest first. A module imports only from those above its own line,
// or from earlier ones on it; `cargo xtask tidy` checks it.

// values
pub mod hash;
pub mod power;
pub mod rng;
pub mod text;
pub mod json;
pub mod pack;
pub mod automaton;
pub mod bits;
pub mod ids;
pub mod lists;
pub mod time;
pub mod number;
pub mod minor;
pub mod value;
pub mod truth;
pub mod compare;
pub mod seal;
// places
pub mod page;
pub mod sites;
pub mod channel;
// facts
pub mod event;
// memory
pub mod interest;
pub mod ring;
pub mod sign;
pub mod kind;
pub mod arm;
pub mod profile;
pub mod memory;
// judgement
pub mod intent;
pub mod attribute;
pub mod facts;
pub mod condition;
pub mod pattern;
pub mod node;
pub mod nodes;
pub mod judge;
pub mod trigger;
// offers
pub mod template;
pub mod recommend;
pub mod ramp;
pub mod bandit;
pub mod grid;
pub mod plan;
pub mod pace;
// verdict
pub mod decide;
// leaving
pub mod banner;
pub mod report;
pub mod walk;
pub mod sentence;
pub mod explain;
pub mod digest;
pub mod edge;
