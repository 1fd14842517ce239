//! Builds `pkg/`: loader, glue, wasm, banner style, edge adapters, each with
//! its `.br` and `.gz`. It never writes half a file where a server may read
//! it: all is made in a staging folder and renamed into place.

mod flags;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::fingerprint::{Fingerprint, Stamp, files_under, make_dir, read, write};
use crate::shell::{Outcome, Workshop, progress, quiet};
use flags::{BUILD_STD, PASSES, SMALL_FLAGS, THOROUGH, WASM_FEATURES, WASM_FLAGS};

/// A wasm body: the feature that selects it, and what it is built into.
struct Body {
    feature: &'static str,
    /// `wasm-bindgen --target`, and the folder in `pkg/`.
    forms: &'static [(&'static str, &'static str)],
}

/// No glue at all: the page's script and the wasm exchange plain bytes
/// (`src/door.rs`, `www/loader/hands.js`).
const BARE: &str = "bare";

const BODIES: [Body; 6] = [
    Body { feature: "page", forms: &[(BARE, "")] },
    Body { feature: "page_full", forms: &[(BARE, "")] },
    Body { feature: "shelf", forms: &[(BARE, "")] },
    Body { feature: "edge", forms: &[("web", "")] },
    Body { feature: "studio", forms: &[("web", "")] },
    Body { feature: "node", forms: &[("nodejs", "node")] },
];

/// The oldest JavaScript that the loader and the glue are written down to;
/// browsers with the wasm features above all have it.
const SCRIPT_TARGET: &str = "--target=es2022";

/// What `pkg/` is made from, besides the recipe in this file.
const INPUTS: [&str; 10] = [
    "Cargo.toml",
    "Cargo.lock",
    ".cargo",
    "engine",
    "rules",
    "trainer",
    "src",
    "www/loader",
    "www/edge",
    "www/node",
];

/// What the recipe itself consists of.
const RECIPE: [&str; 5] =
    ["xtask/src/pack.rs", "xtask/src/pack/flags.rs", "xtask/compress.mjs", "package-lock.json", "Cargo.lock"];

/// `pkg/` and the `vitrine` command.
///
/// # Errors
/// What the failing tool said.
pub fn everything(shop: &Workshop) -> Outcome<()> {
    package(shop)?;
    progress("vitrine command (release)", || {
        quiet(shop.line("cargo build --quiet --release -p vitrine-cli"))
    })?;
    Ok(())
}

/// `pkg/` alone. Does nothing when nothing that it is made from has changed.
///
/// # Errors
/// What the failing tool said.
pub fn package(shop: &Workshop) -> Outcome<()> {
    let mut print = recipe(shop, "pkg");
    for input in INPUTS {
        print.add_path(&shop.root.join(input));
    }
    print.add(quiet(shop.line("rustc --version"))?.as_bytes());
    let stamp = Stamp::new(shop, "pkg", print);
    if stamp.fresh(&outputs(shop)) {
        return Ok(());
    }
    for body in &BODIES {
        progress(&format!("wasm body: {}", body.feature), || build_body(shop, body))?;
    }
    progress("loader, style, edge", || scripts(shop))?;
    sweep(shop);
    stamp.keep()
}

/// What an older recipe built goes: nobody should ship a file that nothing knows.
fn sweep(shop: &Workshop) {
    let kept = outputs(shop);
    for file in files_under(&shop.root.join("pkg")) {
        let whole =
            if matches!(extension(&file), "br" | "gz") { file.with_extension("") } else { file.clone() };
        if matches!(extension(&whole), "js" | "cjs" | "wasm" | "css") && !kept.contains(&whole) {
            let _ = std::fs::remove_file(file);
        }
    }
}

/// The bench's module, made as the page's is, so that what is measured is what
/// is shipped; the folder that it lies in.
///
/// # Errors
/// What the failing tool said.
pub fn bench(shop: &Workshop) -> Outcome<PathBuf> {
    let target = shop.target.join("wasm-bench");
    quiet(cargo_wasm(shop, &target, &["-p", "vitrine-bench", "--lib"]))?;
    bind(shop, ("bench", "web"), &target.join("wasm32-unknown-unknown/wasm/vitrine_bench.wasm"))
}

/// A body as it was built last, optimised alike but with the names of its
/// functions, so that what they weigh can be told apart.
///
/// # Errors
/// What the failing tool said.
pub fn named(shop: &Workshop, feature: &str) -> Outcome<PathBuf> {
    let raw = shop.target.join(format!("wasm-{feature}/wasm32-unknown-unknown/wasm/vitrine.wasm"));
    let wasm = fresh_stage(shop, &format!("{feature}-named"))?.join("named.wasm");
    let mut optimise = shop.line("node node_modules/binaryen/bin/wasm-opt -g --strip-producers");
    optimise.args(WASM_FEATURES).args(PASSES).arg(raw).arg("-o").arg(&wasm);
    quiet(optimise)?;
    Ok(wasm)
}

/// Cargo for a wasm body, in a target folder of its own.
fn cargo_wasm(shop: &Workshop, target: &Path, what: &[&str]) -> std::process::Command {
    let mut cargo = shop.line("cargo build --quiet --profile wasm --target wasm32-unknown-unknown");
    cargo.args(what).args(BUILD_STD);
    cargo.env("RUSTFLAGS", format!("{WASM_FLAGS} {SMALL_FLAGS}")).env("RUSTC_BOOTSTRAP", "1");
    cargo.env("CARGO_TARGET_DIR", target);
    cargo
}

fn recipe(shop: &Workshop, what: &str) -> Fingerprint {
    let mut print = Fingerprint::of(what);
    for part in RECIPE {
        print.add_path(&shop.root.join(part));
    }
    print
}

/// The files whose absence means that `pkg/` must be built again.
fn outputs(shop: &Workshop) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = BODIES.iter().flat_map(|body| body.outputs(shop)).collect();
    files.extend(
        [
            "vitrine.js",
            "vitrine_recode.js",
            "vitrine_signs.js",
            "vitrine_shelf.js",
            "vitrine_preview.js",
            "banner.css",
        ]
        .map(|name| shop.root.join("pkg").join(name)),
    );
    files
}

impl Body {
    /// Wasm in each form, and the script that calls it; one script calls both
    /// of the page's bodies and the shelf.
    fn outputs(&self, shop: &Workshop) -> Vec<PathBuf> {
        let mut files = Vec::new();
        for (form, folder) in self.forms {
            let name = format!("vitrine_{}", self.feature);
            let glue = if *form == "nodejs" { "cjs" } else { "js" };
            let place = shop.root.join("pkg").join(folder);
            if *form != BARE || self.feature == "page" {
                files.push(place.join(format!("{name}.{glue}")));
            }
            files.push(place.join(format!("{name}_bg.wasm")));
        }
        files
    }
}

/// Cargo compiles what changed; the slow rest is done only for new wasm.
fn build_body(shop: &Workshop, body: &Body) -> Outcome<()> {
    let feature = body.feature;
    // A target folder a body: switching features never rebuilds anything.
    let target = shop.target.join(format!("wasm-{feature}"));
    quiet(cargo_wasm(shop, &target, &["-p", "vitrine", "--lib", "--features", feature]))?;

    let raw = target.join("wasm32-unknown-unknown/wasm/vitrine.wasm");
    let mut print = recipe(shop, feature);
    print.add(&read(&raw)?);
    if feature == "page" {
        // Its script holds the page's hands and the banner's sheet too.
        print.add_path(&shop.root.join("www/loader"));
        print.add_path(&shop.root.join("engine/src/banner.css"));
    }
    let stamp = Stamp::new(shop, feature, print);
    if stamp.fresh(&body.outputs(shop)) {
        return Ok(());
    }
    for (form, folder) in body.forms {
        let stage = bind(shop, (feature, form), &raw)?;
        install(&stage, &shop.root.join("pkg").join(folder))?;
    }
    stamp.keep()
}

/// Raw wasm to glue and optimised wasm, in a staging folder that is returned.
fn bind(shop: &Workshop, (feature, form): (&str, &str), raw: &Path) -> Outcome<PathBuf> {
    let name = format!("vitrine_{feature}");
    let stage = fresh_stage(shop, &format!("{name}-{form}"))?;
    let wasm = stage.join(format!("{name}_bg.wasm"));
    if form == BARE {
        write(&wasm, &read(raw)?)?;
    } else {
        let mut bindgen = shop.line("wasm-bindgen --no-typescript --target");
        bindgen.args([form, "--out-name", &name, "--out-dir"]);
        quiet(with_paths(bindgen, &[&stage, raw]))?;
    }
    let mut optimise = shop.line(
        "node node_modules/binaryen/bin/wasm-opt --strip-debug --strip-producers --strip-target-features",
    );
    let thorough = (form == BARE).then_some(THOROUGH);
    optimise.args(WASM_FEATURES).args(thorough).args(PASSES).arg(&wasm).arg("-o").arg(&wasm);
    quiet(optimise)?;

    let glue = stage.join(format!("{name}.js"));
    if form == "nodejs" {
        // The package is of type `module`, and this form is CommonJS.
        rename(&glue, &stage.join(format!("{name}.cjs")))?;
        return Ok(stage);
    }
    if feature == "page" {
        join_script(shop, &stage, &[BANNER], ["page.js", "vitrine_page.js"])?;
    } else if form != BARE {
        minify(shop, &["--format=esm", SCRIPT_TARGET], &glue, &glue)?;
    }
    compress(shop, &stage)?;
    Ok(stage)
}

/// A sheet that a script holds as a text, and the name that it imports it by.
struct Style {
    alias: &'static str,
    sheet: &'static str,
}

const BANNER: Style = Style { alias: "vitrine-style", sheet: "engine/src/banner.css" };
const STRIP: Style = Style { alias: "vitrine-strip-style", sheet: "engine/src/banner/strip.css" };
const PREVIEW: Style = Style { alias: "vitrine-preview-style", sheet: "www/loader/preview/panel.css" };

/// A script of the loader's and all that it imports become one, with its sheets
/// as texts in it.
fn join_script(shop: &Workshop, stage: &Path, styles: &[Style], [from, to]: [&str; 2]) -> Outcome<()> {
    let sheets = fresh_stage(shop, &format!("{to}-sheets"))?;
    let mut how: Vec<String> =
        ["--bundle", "--format=esm", SCRIPT_TARGET, "--loader:.css=text"].map(str::to_owned).to_vec();
    for style in styles {
        let sheet = sheets.join(format!("{}.css", style.alias));
        minify(shop, &[], &shop.root.join(style.sheet), &sheet)?;
        how.push(format!("--alias:{}={}", style.alias, sheet.display()));
    }
    let how: Vec<&str> = how.iter().map(String::as_str).collect();
    minify(shop, &how, &shop.root.join("www/loader").join(from), &stage.join(to))
}

/// The loader, the banner's style and the edge adapters.
fn scripts(shop: &Workshop) -> Outcome<()> {
    let pkg = shop.root.join("pkg");
    let stage = fresh_stage(shop, "scripts")?;
    // Wrapped, not bundled: a classic script, so that `document.currentScript` stays.
    let loader = shop.root.join("www/loader/vitrine.js");
    minify(shop, &["--format=iife", SCRIPT_TARGET], &loader, &stage.join("vitrine.js"))?;
    let style = shop.root.join("engine/src/banner.css");
    minify(shop, &[], &style, &stage.join("banner.css"))?;
    // Fetched with the shelf, with what its rows wear.
    join_script(shop, &stage, &[STRIP], ["shelf.js", "vitrine_shelf.js"])?;
    // Fetched only by a marketer who previews: the page's script and more.
    join_script(shop, &stage, &[BANNER, PREVIEW], ["preview.js", "vitrine_preview.js"])?;
    // Fetched only by pages whose address is in an old charset.
    let recode = shop.root.join("www/edge/recode.mjs");
    minify(shop, &["--format=esm", SCRIPT_TARGET], &recode, &stage.join("vitrine_recode.js"))?;
    // Fetched only by pages whose plan waits for a sign of theirs.
    let signs = shop.root.join("www/loader/signs.js");
    minify(shop, &["--format=esm", SCRIPT_TARGET], &signs, &stage.join("vitrine_signs.js"))?;
    compress(shop, &stage)?;
    install(&stage, &pkg)?;

    // Read by developers and bundled by their hosts: copied as they are.
    for folder in ["edge", "node"] {
        copy_sources(shop, folder)?;
    }
    Ok(())
}

/// The scripts and types of `www/FOLDER` into `pkg/FOLDER`; those that were
/// there and have no source any more go, what was built stays.
fn copy_sources(shop: &Workshop, folder: &str) -> Outcome<()> {
    let is_source = |file: &Path| matches!(extension(file), "mjs" | "mts");
    let stage = fresh_stage(shop, folder)?;
    for file in files_under(&shop.root.join("www").join(folder)) {
        if let (true, Some(name)) = (is_source(&file), file.file_name()) {
            write(&stage.join(name), &read(&file)?)?;
        }
    }
    let place = shop.root.join("pkg").join(folder);
    for old in files_under(&place).iter().filter(|file| is_source(file)) {
        let gone = old.file_name().is_none_or(|name| !stage.join(name).exists());
        if gone {
            let _ = std::fs::remove_file(old);
        }
    }
    install(&stage, &place)
}

fn minify(shop: &Workshop, how: &[&str], from: &Path, to: &Path) -> Outcome<()> {
    let mut esbuild =
        shop.line("node node_modules/esbuild/bin/esbuild --minify --charset=utf8 --log-level=warning --legal-comments=none --allow-overwrite");
    esbuild.args(how).arg(from).arg(format!("--outfile={}", to.display()));
    quiet(esbuild).map(drop)
}

fn compress(shop: &Workshop, stage: &Path) -> Outcome<()> {
    let files: Vec<_> = files_under(stage)
        .into_iter()
        .filter(|file| matches!(extension(file), "js" | "wasm" | "css"))
        .collect();
    let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    quiet(with_paths(shop.line("node xtask/compress.mjs"), &files)).map(drop)
}

/// Moves a finished stage into the package; a file that is already there with
/// the same bytes keeps its time, so that nothing downstream is done again.
fn install(stage: &Path, to: &Path) -> Outcome<()> {
    make_dir(to)?;
    for file in files_under(stage) {
        let Some(name) = file.file_name() else {
            continue;
        };
        let place = to.join(name);
        if std::fs::read(&place).is_ok_and(|old| read(&file).is_ok_and(|new| new == old)) {
            continue;
        }
        // A rename is whole only within one file system, which the target
        // folder may not share: copy beside the place first.
        let beside = to.join(format!(".{}.new", name.to_string_lossy()));
        write(&beside, &read(&file)?)?;
        rename(&beside, &place)?;
    }
    Ok(())
}

fn fresh_stage(shop: &Workshop, name: &str) -> Outcome<PathBuf> {
    let stage = shop.target.join("xtask/stage").join(name);
    let _ = std::fs::remove_dir_all(&stage);
    make_dir(&stage)?;
    Ok(stage)
}

fn rename(from: &Path, to: &Path) -> Outcome<()> {
    std::fs::rename(from, to).map_err(|e| format!("`{}` cannot be written: {e}.", to.display()))
}

fn with_paths(mut command: std::process::Command, paths: &[&Path]) -> std::process::Command {
    command.args(paths);
    command
}

fn extension(file: &Path) -> &str {
    file.extension().and_then(OsStr::to_str).unwrap_or_default()
}
