//! Where everything is kept: one face, and behind it a folder with SQLite.
//! Never holds an address, a raw event or a key; every statement names one
//! site and every unique key contains it.
//!
//! Only what a database says in its own dialect, and its transactions, differ
//! behind the face; what is decided is decided once, before it.

mod sqlite;

use std::fmt;
use std::path::PathBuf;

use vitrine_engine::report::Row;

use crate::counters::{Sums, Table};
use crate::keys::{KeyHash, Role};
use crate::report::Report;

/// Where a collector keeps everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A folder with SQLite, for one collector; made if missing.
    Folder(PathBuf),
}

impl From<PathBuf> for Place {
    fn from(folder: PathBuf) -> Place {
        Place::Folder(folder)
    }
}

/// For people: `the folder DIR`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Folder(folder) => write!(f, "the folder `{}`", folder.display()),
        }
    }
}

/// Opens a place for a collector.
///
/// # Errors
/// A sentence: the place cannot be used, another collector runs on it that
/// shares with nobody, or what it holds is broken or newer than this program.
pub fn open(place: &Place) -> Result<Box<dyn Store>, String> {
    match place {
        Place::Folder(folder) => Ok(Box::new(sqlite::Sqlite::open(folder)?)),
    }
}

/// Opens a place beside the collectors that run on it, for reading and for keys.
///
/// # Errors
/// A sentence: the database cannot be opened.
pub fn connect(place: &Place) -> Result<Box<dyn Store>, String> {
    match place {
        Place::Folder(folder) => Ok(Box::new(sqlite::Sqlite::connect(folder)?)),
    }
}

/// One published version of a site's rules.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// 1 for the first.
    pub version: u32,
    /// The version that this one repeats; itself unless it is a rollback.
    pub origin: u32,
    /// The plan's name.
    pub plan: String,
    /// The rules' text.
    pub rules: String,
    /// The sealed plan.
    pub bytes: Vec<u8>,
    /// When it was published, in milliseconds since 1970.
    pub at: u64,
}

/// A message of a campaign as a leaf's visitors may get it.
pub type Name = [String; 3];

/// The odds as they were last published.
#[derive(Debug, Clone, Default)]
pub struct SavedOdds {
    /// Their epoch; 0 before the first.
    pub epoch: u32,
    /// The sealed bytes.
    pub bytes: Vec<u8>,
    /// The tallies behind what changed, as JSON, so that they can be re-run.
    pub evidence: String,
    /// When they were published, in milliseconds since 1970.
    pub at: u64,
}

/// One piece of what a site's results and odds are made of.
#[derive(Debug)]
pub enum Kept {
    /// A counter, with the day and epoch of its draw.
    Row(Table, Row),
    /// Converters of a campaign by the day of their draw and the days since.
    Lag(String, (u32, u32), u64),
    /// Odds, oldest first.
    Odds(SavedOdds),
    /// A sealed plan with its moment, oldest first.
    Plan(Vec<u8>, u64),
}

/// What became of a group of a site's reports.
#[derive(Debug, Default)]
pub struct Merged {
    /// Of each report, in order, whether its id was new.
    pub fresh: Vec<bool>,
    /// What those that were new added.
    pub sums: Sums,
}

/// Why a statement gave nothing: a sentence's end, for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble(pub String);

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a statement gives.
pub type Done<T> = Result<T, Trouble>;

/// An open database. Whatever fails has changed nothing.
pub trait Store: fmt::Debug + Send {
    /// The sites, in the order of their names.
    fn sites(&mut self) -> Done<Vec<String>>;

    /// Makes a site, unless there is one of that name.
    fn add_site(&mut self, site: &str) -> Done<()>;

    /// The SHA-256 of the rules file that was last loaded at a start.
    fn rules_file(&mut self, site: &str) -> Done<Option<Vec<u8>>>;

    /// Remembers the rules file that was loaded at this start.
    fn set_rules_file(&mut self, site: &str, hash: &KeyHash) -> Done<()>;

    /// The hashes of a site's keys and what each may do.
    fn keys(&mut self, site: &str) -> Done<Vec<(KeyHash, Role)>>;

    /// Adds a key; an owner's takes the place of the one before.
    fn add_key(&mut self, site: &str, role: Role, hash: &KeyHash) -> Done<()>;

    /// Takes all keys of a role away; gives how many there were.
    fn revoke(&mut self, site: &str, role: Role) -> Done<u64>;

    /// The versions of a site's rules without texts and bytes, newest first.
    fn versions(&mut self, site: &str) -> Done<Vec<Version>>;

    /// The version that is published: the newest.
    fn newest(&mut self, site: &str) -> Done<Option<Version>>;

    /// One version.
    fn version(&mut self, site: &str, number: u32) -> Done<Option<Version>>;

    /// The bytes of a plan that was once published.
    fn plan(&mut self, site: &str, plan: &str) -> Done<Option<Vec<u8>>>;

    /// Publishes a version and admits its names to reports, if the newest is
    /// still the one before it; says whether it was.
    fn publish(&mut self, site: &str, version: &Version, names: &[Name]) -> Done<bool>;

    /// Puts a plan that was compiled anew in the place of the same version's.
    fn mend(&mut self, site: &str, version: &Version, names: &[Name]) -> Done<()>;

    /// Everything that reports of a site may name.
    fn names(&mut self, site: &str) -> Done<Vec<Name>>;

    /// Keeps new odds, before they are served, if the newest are still those of
    /// the epoch before; says whether they were.
    fn save_odds(&mut self, site: &str, odds: &SavedOdds) -> Done<bool>;

    /// The odds of a site as they were last published.
    fn odds(&mut self, site: &str) -> Done<Option<SavedOdds>>;

    /// Gives every odds of a site, oldest first, as they were published.
    fn each_odds(&mut self, site: &str, take: &mut dyn FnMut(SavedOdds)) -> Done<()>;

    /// Gives everything that results and odds are made of, as of one moment.
    fn each(&mut self, site: &str, take: &mut dyn FnMut(Kept)) -> Done<()>;

    /// Merges reports of sites: of each site those whose id is new are counted
    /// in one transaction, all of them or none.
    fn merge(&mut self, groups: &[(&str, Vec<&Report>)]) -> Vec<Done<Merged>>;

    /// Forgets the ids of a site made before a moment, in milliseconds since
    /// 1970; gives how many.
    fn forget_ids(&mut self, site: &str, before: u64) -> Done<u64>;

    /// Takes away what of a site is older than `before`, in milliseconds since
    /// 1970, and asked for by nobody (`prune.rs`); gives how many epochs and
    /// versions went.
    fn prune(&mut self, site: &str, before: u64) -> Done<[u64; 2]>;
}

/// The first bytes of every id made before a moment are less than these: a
/// UUIDv7 begins with its milliseconds since 1970.
fn id_bound(before: u64) -> Vec<u8> {
    before.to_be_bytes().iter().skip(2).copied().collect()
}
