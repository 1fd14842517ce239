//! Installs what a fresh machine lacks. It never touches what is already
//! there in the right version, and never installs for tests what only tests
//! need unless tests are asked for.

use std::path::Path;
use std::process::Stdio;

use crate::fingerprint::{Fingerprint, read, write};
use crate::shell::{Outcome, Workshop, listen, progress, quiet, shown};

/// The oldest Node whose test runner and `fetch` the scripts rely on.
const OLDEST_NODE: u32 = 20;
/// What the wasm bodies are built for.
const WASM: &str = "wasm32-unknown-unknown";
/// A machine without std: the engine must build for it.
pub const BARE: &str = "thumbv7em-none-eabi";

/// What `build` and `demo` need: the wasm target, the standard library's source,
/// `wasm-bindgen`, npm packages.
///
/// # Errors
/// A sentence that says what to install by hand.
pub fn builds(shop: &Workshop) -> Outcome<()> {
    rust_target(shop, WASM)?;
    rust_source(shop)?;
    wasm_bindgen(shop)?;
    node(shop)?;
    npm_packages(shop)
}

/// What only `test` needs: the bare target, clippy, rustfmt, Chromium, a font.
///
/// # Errors
/// A sentence that says what to install by hand.
pub fn tests(shop: &Workshop) -> Outcome<()> {
    rust_target(shop, BARE)?;
    rust_component(shop, "clippy")?;
    rust_component(shop, "fmt")?;
    chromium(shop)
}

fn rust_target(shop: &Workshop, target: &str) -> Outcome<()> {
    let sysroot = quiet(shop.line("rustc --print sysroot"))?;
    let library = Path::new(sysroot.trim()).join("lib/rustlib").join(target).join("lib");
    if library.is_dir() {
        return Ok(());
    }
    progress(&format!("rust target {target}"), || {
        quiet(shop.line(&format!("rustup target add {target}")))
            .map_err(|e| format!("{e}\nInstall the Rust target `{target}` for this toolchain."))
    })?;
    Ok(())
}

/// The standard library's source: the wasm bodies build it anew for size.
fn rust_source(shop: &Workshop) -> Outcome<()> {
    let root = quiet(shop.line("rustc --print sysroot"))?;
    if Path::new(root.trim()).join("lib/rustlib/src/rust/library/Cargo.lock").exists() {
        return Ok(());
    }
    progress("rust-src", || {
        quiet(shop.line("rustup component add rust-src"))
            .map_err(|e| format!("{e}\nInstall `rust-src` for this toolchain."))
    })?;
    Ok(())
}

/// `clippy` is the component of `cargo clippy`, `rustfmt` that of `cargo fmt`.
fn rust_component(shop: &Workshop, verb: &str) -> Outcome<()> {
    let mut probe = shop.command("cargo");
    probe.args([verb, "--version"]);
    if listen(probe)?.status.success() {
        return Ok(());
    }
    let component = if verb == "fmt" { "rustfmt" } else { verb };
    progress(component, || {
        quiet(shop.line(&format!("rustup component add {component}")))
            .map_err(|e| format!("{e}\nInstall `{component}` for this toolchain."))
    })?;
    Ok(())
}

/// The command and the crate must be of the same version, to the last digit.
fn wasm_bindgen(shop: &Workshop) -> Outcome<()> {
    let lock = String::from_utf8_lossy(&read(&shop.root.join("Cargo.lock"))?).into_owned();
    let version = locked_version(&lock, "wasm-bindgen")
        .ok_or("`Cargo.lock` names no `wasm-bindgen`: run `cargo update --workspace` first.")?;
    if wasm_bindgen_fits(shop, &version) {
        return Ok(());
    }
    eprintln!("  … wasm-bindgen {version}: compiling it takes a few minutes, once");
    // Not `--locked`: the locked dependencies of some versions do not build.
    let mut install = shop.line("cargo install wasm-bindgen-cli --force --version");
    install.arg(&version);
    let scratch = shop.target.join("tools");
    install.env("CARGO_TARGET_DIR", &scratch);
    shown(install).map_err(|e| {
        format!("{e} Install it by hand: `cargo install wasm-bindgen-cli --version {version}`.")
    })?;
    // Hundreds of megabytes that no later build uses.
    let _ = std::fs::remove_dir_all(scratch);
    if wasm_bindgen_fits(shop, &version) {
        return Ok(());
    }
    Err(format!(
        "`wasm-bindgen` {version} was installed, yet another version comes first on `PATH`: remove that one."
    ))
}

fn wasm_bindgen_fits(shop: &Workshop, version: &str) -> bool {
    let runner = shop.which("wasm-bindgen-test-runner").is_some();
    let said = quiet(shop.line("wasm-bindgen --version")).unwrap_or_default();
    runner && said.split_whitespace().nth(1) == Some(version)
}

/// The version of a package in the text of a `Cargo.lock`.
fn locked_version(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    let version = lines.nth(1)?.strip_prefix("version = \"")?;
    Some(version.trim_end_matches('"').to_owned())
}

fn node(shop: &Workshop) -> Outcome<()> {
    let advice =
        format!("Install Node {OLDEST_NODE} or later, with npm (on Debian: `apt-get install nodejs npm`).");
    let said = quiet(shop.line("node --version")).map_err(|e| format!("{e} {advice}"))?;
    let major = said.trim().trim_start_matches('v').split('.').next().and_then(|n| n.parse::<u32>().ok());
    if major.is_some_and(|n| n >= OLDEST_NODE) {
        return Ok(());
    }
    Err(format!("This Node is {}. {advice}", said.trim()))
}

fn npm_packages(shop: &Workshop) -> Outcome<()> {
    let mut wanted = Fingerprint::of("npm ci --ignore-scripts");
    wanted.add_path(&shop.root.join("package.json"));
    wanted.add_path(&shop.root.join("package-lock.json"));
    let stamp = shop.root.join("node_modules/.vitrine-stamp");
    if std::fs::read_to_string(&stamp).is_ok_and(|kept| kept == wanted.text()) {
        return Ok(());
    }
    progress("npm packages", || {
        // Install scripts are not needed by any of the tools, so none is trusted.
        quiet(shop.line("npm ci --ignore-scripts --no-audit --no-fund"))
            .map_err(|e| format!("{e}\nIs the npm registry reachable from here?"))
    })?;
    write(&stamp, wanted.text().as_bytes())
}

/// Chromium, its driver, and a Korean font: without one the shop's Korean
/// pages would be measured in empty boxes.
fn chromium(shop: &Workshop) -> Outcome<()> {
    let mut missing = absent(shop, &[("chromium", "chromium"), ("chromedriver", "chromium-driver")]);
    let korean = quiet(shop.line("fc-list :lang=ko family")).unwrap_or_default();
    if korean.trim().is_empty() {
        missing.extend(["fontconfig", "fonts-noto-cjk"]);
    }
    packages(shop, &missing)
}

/// The browsers beside Chromium: Firefox, which is spoken to directly, and
/// WebKit behind its driver, on a screen that nobody sees.
///
/// # Errors
/// A sentence that says what to install by hand.
pub fn browsers(shop: &Workshop) -> Outcome<()> {
    let wanted = [("firefox-esr", "firefox-esr"), ("WebKitWebDriver", "webkit2gtk-driver"), ("Xvfb", "xvfb")];
    packages(shop, &absent(shop, &wanted))
}

/// PostgreSQL, of which the tests start clusters of their own; Debian keeps its
/// server beside the path, a folder a version.
///
/// # Errors
/// A sentence that says what to install by hand.
pub fn postgres(shop: &Workshop) -> Outcome<()> {
    let is_here = |folder: std::fs::DirEntry| folder.path().join("bin/initdb").exists();
    let servers = std::fs::read_dir("/usr/lib/postgresql");
    let is_debian = servers.is_ok_and(|mut folders| folders.any(|folder| folder.is_ok_and(is_here)));
    if is_debian || shop.which("initdb").is_some() {
        return Ok(());
    }
    packages(shop, &["postgresql"])
}

/// The packages of those programs that are not here.
fn absent<'a>(shop: &Workshop, wanted: &[(&str, &'a str)]) -> Vec<&'a str> {
    wanted.iter().filter(|(program, _)| shop.which(program).is_none()).map(|(_, package)| *package).collect()
}

/// Installs packages of Debian's; does nothing where none is missing.
fn packages(shop: &Workshop, missing: &[&str]) -> Outcome<()> {
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    let advice = format!(
        "The tests need `{list}`: as root, `apt-get update && apt-get install {list}`, or what your system calls them."
    );
    if shop.which("apt-get").is_none() {
        return Err(advice);
    }
    progress(&format!("{list} (apt)"), || {
        quiet(shop.line("apt-get -q update"))
            .and_then(|_| {
                let mut install = shop.line("apt-get -q install -y --no-install-recommends");
                install.args(missing).stdin(Stdio::null());
                install.env("DEBIAN_FRONTEND", "noninteractive");
                quiet(install)
            })
            .map_err(|e| format!("{e}\n{advice}"))
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locked_version_is_that_of_the_very_package() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"9.9.9\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"x\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(locked_version(lock, "bindgen"), None);
    }
}
