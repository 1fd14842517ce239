//! Which products stand in a strip, and why: every kind of ranking, and every
//! fact of the visitor and the moment that moves a product.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use vitrine_engine::event::{
    ADD_TO_CART, DISMISSED, Event, Item, PURCHASE, REMOVE_FROM_CART, SEARCH, VIEW_ITEM,
};
use vitrine_engine::ids::pack_ids;
use vitrine_engine::lists::{Follower, Writer};
use vitrine_engine::page::Moment;
use vitrine_engine::profile::{Profile, Terms};
use vitrine_engine::recommend::hours::levels;
use vitrine_engine::recommend::{
    Card, Exclude, Index, Model, Moved, Past, Ranking, Source, Stock, Trait, Wish, picks,
};
use vitrine_engine::time::{DAY, HOUR, MINUTE, Millis};

/// Ids in ascending order: category, brand, price, sale, stock.
const GOODS: [(&str, &str, &str, u64, u64); 9] = [
    ("bag", "Bags", "Nabi", 150, 0),
    ("belt", "Belts", "Kkeun", 40, 0),
    ("boot", "Shoes", "San", 240, 0),
    ("clog", "Shoes", "Gil", 80, 60),
    ("gone", "Shoes", "Gil", 80, 0),
    ("jeans", "Trousers", "Gang", 110, 0),
    ("loafer", "Shoes", "Dal", 190, 0),
    ("sandal", "Shoes", "Dal", 100, 70),
    ("sneaker", "Shoes", "Gil", 130, 0),
];

struct Shop {
    model: Model,
    index: Index,
}

impl Shop {
    fn new() -> Shop {
        let ids: Vec<&str> = GOODS.iter().map(|goods| goods.0).collect();
        let at = |id: &str| ids.iter().position(|known| *known == id).unwrap() as u32;
        let packed = |lists: &[(&str, &[(&str, u8)])]| {
            let mut writer = Writer::default();
            for id in &ids {
                let list = lists.iter().find(|(of, _)| of == id).map_or(&[][..], |(_, list)| list);
                let mut list: Vec<Follower> =
                    list.iter().map(|(id, weight)| Follower { item: at(id), weight: *weight }).collect();
                list.sort_by_key(|follower| follower.item);
                writer.list(8, &list);
            }
            writer.finish()
        };
        let card = |(item, goods): (usize, &(&str, &str, &str, u64, u64))| Card {
            item: item as u32,
            title: goods.0.to_uppercase(),
            link: format!("/p/{}", goods.0),
            category: goods.1.into(),
            brand: goods.2.into(),
            price: goods.3,
            sale: goods.4,
            stock: if goods.0 == "gone" { Stock::Out } else { Stock::In },
            wanted: ["clog", "loafer", "bag", "sneaker"]
                .iter()
                .position(|id| *id == goods.0)
                .map_or(0, |at| 90 + at as u8),
            ..Card::default()
        };
        let model = Model {
            items: ids.len() as u32,
            ids: pack_ids(&ids),
            lists: packed(&[
                ("loafer", &[("boot", 15), ("gone", 14), ("sneaker", 12), ("sandal", 10), ("belt", 4)]),
                ("jeans", &[("loafer", 15), ("belt", 5)]),
            ]),
            together: packed(&[("jeans", &[("belt", 15), ("boot", 3)]), ("loafer", &[("belt", 9)])]),
            decay: vec![256, 128],
            popular: vec![at("sneaker"), at("bag"), at("loafer"), at("clog")],
            cards: GOODS.iter().enumerate().map(card).collect(),
            ..Model::default()
        };
        let model = Model::open(&model.seal()).unwrap();
        let index = Index::new(&model);
        Shop { model, index }
    }

    fn strip(&self, visitor: &Visitor, wish: &Wish) -> Vec<(String, Source, u16)> {
        let past = Past::of(&visitor.profile, &visitor.moment, 14 * DAY);
        let picks = picks(&self.model, &self.index, &past, wish);
        picks.iter().map(|pick| (pick.card.title.to_lowercase(), pick.source, pick.moved)).collect()
    }

    fn names(&self, visitor: &Visitor, wish: &Wish) -> Vec<String> {
        self.strip(visitor, wish).into_iter().map(|(name, ..)| name).collect()
    }
}

/// Somebody on the way through the shop.
struct Visitor {
    profile: Profile,
    moment: Moment,
}

impl Visitor {
    fn from(url: &str, referrer: &str) -> Visitor {
        let mut visitor = Visitor { profile: Profile::new(1), moment: Moment::default() };
        visitor.view(url, referrer);
        visitor
    }

    fn view(&mut self, url: &str, referrer: &str) -> &mut Visitor {
        self.take(Event::page_view(url, referrer, self.moment.now))
    }

    fn does(&mut self, name: &str, ids: &[&str]) -> &mut Visitor {
        let items = ids.iter().map(|id| {
            let goods = GOODS.iter().find(|goods| goods.0 == *id).unwrap();
            let (category, brand) = (goods.1.into(), goods.2.into());
            Item { id: (*id).into(), category, brand, price: goods.3, quantity: 1, ..Item::default() }
        });
        let items = items.collect();
        self.take(Event { items, ..Event::new(name, self.moment.now) })
    }

    fn take(&mut self, mut event: Event) -> &mut Visitor {
        self.moment.now = self.moment.now.plus(MINUTE);
        event.at = self.moment.now;
        if let Some(page) = &event.page {
            self.moment.page = page.clone();
        }
        self.profile.observe(&event, &Terms::default());
        self
    }
}

fn direct() -> Visitor {
    Visitor::from("https://s.example/", "")
}

fn wish(ranking: Ranking, count: u8) -> Wish {
    Wish { ranking, count, ..Wish::default() }
}

#[test]
fn what_others_went_on_to_stands_first_and_what_is_sold_out_never() {
    let shop = Shop::new();
    let strip = shop.strip(direct().does(VIEW_ITEM, &["loafer"]), &wish(Ranking::Next, 8));
    assert_eq!(strip[0].0, "boot");
    assert!(strip.iter().all(|(name, ..)| name != "gone" && name != "loafer"), "{strip:?}");
    assert_eq!(strip.iter().filter(|(_, source, _)| *source == Source::Next).count(), 4, "{strip:?}");
    // Behind them the category's own, then what everybody likes.
    assert_eq!(strip.len(), 7, "{strip:?}");
}

#[test]
fn only_the_channel_changes_and_reduced_prices_rise_for_who_compares_them() {
    let shop = Shop::new();
    let asked = wish(Ranking::Next, 4);
    let mut direct = direct();
    let mut compared = Visitor::from("https://s.example/", "https://prod.danawa.com/info/?pcode=1");
    let before = shop.strip(direct.does(VIEW_ITEM, &["loafer"]), &asked);
    let after = shop.strip(compared.does(VIEW_ITEM, &["loafer"]), &asked);
    let place = |strip: &[(String, Source, u16)]| strip.iter().position(|(name, ..)| name == "sandal");
    assert_eq!((place(&before), place(&after)), (Some(2), Some(0)), "{before:?}\n{after:?}");
    assert_eq!(before[2].2 & Moved::Reduced as u16, 0);
    assert_ne!(after[0].2 & Moved::Reduced as u16, 0);
}

#[test]
fn a_basket_is_completed_by_what_goes_with_it() {
    let shop = Shop::new();
    let mut visitor = direct();
    let strip = shop.strip(visitor.does(ADD_TO_CART, &["jeans"]), &wish(Ranking::BoughtTogether, 3));
    assert_eq!(strip[0], ("belt".into(), Source::Together, strip[0].2));
    assert!(strip.iter().all(|(name, ..)| name != "jeans"), "{strip:?}");
    assert!(strip.iter().all(|(.., moved)| moved & Moved::Category as u16 == 0), "{strip:?}");
    // After the purchase it is what was bought that is completed.
    let strip = shop.names(visitor.does(PURCHASE, &["jeans"]), &wish(Ranking::BoughtTogether, 1));
    assert_eq!(strip, ["belt"]);
}

#[test]
fn what_was_looked_at_comes_back_latest_first_without_the_page_in_view() {
    let shop = Shop::new();
    let mut visitor = direct();
    visitor.view("https://s.example/p/boot", "").does(VIEW_ITEM, &["boot"]);
    visitor.view("https://s.example/p/bag", "").does(VIEW_ITEM, &["bag"]);
    let asked = wish(Ranking::RecentlyViewed, 4);
    assert_eq!(shop.names(&visitor, &asked), ["boot"]);
    visitor.view("https://s.example/", "");
    assert_eq!(shop.names(&visitor, &asked), ["bag", "boot"]);
    assert_eq!(shop.names(&direct(), &asked), [""; 0], "who saw nothing has seen nothing");
}

#[test]
fn what_became_cheaper_since_it_was_seen_comes_back_greatest_reduction_first() {
    let mut shop = Shop::new();
    let mut visitor = direct();
    visitor.does(VIEW_ITEM, &["boot"]).does(VIEW_ITEM, &["bag"]).does(VIEW_ITEM, &["sneaker"]);
    visitor.view("https://s.example/", "").view("https://s.example/list", "");
    let asked = wish(Ranking::BackInReach, 4);
    assert_eq!(shop.names(&visitor, &asked), [""; 0]);
    shop.model.cards[8].sale = 120;
    shop.model.cards[2].sale = 160;
    let strip = shop.strip(&visitor, &asked);
    assert_eq!(strip, [("boot".into(), Source::Cheaper, 0), ("sneaker".into(), Source::Cheaper, 0)]);
}

#[test]
fn the_popular_ones_are_those_of_the_category_at_hand() {
    let shop = Shop::new();
    let asked = wish(Ranking::Popular, 2);
    assert_eq!(shop.names(&direct(), &asked), ["sneaker", "bag"]);
    let mut visitor = Visitor::from("https://s.example/list/bags", "");
    assert_eq!(shop.strip(&visitor, &asked)[0], ("bag".into(), Source::Named, 0));
    assert_eq!(shop.names(visitor.view("https://s.example/list/shoes", ""), &asked), ["sneaker", "loafer"]);
    let mut visitor = direct();
    assert_eq!(shop.names(visitor.does(VIEW_ITEM, &["jeans"]), &asked)[0], "sneaker");
}

#[test]
fn a_visitor_without_a_past_is_met_by_landing_page_search_and_channel() {
    let shop = Shop::new();
    let asked = wish(Ranking::Next, 1);
    assert_eq!(shop.names(&direct(), &asked), ["sneaker"]);
    assert_eq!(shop.names(&Visitor::from("https://s.example/list/belts", ""), &asked), ["belt"]);
    let mut searched = direct();
    searched.take(Event { term: "kkeun leather".into(), ..Event::new(SEARCH, Millis(0)) });
    assert_eq!(shop.names(&searched, &asked), ["belt"]);
    // Who compares prices is shown a reduced one before a more popular one.
    let compared = Visitor::from("https://s.example/", "https://prod.danawa.com/");
    assert_eq!(shop.names(&compared, &asked), ["clog"]);
}

#[test]
fn an_item_that_the_model_never_met_still_has_a_category_and_a_brand() {
    let shop = Shop::new();
    let mut visitor = direct();
    let new = |category: &str, brand: &str| {
        let (category, brand) = (category.into(), brand.into());
        let item = Item { id: "brand-new".into(), category, brand, quantity: 1, ..Item::default() };
        Event { items: vec![item], ..Event::new(VIEW_ITEM, Millis(0)) }
    };
    let strip = shop.strip(visitor.take(new("SHOES", "dal")), &wish(Ranking::Next, 3));
    assert_eq!((strip[0].0.as_str(), strip[0].1), ("loafer", Source::Category), "{strip:?}");
    assert_eq!(strip[1].0, "sandal", "{strip:?}");
    let strip = shop.strip(direct().take(new("", "Nabi")), &wish(Ranking::Next, 1));
    assert_eq!((strip[0].0.as_str(), strip[0].1), ("bag", Source::Brand));
}

#[test]
fn tastes_prices_and_refusals_move_products_and_say_so() {
    let shop = Shop::new();
    let mut visitor = direct();
    visitor.does(VIEW_ITEM, &["clog"]).does(VIEW_ITEM, &["sandal"]).does(VIEW_ITEM, &["loafer"]);
    let strip = shop.strip(&visitor, &wish(Ranking::Next, 8));
    let moved = |name: &str| strip.iter().find(|(known, ..)| known == name).unwrap().2;
    assert_ne!(moved("boot") & Moved::Category as u16, 0);
    assert_eq!(moved("boot") & Moved::Price as u16, 0, "240 is far above 100");
    assert_ne!(moved("sneaker") & Moved::Brand as u16, 0);
    assert_ne!(moved("sneaker") & Moved::Price as u16, 0);
    let first = strip[0].0.clone();
    for (name, ids) in [(REMOVE_FROM_CART, vec![first.as_str()]), (DISMISSED, vec![first.as_str()])] {
        let mut refusing = direct();
        refusing.does(VIEW_ITEM, &["clog"]).does(VIEW_ITEM, &["sandal"]).does(VIEW_ITEM, &["loafer"]);
        let strip = shop.strip(refusing.does(name, &ids), &wish(Ranking::Next, 8));
        let at = strip.iter().position(|(known, ..)| *known == first).unwrap();
        assert!(at > 1 && strip[at].2 & Moved::Declined as u16 != 0, "{name}: {strip:?}");
    }
}

#[test]
fn the_merchants_pins_boosts_bans_and_mix_hold() {
    let shop = Shop::new();
    let mut visitor = direct();
    visitor.does(VIEW_ITEM, &["loafer"]);
    let asked = wish(Ranking::Next, 8);
    let named = |of, name: &str| (of, String::from(name));
    // Pins stand first in their order, but never what is sold out.
    let pins = ["gone", "bag", "jeans"].map(String::from).to_vec();
    let strip = shop.strip(&visitor, &Wish { pins, ..asked.clone() });
    assert_eq!((strip[0].0.as_str(), strip[1].0.as_str()), ("bag", "jeans"));
    assert_eq!(strip[0].1, Source::Pinned);
    let bans = vec![named(Trait::Category, "shoes"), named(Trait::Item, "bag"), named(Trait::Brand, "gang")];
    assert_eq!(shop.names(&visitor, &Wish { bans, ..asked.clone() }), ["belt"]);
    let boosts = vec![(Trait::Category, "belts".into(), 2560), (Trait::Brand, "san".into(), 26)];
    let strip = shop.strip(&visitor, &Wish { boosts, ..asked.clone() });
    assert_eq!((strip[0].0.as_str(), strip[0].2 & Moved::Boosted as u16), ("belt", Moved::Boosted as u16));
    let boot = strip.iter().find(|(name, ..)| name == "boot").unwrap();
    assert_eq!(boot.2 & Moved::Lowered as u16, Moved::Lowered as u16);
    let strip = shop.names(&visitor, &Wish { per_category: 1, ..asked.clone() });
    assert_eq!(
        strip.iter().filter(|name| ["boot", "sneaker", "sandal", "clog"].contains(&name.as_str())).count(),
        1
    );
    assert!(strip.len() >= 3, "{strip:?}");
    let all = Exclude { purchased: true, in_cart: true, viewed: true };
    visitor.does(VIEW_ITEM, &["sneaker"]).does(PURCHASE, &["bag"]).does(ADD_TO_CART, &["boot"]);
    let strip = shop.names(&visitor, &Wish { exclude: all, ..asked });
    assert!(
        strip.iter().all(|name| !["loafer", "sneaker", "bag", "boot"].contains(&name.as_str())),
        "{strip:?}"
    );
}

#[test]
fn a_foreign_wish_is_none() {
    let good = Wish { pins: vec!["a".into()], ..wish(Ranking::Popular, 4) };
    assert_eq!(Wish::of(&good.bytes()), Some(good.clone()));
    for spoilt in [
        Wish { count: 0, ..good.clone() },
        Wish { count: 13, ..good.clone() },
        Wish { pins: vec![String::new(); 65], ..good.clone() },
        Wish { boosts: vec![(Trait::Item, "a".into(), 2561)], ..good.clone() },
    ] {
        assert_eq!(Wish::of(&spoilt.bytes()), None, "{spoilt:?}");
    }
    let bytes = good.bytes();
    for cut in 0..bytes.len() {
        assert_eq!(Wish::of(&bytes[..cut]), None, "cut at {cut}");
    }
}

#[test]
fn a_category_that_nobody_much_looks_at_still_has_its_best_first() {
    let mut shop = Shop::new();
    for (card, wanted) in shop.model.cards.iter_mut().zip([200, 3, 90, 90, 90, 90, 90, 90, 90]) {
        card.wanted = wanted;
        if card.title == "BAG" {
            card.category = "Belts".into();
        }
    }
    shop.index = Index::new(&shop.model);
    let belts = |shop: &Shop| {
        shop.names(&Visitor::from("https://s.example/list/belts", ""), &wish(Ranking::Popular, 2))
    };
    assert_eq!(belts(&shop), ["bag", "belt"]);
    shop.model.cards[1].wanted = 201;
    shop.index = Index::new(&shop.model);
    assert_eq!(belts(&shop), ["belt", "bag"]);
}

#[test]
fn a_category_moves_with_the_time_of_day_within_its_bounds_and_says_so() {
    let mut shop = Shop::new();
    shop.model.hours_of = vec!["shoes".into(), "bags".into()];
    // Shoes from nine to noon in Greenwich, and not at all at night; bags not.
    shop.model.hours = vec![levels([0, 8, 8, 15, 8, 8, 8, 8]), levels([15, 8, 8, 0, 8, 8, 8, 8])];
    let at = |hour: u64| {
        let mut visitor = direct();
        visitor.moment.now = Millis(20_000 * DAY + hour * HOUR);
        shop.strip(&visitor, &wish(Ranking::Popular, 3))
    };
    let (hour, off) = (Moved::Hour as u16, Moved::OffHour as u16);
    let names = |strip: Vec<(String, Source, u16)>| -> Vec<(String, u16)> {
        strip.into_iter().map(|(name, _, moved)| (name, moved & (hour | off))).collect()
    };
    let named = |list: [(&str, u16); 3]| list.map(|(name, moved)| (name.to_string(), moved)).to_vec();
    assert_eq!(names(at(10)), named([("sneaker", hour), ("loafer", hour), ("clog", hour)]));
    assert_eq!(names(at(1)), named([("bag", hour), ("sneaker", off), ("belt", 0)]));
    assert_eq!(names(at(20)), named([("sneaker", 0), ("bag", 0), ("loafer", 0)]));
}

#[test]
fn a_row_put_away_falls_behind_until_its_products_are_looked_at_again() {
    let shop = Shop::new();
    let asked = wish(Ranking::Next, 8);
    let mut visitor = direct();
    let first = shop.names(visitor.does(VIEW_ITEM, &["loafer"]), &asked);
    let away: Vec<&str> = first[..3].iter().map(String::as_str).collect();
    let second = shop.strip(visitor.does(DISMISSED, &away), &asked);
    assert!(second[..3].iter().all(|(name, ..)| !away.contains(&name.as_str())), "{second:?}");
    for (name, _, moved) in &second {
        assert_eq!(*moved & Moved::Declined as u16 != 0, away.contains(&name.as_str()), "{second:?}");
    }
    let third = shop.strip(visitor.does(VIEW_ITEM, &[away[0]]).does(VIEW_ITEM, &["loafer"]), &asked);
    let again = third.iter().find(|(name, ..)| name == away[0]).unwrap();
    assert_eq!(again.2 & Moved::Declined as u16, 0);
}
