//! The one writer: every change of the database goes through its thread, and
//! reports are committed in groups. Never answers before the commit is on
//! disk, and never keeps in memory what the disk refused.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::thread::{self, JoinHandle};
use std::time::Instant;

use tokio::sync::{mpsc, oneshot};

use crate::compile::{Checked, names};
use crate::house;
use crate::metrics::{Metrics, count};
use crate::odds::Computed;
use crate::prune;
use crate::report::{ID_AGE, Report};
use crate::state::{CurrentOdds, File, Published, Site};
use crate::store::{Done, SavedOdds, Store, Version};

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
    /// Take up what other collectors changed; answers whether that is done.
    Follow(Arc<Site>, Answer),
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
        let (mut group, mut asked) = (Vec::new(), Vec::new());
        while let Some(first) = jobs.blocking_recv() {
            let mut next = Some(first);
            while let Some(job) = next {
                match job {
                    Job::Merge(site, report, answer) => group.push((site, report, answer)),
                    Job::Follow(site, answer) => asked.push((site, answer)),
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
            self.follow_all(&mut asked);
        }
    }

    /// Takes up what other collectors changed; once for all who ask at a time.
    fn follow_all(&mut self, asked: &mut Vec<(Arc<Site>, Answer)>) {
        while let Some((site, answer)) = asked.pop() {
            let is_done = self.follow(&site);
            for (_, answer) in asked.extract_if(.., |(other, _)| Arc::ptr_eq(other, &site)) {
                let _ = answer.send(is_done);
            }
            let _ = answer.send(is_done);
        }
    }

    fn follow(&mut self, site: &Site) -> bool {
        let followed = follow_now(&mut *self.store, site);
        self.note(&followed);
        followed.is_ok()
    }

    /// Whether the database answers is what `/readyz` says.
    fn note<T>(&self, done: &Done<T>) {
        match done {
            Ok(_) => self.metrics.is_away.store(false, Relaxed),
            Err(trouble) if trouble.is_away => self.metrics.is_away.store(true, Relaxed),
            Err(_) => {}
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
            self.note(&merged);
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
                // What others published must be known before it is replaced.
                let is_current = self.follow(&publish.site);
                let outcome =
                    if is_current { publish_now(&mut *self.store, &publish) } else { Outcome::Failed };
                let _ = answer.send(outcome);
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
            Job::Merge(..) | Job::Follow(..) | Job::Stop => {}
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
        } else {
            // Another collector's were first.
            self.follow(site);
        }
        is_saved
    }
}

/// Takes up what other collectors changed of a site since this was last done.
fn follow_now(store: &mut dyn Store, site: &Site) -> Done<()> {
    let news = store.news(&site.name)?;
    // From here on nothing may fail but reading all anew, which is then still due;
    // and what a start would have noted was noted by who published it.
    let mut notes = Vec::new();
    if news.is_lost {
        site.replace(house::state(store, &site.name, &mut notes)?);
        return Ok(());
    }
    let known = site.state().published.as_ref().map_or(0, |published| published.version);
    for version in news.versions.into_iter().filter(|version| version.version > known) {
        if let Some(published) = house::published(store, (&site.name, version), &mut notes) {
            let names = names(&published.plan);
            site.publish(published, names);
        }
    }
    for saved in &news.odds {
        if saved.epoch > site.state().odds.odds.epoch {
            site.set_odds(house::current(&site.name, saved, &mut notes));
        }
    }
    for sums in &news.sums {
        site.merged(sums);
    }
    if !news.sums.is_empty() {
        site.announce();
    }
    Ok(())
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

/// How often a plan is published anew on top of another collector's.
const TRIES: u32 = 5;

/// Publishes a plan: on disk first, then in memory. The same rules again make
/// no new version.
pub fn publish_now(store: &mut dyn Store, publish: &Publish) -> Outcome {
    let mut followed = 0;
    for _ in 0..TRIES {
        match try_publish(store, publish, followed) {
            // Another collector was quicker; who named what is to be replaced is told.
            Ok(None) if publish.expected.is_some() => return Outcome::Changed,
            Ok(None) => match follow_versions(store, &publish.site) {
                Ok(newest) => followed = newest,
                Err(_) => return Outcome::Failed,
            },
            Ok(Some(outcome)) => return outcome,
            Err(_) => return Outcome::Failed,
        }
    }
    Outcome::Failed
}

/// Takes up what others published; gives the version up to which all is known.
fn follow_versions(store: &mut dyn Store, site: &Site) -> Done<u32> {
    // Asked for first: one that comes meanwhile may be known or not.
    let newest = newest(store, site)?;
    follow_now(store, site)?;
    Ok(newest)
}

fn newest(store: &mut dyn Store, site: &Site) -> Done<u32> {
    Ok(store.newest(&site.name)?.map_or(0, |newest| newest.version))
}

/// `None` where the newest version is neither the one that is published here nor
/// the one that was `followed` last, whose rules then do not compile any more.
fn try_publish(store: &mut dyn Store, publish: &Publish, followed: u32) -> Done<Option<Outcome>> {
    let Publish { site, checked, rules, origin, expected } = publish;
    let current = site.state().published.clone();
    let found = current.as_ref().map(|p| &p.file.hash);
    if expected.is_some() && found != expected.as_ref() {
        return Ok(Some(Outcome::Changed));
    }
    if let Some(same) = current.as_ref().filter(|p| p.rules == *rules && p.file.hash == checked.hash) {
        return Ok(Some(Outcome::Published(same.version)));
    }
    let newest = newest(store, site)?;
    if newest != followed && current.map_or(0, |current| current.version) != newest {
        return Ok(None);
    }
    let number = newest.saturating_add(1);
    let version = Version {
        version: number,
        origin: origin.unwrap_or(number),
        plan: checked.hash.clone(),
        rules: rules.clone(),
        bytes: checked.bytes.clone(),
        at: crate::now(),
    };
    let names = names(&checked.plan);
    if !store.publish(&site.name, &version, &names)? {
        return Ok(None);
    }
    let published = Published {
        version: number,
        origin: version.origin,
        plan: checked.plan.clone(),
        file: File::new(version.bytes),
        rules: version.rules,
    };
    site.publish(published, names);
    Ok(Some(Outcome::Published(number)))
}
