//! For the operator, on an address of its own. Never on the public one.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::app::App;
use crate::problem::Problem;

/// The internal listener's routes.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .fallback(|| async { Problem::missing("here are `/healthz`, `/readyz` and `/metrics`") })
        .with_state(app)
}

/// Whether requests should be sent here: the writer lives, the database answers
/// and nothing closes.
async fn ready(State(app): State<Arc<App>>) -> Result<&'static str, Problem> {
    if *app.closing.borrow() {
        return Err(Problem::busy("the collector is shutting down"));
    }
    if app.queue.is_closed() {
        return Err(Problem::busy("the writer has ended; restart the collector"));
    }
    if app.metrics.is_away.load(Relaxed) {
        return Err(Problem::busy("the database cannot be reached"));
    }
    if app.queue.capacity() == 0 {
        return Err(Problem::busy("the queue of reports is full"));
    }
    Ok("ready\n")
}

async fn metrics(State(app): State<Arc<App>>) -> Response {
    let epochs: Vec<(&str, u32)> =
        app.sites.values().map(|site| (site.name.as_str(), site.state().odds.odds.epoch)).collect();
    let kind = [(CONTENT_TYPE, "text/plain; version=0.0.4")];
    (StatusCode::OK, kind, app.metrics.text(&epochs)).into_response()
}
