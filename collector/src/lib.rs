//! Counts in, odds out.
