//! Events as JSON lines, in any order → visits. Never guesses: a line that is no
//! event is refused with its number.

use std::collections::BTreeMap;

use vitrine_engine::event;
use vitrine_engine::profile::VISIT_GAP;
use vitrine_engine::time::Millis;

use crate::ga4::{self, Exported, UNSAID_DIGITS};
use crate::line::{self, Line};
use crate::lines::Trouble;
use crate::log::Builder;
use crate::propensity::Moments;
use crate::sorted::{Key, Sorter};
use vitrine_engine::minor::digits;

/// Clicks of one visit: more is a robot, and its later clicks are not read.
const VISIT_CLICKS: usize = 1000;

/// Events that are read and wait for those before them.
#[derive(Debug, Default)]
pub struct Events {
    sorter: Sorter,
    /// How often each currency is named; rows that name none are in the commonest.
    currencies: BTreeMap<String, u64>,
}

impl Events {
    /// Takes one line in.
    ///
    /// # Errors
    /// Where the line is no event, or there are more than fit on disk.
    pub fn take(&mut self, number: u64, line: &str) -> Result<(), Trouble> {
        let wrong = |sentence: String| Trouble::at(number, &sentence);
        let (key, currency, kept) = if ga4::is_row(line) {
            let Some(read) = ga4::read(line).map_err(wrong)? else { return Ok(()) };
            let Exported { line: Line { visitor, event, .. }, key, currency } = read;
            // Only what is learnt from, in a tenth of the bytes.
            let unit = currency.as_deref().and_then(digits);
            let mark = unit.map_or('?', |unit| char::from(b'0' + unit));
            (key, currency, format!("{mark}{}", event.to_json(&visitor, 0, unit.unwrap_or(UNSAID_DIGITS))))
        } else {
            let Line { event, .. } = line::read(line, 0).map_err(wrong)?;
            // In thousandths, as the export; of one millisecond what stands first.
            let key = Key { at: event.at.0.saturating_mul(1000), tie: number };
            (key, line::currency(line), format!("={line}"))
        };
        if let Some(code) = currency {
            *self.currencies.entry(code).or_default() += 1;
        }
        self.sorter.take(key, &kept)
    }

    /// Gives every event to `each`, by time.
    ///
    /// # Errors
    /// Those of `each`, and where what waited on disk cannot be read again.
    pub fn finish(self, each: &mut dyn FnMut(Line) -> Result<(), Trouble>) -> Result<(), Trouble> {
        let commonest =
            self.currencies.iter().max_by_key(|(code, count)| (**count, std::cmp::Reverse(*code)));
        let usual = commonest.and_then(|(code, _)| digits(code)).unwrap_or(0);
        let mut sorted = self.sorter.finish()?;
        while let Some(kept) = sorted.next()? {
            let (mark, line) = kept.split_at_checked(1).unwrap_or_default();
            let read = match mark.parse() {
                Ok(unit) => line::read(line, unit),
                Err(_) => line::read_own(line, usual),
            };
            each(read.map_err(Trouble::Bad)?)?;
        }
        Ok(())
    }
}

/// Visits under way, by visitor.
#[derive(Debug, Default)]
pub struct Visits {
    open: BTreeMap<String, Visit>,
    now: u64,
    swept: u64,
    moments: Moments,
}

#[derive(Debug, Default)]
struct Visit {
    last: u64,
    clicks: Vec<u32>,
    /// What is in the cart and was not bought yet.
    cart: Vec<u32>,
}

impl Visits {
    /// Takes one event in, none older than those before.
    ///
    /// # Errors
    /// Where there are more items or clicks than fit.
    pub fn take(&mut self, Line { visitor, event, .. }: Line, log: &mut Builder) -> Result<(), Trouble> {
        self.now = event.at.0;
        if self.now - self.swept >= VISIT_GAP {
            self.close(log)?;
        }
        self.moments.take(&visitor, &event);
        let visit = self.open.entry(visitor).or_default();
        if self.now - visit.last >= VISIT_GAP {
            log.session(&visit.clicks, Some(Millis(visit.last)))?;
            log.basket(&visit.cart)?;
            visit.clicks.clear();
            visit.cart.clear();
        }
        visit.last = self.now;
        if event.name == event::ADD_TO_CART || event.name == event::PURCHASE {
            let is_purchase = event.name == event::PURCHASE;
            let mut items = Vec::new();
            for item in event.items.iter().filter(|item| !item.id.is_empty()) {
                items.push(log.item(&item.id)?);
            }
            // A purchase that does not say of what is of the cart.
            visit.cart.truncate(if is_purchase && !items.is_empty() { 0 } else { VISIT_CLICKS });
            visit.cart.extend(items);
            if is_purchase {
                log.basket(&visit.cart)?;
                visit.cart.clear();
            }
        }
        if event.name == event::VIEW_ITEM || event.name == event::ADD_TO_CART {
            for item in event.items.iter().filter(|item| !item.id.is_empty()) {
                let place = log.item(&item.id)?;
                // Into the cart from its own page is no step to another item.
                let again = event.name == event::ADD_TO_CART && visit.clicks.last() == Some(&place);
                if !again && visit.clicks.len() < VISIT_CLICKS {
                    visit.clicks.push(place);
                }
            }
        }
        Ok(())
    }

    /// Ends every visit.
    ///
    /// # Errors
    /// Where there are more clicks than fit in memory.
    pub fn finish(mut self, log: &mut Builder) -> Result<Moments, Trouble> {
        self.now = u64::MAX;
        self.close(log)?;
        Ok(self.moments)
    }

    /// Ends the visits that nothing can follow any more, in the order of their
    /// last events, so that memory holds half an hour of visitors.
    fn close(&mut self, log: &mut Builder) -> Result<(), Trouble> {
        let now = self.now;
        let mut over: Vec<(u64, String)> = self
            .open
            .iter()
            .filter(|(_, visit)| now - visit.last >= VISIT_GAP)
            .map(|(visitor, visit)| (visit.last, visitor.clone()))
            .collect();
        over.sort_unstable();
        for (_, visitor) in over {
            if let Some(visit) = self.open.remove(&visitor) {
                log.session(&visit.clicks, Some(Millis(visit.last)))?;
                log.basket(&visit.cart)?;
            }
        }
        self.swept = now;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::{Wish, train};
    use vitrine_engine::rng::Rng;
    use vitrine_engine::time::MINUTE;

    fn sessions(lines: &[&str]) -> Result<Vec<Vec<String>>, String> {
        let text = lines.join("\n");
        let log = crate::read::read(&mut text.as_bytes(), &[], &mut |_| ()).map_err(|t| t.to_string())?;
        let name = |item: &u32| log.ids[*item as usize].clone();
        Ok((0..log.sessions.len()).map(|at| log.sessions.get(at).iter().map(name).collect()).collect())
    }

    #[test]
    fn half_an_hour_of_silence_ends_a_session_and_visitors_are_kept_apart() {
        let view = |visitor: &str, minute: u64, item: &str| {
            let t = minute * MINUTE;
            format!(
                r#"{{"visitor":"{visitor}","t":{t},"event":"view_item","items":[{{"item_id":"{item}"}}]}}"#
            )
        };
        let lines = [
            view("v", 1, "a"),
            view("w", 2, "x"),
            view("v", 20, "b"),
            view("v", 50, "c"),
            view("w", 300, "y"),
        ];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(sessions(&lines).unwrap(), [vec!["x"], vec!["a", "b"], vec!["c"], vec!["y"]]);
    }

    #[test]
    fn ga4s_export_gives_the_same_sessions_and_passes_over_who_did_not_consent() {
        let row = |visitor: &str, second: u64, name: &str, item: &str| {
            let micros = second * 1_000_000;
            format!(
                r#"{{"event_timestamp":"{micros}","event_name":"{name}","user_pseudo_id":{visitor},"items":[{{"item_id":"{item}"}}]}}"#
            )
        };
        let lines = [
            row("\"v\"", 1, "view_item", "a"),
            row("null", 2, "view_item", "x"),
            row("\"v\"", 3, "view_item_list", "y"),
            row("\"v\"", 4, "view_item", "b"),
            row("\"v\"", 5, "add_to_cart", "b"),
            row("\"v\"", 6, "purchase", "b"),
        ];
        let mut lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(sessions(&lines).unwrap(), [["a", "b"]]);
        lines.reverse();
        assert_eq!(sessions(&lines).unwrap(), [["a", "b"]]);
    }

    /// A week of the same people, looking, putting into carts and buying, in a shop
    /// that names its currency only where something is bought.
    fn export() -> Vec<String> {
        let mut rng = Rng::new(41, 0);
        let mut rows = Vec::new();
        for visit in 0..400u64 {
            let start = rng.below(7 * 24 * 60) * 60_000_000;
            for step in 0..1 + rng.below(6) {
                let (item, visitor) = (rng.below(30), visit % 60);
                let name =
                    ["page_view", "view_item", "view_item", "add_to_cart", "purchase"][rng.below(5) as usize];
                let code = if name == "purchase" { "\"EUR\"" } else { "null" };
                let price = item as f64 + 0.95;
                rows.push(format!(
                    r#"{{"event_timestamp":"{}","event_name":"{name}","user_pseudo_id":"p{visitor}","items":[{{"item_id":"i{item}","price":{price}}}],"ecommerce":{{"purchase_revenue":{price}}},"event_params":[{{"key":"currency","value":{{"string_value":{code}}}}}]}}"#,
                    start + step / 2 * 30_000_000
                ));
            }
        }
        rows
    }

    #[test]
    fn an_export_in_any_order_gives_the_same_bytes_and_amounts_in_its_currency() {
        let mut rng = Rng::new(42, 0);
        let mut rows = export();
        let trained = |rows: &[String]| {
            let wish = Wish { support: 1, ..Wish::default() };
            let text = rows.join("\n");
            train(&mut text.as_bytes(), &Catalog::default(), wish, &mut |_| ()).unwrap()
        };
        let first = trained(&rows);
        assert!(first.clicks > 400 && first.baskets > 20, "{} {}", first.clicks, first.baskets);
        for _ in 0..3 {
            for at in (1..rows.len()).rev() {
                rows.swap(at, rng.below(at as u64 + 1) as usize);
            }
            assert_eq!(trained(&rows).bytes, first.bytes);
        }
        let mut events = Events::default();
        for (row, number) in rows.iter().zip(1..) {
            events.take(number, row).unwrap();
        }
        let (mut last, mut bought) = (0, 0);
        events
            .finish(&mut |Line { event, .. }| {
                assert!(event.at.0 >= last);
                last = event.at.0;
                // Also where a row names no currency, cents are cents.
                assert_eq!(event.items[0].price % 100, 95);
                bought += event.value;
                Ok(())
            })
            .unwrap();
        assert!(bought > 10_000 && bought % 5 == 0, "{bought} cents");
    }

    #[test]
    fn what_is_no_event_is_refused_with_its_line_and_reason() {
        let good =
            r#"{"visitor":"v","t":"2026-11-21T09:00:00+09:00","event":"view_item","items":[{"item_id":7}]}"#;
        assert_eq!(sessions(&[good]).unwrap(), [["7"]]);
        for (bad, want) in [
            (r#"{"t":1,"event":"view_item"}"#, "line 2: has no `visitor`"),
            (
                r#"{"visitor":"v","t":"soon","event":"x"}"#,
                "line 2: `t` is `soon`, which is no time as in RFC 3339",
            ),
        ] {
            assert_eq!(sessions(&[good, bad]).unwrap_err(), want);
        }
        assert!(sessions(&[good, "{]"]).unwrap_err().starts_with("line 2: is no event as JSON"));
    }
}
