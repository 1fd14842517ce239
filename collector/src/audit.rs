//! The whole history of a site's odds, computed again from what was kept of
//! each epoch. Never writes.

use vitrine_engine::bandit::Odds;
use vitrine_engine::seal::{self, Broken, Kind};

use crate::evidence;
use crate::start::{StartError, kept};
use crate::store::{Place, SavedOdds, Trouble};

/// What became of an audit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Audit {
    /// The site.
    pub site: String,
    /// Epochs that were looked at.
    pub epochs: u32,
    /// Leaves' odds that were computed again.
    pub leaves: u32,
    /// Epochs whose odds another version of Vitrine computed: only it can
    /// compute them again.
    pub passed: u32,
    /// What differs: a sentence each.
    pub wrong: Vec<String>,
}

/// Computes every epoch of a place's sites again; of one site, where it
/// is named. A running collector is not disturbed.
///
/// # Errors
/// There is no such place or site; or it cannot be read.
pub fn audit(place: &Place, site: Option<&str>) -> Result<Vec<Audit>, StartError> {
    let failed = |trouble: Trouble| StartError::Unusable(format!("{place} cannot be read: {trouble}"));
    let (mut store, sites) = kept(place, site)?;
    let mut audits = Vec::new();
    for site in sites {
        let mut audit = Audit { site, ..Audit::default() };
        let mut before = Odds::default();
        let site = audit.site.clone();
        store.each_odds(&site, &mut |saved| audit.epoch(&saved, &mut before)).map_err(failed)?;
        audits.push(audit);
    }
    Ok(audits)
}

impl Audit {
    /// One epoch: what changed has to follow from its counts, and what did not
    /// change has to be what was published before.
    fn epoch(&mut self, saved: &SavedOdds, before: &mut Odds) {
        self.epochs += 1;
        let odds = match seal::open::<Odds>(Kind::Odds, &saved.bytes) {
            Ok(odds) => odds,
            Err(Broken::Version) => {
                self.passed += 1;
                return;
            }
            Err(reason) => {
                self.say(saved.epoch, &format!("its bytes: {}", reason.reason()));
                return;
            }
        };
        if odds.epoch != saved.epoch {
            self.say(saved.epoch, &format!("its bytes say epoch {}", odds.epoch));
        }
        match evidence::read(&saved.evidence) {
            Err(reason) => self.say(saved.epoch, &reason),
            Ok(None) => self.passed += 1,
            Ok(Some(learnt)) => {
                let fresh: Vec<_> = learnt
                    .iter()
                    .flat_map(|(learnt, changed)| {
                        learnt.odds().into_iter().filter(|odds| changed.contains(&odds.leaf))
                    })
                    .collect();
                // What went before was taken away, with the age of a report.
                let follows = before.epoch.saturating_add(1) == odds.epoch;
                for leaf in &odds.leaves {
                    let again = fresh
                        .iter()
                        .find(|odds| (&odds.campaign, &odds.leaf) == (&leaf.campaign, &leaf.leaf));
                    let wanted = again.or_else(|| before.of(&leaf.campaign, &leaf.leaf));
                    self.leaves += u32::from(again.is_some());
                    if wanted != Some(leaf) && (again.is_some() || follows) {
                        let place = format!("`{}`, leaf `{}`", leaf.campaign, leaf.leaf);
                        self.say(saved.epoch, &format!("the odds of {place} do not follow from its counts"));
                    }
                }
            }
        }
        *before = odds;
    }

    fn say(&mut self, epoch: u32, reason: &str) {
        self.wrong.push(format!("site `{}`, epoch {epoch}: {reason}", self.site));
    }
}
