//! A shop's log that never was: `cargo run --release -p vitrine-trainer --example
//! generate -- --clicks 1000000 --items 43000 > log.txt`. It never looks like one
//! shop in particular: every habit of the visitors is a number to turn. With
//! `--rows FILE` the last tenth of the sessions becomes rows for `vitrine
//! evaluate` instead.
#![allow(clippy::print_stdout, clippy::print_stderr, missing_docs)]

use std::collections::BTreeMap;
use std::fmt::Write;

use vitrine_engine::rng::Rng;

/// The habits, and what they are where nobody says otherwise.
const HABITS: [(&str, f64); 11] = [
    ("--clicks", 1_000_000.0),
    ("--items", 43_000.0),
    ("--seed", 1.0),
    // Clicks of a session, on average.
    ("--length", 5.0),
    // The part of clicks that goes back to what the session has seen.
    ("--return", 0.2),
    // The part that goes anywhere, by popularity.
    ("--stray", 0.1),
    // Items of one kind, on average.
    ("--kind", 60.0),
    // Others of its kind that an item leads to.
    ("--paths", 25.0),
    // Popularity: the item at place n is sought as n to minus this.
    ("--skew", 0.9),
    // The part of the items that comes in while the log runs.
    ("--new", 0.3),
    // The part of a session's steps that look at the item before the last.
    ("--back", 0.3),
];

fn main() {
    let mut words = std::env::args().skip(1);
    let mut habits: BTreeMap<&str, f64> = HABITS.into_iter().collect();
    let mut rows = None;
    while let (Some(name), Some(value)) = (words.next(), words.next()) {
        match (habits.get_mut(name.as_str()), value.parse()) {
            (Some(habit), Ok(number)) => *habit = number,
            _ if name == "--rows" => rows = Some(value),
            _ => return eprintln!("`{name} {value}` is none of {:?} or --rows", HABITS.map(|habit| habit.0)),
        }
    }
    let habit = |name: &str| habits.get(name).copied().unwrap_or_default();
    let mut shop = Shop::new(&habit);
    let (mut log, mut judged, mut clicks) = (String::new(), String::new(), 0.0);
    while clicks < habit("--clicks") {
        let session = shop.session(&habit, clicks / habit("--clicks"));
        clicks += session.len() as f64;
        let names: Vec<String> = session.iter().map(|item| (item * 3 + 17).to_string()).collect();
        if rows.is_none() || clicks < habit("--clicks") * 0.9 {
            let _written = writeln!(log, "{}", names.join(" "));
            continue;
        }
        for (label, end) in names.iter().zip(0..).skip(1) {
            let prefix = names.get(..end).unwrap_or_default();
            let _written = writeln!(judged, "{}\t{label}", prefix.join(" "));
        }
    }
    print!("{log}");
    if let Some(Err(error)) = rows.map(|path| std::fs::write(path, judged)) {
        eprintln!("{error}");
    }
}

/// What stands on the shelves.
struct Shop {
    rng: Rng,
    /// Items by popularity, most sought first, and the sums of how sought.
    popular: Vec<u64>,
    sums: Vec<f64>,
    /// When an item comes in, as a part of the log.
    since: Vec<f64>,
    kinds: u64,
    items: u64,
}

impl Shop {
    fn new(habit: &dyn Fn(&str) -> f64) -> Shop {
        let items = habit("--items") as u64;
        let mut rng = Rng::new(habit("--seed") as u64, 0);
        let mut popular: Vec<u64> = (0..items).collect();
        for at in (1..popular.len()).rev() {
            popular.swap(at, rng.below(at as u64 + 1) as usize);
        }
        let mut sum = 0.0;
        let sums = (1..=items)
            .map(|place| {
                sum += libm::pow(place as f64, -habit("--skew"));
                sum
            })
            .collect();
        let new = habit("--new");
        let since = (0..items).map(|_| if rng.unit() < new { rng.unit() * 0.95 } else { 0.0 }).collect();
        Shop { rng, popular, sums, since, kinds: (items as f64 / habit("--kind")) as u64 + 1, items }
    }

    fn session(&mut self, habit: &dyn Fn(&str) -> f64, now: f64) -> Vec<u64> {
        let mut session = vec![self.anything(now)];
        // Half of the lengths' spread is the visitor's own: some look at a hundred.
        let patience = habit("--length") * libm::exp(self.rng.normal() * 0.7 - 0.25);
        while session.len() < 200 && (session.len() < 2 || self.rng.unit() > 1.0 / patience) {
            let back = u64::from(session.len() > 1 && self.rng.unit() < habit("--back"));
            let from = session.iter().rev().nth(back as usize).copied().unwrap_or_default();
            let draw = self.rng.unit();
            let next = if draw < habit("--return") {
                let depth = (libm::log(1.0 - self.rng.unit()) * -1.5) as usize + 1;
                session.iter().rev().nth(depth).copied().unwrap_or(from)
            } else if draw < habit("--return") + habit("--stray") {
                self.anything(now)
            } else {
                self.like(from, habit, now)
            };
            session.push(next);
        }
        session
    }

    /// By popularity.
    fn anything(&mut self, now: f64) -> u64 {
        loop {
            let sought = self.rng.unit() * self.sums.last().copied().unwrap_or_default();
            let place = self.sums.partition_point(|sum| *sum < sought);
            let item = self.popular.get(place).copied().unwrap_or_default();
            if self.is_there(item, now) {
                return item;
            }
        }
    }

    /// One of the items that this one leads to: always the same ones, the first
    /// of them most.
    fn like(&mut self, item: u64, habit: &dyn Fn(&str) -> f64, now: f64) -> u64 {
        for _ in 0..8 {
            let path = libm::floor(libm::pow(habit("--paths") + 1.0, self.rng.unit())) as u64;
            let mut paths = Rng::new(item, path);
            // Kinds are the items of one remainder; one path of six leaves it.
            let kind = if paths.below(6) == 0 { paths.below(self.kinds) } else { item % self.kinds };
            let size = (self.items - kind).div_ceil(self.kinds);
            let other = kind + self.kinds * paths.below(size).min(paths.below(size));
            if other != item && self.is_there(other, now) {
                return other;
            }
        }
        self.anything(now)
    }

    fn is_there(&self, item: u64, now: f64) -> bool {
        self.since.get(item as usize).is_some_and(|since| *since <= now)
    }
}
