//! Product strips. Never sees a profile: what to draw comes packed in one
//! order, so that the model may lie in another module than the one that
//! decides, and a page without products carries neither.

use alloc::string::String;
use alloc::vec::Vec;

use super::Scene;
use super::tags::Tags;
use crate::pack::{Input, Pack, Packed, push_text, push_varint};
use crate::recommend::{Card, Index, Model, Past, Pick, Wish, picks, tell, wanted};
use crate::template::Currency;
use crate::text::{is_safe_link, join, push_html};

/// Stands before each id of `data-items`: ASCII 31, which no page's word holds.
const SEPARATOR: char = '\x1f';

/// An order that was read: a strip, and what decides about its products.
pub struct Ordered {
    /// Its heading, filled in.
    title: String,
    /// The class of the page's edge that it keeps to.
    edge: String,
    /// The page's language.
    language: String,
    /// How prices are written.
    currency: Currency,
    /// One of no products where its bytes are none.
    wish: Wish,
    past: Past,
    is_sound: bool,
}

/// The order for a strip, as [`draw`] reads it: its frame (the heading, the
/// class of the page's edge, the page's language), the packed wish, and what
/// the scene says.
#[must_use]
pub fn order(frame: [&str; 3], wish: &[u8], scene: &Scene) -> Vec<u8> {
    let mut out = Vec::new();
    for text in frame {
        push_text(&mut out, text);
    }
    let plan = &scene.published.plan;
    plan.currency.pack(&mut out);
    push_varint(&mut out, wish.len() as u64);
    out.extend_from_slice(wish);
    tell(scene.profile, scene.moment, plan.terms.half_life, &mut out);
    out
}

/// Draws an ordered strip; `None` where there is no product for it, or the
/// bytes are no order.
#[must_use]
pub fn draw(order: &[u8], model: &Model, index: &Index) -> Option<String> {
    Ordered::read(order).draw(model, index)
}

impl Ordered {
    /// Reads an order; of bytes that are none nothing is drawn.
    #[must_use]
    pub fn read(order: &[u8]) -> Ordered {
        let mut input = Input::new(order);
        let mut ordered = Ordered {
            title: Pack::unpack(&mut input),
            edge: Pack::unpack(&mut input),
            language: Pack::unpack(&mut input),
            currency: Pack::unpack(&mut input),
            wish: Wish::of(&Packed::unpack(&mut input).0).unwrap_or_default(),
            past: Pack::unpack(&mut input),
            is_sound: true,
        };
        ordered.is_sound = !input.is_broken();
        ordered
    }

    /// Gives the names of the shards to `each` that should join before it is drawn.
    pub fn wanted<'a>(&self, goods: (&'a Model, &Index), each: &mut dyn FnMut(&'a str)) {
        wanted(goods, &self.past, &self.wish, each);
    }

    /// The markup; nothing where there is no product for it.
    #[must_use]
    pub fn draw(&mut self, model: &Model, index: &Index) -> Option<String> {
        while self.is_sound {
            let picks = picks(model, index, &self.past, &self.wish);
            if !picks.is_empty() {
                return Some(self.markup(&picks, index));
            }
            let other = self.wish.otherwise.take()?;
            self.wish.ranking = other.ranking;
            self.title = other.title(&self.language)?.clone();
        }
        None
    }

    fn markup(&self, picks: &[Pick], index: &Index) -> String {
        let mut tags = Tags { out: String::new(), language: &self.language };
        tags.open("section", &join(&["strip ", &self.edge]));
        tags.attribute("aria-labelledby", "vt-title");
        // Who puts the row away puts these away.
        let mut ids = String::new();
        for pick in picks {
            ids.push(SEPARATOR);
            ids.push_str(&index.id(pick.card.item).unwrap_or_default());
        }
        tags.attribute("data-items", &ids);
        tags.out.push_str("><h2 id=\"vt-title\" class=\"vt-title\">");
        push_html(&mut tags.out, &self.title);
        tags.out.push_str("</h2>");
        tags.close_button();
        tags.out.push_str("<ul class=\"vt-list\" role=\"list\" tabindex=\"0\"");
        tags.attribute("aria-labelledby", "vt-title");
        tags.out.push('>');
        for pick in picks {
            self.card(&mut tags, pick.card);
        }
        tags.out.push_str("</ul></section>");
        tags.out
    }

    fn card(&self, tags: &mut Tags, card: &Card) {
        let (title, link) = card.label(&self.language);
        if !is_safe_link(link) {
            return;
        }
        tags.out.push_str("<li class=\"vt-item\"><a class=\"vt-link\" data-vt=\"click\"");
        tags.attribute("href", link);
        tags.out.push('>');
        if !card.image.is_empty() {
            tags.out.push_str("<img class=\"vt-image\" alt=\"\" decoding=\"async\"");
            tags.attribute("src", &card.image);
            tags.out.push('>');
        }
        tags.element("span", "vt-name", title);
        tags.out.push_str("<span class=\"vt-price\">");
        let now = card.now();
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
    use crate::decide::Published;
    use crate::ids::pack_ids;
    use crate::lists::Writer;
    use crate::page::Moment;
    use crate::profile::Profile;
    use crate::recommend::Trait;
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

    fn ordered(bans: &[&str]) -> Vec<u8> {
        let mut published = Published::default();
        published.plan.currency.before = "₩".into();
        let bans = bans.iter().map(|id| (Trait::Item, String::from(*id))).collect();
        let wish = Wish { count: 4, bans, ..Wish::default() }.bytes();
        let (profile, moment) = (Profile::new(1), Moment::default());
        let scene = Scene { published: &published, profile: &profile, moment: &moment };
        order(["Others & you", "vt-inline", "ko"], &wish, &scene)
    }

    #[test]
    fn an_order_says_all_that_a_strip_needs() {
        let (model, index) = shop();
        let order = ordered(&["shoe"]);
        let markup = draw(&order, &model, &index).unwrap();
        assert!(markup.contains("Others &amp; you") && markup.contains("vt-inline"), "{markup}");
        assert!(markup.contains("Boot &lt;b&gt;") && markup.contains("₩90"), "{markup}");
        assert!(!markup.contains("Shoe"), "{markup}");
        for cut in 0..order.len() {
            assert_eq!(draw(&order[..cut], &model, &index), None, "cut at {cut}");
        }
    }

    #[test]
    fn a_page_in_another_language_gets_titles_and_links_in_it_where_there_are_any() {
        let (mut model, index) = shop();
        let tongues = |texts: &[&str]| {
            let mut packed = Packed::default();
            texts.iter().for_each(|text| push_text(&mut packed.0, text));
            packed
        };
        model.cards[0].tongues = tongues(&["fr", "Botte", "/fr/p", "en", "Boot, in English", "/en/p"]);
        let in_tongue = |language: &str| {
            let mut ordered = Ordered::read(&ordered(&[]));
            ordered.language = language.into();
            ordered.draw(&model, &index).unwrap()
        };
        let english = in_tongue("en-gb");
        assert!(english.contains("Boot, in English") && english.contains("\"/en/p\""), "{english}");
        assert!(english.contains("Shoe") && english.contains("\"/p\""), "{english}");
        for language in ["ko", "e", "eng", ""] {
            assert!(in_tongue(language).contains("Boot &lt;b&gt;"), "{language}");
        }
        let whole = tongues(&["en", "Boot, in English", "/en/p"]).0;
        for cut in 0..whole.len() {
            model.cards[0].tongues = Packed(whole[..cut].to_vec());
            let mut ordered = Ordered::read(&ordered(&[]));
            ordered.language = "en".into();
            assert!(ordered.draw(&model, &index).unwrap().contains("Boot &lt;b&gt;"), "cut at {cut}");
        }
        model.cards[0].tongues = tongues(&["en", "Boot", "javascript:alert(1)"]);
        let mut ordered = Ordered::read(&ordered(&[]));
        ordered.language = "en".into();
        assert!(!ordered.draw(&model, &index).unwrap().contains("javascript"));
    }

    #[test]
    fn without_a_product_there_is_no_strip() {
        let (model, index) = shop();
        assert_eq!(draw(&ordered(&["shoe", "boot"]), &model, &index), None);
    }
}
