//! `vitrine bandit audit`: what collectors keep → whether every epoch's
//! odds follow from the counts that were kept with it. Never writes.

use clap::Args;
use serde_json::json;
use vitrine_collector::audit::audit;

use crate::failure::{Failure, stdout};
use crate::kept::Kept;

/// Differences that are told; the rest is counted.
const TOLD: usize = 20;

/// Compute the whole history of a collector's odds again, and compare.
///
/// One line of JSON a site: epochs and leaves that were computed again, and how
/// many differ. Exit 1 if any does.
#[derive(Debug, Args)]
pub struct Audit {
    #[command(flatten)]
    kept: Kept,
    /// One site of it
    #[arg(long)]
    site: Option<String>,
}

impl Audit {
    /// Does it.
    pub fn run(self) -> Result<(), Failure> {
        let place = self.kept.place().map_err(Failure::Outside)?;
        let audits = audit(&place, self.site.as_deref())?;
        stdout(|out| {
            for audit in &audits {
                let line = json!({
                    "site": audit.site,
                    "epochs": audit.epochs,
                    "leaves": audit.leaves,
                    "of_other_versions": audit.passed,
                    "wrong": audit.wrong.len(),
                });
                writeln!(out, "{line}")?;
            }
            Ok::<(), Failure>(())
        })?;
        let wrong: Vec<String> = audits.into_iter().flat_map(|audit| audit.wrong).collect();
        if wrong.is_empty() {
            return Ok(());
        }
        let mut told: Vec<String> = wrong.iter().take(TOLD).cloned().collect();
        if wrong.len() > TOLD {
            told.push(format!("and {} more", wrong.len() - TOLD));
        }
        Err(Failure::Input(told.join("\n")))
    }
}
