//! The products of one strip: gathered from the model, weighed by what is
//! known of this visitor and moment, and mixed. Never offers what is sold out,
//! excluded, banned or cannot be drawn, and never touches a float of its own.

use alloc::string::String;
use alloc::vec::Vec;

use super::rank::{Lists, score};
use super::shelves::NONE;
use super::{Card, HISTORY, Index, Model, Past, Ranking, Stock, Trait, Wish};
use crate::text::fold;

/// Candidates that are weighed: eight times the longest strip, and few enough
/// for microseconds.
const CANDIDATES: usize = 96;
/// Candidates from the model's lists.
const FROM_LISTS: usize = 32;
/// Candidates of each further source: enough that a limit of products a
/// category finds others.
const FROM_SHELF: usize = 12;

/// One product of a strip, and why it stands there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pick<'a> {
    /// What is drawn.
    pub card: &'a Card,
    /// How it came among the candidates.
    pub source: Source,
    /// What moved it, as a sum of [`Moved`]'s numbers.
    pub moved: u16,
}

/// How a product came among the candidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The merchant put it first.
    Pinned,
    /// Others went on to it from what this visitor viewed.
    Next,
    /// Others bought it together with what is in this basket.
    Together,
    /// This visitor viewed it.
    Viewed,
    /// It costs less than when this visitor viewed it.
    Cheaper,
    /// It is popular in the category at hand.
    Category,
    /// It is popular among the brand's.
    Brand,
    /// The page, the landing page or the search named its category or brand.
    Named,
    /// Most people look at it.
    Popular,
}

/// What moved a product up or down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// Up: its price is reduced, and the visit came from a price comparison.
    Reduced = 1,
    /// Up: the visitor leans to its category.
    Category = 2,
    /// Up: the visitor leans to its brand.
    Brand = 4,
    /// Up: its price is near those of what was viewed.
    Price = 8,
    /// Up: the merchant's boost.
    Boosted = 16,
    /// Down: the merchant's boost, below 1.
    Lowered = 32,
    /// Down: it was put away.
    Declined = 64,
    /// Up: its category is looked at more at this time of day.
    Hour = 128,
    /// Down: its category is looked at less at this time of day.
    OffHour = 256,
}

/// The products to show a visitor, best first.
#[must_use]
pub fn picks<'a>(model: &'a Model, index: &'a Index, past: &'a Past, wish: &'a Wish) -> Vec<Pick<'a>> {
    let mut table = Table::set(model, index, past, wish);
    table.gather();
    table.weigh();
    table.serve()
}

/// Gives the names of the shards to `each` that a strip should be ranked from and
/// that have not joined: those of the last items viewed or in the basket, as many
/// as speak, and of what the merchant pinned; some more than once.
pub fn wanted<'a>(
    (model, index): (&'a Model, &Index),
    past: &Past,
    wish: &Wish,
    each: &mut dyn FnMut(&'a str),
) {
    let Some(directory) = &model.directory else { return };
    let mut ids = session(past);
    if wish.ranking == Ranking::BoughtTogether {
        ids.append(&mut basket(past));
    }
    let first = ids.len().saturating_sub(HISTORY);
    for pin in &wish.pins {
        ids.push(pin);
    }
    for id in ids.get(first..).unwrap_or_default() {
        if let Some(shard) = directory.shard(id)
            && !index.has(shard)
            && let Some(name) = directory.shards.get(shard)
        {
            each(name);
        }
    }
}

/// A product that may be offered.
pub(super) struct Candidate {
    /// Its card's place.
    pub at: u32,
    pub source: Source,
    pub moved: u16,
    pub score: u32,
}

/// Where one strip is put together.
pub(super) struct Table<'a> {
    pub model: &'a Model,
    pub index: &'a Index,
    pub past: &'a Past,
    pub wish: &'a Wish,
    /// Items that must not be offered.
    banned: Vec<u32>,
    /// Categories and brands that must not be offered, by number.
    unwanted: Vec<(Trait, u32)>,
    pub found: Vec<Candidate>,
}

impl<'a> Table<'a> {
    fn set(model: &'a Model, index: &'a Index, past: &'a Past, wish: &'a Wish) -> Table<'a> {
        let mut table =
            Table { model, index, past, wish, banned: Vec::new(), unwanted: Vec::new(), found: Vec::new() };
        let exclude = wish.exclude;
        let is_of_the_past = matches!(wish.ranking, Ranking::RecentlyViewed | Ranking::BackInReach);
        // What is in view is never its own recommendation, nor is what is in
        // the basket its own complement.
        if past.in_view || !is_of_the_past {
            past.viewed.last().into_iter().for_each(|seen| table.ban(&seen.id));
        }
        if exclude.viewed && !is_of_the_past {
            past.viewed.iter().for_each(|seen| table.ban(&seen.id));
        }
        if wish.ranking == Ranking::BoughtTogether {
            basket(past).into_iter().for_each(|id| table.ban(id));
        }
        if exclude.in_cart {
            past.cart.iter().for_each(|line| table.ban(&line.id));
        }
        if exclude.purchased {
            past.bought.iter().for_each(|id| table.ban(id));
        }
        for (of, name) in &wish.bans {
            if let Some(number) = table.number(*of, name) {
                table.unwanted.push((*of, number));
            }
        }
        table
    }

    fn ban(&mut self, id: &str) {
        if let Some(item) = self.index.find(id) {
            self.banned.push(item);
        }
    }

    /// The candidates, best first, of each source in its turn.
    fn gather(&mut self) {
        let (past, shelves) = (self.past, &self.index.shelves);
        match self.wish.ranking {
            Ranking::RecentlyViewed => {
                for seen in past.viewed.iter().rev() {
                    self.offer_id(&seen.id, Source::Viewed);
                }
                return;
            }
            Ranking::BackInReach => return self.cheaper(),
            Ranking::Next => {
                self.follow(Lists::Next, &session(past));
            }
            Ranking::BoughtTogether => {
                let basket = basket(past);
                self.follow(Lists::Together, &basket);
                self.follow(Lists::Next, &basket);
            }
            Ranking::Popular => {}
        }
        // An item that nobody has met yet, or nobody went on from, still has a
        // category and a brand; who has no past still came to some page.
        let (named, brand) = self.named();
        if let Some(number) = named {
            self.offer_all(shelves.categories.cards(number), Source::Named);
        }
        if let Some(number) = brand {
            self.offer_all(shelves.brands.cards(number), Source::Named);
        }
        if let Some(seen) = past.viewed.last() {
            let category = shelves.categories.find(&fold(&seen.category));
            let brand = shelves.brands.find(&fold(&seen.brand));
            let (of_card, of_brand) = self.known(&seen.id);
            let category = category.unwrap_or(of_card);
            let brand = brand.unwrap_or(of_brand);
            // Of the same category and brand first.
            for at in shelves.categories.cards(category) {
                if brand != NONE && shelves.of(*at).1 == brand {
                    self.offer(*at, Source::Category);
                }
            }
            self.offer_all(shelves.categories.cards(category), Source::Category);
            self.offer_all(shelves.brands.cards(brand), Source::Brand);
        }
        if let Some(number) = past.categories.top().and_then(|name| shelves.categories.find(name)) {
            self.offer_all(shelves.categories.cards(number), Source::Category);
        }
        self.offer_all(&shelves.popular, Source::Popular);
    }

    /// What follows from a session, oldest first.
    fn follow(&mut self, lists: Lists, session: &[&str]) {
        let source = if lists == Lists::Next { Source::Next } else { Source::Together };
        let full = self.found.len() + FROM_LISTS;
        for item in score(self.model, self.index, lists, session.iter().copied()) {
            if self.found.len() < full {
                self.offer_item(item, source);
            }
        }
    }

    /// What costs less than it did, the greatest reduction first.
    fn cheaper(&mut self) {
        for seen in self.past.viewed.iter().rev() {
            let card = self.index.find(&seen.id).and_then(|item| self.index.card(self.model, item));
            let Some(card) = card.filter(|card| seen.price > card.now()) else { continue };
            self.offer_item(card.item, Source::Cheaper);
            if let Some(last) = self.found.last_mut().filter(|last| last.score == 0) {
                // In 1/65536 of what it cost; above 0.
                let unit = (seen.price >> 16).max(1);
                last.score = 1 + ((seen.price - card.now()) / unit) as u32;
            }
        }
        self.sort();
    }

    /// The category and the brand that the page in view, the search or the
    /// landing page name.
    fn named(&self) -> (Option<u16>, Option<u16>) {
        let (past, shelves) = (self.past, &self.index.shelves);
        // Who has looked at products says more by them than by where it began.
        let speaking = match past.viewed.is_empty() {
            true => 4,
            false => usize::from(self.wish.ranking == Ranking::Popular),
        };
        let (mut category, mut brand) = (None, None);
        for text in [&past.path, &past.term, &past.keyword, &past.landing].into_iter().take(speaking) {
            for word in text.split(['/', ' ', '+', '-', '_', '.']) {
                let word = fold(word);
                category = category.or_else(|| shelves.categories.find(&word));
                brand = brand.or_else(|| shelves.brands.find(&word));
            }
        }
        (category, brand)
    }

    /// Category and brand of an item with a card.
    fn known(&self, id: &str) -> (u16, u16) {
        let at = self.index.find(id).and_then(|item| self.index.shelves.card_at(item));
        at.map_or((NONE, NONE), |at| self.index.shelves.of(at))
    }

    fn offer_id(&mut self, id: &str, source: Source) {
        if let Some(item) = self.index.find(id) {
            self.offer_item(item, source);
        }
    }

    fn offer_item(&mut self, item: u32, source: Source) {
        if let Some(at) = self.index.shelves.card_at(item) {
            self.offer(at, source);
        }
    }

    fn offer_all(&mut self, cards: &[u32], source: Source) {
        let full = self.found.len() + FROM_SHELF;
        for at in cards {
            if self.found.len() < full {
                self.offer(*at, source);
            }
        }
    }

    fn offer(&mut self, at: u32, source: Source) {
        let may = self.found.len() < CANDIDATES
            && self.found.iter().all(|known| known.at != at)
            && self.may_show(at);
        if may {
            self.found.push(Candidate { at, source, moved: 0, score: 0 });
        }
    }

    fn may_show(&self, at: u32) -> bool {
        let Some(card) = self.model.cards.get(at as usize) else { return false };
        let is_unwanted = self.unwanted.iter().any(|unwanted| self.bears(at, *unwanted));
        card.stock != Stock::Out && !self.banned.contains(&card.item) && !is_unwanted
    }

    /// The number of a trait's name, where the model knows it.
    pub(super) fn number(&self, of: Trait, name: &str) -> Option<u32> {
        let shelves = &self.index.shelves;
        match of {
            Trait::Item => self.index.find(name),
            Trait::Category => shelves.categories.find(name).map(u32::from),
            Trait::Brand => shelves.brands.find(name).map(u32::from),
        }
    }

    /// Whether a card has a trait, by its number.
    pub(super) fn bears(&self, at: u32, (of, number): (Trait, u32)) -> bool {
        let (category, brand) = self.index.shelves.of(at);
        number
            == match of {
                Trait::Item => self.model.cards.get(at as usize).map_or(u32::MAX, |card| card.item),
                Trait::Category => category.into(),
                Trait::Brand => brand.into(),
            }
    }

    /// Highest score first; equals stay as they stand.
    pub(super) fn sort(&mut self) {
        for end in 1..self.found.len() {
            let mut at = end;
            while at > 0 && score_at(&self.found, at - 1) < score_at(&self.found, at) {
                self.found.swap(at - 1, at);
                at -= 1;
            }
        }
    }

    /// The merchant's pins, then the best, at most so many of a category.
    fn serve(mut self) -> Vec<Pick<'a>> {
        let best = core::mem::take(&mut self.found);
        for id in &self.wish.pins {
            self.offer_id(id, Source::Pinned);
        }
        let pinned = core::mem::replace(&mut self.found, best);
        let mut picks: Vec<Pick> = Vec::new();
        let mut taken: Vec<(u32, u16)> = Vec::new();
        for candidate in pinned.iter().chain(&self.found) {
            let (category, _) = self.index.shelves.of(candidate.at);
            let alike = taken.iter().filter(|(_, known)| *known == category && category != NONE).count();
            let is_known = taken.iter().any(|(at, _)| *at == candidate.at);
            let limit = usize::from(self.wish.per_category);
            let is_full = candidate.source != Source::Pinned && limit > 0 && alike >= limit;
            if is_known || is_full || picks.len() >= usize::from(self.wish.count) {
                continue;
            }
            if let Some(card) = self.model.cards.get(candidate.at as usize) {
                taken.push((candidate.at, category));
                picks.push(Pick { card, source: candidate.source, moved: candidate.moved });
            }
        }
        picks
    }
}

fn score_at(found: &[Candidate], at: usize) -> u32 {
    found.get(at).map_or(0, |candidate| candidate.score)
}

/// Ids of what was viewed, oldest first.
fn session(past: &Past) -> Vec<&str> {
    past.viewed.iter().map(|seen| seen.id.as_str()).collect()
}

/// Ids of what a strip completes: the cart, else what was bought, else what was
/// viewed.
fn basket(past: &Past) -> Vec<&str> {
    match (past.cart.is_empty(), past.bought.is_empty()) {
        (false, _) => past.cart.iter().map(|line| line.id.as_str()).collect(),
        (true, false) => past.bought.iter().map(String::as_str).collect(),
        (true, true) => session(past),
    }
}
