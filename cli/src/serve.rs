//! `vitrine serve` and `vitrine key`: the operator's words become a
//! configuration. Never decides what the collector does with it.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use serde_json::json;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use vitrine_collector::keys::Role;
use vitrine_collector::{Config, Running, SiteConfig, StartError, new_key, revoke, start};

/// The input is bad.
const BAD_INPUT: u8 = 1;
/// Usage or I/O.
const UNUSABLE: u8 = 2;
/// Where the console lies in a checkout.
const CONSOLE: &str = "www/console";

const SERVE_USAGE: &str = "\
vitrine serve --listen ADDR --data DIR [--site NAME --rules RULES.json --model SITE.model]...
  --listen ADDR       the public address, such as 127.0.0.1:8787
  --data DIR          the folder of the database; made if missing
  --site NAME         a site; made if missing. --site NAME=RULES.json is short for --rules
  --rules FILE        its rules: published if the file changed since it was last loaded
  --model FILE        its recommendation model
  --pkg DIR           the built module: /vitrine.js and what it loads
  --console DIR       the marketer's console (default: www/console, if present)
  --internal ADDR     where /healthz, /readyz and /metrics are; nowhere without
  --path-prefix PATH  what stands before /SITE (default: /v1)";

const KEY_USAGE: &str = "\
vitrine key --data DIR --site NAME --new owner|marketer|viewer
vitrine key --data DIR --site NAME --revoke owner|marketer|viewer
  --new      prints a new key, once; an owner's takes the place of a lost one.
             A running collector takes it at once
  --revoke   takes all keys of the role away";

/// `vitrine serve`
pub fn serve(args: &[String]) -> ExitCode {
    let config = match read_serve(args) {
        Ok(Some(config)) => config,
        Ok(None) => return print(SERVE_USAGE),
        Err(sentence) => return fail(UNUSABLE, &format!("{sentence}\n\n{SERVE_USAGE}")),
    };
    match Runtime::new() {
        Ok(runtime) => runtime.block_on(run(config)),
        Err(e) => fail(UNUSABLE, &format!("cannot start: {e}")),
    }
}

/// `vitrine key`
pub fn key(args: &[String]) -> ExitCode {
    let asked = match read_key(args) {
        Ok(Some(asked)) => asked,
        Ok(None) => return print(KEY_USAGE),
        Err(sentence) => return fail(UNUSABLE, &format!("{sentence}\n\n{KEY_USAGE}")),
    };
    let done = match asked.action {
        Action::New => new_key(&asked.data, &asked.site, asked.role),
        Action::Revoke => revoke(&asked.data, &asked.site, asked.role)
            .map(|count| format!("{count} {} keys taken away", asked.role.word())),
    };
    match done {
        Ok(text) => print(&text),
        Err(sentence) => fail(UNUSABLE, &sentence),
    }
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
            "the owner's key of `{}`, shown this once: {}",
            new.site, new.key
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

fn read_serve(args: &[String]) -> Result<Option<Config>, String> {
    let mut config = Config::new(PathBuf::new());
    let (mut listen, mut data) = (None, None);
    let default = Path::new(CONSOLE);
    config.console = default.is_dir().then(|| default.into());
    let mut words = args.iter();
    while let Some(word) = words.next() {
        if matches!(word.as_str(), "--help" | "-h") {
            return Ok(None);
        }
        let mut value = || words.next().ok_or_else(|| format!("`{word}` needs a value"));
        match word.as_str() {
            "--listen" => listen = Some(address(value()?)?),
            "--data" => data = Some(PathBuf::from(value()?)),
            "--site" => config.sites.push(site(value()?)),
            "--rules" => last(&mut config.sites).rules = Some(value()?.into()),
            "--model" => last(&mut config.sites).model = Some(value()?.into()),
            "--pkg" => config.pkg = Some(folder(value()?)?),
            "--console" => config.console = Some(folder(value()?)?),
            "--internal" => config.internal = Some(address(value()?)?),
            "--path-prefix" => config.prefix = value()?.clone(),
            // For tests, which cannot wait.
            "--odds-interval-ms" => {
                let number = value()?.parse().map_err(|_| "`--odds-interval-ms` takes milliseconds")?;
                config.odds_interval = Duration::from_millis(number);
            }
            _ => return Err(format!("`{word}` is no option of `vitrine serve`")),
        }
    }
    config.listen = listen.ok_or("`--listen ADDR` is missing")?;
    config.data = data.ok_or("`--data DIR` is missing")?;
    Ok(Some(config))
}

fn site(word: &str) -> SiteConfig {
    let (name, rules) = match word.split_once('=') {
        Some((name, rules)) => (name, Some(rules.into())),
        None => (word, None),
    };
    SiteConfig {
        name: Some(name.into()),
        rules,
        model: None,
    }
}

/// The site named last, or one that the rules name.
fn last(sites: &mut Vec<SiteConfig>) -> &mut SiteConfig {
    let at = sites.len().saturating_sub(1);
    if sites.is_empty() {
        sites.push(SiteConfig::default());
    }
    #[expect(clippy::indexing_slicing, reason = "the list is not empty here")]
    &mut sites[at]
}

fn address(word: &str) -> Result<SocketAddr, String> {
    word.parse()
        .map_err(|_| format!("`{word}` is no address; write it as 127.0.0.1:8787"))
}

fn folder(word: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(word);
    match path.is_dir() {
        true => Ok(path),
        false => Err(format!("there is no folder `{word}`")),
    }
}

enum Action {
    New,
    Revoke,
}

struct KeyAsked {
    data: PathBuf,
    site: String,
    role: Role,
    action: Action,
}

fn read_key(args: &[String]) -> Result<Option<KeyAsked>, String> {
    let (mut data, mut site, mut asked) = (None, None, None);
    let mut words = args.iter();
    while let Some(word) = words.next() {
        if matches!(word.as_str(), "--help" | "-h") {
            return Ok(None);
        }
        let value = words.next().ok_or_else(|| format!("`{word}` needs a value"))?;
        let role = || {
            Role::from_word(value)
                .ok_or_else(|| format!("`{value}` is none of `owner`, `marketer`, `viewer`"))
        };
        match word.as_str() {
            "--data" => data = Some(PathBuf::from(value)),
            "--site" => site = Some(value.clone()),
            "--new" => asked = Some((role()?, Action::New)),
            "--revoke" => asked = Some((role()?, Action::Revoke)),
            _ => return Err(format!("`{word}` is no option of `vitrine key`")),
        }
    }
    let (role, action) = asked.ok_or("`--new ROLE` or `--revoke ROLE` is missing")?;
    Ok(Some(KeyAsked {
        data: data.ok_or("`--data DIR` is missing")?,
        site: site.ok_or("`--site NAME` is missing")?,
        role,
        action,
    }))
}

/// A line on stdout. A closed pipe is nobody's fault.
fn print(text: &str) -> ExitCode {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
    ExitCode::SUCCESS
}

/// A line on stderr, for people.
fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

fn fail(code: u8, sentence: &str) -> ExitCode {
    say(sentence);
    ExitCode::from(code)
}
