//! The site's time zone, dates and hours. Never reads a clock: whether a
//! schedule is over is for the device to say.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan};
use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;
use vitrine_engine::plan::Window;
use vitrine_engine::time::{Millis, Zone};

use crate::desk::Desk;
use crate::notes::{did_you_mean, quote};
use crate::read::{self, Fields};
use crate::words;

/// Transitions are compiled for these years; behind them the last offset stays.
const FIRST_YEAR: i16 = 2024;
/// The first year without transitions of its own.
const END_YEAR: i16 = 2037;
/// Dates of a schedule; another year is a slip of the finger.
const SCHEDULE_YEARS: core::ops::RangeInclusive<i16> = 2000..=2100;
/// Windows of one schedule: the device looks at each, at each event.
const WINDOW_LIMIT: usize = 32;

/// Which end of a span a moment is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    /// A day alone is meant from its beginning.
    From,
    /// A day alone is meant to its end.
    To,
}

/// By what a campaign's moments are read.
#[derive(Clone, Copy)]
pub(crate) struct Calendar<'a> {
    /// The site's time zone.
    pub zone: &'a TimeZone,
    /// When the campaign runs.
    pub schedule: &'a [Window],
}

impl Desk<'_> {
    /// The time zone of an IANA name.
    pub fn time_zone(&mut self, value: &Value) -> Option<TimeZone> {
        let text = read::text(value, "`timezone`", &mut self.notes)?;
        let database = TimeZoneDatabase::bundled();
        if let Ok(zone) = database.get(&text.value) {
            return Some(zone);
        }
        let said = say!(
            en: "{name} is no time zone; write it as in `Asia/Seoul` or `Europe/Berlin`",
            ko: "{name:은<} 시간대가 아닙니다. `Asia/Seoul`이나 `Europe/Berlin`처럼 쓰세요",
            name = quote(&text.value),
        );
        let known: Vec<String> = database.available().map(|name| name.to_string()).collect();
        let said = did_you_mean(said, &text.value, known.iter().map(String::as_str));
        self.notes.error_like(value.start(), "bad_value", said);
        None
    }

    /// On which days and hours a campaign runs: one window, or several.
    pub fn schedule(&mut self, value: &Value, zone: &TimeZone) -> Option<Vec<Window>> {
        let list = read::one_or_more(value, "`schedule`", &mut self.notes)?;
        let windows = read::all(list.iter().map(|entry| self.windows(entry, zone)))?.concat();
        if windows.len() > WINDOW_LIMIT {
            let said = say!(
                en: "a `schedule` has at most {most} windows, not {count}; each range of `hours` is one",
                ko: "`schedule`에는 창을 {most}개까지 둘 수 있는데 {count}개입니다. `hours`의 범위 하나가 창 하나입니다",
                most = WINDOW_LIMIT, count = windows.len(),
            );
            self.notes.error(value.start(), "limit", said);
            return None;
        }
        Some(windows)
    }

    /// One entry of a schedule: a window for each of its ranges of hours.
    fn windows(&mut self, value: &Value, zone: &TimeZone) -> Option<Vec<Window>> {
        let fields = Fields::of(value, "`schedule`", words::SCHEDULE, &mut self.notes)?;
        let mut moment = |name: &str, bound: Bound| {
            fields.get_or(name, None, |value| self.moment(value, &quote(name), bound, zone).map(Some))
        };
        let (from, until) = (moment("from", Bound::From), moment("to", Bound::To));
        if let (Some(Some(from)), Some(Some(until))) = (from, until)
            && from >= until
        {
            let at = fields.get("to").map_or(fields.start(), Ranged::start);
            let said = say!(
                en: "`to` is not after `from`, so this would never run",
                ko: "`to`가 `from`보다 늦지 않아 한 번도 실행되지 않습니다",
            );
            self.notes.error(at, "conflict", said);
            return None;
        }
        let hours = fields.get_or("hours", vec![None], |value| self.all_hours(value));
        let weekdays = fields.get_or("weekdays", 0, |value| self.weekdays(value));
        let (from, until, weekdays) = (from?, until?, weekdays?);
        Some(hours?.into_iter().map(|minutes| Window { from, until, minutes, weekdays }).collect())
    }

    /// A date, or a date with a time, in the site's zone. A day ends when the
    /// next begins.
    pub fn moment(&mut self, value: &Value, what: &str, bound: Bound, zone: &TimeZone) -> Option<Millis> {
        let text = read::text(value, what, &mut self.notes)?;
        let local = match text.value.split_once(['T', ' ']) {
            None => date(&text.value).and_then(|day| {
                let day = match bound {
                    Bound::From => day,
                    Bound::To => day.checked_add(1.day()).ok()?,
                };
                Some(day.to_datetime(Time::midnight()))
            }),
            Some((day, time)) => {
                let local = date(day).zip(clock(time)).map(|(day, time)| day.to_datetime(time));
                if let Some(local) = local {
                    self.note_odd_moment(value.start(), local, zone);
                }
                local
            }
        };
        let moment = local.and_then(|local| millis(local, zone));
        if moment.is_none() {
            let said = say!(
                en: "{what} is {text}, but must be a day such as `2026-12-31` or a moment such as `2026-12-31T18:00`, in the site's time zone",
                ko: "{what:이<} {text}인데, 사이트 시간대로 `2026-12-31` 같은 날짜나 `2026-12-31T18:00` 같은 시각이어야 합니다",
                what, text = quote(&text.value),
            );
            self.notes.error(value.start(), "bad_date", said);
        }
        moment
    }

    /// One range of hours, or several.
    fn all_hours(&mut self, value: &Value) -> Option<Vec<Option<(u16, u16)>>> {
        let list = read::one_or_more(value, "`hours`", &mut self.notes)?;
        read::all(list.iter().map(|entry| self.hours(entry).map(Some)))
    }

    /// Notes a moment that the zone's clock skips or strikes twice.
    fn note_odd_moment(&mut self, at: usize, local: DateTime, zone: &TimeZone) {
        let said = match zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { .. } => return,
            AmbiguousOffset::Gap { .. } => say!(
                en: "the clock is put forward over this moment; the same time after the change is taken",
                ko: "이 시각은 시계를 앞당기면서 건너뜁니다. 바뀐 뒤의 같은 시각으로 봅니다",
            ),
            AmbiguousOffset::Fold { .. } => say!(
                en: "the clock is put back, so this moment comes twice; the first one is taken",
                ko: "시계를 되돌리므로 이 시각이 두 번 옵니다. 첫 번째로 봅니다",
            ),
        };
        self.notes.warn(at, "bad_date", said);
    }

    /// `09:00-22:00` as minutes of the day.
    fn hours(&mut self, value: &Value) -> Option<(u16, u16)> {
        let text = read::text(value, "`hours`", &mut self.notes)?;
        let range = text.value.split_once('-').and_then(|(from, until)| {
            let until = if until.trim() == "24:00" { 24 * 60 } else { minute(until)? };
            Some((minute(from)?, until)).filter(|(from, until)| from != until)
        });
        if range.is_none() {
            let said = say!(
                en: "`hours` is {text}, but must be two different times such as `09:00-22:00`, or `22:00-02:00` past midnight",
                ko: "`hours`가 {text}인데, `09:00-22:00`처럼 서로 다른 두 시각이어야 합니다. 자정을 넘기려면 `22:00-02:00`처럼 씁니다",
                text = quote(&text.value),
            );
            self.notes.error(value.start(), "bad_date", said);
        }
        range
    }

    fn weekdays(&mut self, value: &Value) -> Option<u8> {
        let list = read::list(value, "`weekdays`", &mut self.notes)?;
        let mut days = Some(0u8);
        for entry in list {
            let place =
                read::word(entry, say!(en: "a weekday", ko: "요일"), words::WEEKDAYS, &mut self.notes)
                    .and_then(|name| words::WEEKDAYS.iter().position(|day| *day == name));
            let Some(place) = place else {
                days = None;
                continue;
            };
            days = days.map(|days| days | 1 << place);
        }
        days
    }
}

/// The zone's transitions as the plan carries them.
pub(crate) fn compile(zone: &TimeZone) -> Zone {
    let year = |year: i16| {
        let start = Date::new(year, 1, 1).ok()?.to_datetime(Time::midnight());
        TimeZone::UTC.to_timestamp(start).ok()
    };
    let (Some(start), Some(end)) = (year(FIRST_YEAR), year(END_YEAR)) else { return Zone::default() };
    let minutes = |offset: jiff::tz::Offset| offset.seconds() / 60;
    let mut transitions = vec![(Millis(0), minutes(zone.to_offset(start)))];
    for transition in zone.following(start).take_while(|transition| transition.timestamp() < end) {
        let offset = minutes(transition.offset());
        if transitions.last().is_some_and(|(_, known)| *known != offset) {
            transitions.push((since_epoch(transition.timestamp()), offset));
        }
    }
    Zone { transitions }
}

fn millis(local: DateTime, zone: &TimeZone) -> Option<Millis> {
    zone.to_timestamp(local).ok().map(since_epoch)
}

fn since_epoch(timestamp: Timestamp) -> Millis {
    Millis(u64::try_from(timestamp.as_millisecond()).unwrap_or_default())
}

/// Exactly `2026-12-31`.
fn date(text: &str) -> Option<Date> {
    let [year, month, day] = numbers::<3>(text, '-', &[4, 2, 2])?;
    let year = i16::try_from(year).ok().filter(|year| SCHEDULE_YEARS.contains(year))?;
    Date::new(year, month as i8, day as i8).ok()
}

/// Exactly `18:00` or `18:00:30`.
fn clock(text: &str) -> Option<Time> {
    let [hour, minute, second] = match numbers::<3>(text, ':', &[2, 2, 2]) {
        Some(parts) => parts,
        None => numbers::<2>(text, ':', &[2, 2]).map(|[hour, minute]| [hour, minute, 0])?,
    };
    Time::new(hour as i8, minute as i8, second as i8, 0).ok()
}

fn minute(text: &str) -> Option<u16> {
    let [hour, minute] = numbers::<2>(text.trim(), ':', &[2, 2])?;
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

/// So many numbers of exactly so many digits.
fn numbers<const N: usize>(text: &str, between: char, digits: &[usize; N]) -> Option<[u16; N]> {
    let parts: Vec<&str> = text.split(between).collect();
    let fits = parts.len() == N
        && parts
            .iter()
            .zip(digits)
            .all(|(part, digits)| part.len() == *digits && part.bytes().all(|byte| byte.is_ascii_digit()));
    if !fits {
        return None;
    }
    let numbers: Vec<u16> = parts.iter().filter_map(|part| part.parse().ok()).collect();
    numbers.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_engine::time::HOUR;

    fn zone(name: &str) -> TimeZone {
        TimeZoneDatabase::bundled().get(name).unwrap()
    }

    #[test]
    fn zones_without_and_with_daylight_saving_are_compiled() {
        assert_eq!(compile(&zone("Asia/Seoul")).transitions, [(Millis(0), 540)]);
        let berlin = compile(&zone("Europe/Berlin"));
        assert_eq!(berlin.transitions.len(), 1 + 2 * usize::from((END_YEAR - FIRST_YEAR) as u16));
        // 2026-03-29 01:00 UTC, from +1 to +2.
        let spring = Millis(1_774_746_000_000);
        assert!(berlin.transitions.contains(&(spring, 120)));
        assert_eq!(berlin.minute_of_day(spring), 180);
        assert_eq!(berlin.minute_of_day(Millis(spring.0 - HOUR)), 60);
    }

    /// Every hour of thirteen years, in zones of every kind, against the database.
    #[test]
    fn the_compiled_zone_agrees_with_the_database() {
        for name in ["America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "UTC"]
        {
            let (zone, compiled) = (zone(name), compile(&zone(name)));
            let mut now = Timestamp::from_millisecond(1_704_067_200_000).unwrap();
            let end = Timestamp::from_millisecond(2_114_380_800_000).unwrap();
            while now < end {
                let local = now.to_zoned(zone.clone());
                let minute = local.hour() as u16 * 60 + local.minute() as u16;
                assert_eq!(compiled.minute_of_day(since_epoch(now)), minute, "{name} {now}");
                now = now.checked_add(7.hours()).unwrap();
            }
        }
    }

    #[test]
    fn dates_and_hours_are_exact() {
        for bad in [
            "2026-2-01",
            "2026-02-30",
            "26-02-01",
            "1999-01-01",
            "2026/02/01",
            "2026-02-01-",
            "+026-02-01",
            "",
        ] {
            assert_eq!(date(bad), None, "{bad}");
        }
        assert!(clock("18:00").is_some() && clock("18:00:30").is_some());
        for bad in ["24:00", "18", "18:60", "8:00", "18:00:00:00", "18:00Z"] {
            assert_eq!(clock(bad), None, "{bad}");
        }
    }
}
