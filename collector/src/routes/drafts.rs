//! The door of previews: a marketer leaves a draft, and whoever has its token
//! sees the site as that draft would have it, by the same faces. Never counts.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::access::{Intent, admit};
use super::public;
use super::rules::{compiled, text_of};
use crate::app::App;
use crate::compile::Checked;
use crate::drafts::{DRAFT_LIMIT, Draft, address, is_token, odds};
use crate::keys::Role;
use crate::problem::Problem;
use crate::state::{CurrentOdds, Site};
use crate::store::{DraftName, SavedDraft};

/// A draft is for those who have its address, and for now.
const PRIVATE: &str = "private, no-store";

/// `POST {prefix}/{site}/drafts`: rules as `PUT rules` takes them.
pub async fn keep(
    State(app): State<Arc<App>>,
    Path(site): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let site = app.site(&site)?;
    let headers = request.headers().clone();
    admit(&app, &site.name, &headers, (Role::Marketer, Intent::Change)).await?;
    let checked = compiled(&site, text_of(request).await?).await?;
    let warnings = checked.warnings.clone();
    let draft = share(&app, &site, checked).await?;
    let mut answer = json!({
        "token": draft.token, "plan": draft.file.hash, "expires": draft.ends, "diagnostics": warnings,
    });
    if let (Some(shop), Some(object)) = (&site.shop, answer.as_object_mut()) {
        object.insert("url".into(), address(shop, &draft.token).into());
    }
    Ok((StatusCode::CREATED, [(CACHE_CONTROL, PRIVATE)], Json(answer)).into_response())
}

/// `GET {prefix}/{site}/drafts/{token}/plan`: as the site's own pointer, and
/// when the draft ends.
pub async fn pointer(
    State(app): State<Arc<App>>,
    Path((site, token)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (site, draft) = find(&app, &site, &token).await?;
    let model = site.state().model.as_ref().map(|goods| goods.head.hash.clone());
    let answer = json!({ "plan": draft.file.hash, "model": model, "expires": draft.ends });
    Ok(([(CACHE_CONTROL, PRIVATE)], Json(answer)).into_response())
}

/// `GET {prefix}/{site}/drafts/{token}/plan/{hash}`
pub async fn plan(
    State(app): State<Arc<App>>,
    Path((site, token, hash)): Path<(String, String, String)>,
) -> Result<Response, Problem> {
    let (_, draft) = find(&app, &site, &token).await?;
    if draft.file.hash != hash {
        return Err(Problem::missing("the draft's plan has another name; ask its `plan` for it"));
    }
    Ok(sealed(draft.file.bytes.clone()))
}

/// `GET {prefix}/{site}/drafts/{token}/odds`: the published ones, where they fit.
pub async fn draft_odds(
    State(app): State<Arc<App>>,
    Path((site, token)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (site, draft) = find(&app, &site, &token).await?;
    let (published, current) = {
        let state = site.state();
        (state.published.clone(), Arc::clone(&state.odds))
    };
    let fitting = published.map(|published| odds(&current.odds, &published.plan, &draft.plan));
    Ok(sealed(CurrentOdds::new(fitting.unwrap_or_default()).bytes))
}

/// `GET {prefix}/{site}/drafts/{token}/model/{hash}`: the site's own model.
pub async fn model(
    State(app): State<Arc<App>>,
    Path((site, token, hash)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    find(&app, &site, &token).await?;
    public::model(State(app), Path((site, hash)), headers).await
}

/// `POST {prefix}/{site}/drafts/{token}/reports`: thanked for, and forgotten.
pub async fn reports(
    State(app): State<Arc<App>>,
    Path((site, token)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    find(&app, &site, &token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Keeps a draft, under the token that it has at another collector already.
async fn share(app: &Arc<App>, site: &Arc<Site>, checked: Checked) -> Result<Arc<Draft>, Problem> {
    if !app.shares {
        return site.drafts.keep(checked, crate::now()).map_err(Problem::busy);
    }
    let (name, plan) = (site.name.clone(), checked.hash.clone());
    let known = app.read(move |store| store.draft(&name, DraftName::Plan(&plan))).await?;
    known.into_iter().for_each(|known| site.drafts.take_up(known));
    let draft = site.drafts.keep(checked, crate::now()).map_err(Problem::busy)?;
    let name = site.name.clone();
    let saved = SavedDraft {
        token: draft.token.clone(),
        plan: draft.file.hash.clone(),
        bytes: draft.file.bytes.to_vec(),
        ends: draft.ends,
    };
    app.read(move |store| store.save_draft(&name, &saved, DRAFT_LIMIT as u32)).await?;
    Ok(draft)
}

async fn find(app: &Arc<App>, site: &str, token: &str) -> Result<(Arc<Site>, Arc<Draft>), Problem> {
    let site = app.site(site)?;
    let mut draft = site.drafts.find(token, crate::now());
    if draft.is_none() && app.shares && is_token(token) {
        let (name, asked) = (site.name.clone(), token.to_owned());
        let saved = app.read(move |store| store.draft(&name, DraftName::Token(&asked))).await?;
        saved.into_iter().for_each(|saved| site.drafts.take_up(saved));
        draft = site.drafts.find(token, crate::now());
    }
    let draft = draft.ok_or_else(|| {
        let detail = "there is no such draft; one lives for a day, and ends with a collector that keeps its data in a folder";
        Problem::new(StatusCode::NOT_FOUND, "no-such-draft", detail)
    })?;
    Ok((site, draft))
}

fn sealed(bytes: axum::body::Bytes) -> Response {
    ([(CACHE_CONTROL, PRIVATE), (CONTENT_TYPE, "application/octet-stream")], bytes).into_response()
}
