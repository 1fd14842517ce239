//! What a site's answers are made of, in memory. Never ahead of the disk: it
//! changes after a commit, by the one writer.

use std::collections::{BTreeSet, HashSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use axum::body::Bytes;
use tokio::sync::watch;
use vitrine_engine::arm::Stream;
use vitrine_engine::bandit::Odds;
use vitrine_engine::plan::Plan;
use vitrine_engine::report::Row;
use vitrine_engine::seal::{self, Kind};
use vitrine_engine::time::{Millis, Zone};

use crate::counters::{Cell, Sums, Table, Totals};
use crate::drafts::Drafts;
use crate::goods::{Goods, Watch};
use crate::odds::Spreads;
use crate::place::Places;
use crate::report::Report;
use crate::results::Kept;
use crate::store::Name;
use crate::strata::Strata;

/// One site.
#[derive(Debug)]
pub struct Site {
    /// Its name, as in the addresses.
    pub name: String,
    /// Raised with every change of what results show.
    pub changed: watch::Sender<u64>,
    /// Results as they were last judged.
    pub judged: Mutex<Vec<Kept>>,
    /// How far each campaign's messages are apart.
    pub spreads: Mutex<Spreads>,
    /// What each place said today.
    pub places: Mutex<Places>,
    /// Where its model lies, if it has one.
    pub watch: Option<Watch>,
    /// What its marketers look at before they publish it.
    pub drafts: Drafts,
    /// Where its shop is, if the operator said so.
    pub shop: Option<String>,
    state: RwLock<State>,
    dirty: Mutex<Dirty>,
}

/// What is published and counted.
#[derive(Debug, Default)]
pub struct State {
    /// Raised with every change.
    pub revision: u64,
    /// The plan, if there is one.
    pub published: Option<Arc<Published>>,
    /// The recommendation model, if there is one.
    pub model: Option<Arc<Goods>>,
    /// The odds.
    pub odds: Arc<CurrentOdds>,
    /// What reports may name.
    pub names: HashSet<Name>,
    /// The counters, over all days and epochs.
    pub totals: Totals,
    /// The counters by day and odds.
    pub strata: Strata,
}

/// A published plan.
#[derive(Debug)]
pub struct Published {
    /// 1 for the first.
    pub version: u32,
    /// The version that it repeats; itself unless it is a rollback.
    pub origin: u32,
    /// The plan.
    pub plan: Plan,
    /// As it is served.
    pub file: File,
    /// What the marketer wrote.
    pub rules: String,
}

/// Sealed bytes and their name.
#[derive(Debug, Clone, Default)]
pub struct File {
    /// The name.
    pub hash: String,
    /// The bytes.
    pub bytes: Bytes,
}

impl File {
    /// Sealed bytes under their own name.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> File {
        File { hash: seal::name(&bytes), bytes: bytes.into() }
    }
}

/// The odds as they are served.
#[derive(Debug)]
pub struct CurrentOdds {
    /// Opened.
    pub odds: Odds,
    /// Sealed.
    pub bytes: Bytes,
}

impl CurrentOdds {
    /// Odds with their sealed bytes.
    #[must_use]
    pub fn new(odds: Odds) -> CurrentOdds {
        CurrentOdds { bytes: seal::seal(Kind::Odds, &odds).into(), odds }
    }
}

impl Default for CurrentOdds {
    fn default() -> Self {
        CurrentOdds::new(Odds::default())
    }
}

/// Which odds have to be computed anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dirty {
    /// Those of these campaigns and leaves.
    Some(BTreeSet<(String, String)>),
    /// All, after a plan was published or the collector started.
    All,
}

impl Dirty {
    /// Whether nothing has to be computed.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        matches!(self, Dirty::Some(leaves) if leaves.is_empty())
    }

    /// Whether a leaf's odds have to be computed anew.
    #[must_use]
    pub fn holds(&self, campaign: &str, leaf: &str) -> bool {
        match self {
            Dirty::All => true,
            Dirty::Some(leaves) => leaves.contains(&(campaign.into(), leaf.into())),
        }
    }
}

impl Site {
    /// A site as it was found at start; all odds are computed anew.
    #[must_use]
    pub fn new(name: &str, state: State, watch: Option<Watch>) -> Site {
        Site {
            name: name.into(),
            watch,
            changed: watch::Sender::new(1),
            judged: Mutex::default(),
            spreads: Mutex::default(),
            places: Mutex::default(),
            drafts: Drafts::default(),
            shop: None,
            state: RwLock::new(state),
            dirty: Mutex::new(Dirty::All),
        }
    }

    /// What is published and counted now; held for moments only.
    pub fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn state_mut(&self) -> RwLockWriteGuard<'_, State> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.revision += 1;
        state
    }

    /// The site's local day of a moment; UTC's before a plan says where it is.
    #[must_use]
    pub fn day(&self, at: Millis) -> u32 {
        self.state().published.as_ref().map_or_else(|| Zone::default().day(at), |p| p.plan.terms.zone.day(at))
    }

    /// The first of a report's rows that names what was never published.
    #[must_use]
    pub fn foreign<'r>(&self, report: &'r Report) -> Option<&'r Row> {
        let state = self.state();
        let epoch = state.odds.odds.epoch;
        report.rows.iter().find(|row| {
            let name = [row.campaign.clone(), row.message.clone(), row.leaf.clone()];
            row.epoch > epoch || !state.names.contains(&name)
        })
    }

    /// Whether a report from a place may still be counted today.
    #[must_use]
    pub fn admits(&self, place: IpAddr, report: &Report) -> bool {
        let most = self.state().published.as_ref().map_or(u64::MAX, |p| p.plan.grid.clip);
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        places.admit(place, &report.rows, most, crate::now())
    }

    /// Reports of a campaign that were turned away today.
    #[must_use]
    pub fn turned_away(&self, campaign: &str) -> u64 {
        self.places.lock().unwrap_or_else(PoisonError::into_inner).turned_away(campaign)
    }

    /// Counts what was merged on disk.
    pub fn merged(&self, sums: &Sums) {
        let mut state = self.state_mut();
        let mut dirty = self.dirty.lock().unwrap_or_else(PoisonError::into_inner);
        state.strata.merged(sums);
        for (_, row) in sums.rows.iter().filter(|(table, _)| *table == Table::All) {
            state.totals.entry(Cell::of(row)).or_default().add(&row.counts);
            let speaks = matches!(row.stream, Stream::Random | Stream::Adaptive)
                && row.counts.visitors + row.counts.converters > 0;
            if let (true, Dirty::Some(leaves)) = (speaks, &mut *dirty) {
                leaves.insert((row.campaign.clone(), row.leaf.clone()));
            }
        }
    }

    /// Serves what was read anew, with the model that is served already.
    pub fn replace(&self, read: State) {
        let mut state = self.state_mut();
        let (revision, model) = (state.revision, state.model.take());
        *state = State { revision, model, ..read };
        drop(state);
        self.mark_dirty();
        self.announce();
    }

    /// Says that what results show has changed.
    pub fn announce(&self) {
        self.changed.send_modify(|count| *count += 1);
    }

    /// Serves a plan that was published on disk.
    pub fn publish(&self, published: Published, names: Vec<Name>) {
        let mut state = self.state_mut();
        state.names.extend(names);
        let before = state.published.take();
        let today = published.plan.terms.zone.day(Millis(crate::now()));
        state.strata.publish(before.as_ref().map(|before| &before.plan), &published.plan, today);
        state.published = Some(Arc::new(published));
        drop(state);
        self.mark_dirty();
        self.announce();
    }

    /// Serves another model; the one before is kept for who was told of it.
    pub fn set_model(&self, goods: Goods) {
        let mut state = self.state_mut();
        let goods = goods.instead_of(state.model.as_deref());
        state.model = Some(Arc::new(goods));
    }

    /// Serves odds that were kept on disk.
    pub fn set_odds(&self, odds: CurrentOdds) {
        let mut state = self.state_mut();
        state.strata.publish_odds(&odds.odds);
        state.odds = Arc::new(odds);
        drop(state);
        self.announce();
    }

    /// Has all odds computed anew.
    pub fn mark_dirty(&self) {
        *self.dirty.lock().unwrap_or_else(PoisonError::into_inner) = Dirty::All;
    }

    /// Whether no odds have to be computed anew.
    pub fn is_clean(&self) -> bool {
        self.dirty.lock().unwrap_or_else(PoisonError::into_inner).is_clean()
    }

    /// Takes the list of odds that have to be computed anew.
    pub fn take_dirty(&self) -> Dirty {
        let mut dirty = self.dirty.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *dirty, Dirty::Some(BTreeSet::new()))
    }
}
