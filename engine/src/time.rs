//! Moments, spans and the site's calendar. Never reads a clock.

use crate::pack::{Input, Pack, pack_struct};
use crate::power::exp2;
use crate::text::push_number;
use alloc::string::String;
use alloc::vec::Vec;

/// One minute, in milliseconds.
pub const MINUTE: u64 = 60_000;
/// One hour, in milliseconds.
pub const HOUR: u64 = 60 * MINUTE;
/// One day, in milliseconds.
pub const DAY: u64 = 24 * HOUR;
/// Days of a week.
pub const WEEK_DAYS: u32 = 7;

/// Milliseconds since 1970-01-01 UTC, as the body read them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Millis(pub u64);

impl Millis {
    /// A moment that never comes.
    pub const NEVER: Millis = Millis(u64::MAX);

    /// This moment moved forward; saturates at the end of time.
    #[must_use]
    pub fn plus(self, span: u64) -> Millis {
        Millis(self.0.saturating_add(span))
    }

    /// How long ago `earlier` was; 0 where it lies ahead (a clock set back).
    #[must_use]
    pub fn since(self, earlier: Millis) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// The site's time zone, compiled into the plan, so that no device needs a
/// time-zone database and daylight saving is right everywhere.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Zone {
    /// From each moment on, the offset from UTC in minutes; ascending.
    /// Before the first entry, and with none, UTC.
    pub transitions: Vec<(Millis, i32)>,
}

impl Zone {
    /// The local wall clock as milliseconds since local 1970.
    fn local(&self, now: Millis) -> u64 {
        let offset = self.transitions.iter().rev().find(|(from, _)| *from <= now);
        let minutes = i64::from(offset.map_or(0, |(_, minutes)| *minutes));
        now.0.saturating_add_signed(minutes.saturating_mul(MINUTE as i64))
    }

    /// When the local clock is changed next.
    #[must_use]
    pub fn next_change(&self, now: Millis) -> Option<Millis> {
        self.transitions.iter().map(|(from, _)| *from).find(|from| *from > now)
    }

    /// The local day as a count from 1970-01-01.
    #[must_use]
    pub fn day(&self, now: Millis) -> u32 {
        (self.local(now) / DAY) as u32
    }

    /// When the local day `day` begins, seen from an earlier `now`: past every
    /// change of the clock on the way, and later than midnight where a change
    /// skips it.
    #[must_use]
    pub fn begins(&self, day: u32, now: Millis) -> Millis {
        let mut from = now;
        loop {
            let ahead = (u64::from(day) * DAY).saturating_sub(self.local(from));
            match self.next_change(from) {
                Some(change) if change <= from.plus(ahead) => from = change,
                _ => return from.plus(ahead),
            }
        }
    }

    /// The minute of the local day, 0..=1439.
    #[must_use]
    pub fn minute_of_day(&self, now: Millis) -> u16 {
        (self.local(now) % DAY / MINUTE) as u16
    }

    /// The local weekday, 0 Sunday ..= 6 Saturday, as JavaScript counts.
    #[must_use]
    pub fn weekday(&self, now: Millis) -> u8 {
        ((self.local(now) / DAY + 4) % 7) as u8
    }
}

/// A day counted from 1970-01-01 as `2026-11-21`; Howard Hinnant's
/// `civil_from_days`.
#[must_use]
pub fn date(day: u32) -> String {
    let z = u64::from(day) + 719_468;
    let era = z / 146_097;
    let doe = z % 146_097;
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let d = doy - (153 * mp + 2) / 5 + 1;
    let m = if mp < 10 { mp + 3 } else { mp - 9 };
    let y = yoe + era * 400 + u64::from(m <= 2);
    let mut out = String::new();
    push_number(&mut out, y, 4);
    out.push('-');
    push_number(&mut out, m, 2);
    out.push('-');
    push_number(&mut out, d, 2);
    out
}

/// What is left of a weight after `elapsed`, when half of it goes every
/// `half_life` milliseconds (at least 1).
#[must_use]
pub fn decay(elapsed: u64, half_life: u64) -> f64 {
    exp2(-(elapsed as f64) / (half_life.max(1) as f64))
}

impl Pack for Millis {
    fn pack(&self, out: &mut Vec<u8>) {
        self.0.pack(out);
    }

    fn unpack(input: &mut Input) -> Self {
        Millis(u64::unpack(input))
    }
}
pack_struct!(Zone { transitions });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_right_on_leap_days_and_ends_of_years() {
        for (day, want) in [
            (0, "1970-01-01"),
            (59, "1970-03-01"),
            (11_016, "2000-02-29"),
            (20_778, "2026-11-21"),
            (20_818, "2026-12-31"),
        ] {
            assert_eq!(date(day), want);
        }
    }

    #[test]
    fn the_local_day_follows_the_zone() {
        let seoul = Zone { transitions: alloc::vec![(Millis(0), 540)] };
        let late = Millis(20_778 * DAY + 16 * HOUR);
        assert_eq!((seoul.day(late), seoul.minute_of_day(late)), (20_779, 60));
        assert_eq!(Zone::default().weekday(Millis(0)), 4, "1970-01-01 was a Thursday");
    }
}
