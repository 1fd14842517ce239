//! Every address the collector answers, in one table. Never decides anything:
//! a route reads the request, asks once, and answers.

pub mod access;
pub mod drafts;
pub mod files;
pub mod ingest;
pub mod internal;
pub mod live;
pub mod public;
pub mod results;
pub mod rules;
pub mod session;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Request};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::{from_fn, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, delete, get, post};

use crate::app::App;
use crate::problem::{Problem, in_one_form};
use vitrine_engine::report::REPORT_BYTES;

/// Bytes of a rule file.
const RULES_BYTES: usize = 1024 * 1024;
/// Bytes of a log-in.
const SESSION_BYTES: usize = 1024;
/// How long a body may take to arrive.
const BODY_PATIENCE: Duration = Duration::from_secs(15);
/// Lets other origins load what is served.
const CROSS_ORIGIN: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// One address and what it answers.
pub struct Route {
    /// The address as in `/openapi.json`; `{prefix}` stands for `/v1`.
    pub path: &'static str,
    /// Its methods, in lower case.
    pub methods: &'static [&'static str],
    answer: MethodRouter<Arc<App>>,
}

/// Every address of the public listener.
#[must_use]
pub fn table() -> Vec<Route> {
    let route = |path, methods, answer| Route { path, methods, answer };
    vec![
        route(
            "{prefix}/{site}/reports",
            &["post"],
            open(post(ingest::reports).layer(DefaultBodyLimit::max(REPORT_BYTES))),
        ),
        route("{prefix}/{site}/plan", &["get"], open(get(public::pointer))),
        route("{prefix}/{site}/plan/{hash}", &["get"], open(get(public::plan))),
        route("{prefix}/{site}/model/{hash}", &["get"], open(get(public::model))),
        route("{prefix}/{site}/odds", &["get"], open(get(public::odds))),
        route(
            "{prefix}/{site}/rules",
            &["get", "put"],
            get(rules::text).put(rules::publish).layer(DefaultBodyLimit::max(RULES_BYTES)),
        ),
        route("{prefix}/{site}/rules/versions", &["get"], get(rules::versions)),
        route("{prefix}/{site}/rules/rollback", &["post"], post(rules::rollback)),
        route(
            "{prefix}/{site}/drafts",
            &["post"],
            post(drafts::keep).layer(DefaultBodyLimit::max(RULES_BYTES)),
        ),
        route("{prefix}/{site}/drafts/{token}/plan", &["get"], open(get(drafts::pointer))),
        route("{prefix}/{site}/drafts/{token}/plan/{hash}", &["get"], open(get(drafts::plan))),
        route("{prefix}/{site}/drafts/{token}/odds", &["get"], open(get(drafts::draft_odds))),
        route("{prefix}/{site}/drafts/{token}/model/{hash}", &["get"], open(get(drafts::model))),
        route("{prefix}/{site}/drafts/{token}/reports", &["post"], open(post(drafts::reports))),
        route("{prefix}/{site}/results", &["get"], get(results::results)),
        route("{prefix}/{site}/live", &["get"], get(live::live)),
        route(
            "{prefix}/{site}/session",
            &["delete", "post"],
            delete(session::close).post(session::open).layer(DefaultBodyLimit::max(SESSION_BYTES)),
        ),
        route("/console", &["get"], get(files::console_folder)),
        route("/console/", &["get"], get(files::console_index)),
        route("/console/{*path}", &["get"], get(files::console)),
        route("/openapi.json", &["get"], open(get(public::openapi))),
        route("/pkg/{file}", &["get"], open(get(files::pkg))),
        route("/{file}", &["get"], open(get(files::pkg))),
    ]
}

/// The public listener's routes.
pub fn router(app: Arc<App>) -> Router {
    let mut router = Router::new();
    for route in table() {
        let path = route.path.replace("{prefix}", &app.prefix);
        router = router.route(&path, route.answer);
    }
    router
        .fallback(|| async { StatusCode::NOT_FOUND })
        .layer(map_response(harden))
        .layer(from_fn(in_one_form))
        .with_state(app)
}

/// A route that any page may ask: no key, no cookie, so no origin is special.
fn open(answer: MethodRouter<Arc<App>>) -> MethodRouter<Arc<App>> {
    answer
        .options(|| async { StatusCode::NO_CONTENT })
        .layer(from_fn(in_one_form))
        .layer(map_response(allow_every_origin))
}

async fn allow_every_origin(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, OPTIONS"),
        (ACCESS_CONTROL_ALLOW_HEADERS, "content-type, if-none-match"),
        (ACCESS_CONTROL_EXPOSE_HEADERS, "etag, retry-after"),
        (ACCESS_CONTROL_MAX_AGE, "86400"),
        (CROSS_ORIGIN, "cross-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn harden(mut response: Response) -> Response {
    let value = HeaderValue::from_static("nosniff");
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, value);
    response
}

/// A request's body, within its limit and in time.
///
/// # Errors
/// 413, 408 or 400.
pub async fn body(request: Request) -> Result<Bytes, Problem> {
    let read = tokio::time::timeout(BODY_PATIENCE, Bytes::from_request(request, &()));
    match read.await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(refused)) if refused.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            "the body is too large: a report has 16 KiB at most, a rule file 1 MiB",
        )),
        Ok(Err(_)) => Err(Problem::malformed("the body broke off")),
        Err(_) => {
            Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "too-slow", "the body took too long to arrive"))
        }
    }
}

/// What stands behind `?`.
pub type Parameters = HashMap<String, String>;

/// A parameter that is one of a few words, the first where it is missing. A word
/// that was meant otherwise must not be taken for another: `?dry_run=yes` would publish.
///
/// # Errors
/// 400 for any other word.
pub fn one_of<'a>(parameters: &Parameters, name: &str, words: &[&'a str; 2]) -> Result<&'a str, Problem> {
    let [usual, other] = *words;
    match parameters.get(name).map(String::as_str) {
        None => Ok(usual),
        Some(said) if said == usual => Ok(usual),
        Some(said) if said == other => Ok(other),
        Some(_) => Err(Problem::malformed(format!("`{name}` is `{usual}` or `{other}`"))),
    }
}

/// An answer with an entity tag: 304 where the client has it already.
pub fn tagged(tag: &str, asked: &HeaderMap, answer: impl IntoResponse) -> Response {
    let quoted = format!("\"{tag}\"");
    let known = asked
        .get(IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| tags(value).any(|known| known == tag || known == "*"));
    let mut response = if known {
        let (mut parts, _) = answer.into_response().into_parts();
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(axum::http::header::CONTENT_TYPE);
        parts.headers.remove(axum::http::header::CONTENT_LENGTH);
        Response::from_parts(parts, axum::body::Body::empty())
    } else {
        answer.into_response()
    };
    if let Ok(value) = HeaderValue::from_str(&quoted) {
        response.headers_mut().insert(axum::http::header::ETAG, value);
    }
    response
}

/// The entity tags of a header, without quotes and without the mark of weak ones.
pub fn tags(header: &str) -> impl Iterator<Item = &str> {
    header.split(',').map(|tag| tag.trim().trim_start_matches("W/").trim_matches('"'))
}
