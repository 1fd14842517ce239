//! The marketer's door: checks, publishes, rolls back. Never replaces the last
//! good plan by anything that does not compile.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, IF_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::access::{Intent, admit};
use super::{Parameters, body, one_of, tagged, tags};
use crate::app::App;
use crate::compile::{Checked, check};
use crate::keys::Role;
use crate::problem::Problem;
use crate::state::Site;
use crate::writer::{Job, Outcome, Publish};

/// What sentences call rules that came as a request.
const FILE: &str = "rules.json";
/// Results and rules are for one pair of eyes.
const PRIVATE: &str = "private, no-cache";

/// `PUT {prefix}/{site}/rules`; with `?dry_run=true` only checked.
pub async fn publish(
    State(app): State<Arc<App>>,
    Path(site): Path<String>,
    Query(parameters): Query<Parameters>,
    request: Request,
) -> Result<Response, Problem> {
    let site = app.site(&site)?;
    let headers = request.headers().clone();
    admit(&app, &site.name, &headers, (Role::Marketer, Intent::Change)).await?;
    let is_dry = one_of(&parameters, "dry_run", &["false", "true"])? == "true";
    let text = text_of(request).await?;
    app.catch_up(&site).await?;
    expected(&site, &headers)?;
    let checked = compiled(&site, text.clone()).await?;
    if is_dry {
        let plan = checked.hash.clone();
        return Ok(answer(&plan, None, checked.warnings));
    }
    publish_checked(&app, &site, &headers, (checked, text, None)).await
}

/// `POST {prefix}/{site}/rules/rollback`: the version before the current one,
/// or `?version=N`, once more.
pub async fn rollback(
    State(app): State<Arc<App>>,
    Path(site): Path<String>,
    Query(parameters): Query<Parameters>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let site = app.site(&site)?;
    admit(&app, &site.name, &headers, (Role::Marketer, Intent::Change)).await?;
    app.catch_up(&site).await?;
    let current = site.state().published.clone();
    let number = match parameters.get("version") {
        Some(digits) => digits.parse().map_err(|_| Problem::malformed("`version` is not a whole number"))?,
        None => current.map_or(0, |current| current.origin.saturating_sub(1)),
    };
    let name = site.name.clone();
    let found = app.read(move |store| store.version(&name, number)).await?;
    let Some(version) = found else {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "no-such-version",
            match parameters.get("version") {
                Some(_) => "there is no version of this number; `rules/versions` lists them",
                None => "there is no earlier version to go back to; `rules/versions` lists them",
            },
        ));
    };
    let checked = compiled(&site, version.rules.clone()).await?;
    let rules = (checked, version.rules, Some(version.origin));
    publish_checked(&app, &site, &headers, rules).await
}

/// `GET {prefix}/{site}/rules`: the published text.
pub async fn text(
    State(app): State<Arc<App>>,
    Path(site): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let site = app.site(&site)?;
    admit(&app, &site.name, &headers, (Role::Viewer, Intent::Read)).await?;
    app.catch_up(&site).await?;
    let published = site.state().published.clone();
    let published = published.ok_or_else(|| Problem::missing("no rules were published for this site yet"))?;
    let kind = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, PRIVATE)];
    let answer = (kind, published.rules.clone());
    Ok(tagged(&published.file.hash, &headers, answer))
}

/// `GET {prefix}/{site}/rules/versions`, newest first.
pub async fn versions(
    State(app): State<Arc<App>>,
    Path(site): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let site = app.site(&site)?;
    admit(&app, &site.name, &headers, (Role::Viewer, Intent::Read)).await?;
    let name = site.name.clone();
    let found = app.read(move |store| store.versions(&name)).await?;
    let versions: Vec<Value> = found
        .iter()
        .zip(0..)
        .map(|(version, place)| {
            json!({
                "version": version.version,
                "plan": version.plan,
                "published_at": version.at,
                "repeats": (version.origin != version.version).then_some(version.origin),
                "is_current": place == 0,
            })
        })
        .collect();
    let kind = [(CACHE_CONTROL, PRIVATE)];
    Ok((kind, Json(json!({ "versions": versions }))).into_response())
}

/// The plan that `If-Match` wants to be the published one.
fn expected(site: &Site, headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(wanted) = headers.get(IF_MATCH).and_then(|value| value.to_str().ok()) else {
        return Ok(None);
    };
    let current = site.state().published.clone();
    let found = current.map(|published| published.file.hash.clone());
    match found {
        Some(found) if tags(wanted).any(|tag| tag == "*" || tag == found) => Ok(Some(found)),
        _ => Err(changed()),
    }
}

/// The rules that a request brings.
///
/// # Errors
/// 413, 408 or 400.
pub(super) async fn text_of(request: Request) -> Result<String, Problem> {
    String::from_utf8(body(request).await?.into())
        .map_err(|_| Problem::malformed("the rules are not UTF-8 text"))
}

/// Checks rules for a site.
///
/// # Errors
/// 422 with every mistake at its place.
pub(super) async fn compiled(site: &Site, text: String) -> Result<Checked, Problem> {
    let name = site.name.clone();
    tokio::task::spawn_blocking(move || check(&text, Some(&name), FILE))
        .await
        .map_err(|_| Problem::busy("the rules could not be checked"))?
        .map_err(|mistakes| Problem::unprocessable(mistakes.diagnostics))
}

async fn publish_checked(
    app: &App,
    site: &Arc<Site>,
    headers: &HeaderMap,
    (checked, rules, origin): (Checked, String, Option<u32>),
) -> Result<Response, Problem> {
    let (plan, warnings) = (checked.hash.clone(), checked.warnings.clone());
    let publish =
        Publish { site: Arc::clone(site), checked, rules, origin, expected: expected(site, headers)? };
    let answered = app.ask(|answer| Job::Publish(Box::new(publish), answer))?;
    match answered.await {
        Ok(Outcome::Published(version)) => Ok(answer(&plan, Some(version), warnings)),
        Ok(Outcome::Changed) => Err(changed()),
        _ => Err(Problem::busy("the rules could not be kept; the last plan stays")),
    }
}

fn answer(plan: &str, version: Option<u32>, warnings: Vec<Value>) -> Response {
    let body = json!({ "plan": plan, "version": version, "diagnostics": warnings });
    Json(body).into_response()
}

fn changed() -> Problem {
    Problem::new(
        StatusCode::PRECONDITION_FAILED,
        "plan-changed",
        "another plan was published meanwhile; look at it before you replace it",
    )
}
