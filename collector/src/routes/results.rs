//! What came of it, for those with a key. Never shows one visitor.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use std::collections::HashMap;

use vitrine_engine::time::Millis;

use super::access::{Intent, admit};
use crate::app::App;
use crate::keys::Role;
use crate::problem::Problem;

/// `GET {prefix}/{site}/results`, with `?leaves=true` by leaf too.
pub async fn results(
    State(app): State<Arc<App>>,
    Path(site): Path<String>,
    Query(parameters): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let site = app.site(&site)?;
    admit(&app, &site.name, &headers, (Role::Viewer, Intent::Read)).await?;
    let by_leaf = by_leaf(&parameters);
    let document = crate::results::results(&site, by_leaf, Millis(crate::now()));
    Ok(([(CACHE_CONTROL, "no-store")], Json(document)).into_response())
}

/// Whether results are asked for by leaf too.
pub fn by_leaf(parameters: &HashMap<String, String>) -> bool {
    parameters.get("leaves").is_some_and(|word| word == "true")
}
