//! One model → a head and shards, so that a page of a large shop fetches only
//! what is near the item in view. Never says what the model would not say: a
//! shard is a slice of it, so that with all shards at hand rows are the same.
//!
//! A shard is a model of its own: items that stand near each other, with their
//! lists and cards, and behind them the strangers that these lists name, without
//! lists of their own. The head knows what is popular, what is learnt of
//! behaviour, and which item is at home in which shard.

use std::collections::BTreeSet;

use vitrine_engine::bits::BitWriter;
use vitrine_engine::lists::{Follower, Writer};
use vitrine_engine::pack::Packed;
use vitrine_engine::recommend::directory::{Directory, entries};
use vitrine_engine::recommend::{Card, Index, Lists, MODEL_BYTES, Model, pack_places};
use vitrine_engine::{ids::pack_ids, seal};

use crate::assemble::{Goods, Serving, within};
use crate::order::by_likeness;

/// Entries of the directory's table for each item; below 1.23 no order of
/// filling it can be found.
const ROOM: f64 = 1.24;
/// Seeds that are tried for the table; nearly always the first will do.
const SEEDS: u32 = 100;
/// Bytes of a model that is as large as it gets before it is divided: no shop's
/// is, and a part of it can be taken without passing 32 bits, which wasm has.
const UNBOUNDED: usize = 1 << 30;
/// Models that are tried until head and shards are within the budget, each
/// nearer to it than the one before.
const TRIES: usize = 12;
/// The next one's size, as parts of what would just fit if all shrank alike.
const NEXT: (usize, usize) = (97, 100);

/// A head and its shards, sealed.
#[derive(Debug, Clone)]
pub struct Sharded {
    /// The head.
    pub head: Model,
    /// The head's bytes.
    pub bytes: Vec<u8>,
    /// Each shard's bytes, in the order of the head's directory.
    pub shards: Vec<Vec<u8>>,
}

/// Divides what would be one model; head and any one shard stay within the
/// budget together. Nothing if they cannot.
#[must_use]
pub fn divide(goods: &Goods, serving: Serving, count: usize, budget: usize) -> Option<Sharded> {
    let order = by_likeness(goods.lists);
    let mut limit = UNBOUNDED;
    for _ in 0..TRIES {
        let (model, bytes) = within(goods, serving, limit)?;
        let whole = Whole { index: Index::new(&model), model };
        let sharded = whole.divide(goods, &order, count)?;
        let most = sharded.bytes.len() + sharded.shards.iter().map(Vec::len).max()?;
        if most <= budget && most <= MODEL_BYTES {
            return Some(sharded);
        }
        // The directory does not shrink with the lists, so that the last tries
        // take more off than the first ones ask for.
        limit = bytes.len().min(limit) * budget.min(MODEL_BYTES) / most * NEXT.0 / NEXT.1;
    }
    None
}

/// A model that is to be divided.
struct Whole {
    model: Model,
    index: Index,
}

impl Whole {
    fn divide(&self, goods: &Goods, order: &[u32], count: usize) -> Option<Sharded> {
        let id = |item: &u32| goods.ids.get(*item as usize);
        let places: Vec<u32> = order.iter().filter_map(|item| self.index.find(id(item)?)).collect();
        let length = places.len().div_ceil(count.max(1)).max(1);
        let parts: Vec<&[u32]> = places.chunks(length).collect();
        let shards: Vec<Vec<u8>> = parts.iter().map(|own| self.shard(own).seal()).collect();
        let (mut ids, mut shard_of) = (Vec::new(), Vec::new());
        for (shard, own) in parts.iter().enumerate() {
            for place in *own {
                ids.push(self.index.id(*place)?);
                shard_of.push(shard);
            }
        }
        let names = shards.iter().map(|bytes| seal::name(bytes)).collect();
        let mut head = self.head();
        head.directory = Some(file(&ids, &shard_of, names)?);
        let bytes = head.seal();
        Some(Sharded { head, bytes, shards })
    }

    /// What is popular, with its cards and no lists, and all that is said of no
    /// item.
    fn head(&self) -> Model {
        let mut popular = self.model.popular.clone();
        popular.sort_unstable();
        let model = &self.model;
        Model {
            decay: model.decay.clone(),
            repeat: model.repeat.clone(),
            hop: model.hop,
            popular: model.popular.clone(),
            intent: model.intent.clone(),
            hours: model.hours.clone(),
            hours_of: model.hours_of.clone(),
            ..self.slice(&popular, &[])
        }
    }

    /// Items with their lists, and whoever these name.
    fn shard(&self, own: &[u32]) -> Model {
        let mut known: BTreeSet<u32> = own.iter().copied().collect();
        for item in own {
            for of in [Lists::Next, Lists::Together] {
                self.index.followers((of, *item), |_, follower| _ = known.insert(follower.item));
            }
        }
        let mut own = own.to_vec();
        own.sort_unstable();
        let known: Vec<u32> = known.into_iter().collect();
        self.slice(&known, &own)
    }

    /// These items, ascending, with their cards; the lists of those that are at
    /// home here, ascending too.
    fn slice(&self, items: &[u32], own: &[u32]) -> Model {
        let ids: Vec<String> = items.iter().filter_map(|item| self.index.id(*item)).collect();
        let card = |card: &&Card| items.binary_search(&card.item).is_ok();
        Model {
            items: items.len() as u32,
            ids: pack_ids(&ids),
            lists: self.lists(Lists::Next, items, own),
            together: match self.model.together.0.is_empty() {
                true => Packed::default(),
                false => self.lists(Lists::Together, items, own),
            },
            cards: self.model.cards.iter().filter(card).cloned().collect(),
            places: pack_places(items),
            ..Model::default()
        }
    }

    fn lists(&self, of: Lists, items: &[u32], own: &[u32]) -> Packed {
        let mut writer = Writer::default();
        for item in items {
            let (mut step, mut list) = (0, Vec::new());
            if own.binary_search(item).is_ok() {
                self.index.followers((of, *item), |scale, Follower { item, weight }| {
                    let place = items.binary_search(&item).ok();
                    step = scale;
                    list.extend(place.map(|place| Follower { item: place as u32, weight }));
                });
            }
            writer.list(step, &list);
        }
        writer.finish()
    }
}

/// The directory of items to shards; nothing if no seed fits, which no shop
/// has yet been seen to bring about.
fn file(ids: &[String], shard_of: &[usize], shards: Vec<String>) -> Option<Directory> {
    let third = (ids.len() as f64 * ROOM / 3.0) as u32 + 12;
    (0..SEEDS).find_map(|seed| {
        let mut directory = Directory {
            seed,
            items: ids.len() as u32,
            third,
            table: Packed::default(),
            shards: shards.clone(),
        };
        let values = fill(ids, shard_of, &directory)?;
        let mut bits = BitWriter::default();
        values.iter().for_each(|value| bits.bits(u64::from(*value), directory.width() as u32));
        directory.table.0 = bits.finish();
        Some(directory)
    })
}

/// The table's entries: an item that alone has an entry is taken away, and so on
/// until none is left; in the opposite order each is given what it needs.
fn fill(ids: &[String], shard_of: &[usize], directory: &Directory) -> Option<Vec<u8>> {
    let places: Vec<[u32; 3]> =
        ids.iter().filter_map(|id| entries(id, directory.seed, directory.third)).collect();
    let size = directory.third as usize * 3;
    // Of each entry how many items have it, and their numbers added without carry.
    let mut users = vec![(0u32, 0u32); size];
    let touch = |users: &mut Vec<(u32, u32)>, item: u32, by: i32, free: &mut Vec<u32>| {
        for entry in places.get(item as usize).into_iter().flatten() {
            if let Some(user) = users.get_mut(*entry as usize) {
                *user = (user.0.wrapping_add_signed(by), user.1 ^ item);
                if user.0 == 1 {
                    free.push(*entry);
                }
            }
        }
    };
    let mut free = Vec::new();
    (0..places.len() as u32).for_each(|item| touch(&mut users, item, 1, &mut free));
    let mut taken: Vec<(u32, u32)> = Vec::with_capacity(places.len());
    while let Some(entry) = free.pop() {
        if let Some((1, item)) = users.get(entry as usize).copied() {
            taken.push((item, entry));
            touch(&mut users, item, -1, &mut free);
        }
    }
    let mut values = vec![0u8; size];
    for (item, entry) in taken.iter().rev() {
        let mut value = shard_of.get(*item as usize).copied().unwrap_or_default() as u8;
        for other in places.get(*item as usize)?.iter().filter(|other| *other != entry) {
            value ^= values.get(*other as usize).copied().unwrap_or_default();
        }
        if let Some(known) = values.get_mut(*entry as usize) {
            *known = value;
        }
    }
    (taken.len() == places.len()).then_some(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::Library;
    use crate::lists::{Occurrences, Shape, count};
    use crate::log::Log;
    use crate::read::read;
    use crate::together::Together;
    use crate::tune::clicks;
    use vitrine_engine::event::Item;
    use vitrine_engine::recommend::{Past, Ranking, Wish, picks, rank, wanted};

    /// Kinds of ten items; a session strays from its kind now and then.
    fn log() -> Log {
        let mut text = String::new();
        for visit in 0..3000u32 {
            for step in 0..4 {
                let kind = (visit + visit * step / 9) % 40;
                text.push_str(&format!("{kind}-{} ", (visit / 40 + step * step) % 10));
            }
            text.push('\n');
        }
        read(&mut text.as_bytes(), &[], &mut |_| ()).unwrap()
    }

    fn with_goods(log: &Log, ask: impl Fn(&Goods)) {
        let occurrences = Occurrences::new(&log.sessions, log.sessions.len(), log.ids.len());
        let card = |(id, item): (&String, u32)| Card {
            item,
            title: id.clone(),
            link: format!("/p/{id}"),
            price: 100 + u64::from(item),
            category: id.split('-').next().unwrap().into(),
            ..Card::default()
        };
        ask(&Goods {
            ids: &log.ids,
            clicks: &clicks(&occurrences),
            lists: &count(&log.sessions, &occurrences, Shape::default(), 1),
            together: Some(&Together::count(&log.sessions, log.ids.len(), 2)),
            returns: &[0.0, 1.0],
            cards: &log.ids.iter().zip(0..).map(card).collect::<Vec<Card>>(),
            hours: &[],
            intent: None,
        });
    }

    fn all(sharded: &Sharded) -> (Model, Index) {
        let (mut model, mut index) = Model::load(&sharded.bytes).unwrap();
        for bytes in &sharded.shards {
            index.join(&mut model, bytes).unwrap();
        }
        (model, index)
    }

    #[test]
    fn with_all_shards_every_row_is_the_whole_models() {
        let log = log();
        with_goods(&log, |goods| {
            let (whole, _) = within(goods, Serving::default(), 1 << 20).unwrap();
            let index = Index::new(&whole);
            for count in [1, 2, 5, 20, 50] {
                let sharded = divide(goods, Serving::default(), count, 1 << 20).unwrap();
                assert_eq!(sharded.shards.len(), count);
                let (model, joined) = all(&sharded);
                for session in 0..300 {
                    let items = log.sessions.get(session * 9);
                    let ids: Vec<&str> = items.iter().map(|item| log.ids[*item as usize].as_str()).collect();
                    assert_eq!(rank((&model, &joined), &ids, &[], 20), rank((&whole, &index), &ids, &[], 20));
                    let seen = |id: &&str| Item { id: (*id).into(), quantity: 1, ..Item::default() };
                    let mut past = Past { viewed: ids.iter().map(seen).collect(), ..Past::default() };
                    past.half_life = 1;
                    for ranking in [Ranking::Next, Ranking::BoughtTogether, Ranking::Popular] {
                        let wish = Wish { ranking, count: 12, ..Wish::default() };
                        let row = picks(&model, &joined, &past, &wish);
                        assert_eq!(row, picks(&whole, &index, &past, &wish));
                        assert!(row.len() == 12);
                    }
                }
            }
        });
    }

    #[test]
    fn a_row_asks_for_the_shards_of_what_was_viewed_and_no_other() {
        let log = log();
        with_goods(&log, |goods| {
            for count in [1, 3, 20, 50] {
                let sharded = divide(goods, Serving::default(), count, 1 << 20).unwrap();
                let library = Library::of(&sharded).unwrap();
                let (head, index) = Model::load(&sharded.bytes).unwrap();
                for id in &log.ids {
                    let past = Past {
                        viewed: vec![Item { id: id.clone(), ..Item::default() }],
                        half_life: 1,
                        ..Past::default()
                    };
                    let mut asked = Vec::new();
                    let wish = Wish { count: 4, ..Wish::default() };
                    wanted((&head, &index), &past, &wish, &mut |name| asked.push(name.to_string()));
                    assert_eq!(asked.len(), 1, "{id}");
                    let (model, index) = library.open(&[id]);
                    let shard =
                        head.directory.as_ref().unwrap().shards.iter().position(|name| *name == asked[0]);
                    assert!(index.has(shard.unwrap()), "{id}");
                    wanted((model, index), &past, &wish, &mut |name| panic!("{name} is there"));
                    let mut own = 0;
                    for of in [Lists::Next, Lists::Together] {
                        index.followers((of, index.find(id).unwrap()), |_, _| own += 1);
                    }
                    assert!(own > 1 && model.directory.is_some(), "{id}");
                }
                let (head, _) = library.open(&["nobody"]);
                assert!(head.directory.is_some() && !head.popular.is_empty());
            }
        });
    }

    #[test]
    fn a_budget_bounds_the_head_and_any_shard_together() {
        let log = log();
        with_goods(&log, |goods| {
            let most = |budget| {
                let sharded = divide(goods, Serving::default(), 8, budget)?;
                Some(sharded.bytes.len() + sharded.shards.iter().map(Vec::len).max().unwrap())
            };
            let free = most(1 << 20).unwrap();
            let bound = most(free * 2 / 3).unwrap();
            assert!(bound <= free * 2 / 3 && bound > free / 2, "{bound} of {free}");
            assert_eq!(most(100), None, "no budget holds this");
        });
    }

    #[test]
    fn what_is_no_shard_of_the_head_changes_nothing() {
        let log = log();
        with_goods(&log, |goods| {
            let sharded = divide(goods, Serving::default(), 4, 1 << 20).unwrap();
            let (mut model, mut index) = Model::load(&sharded.bytes).unwrap();
            let before = (model.clone(), index.clone());
            let mut spoilt = sharded.shards[0].clone();
            *spoilt.last_mut().unwrap() ^= 1;
            for bytes in [&[][..], &sharded.bytes, &spoilt, &sharded.shards[1][..40]] {
                assert!(index.join(&mut model, bytes).is_err());
            }
            assert_eq!((&model, &index), (&before.0, &before.1));
            for _ in 0..2 {
                index.join(&mut model, &sharded.shards[2]).unwrap();
            }
            let once = (model.clone(), index.clone());
            index.join(&mut model, &sharded.shards[2]).unwrap();
            assert_eq!((model, index), once);
        });
    }
}
