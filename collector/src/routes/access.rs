//! Who may read results and who may publish. Never tells a wrong key from a
//! missing one.

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN};

use crate::app::App;
use crate::keys::{self, KeyHash, Role};
use crate::problem::Problem;

/// The cookie of the console's session.
pub const COOKIE_NAME: &str = "vitrine_session";

/// What a request intends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// It changes nothing.
    Read,
    /// It changes something; with a cookie it must come from our own pages.
    Change,
}

/// Lets a request through that holds at least a role.
///
/// # Errors
/// 401 without a good key or session, 403 with one that may not do this.
pub async fn admit(
    app: &Arc<App>,
    site: &str,
    headers: &HeaderMap,
    (least, intent): (Role, Intent),
) -> Result<(), Problem> {
    let offered = match bearer(headers) {
        Some(key) => keys::hash(key),
        None => {
            let token = keys::hash(cookie(headers).ok_or_else(Problem::locked)?);
            let name = site.to_string();
            let session = app.read(move |store| store.session(&name, &token)).await?;
            let session =
                session.filter(|session| session.ends > crate::now()).ok_or_else(Problem::locked)?;
            if intent == Intent::Change && !is_own_page(headers) {
                return Err(Problem::forbidden(
                    "a session may change something only from the console's own pages",
                ));
            }
            session.key
        }
    };
    let held = role(app, site, offered).await?.ok_or_else(Problem::locked)?;
    if held < least {
        return Err(Problem::forbidden(format!(
            "this needs a {}'s key, and this one is a {}'s",
            least.word(),
            held.word()
        )));
    }
    Ok(())
}

/// What a key of a site may do; every known key is compared, in constant time.
///
/// # Errors
/// 503: the database cannot be read.
pub async fn role(app: &Arc<App>, site: &str, offered: KeyHash) -> Result<Option<Role>, Problem> {
    let site = site.to_string();
    let known = app.read(move |store| store.keys(&site)).await?;
    Ok(known.iter().fold(
        None,
        |found, (hash, role)| {
            if keys::same(hash, &offered) { Some(*role) } else { found }
        },
    ))
}

/// The session's token, if the request carries one.
pub fn cookie(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE_NAME)
        .map(|(_, token)| token)
}

/// Whether a browser says that the request comes from a page of this origin,
/// or no browser sent it.
pub fn is_own_page(headers: &HeaderMap) -> bool {
    let read = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(from) = read("sec-fetch-site") {
        return from == "same-origin";
    }
    match (read(ORIGIN.as_str()), read(HOST.as_str())) {
        (None, _) => true,
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, from)| from == host),
        (Some(_), None) => false,
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_may_change_something_with_a_cookie() {
        let headers = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, value.parse().unwrap());
            }
            headers
        };
        for own in [
            &[][..],
            &[("sec-fetch-site", "same-origin"), ("origin", "https://a")],
            &[("origin", "http://a:1"), ("host", "a:1")],
        ] {
            assert!(is_own_page(&headers(own)), "{own:?}");
        }
        for foreign in [
            &[("sec-fetch-site", "same-site")][..],
            &[("sec-fetch-site", "cross-site"), ("origin", "http://a"), ("host", "a")],
            &[("origin", "http://a:2"), ("host", "a:1")],
            &[("origin", "null"), ("host", "a")],
            &[("origin", "http://a")],
        ] {
            assert!(!is_own_page(&headers(foreign)), "{foreign:?}");
        }
    }
}
