//! The WebAssembly module: bodies for the page, the edge worker and the
//! studio. It never decides anything: it converts, calls the engine once, and
//! converts back. Everything that crosses to JavaScript stands in this file.
#![allow(unsafe_code, reason = "wasm-bindgen's glue needs it")]

#[cfg(feature = "edge")]
mod edge;
#[cfg(feature = "page")]
mod page;
#[cfg(feature = "studio")]
mod studio;

#[cfg(any(feature = "page", feature = "edge", feature = "studio"))]
use wasm_bindgen::prelude::*;

/// The page's hands: `www/loader/hands.js`, where each is described. Into the
/// module, texts cross as their UTF-8 bytes: one way in is half the glue.
#[cfg(feature = "page")]
#[wasm_bindgen(js_namespace = hands)]
unsafe extern "C" {
    fn now() -> f64;
    fn random() -> u64;
    fn here() -> Vec<u8>;
    fn say(line: &str);
    fn reply(json: &str);
    fn tell(texts: &str);
    fn read(area: u8, key: &str) -> Vec<u8>;
    fn write(area: u8, key: &str, bytes: &[u8]);
    fn cookie(name: &str, bytes: &[u8]);
    fn send(task: u32, url: &str, text: &str);
    fn beacon(url: &str, text: &str) -> bool;
    fn timer(which: u8, after: f64);
    fn has(selector: &str) -> bool;
    fn is_parsed() -> bool;
    fn edge_mark() -> Vec<u8>;
    fn mount(key: &str, markup: &str, selector: &str, position: u8, height: u16) -> u8;
    fn unmount(key: &str);
    fn clear_edge();
}

#[cfg(all(feature = "page", target_family = "wasm"))]
#[global_allocator]
static HEAP: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());

/// Starts the page's body for a site and its collector, parted by ASCII 31.
/// `storage`: 0 none, 1 session, 2 persistent; `flags`: 1 reports, 2 Global
/// Privacy Control, 4 debug, 8 an edge is used; `at`: when the script tag ran.
#[cfg(feature = "page")]
#[wasm_bindgen]
pub fn start(texts: &[u8], storage: u8, flags: u8, at: f64) {
    page::start(page::text(texts), (storage, flags), at);
}

/// One call of the page and when it was made: `numbers` little-endian doubles,
/// then its name and its argument's texts, parted by ASCII 31. An answer goes
/// to `reply`: a text that is returned would be the glue's longest part.
#[cfg(feature = "page")]
#[wasm_bindgen]
pub fn call(given: &[u8], numbers: usize, at: f64) {
    let (numbers, texts) = given.split_at_checked(numbers * 8).unwrap_or_default();
    let mut texts = page::text(texts);
    let name = page::next_text(&mut texts);
    page::with(|body| body.call(name, &page::Given { texts, numbers }, at));
}

/// What the network answered to a task; status 0 where nothing came.
#[cfg(feature = "page")]
#[wasm_bindgen]
pub fn answer(task: u32, status: u16, bytes: &[u8]) {
    page::with(|body| body.answer(task, status, bytes));
}

/// Something happened to a message: what, its campaign and itself, in words.
#[cfg(feature = "page")]
#[wasm_bindgen]
pub fn happened(words: &[u8]) {
    page::with(|body| body.happened(page::text(words)));
}

/// A timer went off: 0 look again, 1 send counts, 2 the page was parsed.
#[cfg(feature = "page")]
#[wasm_bindgen]
pub fn tick(which: u8) {
    page::with(|body| body.tick(which));
}

/// The page is being left.
#[cfg(feature = "page")]
#[wasm_bindgen]
pub fn leave() {
    page::with(page::Body::leave);
}

/// A plan, ready to be asked at the edge.
#[cfg(feature = "edge")]
#[wasm_bindgen]
pub struct Edge(edge::Body);

#[cfg(feature = "edge")]
#[wasm_bindgen]
impl Edge {
    /// Reads sealed bytes; `sheet` is the address of the banners' style sheet.
    ///
    /// # Errors
    /// Throws the sentence that says why the plan cannot be read.
    #[wasm_bindgen(constructor)]
    pub fn new(sheet: &str, plan: &[u8], odds: &[u8], model: &[u8]) -> Result<Edge, JsValue> {
        edge::Body::new(sheet, plan, odds, model).map(Edge).map_err(|why| JsValue::from_str(&why))
    }

    /// The markup for one page, or nothing. `request`: address, referrer,
    /// the document's language and the user agent, parted by ASCII 31; `digest`: the cookie's
    /// bytes; `seed`: for a visitor who brings none.
    #[must_use]
    pub fn decide(&self, request: &str, digest: &[u8], now: f64, seed: u64) -> String {
        self.0.decide(request, digest, now, seed)
    }
}

/// The style sheet of every banner: an edge serves it itself, since a page
/// waits for the sheets in its body.
#[cfg(feature = "edge")]
#[wasm_bindgen]
#[must_use]
pub fn style() -> String {
    vitrine_engine::banner::STYLE.into()
}

/// Whether a cookie's bytes are a digest that this version reads.
#[cfg(feature = "edge")]
#[wasm_bindgen]
#[must_use]
pub fn is_digest(bytes: &[u8]) -> bool {
    vitrine_engine::digest::is_digest(bytes)
}

/// Checks rule text; a JSON array of diagnostics.
#[cfg(feature = "studio")]
#[wasm_bindgen]
#[must_use]
pub fn check(rules: &str) -> String {
    studio::check(rules)
}
