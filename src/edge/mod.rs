//! The edge's body: one plan, asked once a page. Never fetches, never
//! remembers, never decides: it converts, calls the engine, and converts back.

use vitrine_engine::bandit::Odds;
use vitrine_engine::decide::Published;
use vitrine_engine::edge::{Request, splice};
use vitrine_engine::event::Event;
use vitrine_engine::plan::Plan;
use vitrine_engine::recommend::Model;
use vitrine_engine::seal::{self, Kind};
use vitrine_engine::sites::app;
use vitrine_engine::text::fold;
use vitrine_engine::time::Millis;

/// ASCII 31, the unit separator, between the texts of one request.
const SEPARATOR: char = '\u{1f}';

/// What was published, ready to be asked.
pub struct Body {
    published: Published,
    sheet: String,
}

impl Body {
    /// Reads what was published. Odds and model may be missing: then the draw
    /// is uniform, and what only the model knows is absent. Of the model only
    /// the propensity is read: an edge draws no products.
    ///
    /// # Errors
    /// Says why the plan cannot be read.
    pub fn new(sheet: &str, plan: &[u8], odds: &[u8], model: &[u8]) -> Result<Body, String> {
        let hash = seal::name(plan);
        let plan = Plan::open(plan).map_err(|broken| ["The plan ", broken.reason(), "."].concat())?;
        let odds = seal::open::<Odds>(Kind::Odds, odds).unwrap_or_default();
        let intent = Model::load(model).ok().and_then(|(model, _)| model.intent);
        Ok(Body { published: Published { plan, hash, odds, intent }, sheet: sheet.into() })
    }

    /// The markup for one page; empty where there is nothing to send along.
    /// `request`: address, referrer, the document's language, the user agent.
    pub fn decide(&self, request: &str, digest: &[u8], now: f64, seed: u64) -> String {
        let mut parts = request.split(SEPARATOR);
        let mut part = || parts.next().unwrap_or_default();
        let (url, referrer, language, agent) = (part(), part(), part(), part());
        let mut view = Event::page_view(url, referrer, Millis(now as u64));
        view.agent = app(agent);
        if let Some(page) = &mut view.page {
            page.language = fold(language);
        }
        splice(&self.published, Request { view, digest, seed }, &self.sheet)
    }
}
