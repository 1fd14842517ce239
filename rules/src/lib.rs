//! The marketer's JSON → `Plan`, or sentences that say what is wrong and where.
