//! A page view enters the memory: where it is, and where it came from.

use crate::channel::{Landing, Sites, arrive};
use crate::event::Event;
use crate::hash::name32;
use crate::page::Page;
use crate::ring::{drop_where, keep_last};

use super::{PLACE_LIMIT, Profile, Terms};

impl Profile {
    pub(super) fn view_page(&mut self, event: &Event, page: &Page, terms: &Terms) {
        let (referrer, agent, sites) = (&event.referrer, &event.agent, Sites(&terms.sites));
        let arrival = arrive(&Landing { page, referrer, agent, sites });
        if self.visit.views == 0 {
            self.visit.landing.clone_from(&page.path);
        }
        if arrival.counts(self.visit.views, self.views) {
            self.visit.arrival = arrival;
        }
        if self.views == 0 {
            self.first = self.visit.arrival.clone();
        }
        self.views = self.views.saturating_add(1);
        self.visit.views = self.visit.views.saturating_add(1);
        let hash = name32(&page.path);
        drop_where(&mut self.places, |(known, _)| *known == hash);
        keep_last(&mut self.places, (hash, page.path.clone()), PLACE_LIMIT);
    }
}
