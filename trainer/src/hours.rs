//! When in the day a category is looked at. Never takes a difference for one
//! that chance makes as well, and never looks at who came: only at how many.

use std::collections::BTreeMap;

use vitrine_engine::recommend::Card;
use vitrine_engine::recommend::hours::{BLOCKS, EVEN, HOURS_LIMIT, STEP, levels};
use vitrine_engine::text::fold;

use crate::sessions::{Sessions, UNTIMED};

/// Sessions below which nothing is said of a category.
const SESSIONS: u64 = 200;
/// How many standard deviations the difference must be beyond what is expected;
/// at 4, of 300 categories that do not differ one is taken in a hundred logs.
const CERTAIN: f64 = 4.0;
/// Sessions as everybody's that are added to each category, so that a block of
/// few says little.
const DOUBT: f64 = 100.0;

/// Sessions by block of the day.
type Counts = [u64; BLOCKS];

/// What the sessions' times say of the categories of their items; nothing
/// where the log has no times.
#[must_use]
pub fn learn(sessions: &Sessions, cards: &[Card]) -> Option<Vec<(String, u32)>> {
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut of: Vec<(u32, usize)> = Vec::new();
    for card in cards.iter().filter(|card| !card.category.is_empty()) {
        let next = numbers.len();
        of.push((card.item, *numbers.entry(fold(&card.category)).or_insert(next)));
    }
    let mut all = Counts::default();
    let mut counts = vec![Counts::default(); numbers.len()];
    let mut seen: Vec<usize> = Vec::new();
    let mut is_timed = false;
    for session in 0..sessions.len() {
        let block = sessions.block(session);
        if block == UNTIMED {
            continue;
        }
        is_timed = true;
        seen.clear();
        // A session that looks at ten shoes looks at shoes once: its clicks
        // come at one time, and prove it once.
        for item in sessions.get(session) {
            let place = of.binary_search_by_key(item, |(item, _)| *item).ok();
            let category = place.and_then(|place| of.get(place)).map(|(_, category)| *category);
            seen.extend(category.filter(|category| !seen.contains(category)));
        }
        if !seen.is_empty() {
            add(&mut all, block);
        }
        for category in &seen {
            if let Some(counts) = counts.get_mut(*category) {
                add(counts, block);
            }
        }
    }
    let mut found: Vec<(f64, String, u32)> = Vec::new();
    for (name, number) in numbers {
        let Some(own) = counts.get(number) else { continue };
        let certainty = certainty(own, &all);
        let levels = leaning(own, &all);
        if own.iter().sum::<u64>() >= SESSIONS && certainty >= CERTAIN && levels != leaning(&all, &all) {
            found.push((certainty, name, levels));
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    found.truncate(HOURS_LIMIT);
    found.sort_by(|a, b| a.1.cmp(&b.1));
    is_timed.then(|| found.into_iter().map(|(_, name, levels)| (name, levels)).collect())
}

fn add(counts: &mut Counts, block: u8) {
    if let Some(count) = counts.get_mut(usize::from(block)) {
        *count += 1;
    }
}

/// How far a category's day is from everybody's: Pearson's statistic as a normal
/// deviate (Wilson and Hilferty 1931).
fn certainty(own: &Counts, all: &Counts) -> f64 {
    let (own_sum, all_sum) = (own.iter().sum::<u64>() as f64, all.iter().sum::<u64>() as f64);
    let (mut statistic, mut freedom) = (0.0, -1.0);
    for (own, all) in own.iter().zip(all).filter(|(_, all)| **all > 0) {
        let expected = own_sum * *all as f64 / all_sum;
        let apart = *own as f64 - expected;
        // A session that is not the category's is one too.
        statistic += apart * apart / expected / (1.0 - own_sum / all_sum).max(1e-9);
        freedom += 1.0;
    }
    if freedom < 1.0 || own_sum <= 0.0 {
        return 0.0;
    }
    let spread = 2.0 / (9.0 * freedom);
    (libm::cbrt(statistic / freedom) - (1.0 - spread)) / libm::sqrt(spread)
}

/// The levels of a category's blocks beside everybody's.
fn leaning(own: &Counts, all: &Counts) -> u32 {
    let (own_sum, all_sum) = (own.iter().sum::<u64>() as f64, all.iter().sum::<u64>() as f64);
    let mut found = [EVEN; BLOCKS];
    for (level, (own, all)) in found.iter_mut().zip(own.iter().zip(all)) {
        let share = *all as f64 / all_sum.max(1.0);
        let (seen, usual) = (*own as f64 + DOUBT * share, (own_sum + DOUBT) * share);
        if usual > 0.0 {
            let steps = (seen / usual - 1.0) * 256.0 / f64::from(STEP);
            *level = (f64::from(EVEN) + libm::round(steps)).clamp(0.0, f64::from(2 * EVEN - 1)) as u32;
        }
    }
    levels(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::read;
    use vitrine_engine::recommend::hours::factor;
    use vitrine_engine::rng::Rng;
    use vitrine_engine::time::{DAY, HOUR, Millis};

    fn cards(ids: &[String]) -> Vec<Card> {
        let card = |(id, item): (&String, u32)| {
            let category = id.split('-').next().unwrap();
            Card { item, category: category.into(), ..Card::default() }
        };
        ids.iter().zip(0..).map(card).collect()
    }

    /// Visits of a year; coffee in the morning where it is said, all else at any time.
    fn log(visits: u64, is_morning: bool) -> String {
        let mut rng = Rng::new(9, 0);
        let mut text = String::new();
        for visit in 0..visits {
            let hour = rng.below(24);
            let is_coffee = rng.below(100) < if is_morning && hour < 6 { 60 } else { 20 };
            let category = if is_coffee { "Coffee" } else { ["tea", "cups"][rng.below(2) as usize] };
            let at = visit * DAY + hour * HOUR;
            for item in 0..3 {
                text.push_str(&format!(
                    r#"{{"visitor":"v{visit}","t":{},"event":"view_item","items":[{{"item_id":"{category}-{item}"}}]}}"#,
                    at + item * 1000
                ));
                text.push('\n');
            }
        }
        text
    }

    #[test]
    fn a_planted_morning_is_found_and_an_even_day_is_not() {
        let planted = read(&mut log(3000, true).as_bytes(), &[], &mut |_| ()).unwrap();
        let found = learn(&planted.sessions, &cards(&planted.ids)).unwrap();
        let of = |name: &str| found.iter().find(|(known, _)| known == name).unwrap().1;
        assert_eq!(
            found.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
            ["coffee", "cups", "tea"]
        );
        assert!(
            factor(of("coffee"), Millis(2 * HOUR)) == 312 && factor(of("coffee"), Millis(12 * HOUR)) < 230
        );
        assert!(
            factor(of("tea"), Millis(DAY + 5 * HOUR)) < 220 && factor(of("tea"), Millis(18 * HOUR)) > 256
        );
        let even = read(&mut log(3000, false).as_bytes(), &[], &mut |_| ()).unwrap();
        assert_eq!(learn(&even.sessions, &cards(&even.ids)), Some(Vec::new()));
    }

    #[test]
    fn few_sessions_and_a_log_without_times_say_nothing() {
        let few = read(&mut log(300, true).as_bytes(), &[], &mut |_| ()).unwrap();
        let found = learn(&few.sessions, &cards(&few.ids)).unwrap();
        assert!(found.iter().all(|(name, _)| name != "coffee"), "{found:?}");
        let text = read(&mut "Coffee-1 tea-1\ntea-1 cups-1\n".as_bytes(), &[], &mut |_| ()).unwrap();
        assert_eq!(learn(&text.sessions, &cards(&text.ids)), None);
    }
}
