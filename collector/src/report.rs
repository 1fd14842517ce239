//! Reads a report strictly. Never repairs, never guesses: what is not exactly
//! a report is refused with a sentence, and nothing of it is counted.

use serde_json::{Map, Value};
use vitrine_engine::arm::{HOLDOUT, Stream};
use vitrine_engine::report::{COUNT_LIMIT, Counts, Row};
use vitrine_engine::time::{DAY, Millis, date};
use vitrine_learn::delay::LAGS;

/// Bytes of a campaign's, message's or leaf's name.
const NAME_BYTES: usize = 100;
/// Visitors and converters of one report. A device is one visitor of a
/// campaign, and is drawn anew where a newer plan has no longer its message;
/// more than a few such plans between two reports are no shop's.
const DRAWN: u64 = 4;
/// How often one report may say due, shown, clicked or dismissed; a device
/// that was offline for a month stays far below.
const OFTEN: u64 = 10_000;
/// One visitor's revenue in minor units; the engine clips far below.
const REVENUE: u128 = 1_000_000_000_000;
/// How long an id may be on its way, in milliseconds: as long as ids are kept.
pub const ID_AGE: u64 = 30 * DAY;
/// How far a device's clock may be ahead, in milliseconds.
const CLOCK_AHEAD: u64 = DAY;
/// How many days before the report an arm may have been drawn. An arm is held
/// for as long as the device remembers, and a visitor who comes back after a
/// year still counts to the day of the draw; beyond it, a forger could fill
/// the disk with days.
pub const DRAWN_BEFORE: u32 = 400;

/// A report that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The UUIDv7.
    pub id: [u8; 16],
    /// Its rows, all of one campaign.
    pub rows: Vec<Row>,
    /// The site's local day on which the device made it, however late it comes.
    pub made: u32,
    /// Whether the browser that sent it forgets after seven days.
    pub is_forgetful: bool,
}

impl Report {
    /// The rows that tell of converters, with the days since their draw. Nothing
    /// is shown to the holdout, so its lags say nothing of a message's.
    pub fn lags(&self) -> impl Iterator<Item = (&Row, u32)> {
        let tells = |row: &&Row| row.counts.converters > 0 && row.message != HOLDOUT;
        let lag = |row: &Row| self.made.saturating_sub(row.day).min(LAGS as u32);
        self.rows.iter().filter(tells).map(move |row| (row, lag(row)))
    }
}

/// Why a report is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It is no report, or says what cannot be.
    Malformed(String),
    /// It was under way for longer than ids are kept.
    TooOld(String),
}

type Read<T> = Result<T, String>;

/// Reads a body; `now` in milliseconds since 1970, `day` the site's local day
/// of a moment.
///
/// # Errors
/// A sentence that names the field and what it should hold.
pub fn read(body: &[u8], now: u64, day: impl Fn(Millis) -> u32) -> Result<Report, Refusal> {
    let value: Value = serde_json::from_slice(body)
        .map_err(|e| format!("the body is not JSON: line {}, column {}", e.line(), e.column()))
        .map_err(Refusal::Malformed)?;
    let report =
        fields(&value, "the report", &["id", "campaign", "plan", "counts"]).map_err(Refusal::Malformed)?;
    let id = uuid7(text(report, "id").map_err(Refusal::Malformed)?)
        .ok_or_else(|| Refusal::Malformed("`id` is not a UUID of version 7".into()))?;
    let at = id.iter().take(6).fold(0u64, |sum, byte| (sum << 8) | u64::from(*byte));
    if at > now.saturating_add(CLOCK_AHEAD) {
        let sentence = "`id` was made more than a day in the future; the device's clock is wrong";
        return Err(Refusal::Malformed(sentence.into()));
    }
    if now.saturating_sub(at) > ID_AGE {
        let sentence = "the report is older than 30 days and is not counted; do not send it again";
        return Err(Refusal::TooOld(sentence.into()));
    }
    let rows = rows(report, (at / DAY) as u32).map_err(Refusal::Malformed)?;
    Ok(Report { id, rows, made: day(Millis(at)), is_forgetful: false })
}

fn rows(report: &Map<String, Value>, today: u32) -> Read<Vec<Row>> {
    let campaign = name(report, "campaign")?;
    name(report, "plan")?;
    let counts = report.get("counts").and_then(Value::as_array);
    let counts = counts.ok_or("`counts` is not a list")?;
    if counts.is_empty() || counts.len() > COUNT_LIMIT {
        return Err(format!("`counts` holds {} entries; a report holds 1 to {COUNT_LIMIT}", counts.len()));
    }
    let rows: Vec<Row> = counts
        .iter()
        .zip(1..)
        .map(|(value, at)| {
            row(value, campaign, today).map_err(|reason| format!("entry {at} of `counts`: {reason}"))
        })
        .collect::<Read<_>>()?;
    let mut sum = Counts::default();
    rows.iter().for_each(|row| sum.add(&row.counts));
    at_most(sum.visitors, DRAWN, "visitors")?;
    at_most(sum.converters, DRAWN, "converters")?;
    for (key, count) in
        [("due", sum.due), ("shown", sum.shown), ("clicked", sum.clicked), ("dismissed", sum.dismissed)]
    {
        at_most(count, OFTEN, key)?;
    }
    Ok(rows)
}

fn row(value: &Value, campaign: &str, today: u32) -> Read<Row> {
    let entry = fields(
        value,
        "the entry",
        &[
            "message",
            "leaf",
            "stream",
            "epoch",
            "day",
            "visitors",
            "converters",
            "revenue",
            "revenue2",
            "due",
            "shown",
            "clicked",
            "dismissed",
        ],
    )?;
    let word = text(entry, "stream")?;
    let stream = Stream::from_word(word)
        .ok_or("`stream` is none of `random`, `adaptive`, `fixed`, `holdout`, `global`")?;
    let message = name(entry, "message")?;
    let counts = Counts {
        visitors: count(entry, "visitors")?,
        converters: count(entry, "converters")?,
        revenue: money(entry, "revenue")?,
        revenue2: money(entry, "revenue2")?,
        due: count(entry, "due")?,
        shown: count(entry, "shown")?,
        clicked: count(entry, "clicked")?,
        dismissed: count(entry, "dismissed")?,
    };
    if (message == HOLDOUT) != matches!(stream, Stream::Holdout | Stream::Global) {
        return Err("the message `holdout` and the streams `holdout` and `global` go together".into());
    }
    if counts.visitors > 1 || counts.converters > 1 {
        return Err("`visitors` and `converters` of one arm are 0 or 1".into());
    }
    let seen = [counts.shown, counts.clicked, counts.dismissed];
    if message == HOLDOUT && seen.iter().any(|count| *count > 0) {
        return Err("`holdout` shows nothing, so nothing of it can be shown or clicked".into());
    }
    squares_fit(&counts)?;
    Ok(Row {
        campaign: campaign.into(),
        message: message.into(),
        leaf: name(entry, "leaf")?.into(),
        stream,
        epoch: u32::try_from(count(entry, "epoch")?).map_err(|_| "`epoch` is too large")?,
        day: day(entry, today)?,
        counts,
    })
}

/// A visitor whose total goes from `a` to `a + r` adds (a+r)² − a², which lies
/// between r² and r² + 2·r·(the most a visitor can have spent).
fn squares_fit(counts: &Counts) -> Read<()> {
    let revenue = counts.revenue;
    if revenue > REVENUE {
        return Err(format!("`revenue` is above {REVENUE}"));
    }
    let square = revenue * revenue;
    let most = square + 2 * revenue * REVENUE;
    if (square..=most).contains(&counts.revenue2) {
        Ok(())
    } else {
        Err("`revenue2` cannot come of this `revenue`".into())
    }
}

/// The object of exactly these fields.
fn fields<'v>(value: &'v Value, what: &str, keys: &[&str]) -> Read<&'v Map<String, Value>> {
    let object = value.as_object().ok_or_else(|| format!("{what} is not an object"))?;
    if let Some(unknown) = object.keys().find(|key| !keys.contains(&key.as_str())) {
        let shown = vitrine_engine::text::clip(unknown, NAME_BYTES);
        return Err(format!("`{shown}` is no field of {what}"));
    }
    match keys.iter().find(|key| !object.contains_key(**key)) {
        Some(missing) => Err(format!("{what} has no `{missing}`")),
        None => Ok(object),
    }
}

fn text<'v>(object: &'v Map<String, Value>, key: &str) -> Read<&'v str> {
    object.get(key).and_then(Value::as_str).ok_or_else(|| format!("`{key}` is not a text"))
}

fn name<'v>(object: &'v Map<String, Value>, key: &str) -> Read<&'v str> {
    let name = text(object, key)?;
    if name.is_empty() || name.len() > NAME_BYTES || name.chars().any(char::is_control) {
        return Err(format!("`{key}` is not a name of 1 to {NAME_BYTES} bytes"));
    }
    Ok(name)
}

fn count(object: &Map<String, Value>, key: &str) -> Read<u64> {
    object.get(key).and_then(Value::as_u64).ok_or_else(|| format!("`{key}` is not a whole number from 0 on"))
}

fn at_most(count: u64, most: u64, key: &str) -> Read<()> {
    if count > most {
        return Err(format!("`{key}` is {count} in all; one report says {most} at most"));
    }
    Ok(())
}

/// Money in minor units: decimal digits, no sign, no point, no leading zero.
fn money(object: &Map<String, Value>, key: &str) -> Read<u128> {
    let digits = text(object, key)?;
    let plain =
        digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    plain
        .then(|| digits.parse().ok())
        .flatten()
        .ok_or_else(|| format!("`{key}` is not a decimal string such as \"129000\""))
}

fn day(object: &Map<String, Value>, today: u32) -> Read<u32> {
    let earliest = today.saturating_sub(DRAWN_BEFORE);
    day_of(text(object, "day")?).filter(|day| (earliest..=today.saturating_add(1)).contains(day)).ok_or_else(
        || format!("`day` is not a date such as \"2026-11-21\" within {DRAWN_BEFORE} days before the report"),
    )
}

/// The count of days since 1970-01-01 of a date as [`date`] writes it; Howard
/// Hinnant's `days_from_civil`.
fn day_of(written: &str) -> Option<u32> {
    let mut parts = written.splitn(3, '-').map(str::parse::<u32>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    let days = days.checked_sub(719_468)?;
    (date(days) == written).then_some(days)
}

/// The bytes of a UUID of version 7 and the variant of RFC 9562.
fn uuid7(text: &str) -> Option<[u8; 16]> {
    let bytes = text.as_bytes();
    if bytes.len() != 36 {
        return None;
    }
    let mut digits = Vec::with_capacity(32);
    for (at, byte) in bytes.iter().enumerate() {
        match (at, byte) {
            (8 | 13 | 18 | 23, b'-') => {}
            (8 | 13 | 18 | 23, _) => return None,
            _ => digits.push(char::from(*byte).to_digit(16)? as u8),
        }
    }
    let mut id = [0u8; 16];
    for (byte, pair) in id.iter_mut().zip(digits.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = (high << 4) | low;
    }
    let (version, variant) = (id.get(6)? >> 4, id.get(8)? >> 6);
    (version == 7 && variant == 2).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_as_it_is_written_and_an_impossible_one_is_not() {
        for day in (0..60_000).step_by(13).chain(11_000..11_800) {
            assert_eq!(day_of(&date(day)), Some(day));
        }
        for bad in ["2026-02-29", "2026-13-01", "2026-1-01", "2026-11-31", "", "x", "1969-12-31"] {
            assert_eq!(day_of(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_id_is_read_only_if_it_is_a_uuid_of_version_7() {
        let id = "0197f0c2-0000-7fff-bfff-ffffffffffff";
        assert_eq!(uuid7(id).map(|id| (id[0], id[15])), Some((1, 255)));
        for bad in [
            "0197f0c2-0000-4fff-bfff-ffffffffffff",
            "0197f0c2-0000-7fff-ffff-ffffffffffff",
            "0197f0c2000007fffbfffffffffffffffff1",
            "0197f0c2-0000-7fff-bfff-fffffffffffg",
            "0197f0c2-0000-7fff-bfff-fffffffffff",
        ] {
            assert_eq!(uuid7(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_sum_of_squares_fits_the_revenue() {
        let counts = |revenue, revenue2| Counts { revenue, revenue2, ..Counts::default() };
        for (revenue, revenue2) in [(0, 0), (129_000, 16_641_000_000), (5, 25 + 2 * 5 * 7)] {
            assert_eq!(squares_fit(&counts(revenue, revenue2)), Ok(()));
        }
        for (revenue, revenue2) in [(0, 1), (5, 24), (1, u128::MAX), (u128::MAX, 0)] {
            assert!(squares_fit(&counts(revenue, revenue2)).is_err(), "{revenue}");
        }
    }
}
