//! The studio's body: the marketer's tools in a browser or in Node. Never
//! runs in a shopper's page, so it may be large.

use vitrine_engine::time::Millis;

/// Checks rule text as it would be published at a moment, in milliseconds
/// since 1970; a JSON array of diagnostics.
pub fn check(rules: &str, now: f64) -> String {
    // Whole milliseconds since 1970; what is none is 0, long before any rules.
    let compiled = vitrine_rules::compile_at(rules, Some(Millis(now as u64)));
    serde_json::to_string(&compiled.diagnostics).unwrap_or_default()
}
