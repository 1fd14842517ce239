//! One connection to a database, made anew when it is lost. Never waits for
//! long, and never says that something was done which may not have been.
//!
//! Every piece of work may be done twice: where an answer is lost nobody knows
//! whether the commit was, so each asks first what is there already.

use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::pin;
use std::time::{Duration, Instant};

use futures_core::Stream;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::time::{sleep, timeout};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, NoTls, Row, Statement};

use super::address::{Address, Way};
use super::tls::Tls;
use crate::store::{Done, Trouble};

/// How long one piece of work may take, all its statements together; the
/// database itself gives up a little earlier.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// What every connection is told: how long a statement may take, how long one
/// may wait for another's lock, and when a collector that stands still in the
/// middle of a transaction is thrown out, so that it holds up no other; and
/// that a commit is on disk before it is answered.
const MANNERS: &str = "SET statement_timeout = '9s'; SET lock_timeout = '5s';
    SET idle_in_transaction_session_timeout = '5s';
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";
/// How often a piece of work is tried: others' transactions may be in the way.
const TRIES: u32 = 6;
/// How long is waited before the second try; twice as long before each further one.
const PAUSE: Duration = Duration::from_millis(20);
/// How long taking back what was begun may take, before the connection is given up.
const ROLLING_BACK: Duration = Duration::from_secs(2);
/// How long nothing is asked of a database that could not be reached: who
/// comes in between is told at once.
const REST: Duration = Duration::from_millis(500);

/// A connection, or what makes one.
#[derive(Debug)]
pub struct Link {
    address: Address,
    tls: Option<Tls>,
    handle: Handle,
    /// Where no runtime was there.
    _own: Option<Runtime>,
    live: Option<Live>,
    /// When the database was last found away.
    away: Option<Instant>,
}

/// An open connection and the statements that it knows.
#[derive(Debug)]
pub struct Live {
    client: Client,
    known: HashMap<&'static str, Statement>,
}

/// What a statement is given.
pub type Values<'v> = &'v [&'v (dyn ToSql + Sync)];

impl Link {
    /// A way to a database; connects when it is first asked for something. On a
    /// thread that answers requests it must not be used.
    ///
    /// # Errors
    /// A sentence: the system gives no runtime, or there is nothing to trust.
    pub fn new(address: &Address) -> Result<Link, String> {
        let tls = match &address.way {
            Way::Open => None,
            way => Some(Tls::new(way)?),
        };
        let (handle, own) = match Handle::try_current() {
            Ok(handle) => (handle, None),
            Err(_) => {
                let mut builder = Builder::new_multi_thread();
                let runtime = builder.worker_threads(1).enable_all().build();
                let runtime = runtime.map_err(|e| format!("cannot start: {e}"))?;
                (runtime.handle().clone(), Some(runtime))
            }
        };
        Ok(Link { address: address.clone(), tls, handle, _own: own, live: None, away: None })
    }

    /// Does a piece of work; again, where another's transaction was in the way
    /// or the connection was lost.
    ///
    /// # Errors
    /// It was not done, or nobody knows.
    pub fn run<T>(&mut self, work: impl AsyncFn(&mut Live) -> Result<T, Error>) -> Done<T> {
        self.run_within(PATIENCE, work)
    }

    /// As `run`, with another patience.
    ///
    /// # Errors
    /// It was not done, or nobody knows.
    pub fn run_within<T>(
        &mut self,
        patience: Duration,
        work: impl AsyncFn(&mut Live) -> Result<T, Error>,
    ) -> Done<T> {
        let handle = self.handle.clone();
        handle.block_on(async {
            let (mut tried, mut pause) = (1, PAUSE);
            loop {
                match self.attempt(patience, &work).await {
                    Ok(done) => return Ok(done),
                    Err(failure) if failure.may_pass && tried < TRIES => {
                        sleep(pause).await;
                        (tried, pause) = (tried + 1, pause * 2);
                    }
                    Err(failure) => {
                        if failure.trouble.is_away {
                            self.away.get_or_insert_with(Instant::now);
                        }
                        return Err(failure.trouble);
                    }
                }
            }
        })
    }

    /// Does a long piece of work once.
    ///
    /// # Errors
    /// It was not done, or nobody knows.
    pub fn run_long<T>(
        &mut self,
        patience: Duration,
        mut work: impl AsyncFnMut(&mut Live) -> Result<T, Error>,
    ) -> Done<T> {
        let handle = self.handle.clone();
        handle.block_on(async {
            let done = match self.live().await {
                Ok(live) => timeout(patience, work(live)).await,
                Err(failure) => return Err(failure.trouble),
            };
            self.settle(done).await.map_err(|failure| failure.trouble)
        })
    }

    async fn attempt<T>(
        &mut self,
        patience: Duration,
        work: impl AsyncFn(&mut Live) -> Result<T, Error>,
    ) -> Result<T, Failure> {
        let live = self.live().await?;
        let done = timeout(patience, work(live)).await;
        self.settle(done).await
    }

    /// What became of a piece of work; whatever it left open is closed.
    async fn settle<T>(
        &mut self,
        done: Result<Result<T, Error>, tokio::time::error::Elapsed>,
    ) -> Result<T, Failure> {
        let error = match done {
            Ok(Ok(done)) => {
                self.away = None;
                return Ok(done);
            }
            Ok(Err(error)) => Some(error),
            Err(_) => None,
        };
        let Some(error) = error else {
            self.live = None;
            let text = "no answer in time".into();
            return Err(Failure { may_pass: false, trouble: Trouble { text, is_away: true } });
        };
        let is_lost = is_lost(&error);
        let is_closed = match &self.live {
            Some(live) if !is_lost => {
                let rolled_back = timeout(ROLLING_BACK, live.client.batch_execute("ROLLBACK")).await;
                !matches!(rolled_back, Ok(Ok(())))
            }
            _ => true,
        };
        if is_closed {
            self.live = None;
        }
        let may_pass = is_lost || is_in_the_way(&error);
        Err(Failure { may_pass, trouble: Trouble { text: said(&error), is_away: is_lost } })
    }

    async fn live(&mut self) -> Result<&mut Live, Failure> {
        if self.live.as_ref().is_some_and(|live| live.client.is_closed()) {
            self.live = None;
        }
        let live = match self.live.take() {
            Some(live) => live,
            None => self.connect().await?,
        };
        Ok(self.live.insert(live))
    }

    async fn connect(&mut self) -> Result<Live, Failure> {
        let away = |text| Failure { may_pass: false, trouble: Trouble { text, is_away: true } };
        if self.away.is_some_and(|at| at.elapsed() < REST) {
            return Err(away("it could not be reached a moment ago".into()));
        }
        let made = timeout(PATIENCE, self.open()).await;
        match made {
            Ok(Ok(client)) => Ok(Live { client, known: HashMap::new() }),
            Ok(Err(error)) => {
                // The first refusal may be a restart that is over in a moment.
                let may_pass = self.away.is_none() && is_restarting(&error);
                if !may_pass {
                    self.away = Some(Instant::now());
                }
                Err(Failure { may_pass, ..away(said(&error)) })
            }
            Err(_) => {
                self.away = Some(Instant::now());
                Err(away("it does not answer".into()))
            }
        }
    }

    async fn open(&self) -> Result<Client, Error> {
        let config = &self.address.config;
        let client = match &self.tls {
            Some(tls) => {
                let (client, connection) = config.connect(tls.clone()).await?;
                // What ends a connection is told to whoever uses it.
                self.handle.spawn(async { drop(connection.await) });
                client
            }
            None => {
                let (client, connection) = config.connect(NoTls).await?;
                self.handle.spawn(async { drop(connection.await) });
                client
            }
        };
        client.batch_execute(MANNERS).await?;
        Ok(client)
    }
}

impl Live {
    /// Does statements that have no values and give no rows.
    pub async fn plainly(&self, sql: &str) -> Result<(), Error> {
        self.client.batch_execute(sql).await
    }

    /// A statement, prepared once a connection.
    pub async fn statement(&mut self, sql: &'static str) -> Result<Statement, Error> {
        if let Some(known) = self.known.get(sql) {
            return Ok(known.clone());
        }
        let statement = self.client.prepare(sql).await?;
        self.known.insert(sql, statement.clone());
        Ok(statement)
    }

    /// The rows of a statement.
    pub async fn rows(&mut self, sql: &'static str, values: Values<'_>) -> Result<Vec<Row>, Error> {
        let statement = self.statement(sql).await?;
        self.client.query(&statement, values).await
    }

    /// Gives each row of a statement as it comes: all together may be more than
    /// memory holds.
    pub async fn each(
        &mut self,
        sql: &'static str,
        values: Values<'_>,
        mut take: impl FnMut(&Row) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let statement = self.statement(sql).await?;
        let mut rows = pin!(self.client.query_raw(&statement, values.iter().copied()).await?);
        while let Some(row) = poll_fn(|cx| rows.as_mut().poll_next(cx)).await {
            take(&row?)?;
        }
        Ok(())
    }

    /// The first row of a statement.
    pub async fn row(&mut self, sql: &'static str, values: Values<'_>) -> Result<Option<Row>, Error> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// How many rows a statement changed.
    pub async fn change(&mut self, sql: &'static str, values: Values<'_>) -> Result<u64, Error> {
        let statement = self.statement(sql).await?;
        self.client.execute(&statement, values).await
    }

    /// The connection itself, for statements that are sent one behind the other.
    pub fn client(&self) -> &Client {
        &self.client
    }
}

struct Failure {
    /// Whether the same may succeed at once.
    may_pass: bool,
    trouble: Trouble,
}

/// Whether the connection is gone, and with it the answer.
fn is_lost(error: &Error) -> bool {
    let is_io = std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>());
    error.is_closed() || is_io || is_restarting(error)
}

/// Whether the database ends, begins, or is full, so that others will find it so too.
fn is_restarting(error: &Error) -> bool {
    let refused = std::error::Error::source(error)
        .and_then(|source| source.downcast_ref::<std::io::Error>())
        .is_some_and(|io| io.kind() == std::io::ErrorKind::ConnectionRefused);
    let code = error.code().map_or("", SqlState::code);
    refused || matches!(code, "57P01" | "57P02" | "57P03" | "53300") || code.starts_with("08")
}

/// Whether another transaction was in the way.
fn is_in_the_way(error: &Error) -> bool {
    matches!(error.code().map_or("", SqlState::code), "40001" | "40P01" | "25P03" | "25P04")
}

/// A client's error without the Rust of it.
fn said(error: &Error) -> String {
    match error.as_db_error() {
        Some(said) => format!("{} ({})", said.message(), said.code().code()),
        None => match std::error::Error::source(error) {
            Some(source) => source.to_string(),
            None => error.to_string(),
        },
    }
}
