//! `cargo xtask bench rules`: ours beside its peers on one workload. It never
//! judges what was measured: the table is for people, and budgets are tests.

use std::process::Stdio;

use crate::flags::Flags;
use crate::shell::{Outcome, Workshop, progress};
use crate::{pack, setup};

/// Builds the bench's module and runs it in Node and in Chromium.
///
/// # Errors
/// A wrong word, or what the failing tool said.
pub fn run(shop: &Workshop, mut flags: Flags) -> Outcome<bool> {
    let only = flags.value("--only")?;
    if !flags.switch("rules") {
        return Err("`cargo xtask bench` needs what to measure; there is `rules`.".into());
    }
    flags.none()?;
    setup::builds(shop)?;
    setup::tests(shop)?;
    let body = progress("wasm body: bench", || pack::bench(shop))?;
    let mut node = shop.line("node benches/rules/run.mjs");
    node.arg(body).args(only).stdout(Stdio::inherit()).stderr(Stdio::inherit());
    let status = node.status().map_err(|e| format!("`node` cannot be run: {e}."))?;
    Ok(status.success())
}
