//! A plan, odds and a model from files, as the collector would serve them.

use std::path::{Path, PathBuf};

use clap::Args;
use vitrine_engine::bandit::Odds;
use vitrine_engine::decide::Published;
use vitrine_engine::plan::{PLAN_BYTES, Plan};
use vitrine_engine::recommend::{Index, Model};
use vitrine_engine::seal::{self, Broken, Kind};

use crate::failure::Failure;
use crate::input::{at_most_one_standard, bytes, name};
use crate::recommend::load_whole;

/// The most bytes of published odds: 500 campaigns with 20 leaves each.
const ODDS_BYTES: usize = 4 * 1024 * 1024;

/// What was published, as files.
#[derive(Debug, Args)]
pub struct Files {
    /// The plan, as `vitrine build` wrote it
    #[arg(long, value_name = "SITE.plan")]
    pub plan: PathBuf,
    /// The model, as `vitrine train` wrote it
    #[arg(long)]
    pub model: Option<PathBuf>,
    /// The odds, as `GET /v1/{site}/odds` gave them
    #[arg(long)]
    pub odds: Option<PathBuf>,
}

impl Files {
    /// Refuses to read two of these and another file from standard input.
    pub fn beside(&self, other: &Path) -> Result<(), Failure> {
        let (model, odds) = (self.model.as_deref(), self.odds.as_deref());
        at_most_one_standard(&[Some(&self.plan), model, odds, Some(other)])
    }

    /// Reads them all; of the model only what decides.
    pub fn read(&self) -> Result<Published, Failure> {
        Ok(self.read_with_shelf()?.0)
    }

    /// Reads them all, and what products are drawn from.
    pub fn read_with_shelf(&self) -> Result<(Published, Option<(Model, Index)>), Failure> {
        let plan = bytes(&self.plan, PLAN_BYTES)?;
        let hash = seal::name(&plan);
        let plan = Plan::open(&plan)
            .map_err(|broken| refuse(&self.plan, broken, "a plan is needed, as `vitrine build` writes it"))?;
        let odds = match &self.odds {
            Some(path) => seal::open::<Odds>(Kind::Odds, &bytes(path, ODDS_BYTES)?).map_err(|broken| {
                refuse(path, broken, "odds are needed, as `GET /v1/{site}/odds` gives them")
            })?,
            None => Odds::default(),
        };
        let shelf = self.model.as_deref().map(load_whole).transpose()?;
        let intent = shelf.as_ref().and_then(|(model, _)| model.intent.clone());
        Ok((Published { plan, hash, odds, intent }, shelf))
    }
}

fn refuse(path: &Path, broken: Broken, needed: &str) -> Failure {
    Failure::Input(format!("{} {}; {needed}", name(path), broken.reason()))
}
