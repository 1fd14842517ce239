//! Product strips. Never sees a profile: what to draw comes packed in one
//! order, so that the model may lie in another module than the one that
//! decides, and a page without products carries neither.

use alloc::string::String;
use alloc::vec::Vec;

use super::tags::Tags;
use crate::pack::{Input, Pack, push_text};
use crate::recommend::{Card, Index, Model, Past, cards};
use crate::template::Currency;
use crate::text::{is_safe_link, join, push_html};

/// A strip that is to be drawn: all of it but the products.
#[derive(Debug)]
pub struct Strip<'a> {
    /// Its heading, filled in.
    pub title: &'a str,
    /// The class of the page's edge that it keeps to.
    pub edge: &'a str,
    /// The page's language.
    pub language: &'a str,
    /// How prices are written.
    pub currency: &'a Currency,
    /// What speaks for the products.
    pub past: Past,
    /// How many there are at most.
    pub count: u8,
}

/// Draws an ordered strip; `None` where there is no product for it, or the
/// bytes are no order.
#[must_use]
pub fn draw(order: &[u8], model: &Model, index: &Index) -> Option<String> {
    let mut input = Input::new(order);
    let (title, edge, language) =
        (String::unpack(&mut input), String::unpack(&mut input), String::unpack(&mut input));
    let (currency, past, count) =
        (Currency::unpack(&mut input), Past::unpack(&mut input), u8::unpack(&mut input));
    let strip = Strip { title: &title, edge: &edge, language: &language, currency: &currency, past, count };
    let cards = cards(model, index, &strip.past, usize::from(count));
    if input.is_broken() || cards.is_empty() { None } else { Some(strip.markup(&cards)) }
}

impl Strip<'_> {
    /// The order for it, as [`draw`] reads it.
    #[must_use]
    pub fn order(&self) -> Vec<u8> {
        let mut out = Vec::new();
        push_text(&mut out, self.title);
        push_text(&mut out, self.edge);
        push_text(&mut out, self.language);
        self.currency.pack(&mut out);
        self.past.pack(&mut out);
        self.count.pack(&mut out);
        out
    }

    fn markup(&self, cards: &[&Card]) -> String {
        let mut tags = Tags { out: String::new(), language: self.language };
        tags.open("section", &join(&["strip ", self.edge]));
        tags.attribute("aria-labelledby", "vt-title");
        tags.out.push_str("><h2 id=\"vt-title\" class=\"vt-title\">");
        push_html(&mut tags.out, self.title);
        tags.out.push_str("</h2>");
        tags.close_button();
        tags.out.push_str("<ul class=\"vt-list\" role=\"list\" tabindex=\"0\"");
        tags.attribute("aria-labelledby", "vt-title");
        tags.out.push('>');
        for card in cards {
            self.card(&mut tags, card);
        }
        tags.out.push_str("</ul></section>");
        tags.out
    }

    fn card(&self, tags: &mut Tags, card: &Card) {
        if !is_safe_link(&card.link) {
            return;
        }
        tags.out.push_str("<li class=\"vt-item\"><a class=\"vt-link\" data-vt=\"click\"");
        tags.attribute("href", &card.link);
        tags.out.push('>');
        if is_safe_link(&card.image) {
            tags.out.push_str("<img class=\"vt-image\" alt=\"\" decoding=\"async\"");
            tags.attribute("src", &card.image);
            tags.out.push('>');
        }
        tags.element("span", "vt-name", &card.title);
        tags.out.push_str("<span class=\"vt-price\">");
        let now = if card.sale > 0 && card.sale < card.price { card.sale } else { card.price };
        if now > 0 {
            tags.element("b", "vt-now", &self.currency.show(now));
        }
        if now < card.price {
            tags.element("s", "vt-was", &self.currency.show(card.price));
        }
        tags.out.push_str("</span></a></li>");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::pack_ids;
    use crate::lists::Writer;
    use alloc::vec;

    fn shop() -> (Model, Index) {
        let ids = ["boot", "shoe"];
        let mut lists = Writer::default();
        lists.list(0, &[]);
        lists.list(0, &[]);
        let card = |item, title: &str| Card {
            item,
            title: title.into(),
            link: "/p".into(),
            price: 90,
            ..Card::default()
        };
        let mut model = Model { items: 2, ids: pack_ids(&ids), lists: lists.finish(), ..Model::default() };
        model.cards = vec![card(0, "Boot <b>"), card(1, "Shoe")];
        model.popular = vec![0, 1];
        let index = Index::new(&model);
        (model, index)
    }

    #[test]
    fn an_order_says_all_that_a_strip_needs() {
        let (model, index) = shop();
        let currency = Currency { before: "₩".into(), ..Currency::default() };
        let past = Past { banned: vec!["shoe".into()], ..Past::default() };
        let strip = Strip {
            title: "Others & you",
            edge: "vt-inline",
            language: "ko",
            currency: &currency,
            past,
            count: 4,
        };
        let order = strip.order();
        let markup = draw(&order, &model, &index).unwrap();
        assert!(markup.contains("Others &amp; you") && markup.contains("vt-inline"), "{markup}");
        assert!(markup.contains("Boot &lt;b&gt;") && markup.contains("₩90"), "{markup}");
        assert!(!markup.contains("Shoe"), "{markup}");
        for cut in 0..order.len() {
            assert_eq!(draw(&order[..cut], &model, &index), None, "cut at {cut}");
        }
    }

    #[test]
    fn without_a_product_there_is_no_strip() {
        let (model, index) = shop();
        let past = Past { banned: vec!["shoe".into(), "boot".into()], ..Past::default() };
        let strip =
            Strip { title: "", edge: "", language: "", currency: &Currency::default(), past, count: 4 };
        assert_eq!(draw(&strip.order(), &model, &index), None);
    }
}
