//! From a configuration to a running collector. Never starts on something
//! wrong: it says what is, and where.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task;
use vitrine_engine::bandit::Odds;
use vitrine_engine::plan::Plan;
use vitrine_engine::recommend::Model;
use vitrine_engine::seal::{self, Kind};

use crate::app::App;
use crate::compile::{Checked, check, names};
use crate::keys::{self, Role, Sessions};
use crate::metrics::Metrics;
use crate::odds;
use crate::routes;
use crate::server::serve;
use crate::state::{CurrentOdds, File, Published, Site, State};
use crate::store::Store;
use crate::writer::{self, Job, Outcome, Publish, publish_now};

/// How often ids that no report may carry any more are forgotten.
const FORGET: Duration = Duration::from_secs(60 * 60);
/// Bytes of a site's name.
const SITE_BYTES: usize = 64;

/// What a collector is started with.
#[derive(Debug, Clone)]
pub struct Config {
    /// The public address; port 0 for any that is free.
    pub listen: SocketAddr,
    /// The address of `/healthz`, `/readyz` and `/metrics`; nowhere without.
    pub internal: Option<SocketAddr>,
    /// The folder of the database; made if missing.
    pub data: PathBuf,
    /// Sites to be made, or to be loaded with new rules or models. Those that
    /// the folder holds already are served in any case.
    pub sites: Vec<SiteConfig>,
    /// The folder of the built module.
    pub pkg: Option<PathBuf>,
    /// The folder of the console.
    pub console: Option<PathBuf>,
    /// What stands before `/{site}`: `/v1`.
    pub prefix: String,
    /// How often odds are computed anew if reports came; at most ten seconds.
    pub odds_interval: Duration,
}

impl Config {
    /// A collector on any free local port.
    #[must_use]
    pub fn new(data: PathBuf) -> Config {
        Config {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            internal: None,
            data,
            sites: Vec::new(),
            pkg: None,
            console: None,
            prefix: "/v1".into(),
            odds_interval: Duration::from_secs(2),
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
    /// Its recommendation model.
    pub model: Option<PathBuf>,
}

/// Why a collector does not start. The text is for the person who started it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartError {
    /// A rules or model file is wrong: one sentence a line, with its place.
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
    let mut store = Store::open(&config.data).map_err(StartError::Unusable)?;
    let mut house = House::default();
    for site in &config.sites {
        house.load(&mut store, site)?;
    }
    house.load_others(&mut store)?;
    if house.sites.is_empty() {
        return Err(StartError::Unusable(
            "there is no site yet; name one with `--site NAME`, or give its rules with `--rules FILE`".into(),
        ));
    }
    house.make_keys(&mut store)?;
    let reader = Store::connect(&config.data).map_err(StartError::Unusable)?;
    let metrics = Arc::new(Metrics::default());
    let (queue, writer) = writer::start(store, Arc::clone(&metrics))
        .map_err(|e| StartError::Unusable(format!("cannot start the writer: {e}")))?;
    let (closing, is_closing) = watch::channel(false);
    let app = Arc::new(App {
        sites: house.sites,
        queue: queue.clone(),
        reader: Mutex::new(reader),
        sessions: Sessions::default(),
        metrics: Arc::clone(&metrics),
        pkg: config.pkg,
        console: config.console,
        prefix: config.prefix,
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
    let ticking = tick(app, config.odds_interval, is_closing);
    running.servers.push(task::spawn(ticking));
    Ok(running)
}

/// Makes a key for a site of a data folder, and the site if there is none; an
/// owner's key takes the place of the one before. A running collector knows
/// the key at once, and a new site after a restart.
///
/// # Errors
/// A sentence.
pub fn new_key(data: &Path, site: &str, role: Role) -> Result<String, String> {
    check_site(site)?;
    let mut store = Store::connect(data)?;
    let key = keys::new_key(role)?;
    store
        .add_site(site)
        .and_then(|()| store.add_key(site, role, &keys::hash(&key), crate::now()))
        .map_err(|e| unwritable(&e))?;
    Ok(key)
}

/// Takes all keys of a role away; gives how many there were.
///
/// # Errors
/// A sentence.
pub fn revoke(data: &Path, site: &str, role: Role) -> Result<usize, String> {
    let store = Store::connect(data)?;
    store.revoke(site, role).map_err(|e| unwritable(&e))
}

/// What a start gathers.
#[derive(Default)]
struct House {
    sites: BTreeMap<String, Arc<Site>>,
    new_keys: Vec<NewKey>,
    notes: Vec<String>,
}

impl House {
    /// Loads a site of the configuration, with its rules and model files.
    fn load(&mut self, store: &mut Store, config: &SiteConfig) -> Result<(), StartError> {
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
        let model = config.model.as_deref().map(read_model).transpose()?;
        store.add_site(&name).map_err(|e| broken(&e))?;
        let site = self.open(store, &name, model)?;
        if let (Some(text), Some(checked)) = (rules, checked) {
            publish_file(store, &site, text, checked)?;
        }
        Ok(())
    }

    /// Loads the sites that only the folder knows.
    fn load_others(&mut self, store: &mut Store) -> Result<(), StartError> {
        for name in store.sites().map_err(|e| broken(&e))? {
            if !self.sites.contains_key(&name) {
                self.open(store, &name, None)?;
            }
        }
        Ok(())
    }

    fn open(&mut self, store: &mut Store, name: &str, model: Option<File>) -> Result<Arc<Site>, StartError> {
        let state = State {
            published: self.published(store, name)?.map(Arc::new),
            model: model.map(Arc::new),
            odds: Arc::new(self.odds(store, name)?),
            names: store.names(name).map_err(|e| broken(&e))?.into_iter().collect(),
            totals: store.totals(name).map_err(|e| broken(&e))?,
        };
        let site = Arc::new(Site::new(name, state));
        self.sites.insert(name.into(), Arc::clone(&site));
        Ok(site)
    }

    /// The plan on disk; compiled anew from its rules where its bytes are
    /// damaged or of another version of the format.
    fn published(&mut self, store: &mut Store, name: &str) -> Result<Option<Published>, StartError> {
        let Some(mut version) = store.newest(name).map_err(|e| broken(&e))? else {
            return Ok(None);
        };
        let plan = match Plan::open(&version.bytes) {
            Ok(plan) if seal::name(&version.bytes) == version.plan => plan,
            found => {
                let reason = found.err().map_or("has another name", seal::Broken::reason);
                let Ok(checked) = check(&version.rules, Some(name), "rules.json") else {
                    self.notes.push(format!(
                        "the plan of `{name}` {reason}, and its rules do not compile any more; publish them again. Reports are still counted"
                    ));
                    return Ok(None);
                };
                self.notes
                    .push(format!("the plan of `{name}` {reason}; it was compiled anew from its rules"));
                version.plan = checked.hash;
                version.bytes = checked.bytes;
                store.publish(name, &version, &names(&checked.plan)).map_err(|e| broken(&e))?;
                checked.plan
            }
        };
        Ok(Some(Published {
            version: version.version,
            origin: version.origin,
            plan,
            file: File::new(version.bytes),
            rules: version.rules,
        }))
    }

    /// The odds on disk; none, of the same epoch, where they are damaged.
    fn odds(&mut self, store: &Store, name: &str) -> Result<CurrentOdds, StartError> {
        let Some(saved) = store.odds(name).map_err(|e| broken(&e))? else {
            return Ok(CurrentOdds::default());
        };
        let odds = seal::open::<Odds>(Kind::Odds, &saved.bytes).unwrap_or_else(|reason| {
            self.notes.push(format!("the odds of `{name}` {}; they are computed anew", reason.reason()));
            Odds { epoch: saved.epoch, ..Odds::default() }
        });
        Ok(CurrentOdds::new(odds))
    }

    /// An owner's key for every site that has none.
    fn make_keys(&mut self, store: &mut Store) -> Result<(), StartError> {
        for site in self.sites.keys() {
            let known = store.keys(site).map_err(|e| broken(&e))?;
            if known.iter().any(|(_, role)| *role == Role::Owner) {
                continue;
            }
            let key = keys::new_key(Role::Owner).map_err(StartError::Unusable)?;
            store.add_key(site, Role::Owner, &keys::hash(&key), crate::now()).map_err(|e| broken(&e))?;
            self.new_keys.push(NewKey { site: site.clone(), key });
        }
        Ok(())
    }
}

/// Publishes a rules file, unless it is the one that was loaded last: then
/// what the console published since stays.
fn publish_file(
    store: &mut Store,
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
    match publish_now(store, publish) {
        Outcome::Published(_) => store.set_rules_file(&site.name, &hash).map_err(|e| broken(&e)),
        _ => Err(StartError::Unusable("the rules could not be written into the database".into())),
    }
}

/// Computes odds anew where reports came, and forgets old ids.
async fn tick(app: Arc<App>, interval: Duration, mut closing: watch::Receiver<bool>) {
    let mut forgotten: Option<Instant> = None;
    loop {
        for site in app.sites.values() {
            refresh(&app, site).await;
        }
        if forgotten.is_none_or(|at| at.elapsed() >= FORGET) {
            forgotten = Some(Instant::now());
            for site in app.sites.values() {
                // A full queue forgets an hour later.
                let _ = app.queue.try_send(Job::Forget(Arc::clone(site)));
            }
        }
        tokio::select! {
            () = tokio::time::sleep(interval) => {}
            _ = closing.wait_for(|is_closing| *is_closing) => return,
        }
    }
}

async fn refresh(app: &App, site: &Arc<Site>) {
    let dirty = site.take_dirty();
    if dirty.is_clean() {
        return;
    }
    let (published, totals, current) = {
        let state = site.state();
        let current = Arc::clone(&state.odds);
        (state.published.clone(), state.totals.clone(), current)
    };
    let Some(published) = published else { return };
    let computed =
        task::spawn_blocking(move || odds::compute(&published.plan, &totals, &current.odds, &dirty));
    let Ok(computed) = computed.await else {
        site.mark_dirty();
        return;
    };
    let Some(computed) = computed else { return };
    let asked = app.ask(|answer| Job::Odds(Arc::clone(site), computed, answer));
    let is_kept = match asked {
        Ok(answered) => answered.await.unwrap_or(false),
        Err(_) => false,
    };
    if !is_kept {
        site.mark_dirty();
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|e| StartError::Unusable(format!("cannot listen on {address}: {e}")))
}

fn local(listener: &TcpListener) -> Result<SocketAddr, StartError> {
    listener.local_addr().map_err(|e| StartError::Unusable(format!("cannot listen: {e}")))
}

fn read_text(path: &Path) -> Result<String, StartError> {
    let shown = path.display();
    let bytes = fs::read(path).map_err(|e| StartError::Unusable(format!("cannot read `{shown}`: {e}")))?;
    String::from_utf8(bytes).map_err(|e| {
        let mistakes = vitrine_rules::compile_bytes(e.as_bytes()).diagnostics;
        let file = shown.to_string();
        let sentences: Vec<String> = mistakes.iter().map(|d| d.sentence(&file)).collect();
        StartError::Input(sentences.join("\n"))
    })
}

fn read_model(path: &Path) -> Result<File, StartError> {
    let shown = path.display();
    let bytes = fs::read(path).map_err(|e| StartError::Unusable(format!("cannot read `{shown}`: {e}")))?;
    match seal::open::<Model>(Kind::Model, &bytes) {
        Ok(_) => Ok(File::new(bytes)),
        Err(reason) => Err(StartError::Input(format!(
            "the model `{shown}` {}; make one with `vitrine train`",
            reason.reason()
        ))),
    }
}

fn check_site(name: &str) -> Result<(), String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if (1..=SITE_BYTES).contains(&name.len()) && name.bytes().all(is_plain) && !name.starts_with('.') {
        return Ok(());
    }
    Err(format!("`{name}` is no name of a site: letters, digits, `-`, `_` and `.`, at most {SITE_BYTES}"))
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

fn broken(e: &rusqlite::Error) -> StartError {
    StartError::Unusable(format!("the database is broken: {e}; restore it from a back-up"))
}

fn unwritable(e: &rusqlite::Error) -> String {
    format!("the database cannot be written: {e}")
}
