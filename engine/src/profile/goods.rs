//! Products enter the memory: what was viewed, put into the cart, bought and
//! put away, and the leanings that all of it tells of.

use alloc::string::String;
use alloc::vec::Vec;

use crate::event::{self, Event, Item};
use crate::ring::{drop_where, keep_last};

use super::{CART_LIMIT, Profile, Terms, VIEWED_LIMIT};

impl Profile {
    pub(super) fn touch_items(&mut self, event: &Event, terms: &Terms) {
        let weight = match event.name.as_str() {
            event::VIEW_ITEM => 1.0,
            event::ADD_TO_CART => 3.0,
            event::PURCHASE => 5.0,
            _ => 0.0,
        };
        for item in &event.items {
            if weight > 0.0 {
                self.categories.lean(&item.category, weight, event.at, terms.half_life);
                self.brands.lean(&item.brand, weight, event.at, terms.half_life);
                for tag in &item.tags {
                    self.tags.lean(tag, weight, event.at, terms.half_life);
                }
                let band = terms.bands.iter().find(|band| (band.from..band.below).contains(&item.price));
                if let Some(band) = band {
                    self.bands.lean(&band.name, weight, event.at, terms.half_life);
                }
            }
        }
        match event.name.as_str() {
            event::VIEW_ITEM => event.items.iter().for_each(|item| {
                drop_where(&mut self.viewed, |seen| seen.id == item.id);
                // Who looks again has not put it away for good.
                drop_where(&mut self.declined, |id| *id == item.id);
                // Without its title and tags, which nobody asks for again.
                let mut seen = item.clone();
                seen.title.clear();
                seen.tags.clear();
                keep_last(&mut self.viewed, seen, VIEWED_LIMIT);
            }),
            event::ADD_TO_CART => event.items.iter().for_each(|item| self.put_in_cart(item)),
            event::REMOVE_FROM_CART => {
                event.items.iter().for_each(|item| self.take_from_cart(item));
                keep_ids(&mut self.declined, &event.items);
            }
            event::VIEW_CART => {
                self.cart.clear();
                event.items.iter().for_each(|item| self.put_in_cart(item));
            }
            event::PURCHASE => {
                self.spent = self.spent.saturating_add(event.value);
                self.cart.clear();
                keep_ids(&mut self.bought, &event.items);
            }
            event::DISMISSED => keep_ids(&mut self.declined, &event.items),
            _ => {}
        }
    }

    fn put_in_cart(&mut self, item: &Item) {
        let known = self.cart.iter().position(|line| line.id == item.id);
        let before = known.map_or(0, |at| self.cart.remove(at).quantity);
        let mut line = item.clone();
        line.quantity = before.saturating_add(item.quantity);
        keep_last(&mut self.cart, line, CART_LIMIT);
    }

    fn take_from_cart(&mut self, item: &Item) {
        if let Some(line) = self.cart.iter_mut().find(|line| line.id == item.id) {
            line.quantity = line.quantity.saturating_sub(item.quantity);
        }
        drop_where(&mut self.cart, |line| line.quantity == 0);
    }
}

fn keep_ids(ids: &mut Vec<String>, items: &[Item]) {
    for item in items {
        keep_last(ids, item.id.clone(), VIEWED_LIMIT);
    }
}
