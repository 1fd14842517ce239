//! What happens by itself: odds follow the counts, and old ids are forgotten.
//! Never serves odds before they are kept.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task;

use crate::app::App;
use crate::odds;
use crate::state::Site;
use crate::writer::Job;

/// How often ids that no report may carry any more are forgotten.
const FORGET: Duration = Duration::from_secs(60 * 60);

/// Computes odds anew where reports came, and forgets old ids.
pub async fn tick(app: Arc<App>, interval: Duration, mut closing: watch::Receiver<bool>) {
    let mut forgotten: Option<Instant> = None;
    loop {
        for site in app.sites.values() {
            refresh(&app, site).await;
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
            _ = closing.wait_for(|is_closing| *is_closing) => return,
        }
    }
}

async fn refresh(app: &App, site: &Arc<Site>) {
    let dirty = site.take_dirty();
    if dirty.is_clean() {
        return;
    }
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
