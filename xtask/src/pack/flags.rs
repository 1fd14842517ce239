//! How the wasm bodies are compiled and optimised: the flags, and what each was
//! worth. Never says what is built.

/// What every browser since 2022 has and rustc's output uses. Named one by
/// one: `--all-features` makes output that Chromium refuses.
pub const WASM_FEATURES: [&str; 8] = [
    "--mvp-features",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// The passes of `wasm-opt`, in order. Inlining a function into its only caller
/// saves raw bytes and costs brotli nearly 4 %: the same code no longer looks
/// the same; so only tiny ones. Flat code is then optimised once more with what
/// is known of every value in the whole program. Measured on the page: together
/// 1 % below `-Oz` without inlining. `--low-memory-unused` holds: below 1,024
/// there is only the end of the stack.
pub const PASSES: [&str; 8] = [
    "--low-memory-unused",
    "--one-caller-inline-max-function-size=20",
    "--flatten",
    "--rereloop",
    "-Oz",
    "--gufa-optimizing",
    "-Oz",
    "--converge",
];

/// Before them, for what a shopper fetches: finds what `-Oz` does not look for,
/// half a per cent of the page. The studio would take minutes.
pub const THOROUGH: &str = "-O4";

/// The standard library, built anew without its sentences for panics: a panic
/// is a trap, and the functions after the door are total. Measured on the page:
/// 301 kB of wasm with the shipped library, 231 kB with this one. The flags are
/// unstable, so the stable compiler is told to allow them (`RUSTC_BOOTSTRAP`).
pub const BUILD_STD: [&str; 2] = ["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"];
/// A stack of 128 kB, since Rust's default of 1 MiB costs every page linear
/// memory. The wasm tests keep the default: unoptimised code needs it.
pub const WASM_FLAGS: &str =
    "-C link-arg=-zstack-size=131072 -Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none";
/// More passes over MIR, and only tiny functions inlined there: LLVM inlines the
/// others where it makes them smaller. Measured on the page: 3 % of brotli.
pub const SMALL_FLAGS: &str = "-Zmir-opt-level=3 -Zinline-mir-threshold=20 -Zinline-mir-hint-threshold=20";
