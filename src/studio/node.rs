//! Sites and their visitors outside of any page, for tests, servers and replay.
//! Never reads a clock, never draws a random number, never sends or stores: all
//! of it is the host's.

use std::rc::Rc;

use vitrine_engine::banner::Scene;
use vitrine_engine::decide::Decision;
use vitrine_engine::explain::{explain, explain_rows, to_json};
use vitrine_engine::page::{Moment, Page};
use vitrine_engine::report::uuid7;
use vitrine_engine::rng::Rng;
use vitrine_engine::seal;
use vitrine_engine::time::Millis;
use vitrine_engine::walk::Visitor;
use vitrine_trainer::line;

use super::{Kind, Model, Odds, Site, files, moment, said};

/// The purpose of the draws that become ids of reports.
const LETTERS: u64 = 0x1e77;

/// The sealed plan of rule text; nothing where [`check`] finds an error.
pub fn compile(rules: &str) -> Vec<u8> {
    vitrine_rules::compile(rules).plan.map(|plan| plan.seal()).unwrap_or_default()
}

impl Site {
    /// Reads sealed bytes: a plan, odds, and a model with its shards, each behind
    /// its length in four little-endian bytes. What is empty is not there. Nobody
    /// waits here for a page, so what cannot be read is refused.
    ///
    /// # Errors
    /// Says which bytes cannot be read, and why.
    pub fn open(plan: &[u8], odds: &[u8], model: &[u8]) -> Result<Site, String> {
        let odds = match odds {
            [] => Odds::default(),
            odds => seal::open(Kind::Odds, odds).map_err(|broken| said("odds", broken))?,
        };
        let mut files = files(model);
        let mut goods = files.next().map(Model::load).transpose().map_err(|broken| said("model", broken))?;
        for (shard, number) in files.zip(1..) {
            if let Some((model, index)) = &mut goods {
                let joined = index.join(model, shard);
                joined.map_err(|broken| said(&format!("model's shard {number}"), broken))?;
            }
        }
        Site::new(plan, odds, goods)
    }

    /// The plan's name.
    pub fn plan(&self) -> &str {
        &self.published.hash
    }
}

/// One visitor of a site.
pub struct Guest {
    site: Rc<Site>,
    visitor: Visitor,
    decision: Decision,
    /// When was decided last.
    now: Millis,
}

impl Guest {
    /// A stranger with a seed, or whom a memory of [`Guest::memory`] remembers.
    ///
    /// # Errors
    /// Says why the memory cannot be read.
    pub fn new(site: Rc<Site>, seed: u64, memory: &[u8]) -> Result<Guest, String> {
        let visitor = match memory {
            [] => Visitor::new(seed),
            memory => seal::open(Kind::Memory, memory).map_err(|broken| said("memory", broken))?,
        };
        Ok(Guest { site, visitor, decision: Decision::default(), now: Millis::default() })
    }

    /// Takes one event in, a line as `vitrine replay` reads it whose addresses are
    /// in UTF-8; gives the line of decisions that `vitrine replay` prints.
    ///
    /// # Errors
    /// Says why the line is no event.
    pub fn observe(&mut self, text: &str) -> Result<String, String> {
        let published = &self.site.published;
        let line = line::read_recoded(text, published.plan.currency.digits)
            .map_err(|why| format!("The event {why}."))?;
        self.now = line.event.at;
        self.decision = self.visitor.replay(published, &line.event);
        Ok(self.decision.to_json(&published.plan, &line.visitor, self.now))
    }

    /// Decides again because time has passed; the line of `vitrine replay`.
    pub fn look(&mut self, visitor: &str, at: f64) -> String {
        self.now = moment(at);
        self.decision = self.visitor.look(&self.site.published, self.now);
        self.decision.to_json(&self.site.published.plan, visitor, self.now)
    }

    /// When the decision can next change by time alone, in milliseconds since 1970.
    pub fn wake(&self) -> Option<f64> {
        self.decision.wake.map(|wake| wake.0 as f64)
    }

    /// The markup of what a campaign shows now; `None` where it shows nothing,
    /// or has no product to show.
    pub fn render(&self, campaign: &str) -> Option<String> {
        let choice = self.decision.choices.iter().find(|choice| choice.arm.campaign == campaign)?;
        let moment = self.moment(self.now)?;
        let scene =
            Scene { published: &self.site.published, profile: &self.visitor.profile, moment: &moment };
        self.site.markup(&scene, choice)
    }

    /// Why each campaign is shown or not at a moment: the JSON of `vitrine explain`.
    pub fn explain(&self, at: f64) -> String {
        let site = &*self.site;
        let moment =
            self.moment(moment(at)).unwrap_or_else(|| Moment { now: moment(at), page: Page::default() });
        let mut reasons = explain(&site.published, &self.visitor.profile, &moment);
        if let Some((model, index)) = &site.goods {
            explain_rows(&mut reasons, (model, index), &site.published, (&self.visitor.profile, &moment));
        }
        to_json(&reasons)
    }

    /// Takes out what was counted: a JSON array of reports, as a page would send
    /// them now. Ids are drawn from `random`; the same bits give the same ids.
    pub fn reports(&mut self, random: u64) -> String {
        let mut letters = Rng::new(random, LETTERS);
        let now = self.now;
        let id = || uuid7(now, (letters.next_u64(), letters.next_u64()));
        let reports = self.visitor.ledger.reports(&self.site.published.hash, id);
        let reports: Vec<String> = reports.iter().map(|report| report.to_json()).collect();
        format!("[{}]", reports.join(","))
    }

    /// All that is remembered, sealed; the page in view is not.
    pub fn memory(&self) -> Vec<u8> {
        seal::seal(Kind::Memory, &self.visitor)
    }

    fn moment(&self, now: Millis) -> Option<Moment> {
        self.visitor.page.clone().map(|page| Moment { now, page })
    }
}
