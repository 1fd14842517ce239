//! Schedules against the calendar itself: minute by minute around every change
//! of the clock, and nothing changes before the moment that was named.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use jiff::civil::{DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use vitrine_engine::decide::{Published, decide};
use vitrine_engine::page::{Moment, Page};
use vitrine_engine::profile::Profile;
use vitrine_engine::rng::Rng;
use vitrine_engine::time::{MINUTE, Millis};
use vitrine_rules::compile;

/// Zones with changes by an hour, by half of one, at midnight, and without.
const ZONES: [&str; 7] = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "America/Nuuk",
    "Asia/Kathmandu",
    "Asia/Seoul",
];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// One window as a marketer writes it, and as a person reads it.
#[derive(Debug, Clone, Default)]
struct Window {
    from: Option<DateTime>,
    to: Option<DateTime>,
    hours: Vec<(i64, i64)>,
    weekdays: Vec<usize>,
}

impl Window {
    fn json(&self) -> String {
        let mut fields = Vec::new();
        let moment = |at: &DateTime| at.strftime("%Y-%m-%dT%H:%M").to_string();
        fields.extend(self.from.iter().map(|at| format!(r#""from": "{}""#, moment(at))));
        fields.extend(self.to.iter().map(|at| format!(r#""to": "{}""#, moment(at))));
        let clock = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
        let hours: Vec<String> =
            self.hours.iter().map(|(from, to)| format!("\"{}-{}\"", clock(*from), clock(*to))).collect();
        if !hours.is_empty() {
            fields.push(format!(r#""hours": [{}]"#, hours.join(",")));
        }
        let days: Vec<String> = self.weekdays.iter().map(|day| format!("\"{}\"", WEEKDAYS[*day])).collect();
        if !days.is_empty() {
            fields.push(format!(r#""weekdays": [{}]"#, days.join(",")));
        }
        format!("{{ {} }}", fields.join(", "))
    }

    /// Whether it is open: by the clock on the wall, and the day on which the
    /// hours began.
    fn is_open(&self, now: &Zoned) -> bool {
        let starts = |at: &DateTime| now.time_zone().to_timestamp(*at).unwrap();
        if self.from.is_some_and(|from| now.timestamp() < starts(&from))
            || self.to.is_some_and(|to| now.timestamp() >= starts(&to))
        {
            return false;
        }
        let minute = i64::from(now.hour()) * 60 + i64::from(now.minute());
        let (today, yesterday) = (now.weekday(), now.weekday().previous());
        let is_day = |day: Weekday| {
            self.weekdays.is_empty() || self.weekdays.contains(&(day.to_sunday_zero_offset() as usize))
        };
        if self.hours.is_empty() {
            return is_day(today);
        }
        self.hours.iter().any(|(from, to)| match from < to {
            true => *from <= minute && minute < *to && is_day(today),
            false => (*from <= minute && is_day(today)) || (minute < *to && is_day(yesterday)),
        })
    }
}

fn published(zone: &str, windows: &[Window]) -> Published {
    let windows: Vec<String> = windows.iter().map(Window::json).collect();
    let rules = format!(
        r#"{{ "version": 1, "site": "s", "currency": "EUR", "timezone": "{zone}", "campaigns": [ {{ "id": "c", "slot": "bottom",
            "schedule": [{}], "messages": [ {{ "id": "a", "kind": "bar", "title": "T" }} ] }} ] }}"#,
        windows.join(",")
    );
    let compiled = compile(&rules);
    Published {
        plan: compiled.plan.unwrap_or_else(|| panic!("{rules}\n{:?}", compiled.diagnostics)),
        ..Published::default()
    }
}

fn any_window(rng: &mut Rng, around: DateTime) -> Window {
    let mut window = Window::default();
    let near = |rng: &mut Rng| {
        let hours = rng.below(96) as i64 - 48;
        around.checked_add(hours.hours().minutes(rng.below(60) as i64)).unwrap()
    };
    if rng.below(4) == 0 {
        window.from = Some(near(rng));
    }
    if rng.below(4) == 0 {
        window.to = Some(near(rng));
    }
    if window.from.zip(window.to).is_some_and(|(from, to)| from >= to.checked_sub(3.hours()).unwrap()) {
        window.to = None;
    }
    for _ in 0..rng.below(3) {
        // Half of them on the hours that changes of the clock skip and repeat.
        let most = if rng.below(2) == 0 { 240 } else { 1440 };
        let (from, to) = (rng.below(most) as i64, rng.below(most) as i64);
        if from != to {
            window.hours.push((from, if to == 0 { 1440 } else { to }));
        }
    }
    window.hours.retain(|(from, to)| *from != *to % 1440);
    window.weekdays = (0..7).filter(|_| rng.below(3) == 0).collect();
    window
}

/// Walks from minute to minute, with a millisecond before each; returns how
/// often the answer changed.
fn walk(zone: &TimeZone, windows: &[Window], published: &Published, (from, minutes): (u64, u64)) -> u32 {
    let profile = Profile::new(7);
    let (mut promised, mut changes): ((bool, u64), u32) = ((false, 0), 0);
    for at in 0..minutes * 2 {
        let now = from + at.div_ceil(2) * MINUTE - at % 2;
        let local = Timestamp::from_millisecond(now as i64).unwrap().to_zoned(zone.clone());
        let want = windows.iter().any(|window| window.is_open(&local));
        let moment = Moment { now: Millis(now), page: Page::default() };
        let decision = decide(published, &profile, &moment);
        let is_open = !decision.choices.is_empty();
        assert_eq!(is_open, want, "{local} {windows:?}");
        if now < promised.1 {
            assert_eq!(is_open, promised.0, "{local}, before it was time to look again: {windows:?}");
        } else {
            changes += u32::from(is_open != promised.0);
            promised = (is_open, decision.wake.map_or(u64::MAX, |wake| wake.0));
            assert!(promised.1 > now);
        }
    }
    changes
}

#[test]
fn every_minute_around_every_change_of_the_clock_is_as_the_calendar_has_it() {
    let mut rng = Rng::new(20, 26);
    let (mut changes, mut walks) = (0, 0);
    for name in ZONES {
        let zone = TimeZone::get(name).unwrap();
        let year: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let mut moments: Vec<Timestamp> =
            zone.following(year).take(2).map(|transition| transition.timestamp()).collect();
        moments.push("2026-12-31T12:00:00Z".parse().unwrap());
        for moment in moments.into_iter().filter(|at| *at < "2027-12-01T00:00:00Z".parse().unwrap()) {
            for _ in 0..12 {
                let around = moment.to_zoned(zone.clone()).datetime();
                let windows: Vec<Window> = (0..=rng.below(2)).map(|_| any_window(&mut rng, around)).collect();
                let published = published(name, &windows);
                let start = (moment.as_millisecond() as u64) / MINUTE * MINUTE - 36 * 60 * MINUTE;
                changes += walk(&zone, &windows, &published, (start, 72 * 60));
                walks += 1;
            }
        }
    }
    println!("{walks} schedules, {changes} times one opened or closed");
    assert!(changes > 500, "{changes}");
}
