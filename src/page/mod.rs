//! The page's body: reads the world once, lets the engine decide, and shows.
//! Never decides, never throws into the page, never stores or sends without
//! consent.

mod body;
mod given;
#[cfg(target_family = "wasm")]
mod outbox;
mod slot;
mod store;
mod visit;

use std::cell::RefCell;

/// Whether this body also speaks (`data-debug`) and keeps an edge's digest
/// (`data-edge`). The loader takes it only where the tag asks for one of them:
/// every other page is spared 2 kB of brotli.
const IS_FULL: bool = cfg!(feature = "page_full");

pub use body::Body;
use given::SEPARATOR;
pub use given::{Given, next_text, text};

thread_local! {
    static BODY: RefCell<Option<Body>> = const { RefCell::new(None) };
}

/// Starts the body for a site and its collector; a second start is ignored.
pub fn start(mut texts: &str, wishes: (u8, u8), at: f64) {
    let (site, collector) = (next_text(&mut texts), texts);
    let is_new = BODY.with(|cell| {
        let Ok(mut body) = cell.try_borrow_mut() else { return false };
        let is_new = body.is_none();
        if is_new {
            body.get_or_insert_with(|| Body::new(site, collector, wishes));
        }
        is_new
    });
    if is_new {
        with(|body| body.begin(at));
    }
}

/// Does a job on the body. The hands never call back while they are called
/// (what they tell the page waits for a microtask), so the body is always free.
pub fn with<T>(job: impl FnOnce(&mut Body) -> T) -> Option<T> {
    BODY.with(|cell| cell.try_borrow_mut().ok()?.as_mut().map(job))
}

/// Tells the page's own listeners: an event's name, and its details.
fn tell(texts: &[&str]) {
    let mut line = String::new();
    for text in texts {
        if !line.is_empty() {
            line.push(char::from(SEPARATOR));
        }
        line.push_str(text);
    }
    crate::tell(&line);
}
