//! From a configuration to a running collector. Never starts on something
//! wrong: it says what is, and where.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task;

use crate::app::App;
use crate::house::House;
use crate::keys::{self, Role};
use crate::metrics::Metrics;
use crate::routes;
use crate::server::serve;
use crate::store::{Place, Store, Trouble, connect, open};
use crate::ticker::{follow, tick};
use crate::writer::{self, Job};

/// Sites that are told to whoever names one that is not there.
const TOLD: usize = 20;

/// What a collector is started with.
#[derive(Debug, Clone)]
pub struct Config {
    /// The public address; port 0 for any that is free.
    pub listen: SocketAddr,
    /// The address of `/healthz`, `/readyz` and `/metrics`; nowhere without.
    pub internal: Option<SocketAddr>,
    /// Where everything is kept.
    pub place: Place,
    /// Sites to be made, or to be loaded with new rules or models. Those that
    /// are kept already are served in any case.
    pub sites: Vec<SiteConfig>,
    /// The folder of the built module.
    pub pkg: Option<PathBuf>,
    /// The folder of the console.
    pub console: Option<PathBuf>,
    /// What stands before `/{site}`: `/v1`.
    pub prefix: String,
    /// How many proxies of one's own stand before this collector: each adds the
    /// address it was asked by to `x-forwarded-for`. With 0 who connects is who
    /// asks.
    pub proxies: usize,
    /// How often odds are computed anew if reports came, and models looked for;
    /// at most ten seconds.
    pub odds_interval: Duration,
    /// Told, as sentences, what the operator should know while it runs.
    pub say: fn(&str),
}

impl Config {
    /// A collector on any free local port.
    #[must_use]
    pub fn new(place: impl Into<Place>) -> Config {
        Config {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            internal: None,
            place: place.into(),
            sites: Vec::new(),
            pkg: None,
            console: None,
            prefix: "/v1".into(),
            proxies: 0,
            odds_interval: Duration::from_secs(2),
            say: |_| {},
        }
    }
}

/// One site of a configuration.
#[derive(Debug, Clone, Default)]
pub struct SiteConfig {
    /// Its name; that in the rules without.
    pub name: Option<String>,
    /// Its rules: published if the file changed since it was last loaded.
    pub rules: Option<PathBuf>,
    /// Its recommendation model, with the shards beside it if it has any; another
    /// one that takes its place is served within two intervals.
    pub model: Option<PathBuf>,
    /// Where its shop is, an `http` address: a draft's answer says where it is seen.
    pub shop: Option<String>,
}

/// Why a collector does not start, or a place's keys and history are not opened.
/// The text is for the person who asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartError {
    /// A rules or model file is wrong: one sentence a line, with its place. Or there
    /// is no such place or site.
    Input(String),
    /// An address, a folder or the database cannot be used.
    Unusable(String),
}

/// A key that was made at this start. It is shown once and stored nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// The site.
    pub site: String,
    /// The owner's key.
    pub key: String,
}

/// A running collector.
#[derive(Debug)]
pub struct Running {
    /// The public address.
    pub addr: SocketAddr,
    /// The internal address.
    pub internal: Option<SocketAddr>,
    /// Every site served, by name.
    pub sites: Vec<String>,
    /// Keys made at this start.
    pub new_keys: Vec<NewKey>,
    /// What the operator should know, as sentences.
    pub notes: Vec<String>,
    closing: watch::Sender<bool>,
    servers: Vec<task::JoinHandle<()>>,
    queue: mpsc::Sender<Job>,
    writer: JoinHandle<()>,
}

impl Running {
    /// Lets open requests end, commits what was accepted, and closes the database.
    pub async fn shutdown(self) {
        self.closing.send_replace(true);
        for server in self.servers {
            // A server that broke has nothing more to say.
            let _ = server.await;
        }
        let _ = self.queue.send(Job::Stop).await;
        let writer = self.writer;
        let _ = task::spawn_blocking(move || writer.join()).await;
    }
}

/// Starts a collector.
///
/// # Errors
/// A wrong input file, or an address, folder or database that cannot be used.
pub async fn start(config: Config) -> Result<Running, StartError> {
    check_prefix(&config.prefix)?;
    let listener = bind(config.listen).await?;
    let internal = match config.internal {
        Some(address) => Some(bind(address).await?),
        None => None,
    };
    let (place, sites) = (config.place, config.sites);
    // Databases are asked by threads that may wait.
    let opened = task::spawn_blocking(move || prepare(&place, &sites)).await;
    let (house, store, reader) = opened.map_err(|e| StartError::Unusable(format!("cannot start: {e}")))??;
    let metrics = Arc::new(Metrics::default());
    let shares = store.shares();
    let (queue, writer) = writer::start(store, Arc::clone(&metrics))
        .map_err(|e| StartError::Unusable(format!("cannot start the writer: {e}")))?;
    let (closing, is_closing) = watch::channel(false);
    let app = Arc::new(App {
        sites: house.sites,
        queue: queue.clone(),
        reader: Mutex::new(reader),
        shares,
        metrics: Arc::clone(&metrics),
        pkg: config.pkg,
        console: config.console,
        prefix: config.prefix,
        proxies: config.proxies,
        closing: is_closing.clone(),
    });
    let mut running = Running {
        addr: local(&listener)?,
        internal: internal.as_ref().map(local).transpose()?,
        sites: app.sites.keys().cloned().collect(),
        new_keys: house.new_keys,
        notes: house.notes,
        closing,
        servers: Vec::new(),
        queue,
        writer,
    };
    let router = routes::router(Arc::clone(&app));
    let public = serve(listener, router, Arc::clone(&metrics), is_closing.clone());
    running.servers.push(task::spawn(public));
    if let Some(listener) = internal {
        let router = routes::internal::router(Arc::clone(&app));
        let served = serve(listener, router, metrics, is_closing.clone());
        running.servers.push(task::spawn(served));
    }
    if app.shares {
        running.servers.push(task::spawn(follow(Arc::clone(&app), is_closing.clone())));
    }
    let ticking = tick(app, (config.odds_interval, config.say), is_closing);
    running.servers.push(task::spawn(ticking));
    Ok(running)
}

/// Opens what is kept, twice: for the writer and for reading.
fn prepare(place: &Place, sites: &[SiteConfig]) -> Result<Opened, StartError> {
    let mut store = open(place).map_err(StartError::Unusable)?;
    let mut house = House::default();
    for site in sites {
        house.load(&mut *store, site)?;
    }
    house.load_others(&mut *store)?;
    if house.sites.is_empty() {
        return Err(StartError::Unusable(
            "there is no site yet; name one with `--site NAME`, or give its rules with `--rules FILE`".into(),
        ));
    }
    house.make_keys(&mut *store)?;
    let reader = connect(place).map_err(StartError::Unusable)?;
    let gone = || StartError::Unusable(format!("{place} was emptied while it was opened; start again"));
    Ok((house, store, reader.ok_or_else(gone)?))
}

type Opened = (House, Box<dyn Store>, Box<dyn Store>);

/// Makes a key for a site; an owner's key takes the place of the one before. A
/// running collector knows the key at once.
///
/// # Errors
/// There is no such place or site, and none is made; or it cannot be used.
pub fn new_key(place: &Place, site: &str, role: Role) -> Result<String, StartError> {
    let (mut store, _) = kept(place, Some(site))?;
    let key = keys::new_key(role).map_err(StartError::Unusable)?;
    store.add_key(site, role, &keys::hash(&key)).map_err(|e| unwritable(&e))?;
    Ok(key)
}

/// Takes all keys of a role away; gives how many there were.
///
/// # Errors
/// As above.
pub fn revoke(place: &Place, site: &str, role: Role) -> Result<u64, StartError> {
    let (mut store, _) = kept(place, Some(site))?;
    store.revoke(site, role).map_err(|e| unwritable(&e))
}

/// What collectors keep in a place, and its sites; of one site, where it is
/// named. Never makes a place or a site.
///
/// # Errors
/// There is no such place or site; or it cannot be used.
pub(crate) fn kept(place: &Place, site: Option<&str>) -> Result<(Box<dyn Store>, Vec<String>), StartError> {
    let Some(mut store) = connect(place).map_err(StartError::Unusable)? else {
        return Err(StartError::Input(format!("{place} holds no collector's data; is its name right?")));
    };
    let sites = store.sites().map_err(|e| StartError::Unusable(format!("{place} cannot be read: {e}")))?;
    let Some(site) = site else { return Ok((store, sites)) };
    if sites.iter().any(|known| known == site) {
        return Ok((store, vec![site.into()]));
    }
    let mut told: Vec<String> = sites.iter().take(TOLD).map(|known| format!("`{known}`")).collect();
    if sites.len() > TOLD {
        told.push(format!("and {} more", sites.len() - TOLD));
    }
    let told = if told.is_empty() { "none yet".into() } else { told.join(", ") };
    Err(StartError::Input(format!("{place} has no site `{site}`; its sites: {told}")))
}

async fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|e| StartError::Unusable(format!("cannot listen on {address}: {e}")))
}

fn local(listener: &TcpListener) -> Result<SocketAddr, StartError> {
    listener.local_addr().map_err(|e| StartError::Unusable(format!("cannot listen: {e}")))
}

/// What stands before `/{site}` must not meet an address of its own.
fn check_prefix(prefix: &str) -> Result<(), StartError> {
    let is_plain = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let mut parts = prefix.split('/');
    let is_good = parts.next() == Some("")
        && parts.clone().next().is_some_and(|first| !matches!(first, "console" | "pkg"))
        && parts.all(is_plain);
    if is_good {
        return Ok(());
    }
    Err(StartError::Unusable(format!(
        "`{prefix}` is no path prefix; write it as `/v1`, and not `/console` or `/pkg`"
    )))
}

fn unwritable(e: &Trouble) -> StartError {
    StartError::Unusable(format!("the database cannot be written: {e}"))
}
