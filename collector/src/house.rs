//! What a collector finds at its start: sites, their plans, odds and keys.
//! Never replaces what the console published by a file that did not change.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use vitrine_engine::bandit::Odds;
use vitrine_engine::plan::Plan;
use vitrine_engine::seal::{self, Kind};
use vitrine_engine::time::Millis;

use crate::compile::{Checked, check, names};
use crate::counters::{Cell, Table};
use crate::goods::{Goods, Watch};
use crate::keys::{self, Role};
use crate::start::{NewKey, SiteConfig, StartError};
use crate::state::{CurrentOdds, File, Published, Site, State};
use crate::store::{Done, Kept, SavedOdds, Store, Trouble, Version};
use crate::writer::{Outcome, Publish, publish_now};

/// Bytes of a site's name.
const SITE_BYTES: usize = 64;

/// What a start gathers.
#[derive(Default)]
pub struct House {
    /// Every site, by name.
    pub sites: BTreeMap<String, Arc<Site>>,
    /// Keys made at this start.
    pub new_keys: Vec<NewKey>,
    /// What the operator should know.
    pub notes: Vec<String>,
}

impl House {
    /// Loads a site of the configuration, with its rules and model files.
    ///
    /// # Errors
    /// A file is wrong, or the database.
    pub fn load(&mut self, store: &mut dyn Store, config: &SiteConfig) -> Result<(), StartError> {
        let rules = config.rules.as_deref().map(read_text).transpose()?;
        let checked = match (&rules, &config.rules) {
            (Some(text), Some(path)) => {
                let file = path.display().to_string();
                let checked = check(text, config.name.as_deref(), &file)
                    .map_err(|mistakes| StartError::Input(mistakes.sentences.join("\n")))?;
                Some(checked)
            }
            _ => None,
        };
        let from_rules = checked.as_ref().map(|checked| checked.plan.site.clone());
        let Some(name) = config.name.clone().or(from_rules) else {
            let sentence = "a site without a name; name it with `--site NAME`";
            return Err(StartError::Unusable(sentence.into()));
        };
        check_site(&name).map_err(StartError::Unusable)?;
        store.add_site(&name).map_err(|e| broken(&e))?;
        let site = self.open(store, &name, config)?;
        if let (Some(text), Some(checked)) = (rules, checked) {
            publish_file(store, &site, text, checked)?;
        }
        Ok(())
    }

    /// Loads the sites that only the database knows.
    ///
    /// # Errors
    /// The database is broken.
    pub fn load_others(&mut self, store: &mut dyn Store) -> Result<(), StartError> {
        for name in store.sites().map_err(|e| broken(&e))? {
            if !self.sites.contains_key(&name) {
                self.open(store, &name, &SiteConfig::default())?;
            }
        }
        Ok(())
    }

    fn open(
        &mut self,
        store: &mut dyn Store,
        name: &str,
        config: &SiteConfig,
    ) -> Result<Arc<Site>, StartError> {
        let model = config.model.as_deref();
        let watch = model.map(Watch::new);
        let model = model.map(Goods::read).transpose()?.map(Arc::new);
        let state = State { model, ..state(store, name, &mut self.notes).map_err(|e| broken(&e))? };
        let mut site = Site::new(name, state, watch);
        site.shop.clone_from(&config.shop);
        let site = Arc::new(site);
        self.sites.insert(name.into(), Arc::clone(&site));
        Ok(site)
    }

    /// An owner's key for every site that has none.
    ///
    /// # Errors
    /// The database is broken, or the system has no randomness to give.
    pub fn make_keys(&mut self, store: &mut dyn Store) -> Result<(), StartError> {
        for site in self.sites.keys() {
            let key = keys::new_key(Role::Owner).map_err(StartError::Unusable)?;
            if store.add_first_key(site, &keys::hash(&key)).map_err(|e| broken(&e))? {
                self.new_keys.push(NewKey { site: site.clone(), key });
            }
        }
        Ok(())
    }
}

/// What is kept of a site, but for its model; what had to be mended or cannot
/// be read is told to `notes`. Odds and plans of another version of the format
/// are passed over in what results are judged by: what was drawn by them is then
/// judged by its visitors.
///
/// # Errors
/// The database is broken.
pub fn state(store: &mut dyn Store, name: &str, notes: &mut Vec<String>) -> Done<State> {
    let mut state = State::default();
    let (mut before, mut newest, mut odds) = (None::<Plan>, None, None);
    // All of it at once: after this nothing may fail, since `news` goes on from here.
    store.each(name, &mut |kept| match kept {
        Kept::Row(Table::All, row) => {
            state.totals.entry(Cell::of(&row)).or_default().add(&row.counts);
            state.strata.add(&row, false);
        }
        Kept::Row(Table::Forgetful, row) => state.strata.add_forgetful(&row),
        Kept::Lag(campaign, place, converters) => state.strata.add_lag(&campaign, place, converters),
        Kept::Odds(saved) => {
            seal::open::<Odds>(Kind::Odds, &saved.bytes)
                .iter()
                .for_each(|odds| state.strata.publish_odds(odds));
            odds = Some(saved);
        }
        Kept::Plan(bytes, at) => {
            if let Ok(plan) = Plan::open(&bytes) {
                state.strata.publish(before.as_ref(), &plan, plan.terms.zone.day(Millis(at)));
                before = Some(plan);
            }
        }
        Kept::Newest(version) => newest = Some(version),
        Kept::Name(name) => drop(state.names.insert(name)),
    })?;
    let published = newest.and_then(|version| published(store, (name, version), notes));
    let odds = odds.map_or_else(CurrentOdds::default, |saved| current(name, &saved, notes));
    Ok(State { published: published.map(Arc::new), odds: Arc::new(odds), ..state })
}

/// A plan as it is kept; compiled anew from its rules where its bytes are
/// damaged or of another version of the format, which others then find mended.
pub fn published(
    store: &mut dyn Store,
    (name, mut version): (&str, Version),
    notes: &mut Vec<String>,
) -> Option<Published> {
    let plan = match Plan::open(&version.bytes) {
        Ok(plan) if seal::name(&version.bytes) == version.plan => plan,
        found => {
            let reason = found.err().map_or("has another name", seal::Broken::reason);
            let Ok(checked) = check(&version.rules, Some(name), "rules.json") else {
                notes.push(format!(
                    "the plan of `{name}` {reason}, and its rules do not compile any more; publish them again. Reports are still counted"
                ));
                return None;
            };
            notes.push(format!("the plan of `{name}` {reason}; it was compiled anew from its rules"));
            version.plan = checked.hash;
            version.bytes = checked.bytes;
            if let Err(trouble) = store.mend(name, &version, &names(&checked.plan)) {
                notes.push(format!(
                    "that plan could not be kept, and is compiled again at the next start: {trouble}"
                ));
            }
            checked.plan
        }
    };
    Some(Published {
        version: version.version,
        origin: version.origin,
        plan,
        file: File::new(version.bytes),
        rules: version.rules,
    })
}

/// Odds as they are kept; none, of the same epoch, where they are damaged.
pub fn current(name: &str, saved: &SavedOdds, notes: &mut Vec<String>) -> CurrentOdds {
    let odds = seal::open::<Odds>(Kind::Odds, &saved.bytes).unwrap_or_else(|reason| {
        notes.push(format!("the odds of `{name}` {}; they are computed anew", reason.reason()));
        Odds { epoch: saved.epoch, ..Odds::default() }
    });
    CurrentOdds::new(odds)
}

/// Publishes a rules file, unless it is the one that was loaded last: then
/// what the console published since stays.
fn publish_file(
    store: &mut dyn Store,
    site: &Arc<Site>,
    rules: String,
    checked: Checked,
) -> Result<(), StartError> {
    let hash = keys::hash(&rules);
    let loaded = store.rules_file(&site.name).map_err(|e| broken(&e))?;
    let is_published = site.state().published.is_some();
    if is_published && loaded.is_some_and(|loaded| keys::same(&loaded, &hash)) {
        return Ok(());
    }
    let publish = Publish { site: Arc::clone(site), checked, rules, origin: None, expected: None };
    match publish_now(store, &publish) {
        Outcome::Published(_) => store.set_rules_file(&site.name, &hash).map_err(|e| broken(&e)),
        _ => Err(StartError::Unusable("the rules could not be written into the database".into())),
    }
}

fn read_text(path: &Path) -> Result<String, StartError> {
    let shown = path.display();
    let bytes = fs::read(path).map_err(|e| StartError::Unusable(format!("cannot read `{shown}`: {e}")))?;
    String::from_utf8(bytes).map_err(|e| {
        let mistakes = vitrine_rules::compile_bytes(e.as_bytes(), None).diagnostics;
        let file = shown.to_string();
        let sentences: Vec<String> =
            mistakes.iter().map(|d| d.sentence(&file, vitrine_rules::Language::English)).collect();
        StartError::Input(sentences.join("\n"))
    })
}

/// Whether a name can be a site's.
///
/// # Errors
/// A sentence.
fn check_site(name: &str) -> Result<(), String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if (1..=SITE_BYTES).contains(&name.len()) && name.bytes().all(is_plain) && !name.starts_with('.') {
        return Ok(());
    }
    Err(format!("`{name}` is no name of a site: letters, digits, `-`, `_` and `.`, at most {SITE_BYTES}"))
}

fn broken(e: &Trouble) -> StartError {
    StartError::Unusable(match e.is_away {
        true => format!("the database cannot be reached: {e}"),
        false => format!("the database is broken: {e}; restore it from a back-up"),
    })
}
