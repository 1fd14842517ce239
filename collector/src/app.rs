//! What every route is given. Never holds anything of one request.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::StatusCode;
use tokio::sync::{mpsc, oneshot, watch};

use crate::metrics::Metrics;
use crate::problem::Problem;
use crate::state::Site;
use crate::store::{Done, Store};
use crate::writer::Job;

/// The running collector.
#[derive(Debug)]
pub struct App {
    /// Every site, by name.
    pub sites: BTreeMap<String, Arc<Site>>,
    /// The way to the writer.
    pub queue: mpsc::Sender<Job>,
    /// For reading what is not in memory.
    pub reader: Mutex<Box<dyn Store>>,
    /// Whether other collectors may change what this one serves.
    pub shares: bool,
    /// For the operator.
    pub metrics: Arc<Metrics>,
    /// The folder of the built module.
    pub pkg: Option<PathBuf>,
    /// The folder of the console.
    pub console: Option<PathBuf>,
    /// What stands before `/{site}`.
    pub prefix: String,
    /// Proxies of the operator's own before this collector.
    pub proxies: usize,
    /// Turns true when the collector shuts down.
    pub closing: watch::Receiver<bool>,
}

impl App {
    /// The site of an address.
    ///
    /// # Errors
    /// 404: there is none of that name.
    pub fn site(&self, name: &str) -> Result<Arc<Site>, Problem> {
        self.sites.get(name).cloned().ok_or_else(|| {
            let detail = "there is no site of this name here; look at `data-site` of the script tag";
            Problem::new(StatusCode::NOT_FOUND, "unknown-site", detail)
        })
    }

    /// Reads the database, off the threads that answer.
    ///
    /// # Errors
    /// 503: the database cannot be read.
    pub async fn read<T: Send + 'static>(
        self: &Arc<App>,
        read: impl FnOnce(&mut dyn Store) -> Done<T> + Send + 'static,
    ) -> Result<T, Problem> {
        if self.metrics.is_away.load(Relaxed) {
            return Err(Problem::busy("the database cannot be reached at the moment"));
        }
        let app = Arc::clone(self);
        let task = tokio::task::spawn_blocking(move || {
            let mut reader = app.reader.lock().unwrap_or_else(PoisonError::into_inner);
            read(&mut **reader)
        });
        match task.await {
            Ok(Ok(found)) => Ok(found),
            _ => Err(Problem::busy("the database cannot be read at the moment")),
        }
    }

    /// Takes up what other collectors changed of a site.
    ///
    /// # Errors
    /// 503: the database cannot be asked.
    pub async fn catch_up(&self, site: &Arc<Site>) -> Result<(), Problem> {
        if !self.shares {
            return Ok(());
        }
        let asked = self.ask(|answer| Job::Follow(Arc::clone(site), answer))?;
        match asked.await {
            Ok(true) => Ok(()),
            _ => Err(Problem::busy("the database cannot be asked at the moment; send the same again")),
        }
    }

    /// Gives the writer a job without waiting for room.
    ///
    /// # Errors
    /// 503: the queue is full.
    pub fn ask<T>(
        &self,
        job: impl FnOnce(oneshot::Sender<T>) -> Job,
    ) -> Result<oneshot::Receiver<T>, Problem> {
        let (answer, answered) = oneshot::channel();
        match self.queue.try_send(job(answer)) {
            Ok(()) => Ok(answered),
            Err(_) => Err(Problem::busy("too much waits already; send the same again")),
        }
    }
}
