//! `data-debug`: what was read, decided and sent, and what is wrong with the
//! installation, in sentences. Silent without it.

use wasm_bindgen::JsValue;

/// The console of a page that asked for it.
#[derive(Debug, Clone, Copy)]
pub struct Debug(pub bool);

impl Debug {
    /// One line, made only if it is wanted.
    pub fn say(self, line: impl FnOnce() -> String) {
        if self.0 {
            web_sys::console::info_1(&JsValue::from_str(&["[vitrine] ", &line()].concat()));
        }
    }
}
