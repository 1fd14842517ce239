//! A second, naive way to count, rank and judge, which must agree with the
//! first one on every list of a generated log.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use std::collections::BTreeMap;

use vitrine_engine::recommend::{HISTORY, HOPS, Index, Model, rank};
use vitrine_engine::rng::Rng;
use vitrine_trainer::assemble::{Goods, Serving, within};
use vitrine_trainer::catalog::Catalog;
use vitrine_trainer::cut::Cut;
use vitrine_trainer::evaluate::{Interval, by_file};
use vitrine_trainer::library::Library;
use vitrine_trainer::lists::{Occurrences, Shape, count, returns};
use vitrine_trainer::log::Log;
use vitrine_trainer::read::read;
use vitrine_trainer::tune::clicks;
use vitrine_trainer::{Wish, train};

/// Walks among 60 items in rings of ten, with steps back.
fn generated(sessions: u64) -> String {
    let mut rng = Rng::new(11, 0);
    let mut text = String::new();
    for _ in 0..sessions {
        let ring = rng.below(6);
        let mut at = rng.below(10);
        for _ in 0..2 + rng.below(7) {
            text.push_str(&format!("item-{ring}{at} "));
            at = if rng.below(5) == 0 { (at + 9) % 10 } else { (at + 1 + rng.below(2)) % 10 };
        }
        text.push('\n');
    }
    text
}

fn log(text: &str) -> Log {
    read(&mut text.as_bytes(), &[], &mut |_| ()).unwrap()
}

/// Weights of pairs, by halves of halves, so that every sum is exact.
fn pairs(text: &str) -> BTreeMap<(&str, &str), f64> {
    let mut pairs = BTreeMap::new();
    for line in text.lines() {
        let clicks: Vec<&str> = line.split_whitespace().collect();
        for (at, from) in clicks.iter().enumerate() {
            let after = clicks[at + 1..].iter().take(10).take_while(|to| *to != from);
            let before = clicks[..at].iter().rev().take(10).take_while(|to| *to != from);
            after.zip(0..).for_each(|(to, n)| *pairs.entry((*from, *to)).or_default() += 0.5f64.powi(n));
            before.zip(1..).for_each(|(to, n)| *pairs.entry((*from, *to)).or_default() += 0.5f64.powi(n));
        }
    }
    pairs
}

/// What the naive way and the other one are both told.
const SHAPE: Shape = Shape { step: 0.5, back: 0.5, age: 0.0, crowd: 0.0, lift: 0.0 };
const SERVING: Serving = Serving {
    power: 1.0,
    decay: 0.5,
    repeat: 0.25,
    hop: 0.5,
    cut: Cut { trust: 1.0, depth: 1.0, grain: 0.0, keep: 1.0 },
};

/// A score whose order is the engine's: whole numbers, the higher first, then the
/// lower place.
fn order(scores: BTreeMap<u32, f64>) -> Vec<(u32, f64)> {
    let mut best: Vec<(u32, f64)> = scores.into_iter().filter(|(_, score)| *score > 0.0).collect();
    best.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    best
}

/// Ranks by the formula of the documents, in floats and by name.
fn naive(
    pairs: &BTreeMap<(&str, &str), f64>,
    names: &[&str],
    returns: &[f32],
    session: &[&str],
) -> Vec<String> {
    let place = |item: &str| names.iter().position(|name| *name == item).unwrap() as u32;
    let list = |from: &str| -> Vec<(&str, f64)> {
        let mut list: Vec<(&str, f64)> =
            pairs.iter().filter(|((a, _), _)| *a == from).map(|((_, b), weight)| (*b, *weight)).collect();
        list.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
        list
    };
    let strength = |from: &str| {
        let list = list(from);
        list.first().map_or(0.0, |first| first.1 / list.iter().map(|(_, weight)| weight).sum::<f64>())
    };
    let strongest = pairs.keys().map(|(from, _)| strength(from)).fold(0.0, f64::max);
    let mut recent: Vec<&str> = Vec::new();
    for item in session.iter().rev() {
        if !recent.contains(item) && recent.len() < HISTORY {
            recent.push(item);
        }
    }
    let worth = |from: &str| -> Vec<(u32, f64)> {
        let step = (31.0 + (4.0 * (strength(from) / strongest).log2()).round()).max(0.0) as i32;
        let scale = [64.0, 76.0, 91.0, 108.0][step as usize % 4] * 2f64.powi(step / 4);
        let list = list(from);
        let most = list.first().map_or(1.0, |first| first.1);
        let weight = |weight: f64| (weight / most * 15.0).round().clamp(1.0, 15.0);
        list.iter().take(20).map(|(other, share)| (place(other), weight(*share) * scale)).collect()
    };
    let highest = 15.0 * 108.0 * 128.0;
    let mut scores: BTreeMap<u32, f64> = BTreeMap::new();
    for (ago, item) in recent.iter().enumerate() {
        for (other, worth) in worth(item) {
            *scores.entry(other).or_default() += 256.0 * 0.5f64.powi(ago as i32) * worth;
        }
        *scores.entry(place(item)).or_default() += (0.25 * f64::from(returns[ago]) * 256.0 * highest).round();
    }
    let first = order(scores.clone());
    let seen: Vec<u32> = recent.iter().map(|item| place(item)).collect();
    let hop = (0.5 * 2f64.powi(26) / highest).round();
    for (item, score) in first.iter().filter(|(item, _)| !seen.contains(item)).take(HOPS) {
        for (other, worth) in worth(names[*item as usize]) {
            *scores.entry(other).or_default() += (score * worth * hop / 2f64.powi(26)).floor();
        }
    }
    order(scores).into_iter().take(20).map(|(item, _)| names[item as usize].to_owned()).collect()
}

#[test]
fn a_naive_count_and_ranking_agree_on_every_list_and_figure() {
    let text = generated(400);
    let log = log(&text);
    let all = log.sessions.len();
    let occurrences = Occurrences::new(&log.sessions, all, log.ids.len());
    let returns = returns(&log.sessions, all, HISTORY);
    let goods = Goods {
        ids: &log.ids,
        clicks: &clicks(&occurrences),
        lists: &count(&log.sessions, &occurrences, SHAPE, 1),
        returns: &returns,
        cards: &[],
        together: None,
        hours: &[],
        intent: None,
    };
    // A budget that holds all puts like beside like, and must say the same.
    let (model, bytes) = within(&goods, SERVING, 1 << 20).unwrap();
    assert_eq!(Model::open(&bytes).as_ref(), Ok(&model));
    let index = Index::new(&model);
    let ids: Vec<String> = (0..model.items).map(|item| index.id(item).unwrap()).collect();
    let names: Vec<&str> = ids.iter().map(String::as_str).collect();
    let pairs = pairs(&text);

    let (mut rows, mut hits, mut reciprocal, mut file) = (0, 0, 0.0, String::new());
    for line in text.lines().take(60) {
        let clicks: Vec<&str> = line.split_whitespace().collect();
        for end in 1..clicks.len() {
            let (prefix, label) = (&clicks[..end], clicks[end]);
            let mut list = naive(&pairs, &names, &returns, prefix);
            let popular = model.popular.iter().map(|item| index.id(*item).unwrap());
            for id in popular {
                if list.len() < 20 && !list.contains(&id) {
                    list.push(id);
                }
            }
            let ranked = rank((&model, &index), prefix, &[], 20);
            let ranked: Vec<String> = ranked.into_iter().map(|item| index.id(item).unwrap()).collect();
            assert_eq!(ranked, list, "after {prefix:?}");
            rows += 1;
            if let Some(place) = list.iter().position(|item| item == label) {
                hits += 1;
                reciprocal += 1.0 / (place + 1) as f64;
            }
            file.push_str(&format!("{}\t{label}\n", prefix.join(" ")));
        }
    }
    let (figures, intervals) =
        by_file(&Library::Whole(Box::new((model, index))), &mut file.as_bytes()).unwrap();
    assert_eq!(figures.rows, rows);
    assert!((figures.hr20 - f64::from(hits) / rows as f64).abs() < 1e-12);
    assert!((figures.mrr20 - reciprocal / rows as f64).abs() < 1e-12);
    let Interval { low, high } = intervals.mrr20;
    assert!(low < figures.mrr20 && figures.mrr20 < high && high - low < 0.2, "{low} to {high}");
    assert!(rows > 200 && figures.hr20 > 0.9, "{figures:?}");
}

#[test]
fn the_same_log_gives_the_same_bytes_and_no_budget_is_passed() {
    let text = generated(500);
    let bytes = |budget: usize, support: u32| {
        let wish = Wish { budget, support, shards: 0 };
        train(&mut text.as_bytes(), &Catalog::default(), wish, &mut |_| ()).map(|trained| trained.bytes)
    };
    let whole = bytes(1 << 20, 1).unwrap();
    assert_eq!(whole, bytes(1 << 20, 1).unwrap());
    assert!(bytes(1 << 20, 40).unwrap().len() < whole.len(), "support leaves pairs out");
    for budget in [whole.len(), whole.len() - 1, whole.len() * 3 / 4, whole.len() / 2, 160] {
        let size = bytes(budget, 1).unwrap().len();
        assert!(size <= budget, "{size} of {budget}");
    }
    assert!(bytes(40, 1).unwrap_err().to_string().contains("40 bytes"));
}

#[test]
fn a_budget_is_filled_until_the_next_pair_does_not_fit() {
    let log = log(&generated(500));
    let occurrences = Occurrences::new(&log.sessions, log.sessions.len(), log.ids.len());
    let goods = Goods {
        ids: &log.ids,
        clicks: &clicks(&occurrences),
        lists: &count(&log.sessions, &occurrences, SHAPE, 1),
        returns: &returns(&log.sessions, log.sessions.len(), HISTORY),
        cards: &[],
        together: None,
        hours: &[],
        intent: None,
    };
    let sizes: Vec<usize> = (200..550)
        .step_by(45)
        .map(|budget| {
            let (model, bytes) = within(&goods, SERVING, budget).unwrap();
            assert!(bytes.len() <= budget && bytes.len() + 24 >= budget, "{} of {budget}", bytes.len());
            assert_eq!(Model::open(&bytes).as_ref(), Ok(&model));
            bytes.len()
        })
        .collect();
    assert!(sizes.is_sorted());
}
