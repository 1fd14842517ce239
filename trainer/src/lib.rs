//! Event logs → models. Never runs on a visitor's device, never collects a
//! log of its own, and never draws a random number: the same log gives the
//! same bytes.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

use std::io::BufRead;

use vitrine_engine::recommend::directory::SHARD_LIMIT;
use vitrine_engine::recommend::{Card, HISTORY, MODEL_BYTES, Model};

pub mod assemble;
pub mod catalog;
mod clusters;
pub mod cut;
pub mod evaluate;
mod events;
mod ga4;
mod hours;
pub mod library;
pub mod line;
pub mod lines;
pub mod lists;
pub mod log;
mod logistic;
mod order;
mod pairs;
pub mod propensity;
pub mod read;
pub mod recode;
mod sessions;
pub mod shards;
mod sorted;
mod together;
mod trial;
pub mod tune;
pub mod value;

pub use lines::Trouble;

use assemble::{Goods, within};
use catalog::Catalog;
use evaluate::Figures;
use lists::{Lists, Occurrences, Shape, count, returns};
use log::Log;
use propensity::{Moments, Propensity};
use shards::{Sharded, divide};
use together::Together;
use tune::{Bench, Point, Price, Settings, clicks};

/// Budgets whose accuracy is printed, beside the one that is asked for, in bytes.
const BUDGETS: [usize; 4] = [64_000, 128_000, 256_000, 424_000];
/// Supports whose price is printed, beside the one that is asked for.
const SUPPORTS: [u32; 3] = [1, 2, 5];

/// What is asked of a training.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// The most bytes of the sealed model.
    pub budget: usize,
    /// Distinct sessions that a pair must have been seen in; at least 1.
    pub support: u32,
    /// Into how many shards the model is divided, 2..=256; 0 or 1 for not at all.
    /// The budget is then that of the head and any one shard together.
    pub shards: usize,
}

impl Default for Wish {
    fn default() -> Self {
        Wish { budget: MODEL_BYTES, support: 2, shards: 0 }
    }
}

/// A sign of life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// So many bytes of the log were read.
    Read(u64),
    /// So many of so many settings were tried.
    Tried(usize, usize),
    /// The model is being packed.
    Packing,
}

/// A model and how it came about.
#[derive(Debug)]
pub struct Trained {
    /// The model.
    pub model: Model,
    /// The model, sealed.
    pub bytes: Vec<u8>,
    /// The sealed shards of which the model is the head, in its order.
    pub shards: Vec<Vec<u8>>,
    /// Accuracy of head and one shard, as `prices`.
    pub divided: Option<Figures>,
    /// Sessions of the log.
    pub sessions: usize,
    /// Clicks of the log.
    pub clicks: usize,
    /// Items of the log and the catalogue.
    pub items: usize,
    /// Baskets of two or more items.
    pub baskets: usize,
    /// How was counted and served.
    pub settings: Settings,
    /// Accuracy on the log's last tenth by support, from what is before it
    /// and without a budget; empty if the log is too short to say.
    pub prices: Vec<Price>,
    /// The same by budget.
    pub curve: Vec<Point>,
    /// What came of the purchases; nothing for session text, which has none.
    pub propensity: Option<Propensity>,
    /// How many categories are looked at more at some time of day than at another;
    /// nothing for session text, which has no times.
    pub hours: Option<usize>,
}

/// Makes a model of a log and a catalogue.
///
/// # Errors
/// Says what is wrong with the log, or that the budget holds no model.
pub fn train(
    input: &mut dyn BufRead,
    catalog: &Catalog,
    wish: Wish,
    progress: &mut dyn FnMut(Progress),
) -> Result<Trained, Trouble> {
    let known: Vec<String> = catalog.cards.keys().cloned().collect();
    let log = read::read(input, &known, &mut |bytes| progress(Progress::Read(bytes)))?;
    let bench = Bench::new(&log, wish.support);
    let budget = wish.budget.min(MODEL_BYTES);
    let others: Vec<usize> = BUDGETS.into_iter().filter(|other| *other != budget).collect();
    // Of a model in shards the budget is that of one of them and the head.
    let whole = budget.saturating_mul(wish.shards.max(1)).min(MODEL_BYTES);
    let (settings, refined) =
        bench.search(whole, &others, &mut |tried, all| progress(Progress::Tried(tried, all)));
    progress(Progress::Packing);
    let mut supports: Vec<u32> = SUPPORTS.into_iter().chain([wish.support]).collect();
    supports.sort_unstable();
    supports.dedup();
    let prices = bench.prices(settings, &supports);
    let mut budgets: Vec<(usize, Settings)> = others.into_iter().zip(refined).collect();
    budgets.push((budget, settings));
    budgets.sort_unstable_by_key(|(budget, _)| *budget);
    let curve = bench.curve(&budgets);
    let propensity = log.moments.as_ref().map(Moments::fit);

    let counted = Counted::of(&log, settings.shape, wish.support);
    let cards = place_cards(catalog, &log.ids);
    let hours = hours::learn(&log.sessions, &cards);
    let goods = Goods {
        ids: &log.ids,
        clicks: &counted.clicks,
        lists: &counted.lists,
        together: Some(&Together::count(&log.baskets, log.ids.len(), wish.support)),
        returns: &counted.returns,
        cards: &cards,
        hours: hours.as_deref().unwrap_or_default(),
        intent: match &propensity {
            Some(Propensity::Fitted(fitted)) => Some(fitted.intent.clone()),
            _ => None,
        },
    };
    let made = match wish.shards {
        0 | 1 => within(&goods, settings.serving, budget)
            .map(|(head, bytes)| (Sharded { head, bytes, shards: Vec::new() }, None)),
        shards => {
            let shards = shards.min(SHARD_LIMIT);
            divide(&goods, settings.serving, shards, budget)
                .map(|sharded| (sharded, bench.divided(settings, shards, budget)))
        }
    };
    let (Sharded { head: model, bytes, shards }, divided) =
        made.ok_or_else(|| Trouble::Bad(format!("a budget of {budget} bytes holds no model at all")))?;
    Ok(Trained {
        model,
        bytes,
        shards,
        divided,
        sessions: log.sessions.len(),
        clicks: log.sessions.clicks(),
        items: log.ids.len(),
        baskets: log.baskets.len(),
        settings,
        prices,
        curve,
        propensity,
        hours: hours.map(|hours| hours.len()),
    })
}

/// What a log says of its items: counted from its sessions, or taken from a file
/// of pairs, which has no sessions.
struct Counted {
    clicks: Vec<u32>,
    lists: Lists,
    returns: Vec<f32>,
}

impl Counted {
    fn of(log: &Log, shape: Shape, support: u32) -> Counted {
        let items = log.ids.len();
        if log.pairs.is_empty() {
            let all = log.sessions.len();
            let occurrences = Occurrences::new(&log.sessions, all, items);
            Counted {
                clicks: clicks(&occurrences),
                lists: count(&log.sessions, &occurrences, shape, support),
                returns: returns(&log.sessions, all, HISTORY),
            }
        } else {
            let clicks = pairs::clicks(&log.pairs, items);
            let lists = pairs::followers(&log.pairs, &clicks, shape, support);
            Counted { clicks, lists, returns: pairs::USUAL_RETURNS.to_vec() }
        }
    }
}

/// The catalogue's cards with their places among ascending ids.
fn place_cards(catalog: &Catalog, ids: &[String]) -> Vec<Card> {
    let placed = |(id, card): (&String, &Card)| {
        let item = ids.binary_search(id).ok()? as u32;
        Some(Card { item, ..card.clone() })
    };
    catalog.cards.iter().filter_map(placed).collect()
}
