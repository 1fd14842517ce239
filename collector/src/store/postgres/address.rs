//! Where a database is, and whether the way to it is encrypted. Never shows a
//! password, and never falls back from an encrypted way to an open one.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::config::{Host, SslMode};

/// How long a connection may take to be made.
const CONNECTING: Duration = Duration::from_secs(3);
/// How long a connection may be silent before the other end is asked whether it
/// is still there.
const SILENCE: Duration = Duration::from_secs(30);
/// What begins an address.
const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];

/// What is said of an address whose password may have ended too early.
const TOO_MANY: &str = "the database's address has an `@` or a `?` too many: in a user or a password write them as `%40` and `%3F`";

/// The address of a PostgreSQL database.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    pub(super) config: tokio_postgres::Config,
    pub(super) way: Way,
    shown: String,
}

/// How what is sent is kept from others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// Not at all: on this machine, or where the operator says so.
    Open,
    /// Encrypted; who answers is not asked.
    Encrypted,
    /// Encrypted, and only to whom a certificate names: one that the system
    /// trusts, or the file.
    Verified(Option<PathBuf>),
}

impl Address {
    /// Reads `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=…`; where it
    /// has no password, `PGPASSWORD` is taken.
    ///
    /// # Errors
    /// A sentence, in which nothing of the password stands.
    pub fn parse(text: &str) -> Result<Address, String> {
        if !SCHEMES.iter().any(|scheme| text.starts_with(scheme)) {
            return Err("the database's address does not begin with `postgres://`".into());
        }
        let (plain, ssl) = without_ssl(text);
        let mut config: tokio_postgres::Config =
            plain.parse().map_err(|e: tokio_postgres::Error| unreadable(text, &e))?;
        let database = config.get_dbname().unwrap_or_default().to_owned();
        let hosts: Vec<String> = config.get_hosts().iter().map(host).collect();
        if hosts.is_empty() {
            return Err("the database's address names no host".into());
        }
        if database.is_empty() {
            return Err("the database's address names no database: `postgres://USER@HOST/DATABASE`".into());
        }
        if hosts.iter().chain([&database]).any(|part| part.contains('@')) {
            return Err(TOO_MANY.into());
        }
        if config.get_password().is_none()
            && let Ok(password) = std::env::var("PGPASSWORD")
        {
            config.password(password);
        }
        // An address beside a name is where the connection goes.
        let is_here = config.get_hosts().iter().all(is_here)
            && config.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback);
        let way = way(&ssl, is_here)?;
        if way != Way::Open && config.get_hosts().iter().any(is_socket) {
            return Err(
                "the database's address: a socket of this machine is not encrypted; leave `sslmode` out"
                    .into(),
            );
        }
        config.ssl_mode(if way == Way::Open { SslMode::Disable } else { SslMode::Require });
        config.connect_timeout(CONNECTING).keepalives_idle(SILENCE).application_name("vitrine");
        Ok(Address { config, way, shown: format!("{}/{database}", hosts.join(",")) })
    }
}

/// For people: host and database.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// As for people, since the rest holds a password.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.shown)
    }
}

/// What an address says of encryption.
#[derive(Debug, Default)]
struct Ssl {
    mode: Option<String>,
    certificate: Option<PathBuf>,
}

/// The address without what it says of encryption, which the client reads otherwise.
fn without_ssl(text: &str) -> (String, Ssl) {
    // A password may hold what begins a query, and ends at the `@`.
    let host = text.rfind('@').unwrap_or_default();
    let query = text.get(host..).and_then(|rest| rest.find('?')).map_or(text.len(), |at| host + at);
    let (before, query) = text.split_at_checked(query).unwrap_or((text, ""));
    let query = query.trim_start_matches('?');
    let (mut kept, mut ssl) = (Vec::new(), Ssl::default());
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sslmode", mode)) => ssl.mode = Some(mode.into()),
            Some(("sslrootcert", file)) => ssl.certificate = Some(file.replace("%2F", "/").into()),
            _ => kept.push(pair),
        }
    }
    let mark = if kept.is_empty() { "" } else { "?" };
    (format!("{before}{mark}{}", kept.join("&")), ssl)
}

fn way(ssl: &Ssl, is_here: bool) -> Result<Way, String> {
    let refuse = |reason: &str| Err(format!("the database's address: {reason}"));
    match (ssl.mode.as_deref(), &ssl.certificate) {
        (None, None) if is_here => Ok(Way::Open),
        (Some("disable"), None) => Ok(Way::Open),
        (Some("require"), None) => Ok(Way::Encrypted),
        (None | Some("verify-full"), certificate) => Ok(Way::Verified(certificate.clone())),
        (Some("disable" | "require"), Some(_)) => {
            refuse("a certificate is looked at with `sslmode=verify-full` only")
        }
        (Some(mode @ ("prefer" | "allow")), _) => refuse(&format!(
            "`sslmode={mode}` may end unencrypted without a word; say `verify-full`, `require` (whoever answers) or `disable`"
        )),
        (Some("verify-ca"), _) => {
            refuse("`sslmode=verify-ca` takes any host's certificate; say `verify-full`")
        }
        (Some(_), _) => refuse("`sslmode` is none of `disable`, `require`, `verify-full`"),
    }
}

fn host(host: &Host) -> String {
    match host {
        Host::Tcp(name) => name.clone(),
        #[cfg(unix)]
        Host::Unix(folder) => folder.display().to_string(),
    }
}

/// Whether nothing leaves this machine on the way.
fn is_here(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

fn is_socket(host: &Host) -> bool {
    !matches!(host, Host::Tcp(_))
}

/// The client's reason, which names an option and never its value; and no option
/// that may be the rest of a password.
fn unreadable(text: &str, error: &tokio_postgres::Error) -> String {
    if text.split_once('?').is_some_and(|(_, options)| options.contains('@')) {
        return TOO_MANY.into();
    }
    let reason = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    format!("the database's address cannot be read: {reason}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_its_password_is_never_shown() {
        let address = Address::parse("postgres://me:s3cret@db.example:5433/shop").unwrap();
        assert_eq!(address.to_string(), "db.example/shop");
        assert!(!format!("{address:?}").contains("s3cret"));
        let odd = Address::parse("postgres://me:12/s3?sslmode=x&r%40et@h/d?sslmode=disable").unwrap();
        assert_eq!((odd.config.get_password(), odd.way), (Some(&b"12/s3?sslmode=x&r@et"[..]), Way::Open));
        for wrong in [
            "mysql://me:s3cret@h/d",
            "postgres://me:s3cret@h",
            "postgres://me:s3cret@/d",
            "postgres://me:p@s3cret@h/d",
            "postgres://me:p@x?s3cret=1@h/d",
            "postgres://me:p@x?s3cret@h/d",
            "postgres://me:s3cret@h:port/d",
            "postgres://me:s3cret@h/d?unknown=1",
            "postgres://me:s3cret@h/d?sslmode=prefer",
        ] {
            let sentence = Address::parse(wrong).unwrap_err();
            assert!(!sentence.contains("s3cret"), "{sentence}");
        }
    }

    #[test]
    fn only_what_stays_on_this_machine_is_open_unless_the_operator_says_so() {
        let way = |rest: &str| Address::parse(&format!("postgres://me@{rest}")).map(|address| address.way);
        assert_eq!(way("127.0.0.1/d"), Ok(Way::Open));
        assert_eq!(way("localhost:5433/d"), Ok(Way::Open));
        assert_eq!(way("%2Frun%2Fpostgresql/d"), Ok(Way::Open));
        assert_eq!(way("localhost/d?sslmode=verify-full"), Ok(Way::Verified(None)));
        assert_eq!(way("localhost/d?hostaddr=127.0.0.1"), Ok(Way::Open));
        assert_eq!(way("localhost/d?hostaddr=192.0.2.1"), Ok(Way::Verified(None)));
        assert_eq!(way("db.example/d"), Ok(Way::Verified(None)));
        assert_eq!(way("db.example,127.0.0.1/d"), Ok(Way::Verified(None)));
        assert_eq!(
            way("db.example/d?sslrootcert=/etc/ca.pem"),
            Ok(Way::Verified(Some("/etc/ca.pem".into())))
        );
        assert_eq!(way("db.example/d?sslmode=require&application_name=x"), Ok(Way::Encrypted));
        assert_eq!(way("db.example/d?sslmode=disable"), Ok(Way::Open));
        for (mode, says) in [
            ("prefer", "without a word"),
            ("allow", "without a word"),
            ("verify-ca", "say `verify-full`"),
            ("maybe", "none of"),
            ("require&sslrootcert=ca.pem", "verify-full"),
        ] {
            let sentence = way(&format!("db.example/d?sslmode={mode}")).unwrap_err();
            assert!(sentence.contains(says), "{sentence}");
        }
        assert!(way("%2Frun%2Fpostgresql/d?sslmode=require").unwrap_err().contains("leave `sslmode` out"));
    }
}
