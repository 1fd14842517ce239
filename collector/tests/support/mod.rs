//! A collector in this process, and a client of a few lines. Never retries:
//! what a test sees is what came.
//!
//! With `VITRINE_TEST_STORE=postgres` every test's collectors keep everything in
//! a PostgreSQL of the test's own (`cargo xtask test --only postgres`).
#![allow(dead_code, reason = "every test file uses its own part")]

pub mod postgres;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use postgres::Postgres;
use rusqlite::types::Value as Cell;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use vitrine_collector::{Config, Place, Running, SiteConfig, start};
use vitrine_engine::report::uuid7;
use vitrine_engine::time::{DAY, Millis, date};

pub const RULES: &str = include_str!("../data/rules.json");

static COUNTER: AtomicU64 = AtomicU64::new(0);

/// A folder that goes with the test, and the test's own PostgreSQL where it is
/// asked for.
pub struct Folder(pub PathBuf, pub Option<Postgres>);

impl Folder {
    pub fn new() -> Folder {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let name = format!("vitrine-collector-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        let postgres = is_postgres().then(|| Postgres::start(&path));
        Folder(path, postgres)
    }

    /// One with PostgreSQL, whatever the others have.
    pub fn with_postgres() -> Folder {
        let mut folder = Folder::new();
        if folder.1.is_none() {
            folder.1 = Some(Postgres::start(&folder.0));
        }
        folder
    }

    /// The words of the command line for where everything is kept.
    pub fn words(&self) -> [String; 2] {
        match &self.1 {
            Some(postgres) => ["--database".into(), postgres.url()],
            None => ["--data".into(), self.0.join("data").display().to_string()],
        }
    }

    /// The rows of some SQL in what is kept, as texts.
    pub fn ask(&self, sql: &str) -> Vec<Vec<String>> {
        if let Some(postgres) = &self.1 {
            return postgres.ask(sql).unwrap();
        }
        let db = rusqlite::Connection::open(data(self)).unwrap();
        let mut statement = db.prepare(sql).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        let mut found = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            let cell = |at: usize| match row.get(at).unwrap() {
                Cell::Integer(number) => number.to_string(),
                Cell::Text(text) => text,
                other => panic!("{other:?}"),
            };
            found.push((0..columns).map(cell).collect());
        }
        found
    }

    /// What comes while somebody else holds what is kept.
    pub fn while_locked<T>(&self, work: impl FnOnce() -> T) -> T {
        let Some(postgres) = &self.1 else {
            let other = rusqlite::Connection::open(data(self)).unwrap();
            other.execute_batch("BEGIN EXCLUSIVE").unwrap();
            return work();
        };
        let (held, is_held) = std::sync::mpsc::channel();
        let (done, is_done) = std::sync::mpsc::channel::<()>();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                postgres.with_client(async |client| {
                    client.batch_execute("BEGIN; SELECT * FROM sites FOR UPDATE").await.unwrap();
                    held.send(()).unwrap();
                    let _ = is_done.recv();
                });
            });
            is_held.recv().unwrap();
            let found = work();
            drop(done);
            found
        })
    }

    /// The one number of some SQL.
    pub fn number(&self, sql: &str) -> i64 {
        self.ask(sql)[0][0].parse().unwrap()
    }

    /// Changes what is kept, by hand; `blob(HEX)` stands for bytes.
    pub fn change(&self, sql: &str) {
        let (before, after) = if self.1.is_some() { (r"'\x", "'::bytea") } else { ("x'", "'") };
        let mut said = String::new();
        let mut rest = sql;
        while let Some((left, right)) = rest.split_once("blob(") {
            let (hex, right) = right.split_once(')').unwrap();
            said += &format!("{left}{before}{hex}{after}");
            rest = right;
        }
        said += rest;
        match &self.1 {
            Some(postgres) => drop(postgres.ask(&said).unwrap()),
            None => rusqlite::Connection::open(data(self)).unwrap().execute_batch(&said).unwrap(),
        }
    }

    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

/// Whether the tests' collectors keep everything in PostgreSQL.
pub fn is_postgres() -> bool {
    std::env::var("VITRINE_TEST_STORE").is_ok_and(|store| store == "postgres")
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.1 = None;
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A running collector with the site `demo`.
pub struct Collector {
    runtime: Runtime,
    running: Option<Running>,
    pub addr: SocketAddr,
    pub internal: SocketAddr,
    pub key: String,
    pub notes: Vec<String>,
}

impl Collector {
    pub fn start(folder: &Folder) -> Collector {
        let rules = folder.file("rules.json", RULES);
        Collector::with(config(folder, Some(rules)), String::new())
    }

    /// Starts again on what another one left, with that one's key.
    pub fn with(config: Config, key: String) -> Collector {
        let runtime = Runtime::new().unwrap();
        let running = runtime.block_on(start(config)).unwrap();
        Collector {
            addr: running.addr,
            internal: running.internal.unwrap(),
            key: running.new_keys.first().map_or(key, |new| new.key.clone()),
            notes: running.notes.clone(),
            runtime,
            running: Some(running),
        }
    }

    pub fn stop(mut self) -> String {
        let running = self.running.take().unwrap();
        self.runtime.block_on(running.shutdown());
        self.key.clone()
    }

    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        Client::new(self.addr).send(method, path, headers, body.as_bytes())
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "")
    }

    /// With the owner's key.
    pub fn own(&self, method: &str, path: &str, body: &str) -> Answer {
        let bearer = format!("Bearer {}", self.key);
        self.send(method, path, &[("authorization", &bearer)], body)
    }

    pub fn report(&self, body: &str) -> Answer {
        self.send("POST", "/v1/demo/reports", &[("content-type", "text/plain")], body)
    }

    /// One arm's results.
    pub fn arm(&self, campaign: &str, message: &str) -> Value {
        let results = self.own("GET", "/v1/demo/results", "").json();
        let campaigns = results["campaigns"].as_array().unwrap();
        let found = campaigns.iter().find(|c| c["campaign"] == campaign).unwrap();
        let messages = found["messages"].as_array().unwrap();
        messages.iter().find(|m| m["message"] == message).unwrap().clone()
    }

    pub fn odds(&self) -> Value {
        let json = [("accept", "application/json")];
        self.send("GET", "/v1/demo/odds", &json, "").json()
    }
}

pub fn config(folder: &Folder, rules: Option<PathBuf>) -> Config {
    Config {
        internal: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
        sites: vec![SiteConfig { name: Some("demo".into()), rules, ..SiteConfig::default() }],
        odds_interval: Duration::from_millis(100),
        ..Config::new(place(folder))
    }
}

/// One connection that is kept.
pub struct Client {
    stream: BufReader<TcpStream>,
}

pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    /// The sentence of a problem document, which this has to be.
    pub fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        let document = self.json();
        assert_eq!(document["status"], self.status);
        assert!(document["type"].as_str().unwrap().starts_with("urn:vitrine:"));
        document["detail"].as_str().unwrap().into()
    }
}

impl Client {
    pub fn new(addr: SocketAddr) -> Client {
        let stream = TcpStream::connect(addr).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream.set_nodelay(true).unwrap();
        Client { stream: BufReader::new(stream) }
    }

    pub fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.try_send(method, path, headers, body).unwrap()
    }

    /// An error where the connection breaks off.
    pub fn try_send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> std::io::Result<Answer> {
        let mut head =
            format!("{method} {path} HTTP/1.1\r\nhost: test\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let mut request = head.into_bytes();
        request.extend(body);
        self.stream.get_mut().write_all(&request)?;
        self.read(method == "HEAD")
    }

    fn read(&mut self, is_head: bool) -> std::io::Result<Answer> {
        let line = self.line()?;
        let status = line.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.ok_or(std::io::ErrorKind::UnexpectedEof)?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(": ") else {
                break;
            };
            headers.push((name.to_ascii_lowercase(), value.to_string()));
        }
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length = length.map_or(0, |(_, length)| length.parse().unwrap());
        let mut body = vec![0; if is_head { 0 } else { length }];
        self.stream.read_exact(&mut body)?;
        Ok(Answer { status, headers, body })
    }

    pub fn line(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_string())
    }

    /// Sends a request and leaves its answer to be read by lines.
    pub fn open(&mut self, request: &str) {
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
    }
}

pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64
}

/// A fresh id made at a moment.
pub fn id_at(at: u64) -> String {
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    uuid7(Millis(at), (u64::from(std::process::id()), number))
}

pub fn today() -> String {
    date((now() / DAY) as u32)
}

/// A good report; each test changes what it is about.
pub fn report(message: &str, converted: bool) -> Value {
    json!({
        "id": id_at(now()), "campaign": "nudge", "plan": "0123456789abcdef",
        "counts": [{
            "message": message, "leaf": "else", "stream": "random", "epoch": 0, "day": today(),
            "visitors": 1, "converters": u8::from(converted),
            "revenue": if converted { "129000" } else { "0" },
            "revenue2": if converted { "16641000000" } else { "0" },
            "due": 2, "shown": 2, "clicked": 1, "dismissed": 0
        }]
    })
}

/// Where the collectors of a folder keep everything.
pub fn place(folder: &Folder) -> Place {
    match &folder.1 {
        Some(postgres) => postgres.address().into(),
        None => folder.0.join("data").into(),
    }
}

pub fn data(folder: &Folder) -> PathBuf {
    Path::new(&folder.0).join("data/vitrine.db")
}

/// Waits until something holds, at most ten seconds.
pub fn wait_for(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..200 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("not within ten seconds: {what}");
}
