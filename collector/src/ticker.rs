//! What happens by itself: odds follow the counts, a model that takes another's
//! place is served, and old ids are forgotten. Never serves odds before they are
//! kept.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task;

use crate::app::App;
use crate::goods::Watch;
use crate::odds;
use crate::start::StartError;
use crate::state::Site;
use crate::writer::Job;

/// How often ids that no report may carry any more are forgotten.
const FORGET: Duration = Duration::from_secs(60 * 60);
/// How often other collectors' changes are taken up.
const FOLLOW: Duration = Duration::from_secs(1);

/// Computes odds anew where reports came, takes other models up, and forgets old
/// ids; what the operator should know is told to `say`.
pub async fn tick(app: Arc<App>, (interval, say): (Duration, fn(&str)), mut closing: watch::Receiver<bool>) {
    let mut forgotten: Option<Instant> = None;
    loop {
        for site in app.sites.values() {
            refresh(&app, site).await;
            take_up(site, say).await;
        }
        if forgotten.is_none_or(|at| at.elapsed() >= FORGET) {
            forgotten = Some(Instant::now());
            for site in app.sites.values() {
                // A full queue forgets an hour later.
                let _ = app.queue.try_send(Job::Forget(Arc::clone(site)));
            }
        }
        tokio::select! {
            () = tokio::time::sleep(interval) => {}
            _ = closing.wait_for(|is_closing| *is_closing) => break,
        }
    }
    // Where the database is away, the others wait for the lease to end.
    let _ = app.read(|store| store.resign()).await;
}

/// Serves the model that took the place of another.
async fn take_up(site: &Arc<Site>, say: fn(&str)) {
    let Some(path) = site.watch.as_ref().map(Watch::path) else { return };
    let asked = Arc::clone(site);
    let found = task::spawn_blocking(move || asked.watch.as_ref().and_then(Watch::look)).await;
    match found {
        Ok(Some(Ok(goods))) => {
            say(&format!(
                "the model of `{}` is now {}, from `{}`",
                site.name,
                goods.head.hash,
                path.display()
            ));
            site.set_model(goods);
        }
        Ok(Some(Err(StartError::Input(reason) | StartError::Unusable(reason)))) => {
            say(&format!("{reason}; `{}` is served with the one before", site.name));
        }
        _ => {}
    }
}

/// Takes up what other collectors changed.
pub async fn follow(app: Arc<App>, mut closing: watch::Receiver<bool>) {
    loop {
        for site in app.sites.values() {
            // What cannot be asked now is asked a moment later.
            let _ = app.catch_up(site).await;
        }
        tokio::select! {
            () = tokio::time::sleep(FOLLOW) => {}
            _ = closing.wait_for(|is_closing| *is_closing) => return,
        }
    }
}

async fn refresh(app: &Arc<App>, site: &Arc<Site>) {
    if site.is_clean() {
        return;
    }
    let name = site.name.clone();
    // What is not computed here stays to be computed, should the other collector end.
    if !matches!(app.read(move |store| store.lead(&name)).await, Ok(true)) {
        return;
    }
    let dirty = site.take_dirty();
    let asked = Arc::clone(site);
    let computed = task::spawn_blocking(move || {
        let (published, current, learnt) = {
            let state = asked.state();
            let published = state.published.clone()?;
            let mut spreads = asked.spreads.lock().unwrap_or_else(PoisonError::into_inner);
            let learnt = odds::gather(&published.plan, &state.strata, &dirty, &mut spreads);
            (published, Arc::clone(&state.odds), learnt)
        };
        odds::compute(&published.plan, &learnt, &current.odds)
    });
    let Ok(computed) = computed.await else {
        site.mark_dirty();
        return;
    };
    let Some(computed) = computed else { return };
    let asked = app.ask(|answer| Job::Odds(Arc::clone(site), computed, answer));
    let is_kept = match asked {
        Ok(answered) => answered.await.unwrap_or(false),
        Err(_) => false,
    };
    if !is_kept {
        site.mark_dirty();
    }
}
