//! The cards to show. Never offers an item that it cannot draw, or
//! that is sold out.

use alloc::string::String;
use alloc::vec::Vec;

use super::rank::{places, score};
use super::{Card, Index, Model, Past, Stock};
use crate::text::fold;

/// The cards to show a visitor; only items that have one. First what follows
/// from the items viewed, then the popular ones of the category that the
/// visitor leans to, then that category's others, then the popular ones.
#[must_use]
pub fn cards<'a>(model: &'a Model, index: &Index, past: &Past, count: usize) -> Vec<&'a Card> {
    let session: Vec<&str> = past.viewed.iter().map(String::as_str).collect();
    let exclude: Vec<&str> = past.banned.iter().map(String::as_str).collect();
    let banned = places(model, index, &exclude);
    let leaning = &past.leaning;
    let fits = |card: &Card| !leaning.is_empty() && fold(&card.category) == *leaning;
    let mut best: Vec<&Card> = Vec::new();
    let mut offer = |card: &'a Card| {
        let is_new = !banned.contains(&card.item) && best.iter().all(|known| known.item != card.item);
        if best.len() < count && is_new && card.stock != Stock::Out {
            best.push(card);
        }
    };
    for item in score(model, index, &session) {
        model.card(item).map(&mut offer);
    }
    for item in &model.popular {
        model.card(*item).filter(|card| fits(card)).map(&mut offer);
    }
    model.cards.iter().filter(|card| fits(card)).for_each(&mut offer);
    for item in &model.popular {
        model.card(*item).map(&mut offer);
    }
    best
}
