//! The chores of the workshop: `cargo xtask <verb>`.
//!
//! It never decides anything for a shopper and nothing imports it. It runs the
//! tools that build, prove and show Vitrine, and says in one sentence what to
//! do when one of them cannot run. It has no dependency but a signal handler,
//! so that it compiles in seconds on a fresh machine.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

mod bench;
mod demo;
mod fingerprint;
mod flags;
mod pack;
mod setup;
mod shell;
mod size;
mod tally;
mod test;
mod tidy;

use std::process::ExitCode;

use flags::Flags;
use shell::{Outcome, Workshop};

const USAGE: &str = "\
cargo xtask <verb>

  setup   install what is missing (--tests: also what only the tests need)
  build   pkg/ (loader, glue, wasm, edge) and the `vitrine` command
  demo    build, train, start collector and shop
            --port 8080   --collector-port 8787   --data data   --fresh
            --edge   puts the Node edge adapter in front (--edge-port 8081)
  bench   rules: ours beside closures and GrowthBook, in Node and Chromium
          recommend: rows from a model of 43,000 items, in both
            --only node | chromium
  test    everything; closes with `N passed, N failed`
            --only NAME   one step (may be repeated)   --list   the steps' names
  size    raw, gzip and brotli of what is shipped, against size-budget.toml
            --record   lowers the recorded ceilings to what was measured
  tidy    what a compiler cannot check: layers, exports, markup, lengths";

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let verb = words.next().unwrap_or_default();
    match run(&verb, words.collect()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::from(2)
        }
    }
}

/// Does the verb; `false` means that it ran and found something wrong.
fn run(verb: &str, words: Vec<String>) -> Outcome<bool> {
    let flags = Flags::new(words);
    let shop = Workshop::find()?;
    match verb {
        "setup" => {
            let tests = flags.only_switch("--tests")?;
            setup::builds(&shop)?;
            if tests {
                setup::tests(&shop)?;
                setup::postgres(&shop)?;
                setup::browsers(&shop)?;
            }
            println!("Everything is installed.");
            Ok(true)
        }
        "build" => {
            flags.none()?;
            setup::builds(&shop)?;
            pack::everything(&shop)?;
            Ok(true)
        }
        "bench" => bench::run(&shop, flags),
        "demo" => demo::run(&shop, flags),
        "test" => test::run(&shop, flags),
        "size" => {
            let record = flags.only_switch("--record")?;
            setup::builds(&shop)?;
            pack::package(&shop)?;
            size::report(&shop, record)
        }
        "tidy" => {
            flags.none()?;
            Ok(tidy::report(&shop))
        }
        "" | "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(true)
        }
        other => Err(format!("`{other}` is not a verb.\n\n{USAGE}")),
    }
}
