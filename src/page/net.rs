//! Fetching and sending. Never with credentials, never a throw: an answer is
//! a status and bytes, or nothing.

use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{RequestInit, Response};

use super::visit::window;

/// Fetches `url`; `then` gets the bytes of a 200, else `None`.
pub fn fetch(url: &str, then: impl FnOnce(Option<Vec<u8>>) + 'static) {
    request(url, None, |response| {
        let body = response.filter(Response::ok).and_then(|response| response.array_buffer().ok());
        match body {
            Some(body) => {
                settle(&body, |buffer| then(buffer.map(|buffer| js_sys::Uint8Array::new(&buffer).to_vec())))
            }
            None => then(None),
        }
    });
}

/// Posts `body`, so that it survives the page; `then` gets the status, 0 where
/// no answer came.
pub fn post(url: &str, body: &str, then: impl FnOnce(u16) + 'static) {
    request(url, Some(body), |response| then(response.map_or(0, |response| response.status())));
}

/// The last resort on leaving.
pub fn beacon(url: &str, body: &str) -> bool {
    let navigator = window().map(|window| window.navigator());
    navigator.is_some_and(|navigator| navigator.send_beacon_with_opt_str(url, Some(body)).unwrap_or(false))
}

fn request(url: &str, body: Option<&str>, then: impl FnOnce(Option<Response>) + 'static) {
    let Some(window) = window() else { return then(None) };
    let init = RequestInit::new();
    init.set_credentials(web_sys::RequestCredentials::Omit);
    if let Some(body) = body {
        init.set_method("POST");
        init.set_body(&JsValue::from_str(body));
        let _ = js_sys::Reflect::set(&init, &"keepalive".into(), &JsValue::TRUE);
    }
    let promise = window.fetch_with_str_and_init(url, &init);
    settle(&promise, |value| then(value.and_then(|value| value.dyn_into().ok())));
}

/// Calls `then` once, with the promise's value or, if it fails, with `None`.
fn settle(promise: &js_sys::Promise, then: impl FnOnce(Option<JsValue>) + 'static) {
    let once = std::rc::Rc::new(std::cell::RefCell::new(Some(then)));
    let other = once.clone();
    let run = move |value| {
        if let Some(then) = once.borrow_mut().take() {
            then(value);
        }
    };
    let fail = move || {
        if let Some(then) = other.borrow_mut().take() {
            then(None);
        }
    };
    // Whichever of the two is not called is freed by the browser with the promise.
    let done = Closure::once_into_js(move |value: JsValue| run(Some(value)));
    let failed = Closure::once_into_js(move |_: JsValue| fail());
    let (done, failed): (js_sys::Function, js_sys::Function) =
        (done.unchecked_into(), failed.unchecked_into());
    let then: js_sys::Function = super::visit::get(promise, "then").unchecked_into();
    let _ = then.call2(promise, &done, &failed);
}
