//! A product feed in Google Merchant Center's forms, tab-separated or XML → cards.
//! Never lets one bad product spoil the others: it is named and left out.

mod xml;

use std::collections::BTreeMap;
use std::io::BufRead;

use vitrine_engine::event::WORD_LIMIT;
use vitrine_engine::pack::{Packed, push_text};
use vitrine_engine::recommend::{Card, ITEM_LIMIT, Stock};
use vitrine_engine::text::{clip, fold, is_safe_link};

use crate::lines::{Lines, Trouble};
use vitrine_engine::minor::digits;

/// The longest title, in bytes: Merchant Center's 150 characters, in Korean.
const TITLE_BYTES: usize = 450;
/// The longest link, in bytes: Merchant Center's own limit.
const LINK_BYTES: usize = 2000;
/// The longest category, in bytes; as a taste of the visitor.
const CATEGORY_BYTES: usize = 48;
/// The longest brand, in bytes: Merchant Center's 70 characters, most of them Latin.
const BRAND_BYTES: usize = 96;

/// What can be shown of a shop's products.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Catalog {
    /// Cards of products by id; their `item` is not set yet.
    pub cards: BTreeMap<String, Card>,
    /// Products out of stock, whose cards are never offered.
    pub sold_out: usize,
    /// A sentence for each product that was left out for a mistake.
    pub complaints: Vec<String>,
}

/// Reads a feed: XML where its first character is `<`, else lines with tabs.
///
/// # Errors
/// Where it is no feed at all: no head line, or a column missing, or no XML.
pub fn read(input: &mut dyn BufRead) -> Result<Catalog, Trouble> {
    let start = input.fill_buf()?;
    let start = start.strip_prefix("\u{feff}".as_bytes()).unwrap_or(start);
    match start.iter().find(|byte| !byte.is_ascii_whitespace()) {
        None => Err(Trouble::Bad("it is empty".into())),
        Some(b'<') => xml::read(input),
        Some(_) => tabs(input),
    }
}

fn tabs(input: &mut dyn BufRead) -> Result<Catalog, Trouble> {
    let mut lines = Lines::new(input);
    let Some((number, head)) = lines.read()? else {
        return Err(Trouble::Bad("it is empty".into()));
    };
    let names: Vec<String> =
        head.split('\t').map(|name| name.trim().to_lowercase().replace(' ', "_")).collect();
    for needed in ["id", "title", "link"] {
        if !names.iter().any(|name| name == needed) {
            let sentence =
                format!("has no column `{needed}`; the first line names the columns, between tabs");
            return Err(Trouble::at(number, &sentence));
        }
    }
    let mut catalog = Catalog::default();
    while let Some((number, line)) = lines.read()? {
        let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
        let cell = |name: &str| {
            let at = names.iter().position(|known| known == name);
            at.and_then(|at| cells.get(at)).copied().unwrap_or_default()
        };
        catalog.take(number, &cell)?;
    }
    Ok(catalog)
}

impl Catalog {
    /// Takes titles and links of the same products in another language of the
    /// shop; all else stays as the first feed has it. Of two feeds in one language
    /// the first speaks. Gives the products that only the other feed has.
    pub fn speak(&mut self, language: &str, other: Catalog) -> Vec<String> {
        let (language, mut passed) = (fold(language), Vec::new());
        for (id, Card { title, link, .. }) in other.cards {
            let Some(card) = self.cards.get_mut(&id) else {
                passed.push(id);
                continue;
            };
            for text in [&language, &title, &link] {
                push_text(&mut card.tongues.0, text);
            }
        }
        self.complaints.extend(other.complaints);
        passed
    }

    /// Takes one product in, which began in this line.
    fn take<'a>(&mut self, number: u64, cell: &dyn Fn(&str) -> &'a str) -> Result<(), Trouble> {
        let id = clip(cell("id"), WORD_LIMIT);
        match card(cell) {
            _ if id.is_empty() => self.complaints.push(format!("line {number}: the product has no `id`")),
            _ if self.cards.contains_key(id) => {
                self.complaints.push(format!("line {number}: the product `{id}` stands there already"));
            }
            Ok(card) => {
                self.sold_out += usize::from(card.stock == Stock::Out);
                self.cards.insert(id.to_owned(), card);
            }
            Err(sentence) => self.complaints.push(format!("line {number}, product `{id}`: {sentence}")),
        }
        if self.cards.len() > ITEM_LIMIT as usize {
            return Err(Trouble::Bad(format!("there are more than {ITEM_LIMIT} products")));
        }
        Ok(())
    }
}

fn card<'a>(cell: &dyn Fn(&str) -> &'a str) -> Result<Card, String> {
    let link = |name: &str| {
        let link = cell(name);
        if link.len() <= LINK_BYTES && is_safe_link(link) {
            return Ok(link.to_owned());
        }
        let shown = clip(link, WORD_LIMIT);
        Err(format!("`{name}` is `{shown}`, which is neither https: nor a path of the site"))
    };
    let title = clip(cell("title"), TITLE_BYTES);
    if title.is_empty() {
        return Err("it has no `title`".into());
    }
    // The first level of `Shoes > Boots` is what GA4 calls `item_category`.
    let own = cell("product_type");
    let category = if own.is_empty() { cell("google_product_category") } else { own };
    let category = category.split('>').next().unwrap_or_default().trim();
    Ok(Card {
        item: 0,
        title: title.to_owned(),
        link: link("link")?,
        image: if cell("image_link").is_empty() { String::new() } else { link("image_link")? },
        price: price("price", cell("price"))?,
        sale: price("sale_price", cell("sale_price"))?,
        category: clip(category, CATEGORY_BYTES).to_owned(),
        brand: clip(cell("brand"), BRAND_BYTES).to_owned(),
        stock: stock(cell("availability"))?,
        wanted: 0,
        tongues: Packed::default(),
    })
}

/// Merchant Center's words, also with blanks as feeds of old have them; a feed
/// without the column is of a shop that lists what it has.
fn stock(text: &str) -> Result<Stock, String> {
    match text.to_ascii_lowercase().replace(' ', "_").as_str() {
        "" | "in_stock" => Ok(Stock::In),
        "preorder" | "backorder" => Ok(Stock::Later),
        "out_of_stock" => Ok(Stock::Out),
        _ => {
            let shown = clip(text, WORD_LIMIT);
            Err(format!("`availability` is `{shown}`; known are in_stock, preorder, backorder, out_of_stock"))
        }
    }
}

/// `129000 KRW` or `15.90 EUR` in minor units; 0 for nothing.
fn price(name: &str, text: &str) -> Result<u64, String> {
    if text.is_empty() {
        return Ok(0);
    }
    let wrong = || {
        let shown = clip(text, WORD_LIMIT);
        format!("`{name}` is `{shown}`, which is no amount with a currency, as in `15.90 EUR`")
    };
    let (amount, currency) = text.split_once(' ').ok_or_else(wrong)?;
    let digits = usize::from(digits(currency).ok_or_else(wrong)?);
    let (whole, part) = amount.split_once('.').unwrap_or((amount, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    // A part beyond the minor unit may only be zeros, as in `129000.00 KRW`.
    let (kept, beyond) = part.split_at_checked(digits).unwrap_or((part, ""));
    if whole.is_empty() || !is_number(whole) || !is_number(kept) || beyond.bytes().any(|byte| byte != b'0') {
        return Err(wrong());
    }
    format!("{whole}{kept:0<digits$}").parse().map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_become_minor_units_of_their_currency() {
        for (text, want) in [
            ("129000 KRW", Some(129_000)),
            ("129000.00 KRW", Some(129_000)),
            ("15.9 EUR", Some(1590)),
            ("15 USD", Some(1500)),
            ("1.234 KWD", Some(1234)),
            ("", Some(0)),
            ("15.999 EUR", None),
            ("129000", None),
            ("-1 EUR", None),
            ("1,000 EUR", None),
            ("99999999999999999999 KRW", None),
            (" EUR", None),
        ] {
            assert_eq!(price("price", text).ok(), want, "{text}");
        }
    }

    #[test]
    fn another_language_gives_titles_and_links_and_nothing_else() {
        let read = |feed: &str| read(&mut feed.as_bytes()).unwrap();
        let mut catalog = read("id\ttitle\tlink\tprice\na\t부츠\t/p/a\t10 EUR\nb\t벨트\t/p/b\t\n");
        let english = "id\ttitle\tlink\tprice\na\tBoot\t/en/p/a\t12 EUR\nz\tNew\t/en/p/z\t\n";
        assert_eq!(catalog.speak("EN", read(english)), ["z"]);
        let card = &catalog.cards["a"];
        assert_eq!((card.label("en-gb"), card.price), (("Boot", "/en/p/a"), 1000));
        assert_eq!(card.label("ko"), ("부츠", "/p/a"));
        assert_eq!(catalog.cards["b"].label("en"), ("벨트", "/p/b"));
        assert_eq!(catalog.cards.len(), 2);
        catalog.speak("en", read(&english.replace("Boot", "Bottine")));
        assert_eq!(catalog.cards["a"].label("en").0, "Boot");
    }

    #[test]
    fn a_bad_product_is_named_and_left_out_and_a_sold_out_one_is_marked() {
        let feed = "ID\tTitle\tLink\timage link\tprice\tavailability\tproduct_type\tbrand\n\
            a\tBoot\t/p/a\thttps://x.example/a.svg\t10 EUR\tin_stock\tShoes > Boots\tNord\n\
            b\tBelt\tjavascript:alert(1)\t\t\tin_stock\t\n\
            c\tBag\t/p/c\t\t\tout of stock\tBags\n\
            a\tAgain\t/p/a2\t\t\t\t\n\
            d\tDress\t/p/d\t\t\tsoon\t\n\
            e\tEarring\t/p/e\t\t\tpreorder\t\n";
        let catalog = read(&mut feed.as_bytes()).unwrap();
        assert_eq!(catalog.cards.keys().collect::<Vec<_>>(), ["a", "c", "e"]);
        let boot = &catalog.cards["a"];
        assert_eq!((boot.price, boot.category.as_str(), boot.title.as_str()), (1000, "Shoes", "Boot"));
        assert_eq!((boot.brand.as_str(), boot.stock), ("Nord", Stock::In));
        assert_eq!((catalog.cards["c"].stock, catalog.cards["e"].stock), (Stock::Out, Stock::Later));
        assert_eq!(catalog.sold_out, 1);
        assert_eq!(
            catalog.complaints,
            [
                "line 3, product `b`: `link` is `javascript:alert(1)`, which is neither https: nor a path of the site",
                "line 5: the product `a` stands there already",
                "line 6, product `d`: `availability` is `soon`; known are in_stock, preorder, backorder, out_of_stock"
            ]
        );
        let refusal = read(&mut "id\ttitle\n".as_bytes()).unwrap_err().to_string();
        assert!(refusal.starts_with("line 1: has no column `link`"), "{refusal}");
    }
}
