//! A PostgreSQL of one test's own: in a folder, on a socket, ended with the
//! test. Never the system's own, and never on a network.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use vitrine_collector::Address;

/// Whom PostgreSQL runs as where the tests run as root, which it refuses.
const USER: &str = "postgres";

/// A running cluster with an empty database.
pub struct Postgres {
    folder: PathBuf,
    server: Option<Child>,
    /// Where it listens beside its socket.
    port: Option<u16>,
}

impl Postgres {
    /// Makes a cluster in a folder, and starts it.
    pub fn start(folder: &Path) -> Postgres {
        let folder = folder.join("postgres");
        std::fs::create_dir_all(&folder).unwrap();
        let made = MADE.get_or_init(make);
        run(Command::new("cp").arg("-r").arg(made).arg(folder.join("data")));
        own(&folder);
        let mut postgres = Postgres { folder, server: None, port: None };
        postgres.run();
        postgres
    }

    /// Starts the cluster, and waits until it answers: one that was killed has to
    /// be gone to its last process.
    pub fn run(&mut self) {
        super::wait_for("PostgreSQL answers", || {
            let is_gone = self.server.as_mut().is_none_or(|server| server.try_wait().unwrap().is_some());
            if is_gone {
                self.server = Some(self.server());
            }
            self.ask("SELECT 1").is_ok()
        });
    }

    fn server(&self) -> Child {
        let mut server = program("postgres");
        server.arg("-D").arg(self.folder.join("data")).arg("-k").arg(&self.folder);
        // A killed process loses nothing that the system was given; only a power cut would.
        server.args(["-c", "max_connections=40", "-c", "fsync=off"]);
        match self.port {
            None => server.args(["-c", "listen_addresses="]),
            Some(port) => {
                let is_encrypted = self.folder.join("data/server.crt").exists();
                server.args(["-c", if is_encrypted { "ssl=on" } else { "ssl=off" }]);
                server.args(["-c", "listen_addresses=127.0.0.1", "-c", &format!("port={port}")])
            }
        };
        server.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Starts it anew, such that it listens on a port, to whoever has the
    /// password; gives the port.
    pub fn listen(&mut self, password: &str) -> u16 {
        self.ask(&format!("ALTER ROLE vitrine PASSWORD '{password}'")).unwrap();
        self.kill();
        let rules = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
        std::fs::write(self.folder.join("data/pg_hba.conf"), rules).unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        self.port = Some(port);
        self.run();
        port
    }

    /// Starts it anew, such that it listens to who encrypts alone; gives who made
    /// its certificate.
    pub fn encrypt(&mut self) -> PathBuf {
        self.kill();
        let at = |name: &str| self.folder.join(name);
        let (maker, made) = (at("maker.pem"), at("data/server.crt"));
        let (key, secret) = (at("maker.key"), at("data/server.key"));
        let new = |words: &str, files: [(&str, &PathBuf); 2]| {
            let mut openssl = Command::new("openssl");
            openssl.args("req -x509 -newkey rsa:2048 -nodes -days 2".split(' ')).args(words.split(' '));
            for (option, file) in files {
                openssl.arg(option).arg(file);
            }
            openssl
        };
        run(&mut new("-subj /CN=maker", [("-keyout", &key), ("-out", &maker)]));
        let mut server =
            new("-subj /CN=db -addext subjectAltName=DNS:localhost", [("-keyout", &secret), ("-out", &made)]);
        run(server
            .args(["-addext", "basicConstraints=critical,CA:false"])
            .arg("-CA")
            .arg(&maker)
            .arg("-CAkey")
            .arg(&key));
        let rules = "local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n";
        std::fs::write(at("data/pg_hba.conf"), rules).unwrap();
        own(&self.folder);
        self.run();
        maker
    }

    /// SIGKILL to all of it: nothing is flushed, nobody is told.
    pub fn kill(&mut self) {
        let mut server = self.server.take().unwrap();
        let children = format!("/proc/{0}/task/{0}/children", server.id());
        let children = std::fs::read_to_string(children).unwrap_or_default();
        server.kill().unwrap();
        for child in children.split_whitespace() {
            let _ = Command::new("kill").args(["-KILL", child]).stderr(Stdio::null()).status();
        }
        server.wait().unwrap();
    }

    /// The address of its database.
    pub fn url(&self) -> String {
        let port = self.port.map_or(String::new(), |port| format!(":{port}"));
        format!("postgres://vitrine@{}{port}/postgres", self.folder.display().to_string().replace('/', "%2F"))
    }

    pub fn address(&self) -> Address {
        Address::parse(&self.url()).unwrap()
    }

    /// Does something with a connection.
    pub fn with_client<T>(&self, work: impl AsyncFnOnce(&tokio_postgres::Client) -> T) -> T {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        runtime.unwrap().block_on(async {
            let made = tokio_postgres::connect(&self.url(), tokio_postgres::NoTls).await;
            let (client, connection) = made.unwrap();
            let _answers = tokio::spawn(connection);
            work(&client).await
        })
    }

    /// The rows of some SQL, as texts.
    pub fn ask(&self, sql: &str) -> Result<Vec<Vec<String>>, tokio_postgres::Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&self.url(), tokio_postgres::NoTls).await?;
            let _answers = tokio::spawn(connection);
            let mut rows = Vec::new();
            for message in client.simple_query(sql).await? {
                if let tokio_postgres::SimpleQueryMessage::Row(row) = message {
                    rows.push((0..row.len()).map(|at| row.get(at).unwrap_or_default().into()).collect());
                }
            }
            Ok(rows)
        })
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        // Quits at once, and clears what it shared.
        let _ = Command::new("kill").args(["-QUIT", &server.id().to_string()]).status();
        for _ in 0..200 {
            if server.try_wait().is_ok_and(|status| status.is_some()) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = server.kill();
        let _ = server.wait();
    }
}

/// An empty cluster, of which every test's is a copy: made once a target folder.
static MADE: OnceLock<PathBuf> = OnceLock::new();

fn make() -> PathBuf {
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("postgres");
    if !kept.exists() {
        let folder = std::env::temp_dir().join(format!("vitrine-postgres-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        own(&folder);
        let mut make = program("initdb");
        make.args(["--no-sync", "--auth=trust", "--username=vitrine", "--locale=C", "--encoding=UTF8", "-D"]);
        run(make.arg(folder.join("data")));
        let beside = kept.with_extension("part");
        let _ = std::fs::remove_dir_all(&beside);
        run(Command::new("cp").arg("-r").arg(folder.join("data")).arg(&beside));
        std::fs::rename(beside, &kept).unwrap();
        std::fs::remove_dir_all(folder).unwrap();
    }
    kept
}

/// Gives a folder to whom PostgreSQL runs as.
fn own(folder: &Path) {
    if is_root() {
        run(Command::new("chown").arg("-R").arg(USER).arg(folder));
    }
    run(Command::new("chmod").args(["-R", "u=rwX,go="]).arg(folder));
}

fn run(command: &mut Command) {
    let done = command.stdin(Stdio::null()).output().unwrap_or_else(|e| {
        panic!("{command:?}: {e}; PostgreSQL is installed by `cargo xtask setup --tests`")
    });
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// A program of the newest PostgreSQL here.
fn program(name: &str) -> Command {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.flatten().map(|version| version.path().join("bin").join(name)).collect())
        .unwrap_or_default();
    found.retain(|program| program.exists());
    found.sort();
    let program = found.pop().unwrap_or_else(|| name.into());
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", USER, "--regid", USER, "--init-groups"]).arg(program);
    command
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}
