//! The door of reports. Never answers 204 before the counts are on disk, and
//! never keeps who sent them: where from is looked at only to cap what one
//! place says in a day.
//!
//! What a device does with the answer: 204, they are merged, or were already;
//! 400, 404, 410 and 413, they will never be, do not send them again; 429 and
//! 503, send the same id again later.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::USER_AGENT;

use super::body;
use crate::app::App;
use crate::browser::is_forgetful;
use crate::metrics::count;
use crate::place::{Peer, place};
use crate::problem::Problem;
use crate::report::{Refusal, read};
use crate::writer::Job;

/// `POST {prefix}/{site}/reports`
pub async fn reports(
    State(app): State<Arc<App>>,
    Path(site): Path<String>,
    request: Request,
) -> Result<StatusCode, Problem> {
    let site = app.site(&site)?;
    let metrics = &app.metrics;
    let place = from_where(&request, app.proxies);
    let agent = request.headers().get(USER_AGENT).and_then(|agent| agent.to_str().ok());
    let is_forgetful = agent.is_some_and(is_forgetful);
    let body = body(request).await.inspect_err(|_| count(&metrics.malformed))?;
    let mut report = read(&body, crate::now(), |at| site.day(at)).map_err(|refusal| match refusal {
        Refusal::Malformed(sentence) => {
            count(&metrics.malformed);
            Problem::malformed(sentence)
        }
        Refusal::TooOld(sentence) => {
            count(&metrics.too_old);
            Problem::new(StatusCode::GONE, "too-old", sentence)
        }
    })?;
    report.is_forgetful = is_forgetful;
    if site.foreign(&report).is_some() {
        // Another collector may have published it a moment ago.
        app.catch_up(&site).await.inspect_err(|_| count(&metrics.busy))?;
    }
    if let Some(row) = site.foreign(&report) {
        count(&metrics.foreign);
        return Err(Problem::malformed(format!(
            "no published plan of this site has the message `{}` in the leaf `{}` of the campaign `{}` at epoch {}",
            row.message, row.leaf, row.campaign, row.epoch
        )));
    }
    if place.is_some_and(|place| !site.admits(place, &report)) {
        count(&metrics.crowded);
        let sentence = "so many reports of this campaign came from here today that the rest has to wait; send the same id again tomorrow";
        return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "crowded", sentence));
    }
    let answered =
        app.ask(|answer| Job::Merge(site, report, answer)).inspect_err(|_| count(&metrics.busy))?;
    match answered.await {
        Ok(true) => Ok(StatusCode::NO_CONTENT),
        _ => Err(Problem::busy("the counts could not be kept; send the same id again")),
    }
}

fn from_where(request: &Request, proxies: usize) -> Option<IpAddr> {
    let headers = request.headers().get_all("x-forwarded-for");
    let forwarded: Vec<&str> = headers.iter().filter_map(|header| header.to_str().ok()).collect();
    place(request.extensions().get::<Peer>().copied(), &forwarded, proxies)
}
