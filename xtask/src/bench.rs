//! `cargo xtask bench rules` and `bench recommend`: ours beside its peers, and
//! beside what is promised. It never judges what was measured: the tables are
//! for people, and budgets are tests.

use std::process::Stdio;

use crate::flags::Flags;
use crate::shell::{Outcome, Workshop, progress};
use crate::{pack, setup};

/// Builds what is measured and runs it in Node and in Chromium.
///
/// # Errors
/// A wrong word, or what the failing tool said.
pub fn run(shop: &Workshop, mut flags: Flags) -> Outcome<bool> {
    let only = flags.value("--only")?;
    let (rules, recommend) = (flags.switch("rules"), flags.switch("recommend"));
    if rules == recommend {
        return Err("`cargo xtask bench` needs what to measure: `rules` or `recommend`.".into());
    }
    flags.none()?;
    setup::builds(shop)?;
    setup::tests(shop)?;
    let mut node = match rules {
        true => {
            let body = progress("wasm body: bench", || pack::bench(shop))?;
            let mut node = shop.line("node benches/rules/run.mjs");
            node.arg(body);
            node
        }
        false => {
            pack::everything(shop)?;
            let mut node = shop.line("node benches/recommend/run.mjs");
            node.arg(shop.vitrine()).arg(shop.target.join("xtask/bench-recommend"));
            node.arg(progress("the shelf's module with names", || pack::named(shop, "shelf"))?);
            node
        }
    };
    node.args(only).stdout(Stdio::inherit()).stderr(Stdio::inherit());
    let status = node.status().map_err(|e| format!("`node` cannot be run: {e}."))?;
    Ok(status.success())
}
