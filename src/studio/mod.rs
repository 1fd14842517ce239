//! The studio's body: the marketer's tools in a browser or in Node. Never
//! runs in a shopper's page, so it may be large.

/// Checks rule text; a JSON array of diagnostics.
pub fn check(rules: &str) -> String {
    let compiled = vitrine_rules::compile(rules);
    serde_json::to_string(&compiled.diagnostics).unwrap_or_default()
}
