//! The shelf's body: the model and the strips drawn from it. Fetched only where
//! a plan has product strips and a model is published; never sees the visitor,
//! only what a strip's order says.

use std::cell::RefCell;

use vitrine_engine::banner::strip;
use vitrine_engine::pack::Pack;
use vitrine_engine::recommend::{Index, Model};
use vitrine_engine::seal::Broken;

thread_local! {
    static GOODS: RefCell<Option<(Model, Index)>> = const { RefCell::new(None) };
}

/// Takes a model's sealed bytes; gives the packed propensity, which the page
/// judges conditions by.
///
/// # Errors
/// Says why the bytes are no model; what was on the shelf stays there.
pub fn stock(bytes: &[u8]) -> Result<Vec<u8>, Broken> {
    let goods = Model::load(bytes)?;
    let mut intent = Vec::new();
    goods.0.intent.pack(&mut intent);
    GOODS.set(Some(goods));
    Ok(intent)
}

/// A strip's markup; empty where there is no product for it.
pub fn draw(order: &[u8]) -> Vec<u8> {
    let markup = GOODS.with_borrow(|goods| {
        let (model, index) = goods.as_ref()?;
        strip::draw(order, model, index)
    });
    markup.unwrap_or_default().into_bytes()
}
