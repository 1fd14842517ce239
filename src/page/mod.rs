//! The page's body: reads the world once, lets the engine decide, and shows.
//! Never decides, never throws into the page, never stores or sends without
//! consent.

mod body;
mod debug;
mod ga4;
mod net;
mod outbox;
mod slot;
mod store;
mod visit;

use std::cell::RefCell;
use std::collections::VecDeque;

use wasm_bindgen::JsValue;

use body::Body;

type Job = Box<dyn FnOnce(&mut Body)>;

thread_local! {
    static BODY: RefCell<Option<Body>> = const { RefCell::new(None) };
    /// Jobs that came while the body was at work: a page's handler may call
    /// back from inside an announcement.
    static JOBS: RefCell<VecDeque<Job>> = const { RefCell::new(VecDeque::new()) };
}

/// Starts the body; a second start is ignored.
pub fn start(settings: &JsValue) {
    let is_new = BODY.with(|cell| {
        let Ok(mut body) = cell.try_borrow_mut() else { return false };
        let is_new = body.is_none();
        if is_new {
            *body = Some(Body::new(settings));
        }
        is_new
    });
    if is_new {
        with(Body::begin);
    }
}

/// One call of the page.
pub fn call(name: &str, argument: &JsValue, at: f64) -> JsValue {
    let (name, argument) = (name.to_owned(), argument.clone());
    let answer = std::rc::Rc::new(RefCell::new(JsValue::UNDEFINED));
    let slot = answer.clone();
    with(move |body| *slot.borrow_mut() = body.call(&name, &argument, at));
    answer.borrow().clone()
}

/// Runs a job on the body, now or, if it is at work, right afterwards. What
/// the job announces to the page is told after the body is free again.
fn with(job: impl FnOnce(&mut Body) + 'static) {
    JOBS.with(|jobs| jobs.borrow_mut().push_back(Box::new(job)));
    loop {
        let news = BODY.with(|cell| {
            let mut guard = cell.try_borrow_mut().ok()?;
            let body = guard.as_mut()?;
            let job = JOBS.with(|jobs| jobs.borrow_mut().pop_front())?;
            job(body);
            Some(body.news())
        });
        match news {
            Some(news) => news.into_iter().for_each(|tell| tell()),
            None => return,
        }
    }
}
