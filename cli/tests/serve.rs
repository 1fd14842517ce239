//! `vitrine serve` as its operator runs it, and as a power cut ends it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

#[path = "../../collector/tests/support/mod.rs"]
mod support;

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::{Client, Folder, RULES, is_postgres, report};

fn command(args: &[&str], folder: &Folder) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vitrine"));
    command.args(args).args(folder.words());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A collector in a process of its own, ended the hard way if a test fails.
struct Process {
    child: Child,
    ready: Value,
}

impl Process {
    fn start(folder: &Folder) -> Process {
        let rules = folder.0.join("rules.json");
        let mut command = command(&["serve", "--listen", "127.0.0.1:0", "--site", "demo"], folder);
        command.arg("--rules").arg(rules).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready = serde_json::from_str(&line).unwrap();
        Process { child, ready }
    }

    fn addr(&self) -> SocketAddr {
        let listening = self.ready["listening"].as_str().unwrap();
        listening.strip_prefix("http://").unwrap().parse().unwrap()
    }

    /// SIGKILL: no handler runs, no buffer is flushed.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn totals(&self, key: &str) -> Books {
        let bearer = format!("Bearer {key}");
        let headers = [("authorization", bearer.as_str())];
        let answer = Client::new(self.addr()).send("GET", "/v1/demo/results", &headers, b"");
        let results = answer.json();
        let mut books = Books::default();
        for arm in results["campaigns"][0]["messages"].as_array().unwrap() {
            books.visitors += arm["visitors"].as_u64().unwrap();
            books.converters += arm["converters"].as_u64().unwrap();
            books.clicked += arm["clicked"].as_u64().unwrap();
            books.revenue += arm["revenue"].as_str().unwrap().parse::<u128>().unwrap();
        }
        books
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Debug, Default, PartialEq)]
struct Books {
    visitors: u64,
    converters: u64,
    clicked: u64,
    revenue: u128,
}

/// Sends everything over eight connections; gives the indices answered by 204
/// before the collector went away.
fn send_all(addr: SocketAddr, bodies: &[String], answered: &AtomicUsize) -> Vec<usize> {
    let acknowledged = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for sender in 0..8 {
            let acknowledged = &acknowledged;
            scope.spawn(move || {
                let mut client = Client::new(addr);
                for (at, body) in bodies.iter().enumerate().skip(sender).step_by(8) {
                    let path = "/v1/demo/reports";
                    match client.try_send("POST", path, &[], body.as_bytes()) {
                        Ok(answer) => assert_eq!(answer.status, 204),
                        Err(_) => return,
                    }
                    acknowledged.lock().unwrap().push(at);
                    answered.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
    });
    acknowledged.into_inner().unwrap()
}

#[test]
fn the_books_balance_although_the_collector_is_killed_twice() {
    let folder = Folder::new();
    folder.file("rules.json", RULES);
    let bodies: Vec<String> = (0..4_800usize)
        .map(|at| {
            let message = ["gentle", "discount", "loud"][at % 3];
            report(message, at % 5 == 0).to_string()
        })
        .collect();
    let mut key = String::new();
    for round in 1..=2 {
        let process = Process::start(&folder);
        if round == 1 {
            key = process.ready["owner_key"].as_str().unwrap().into();
        } else {
            assert!(process.ready.get("owner_key").is_none(), "the key is shown once");
        }
        let (addr, answered) = (process.addr(), AtomicUsize::new(0));
        let acknowledged = std::thread::scope(|scope| {
            let sending = scope.spawn(|| send_all(addr, &bodies, &answered));
            while answered.load(Ordering::SeqCst) < 500 * round {
                std::thread::sleep(Duration::from_millis(1));
            }
            process.kill();
            sending.join().unwrap()
        });
        assert!(acknowledged.len() < bodies.len(), "it was killed in the middle");
        let again = Process::start(&folder);
        let kept = again.totals(&key).visitors as usize;
        assert!(kept >= acknowledged.len(), "{kept} kept, {} acknowledged", acknowledged.len());
        again.kill();
    }
    let process = Process::start(&folder);
    for _ in 0..2 {
        let all = send_all(process.addr(), &bodies, &AtomicUsize::new(0));
        assert_eq!(all.len(), bodies.len());
    }
    let wanted = Books { visitors: 4_800, converters: 960, clicked: 4_800, revenue: 960 * 129_000 };
    assert_eq!(process.totals(&key), wanted);
}

fn output(mut command: Command) -> Output {
    let mut child = command.spawn().unwrap();
    let began = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if began.elapsed() > Duration::from_secs(20) {
            child.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    child.wait_with_output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_wrong_rules_file_is_told_by_file_line_and_column() {
    let folder = Folder::new();
    let broken = RULES.replace("\"slot\": \"bottom\"", "\"slot\": \"botom\"");
    let path = folder.file("broken.json", &broken);
    let start = |path: &Path| {
        let path = path.to_str().unwrap();
        output(command(&["serve", "--listen", "127.0.0.1:0", "--rules", path], &folder))
    };
    let refused = start(&path);
    assert_eq!(refused.status.code(), Some(1));
    assert!(refused.stdout.is_empty(), "no key was made");
    let sentence = format!("{}:7:", path.display());
    assert!(stderr(&refused).contains(&sentence), "{}", stderr(&refused));
    let latin = folder.0.join("latin.json");
    std::fs::write(&latin, b"{\"site\": \"caf\xe9\"}").unwrap();
    let refused = start(&latin);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("latin.json:1:14"), "{}", stderr(&refused));
    let missing = start(Path::new("/nowhere/rules.json"));
    assert_eq!(missing.status.code(), Some(2));
    assert!(stderr(&missing).contains("cannot read `/nowhere/rules.json`"));
}

#[test]
fn what_cannot_be_used_ends_with_2_and_a_sentence() {
    let folder = Folder::new();
    folder.file("rules.json", RULES);
    let process = Process::start(&folder);
    if !is_postgres() {
        let again = output(command(&["serve", "--listen", "127.0.0.1:0"], &folder));
        assert_eq!(again.status.code(), Some(2));
        assert!(stderr(&again).contains("another collector runs"), "{}", stderr(&again));
    }
    let odd = output(command(&["serve", "--listen", "127.0.0.1:0", "--site", "a/b"], &Folder::new()));
    assert_eq!(odd.status.code(), Some(2));
    let uneven = ["serve", "--listen", "127.0.0.1:0", "--site", "a", "--site", "b", "--rules", "r.json"];
    let uneven = output(command(&uneven, &folder));
    assert_eq!(uneven.status.code(), Some(2));
    assert!(stderr(&uneven).contains("give it once for each"), "{}", stderr(&uneven));
    drop(process);
    if is_postgres() {
        folder.change("DROP TABLE counters");
        let broken = output(command(&["serve", "--listen", "127.0.0.1:0"], &folder));
        assert_eq!(broken.status.code(), Some(2));
        assert!(stderr(&broken).contains("restore it from a back-up"), "{}", stderr(&broken));
        return;
    }
    for log in ["vitrine.db-wal", "vitrine.db-shm"] {
        std::fs::remove_file(folder.0.join("data").join(log)).unwrap();
    }
    std::fs::write(folder.0.join("data/vitrine.db"), [7; 8192]).unwrap();
    let broken = output(command(&["serve", "--listen", "127.0.0.1:0"], &folder));
    assert_eq!(broken.status.code(), Some(2));
    assert!(stderr(&broken).contains("restore it from a back-up"), "{}", stderr(&broken));
}

#[test]
fn a_database_is_named_in_place_of_a_folder_and_its_password_is_never_told() {
    let run = |verb: &[&str], place: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vitrine"));
        command.args(verb).args(place).stdout(Stdio::piped()).stderr(Stdio::piped());
        let output = output(command);
        assert_eq!(output.status.code(), Some(2), "{verb:?} {place:?}: {}", stderr(&output));
        assert!(!stderr(&output).contains("s3cret"), "{}", stderr(&output));
        stderr(&output)
    };
    for verb in [
        &["serve", "--listen", "127.0.0.1:0", "--site", "demo"][..],
        &["key", "--site", "demo", "--new", "viewer"],
        &["bandit", "audit"],
    ] {
        let url = "postgres://me:s3cret@127.0.0.1:1/shop";
        assert!(run(verb, &["--database", url, "--data", "data"]).contains("cannot be used with"));
        assert!(run(verb, &[]).contains("--database"));
        assert!(run(verb, &["--database", url]).contains("the database `127.0.0.1/shop` cannot be used: "));
        assert!(run(verb, &["--database", "mysql://me:s3cret@h/d"]).contains("`postgres://`"));
        let url = "postgres://me:s3cret@127.0.0.1:1/shop?sslmode=prefer";
        assert!(run(verb, &["--database", url]).contains("unencrypted"));
    }
}

#[test]
fn what_is_not_there_is_neither_opened_nor_made() {
    let folder = Folder::new();
    let refused = |args: &[&str], folder: &Folder, says: &str| {
        let output = output(command(args, folder));
        assert_eq!(output.status.code(), Some(1), "{args:?}: {}", stderr(&output));
        assert!(output.stdout.is_empty(), "{args:?}: no key is printed");
        assert!(stderr(&output).contains(says), "{args:?}: {}", stderr(&output));
    };
    let verbs: [&[&str]; 3] = [
        &["key", "--site", "demoo", "--new", "owner"],
        &["key", "--site", "demoo", "--revoke", "viewer"],
        &["bandit", "audit", "--site", "demoo"],
    ];
    for verb in verbs {
        refused(verb, &folder, "holds no collector's data");
    }
    match &folder.1 {
        Some(_) => {
            let sql = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
            assert_eq!(folder.number(sql), 0, "no schema was made");
        }
        None => assert!(!folder.0.join("data").exists(), "no folder was made"),
    }
    // A folder of something else, with a file of that name that was never filled.
    if folder.1.is_none() {
        std::fs::create_dir(folder.0.join("data")).unwrap();
        let file = folder.file("data/vitrine.db", "");
        refused(verbs[0], &folder, "holds no collector's data");
        assert_eq!(std::fs::metadata(&file).unwrap().len(), 0);
        assert_eq!(std::fs::read_dir(folder.0.join("data")).unwrap().count(), 1);
    }

    folder.file("rules.json", RULES);
    let process = Process::start(&folder);
    for verb in verbs {
        refused(verb, &folder, "has no site `demoo`; its sites: `demo`");
    }
    assert_eq!(folder.number("SELECT count(*) FROM sites"), 1);
    assert_eq!(folder.number("SELECT count(*) FROM keys"), 1);
    drop(process);
}

#[test]
fn it_listens_on_a_host_by_its_name() {
    let folder = Folder::new();
    folder.file("rules.json", RULES);
    let rules = folder.0.join("rules.json").display().to_string();
    let words = ["serve", "--listen", "localhost:0", "--internal", "localhost:0", "--rules", &rules];
    let mut child = command(&words, &folder).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let process = Process { child, ready: serde_json::from_str(&line).unwrap() };
    assert_eq!(Client::new(process.addr()).send("GET", "/v1/demo/plan", &[], b"").status, 200);
    assert!(process.ready["internal"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    let odd = output(command(&["serve", "--listen", "localhost"], &folder));
    assert_eq!(odd.status.code(), Some(2));
    assert!(stderr(&odd).contains("`localhost` is no host and port; write it as"), "{}", stderr(&odd));
}

#[test]
fn a_lost_owners_key_is_replaced_while_the_collector_runs() {
    let folder = Folder::new();
    folder.file("rules.json", RULES);
    let process = Process::start(&folder);
    let made = output(command(&["key", "--site", "demo", "--new", "owner"], &folder));
    let key = String::from_utf8(made.stdout).unwrap();
    let publish = |key: &str| {
        let bearer = format!("Bearer {}", key.trim());
        let headers = [("authorization", bearer.as_str())];
        Client::new(process.addr()).send("PUT", "/v1/demo/rules", &headers, RULES.as_bytes())
    };
    assert_eq!(publish(&key).status, 200);
    assert_eq!(publish(process.ready["owner_key"].as_str().unwrap()).status, 401);
    let revoked = output(command(&["key", "--site", "demo", "--revoke", "owner"], &folder));
    assert_eq!(revoked.status.code(), Some(0));
    assert_eq!(publish(&key).status, 401);
}

#[test]
fn it_ends_in_order_when_asked() {
    let folder = Folder::new();
    folder.file("rules.json", RULES);
    let mut process = Process::start(&folder);
    let mut client = Client::new(process.addr());
    let body = report("gentle", true);
    assert_eq!(body["counts"][0]["visitors"], json!(1));
    assert_eq!(client.send("POST", "/v1/demo/reports", &[], body.to_string().as_bytes()).status, 204);
    let asked = Command::new("kill").arg(process.child.id().to_string()).status().unwrap();
    assert!(asked.success());
    let status = process.child.wait().unwrap();
    assert_eq!(status.code(), Some(0));
    let mut left = String::new();
    if let Some(mut out) = process.child.stdout.take() {
        out.read_to_string(&mut left).unwrap();
    }
    assert_eq!(left, "", "one line is all that programs have to read");
    let wal = folder.0.join("data/vitrine.db-wal");
    assert!(!wal.exists(), "the database was closed");
}
