//! More bytes never make a worse model, on shops unlike each other: judged on
//! rows that no training saw.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, missing_docs)]

use vitrine_engine::recommend::Model;
use vitrine_engine::rng::Rng;
use vitrine_trainer::catalog::Catalog;
use vitrine_trainer::evaluate::{Figures, by_file};
use vitrine_trainer::library::Library;
use vitrine_trainer::{Wish, train};

/// Noise of a figure on some four thousand rows: half of a hundredth.
const NOISE: f64 = 0.01;

/// How the visitors of a shop walk.
struct Habits {
    items: u64,
    sessions: usize,
    /// Clicks of a session, at most.
    length: u64,
    /// Of a hundred clicks, those that go back to one before.
    back: u64,
    /// Of a hundred clicks, those that go anywhere.
    stray: u64,
    /// Items are sought as the lowest of so many draws.
    skew: u32,
    /// How many items on the shelves move while the log runs.
    drift: u64,
}

/// A log, and the rows of its last tenth.
fn generated(habits: &Habits) -> (String, String) {
    let mut rng = Rng::new(51, habits.items);
    let (mut log, mut rows) = (String::new(), String::new());
    for session in 0..habits.sessions {
        let moved = habits.drift * session as u64 / habits.sessions as u64;
        let anything =
            |rng: &mut Rng| moved + (0..habits.skew).map(|_| rng.below(habits.items)).min().unwrap_or(0);
        let mut clicks = vec![anything(&mut rng)];
        for _ in 0..1 + rng.below(habits.length) {
            let last = *clicks.last().unwrap();
            let draw = rng.below(100);
            clicks.push(if draw < habits.back {
                clicks[rng.below(clicks.len() as u64) as usize]
            } else if draw < habits.back + habits.stray {
                anything(&mut rng)
            } else {
                // One of a dozen that this item leads to, the first ones most.
                let path = rng.below(12).min(rng.below(12));
                Rng::new(last, path).below(habits.items + habits.drift)
            });
        }
        let names: Vec<String> = clicks.iter().map(u64::to_string).collect();
        if session * 10 < habits.sessions * 9 {
            log.push_str(&(names.join(" ") + "\n"));
        } else {
            (1..names.len())
                .for_each(|end| rows.push_str(&format!("{}\t{}\n", names[..end].join(" "), names[end])));
        }
    }
    (log, rows)
}

fn judged(log: &str, rows: &str, budget: usize) -> (usize, Figures) {
    let wish = Wish { budget, support: 1, shards: 0 };
    let trained = train(&mut log.as_bytes(), &Catalog::default(), wish, &mut |_| ()).unwrap();
    let library = Library::Whole(Box::new(Model::load(&trained.bytes).unwrap()));
    (trained.bytes.len(), by_file(&library, &mut rows.as_bytes()).unwrap().0)
}

fn no_worse_with_more(habits: &Habits) {
    let (log, rows) = generated(habits);
    let (mut best, mut first) = (0.0, None);
    for budget in [2_500, 5_000, 10_000, 40_000] {
        let (bytes, figures) = judged(&log, &rows, budget);
        let Figures { hr20, mrr20, novel_hr20, novel_mrr20, .. } = figures;
        println!("{budget}: {bytes} bytes, {hr20:.4} {mrr20:.4}, novel {novel_hr20:.4} {novel_mrr20:.4}");
        assert!(bytes <= budget, "{bytes} of {budget}");
        let all = hr20 + mrr20 + novel_hr20 + novel_mrr20;
        assert!(all > best - NOISE, "{all} within {budget}, {best} within less");
        best = all.max(best);
        first = first.or(Some(all));
    }
    assert!(best > first.unwrap() * 1.1, "budgets were never short: {first:?} to {best}");
}

#[test]
fn a_shop_of_few_returns_and_strong_favourites_that_change() {
    no_worse_with_more(&Habits {
        items: 700,
        sessions: 5000,
        length: 6,
        back: 5,
        stray: 25,
        skew: 3,
        drift: 300,
    });
}

#[test]
fn a_shop_of_long_visits_that_go_back_and_forth() {
    no_worse_with_more(&Habits {
        items: 900,
        sessions: 2500,
        length: 16,
        back: 40,
        stray: 5,
        skew: 1,
        drift: 0,
    });
}
