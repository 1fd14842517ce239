//! Why a product stands in a row, in words. Never ranks: it retells a pick.

use alloc::string::String;
use alloc::vec::Vec;

use super::Sentence;
use crate::recommend::{HISTORY, Index, Lists, Model, Moved, Past, Pick, Source};
use crate::template::Currency;
use crate::text::fold;

/// What a pick is retold from.
#[derive(Debug, Clone, Copy)]
pub struct Shelf<'a> {
    /// The model.
    pub model: &'a Model,
    /// Its index.
    pub index: &'a Index,
    /// The visitor's past and the moment.
    pub past: &'a Past,
    /// How prices are written.
    pub currency: &'a Currency,
    /// The page's language, for titles.
    pub language: &'a str,
}

/// What moved a product, in both languages.
const MOVES: [(Moved, &str, &str); 9] = [
    (
        Moved::Reduced,
        "up, since its price is reduced and this visit came from a price comparison",
        "가격 비교에서 온 방문이고 할인 중이라 위로",
    ),
    (Moved::Category, "up for a taste for its category", "이 카테고리를 좋아해서 위로"),
    (Moved::Brand, "up for a taste for its brand", "이 브랜드를 좋아해서 위로"),
    (Moved::Price, "up, since its price is near those looked at", "본 상품들과 값이 비슷해서 위로"),
    (Moved::Boosted, "up by the shop's `boost`", "가게의 `boost`로 위로"),
    (Moved::Lowered, "down by the shop's `boost`", "가게의 `boost`로 아래로"),
    (Moved::Declined, "down, since it was put away before", "전에 치운 상품이라 아래로"),
    (
        Moved::Hour,
        "up, since its category is looked at more at this time of day",
        "이 시간대에 더 많이 보는 카테고리라서 위로",
    ),
    (
        Moved::OffHour,
        "down, since its category is looked at less at this time of day",
        "이 시간대에 덜 보는 카테고리라서 아래로",
    ),
];

/// Puts one product of a row into words.
#[must_use]
pub fn product(shelf: &Shelf, pick: &Pick) -> Sentence {
    let currency = shelf.currency;
    let mut words = Sentence::default();
    let (category, brand) = (fold(&pick.card.category), fold(&pick.card.brand));
    match pick.source {
        Source::Pinned => words.say(&["pinned by the shop"], &["가게가 고정함(`pin`)"]),
        Source::Next => match spoke(shelf, pick, Lists::Next) {
            Some(title) => words.say(
                &["others went on to it from `", &title, "`"],
                &["`", &title, "` 다음에 다른 분들이 봄"],
            ),
            None if seen(shelf, pick).is_some() => {
                words.say(
                    &["viewed a while ago, and people come back"],
                    &["조금 전에 본 상품으로 돌아오는 분이 많음"],
                );
            }
            None => words.say(
                &["others went on to it, by way of what follows what was viewed"],
                &["본 상품에서 한 다리 건너 다른 분들이 봄"],
            ),
        },
        Source::Together => match spoke(shelf, pick, Lists::Together) {
            Some(title) => words.say(
                &["it goes into the same basket as `", &title, "`"],
                &["`", &title, "`: 같은 장바구니에 함께 담김"],
            ),
            None => words.say(&["it goes into the same baskets"], &["같은 장바구니에 함께 담김"]),
        },
        Source::Viewed => words.say(&["this visitor viewed it"], &["이 방문자가 본 상품"]),
        Source::Cheaper => {
            let then = seen(shelf, pick).unwrap_or_default();
            let (then, now) = (currency.show(then), currency.show(pick.card.now()));
            words.say(
                &["it costs ", &now, ", and cost ", &then, " when this visitor viewed it"],
                &["본 뒤로 값이 내림: ", &then, " → ", &now],
            );
        }
        Source::Category => {
            words.say(&["popular in category `", &category, "`"], &["`", &category, "` 카테고리에서 인기"]);
        }
        Source::Brand => words.say(&["popular of brand `", &brand, "`"], &["`", &brand, "` 브랜드에서 인기"]),
        Source::Named => words.say(
            &[
                "popular, and the page, the search or the landing page names its category or brand (`",
                &category,
                "`, `",
                &brand,
                "`)",
            ],
            &[
                "인기 상품이고, 페이지나 검색어나 처음 온 페이지에 카테고리나 브랜드(`",
                &category,
                "`, `",
                &brand,
                "`)가 있음",
            ],
        ),
        Source::Popular => words.say(&["popular with everybody"], &["누구에게나 인기"]),
    }
    for (moved, english, korean) in MOVES {
        if pick.moved & moved as u16 != 0 {
            words.say(&["; ", english], &["; ", korean]);
        }
    }
    words
}

/// The title or id of the item whose list spoke loudest for a pick.
fn spoke(shelf: &Shelf, pick: &Pick, lists: Lists) -> Option<String> {
    let Shelf { model, index, past, .. } = *shelf;
    let mut speakers: Vec<&str> = Vec::new();
    for seen in past.viewed.iter().rev().chain(past.cart.iter().rev()) {
        speakers.push(&seen.id);
    }
    past.bought.iter().rev().for_each(|id| speakers.push(id));
    let mut best: Option<(u64, u32)> = None;
    for (ago, id) in speakers.into_iter().enumerate() {
        let Some(item) = index.find(id) else { continue };
        let decay = model.decay.get(ago % HISTORY).copied().unwrap_or_default();
        index.followers((lists, item), |step, follower| {
            let word =
                u64::from(decay).max(1) * u64::from(follower.weight) * u64::from(crate::lists::scale(step));
            if follower.item == pick.card.item && best.is_none_or(|(known, _)| word > known) {
                best = Some((word, item));
            }
        });
    }
    let (_, item) = best?;
    index.card(model, item).map(|card| card.label(shelf.language).0.into()).or_else(|| index.id(item))
}

/// The price of a pick when it was viewed.
fn seen(shelf: &Shelf, pick: &Pick) -> Option<u64> {
    let is_it = |id: &str| shelf.index.find(id) == Some(pick.card.item);
    shelf.past.viewed.iter().rev().find(|seen| is_it(&seen.id)).map(|seen| seen.price)
}
