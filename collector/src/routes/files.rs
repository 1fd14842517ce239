//! The console and the built module. Never leaves its two folders, whatever
//! an address says.

use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use axum::extract::{Path, RawQuery, State};
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
    VARY,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Redirect, Response};

use super::tagged;
use crate::app::App;
use crate::problem::Problem;

/// What the console may do: its own files, the checker's wasm, nothing inline.
const CONSOLE_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
/// What the console asks at where its address says nothing else.
const USUAL_PREFIX: &str = "/v1";
/// The script tag's file has one name for ever, so a new one has to be noticed.
const LOADER: &str = "vitrine.js";
/// Five minutes.
const LOADER_CACHE: &str = "public, max-age=300";
/// Ask each time; a 304 is small.
const ASK: &str = "no-cache";
/// What may leave the folders, and as what.
const KINDS: [(&str, &str); 9] = [
    ("html", "text/html; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("json", "application/json"),
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("ico", "image/x-icon"),
    ("wasm", "application/wasm"),
];
/// What of the module's folder a page needs.
const MODULE_KINDS: [&str; 4] = ["js", "mjs", "css", "wasm"];
/// Encodings that may lie beside a file, best first.
const ENCODINGS: [(&str, &str); 2] = [("br", "br"), ("gzip", "gz")];

/// `GET /console`
pub async fn console_folder() -> Redirect {
    Redirect::permanent("/console/")
}

/// `GET /console/`: where the collector answers elsewhere than usual, the console
/// is told by its own address.
pub async fn console_index(
    state: State<Arc<App>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let prefix = &state.prefix;
    if prefix != USUAL_PREFIX && query.is_none_or(|query| !query.contains("prefix=")) {
        return Ok(Redirect::temporary(&format!("/console/?prefix={prefix}")).into_response());
    }
    console(state, Path("index.html".into()), headers).await
}

/// `GET /console/{*path}`
pub async fn console(
    State(app): State<Arc<App>>,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut response = serve(app.console.as_deref(), &path, &headers).await?;
    for (name, value) in [(CONTENT_SECURITY_POLICY, CONSOLE_POLICY), (REFERRER_POLICY, "no-referrer")] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

/// `GET /{file}` and `GET /pkg/{file}`
pub async fn pkg(
    State(app): State<Arc<App>>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let is_module = MODULE_KINDS.iter().any(|kind| extension(&file) == *kind);
    if !is_module || file.contains('/') {
        return Err(nothing());
    }
    serve(app.pkg.as_deref(), &file, &headers).await
}

async fn serve(folder: Option<&FilePath>, path: &str, headers: &HeaderMap) -> Result<Response, Problem> {
    let kind = KINDS.iter().find(|(name, _)| *name == extension(path));
    let (_, kind) = kind.ok_or_else(nothing)?;
    let folder = folder.ok_or_else(nothing)?;
    let file = inside(folder, path).await.ok_or_else(nothing)?;
    let (file, encoding) = encoded(file, headers).await;
    let found = tokio::fs::metadata(&file).await.map_err(|_| nothing())?;
    let bytes = tokio::fs::read(&file).await.map_err(|_| nothing())?;
    let changed = found.modified().ok();
    let age = changed.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let tag = format!("{:x}-{:x}", age.unwrap_or_default().as_nanos(), bytes.len());
    let cache = if path == LOADER { LOADER_CACHE } else { ASK };
    let answer = [(CONTENT_TYPE, *kind), (CACHE_CONTROL, cache), (VARY, "accept-encoding")];
    let mut response = tagged(&tag, headers, (answer, bytes));
    if let Some(encoding) = encoding {
        let value = HeaderValue::from_static(encoding);
        response.headers_mut().insert(CONTENT_ENCODING, value);
    }
    Ok(response)
}

/// A file below a folder, by plain names only; a link that leads out is no file.
async fn inside(folder: &FilePath, path: &str) -> Option<PathBuf> {
    let is_plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
    };
    if !path.split('/').all(is_plain) {
        return None;
    }
    let folder = tokio::fs::canonicalize(folder).await.ok()?;
    let file = tokio::fs::canonicalize(folder.join(path)).await.ok()?;
    file.starts_with(&folder).then_some(file)
}

/// The best encoding beside a file that the client takes.
async fn encoded(file: PathBuf, headers: &HeaderMap) -> (PathBuf, Option<&'static str>) {
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    for (name, ending) in ENCODINGS {
        let takes = |part: &str| {
            let (coding, quality) = part.split_once(';').unwrap_or((part, ""));
            let refused = quality.trim().trim_start_matches("q=").parse() == Ok(0.0);
            coding.trim() == name && !refused
        };
        if !accepted.split(',').any(takes) {
            continue;
        }
        let mut beside = file.clone().into_os_string();
        beside.push(".");
        beside.push(ending);
        // An older encoding than the file is left over from another build.
        if is_newer(beside.as_ref(), &file).await {
            return (beside.into(), Some(name));
        }
    }
    (file, None)
}

async fn is_newer(beside: &FilePath, file: &FilePath) -> bool {
    let changed = async |path: &FilePath| tokio::fs::metadata(path).await.ok()?.modified().ok();
    match (changed(beside).await, changed(file).await) {
        (Some(beside), Some(file)) => beside >= file,
        _ => false,
    }
}

fn extension(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, ending)| ending)
}

fn nothing() -> Problem {
    Problem::missing("there is no such file; `/openapi.json` lists the addresses")
}
