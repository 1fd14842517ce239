//! The console's session: a key is exchanged for a cookie, since streams of
//! events cannot send headers. Never sends a key back.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::header::{CACHE_CONTROL, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::access::{COOKIE_NAME, cookie, is_own_page, role};
use super::body;
use crate::app::App;
use crate::keys::{self, Role, SESSION_SECONDS};
use crate::problem::Problem;
use crate::store::Session;

/// `POST {prefix}/{site}/session` with `{"key":"…"}`
pub async fn open(
    State(app): State<Arc<App>>,
    Path(site): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let site = app.site(&site)?;
    let headers = request.headers().clone();
    refuse_foreign_pages(&headers)?;
    let body = body(request).await?;
    let sent: Value = serde_json::from_slice(&body).unwrap_or_default();
    let key = sent.get("key").and_then(Value::as_str);
    let key = key.ok_or_else(|| Problem::malformed("the body is not `{\"key\":\"…\"}`"))?;
    let hash = keys::hash(key.trim());
    let role = role(&app, &site.name, hash).await?.ok_or_else(Problem::locked)?;
    let token = keys::new_key(Role::Viewer).map_err(Problem::busy)?;
    let session = Session { key: hash, ends: crate::now() + SESSION_SECONDS * 1000 };
    let (name, place) = (site.name.clone(), keys::hash(&token));
    app.read(move |store| store.open_session(&name, &place, &session)).await?;
    let answer = Json(json!({ "site": site.name, "role": role.word(), "seconds": SESSION_SECONDS }));
    Ok(with_cookie(&app, &site.name, &headers, (&token, SESSION_SECONDS), answer))
}

/// `DELETE {prefix}/{site}/session`
pub async fn close(
    State(app): State<Arc<App>>,
    Path(site): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let site = app.site(&site)?;
    refuse_foreign_pages(&headers)?;
    if let Some(token) = cookie(&headers) {
        let (name, token) = (site.name.clone(), keys::hash(token));
        app.read(move |store| store.close_session(&name, &token)).await?;
    }
    Ok(with_cookie(&app, &site.name, &headers, ("", 0), StatusCode::NO_CONTENT))
}

/// Nobody else's page may log a marketer in or out.
fn refuse_foreign_pages(headers: &HeaderMap) -> Result<(), Problem> {
    if is_own_page(headers) {
        return Ok(());
    }
    Err(Problem::forbidden("sessions begin and end on the console's own pages"))
}

fn with_cookie(
    app: &App,
    site: &str,
    headers: &HeaderMap,
    (token, seconds): (&str, u64),
    answer: impl IntoResponse,
) -> Response {
    let is_secure = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.is_some_and(|value| value.starts_with("https"))
    };
    let secure = if is_secure("origin") || is_secure("x-forwarded-proto") { "; Secure" } else { "" };
    let cookie = format!(
        "{COOKIE_NAME}={token}; HttpOnly; SameSite=Strict; Path={}/{site}; Max-Age={seconds}{secure}",
        app.prefix
    );
    let headers = [(SET_COOKIE, cookie), (CACHE_CONTROL, "no-store".into())];
    (headers, answer).into_response()
}
