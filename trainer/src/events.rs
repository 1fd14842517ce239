//! Events as JSON lines → visits. Never guesses: a line that is no event is
//! refused with its number, and time must not run backwards.

use std::collections::BTreeMap;

use vitrine_engine::event;
use vitrine_engine::profile::VISIT_GAP;
use vitrine_engine::time::Millis;

use crate::ga4;
use crate::line::{self, Line};
use crate::lines::Trouble;
use crate::log::Builder;
use crate::propensity::Moments;

/// Clicks of one visit: more is a robot, and its later clicks are not read.
const VISIT_CLICKS: usize = 1000;

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
    /// Takes one line in.
    ///
    /// # Errors
    /// Where the line is no event, or older than the one before.
    pub fn take(&mut self, number: u64, line: &str, log: &mut Builder) -> Result<(), Trouble> {
        let is_export = ga4::is_row(line);
        let read = if is_export { ga4::read(line, 0) } else { line::read(line, 0).map(Some) };
        let read = read.map_err(|sentence| Trouble::at(number, &sentence))?;
        let Some(Line { visitor, event, .. }) = read else { return Ok(()) };
        if event.at.0 < self.now {
            let sentence = match is_export {
                true => {
                    "`event_timestamp` is before that of a line above; export with ORDER BY event_timestamp"
                }
                false => "`t` is before that of the line above; sort the log by time",
            };
            return Err(Trouble::at(number, sentence));
        }
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
    use vitrine_engine::time::MINUTE;

    fn sessions(lines: &[&str]) -> Result<Vec<Vec<String>>, String> {
        let text = lines.join("\n");
        let log = crate::log::read(&mut text.as_bytes(), &[], &mut |_| ()).map_err(|t| t.to_string())?;
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
        lines.swap(0, 3);
        assert!(sessions(&lines).unwrap_err().contains("ORDER BY event_timestamp"));
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
            (
                r#"{"visitor":"v","t":1,"event":"x"}"#,
                "line 2: `t` is before that of the line above; sort the log by time",
            ),
        ] {
            assert_eq!(sessions(&[good, bad]).unwrap_err(), want);
        }
        assert!(sessions(&[good, "{]"]).unwrap_err().starts_with("line 2: is no event as JSON"));
    }
}
