//! The WebAssembly module: bodies for the page, the edge worker and the
//! studio. It never decides anything: it converts, calls the engine once, and
//! converts back. Everything that JavaScript can call stands in this file.
#![allow(unsafe_code, reason = "wasm-bindgen's glue needs it")]

#[cfg(feature = "edge")]
mod edge;
#[cfg(feature = "page")]
mod page;
#[cfg(feature = "studio")]
mod studio;

#[cfg(any(feature = "page", feature = "edge", feature = "studio"))]
use wasm_bindgen::prelude::*;

/// Starts the page's body with the loader's settings.
#[cfg(feature = "page")]
#[wasm_bindgen]
pub fn start(settings: JsValue) {
    page::start(&settings);
}

/// One call of the page: its name, its argument, and when it was made.
#[cfg(feature = "page")]
#[wasm_bindgen]
#[must_use]
pub fn call(name: &str, argument: JsValue, at: f64) -> JsValue {
    page::call(name, &argument, at)
}

/// Checks rule text; a JSON array of diagnostics.
#[cfg(feature = "studio")]
#[wasm_bindgen]
#[must_use]
pub fn check(rules: &str) -> String {
    studio::check(rules)
}
