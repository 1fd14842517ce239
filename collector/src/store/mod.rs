//! Where everything is kept: one face, and behind it a folder with SQLite, or
//! a database that speaks PostgreSQL's protocol.
//! Never holds an address, a raw event or a key; every statement names one
//! site and every unique key contains it.
//!
//! Only what a database says in its own dialect, and its transactions, differ
//! behind the face; what is decided is decided once, before it.

mod postgres;
mod sqlite;

use std::fmt;
use std::path::PathBuf;

use vitrine_engine::report::Row;

use crate::counters::{Sums, Table};
use crate::keys::{KeyHash, Role};
use crate::report::Report;

pub use postgres::Address;

/// Where a collector keeps everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A folder with SQLite, for one collector; made if missing.
    Folder(PathBuf),
    /// A database that speaks PostgreSQL's protocol, for one collector or several.
    Database(Box<Address>),
}

impl From<PathBuf> for Place {
    fn from(folder: PathBuf) -> Place {
        Place::Folder(folder)
    }
}

impl From<Address> for Place {
    fn from(address: Address) -> Place {
        Place::Database(Box::new(address))
    }
}

/// For people: which folder, or which database without its password.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Folder(folder) => write!(f, "the folder `{}`", folder.display()),
            Place::Database(address) => write!(f, "the database `{address}`"),
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
        Place::Database(address) => Ok(Box::new(postgres::Postgres::connect(address)?)),
    }
}

/// Opens a place beside the collectors that run on it, for reading and for keys.
/// Where no collector ever kept anything there is nothing, and nothing is made.
///
/// # Errors
/// A sentence: the database cannot be opened.
pub fn connect(place: &Place) -> Result<Option<Box<dyn Store>>, String> {
    Ok(match place {
        Place::Folder(folder) => sqlite::Sqlite::connect(folder)?.map(|store| Box::new(store) as _),
        Place::Database(address) => {
            postgres::Postgres::connect_beside(address)?.map(|store| Box::new(store) as _)
        }
    })
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

/// One piece of what a site's answers are made of.
#[derive(Debug)]
pub enum Kept {
    /// A counter, with the day and epoch of its draw.
    Row(Table, Row),
    /// Converters of a campaign by the day of their draw and the days since.
    Lag(String, (u32, u32), u64),
    /// Odds without what they come from, oldest first.
    Odds(SavedOdds),
    /// A sealed plan with its moment, oldest first.
    Plan(Vec<u8>, u64),
    /// The version that is published.
    Newest(Version),
    /// What reports may name.
    Name(Name),
}

/// What became of a group of a site's reports.
#[derive(Debug, Default)]
pub struct Merged {
    /// Of each report, in order, whether its id was new.
    pub fresh: Vec<bool>,
    /// What those that were new added.
    pub sums: Sums,
}

/// What other collectors on the same database changed.
#[derive(Debug, Default)]
pub struct News {
    /// Rules that were published, oldest first.
    pub versions: Vec<Version>,
    /// Odds that were published, oldest first, without what they come from.
    pub odds: Vec<SavedOdds>,
    /// What reports added.
    pub sums: Vec<Sums>,
    /// Whether more changed than is still known: then everything has to be
    /// read anew.
    pub is_lost: bool,
}

/// A console's session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The hash of the key that it stands for.
    pub key: KeyHash,
    /// When it ends, in milliseconds since 1970.
    pub ends: u64,
}

/// A draft as the collectors of a database share it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SavedDraft {
    /// Its token.
    pub token: String,
    /// The plan's name.
    pub plan: String,
    /// The sealed plan.
    pub bytes: Vec<u8>,
    /// When it ends, in milliseconds since 1970.
    pub ends: u64,
}

/// By what a draft is looked for.
#[derive(Debug, Clone, Copy)]
pub enum DraftName<'n> {
    /// Its token.
    Token(&'n str),
    /// The plan's name.
    Plan(&'n str),
}

/// Why a statement gave nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// A sentence's end, for the operator.
    pub text: String,
    /// Whether the database cannot be reached at all.
    pub is_away: bool,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
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

    /// Adds an owner's key where there is none; says whether there was none.
    fn add_first_key(&mut self, site: &str, hash: &KeyHash) -> Done<bool>;

    /// Takes all keys of a role away; gives how many there were.
    fn revoke(&mut self, site: &str, role: Role) -> Done<u64>;

    /// Opens a console's session, under the hash of its token.
    fn open_session(&mut self, site: &str, token: &KeyHash, session: &Session) -> Done<()>;

    /// The session of a token's hash, if there is one; it may have ended.
    fn session(&mut self, site: &str, token: &KeyHash) -> Done<Option<Session>>;

    /// Ends a session, if it is open.
    fn close_session(&mut self, site: &str, token: &KeyHash) -> Done<()>;

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

    /// Keeps new odds, before they are served, if the newest are still those of
    /// the epoch before; says whether they were.
    fn save_odds(&mut self, site: &str, odds: &SavedOdds) -> Done<bool>;

    /// Gives every odds of a site, oldest first, as they were published.
    fn each_odds(&mut self, site: &str, take: &mut dyn FnMut(SavedOdds)) -> Done<()>;

    /// Gives everything that a site's answers are made of, as of one moment: what
    /// comes after it is told by `news`.
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

    /// Whether other collectors may change what this one serves.
    fn shares(&self) -> bool {
        false
    }

    /// What other collectors changed of a site since it was read as a whole, or
    /// since this was last asked.
    fn news(&mut self, _site: &str) -> Done<News> {
        Ok(News::default())
    }

    /// Whether this collector is the one that computes a site's odds now; it
    /// has to ask anew each time.
    fn lead(&mut self, _site: &str) -> Done<bool> {
        Ok(true)
    }

    /// A draft that collectors share; none where there is one collector, whose
    /// drafts never touch the disk.
    fn draft(&mut self, _site: &str, _name: DraftName<'_>) -> Done<Option<SavedDraft>> {
        Ok(None)
    }

    /// Shares a draft, of which a site has so many at most; not where there is
    /// one collector.
    fn save_draft(&mut self, _site: &str, _draft: &SavedDraft, _most: u32) -> Done<()> {
        Ok(())
    }

    /// Lets others compute at once the odds that this collector computed.
    fn resign(&mut self) -> Done<()> {
        Ok(())
    }
}

/// The first bytes of every id made before a moment are less than these: a
/// UUIDv7 begins with its milliseconds since 1970.
fn id_bound(before: u64) -> Vec<u8> {
    before.to_be_bytes().iter().skip(2).copied().collect()
}
