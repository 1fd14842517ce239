//! Answers that say no, as RFC 9457 problem documents. Never carries a type
//! name, a path of this machine or anything of another site.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// Seconds after which a device may try again when the collector is full.
const RETRY_SECONDS: u16 = 5;
/// Seconds after which a crowded place has most probably another day.
const CROWDED_SECONDS: u32 = 12 * 60 * 60;
/// What a problem document is, on the wire.
const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/problem+json");

/// One refusal.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    name: &'static str,
    detail: String,
    diagnostics: Option<Vec<Value>>,
}

impl Problem {
    /// A refusal: `name` is stable and for programs, `detail` a sentence for
    /// the person who can mend it.
    pub fn new(status: StatusCode, name: &'static str, detail: impl Into<String>) -> Problem {
        Problem { status, name, detail: detail.into(), diagnostics: None }
    }

    /// 400: the request itself is wrong and will be wrong again.
    pub fn malformed(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, "malformed", detail)
    }

    /// 404: there is nothing of that name.
    pub fn missing(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "not-found", detail)
    }

    /// 401: no key, or one that does not fit.
    pub fn locked() -> Problem {
        Problem::new(
            StatusCode::UNAUTHORIZED,
            "key-needed",
            "this needs a key of the site, as `Authorization: Bearer KEY`, or the console's session",
        )
    }

    /// 403: a key that fits and may not do this.
    pub fn forbidden(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    /// 503: nothing was counted; the same request may succeed in a moment.
    pub fn busy(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail)
    }

    /// 422: the rules have mistakes; each is told at its place.
    pub fn unprocessable(diagnostics: Vec<Value>) -> Problem {
        Problem {
            diagnostics: Some(diagnostics),
            ..Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "rules-refused",
                "the rules have mistakes and were not published; the last good plan stays",
            )
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut document = json!({
            "type": format!("urn:vitrine:{}", self.name),
            "title": self.status.canonical_reason().unwrap_or("Refused"),
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        if let (Some(diagnostics), Some(object)) = (self.diagnostics, document.as_object_mut()) {
            object.insert("diagnostics".into(), Value::Array(diagnostics));
        }
        let mut response = (self.status, document.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, MEDIA_TYPE);
        match self.status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::TOO_MANY_REQUESTS => {
                headers.insert(RETRY_AFTER, HeaderValue::from(CROWDED_SECONDS));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(RETRY_AFTER, HeaderValue::from(RETRY_SECONDS));
            }
            _ => {}
        }
        response
    }
}

/// Gives every refusal the one form, also those of the framework itself.
pub async fn in_one_form(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let is_problem = response.headers().get(CONTENT_TYPE) == Some(&MEDIA_TYPE);
    if !(status.is_client_error() || status.is_server_error()) || is_problem {
        return response;
    }
    let detail = match status {
        StatusCode::NOT_FOUND => "there is nothing at this address; `/openapi.json` lists what is",
        StatusCode::METHOD_NOT_ALLOWED => "this address does not take this method",
        StatusCode::PAYLOAD_TOO_LARGE => "the body is too large",
        _ => "the request cannot be read",
    };
    let (mut parts, _) = response.into_parts();
    let (made, body) = Problem::new(status, "refused", detail).into_response().into_parts();
    parts.headers.remove(axum::http::header::CONTENT_LENGTH);
    parts.headers.extend(made.headers);
    Response::from_parts(parts, Body::new(body))
}
