//! `cargo xtask test`: everything that must hold, one named step after the
//! other. It never stops at the first failure, and a step that cannot run has
//! failed. The last line of stdout is the whole verdict.

use std::io::Write;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use crate::fingerprint::{files_under, make_dir, write};
use crate::flags::Flags;
use crate::shell::{Outcome, Said, Workshop, listen, seconds, tail};
use crate::tally::{self, Tally};
use crate::{pack, setup, size, tidy};

/// Lines of a failure that are printed; the whole is in the step's log.
const SHOWN: usize = 200;
/// A wasm test file in a browser, on a busy machine of two cores.
const BROWSER_SECONDS: &str = "180";
/// A file of stories that is not done by then hangs; the slowest takes one.
const STORY_MINUTES: u64 = 8;
/// The bodies of the wasm module, each linted by itself.
const BODIES: [&str; 6] = ["page", "page_full", "shelf", "edge", "studio", "node"];

/// Runs a file of wasm tests: in Node, or in Chromium where it is told so.
const RUNNER: &str = "wasm-bindgen-test-runner";
/// Firefox is spoken to over a socket, which Node 20 has behind this flag.
const SOCKETS: &str = "--experimental-websocket";
/// Where scripts' tests lie that need a browser: Chromium, and those beside it.
const NEED_A_BROWSER: [&str; 2] = [STORIES, BROWSERS];
const STORIES: &str = "tests/stories";
const BROWSERS: &str = "tests/browsers";

/// What a step found: how many held, and what to read if not all did.
struct Found {
    tally: Tally,
    log: String,
}

type Step = (&'static str, fn(&Workshop) -> Outcome<Found>);

/// Cheapest first, so that a slip is told within seconds.
const STEPS: [Step; 13] = [
    ("format", format),
    ("tidy", tidiness),
    ("lint", lint),
    ("native", native),
    ("postgres", postgres),
    ("no-std", no_std),
    ("build", build),
    ("size", sizes),
    ("wasm-node", wasm_in_node),
    ("wasm-browser", wasm_in_browser),
    ("scripts", scripts),
    ("stories", stories),
    ("browsers", browsers),
];

/// Runs all steps, or those named by `--only`; `false` when any failed.
///
/// # Errors
/// A wrong flag. Everything else is a failed step.
pub fn run(shop: &Workshop, mut flags: Flags) -> Outcome<bool> {
    if flags.switch("--list") {
        flags.none()?;
        STEPS.iter().for_each(|(name, _)| println!("{name}"));
        return Ok(true);
    }
    let mut only = Vec::new();
    while let Some(name) = flags.value("--only")? {
        if !STEPS.iter().any(|(known, _)| *known == name) {
            let names = STEPS.map(|(name, _)| name).join(", ");
            return Err(format!("`{name}` is not a step; there are: {names}."));
        }
        only.push(name);
    }
    flags.none()?;

    let started = Instant::now();
    let mut sum = Tally::default();
    sum.add(run_step(shop, ("setup", install)).failures_only());
    for step in STEPS {
        if only.is_empty() || only.iter().any(|name| name == step.0) {
            sum.add(run_step(shop, step));
        }
    }
    println!("\n{} in all", seconds(started.elapsed()));
    println!("{sum}");
    Ok(sum.failed == 0)
}

impl Tally {
    /// Preparation counts only where it stops the rest.
    fn failures_only(self) -> Self {
        Self { passed: 0, ..self }
    }
}

/// Runs a step, prints its line, and the reasons if it failed.
fn run_step(shop: &Workshop, (name, step): Step) -> Tally {
    let started = Instant::now();
    println!("… {name}");
    let found = step(shop).unwrap_or_else(|sentence| Found { tally: Tally::one(false), log: sentence });
    let good = found.tally.failed == 0;
    let mark = if good { "✓" } else { "✗" };
    let took = seconds(started.elapsed());
    println!("{mark} {name:<13} {} ({took})", found.tally);
    if !good {
        println!("{}", excerpt(&found.log));
    }
    if let Ok(place) = keep_log(shop, name, &found.log)
        && !good
    {
        println!("  the whole output: {}\n", place.display());
    }
    let _ = std::io::stdout().flush();
    found.tally
}

/// The reasons where the output names them, else its end.
fn excerpt(log: &str) -> String {
    let Some(why) = tally::reasons(log) else {
        return tail(log);
    };
    let mut lines: Vec<&str> = why.lines().take(SHOWN + 1).collect();
    if lines.len() > SHOWN {
        lines.pop();
        lines.push("…");
    }
    lines.join("\n")
}

fn keep_log(shop: &Workshop, name: &str, log: &str) -> Outcome<PathBuf> {
    let dir = shop.target.join("xtask/logs");
    make_dir(&dir)?;
    let place = dir.join(format!("{name}.log"));
    write(&place, log.as_bytes())?;
    Ok(place)
}

fn install(shop: &Workshop) -> Outcome<Found> {
    setup::builds(shop)?;
    setup::tests(shop)?;
    Ok(held("", true))
}

fn format(shop: &Workshop) -> Outcome<Found> {
    check(shop.line("cargo fmt --all -- --check --color never"))
}

fn tidiness(shop: &Workshop) -> Outcome<Found> {
    let complaints = tidy::complaints(&shop.root);
    let holds = complaints.is_empty();
    Ok(held(&complaints.join("\n"), holds))
}

/// The workspace natively, the tests that need PostgreSQL, then each wasm body,
/// all with warnings denied.
fn lint(shop: &Workshop) -> Outcome<Found> {
    let mut all = vec![shop.line("cargo clippy --quiet --workspace --all-targets -- -D warnings")];
    all.push(shop.line("cargo clippy --quiet -p vitrine-collector --test * -- -D warnings"));
    for body in BODIES {
        all.push(shop.line(&format!(
            "cargo clippy --quiet -p vitrine --lib --target wasm32-unknown-unknown --features {body} -- -D warnings"
        )));
    }
    let mut found = held("", true);
    found.tally = Tally::default();
    for command in all {
        let one = check(command)?;
        found.tally.add(one.tally);
        found.log.push_str(&one.log);
        // What is wrong in a shared crate would be said once a body more.
        if one.tally.failed > 0 {
            break;
        }
    }
    Ok(found)
}

/// All Rust tests on this machine, documentation examples too.
fn native(shop: &Workshop) -> Outcome<Found> {
    counted(shop.line("cargo test --workspace --no-fail-fast"), tally::cargo)
}

/// The collector's tests again, with PostgreSQL in place of a folder, and those
/// of several collectors on one database. Each starts a PostgreSQL of its own.
fn postgres(shop: &Workshop) -> Outcome<Found> {
    setup::postgres(shop)?;
    let mut found = Found { tally: Tally::default(), log: String::new() };
    for tests in ["-p vitrine-collector --test *", "-p vitrine-cli --test serve"] {
        let mut command = shop.line(&format!("cargo test {tests} --no-fail-fast"));
        command.env("VITRINE_TEST_STORE", "postgres");
        let one = counted(command, tally::cargo)?;
        found.tally.add(one.tally);
        found.log.push_str(&one.log);
    }
    Ok(found)
}

/// The engine for a machine that has no std at all.
fn no_std(shop: &Workshop) -> Outcome<Found> {
    check(shop.line(&format!("cargo build --quiet -p vitrine-engine --target {}", setup::BARE)))
}

fn build(shop: &Workshop) -> Outcome<Found> {
    pack::everything(shop)?;
    Ok(held("", true))
}

fn sizes(shop: &Workshop) -> Outcome<Found> {
    let fits = size::report(shop, false)?;
    Ok(held("An artefact is above its ceiling in the table.", fits))
}

fn wasm_in_node(shop: &Workshop) -> Outcome<Found> {
    counted(wasm_tests(shop, RUNNER), tally::cargo)
}

fn wasm_in_browser(shop: &Workshop) -> Outcome<Found> {
    let driver = shop
        .which("chromedriver")
        .ok_or("`chromedriver` is not installed: run `cargo xtask setup --tests`.")?;
    let mut command = wasm_tests(shop, RUNNER);
    command
        .env("WASM_BINDGEN_USE_BROWSER", "1")
        .env("CHROMEDRIVER", driver)
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", shop.root.join("webdriver.json"))
        .env("WASM_BINDGEN_TEST_TIMEOUT", BROWSER_SECONDS)
        .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "30");
    counted(command, tally::cargo)
}

fn wasm_tests(shop: &Workshop, runner: &str) -> Command {
    let mut command =
        shop.line("cargo test -p vitrine --target wasm32-unknown-unknown --no-fail-fast --test *");
    command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner);
    command
}

/// Tests of the scripts that need no browser: they lie beside what they test.
fn scripts(shop: &Workshop) -> Outcome<Found> {
    let mut files = test_files(shop, "www");
    files.extend(test_files(shop, "tests"));
    files.retain(|file| NEED_A_BROWSER.iter().all(|folder| !file.starts_with(shop.root.join(folder))));
    if files.is_empty() {
        return Ok(Found { tally: Tally::default(), log: String::new() });
    }
    node_tests(shop, &files, 1)
}

/// Whole walks through the demo shop in a real browser.
fn stories(shop: &Workshop) -> Outcome<Found> {
    // One file at a time: stories watch clocks, and two cores are all there is.
    walked(shop, STORIES, 1)
}

/// The browsers beside Chromium: all vectors in their wasm, then walks through
/// shop and console. They are installed by this step, so that no other waits for them.
fn browsers(shop: &Workshop) -> Outcome<Found> {
    setup::browsers(shop)?;
    let runner = format!("node {SOCKETS} --no-warnings {BROWSERS}/vectors.mjs");
    let mut found = counted(wasm_tests(shop, &runner), tally::cargo)?;
    // Two at a time: each waits for its browser most of its time, and watches no clock.
    let walks = walked(shop, BROWSERS, 2)?;
    found.tally.add(walks.tally);
    found.log.push_str(&walks.log);
    Ok(found)
}

fn walked(shop: &Workshop, folder: &str, at_once: u8) -> Outcome<Found> {
    let files = test_files(shop, folder);
    if files.is_empty() {
        return Err(format!("`{folder}` holds no `*.test.mjs`."));
    }
    node_tests(shop, &files, at_once)
}

fn node_tests(shop: &Workshop, files: &[PathBuf], at_once: u8) -> Outcome<Found> {
    // Node 20 may wait for its compiler's thread for ever, which waits for the
    // heap to be cleared; so it compiles without one.
    let mut command = shop.line("node --no-concurrent-recompilation --test --test-reporter=spec");
    command.arg(format!("--test-concurrency={at_once}"));
    command.arg(SOCKETS).arg("--disable-warning=ExperimentalWarning");
    command.arg(format!("--test-timeout={}", STORY_MINUTES * 60_000));
    command.args(files).env("VITRINE_BIN", shop.vitrine()).env("NO_COLOR", "1");
    counted(command, tally::node)
}

fn test_files(shop: &Workshop, folder: &str) -> Vec<PathBuf> {
    let mut files = files_under(&shop.root.join(folder));
    files.retain(|file| file.to_string_lossy().ends_with(".test.mjs"));
    files
}

/// A command that either succeeds or not.
fn check(command: Command) -> Outcome<Found> {
    let said = listen(command)?;
    Ok(held(&said.text, said.status.success()))
}

fn held(log: &str, holds: bool) -> Found {
    Found { tally: Tally::one(holds), log: log.to_owned() }
}

/// A test runner: its own counts, and a failure more where it failed without
/// counting one (it did not compile, or crashed).
fn counted(command: Command, read: fn(&str) -> Option<Tally>) -> Outcome<Found> {
    let said = listen(command)?;
    Ok(Found { tally: verdict(&said, read(&said.text)), log: said.text })
}

fn verdict(said: &Said, counts: Option<Tally>) -> Tally {
    let ran = counts.is_some_and(|tally| tally.passed + tally.failed > 0);
    let mut tally = counts.unwrap_or_default();
    if tally.failed == 0 && (!ran || !said.status.success()) {
        tally.failed = 1;
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(script: &str) -> Said {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        listen(command).unwrap()
    }

    #[test]
    fn a_runner_that_crashed_or_ran_nothing_has_failed() {
        let line = "echo 'test result: ok. 2 passed; 0 failed; 0 ignored'";
        let verdict_of = |script: &str| {
            let said = said(script);
            verdict(&said, tally::cargo(&said.text))
        };
        assert_eq!(verdict_of(line).failed, 0);
        assert_eq!(verdict_of(&format!("{line}; exit 101")).failed, 1);
        assert_eq!(verdict_of("echo no tests to run").failed, 1);
        let none = "echo 'test result: ok. 0 passed; 0 failed; 0 ignored'";
        assert_eq!(verdict_of(none).failed, 1);
    }

    #[test]
    fn a_long_reason_is_cut_at_its_end() {
        let log = format!("error: first\n{}", "more\n".repeat(1000));
        let shown = excerpt(&log);
        assert!(shown.starts_with("error: first"));
        assert!(shown.ends_with('…'));
    }
}
