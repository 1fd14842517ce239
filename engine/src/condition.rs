//! Attribute conditions: one attribute, one comparison, and when time alone
//! could change the answer. Never combines conditions (`judge` does) and never
//! looks at sequences.

use crate::attribute::{Attribute, Facts, SHARE_STEPS};
use crate::compare::Compare;
use crate::time::{HOUR, MINUTE, Millis};
use crate::value::Truth;

/// Judges one test and notes when time alone could change its answer.
#[must_use]
pub fn test(attribute: &Attribute, compare: &Compare, facts: &mut Facts) -> Truth {
    let Some(actual) = attribute.read(facts) else {
        return Truth::Unknown;
    };
    note_wake(attribute, compare, facts);
    compare.holds(&actual).into()
}

fn note_wake(attribute: &Attribute, compare: &Compare, facts: &mut Facts) {
    let (profile, now, half_life) = (facts.profile, facts.moment.now, facts.terms.half_life);
    match attribute {
        Attribute::Hour | Attribute::Weekday => {
            let minute = u64::from(facts.terms.zone.minute_of_day(now) % 60);
            let start_of_hour = now.0 - now.0 % MINUTE;
            facts.wake_at_local(Millis(start_of_hour).plus(HOUR - minute * MINUTE));
        }
        Attribute::InterestCategory(name) | Attribute::InterestBrand(name) => {
            let table = if matches!(attribute, Attribute::InterestBrand(_)) {
                &profile.brands
            } else {
                &profile.categories
            };
            // A rounded share passes a level half a step above it for `$gt` and
            // `$lte`, half a step below it for the others.
            let edge = match compare {
                Compare::Gt(_) | Compare::Lte(_) => 0.5 / SHARE_STEPS,
                _ => -0.5 / SHARE_STEPS,
            };
            let fall =
                compare.threshold().and_then(|level| table.falls_to(name, level + edge, now, half_life));
            if let Some(at) = fall {
                facts.wake_at(at);
            }
        }
        _ => {
            let Some((from, unit)) = attribute.elapsed(profile) else { return };
            for want in compare.operands() {
                let level = want.to_number().max(0.0) as u64;
                facts.wake_at(from.plus(level.saturating_mul(unit)));
                facts.wake_at(from.plus(level.saturating_add(1).saturating_mul(unit)));
            }
        }
    }
}
