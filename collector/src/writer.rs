//! The one writer: every change of the database goes through its thread, and
//! reports are committed in groups. Never answers before the commit is on
//! disk, and never keeps in memory what the disk refused.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::thread::{self, JoinHandle};
use std::time::Instant;

use tokio::sync::{mpsc, oneshot};
use vitrine_engine::seal;

use crate::compile::{Checked, names};
use crate::metrics::{Metrics, count};
use crate::odds::Computed;
use crate::prune;
use crate::report::{ID_AGE, Report};
use crate::state::{CurrentOdds, File, Published, Site};
use crate::store::{SavedOdds, Store, Version};

/// Reports committed at once. Larger groups gain little and make the first
/// of them wait.
const GROUP: usize = 1_000;
/// Jobs that may wait: at 16 KiB a report, some 64 MB at the very worst.
pub const QUEUE: usize = 4_096;
/// How much longer than it is asked for an id is kept, in milliseconds: no
/// report that was let in at the last moment can be counted again.
const SPARE: u64 = 24 * 60 * 60 * 1000;

/// What the writer is asked to do.
#[derive(Debug)]
pub enum Job {
    /// Count a report once; answers whether it is on disk.
    Merge(Arc<Site>, Report, Answer),
    /// Publish a plan.
    Publish(Box<Publish>, oneshot::Sender<Outcome>),
    /// Keep and serve odds.
    Odds(Arc<Site>, Computed, Answer),
    /// Forget ids that no report may carry any more.
    Forget(Arc<Site>),
    /// Finish.
    Stop,
}

/// A plan to be published.
#[derive(Debug)]
pub struct Publish {
    /// Where.
    pub site: Arc<Site>,
    /// What.
    pub checked: Checked,
    /// Its rules.
    pub rules: String,
    /// The version that it repeats, for a rollback.
    pub origin: Option<u32>,
    /// The plan that has to be the published one, for it to be replaced.
    pub expected: Option<String>,
}

/// What became of a plan to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is served under this version.
    Published(u32),
    /// Another plan than the expected one was published meanwhile.
    Changed,
    /// The disk refused it.
    Failed,
}

/// Starts the writer on a store.
///
/// # Errors
/// The system gives no thread.
pub fn start(
    store: Box<dyn Store>,
    metrics: Arc<Metrics>,
) -> io::Result<(mpsc::Sender<Job>, JoinHandle<()>)> {
    let (queue, jobs) = mpsc::channel(QUEUE);
    let thread =
        thread::Builder::new().name("writer".into()).spawn(move || Writer { store, metrics }.run(jobs))?;
    Ok((queue, thread))
}

struct Writer {
    store: Box<dyn Store>,
    metrics: Arc<Metrics>,
}

type Answer = oneshot::Sender<bool>;
type Waiting = (Arc<Site>, Report, Answer);
/// Reports of one site.
type Group = (Arc<Site>, Vec<(Report, Answer)>);

impl Writer {
    fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut group = Vec::new();
        while let Some(first) = jobs.blocking_recv() {
            let mut next = Some(first);
            while let Some(job) = next {
                match job {
                    Job::Merge(site, report, answer) => group.push((site, report, answer)),
                    Job::Stop => {
                        self.merge(&mut group);
                        return;
                    }
                    other => {
                        self.merge(&mut group);
                        self.other(other);
                    }
                }
                next = (group.len() < GROUP).then(|| jobs.try_recv().ok()).flatten();
            }
            self.merge(&mut group);
        }
    }

    /// Commits a group and answers everybody in it.
    fn merge(&mut self, group: &mut Vec<Waiting>) {
        if group.is_empty() {
            return;
        }
        let sites = by_site(group);
        let reports: Vec<(&str, Vec<&Report>)> = sites
            .iter()
            .map(|(site, waiting)| (site.name.as_str(), waiting.iter().map(|(report, _)| report).collect()))
            .collect();
        let began = Instant::now();
        let merged = self.store.merge(&reports);
        let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.metrics.commit_micros.fetch_add(micros, Relaxed);
        let mut is_good = true;
        for ((site, waiting), merged) in sites.into_iter().zip(merged) {
            let Ok(merged) = merged else {
                is_good = false;
                self.metrics.busy.fetch_add(waiting.len() as u64, Relaxed);
                for (_, answer) in waiting {
                    // A device that hung up sends the same id again.
                    let _ = answer.send(false);
                }
                continue;
            };
            let fresh = merged.fresh.iter().filter(|is_new| **is_new).count();
            self.metrics.merged.fetch_add(fresh as u64, Relaxed);
            self.metrics.repeated.fetch_add((merged.fresh.len() - fresh) as u64, Relaxed);
            if fresh > 0 {
                site.merged(&merged.sums);
                site.announce();
            }
            for (_, answer) in waiting {
                let _ = answer.send(true);
            }
        }
        count(if is_good { &self.metrics.commits } else { &self.metrics.failures });
    }

    fn other(&mut self, job: Job) {
        match job {
            Job::Publish(publish, answer) => {
                let _ = answer.send(publish_now(&mut *self.store, *publish));
            }
            Job::Odds(site, computed, answer) => {
                let _ = answer.send(self.odds(&site, computed));
            }
            Job::Forget(site) => {
                let before = crate::now().saturating_sub(ID_AGE + SPARE);
                let old = crate::now().saturating_sub(prune::AGE);
                let forgotten = self.store.forget_ids(&site.name, before);
                if forgotten.and(self.store.prune(&site.name, old)).is_err() {
                    count(&self.metrics.failures);
                }
            }
            Job::Merge(..) | Job::Stop => {}
        }
    }

    fn odds(&mut self, site: &Site, computed: Computed) -> bool {
        let odds = CurrentOdds::new(computed.odds);
        let saved = SavedOdds {
            epoch: odds.odds.epoch,
            bytes: odds.bytes.to_vec(),
            evidence: computed.evidence,
            at: crate::now(),
        };
        let is_saved = self.store.save_odds(&site.name, &saved);
        if is_saved.is_err() {
            count(&self.metrics.failures);
        }
        let is_saved = is_saved.unwrap_or(false);
        if is_saved {
            site.set_odds(odds);
        }
        is_saved
    }
}

/// The reports of a group by their site, in the order in which they came.
fn by_site(group: &mut Vec<Waiting>) -> Vec<Group> {
    let mut sites: Vec<Group> = Vec::new();
    for (site, report, answer) in group.drain(..) {
        match sites.iter_mut().find(|(known, _)| Arc::ptr_eq(known, &site)) {
            Some((_, waiting)) => waiting.push((report, answer)),
            None => sites.push((site, vec![(report, answer)])),
        }
    }
    sites
}

/// Publishes a plan: on disk first, then in memory. The same rules again make
/// no new version.
pub fn publish_now(store: &mut dyn Store, publish: Publish) -> Outcome {
    let Publish { site, checked, rules, origin, expected } = publish;
    let current = site.state().published.clone();
    let found = current.as_ref().map(|p| p.file.hash.as_str());
    if expected.is_some_and(|expected| found != Some(&expected)) {
        return Outcome::Changed;
    }
    if let Some(same) = current.as_ref().filter(|p| p.rules == rules && p.file.hash == checked.hash) {
        return Outcome::Published(same.version);
    }
    let Ok(newest) = store.newest(&site.name) else {
        return Outcome::Failed;
    };
    let number = newest.map_or(1, |newest| newest.version.saturating_add(1));
    let version = Version {
        version: number,
        origin: origin.unwrap_or(number),
        plan: seal::name(&checked.bytes),
        rules,
        bytes: checked.bytes,
        at: crate::now(),
    };
    let names = names(&checked.plan);
    match store.publish(&site.name, &version, &names) {
        Ok(true) => {}
        Ok(false) => return Outcome::Changed,
        Err(_) => return Outcome::Failed,
    }
    let published = Published {
        version: number,
        origin: version.origin,
        plan: checked.plan,
        file: File::new(version.bytes),
        rules: version.rules,
    };
    site.publish(published, names);
    Outcome::Published(number)
}
