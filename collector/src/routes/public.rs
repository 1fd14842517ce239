//! What every device loads: the pointer, the plan, the model, the odds. Never
//! asks who wants it.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use vitrine_engine::plan::Plan;
use vitrine_engine::seal;

use super::tagged;
use crate::app::App;
use crate::problem::Problem;
use crate::{odds, state};

/// Digits of a sealed file's name: a checksum of 64 bits.
const NAME_DIGITS: usize = 16;
/// Bytes under a hashed name never change.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// Odds may be this stale, in seconds, within the ten that they take.
const ODDS_CACHE: &str = "public, max-age=5";
/// Ask each time; a 304 is small.
const ASK: &str = "no-cache";

/// `GET {prefix}/{site}/plan`: which plan and which model.
pub async fn pointer(
    State(app): State<Arc<App>>,
    Path(site): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let site = app.site(&site)?;
    let state = site.state();
    let published = state.published.as_ref().ok_or_else(unpublished)?;
    let plan = &published.file.hash;
    let model = state.model.as_ref().map(|goods| goods.head.hash.clone());
    let tag = format!("{plan}-{}", model.as_deref().unwrap_or("none"));
    let body = json!({ "plan": plan, "model": model }).to_string();
    let answer = ([(CACHE_CONTROL, ASK), (CONTENT_TYPE, "application/json")], body);
    Ok(tagged(&tag, &headers, answer))
}

/// `GET {prefix}/{site}/plan/{hash}`
pub async fn plan(
    State(app): State<Arc<App>>,
    Path((site, hash)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let site = app.site(&site)?;
    let current = site.state().published.clone();
    if let Some(published) = current.filter(|published| published.file.hash == hash) {
        return Ok(immutable(&published.file, &headers));
    }
    let (name, wanted) = (site.name.clone(), hash.clone());
    let found = match is_name(&hash) {
        true => app.read(move |store| store.plan(&name, &wanted)).await?,
        false => None,
    };
    found
        .filter(|bytes| seal::name(bytes) == hash && Plan::open(bytes).is_ok())
        .map(|bytes| immutable(&state::File::new(bytes), &headers))
        .ok_or_else(|| Problem::missing("there is no plan of this name; ask `/plan` for the current one"))
}

/// `GET {prefix}/{site}/model/{hash}`: the model, the head of its shards, or a shard.
pub async fn model(
    State(app): State<Arc<App>>,
    Path((site, hash)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let site = app.site(&site)?;
    let model = site.state().model.clone();
    model
        .and_then(|goods| goods.file(&hash).map(|file| immutable(file, &headers)))
        .ok_or_else(|| Problem::missing("there is no model of this name; ask `/plan` for the current one"))
}

/// `GET {prefix}/{site}/odds`: sealed, or readable where JSON is asked for.
pub async fn odds(
    State(app): State<Arc<App>>,
    Path(site): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let site = app.site(&site)?;
    let (is_published, current) = {
        let state = site.state();
        (state.published.is_some(), Arc::clone(&state.odds))
    };
    if !is_published {
        return Err(unpublished());
    }
    let epoch = current.odds.epoch;
    let wants_json = headers
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("application/json"));
    let cache = [(CACHE_CONTROL, ODDS_CACHE), (VARY, "accept")];
    if wants_json {
        let body = odds::to_json(&current.odds).to_string();
        let answer = (cache, [(CONTENT_TYPE, "application/json")], body);
        return Ok(tagged(&format!("{epoch}-json"), &headers, answer));
    }
    let answer = (cache, sealed(current.bytes.clone()));
    Ok(tagged(&epoch.to_string(), &headers, answer))
}

/// `GET /openapi.json`, with the addresses that this collector really answers.
pub async fn openapi(State(app): State<Arc<App>>) -> Response {
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, ASK)];
    let moved = format!("\"{}/{{site}}/", app.prefix);
    let text = include_str!("../openapi.json").replace("\"/v1/{site}/", &moved);
    (headers, text).into_response()
}

/// Whether this may be the name of sealed bytes: nothing else is looked for.
fn is_name(text: &str) -> bool {
    text.len() == NAME_DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn immutable(file: &state::File, headers: &HeaderMap) -> Response {
    let answer = ([(CACHE_CONTROL, IMMUTABLE)], sealed(file.bytes.clone()));
    tagged(&file.hash, headers, answer)
}

fn sealed(bytes: Bytes) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/octet-stream")], bytes)
}

fn unpublished() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "nothing-published", "no rules were published for this site yet")
}
