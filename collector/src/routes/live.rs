//! Results as they change, as server-sent events. Never polls: it wakes with
//! the counters, at most once a second.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_core::Stream;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};
use vitrine_engine::time::Millis;

use super::Parameters;
use super::access::{Intent, admit};
use super::results::asked;
use crate::app::App;
use crate::keys::Role;
use crate::problem::Problem;
use crate::results::Asked;
use crate::state::Site;

/// The least time between two results.
const PACE: Duration = Duration::from_secs(1);
/// A sign of life this often, so that no proxy closes a quiet stream.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// A stream ends after this; the browser opens the next, and is asked for its
/// session again.
const LIFE: Duration = Duration::from_secs(60 * 60);
/// Streams at once: each holds a connection.
const STREAMS: u64 = 100;

/// `GET {prefix}/{site}/live`: `event: results`, its data as of `results`.
pub async fn live(
    State(app): State<Arc<App>>,
    Path(site): Path<String>,
    Query(parameters): Query<Parameters>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let site = app.site(&site)?;
    admit(&app, &site.name, &headers, (Role::Viewer, Intent::Read)).await?;
    let asked = asked(&parameters)?;
    if app.metrics.live.fetch_add(1, Relaxed) >= STREAMS {
        app.metrics.live.fetch_sub(1, Relaxed);
        return Err(Problem::busy("too many streams of results are open"));
    }
    let (events, read) = mpsc::channel(1);
    tokio::spawn(async move {
        follow(&app, &site, asked, &events).await;
        app.metrics.live.fetch_sub(1, Relaxed);
    });
    let kind = [(CONTENT_TYPE, "text/event-stream"), (CACHE_CONTROL, "no-store")];
    Ok((kind, Body::from_stream(Events(read))).into_response())
}

/// Sends until the reader hangs up, the stream is old, or the collector closes.
async fn follow(app: &App, site: &Site, asked: Asked, events: &mpsc::Sender<Bytes>) {
    let mut changed = site.changed.subscribe();
    let mut closing = app.closing.clone();
    let end = Instant::now() + LIFE;
    let mut is_news = true;
    while Instant::now() < end {
        let text = if is_news {
            let count = *changed.borrow_and_update();
            let document = crate::results::results(site, asked, Millis(crate::now()));
            format!("id: {count}\nevent: results\ndata: {document}\n\n")
        } else {
            ":\n\n".to_string()
        };
        if events.send(text.into()).await.is_err() {
            return;
        }
        let next = async {
            sleep(PACE).await;
            matches!(timeout(HEARTBEAT, changed.changed()).await, Ok(Ok(())))
        };
        is_news = tokio::select! {
            news = next => news,
            () = events.closed() => return,
            _ = closing.wait_for(|is_closing| *is_closing) => return,
        };
    }
}

/// The reading end as a body.
struct Events(mpsc::Receiver<Bytes>);

impl Stream for Events {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(cx).map(|text| text.map(Ok))
    }
}
