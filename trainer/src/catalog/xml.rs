//! A feed as XML: RSS 2.0 with Google's `g:` names, or Atom. Never holds more
//! than one product, never follows an entity out of the file, and never takes an
//! inner price (of shipping, say) for the product's.

use std::collections::BTreeMap;
use std::io::BufRead;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::Catalog;
use crate::lines::Trouble;

/// Bytes of one field: far more than any that is kept, and a bound for what is held.
const FIELD_BYTES: usize = 64 * 1024;
/// Fields of one product; Merchant Center knows about ninety.
const FIELDS: usize = 200;

/// The product under way.
#[derive(Default)]
struct Product {
    line: u64,
    fields: BTreeMap<String, String>,
}

/// Reads a feed.
///
/// # Errors
/// Where it is no XML, or holds no product at all.
pub fn read(input: &mut dyn BufRead) -> Result<Catalog, Trouble> {
    let mut counted = Counted { input, lines: 1 };
    let mut reader = Reader::from_reader(&mut counted);
    let mut catalog = Catalog::default();
    let mut product: Option<Product> = None;
    // Elements open within the product, and the name of its field.
    let (mut depth, mut field) = (0usize, String::new());
    let mut bytes = Vec::new();
    let mut products = 0u64;
    loop {
        bytes.clear();
        let event = reader.read_event_into(&mut bytes);
        let line = reader.get_ref().lines;
        let event = event.map_err(|error| match error {
            quick_xml::Error::Io(error) => Trouble::Io(std::io::Error::new(error.kind(), error.to_string())),
            error => Trouble::at(line, &format!("is no XML: {error}")),
        })?;
        match (&event, &mut product) {
            (Event::Eof, None) => break,
            (Event::Eof, Some(_)) => return Err(Trouble::at(line, "ends within a product")),
            (Event::Start(tag), None) if is_product(tag) => {
                product = Some(Product { line, ..Product::default() });
                products += 1;
            }
            (Event::Start(tag), Some(product)) => {
                depth += 1;
                if depth == 1 {
                    field = product.start(tag);
                }
            }
            (Event::Empty(tag), Some(product)) if depth == 0 => _ = product.start(tag),
            (Event::End(_), Some(done)) => match depth.checked_sub(1) {
                Some(outer) => depth = outer,
                None => {
                    let cell = |name: &str| done.fields.get(name).map_or("", |text| text.trim());
                    catalog.take(done.line, &cell)?;
                    product = None;
                }
            },
            (Event::Text(text), Some(product)) if depth == 1 => product.add(&field, text),
            (Event::CData(text), Some(product)) if depth == 1 => product.add(&field, text),
            (Event::GeneralRef(entity), Some(product)) if depth == 1 => {
                let sign = entity.resolve_char_ref().ok().flatten().map(String::from);
                let known = quick_xml::escape::resolve_predefined_entity(entity).map(String::from);
                // An entity that the file would have to define stays as it is.
                product.add(&field, &sign.or(known).unwrap_or_else(|| format!("&{};", &**entity)));
            }
            _ => {}
        }
    }
    if products == 0 {
        return Err(Trouble::Bad(
            "holds no product: neither `<item>` as in RSS 2.0 nor `<entry>` as in Atom".into(),
        ));
    }
    Ok(catalog)
}

impl Product {
    /// A field begins, under the name that the tab-separated form has; Atom's
    /// links stand in an attribute. Of a field that stands several times the first
    /// counts, and the others have no name.
    fn start(&mut self, tag: &BytesStart) -> String {
        let name = tag.local_name().as_ref().to_lowercase();
        if self.fields.len() >= FIELDS || self.fields.get(&name).is_some_and(|known| !known.trim().is_empty())
        {
            return String::new();
        }
        let link = tag.try_get_attribute("href").ok().flatten().filter(|_| name == "link");
        let link = link.and_then(|link| link.normalized_value(XmlVersion::Implicit1_0).ok());
        self.fields.insert(name.clone(), link.unwrap_or_default().into_owned());
        name
    }

    fn add(&mut self, field: &str, text: &str) {
        if let Some(known) =
            self.fields.get_mut(field).filter(|known| known.len() + text.len() <= FIELD_BYTES)
        {
            known.push_str(text);
        }
    }
}

fn is_product(tag: &BytesStart) -> bool {
    matches!(tag.local_name().as_ref(), "item" | "entry")
}

/// Counts lines on their way.
struct Counted<'a> {
    input: &'a mut dyn BufRead,
    lines: u64,
}

impl std::io::Read for Counted<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.input.read(into)?;
        let new = into.iter().take(read).filter(|byte| **byte == b'\n').count();
        self.lines += new as u64;
        Ok(read)
    }
}

impl BufRead for Counted<'_> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        self.input.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        if let Ok(bytes) = self.input.fill_buf() {
            self.lines += bytes.iter().take(count).filter(|byte| **byte == b'\n').count() as u64;
        }
        self.input.consume(count);
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use vitrine_engine::recommend::Stock;

    #[test]
    fn rss_with_googles_names_and_atom_say_the_same() {
        let rss = "\u{feff}<?xml version=\"1.0\"?>\n<rss xmlns:g=\"http://base.google.com/ns/1.0\" version=\"2.0\">\n<channel>\n\
            <title>Shop</title><link>https://shop.example</link>\n\
            <item><g:id>a</g:id><g:title>Boots &amp; <![CDATA[belts <new>]]> &#xC2E0;발</g:title>\n\
              <link>https://shop.example/p/a?x=1&amp;y=2</link><g:image_link>https://shop.example/a.jpg</g:image_link>\n\
              <g:shipping><g:price>3.00 EUR</g:price></g:shipping><g:price>15.90 EUR</g:price>\n\
              <g:sale_price>12.00 EUR</g:sale_price><g:availability>backorder</g:availability>\n\
              <g:google_product_category>Shoes &gt; Boots</g:google_product_category><g:brand>Nord</g:brand></item>\n\
            <item><g:id>b</g:id><title>Bag</title><link>javascript:alert(1)</link></item>\n\
            </channel></rss>";
        let atom = "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:g='http://base.google.com/ns/1.0'>\
            <entry><g:id>a</g:id><title>Boots &amp; belts &lt;new&gt; 신발</title>\
            <link rel='alternate' href='https://shop.example/p/a?x=1&amp;y=2'/><link href='/other'/>\
            <g:image_link>https://shop.example/a.jpg</g:image_link><g:price>15.90 EUR</g:price>\
            <g:sale_price>12 EUR</g:sale_price><g:availability>backorder</g:availability>\
            <g:product_type>Shoes</g:product_type><g:brand>Nord</g:brand></entry></feed>";
        let (rss, atom) = (read(&mut rss.as_bytes()).unwrap(), read(&mut atom.as_bytes()).unwrap());
        let card = &rss.cards["a"];
        assert_eq!((card.title.as_str(), card.price, card.sale), ("Boots & belts <new> 신발", 1590, 1200));
        assert_eq!((card.link.as_str(), card.stock), ("https://shop.example/p/a?x=1&y=2", Stock::Later));
        assert_eq!((card.category.as_str(), card.brand.as_str()), ("Shoes", "Nord"));
        assert_eq!(rss.cards, atom.cards);
        assert!(
            rss.complaints[0].starts_with("line 10, product `b`: `link` is `javascript"),
            "{:?}",
            rss.complaints
        );
    }

    #[test]
    fn what_is_no_feed_is_refused_and_no_entity_is_followed() {
        for (text, want) in [
            ("<html><body/></html>", "holds no product"),
            ("<rss><item><id>a</id>", "line 1: ends within a product"),
            ("<rss><item></rss>", "line 1: is no XML"),
        ] {
            let refusal = read(&mut text.as_bytes()).unwrap_err().to_string();
            assert!(refusal.contains(want), "{text}: {refusal}");
        }
        let bomb = "<!DOCTYPE r [<!ENTITY a \"b\"><!ENTITY f SYSTEM \"file:///etc/passwd\">]>\
            <rss><item><id>a</id><title>x&a;&f;y</title><link>/p</link></item></rss>";
        assert_eq!(read(&mut bomb.as_bytes()).unwrap().cards["a"].title, "x&a;&f;y");
    }
}
