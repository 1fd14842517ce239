//! Counts of pairs as JSON lines → followers, for shops that keep no sessions.
//! Never guesses what they cannot say: which settings are best, or how often
//! people return.

use serde::Deserialize;

use crate::line::Id;
use crate::lines::Trouble;
use crate::lists::{Lists, Shape, best_followers};
use crate::log::{Builder, Pair};

/// What is usual for returns, as [`crate::lists::returns`] counts them: a shop's
/// clicks (bol_last2d), since pairs do not say.
pub const USUAL_RETURNS: [f32; 8] = [0.0, 1.0, 0.4, 0.25, 0.16, 0.11, 0.1, 0.08];
/// Pairs of one file: at twelve bytes each and as much while sorting.
const PAIR_LIMIT: usize = 10_000_000;

/// The pair as JSON.
#[derive(Deserialize)]
struct Raw {
    from: Id,
    to: Id,
    count: u64,
}

/// Whether a line counts a pair, rather than being an event.
#[must_use]
pub fn is_pair(line: &str) -> bool {
    line.contains("\"from\"") && line.contains("\"to\"") && line.contains("\"count\"")
}

/// Takes one line in.
///
/// # Errors
/// Where the line is no such pair, or there are too many.
pub fn take(number: u64, line: &str, log: &mut Builder, pairs: &mut Vec<Pair>) -> Result<(), Trouble> {
    let raw: Raw = serde_json::from_str(line).map_err(|error| {
        let place = error.column();
        let sentence =
            format!("is no pair, at column {place}; one is `{{\"from\":\"a\",\"to\":\"b\",\"count\":3}}`");
        Trouble::at(number, &sentence)
    })?;
    let (from, to) = (raw.from.text(), raw.to.text());
    let (from, to) = (from.trim(), to.trim());
    if from.is_empty() || to.is_empty() {
        return Err(Trouble::at(number, "has an empty `from` or `to`"));
    }
    let pair =
        Pair { from: log.item(from)?, to: log.item(to)?, count: raw.count.min(u32::MAX.into()) as u32 };
    if pairs.len() >= PAIR_LIMIT {
        return Err(Trouble::Bad(format!("there are more than {PAIR_LIMIT} pairs")));
    }
    if pair.from != pair.to && pair.count > 0 {
        pairs.push(pair);
    }
    Ok(())
}

/// How often each item was left or gone to.
#[must_use]
pub fn clicks(pairs: &[Pair], items: usize) -> Vec<u32> {
    let mut clicks = vec![0u32; items];
    for pair in pairs {
        for item in [pair.from, pair.to] {
            if let Some(sum) = clicks.get_mut(item as usize) {
                *sum = sum.saturating_add(pair.count);
            }
        }
    }
    clicks
}

/// The followers of every item; both ways together are a pair's support.
#[must_use]
pub fn followers(pairs: &[Pair], clicks: &[u32], shape: Shape, support: u32) -> Lists {
    // Each pair from both ends: what it counts there, and towards its support.
    let mut ends: Vec<(u32, u32, f32, u32)> = Vec::with_capacity(pairs.len() * 2);
    for Pair { from, to, count } in pairs {
        ends.push((*from, *to, *count as f32, *count));
        ends.push((*to, *from, *count as f32 * shape.back, *count));
    }
    ends.sort_unstable_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2)));
    let lift = |item: u32| {
        let clicks = clicks.get(item as usize).copied().unwrap_or_default();
        libm::powf(clicks.max(1) as f32, -shape.lift)
    };
    let mut lists = Lists::empty();
    let mut rest = ends.as_slice();
    let mut found: Vec<(u32, f32)> = Vec::new();
    for item in 0..clicks.len() as u32 {
        let (own, others) = rest.split_at(rest.iter().take_while(|end| end.0 == item).count());
        rest = others;
        found.clear();
        for same in own.chunk_by(|a, b| a.1 == b.1) {
            let seen = same.iter().fold(0u32, |sum, end| sum.saturating_add(end.3));
            let weight: f32 = same.iter().map(|end| end.2).sum();
            if let Some(end) = same.first().filter(|_| seen >= support && weight > 0.0) {
                found.push((end.1, weight));
            }
        }
        let total = found.iter().map(|(_, weight)| weight).sum();
        found.iter_mut().for_each(|(other, weight)| *weight *= lift(*other));
        lists.push(total, best_followers(&mut found));
    }
    lists
}

#[cfg(test)]
mod tests {
    use crate::catalog::Catalog;
    use crate::{Wish, train};
    use vitrine_engine::recommend::{Index, rank};

    const PAIRS: &str = "{\"from\":\"boot\",\"to\":\"sock\",\"count\":5}\n{\"from\":\"boot\",\"to\":7,\"count\":2}\n\
        {\"from\":\"sock\",\"to\":\"boot\",\"count\":1}\n{\"from\":\"hat\",\"to\":\"boot\",\"count\":1}\n";

    #[test]
    fn pairs_become_lists_both_ways_and_their_support_counts_both() {
        let wish = Wish { support: 2, ..Wish::default() };
        let trained = train(&mut PAIRS.as_bytes(), &Catalog::default(), wish, &mut |_| ()).unwrap();
        assert_eq!((trained.items, trained.sessions, trained.prices.len()), (4, 0, 0));
        let index = Index::new(&trained.model);
        let after = |id: &str| -> Vec<String> {
            let list = rank((&trained.model, &index), &[id], &[id], 2);
            list.into_iter().filter_map(|item| index.id(item)).collect()
        };
        assert_eq!(after("boot"), ["sock", "7"]);
        assert_eq!(after("7")[0], "boot");
        // The hat met the boot once only, and has no list: what is popular comes.
        assert_eq!(after("hat"), ["boot", "sock"]);
    }

    #[test]
    fn what_is_no_pair_is_refused_with_its_line() {
        for (bad, want) in [
            ("{\"from\":\"a\",\"to\":\"b\",\"count\":-1}", "line 2: is no pair, at column"),
            ("{\"from\":\"a\",\"to\":\" \",\"count\":1}", "line 2: has an empty `from` or `to`"),
        ] {
            let text = format!("{{\"from\":\"a\",\"to\":\"b\",\"count\":3}}\n{bad}\n");
            let refusal = train(&mut text.as_bytes(), &Catalog::default(), Wish::default(), &mut |_| ());
            assert!(refusal.unwrap_err().to_string().starts_with(want));
        }
    }
}
