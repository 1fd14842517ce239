//! What fills a row of products: the kind of ranking, what is left out, and
//! the merchant's own hand. Never ranks.

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::Ranged;
use vitrine_engine::event::WORD_LIMIT;
use vitrine_engine::plan::Form;
use vitrine_engine::recommend::{
    COUNT_LIMIT, Exclude, FACTOR_MAX, FACTOR_ONE, NAMED_LIMIT, Otherwise, Ranking, Trait, Wish,
};
use vitrine_engine::text::fold;

use crate::desk::Desk;
use crate::notes::quote;
use crate::read::{self, Fields};
use crate::words;

/// Products of a strip where the file says nothing.
const COUNT: u8 = 4;
/// The lowest boost: below it a ban says it better.
const FACTOR_LEAST: f64 = 0.1;

/// The kinds of [`words::RANKINGS`], in their order.
const RANKINGS: [Ranking; 5] =
    [Ranking::Next, Ranking::BoughtTogether, Ranking::RecentlyViewed, Ranking::Popular, Ranking::BackInReach];

impl Desk<'_> {
    /// A row of products, as `recommend` asks for it or by default.
    pub fn products(&mut self, value: Option<&Value>) -> Option<Form> {
        let wish = match value {
            None => Wish { count: COUNT, exclude: usual(), ..Wish::default() },
            Some(value) => self.wish(value)?,
        };
        Some(Form::Products { wish: wish.bytes() })
    }

    fn wish(&mut self, value: &Value) -> Option<Wish> {
        let fields = Fields::of(value, "`recommend`", words::RECOMMEND, &mut self.notes)?;
        let ranking =
            fields.get_or("kind", Ranking::Next, |value| self.ranking(value, "`kind` of `recommend`"));
        let mut up_to = |name: &str, usual: u8| {
            fields.get_or(name, usual, |value| {
                let most = i64::from(COUNT_LIMIT);
                read::whole(value, quote(name), 1..=most, &mut self.notes).map(|number| number as u8)
            })
        };
        let (count, per_category) = (up_to("count", COUNT), up_to("maxPerCategory", 0));
        let exclude = fields.get_or("exclude", usual(), |value| self.excluded(value));
        let pins = fields.get_or("pin", Vec::new(), |value| self.pins(value));
        let bans = fields.get_or("ban", Vec::new(), |value| self.bans(value));
        let boosts = fields.get_or("boost", Vec::new(), |value| self.boosts(value));
        let otherwise = fields.get_or("otherwise", None, |value| self.otherwise(value).map(Some));
        let wish = Wish {
            otherwise: otherwise?,
            ranking: ranking?,
            count: count?,
            exclude: exclude?,
            per_category: per_category?,
            pins: pins?,
            bans: bans?,
            boosts: boosts?,
        };
        self.agrees(&fields, &wish).then_some(wish)
    }

    fn ranking(&mut self, value: &Value, what: &str) -> Option<Ranking> {
        let word = read::word(value, what, words::RANKINGS, &mut self.notes)?;
        let at = words::RANKINGS.iter().position(|known| *known == word)?;
        RANKINGS.get(at).copied()
    }

    /// Another row in the place of an empty one: it has a heading of its own,
    /// since that of the first speaks of other products.
    fn otherwise(&mut self, value: &Value) -> Option<Otherwise> {
        let fields = Fields::of(value, "`otherwise`", words::OTHERWISE, &mut self.notes)?;
        let kind = fields.need("kind", "`otherwise`", &mut self.notes);
        let ranking = kind.and_then(|value| self.ranking(value, "`kind` of `otherwise`"));
        let title = fields.need("title", "`otherwise`", &mut self.notes);
        let titles = title.and_then(|value| {
            let what = "`title` of `otherwise`";
            self.by_language(value, what, |desk, value| {
                let text = read::text(value, what, &mut desk.notes)?;
                if text.value.contains("{{") || text.value.contains("{%") {
                    let said = say!(
                        en: "{what} is written as it stands: it knows no Liquid",
                        ko: "{what}에는 Liquid를 쓸 수 없고, 쓴 그대로 보입니다",
                        what,
                    );
                    desk.notes.error(value.start(), "bad_text", said);
                    return None;
                }
                Some(text.value.to_string())
            })
        });
        let mut titles = titles?;
        let fallback = titles.first().map(|(_, text)| (String::new(), text.clone()));
        titles.sort_by_key(|(language, _)| std::cmp::Reverse(language.len()));
        titles.extend(fallback);
        let titles = titles.into_iter().flat_map(|(language, text)| [language, text]).collect();
        Some(Otherwise { ranking: ranking?, titles })
    }

    fn excluded(&mut self, value: &Value) -> Option<Exclude> {
        let words = match value {
            // An empty list is an answer here: exclude nothing.
            Value::Array(array) if array.elements.is_empty() => Vec::new(),
            _ => self.some_words(value, "`exclude`", words::EXCLUDE)?,
        };
        Some(Exclude {
            purchased: words.contains(&"purchased"),
            in_cart: words.contains(&"in_cart"),
            viewed: words.contains(&"viewed"),
        })
    }

    fn pins(&mut self, value: &Value) -> Option<Vec<String>> {
        let list = read::list(value, "`pin`", &mut self.notes)?;
        self.is_few("`pin`", list.len(), value.start())?;
        let mut ids = Vec::new();
        for entry in list {
            let id = read::text(entry, say!(en: "an id of `pin`", ko: "`pin`의 상품 id"), &mut self.notes)?;
            ids.push(id.value.to_string());
        }
        Some(ids)
    }

    fn bans(&mut self, value: &Value) -> Option<Vec<(Trait, String)>> {
        let list = read::list(value, "`ban`", &mut self.notes)?;
        self.is_few("`ban`", list.len(), value.start())?;
        let mut bans = Vec::new();
        for entry in list {
            let name = read::text(entry, say!(en: "an entry of `ban`", ko: "`ban`의 값"), &mut self.notes)?;
            bans.push(self.named(&name.value, "`ban`", entry.start())?);
        }
        Some(bans)
    }

    fn boosts(&mut self, value: &Value) -> Option<Vec<(Trait, String, u16)>> {
        let object: &Object = read::object(value, "`boost`", &mut self.notes)?;
        self.is_few("`boost`", object.properties.len(), value.start())?;
        let mut boosts = Vec::new();
        for property in &object.properties {
            let name = property.name.as_str();
            let (of, what) = self.named(name, "`boost`", property.range.start)?;
            let factor = read::number(&property.value, quote(name), &mut self.notes)?;
            let most = f64::from(FACTOR_MAX / FACTOR_ONE);
            if !(FACTOR_LEAST..=most).contains(&factor) {
                let shown = property.value.as_number_lit().map_or("", |literal| literal.value);
                let said = say!(
                    en: "`boost` of {name} is {shown}, but must be from 0.1, a tenth, to 10, tenfold; `ban` leaves products out",
                    ko: "{name}의 `boost`가 {shown}인데, 0.1(십분의 일)부터 10(열 배)까지여야 합니다. 아예 빼려면 `ban`을 쓰세요",
                    name = quote(name), shown = quote(shown),
                );
                self.notes.error(property.value.start(), "bad_value", said);
                return None;
            }
            boosts.push((of, what, (factor * f64::from(FACTOR_ONE)).round() as u16));
        }
        Some(boosts)
    }

    /// `category.shoes`, `brand.acme` or `item.A-1`.
    fn named(&mut self, name: &str, place: &str, at: usize) -> Option<(Trait, String)> {
        let found = match name.split_once('.') {
            Some(("category", rest)) => Some((Trait::Category, fold(rest))),
            Some(("brand", rest)) => Some((Trait::Brand, fold(rest))),
            Some(("item", rest)) => Some((Trait::Item, rest.to_owned())),
            _ => None,
        };
        let found = found.filter(|(_, rest)| !rest.is_empty() && rest.len() <= WORD_LIMIT);
        if found.is_none() {
            let said = say!(
                en: "{place} names {name}, but must name products by `category.NAME`, `brand.NAME` or `item.ID`",
                ko: "{place}에 {name:이<} 있는데, `category.NAME`, `brand.NAME`, `item.ID`로 상품을 가리켜야 합니다",
                place, name = quote(name),
            );
            self.notes.error(at, "bad_value", said);
        }
        found
    }

    fn is_few(&mut self, what: &str, count: usize, at: usize) -> Option<()> {
        if count <= NAMED_LIMIT {
            return Some(());
        }
        let said = say!(
            en: "{what} has at most {most} entries, not {count}",
            ko: "{what}의 값은 {most}개까지인데 {count}개입니다",
            what, most = NAMED_LIMIT, count,
        );
        self.notes.error(at, "limit", said);
        None
    }

    /// Notes what cannot go together.
    fn agrees(&mut self, fields: &Fields, wish: &Wish) -> bool {
        let start = |name: &str| fields.get(name).map_or(fields.start(), Ranged::start);
        if wish.pins.len() > usize::from(wish.count) {
            let said = say!(
                en: "`pin` names {pins} products, and `count` shows {count}: the last ones could never stand there",
                ko: "`pin`의 상품은 {pins}개인데 `count`는 {count}개입니다. 뒤의 상품은 보일 자리가 없습니다",
                pins = wish.pins.len(), count = usize::from(wish.count),
            );
            self.notes.error(start("pin"), "conflict", said);
            return false;
        }
        let is_pinned = |ban: &&(Trait, String)| ban.0 == Trait::Item && wish.pins.contains(&ban.1);
        if let Some((_, id)) = wish.bans.iter().find(is_pinned) {
            let said = say!(
                en: "{id} stands in `pin` and in `ban` at once",
                ko: "{id}: `pin`과 `ban`에 함께 있습니다",
                id = quote(id),
            );
            self.notes.error(start("ban"), "conflict", said);
            return false;
        }
        let is_of_the_past = matches!(wish.ranking, Ranking::RecentlyViewed | Ranking::BackInReach);
        if is_of_the_past && wish.exclude.viewed {
            let said = say!(
                en: "this `kind` shows only what was viewed, so `exclude` with `viewed` would leave nothing",
                ko: "이 `kind`는 본 상품만 보이므로, `exclude`에 `viewed`가 있으면 남는 상품이 없습니다",
            );
            self.notes.error(start("exclude"), "conflict", said);
            return false;
        }
        if is_of_the_past && !wish.boosts.is_empty() {
            let said = say!(
                en: "this `kind` keeps its own order, which `boost` does not change",
                ko: "이 `kind`는 순서가 정해져 있어 `boost`가 통하지 않습니다",
            );
            self.notes.error(start("boost"), "conflict", said);
            return false;
        }
        if wish.otherwise.as_ref().is_some_and(|other| other.ranking == wish.ranking) {
            let said = say!(
                en: "`otherwise` names the same `kind`, which found nothing the first time",
                ko: "`otherwise`의 `kind`가 같습니다. 처음에 없던 상품은 다시 찾아도 없습니다",
            );
            self.notes.error(start("otherwise"), "conflict", said);
            return false;
        }
        if wish.ranking == Ranking::BackInReach && wish.otherwise.is_none() {
            let said = say!(
                en: "where nothing has become cheaper this row is empty, and who should see it counts all the same; `otherwise` says what stands there then",
                ko: "값이 내린 상품이 없으면 이 자리는 비고, 볼 차례였던 방문자는 그래도 집계됩니다. 그때 보일 것을 `otherwise`에 적으세요",
            );
            self.notes.warn(start("kind"), "empty_row", said);
        }
        true
    }
}

/// What nobody wants to be offered.
fn usual() -> Exclude {
    Exclude { purchased: true, in_cart: true, viewed: false }
}
