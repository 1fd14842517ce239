//! Events as JSON lines → visits. Never guesses: a line that is no event is
//! refused with its number, and time must not run backwards.

use std::collections::BTreeMap;

use serde::Deserialize;
use vitrine_engine::event::{self, Event, ITEM_LIMIT, Item, WORD_LIMIT};
use vitrine_engine::page::Page;
use vitrine_engine::profile::VISIT_GAP;
use vitrine_engine::text::clip;
use vitrine_engine::time::{DAY, HOUR, MINUTE, Millis};

use crate::lines::Trouble;
use crate::log::Builder;
use crate::propensity::Moments;

/// Clicks of one visit: more is a robot, and its later clicks are not read.
const VISIT_CLICKS: usize = 1000;

/// One line; other fields are for other readers.
#[derive(Deserialize)]
struct Line {
    visitor: Option<String>,
    t: Option<When>,
    event: Option<String>,
    #[serde(default)]
    url: String,
    #[serde(default)]
    referrer: String,
    #[serde(default)]
    items: Vec<Thing>,
    #[serde(default)]
    transaction_id: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum When {
    Millis(u64),
    Text(String),
}

#[derive(Deserialize)]
struct Thing {
    #[serde(default)]
    item_id: Id,
    #[serde(default)]
    quantity: Option<f64>,
}

/// Shops write ids as text or as numbers.
#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Text(String),
    Number(u64),
}

impl Default for Id {
    fn default() -> Self {
        Id::Text(String::new())
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
}

impl Visits {
    /// Takes one line in.
    ///
    /// # Errors
    /// Where the line is no event, or older than the one before.
    pub fn take(&mut self, number: u64, line: &str, log: &mut Builder) -> Result<(), Trouble> {
        let (visitor, event) = parse(line).map_err(|sentence| Trouble::at(number, &sentence))?;
        if event.at.0 < self.now {
            return Err(Trouble::at(number, "`t` is before that of the line above; sort the log by time"));
        }
        self.now = event.at.0;
        if self.now - self.swept >= VISIT_GAP {
            self.close(log)?;
        }
        self.moments.take(&visitor, &event);
        let visit = self.open.entry(visitor).or_default();
        if self.now - visit.last >= VISIT_GAP {
            log.session(&visit.clicks)?;
            visit.clicks.clear();
        }
        visit.last = self.now;
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
                log.session(&visit.clicks)?;
            }
        }
        self.swept = now;
        Ok(())
    }
}

fn parse(line: &str) -> Result<(String, Event), String> {
    let line: Line = serde_json::from_str(line).map_err(|error| {
        let place = error.column();
        format!("is no event as JSON, at column {place}; one is `{{\"visitor\":\"v1\",\"t\":0,\"event\":\"view_item\",\"items\":[{{\"item_id\":\"a\"}}]}}`")
    })?;
    let visitor = line.visitor.ok_or("has no `visitor`")?;
    let at = match line.t.ok_or("has no `t`")? {
        When::Millis(millis) => millis,
        When::Text(text) => rfc3339(&text).ok_or_else(|| {
            format!("`t` is `{}`, which is no time as in RFC 3339", clip(&text, WORD_LIMIT))
        })?,
    };
    let name = line.event.ok_or("has no `event`")?;
    let page = (name == event::PAGE_VIEW).then(|| Page::parse(&line.url));
    let item = |thing: Thing| Item {
        id: match thing.item_id {
            Id::Text(text) => clip(&text, WORD_LIMIT).to_owned(),
            Id::Number(number) => number.to_string(),
        },
        quantity: thing.quantity.map_or(1, |pieces| pieces as u32).max(1),
        ..Item::default()
    };
    let event = Event {
        page,
        referrer: line.referrer,
        items: line.items.into_iter().take(ITEM_LIMIT).map(item).collect(),
        transaction: line.transaction_id,
        ..Event::new(clip(&name, WORD_LIMIT), Millis(at))
    };
    Ok((visitor, event))
}

/// Milliseconds since 1970 of `2026-11-21T09:00:00.5+09:00`; nothing before 1970.
fn rfc3339(text: &str) -> Option<u64> {
    let number = |from: usize, to: usize| -> Option<u64> {
        let digits = text.get(from..to)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let mark = |at: usize, marks: &[u8]| text.as_bytes().get(at).is_some_and(|byte| marks.contains(byte));
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let marked = mark(4, b"-") && mark(7, b"-") && mark(10, b"Tt ") && mark(13, b":") && mark(16, b":");
    let in_range = year >= 1970 && (1..=12).contains(&month) && hour < 24 && minute < 60 && second <= 60;
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if !marked || !in_range || !(1..=length).contains(&day) {
        return None;
    }
    let rest = text.get(19..)?;
    let fraction =
        rest.strip_prefix('.').map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
    let millis: u64 = match fraction {
        0 if rest.starts_with('.') => return None,
        0 => 0,
        _ => format!("{:0<3}", rest.get(1..=fraction)?).get(..3)?.parse().ok()?,
    };
    let zone = if fraction > 0 { rest.get(fraction + 1..)? } else { rest };
    // Months counted from March, so that the leap day is the year's last.
    let (y, m) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1;
    let local = (days - 719_468) * DAY + hour * HOUR + minute * MINUTE + second * 1000 + millis;
    if zone.eq_ignore_ascii_case("z") {
        return Some(local);
    }
    let east = zone.starts_with('+');
    let clock = zone.strip_prefix(['+', '-'])?;
    let (hours, minutes) = clock.split_once(':').filter(|(h, m)| h.len() == 2 && m.len() == 2)?;
    let offset = hours.parse::<u64>().ok()? * HOUR + minutes.parse::<u64>().ok()? * MINUTE;
    if east { local.checked_sub(offset) } else { local.checked_add(offset) }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn times_are_read_with_their_zone_and_fraction() {
        for (text, want) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2000-02-29T12:00:00.25Z", Some(951_825_600_250)),
            ("2026-11-21T09:00:00+09:00", Some(20_778 * DAY)),
            ("2026-11-20T19:00:00.123456-05:00", Some(20_778 * DAY + 123)),
            ("2026-02-29T00:00:00Z", None),
            ("2026-13-01T00:00:00Z", None),
            ("2026-11-21T09:00:00", None),
            ("2026-11-21T09:00:00.Z", None),
            ("1970-01-01T00:00:00+09:00", None),
            ("", None),
        ] {
            assert_eq!(rfc3339(text), want, "{text}");
        }
    }
}
