//! What came of it, for those with a key. Never shows one visitor.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use vitrine_engine::time::Millis;

use super::access::{Intent, admit};
use super::{Parameters, one_of};
use crate::app::App;
use crate::keys::Role;
use crate::problem::Problem;
use crate::results::Asked;

/// `GET {prefix}/{site}/results`, with `?leaves=true` by leaf too, with
/// `?browsers=lasting` judged without those that forget after seven days.
pub async fn results(
    State(app): State<Arc<App>>,
    Path(site): Path<String>,
    Query(parameters): Query<Parameters>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let site = app.site(&site)?;
    admit(&app, &site.name, &headers, (Role::Viewer, Intent::Read)).await?;
    let document = crate::results::results(&site, asked(&parameters)?, Millis(crate::now()));
    let headers = [(CACHE_CONTROL, "no-store"), (CONTENT_TYPE, "application/json")];
    Ok((headers, document.to_string()).into_response())
}

/// How results are asked for.
///
/// # Errors
/// 400 for a word that is none of those described.
pub fn asked(parameters: &Parameters) -> Result<Asked, Problem> {
    Ok(Asked {
        by_leaf: one_of(parameters, "leaves", &["false", "true"])? == "true",
        is_lasting: one_of(parameters, "browsers", &["all", "lasting"])? == "lasting",
    })
}
