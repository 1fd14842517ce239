//! `cargo xtask demo`: the whole circle on one machine. It never reaches
//! outside 127.0.0.1, deletes only a data folder that it made itself, and stops
//! what it started.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use crate::fingerprint::{Fingerprint, Stamp, make_dir, write};
use crate::flags::Flags;
use crate::shell::{Outcome, Workshop, progress, quiet};
use crate::{pack, setup};

/// How long a server may take until it says that it listens.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a server may take to end after it was asked to.
const FAREWELL: Duration = Duration::from_secs(5);
/// Lies in a data folder that the demo made: `--fresh` deletes no other.
const MARK: &str = ".vitrine-demo";
/// Where the demo keeps the owner's key, in its data folder.
const KEY_FILE: &str = "owner-key.txt";
/// How an owner's key begins.
const KEY: &str = "vitrine-owner-";
/// The demo's one site.
const SITE: &str = "demo";

/// Where everything stands.
struct Places {
    shop: u16,
    collector: u16,
    /// The edge adapter's port, where one is asked for.
    edge: Option<u16>,
    data: PathBuf,
}

/// Builds, trains, starts, and waits for Ctrl-C.
///
/// # Errors
/// What could not be built or started, as a sentence.
pub fn run(shop: &Workshop, mut flags: Flags) -> Outcome<bool> {
    let fresh = flags.switch("--fresh");
    let edge = flags.switch("--edge");
    let edge_port = flags.port("--edge-port", 8081)?;
    let given = flags.value("--data")?;
    let places = Places {
        shop: flags.port("--port", 8080)?,
        collector: flags.port("--collector-port", 8787)?,
        edge: edge.then_some(edge_port),
        data: given.map_or_else(|| shop.root.join("data"), absolute),
    };
    flags.none()?;
    free(places.shop, "--port")?;
    free(places.collector, "--collector-port")?;
    if let Some(port) = places.edge {
        free(port, "--edge-port")?;
    }

    setup::builds(shop)?;
    pack::everything(shop)?;
    data_folder(&places.data, fresh)?;
    let model = train(shop, &places.data)?;
    serve(shop, &places, &model)
}

/// Says which flag helps while the building has not yet begun.
fn free(port: u16, flag: &str) -> Outcome<()> {
    TcpListener::bind(("127.0.0.1", port)).map_or_else(
        |_| {
            Err(format!(
                "Port {port} is in use, perhaps by an earlier demo: stop that, or choose another with `{flag} {}`.",
                port.checked_add(1000).unwrap_or(port - 1000)
            ))
        },
        |_| Ok(()),
    )
}

fn data_folder(data: &Path, fresh: bool) -> Outcome<()> {
    let mark = data.join(MARK);
    if fresh && data.exists() {
        if !mark.exists() {
            return Err(format!(
                "`{}` was not made by the demo, so `--fresh` leaves it alone: delete it by hand.",
                data.display()
            ));
        }
        std::fs::remove_dir_all(data).map_err(|e| format!("`{}` cannot be deleted: {e}.", data.display()))?;
    }
    let new = !data.exists();
    make_dir(data)?;
    if new {
        write(&mark, b"Made by `cargo xtask demo`.\n")?;
    }
    Ok(())
}

/// A model from the shop's generated log, made anew when they, the feed
/// or the trainer changed.
fn train(shop: &Workshop, data: &Path) -> Outcome<PathBuf> {
    let model = data.join("demo.model");
    let mut print = Fingerprint::of("demo model");
    print.add_path(&shop.root.join("www/shop"));
    print.add_path(&shop.vitrine());
    print.add(data.to_string_lossy().as_bytes());
    let stamp = Stamp::new(shop, "model", print);
    if stamp.fresh(std::slice::from_ref(&model)) {
        return Ok(model);
    }
    progress("demo model from the events of 3,000 generated visitors", || {
        let events = shop.target.join("xtask/events.jsonl");
        let feed = shop.target.join("xtask/feed.tsv");
        let said = quiet(shop.line("node www/shop/sessions.mjs --seed 1 --visitors 3000"))?;
        write(&events, said.as_bytes())?;
        write(&feed, quiet(shop.line("node www/shop/feed.mjs"))?.as_bytes())?;
        let english = shop.target.join("xtask/feed.en.tsv");
        write(&english, quiet(shop.line("node www/shop/feed.mjs --lang en"))?.as_bytes())?;
        let mut train = shop.command(&shop.vitrine().to_string_lossy());
        train.arg("train").arg(&events);
        train.arg("--catalog").arg(&feed).arg("--catalog").arg(format!("en={}", english.display()));
        train.arg("-o").arg(&model);
        quiet(train)
    })?;
    stamp.keep()?;
    Ok(model)
}

fn serve(shop: &Workshop, places: &Places, model: &Path) -> Outcome<bool> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&stop))
            .map_err(|e| format!("Ctrl-C cannot be heard: {e}."))?;
    }
    let collector_at = format!("http://127.0.0.1:{}", places.collector);
    let shop_at = format!("http://127.0.0.1:{}", places.shop);

    let mut servers = Vec::new();
    servers.push(Server::start("collector", collector(shop, places, model), &stop)?);
    let key = kept_key(&places.data, servers.first().map_or("", |server| &server.ready))?;
    let mut node = shop.line("node www/shop/serve.mjs --port");
    node.arg(places.shop.to_string());
    node.args(["--collector", &collector_at]);
    servers.push(Server::start("shop", node, &stop)?);
    if let Some(port) = places.edge {
        let mut edge = shop.line("node www/edge/node.mjs --port");
        edge.arg(port.to_string());
        edge.args(["--origin", &shop_at, "--collector", &collector_at]);
        edge.args(["--site", SITE, "--pkg", "pkg"]);
        servers.push(Server::start("edge", edge, &stop)?);
    }

    println!("{}", greeting(places, key.as_deref()));
    while !stop.load(Ordering::Relaxed) {
        for server in &mut servers {
            if let Ok(Some(status)) = server.child.try_wait()
                && !stop.load(Ordering::Relaxed)
            {
                return Err(format!("The {} ended by itself ({status}).", server.name));
            }
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    eprintln!("\nStopping.");
    Ok(true)
}

fn collector(shop: &Workshop, places: &Places, model: &Path) -> Command {
    let mut command = shop.command(&shop.vitrine().to_string_lossy());
    command
        .args(["serve", "--listen"])
        .arg(format!("127.0.0.1:{}", places.collector))
        .arg("--data")
        .arg(&places.data)
        .args(["--site", &format!("{SITE}=www/shop/rules.json")])
        .arg("--model")
        .arg(model)
        .args(["--shop", &format!("http://127.0.0.1:{}/", places.shop)])
        .args(["--pkg", "pkg", "--console", "www/console"]);
    command
}

/// A child process that is stopped when this is dropped.
struct Server {
    name: &'static str,
    child: Child,
    /// The line of JSON that it said when it listened.
    ready: String,
}

impl Server {
    /// Starts it and waits until it says on stdout, in a line of JSON, that it
    /// listens. Everything else that it says goes to stderr.
    fn start(name: &'static str, mut command: Command, stop: &AtomicBool) -> Outcome<Self> {
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| format!("The {name} cannot be started: {e}."))?;
        let lines = child.stdout.take().map(lines_of);
        let mut server = Self { name, child, ready: String::new() };
        let lines = lines.ok_or_else(|| format!("The {name} has no output."))?;
        let started = Instant::now();
        while started.elapsed() < PATIENCE && !stop.load(Ordering::Relaxed) {
            match lines.recv_timeout(Duration::from_millis(100)) {
                Ok(line) if line.starts_with('{') => {
                    server.ready = line;
                    return Ok(server);
                }
                Ok(_) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(format!("The {name} ended before it listened; it says why above."));
                }
            }
        }
        Err(format!("The {name} did not say that it listens."))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Asked first, so that the collector can close its files.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let asked = Instant::now();
        while asked.elapsed() < FAREWELL {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines_of(stdout: std::process::ChildStdout) -> Receiver<String> {
    let (send, receive) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if !line.starts_with('{') {
                eprintln!("{line}");
            }
            // Later lines have no listener, and must be read all the same.
            let _ = send.send(line);
        }
    });
    receive
}

fn greeting(places: &Places, key: Option<&str>) -> String {
    let at = |port: u16, path: &str| format!("http://127.0.0.1:{port}{path}");
    let mut lines =
        vec![("Shop", at(places.shop, "/")), ("", format!("{} (English)", at(places.shop, "/en/")))];
    if let Some(port) = places.edge {
        lines.push(("At the edge", at(port, "/")));
    }
    lines.push(("Console", at(places.collector, "/console/")));
    match key {
        Some(key) => {
            lines.push(("Owner key", key.to_owned()));
            lines.push(("", format!("made at the first start, kept for the demo in {KEY_FILE}")));
        }
        None => lines.push(("Owner key", "not kept; --fresh starts over with a new one".to_owned())),
    }
    lines.push(("Data", places.data.display().to_string()));
    lines.push(("", "Ctrl-C stops everything.".to_owned()));
    boxed(&lines)
}

fn boxed(lines: &[(&str, String)]) -> String {
    let width = lines.iter().map(|(_, v)| v.chars().count()).max().unwrap_or(0);
    let rule = "─".repeat(width + 16);
    let mut text = format!("\n┌{rule}┐\n");
    for (name, value) in lines {
        let pad = " ".repeat(width - value.chars().count().min(width));
        text.push_str(&format!("│ {name:<12} {value}{pad}  │\n"));
    }
    text.push_str(&format!("└{rule}┘"));
    text
}

/// The owner's key: the collector says it once, at its first start, and keeps
/// only a hash. The demo keeps it in its data folder, for its owner's eyes; a
/// real site's operator keeps it elsewhere.
fn kept_key(data: &Path, ready: &str) -> Outcome<Option<String>> {
    let file = data.join(KEY_FILE);
    let Some(key) = owner_key(ready) else {
        return Ok(std::fs::read_to_string(file).ok());
    };
    let wrong = |e: std::io::Error| format!("`{}` cannot be written: {e}.", file.display());
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut place = options.open(&file).map_err(wrong)?;
    place.write_all(key.as_bytes()).map_err(wrong)?;
    Ok(Some(key))
}

/// The owner's key in a collector's line, wherever it stands: it is made at the
/// first start only, and begins with the role that it is for.
fn owner_key(ready: &str) -> Option<String> {
    let (_, rest) = ready.split_once(KEY)?;
    let digits: String = rest.chars().take_while(char::is_ascii_hexdigit).collect();
    (!digits.is_empty()).then(|| format!("{KEY}{digits}"))
}

fn absolute(path: String) -> PathBuf {
    std::path::absolute(&path).unwrap_or_else(|_| PathBuf::from(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_key_is_found_only_where_there_is_one() {
        let line = r#"{"listen":"x","new_keys":[{"site":"demo","key":"vitrine-owner-0af9"}]}"#;
        assert_eq!(owner_key(line).as_deref(), Some("vitrine-owner-0af9"));
        assert_eq!(owner_key(r#"{"listen":"x","new_keys":[]}"#), None);
    }

    #[test]
    fn the_owner_key_of_the_first_start_is_there_at_the_second() {
        let dir = std::env::temp_dir().join(format!("vitrine-key-{}", std::process::id()));
        make_dir(&dir).unwrap();
        assert_eq!(kept_key(&dir, "{}"), Ok(None));
        let key = Some("vitrine-owner-77".to_owned());
        assert_eq!(kept_key(&dir, "{\"key\":\"vitrine-owner-77\"}"), Ok(key.clone()));
        assert_eq!(kept_key(&dir, "{}"), Ok(key));
        std::fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn the_box_is_as_wide_as_its_longest_line() {
        let text = boxed(&[("Shop", "가나".to_owned()), ("", "abcdef".to_owned())]);
        let widths: Vec<usize> = text.trim().lines().map(|l| l.chars().count()).collect();
        assert!(widths.iter().all(|w| *w == widths[0]), "{text}");
    }

    #[test]
    fn a_taken_port_is_a_sentence_that_helps() {
        let held = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = held.local_addr().unwrap().port();
        let sentence = free(port, "--port").unwrap_err();
        assert!(sentence.contains(&format!("Port {port} is in use")), "{sentence}");
    }

    #[test]
    fn fresh_deletes_only_what_the_demo_made() {
        let dir = std::env::temp_dir().join(format!("vitrine-data-{}", std::process::id()));
        make_dir(&dir).unwrap();
        write(&dir.join("precious"), b"x").unwrap();
        assert!(data_folder(&dir, true).is_err());
        assert!(dir.join("precious").exists());
        std::fs::remove_dir_all(&dir).unwrap();
        data_folder(&dir, false).unwrap();
        write(&dir.join("counts"), b"x").unwrap();
        data_folder(&dir, true).unwrap();
        assert!(!dir.join("counts").exists());
        std::fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn a_server_that_ends_at_once_or_says_where_it_listens() {
        let stop = AtomicBool::new(false);
        let sh = |script: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            command
        };
        let ended = Server::start("shop", sh("echo no port; exit 2"), &stop);
        assert!(ended.is_err_and(|e| e.contains("ended before it listened")));
        let server = Server::start("shop", sh("echo '{\"shop\":\"x\"}'; exec sleep 60"), &stop);
        let server = server.map_err(|e| e.to_string()).unwrap();
        let pid = server.child.id();
        assert_eq!(server.ready, "{\"shop\":\"x\"}");
        drop(server);
        assert!(!Path::new(&format!("/proc/{pid}")).exists());
    }
}
