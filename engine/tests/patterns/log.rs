//! Random logs of events, questions about them, and the answer by counting the
//! whole log anew.

use vitrine_engine::automaton::Pattern;
use vitrine_engine::compare::Compare;
use vitrine_engine::event::{Event, Item};
use vitrine_engine::hash::name32;
use vitrine_engine::kind::{Asked, Filter, KEEP_LIMIT, Kind, Kinds};
use vitrine_engine::pattern::{Did, Span};
use vitrine_engine::profile::{Profile, Terms};
use vitrine_engine::ring::folded;
use vitrine_engine::rng::Rng;
use vitrine_engine::time::{HOUR, MINUTE, Millis};
use vitrine_engine::value::Value;

use super::{Logged, START, one_in};

const NAMES: [&str; 3] = ["page_view", "view_item", "purchase"];
const CATEGORIES: [&str; 3] = ["shoes", "bags", "hats"];
const COLOURS: [&str; 2] = ["red", "blue"];
const PATHS: [&str; 4] = ["/", "/list/shoes", "/list/bags", "/cart"];

fn pick<T: Copy>(rng: &mut Rng, list: &[T]) -> T {
    list[rng.below(list.len() as u64) as usize]
}

/// A log with bursts and pauses, some of them longer than a visit.
pub fn random_log(rng: &mut Rng, length: u64) -> Vec<Logged> {
    let mut at = START;
    (0..length)
        .map(|_| {
            at += if one_in(rng, 8) { rng.below(30) * HOUR } else { rng.below(10) * MINUTE };
            Logged {
                at: Millis(at),
                name: pick(rng, &NAMES),
                category: pick(rng, &CATEGORIES),
                price: rng.below(5) * 100,
                colour: pick(rng, &COLOURS),
                path: pick(rng, &PATHS),
            }
        })
        .collect()
}

/// A `$did` and the kind of deeds that it counts.
#[derive(Debug, Clone)]
pub struct Query {
    pub kind: Kind,
    pub did: Did,
}

pub fn random_query(rng: &mut Rng) -> Query {
    let name = pick(rng, &NAMES);
    let mut filters = Vec::new();
    match rng.below(5) {
        0 => filters.push(Filter::Category(vec![folded(pick(rng, &CATEGORIES))])),
        1 => filters
            .push(Filter::Parameter("colour".into(), vec![Compare::Is(Value::text(pick(rng, &COLOURS)))])),
        2 => filters.push(Filter::Page(vec![Pattern::Starts("/list".into()), Pattern::Is("/cart".into())])),
        3 => {
            filters.push(Filter::Price(100, 300));
            filters.push(Filter::Category(vec![folded("shoes"), folded("hats")]));
        }
        _ => {}
    }
    let low = rng.below(12) as u32;
    let high = if one_in(rng, 2) { u32::MAX } else { low + rng.below(8) as u32 };
    let span = match rng.below(3) {
        0 => Span::Ever,
        1 => Span::Visit,
        _ => Span::Last(1 + rng.below(200) * HOUR),
    };
    Query {
        kind: Kind { event: name32(name), filters },
        did: Did { kind: 0, at_least: low, at_most: high, span },
    }
}

impl Query {
    /// By the whole log, seen up to a moment.
    pub fn holds(&self, log: &[Logged], profile: &Profile, now: Millis) -> bool {
        let since = match self.did.span {
            Span::Ever => 0,
            Span::Visit => profile.visit.started.0,
            Span::Last(length) => now.0.saturating_sub(length),
        };
        let mut path = "";
        let mut times = 0;
        for entry in log {
            if entry.name == "page_view" {
                path = entry.path;
            }
            times += u32::from(
                name32(entry.name) == self.kind.event && entry.at.0 >= since && self.fits(entry, path),
            );
        }
        (self.did.at_least..=self.did.at_most).contains(&times)
    }

    fn fits(&self, entry: &Logged, path: &str) -> bool {
        let has_items = entry.name != "page_view";
        self.kind.filters.iter().all(|filter| match filter {
            Filter::Category(any) => has_items && any.contains(&folded(entry.category)),
            Filter::Price(from, to) => has_items && (*from..=*to).contains(&entry.price),
            Filter::Parameter(_, compares) => compares[0] == Compare::Is(Value::text(entry.colour)),
            Filter::Page(_) => path.starts_with("/list") || path == "/cart",
            other => panic!("{other:?}"),
        })
    }
}

/// A profile that saw the log, asked these questions from entry `asked` on.
pub fn play(log: &[Logged], queries: &[Query], asked: usize) -> (Profile, Terms) {
    let keep = |query: &Query| match query.did.span {
        Span::Ever => 0,
        _ => {
            (query.did.at_least.max(query.did.at_most.saturating_add(1) % (u32::MAX)) as u16).min(KEEP_LIMIT)
        }
    };
    let kinds = queries.iter().map(|query| Asked { kind: query.kind.clone(), keep: keep(query) }).collect();
    let terms = Terms { kinds: Kinds::new(kinds), ..Terms::default() };
    let before = Terms::default();
    let mut profile = Profile::new(1);
    for (at, entry) in log.iter().enumerate() {
        profile.observe(&entry.event(), if at < asked { &before } else { &terms });
    }
    profile.settle(&terms.kinds);
    (profile, terms)
}

impl Logged {
    fn event(&self) -> Event {
        let mut event = match self.name {
            "page_view" => Event::page_view(&format!("https://shop.example{}", self.path), "", self.at),
            name => Event::new(name, self.at),
        };
        if self.name != "page_view" {
            event.items = vec![Item {
                id: "a".into(),
                category: self.category.into(),
                price: self.price,
                ..Item::default()
            }];
        }
        event.parameters = vec![("colour".into(), Value::text(self.colour))];
        event
    }
}
