//! Attribute conditions: one attribute, one comparison, and when time alone
//! could change the answer. Never combines conditions (`judge` does) and never
//! looks at sequences.

use crate::attribute::Attribute;
use crate::compare::Compare;
use crate::facts::{Facts, SHARE_STEPS};
use crate::time::{HOUR, MINUTE, Millis};
use crate::truth::Truth;
use crate::value::Value;

/// Judges one test of an attribute's value and notes when time alone could
/// change the answer.
#[must_use]
pub fn test(attribute: &Attribute, actual: Option<&Value>, compare: &Compare, facts: &mut Facts) -> Truth {
    let Some(actual) = actual else { return Truth::Unknown };
    note_wake(attribute, compare, facts);
    compare.holds(actual).into()
}

fn note_wake(attribute: &Attribute, compare: &Compare, facts: &mut Facts) {
    let (profile, now, half_life) = (facts.profile, facts.moment.now, facts.terms.half_life);
    match attribute {
        Attribute::Hour | Attribute::Weekday => {
            let minute = u64::from(facts.terms.zone.minute_of_day(now) % 60);
            let start_of_minute = now.0 - now.0 % MINUTE;
            facts.wake_at_local(Millis(start_of_minute).plus(HOUR - minute * MINUTE));
        }
        Attribute::InterestCategory(_)
        | Attribute::InterestBrand(_)
        | Attribute::InterestTag(_)
        | Attribute::InterestPrice(_) => {
            let Some((name, table)) = attribute.taste().zip(attribute.tastes(profile)) else { return };
            // A rounded share is a level's equal from half a step above it to
            // half a step below it.
            for want in compare.operands() {
                for edge in [0.5 / SHARE_STEPS, -0.5 / SHARE_STEPS] {
                    let fall = table.falls_to(name, want.to_number() + edge, now, half_life);
                    fall.into_iter().for_each(|at| facts.wake_at(at));
                }
            }
        }
        Attribute::SessionSeconds
        | Attribute::DaysSinceFirst
        | Attribute::DaysSincePurchase
        | Attribute::History(..) => {
            let Some((from, unit)) = attribute.elapsed(profile) else { return };
            for want in compare.operands() {
                let level = want.to_number().max(0.0) as u64;
                facts.wake_at(from.plus(level.saturating_mul(unit)));
                facts.wake_at(from.plus(level.saturating_add(1).saturating_mul(unit)));
            }
        }
        // What only events change.
        _ => {}
    }
}
