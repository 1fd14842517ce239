//! The shelf's body: the model and the strips drawn from it. Fetched only where
//! a plan has product strips and a model is published; never sees the visitor,
//! only what a strip's order says.

#[cfg(target_family = "wasm")]
pub mod heap;

use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;

use vitrine_engine::banner::strip::Ordered;
use vitrine_engine::pack::Pack;
use vitrine_engine::recommend::{Index, Model};
use vitrine_engine::seal::Broken;

thread_local! {
    static GOODS: RefCell<Option<(Model, Index)>> = const { RefCell::new(None) };
    /// How much memory the goods take.
    static KEPT: Cell<usize> = const { Cell::new(0) };
}

/// Keeps all that is in memory: it is the goods'.
pub fn keep() {
    #[cfg(target_family = "wasm")]
    KEPT.set(heap::mark());
}

/// Gives back what a row took.
pub fn clear() {
    #[cfg(target_family = "wasm")]
    heap::reset(KEPT.get());
}

/// Takes a model's sealed bytes, or once there is a head those of one of its
/// shards; gives the packed propensity, which the page judges conditions by, and
/// what is wrong with the bytes. What was on the shelf stays there.
pub fn stock(bytes: &[u8]) -> (Vec<u8>, Result<(), Broken>) {
    GOODS.with_borrow_mut(|goods| {
        let outcome = match goods {
            Some((model, index)) => index.join(model, bytes),
            None => Model::load(bytes).map(|loaded| *goods = Some(loaded)),
        };
        let mut intent = Vec::new();
        if let Some((model, _)) = goods {
            model.intent.pack(&mut intent);
        }
        (intent, outcome)
    })
}

/// A strip's markup; empty where there is no product for it. Shards that speak
/// and are not there are named to `want`, and the strip is drawn without them.
pub fn draw(order: &[u8], mut want: impl FnMut(&str)) -> Vec<u8> {
    let markup = GOODS.with_borrow(|goods| {
        let (model, index) = goods.as_ref()?;
        // Its memory goes with the row's; see `heap`.
        let mut ordered = ManuallyDrop::new(Ordered::read(order));
        ordered.wanted((model, index), &mut want);
        ordered.draw(model, index)
    });
    markup.unwrap_or_default().into_bytes()
}
