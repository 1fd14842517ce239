//! The WebAssembly module: bodies for the page, its shelf of products, the edge
//! worker and the studio. It never decides anything: it converts, calls the
//! engine once, and converts back. Everything that crosses to JavaScript stands
//! in this file.
#![allow(unsafe_code, reason = "exports and imports of a module are unsafe by their nature")]

#[cfg(any(feature = "page", feature = "shelf"))]
mod door;
#[cfg(feature = "edge")]
mod edge;
#[cfg(feature = "page")]
mod page;
#[cfg(feature = "shelf")]
mod shelf;
#[cfg(feature = "studio")]
mod studio;

#[cfg(any(feature = "edge", feature = "studio"))]
use wasm_bindgen::prelude::*;

#[cfg(feature = "page")]
door::hands! {
    fn now() -> f64;
    fn random() -> u64;
    fn here() -> Vec<u8>;
    fn say(line);
    fn reply(json);
    fn hand_over(bytes);
    fn tell(texts);
    fn read(key; area: u8) -> Vec<u8>;
    fn write(key, bytes; area: u8);
    fn cookie(name, bytes);
    fn send(url, text; task: u32);
    fn stock(url; task: u32);
    fn draw(order) -> Vec<u8>;
    fn beacon(url, text) -> bool;
    fn timer(; which: u8, after: f64);
    fn has(selector) -> bool;
    fn is_parsed() -> bool;
    fn edge_mark() -> Vec<u8>;
    fn mount(key, markup, selector; position: u8, height: u16) -> u8;
    fn unmount(key);
    fn watch(signs);
    fn clear_edge();
}

#[cfg(feature = "shelf")]
door::hands! {
    fn give(bytes);
    fn want(name);
}

#[cfg(all(feature = "shelf", not(feature = "page"), target_family = "wasm"))]
#[global_allocator]
static HEAP: shelf::heap::Heap = shelf::heap::Heap;

#[cfg(all(feature = "page", target_family = "wasm"))]
#[global_allocator]
static HEAP: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());

/// Room for bytes that come in; the next call, or the hand that was asked,
/// takes them.
#[cfg(any(feature = "page", feature = "shelf"))]
#[unsafe(no_mangle)]
pub extern "C" fn room(length: usize) -> *mut u8 {
    door::room(length)
}

/// Starts the page's body for a site and its collector, parted by ASCII 31.
/// `storage`: 0 none, 1 session, 2 persistent; `flags`: 1 reports, 2 Global
/// Privacy Control, 4 debug, 8 an edge is used; `at`: when the script tag ran.
#[cfg(feature = "page")]
#[unsafe(no_mangle)]
pub extern "C" fn start(storage: u8, flags: u8, at: f64) {
    page::start(page::text(&door::taken()), (storage, flags), at);
}

/// One call of the page and when it was made: `numbers` little-endian doubles,
/// then its name and its argument's texts, parted by ASCII 31. An answer goes
/// to `reply`.
#[cfg(feature = "page")]
#[unsafe(no_mangle)]
pub extern "C" fn call(numbers: usize, at: f64) {
    let given = door::taken();
    let (numbers, texts) = given.split_at_checked(numbers * 8).unwrap_or_default();
    let mut texts = page::text(texts);
    let name = page::next_text(&mut texts);
    page::with(|body| body.call(name, &page::Given { texts, numbers }, at));
}

/// What the network answered to a task; status 0 where nothing came.
#[cfg(feature = "page")]
#[unsafe(no_mangle)]
pub extern "C" fn answer(task: u32, status: u16) {
    page::with(|body| body.answer(task, status, &door::taken()));
}

/// Something happened to a message: what, its campaign and itself, in words, and
/// the products in it.
#[cfg(feature = "page")]
#[unsafe(no_mangle)]
pub extern "C" fn happened() {
    page::with(|body| body.happened(page::text(&door::taken())));
}

/// A timer went off: 0 look again, 1 send counts, 2 the page was parsed.
#[cfg(feature = "page")]
#[unsafe(no_mangle)]
pub extern "C" fn tick(which: u8) {
    page::with(|body| body.tick(which));
}

/// The page is being left.
#[cfg(feature = "page")]
#[unsafe(no_mangle)]
pub extern "C" fn leave() {
    page::with(page::Body::leave);
}

/// Takes a model's sealed bytes, or once there is a head those of one of its
/// shards, and gives its propensity to `give`: 0, or the number of what is wrong
/// with the bytes.
#[cfg(feature = "shelf")]
#[unsafe(no_mangle)]
pub extern "C" fn stock() -> u8 {
    let (intent, outcome) = shelf::stock(&door::taken());
    give(&intent);
    shelf::keep();
    outcome.map_or_else(vitrine_engine::seal::Broken::number, |()| 0)
}

/// Draws an ordered strip, and gives its markup to `give`; empty where there is
/// no product for it. Names to `want` the shards that it lacks.
#[cfg(feature = "shelf")]
#[unsafe(no_mangle)]
pub extern "C" fn draw() {
    give(&shelf::draw(&door::taken(), want));
    shelf::clear();
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

/// Checks rule text as it would be published at a moment, in milliseconds
/// since 1970; a JSON array of diagnostics.
#[cfg(feature = "studio")]
#[wasm_bindgen]
#[must_use]
pub fn check(rules: &str, now: f64) -> String {
    studio::check(rules, now)
}

/// The sealed plan of rule text; empty where `check` finds an error.
#[cfg(feature = "node")]
#[wasm_bindgen]
#[must_use]
pub fn compile(rules: &str) -> Vec<u8> {
    studio::node::compile(rules)
}

/// Why each campaign is shown or not: the JSON that `vitrine explain` prints,
/// of what was published (sealed bytes; odds may be empty; the model and its
/// shards each behind its length in four bytes, if there are any) and of a page's
/// visitor, as its module hands it over.
///
/// # Errors
/// Throws the sentence that says what cannot be read.
#[cfg(feature = "studio")]
#[wasm_bindgen]
pub fn explain(plan: &[u8], odds: &[u8], model: &[u8], visitor: &[u8]) -> Result<String, JsValue> {
    studio::explain(plan, odds, model, visitor).map_err(|why| JsValue::from_str(&why))
}

/// What a draft holds and how each of its messages looks, for a preview.
#[cfg(all(feature = "studio", not(feature = "node")))]
#[wasm_bindgen]
pub struct Preview(studio::Site);

#[cfg(all(feature = "studio", not(feature = "node")))]
#[wasm_bindgen]
impl Preview {
    /// Opens sealed bytes, as `explain` does.
    ///
    /// # Errors
    /// Throws the sentence that says why the plan cannot be read.
    #[wasm_bindgen(constructor)]
    pub fn new(plan: &[u8], odds: &[u8], model: &[u8]) -> Result<Preview, JsValue> {
        studio::Site::of_page(plan, odds, model).map(Preview).map_err(|why| JsValue::from_str(&why))
    }

    /// Why each campaign is shown or not, as `explain` says it.
    ///
    /// # Errors
    /// Throws the sentence that says why the visitor cannot be read.
    pub fn explain(&self, visitor: &[u8]) -> Result<String, JsValue> {
        self.0.explain_glance(visitor).map_err(|why| JsValue::from_str(&why))
    }

    /// `[{"campaign", "slot", "messages": [{"id", "kind"}]}]`, in the plan's order.
    #[must_use]
    pub fn messages(&self) -> String {
        self.0.messages()
    }

    /// `{"markup", "selector", "position", "height"}` of a message as the visitor
    /// would see it; `markup` is null where it has no product, and `selector` empty
    /// for what lies over the page.
    ///
    /// # Errors
    /// Throws the sentence that says what is not there.
    pub fn show(&self, visitor: &[u8], campaign: &str, message: &str) -> Result<String, JsValue> {
        self.0.show(visitor, [campaign, message]).map_err(|why| JsValue::from_str(&why))
    }
}

/// What was published, ready for visitors outside of any page.
#[cfg(feature = "node")]
#[wasm_bindgen]
pub struct Site(std::rc::Rc<studio::Site>);

#[cfg(feature = "node")]
#[wasm_bindgen]
impl Site {
    /// Reads sealed bytes: a plan, odds, and a model with its shards, each behind
    /// its length in four bytes. What is empty is not there.
    ///
    /// # Errors
    /// Throws the sentence that says what cannot be read.
    #[wasm_bindgen(constructor)]
    pub fn new(plan: &[u8], odds: &[u8], model: &[u8]) -> Result<Site, JsValue> {
        let site = studio::Site::open(plan, odds, model);
        site.map(|site| Site(site.into())).map_err(|why| JsValue::from_str(&why))
    }

    /// The plan's name.
    #[must_use]
    pub fn plan(&self) -> String {
        self.0.plan().into()
    }

    /// A stranger with a seed, or whom a memory remembers.
    ///
    /// # Errors
    /// Throws the sentence that says why the memory cannot be read.
    pub fn guest(&self, seed: u64, memory: &[u8]) -> Result<Guest, JsValue> {
        studio::node::Guest::new(self.0.clone(), seed, memory)
            .map(Guest)
            .map_err(|why| JsValue::from_str(&why))
    }
}

/// One visitor outside of any page.
#[cfg(feature = "node")]
#[wasm_bindgen]
pub struct Guest(studio::node::Guest);

#[cfg(feature = "node")]
#[wasm_bindgen]
impl Guest {
    /// Takes one event in, as a line of `vitrine replay`; gives its line of decisions.
    ///
    /// # Errors
    /// Throws the sentence that says why the line is no event.
    pub fn observe(&mut self, line: &str) -> Result<String, JsValue> {
        self.0.observe(line).map_err(|why| JsValue::from_str(&why))
    }

    /// Decides again because time has passed.
    pub fn look(&mut self, visitor: &str, at: f64) -> String {
        self.0.look(visitor, at)
    }

    /// When the decision can next change by time alone.
    #[must_use]
    pub fn wake(&self) -> Option<f64> {
        self.0.wake()
    }

    /// The markup of what a campaign shows now.
    #[must_use]
    pub fn render(&self, campaign: &str) -> Option<String> {
        self.0.render(campaign)
    }

    /// Why each campaign is shown or not at a moment, as JSON.
    #[must_use]
    pub fn explain(&self, at: f64) -> String {
        self.0.explain(at)
    }

    /// Takes out what was counted, as a JSON array of reports.
    pub fn reports(&mut self, random: u64) -> String {
        self.0.reports(random)
    }

    /// All that is remembered, sealed.
    #[must_use]
    pub fn memory(&self) -> Vec<u8> {
        self.0.memory()
    }
}
