//! `vitrine serve` and `vitrine key`: the operator's words become a
//! configuration. Never decides what the collector does with it.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use serde_json::json;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use vitrine_collector::keys::Role;
use vitrine_collector::{Config, Running, SiteConfig, StartError, new_key, revoke, start};

use crate::failure::Failure;
use crate::kept::Kept;
use crate::listen::address;

/// The input is bad.
const BAD_INPUT: u8 = 1;
/// Usage or I/O.
const UNUSABLE: u8 = 2;
/// Where the console lies in a checkout.
const CONSOLE: &str = "www/console";

/// Run the collector: counts in, odds out; plan, model, module and console.
#[derive(Debug, Args)]
pub struct Serve {
    /// The public address, such as 127.0.0.1:8787 or localhost:8787.
    #[arg(long, value_name = "ADDR", value_parser = address)]
    listen: SocketAddr,
    #[command(flatten)]
    kept: Kept,
    /// A site; made if missing, its owner's key is printed once.
    #[arg(long, value_name = "NAME[=RULES]")]
    site: Vec<String>,
    /// Rules of the site named as many times before; published if the file
    /// changed since it was last loaded.
    #[arg(long, value_name = "RULES")]
    rules: Vec<PathBuf>,
    /// The recommendation model of the site named as many times before; its shards
    /// lie beside it, as `train` wrote them. Another one put in its place is served
    /// within seconds.
    #[arg(long, value_name = "MODEL")]
    model: Vec<PathBuf>,
    /// The address of the shop of the site named as many times before: where the
    /// console opens a preview; without, it asks its marketer.
    #[arg(long, value_name = "URL", value_parser = web_address)]
    shop: Vec<String>,
    /// The built module: /vitrine.js and what it loads.
    #[arg(long, value_name = "DIR", value_parser = folder)]
    pkg: Option<PathBuf>,
    /// The marketer's console; www/console where that is present.
    #[arg(long, value_name = "DIR", value_parser = folder)]
    console: Option<PathBuf>,
    /// Where /healthz, /readyz and /metrics are; nowhere without.
    #[arg(long, value_name = "ADDR", value_parser = address)]
    internal: Option<SocketAddr>,
    /// What stands before /SITE, since ad blockers know paths.
    #[arg(long, value_name = "PATH", default_value = "/v1")]
    path_prefix: String,
    /// How many proxies of your own stand before it: with 0 who connects is who asks.
    /// Needed for the cap on what one place may report in a day.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=16))]
    proxies: u8,
    /// How often odds are computed anew; for tests, which cannot wait.
    #[arg(long, value_name = "MS", default_value_t = 2000, hide = true,
          value_parser = clap::value_parser!(u64).range(10..=10_000))]
    odds_interval_ms: u64,
}

/// Make or revoke a key of a site, also while the collector runs.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("action").required(true))]
pub struct Key {
    #[command(flatten)]
    kept: Kept,
    /// The site
    #[arg(long, value_name = "NAME")]
    site: String,
    /// Print a new key, once: `owner`, `marketer` or `viewer`. An owner's takes
    /// the place of a lost one.
    #[arg(long, value_name = "ROLE", value_parser = role, group = "action")]
    new: Option<Role>,
    /// Take all keys of a role away.
    #[arg(long, value_name = "ROLE", value_parser = role, group = "action")]
    revoke: Option<Role>,
}

impl Serve {
    /// Runs until Ctrl-C or SIGTERM.
    ///
    /// # Errors
    /// The options do not fit together, or the system gives no threads.
    pub fn run(self) -> Result<ExitCode, String> {
        let config = self.config()?;
        let runtime = Runtime::new().map_err(|e| format!("cannot start: {e}"))?;
        Ok(runtime.block_on(run(config)))
    }

    fn config(self) -> Result<Config, String> {
        let mut sites = sites(&self.site, self.rules, self.model)?;
        add_shops(&mut sites, self.shop)?;
        let default = Path::new(CONSOLE);
        let default = default.is_dir().then(|| default.into());
        Ok(Config {
            listen: self.listen,
            internal: self.internal,
            sites,
            pkg: self.pkg,
            console: self.console.or(default),
            prefix: self.path_prefix,
            proxies: self.proxies.into(),
            odds_interval: Duration::from_millis(self.odds_interval_ms),
            say,
            ..Config::new(self.kept.place()?)
        })
    }
}

impl Key {
    /// Does it, and prints what came of it.
    ///
    /// # Errors
    /// There is no such place or site, or the database cannot be used.
    pub fn run(self) -> Result<(), Failure> {
        let place = self.kept.place().map_err(Failure::Outside)?;
        if let Some(role) = self.new {
            print(&new_key(&place, &self.site, role)?);
        }
        if let Some(role) = self.revoke {
            let count = revoke(&place, &self.site, role)?;
            say(&format!("keys of the role `{}` taken away: {count}", role.word()));
        }
        Ok(())
    }
}

/// The nth rules and the nth model belong to the nth site; without any site,
/// rules name their own.
fn sites(names: &[String], rules: Vec<PathBuf>, models: Vec<PathBuf>) -> Result<Vec<SiteConfig>, String> {
    let mut sites: Vec<SiteConfig> = names.iter().map(|word| site(word)).collect();
    if sites.is_empty() {
        sites = rules.iter().chain(&models).map(|_| SiteConfig::default()).collect();
        sites.truncate(rules.len().max(models.len()));
    }
    for (option, count) in [("--rules", rules.len()), ("--model", models.len())] {
        if count > 0 && count != sites.len() {
            return Err(format!(
                "`{option}` is given {count} times for {} sites; give it once for each, in the same order",
                sites.len()
            ));
        }
    }
    for (site, rules) in sites.iter_mut().zip(rules) {
        if site.rules.replace(rules).is_some() {
            return Err("the rules of a site are given twice, by `--site NAME=RULES` and by `--rules`".into());
        }
    }
    for (site, model) in sites.iter_mut().zip(models) {
        site.model = Some(model);
    }
    Ok(sites)
}

/// The nth shop belongs to the nth site, too.
fn add_shops(sites: &mut [SiteConfig], shops: Vec<String>) -> Result<(), String> {
    if !shops.is_empty() && shops.len() != sites.len() {
        return Err(format!(
            "`--shop` is given {} times for {} sites; give it once for each, in the same order",
            shops.len(),
            sites.len()
        ));
    }
    for (site, shop) in sites.iter_mut().zip(shops) {
        site.shop = Some(shop);
    }
    Ok(())
}

fn site(word: &str) -> SiteConfig {
    let (name, rules) = match word.split_once('=') {
        Some((name, rules)) => (name, Some(rules.into())),
        None => (word, None),
    };
    SiteConfig { name: Some(name.into()), rules, ..SiteConfig::default() }
}

fn web_address(word: &str) -> Result<String, String> {
    let rest = word.strip_prefix("https://").or_else(|| word.strip_prefix("http://"));
    match rest.is_some_and(|rest| !rest.starts_with('/') && !rest.is_empty())
        && !word.contains(char::is_whitespace)
    {
        true => Ok(word.into()),
        false => Err(format!("`{word}` is no shop's address; write it as `https://shop.example/`")),
    }
}

fn folder(word: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(word);
    match path.is_dir() {
        true => Ok(path),
        false => Err(format!("there is no folder `{word}`")),
    }
}

fn role(word: &str) -> Result<Role, String> {
    Role::from_word(word).ok_or_else(|| format!("`{word}` is none of `owner`, `marketer`, `viewer`"))
}

async fn run(config: Config) -> ExitCode {
    let console = config.console.is_some();
    let running = match start(config).await {
        Ok(running) => running,
        Err(StartError::Input(sentences)) => return fail(BAD_INPUT, &sentences),
        Err(StartError::Unusable(sentence)) => return fail(UNUSABLE, &sentence),
    };
    tell(&running, console);
    wait().await;
    say("closing: open requests end, then the database is closed");
    running.shutdown().await;
    ExitCode::SUCCESS
}

/// One line of JSON for programs on stdout, the same for people on stderr.
fn tell(running: &Running, console: bool) {
    let address = format!("http://{}", running.addr);
    let mut ready = json!({ "listening": address, "sites": running.sites });
    if let Some(object) = ready.as_object_mut() {
        if let Some(internal) = running.internal {
            object.insert("internal".into(), json!(format!("http://{internal}")));
        }
        if let [site] = running.sites.as_slice() {
            object.insert("site".into(), json!(site));
        }
        if let [new] = running.new_keys.as_slice() {
            object.insert("owner_key".into(), json!(new.key));
        }
        if !running.new_keys.is_empty() {
            let keys = running.new_keys.iter();
            let keys = keys.map(|new| (new.site.clone(), json!(new.key)));
            object.insert("owner_keys".into(), keys.collect());
        }
    }
    print(&ready.to_string());
    running.notes.iter().for_each(|note| say(note));
    for new in &running.new_keys {
        say(&format!(
            "an owner's key was made for `{}`: it stands on standard output, and nowhere else; keep it",
            new.site
        ));
    }
    say(&format!("listening on {address}"));
    if console {
        say(&format!("the console is at {address}/console/"));
    }
}

/// Until Ctrl-C, or until the system asks to end.
async fn wait() {
    let mut asked = signal(SignalKind::terminate());
    let terminated = async {
        match &mut asked {
            Ok(asked) => drop(asked.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}

/// A line on stdout. A closed pipe is nobody's fault.
fn print(text: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// A line on stderr, for people.
fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

fn fail(code: u8, sentence: &str) -> ExitCode {
    say(sentence);
    ExitCode::from(code)
}
