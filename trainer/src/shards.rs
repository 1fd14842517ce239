//! One model → a head and shards, so that a page of a large shop fetches only
//! what is near the item in view. Never parts like from like where it can help
//! it: a shard is a stretch of the order that puts like beside like.
//!
//! A shard is a model of its own: its items with their lists, and behind them
//! the strangers that these lists name, without lists of their own. The head
//! knows what is popular, the propensity, and which item is in which shard.

use vitrine_engine::pack::Packed;
use vitrine_engine::recommend::directory::{Directory, entries};
use vitrine_engine::recommend::{Card, Index, Model, POPULAR_LIMIT};
use vitrine_engine::seal;

use crate::assemble::{Goods, Serving, strongest, within};
use crate::lists::Lists;
use crate::order::by_likeness;

/// Entries of the directory's table for each item; below 1.23 no order of
/// filling it can be found.
const ROOM: f64 = 1.24;
/// Seeds that are tried for the table; nearly always the first will do.
const SEEDS: u32 = 100;

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

/// A model as it lies in a folder, ready to be asked.
#[derive(Debug)]
pub enum Library {
    /// One file.
    Whole(Box<(Model, Index)>),
    /// A head and its shards.
    Divided {
        /// The head.
        head: Box<(Model, Index)>,
        /// The shards, in the order of the head's directory.
        shards: Vec<(Model, Index)>,
    },
}

/// Divides what would be one model; head and any one shard stay within the
/// budget together. Nothing if they cannot.
#[must_use]
pub fn divide(goods: &Goods, serving: Serving, count: usize, budget: usize) -> Option<Sharded> {
    let order = by_likeness(goods.lists);
    let length = order.len().div_ceil(count.max(1)).max(1);
    let mut shard_of = vec![0usize; order.len()];
    for (shard, part) in order.chunks(length).enumerate() {
        for item in part {
            shard_of.iter_mut().skip(*item as usize).take(1).for_each(|known| *known = shard);
        }
    }
    let names: Vec<String> = order.chunks(length).map(|_| String::from("0000000000000000")).collect();
    let directory = file(goods.ids, &shard_of, names)?;
    let (mut head, _) = head(goods, serving, directory, budget)?;
    let room = budget.checked_sub(head.seal().len())?;
    let all = strongest(goods.lists, serving.power);
    let mut shards = Vec::new();
    for part in order.chunks(length) {
        shards.push(shard(goods, serving, part, (all, room))?);
    }
    if let Some(directory) = &mut head.directory {
        directory.shards = shards.iter().map(|bytes| seal::name(bytes)).collect();
    }
    let bytes = head.seal();
    Some(Sharded { head, bytes, shards })
}

/// What is popular, with its cards and no lists.
fn head(goods: &Goods, serving: Serving, directory: Directory, budget: usize) -> Option<(Model, Vec<u8>)> {
    let mut popular: Vec<u32> = (0..goods.ids.len() as u32).collect();
    let clicks = |item: &u32| goods.clicks.get(*item as usize).copied().unwrap_or_default();
    popular.sort_by_key(|item| std::cmp::Reverse(clicks(item)));
    popular.truncate(POPULAR_LIMIT);
    popular.sort_unstable();
    let part = Part::of(goods, &popular);
    let mut made = within(&part.goods(goods, goods.intent.clone()), serving, budget / 2)?;
    made.0.directory = Some(directory);
    Some(made)
}

fn shard(goods: &Goods, serving: Serving, part: &[u32], (all, room): (f32, usize)) -> Option<Vec<u8>> {
    let mut own = part.to_vec();
    own.sort_unstable();
    let mut known = own.clone();
    known.extend(own.iter().flat_map(|item| goods.lists.get(*item as usize)).map(|(other, _)| *other));
    known.sort_unstable();
    known.dedup();
    let part = Part::of(goods, &known);
    let part = Part { lists: part.listed(goods, &own), ..part };
    // Scales are measured by a model's own strongest list; what is said in that
    // unit must stay what it was in the whole.
    let here = strongest(&part.lists, serving.power).max(f32::MIN_POSITIVE);
    let serving = Serving { repeat: serving.repeat * all / here, hop: serving.hop * here / all, ..serving };
    within(&part.goods(goods, None), serving, room).map(|(_, bytes)| bytes)
}

/// Some of the goods, numbered anew.
struct Part {
    /// Their numbers in the whole, ascending.
    items: Vec<u32>,
    ids: Vec<String>,
    clicks: Vec<u32>,
    lists: Lists,
    cards: Vec<Card>,
}

impl Part {
    /// Of these items, ascending; no lists yet.
    fn of(goods: &Goods, items: &[u32]) -> Part {
        let place = |item: u32| items.binary_search(&item).ok().map(|at| at as u32);
        let mut lists = Lists::empty();
        items.iter().for_each(|_| lists.push(0.0, &[]));
        let card = |card: &Card| place(card.item).map(|item| Card { item, ..card.clone() });
        Part {
            items: items.to_vec(),
            ids: items.iter().filter_map(|item| goods.ids.get(*item as usize).cloned()).collect(),
            clicks: items.iter().filter_map(|item| goods.clicks.get(*item as usize).copied()).collect(),
            lists,
            cards: goods.cards.iter().filter_map(card).collect(),
        }
    }

    /// The lists of `own`, and empty ones of the others.
    fn listed(&self, goods: &Goods, own: &[u32]) -> Lists {
        let mut lists = Lists::empty();
        for item in &self.items {
            let at = *item as usize;
            if own.binary_search(item).is_err() {
                lists.push(0.0, &[]);
                continue;
            }
            let place = |(other, weight): &(u32, f32)| {
                self.items.binary_search(other).ok().map(|place| (place as u32, *weight))
            };
            let followers: Vec<(u32, f32)> = goods.lists.get(at).iter().filter_map(place).collect();
            lists.push(goods.lists.total(at), &followers);
        }
        lists
    }

    fn goods<'a>(&'a self, whole: &Goods<'a>, intent: Option<vitrine_engine::intent::Intent>) -> Goods<'a> {
        Goods {
            ids: &self.ids,
            clicks: &self.clicks,
            lists: &self.lists,
            cards: &self.cards,
            together: None,
            intent,
            ..whole.clone()
        }
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
        directory.table.0 = match directory.is_narrow() {
            true => values
                .chunks(2)
                .map(|pair| pair.iter().rev().fold(0, |byte, half| byte << 4 | half))
                .collect(),
            false => values,
        };
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
        values.iter_mut().skip(*entry as usize).take(1).for_each(|known| *known = value);
    }
    (taken.len() == places.len()).then_some(values)
}

impl Library {
    /// What a page has that shows a session's next items: the one model, or the
    /// shard of the last item that any shard knows, or the head.
    #[must_use]
    pub fn open(&self, session: &[&str]) -> &(Model, Index) {
        let (head, shards) = match self {
            Library::Whole(whole) => return whole,
            Library::Divided { head, shards } => (head, shards),
        };
        let of = |id: &&str| {
            let directory = head.0.directory.as_ref()?;
            let shard = directory.shard(id).and_then(|shard| shards.get(shard))?;
            shard.1.find(id).map(|_| shard)
        };
        session.iter().rev().find_map(of).unwrap_or(head)
    }

    /// How many items there are in all.
    #[must_use]
    pub fn items(&self) -> usize {
        match self {
            Library::Whole(whole) => whole.0.items as usize,
            // Strangers are at home elsewhere.
            Library::Divided { head, .. } => {
                head.0.directory.as_ref().map_or(0, |known| known.items as usize)
            }
        }
    }

    /// The library of what was divided; nothing if it does not hold together.
    #[must_use]
    pub fn of(sharded: &Sharded) -> Option<Library> {
        let head = Box::new(Model::load(&sharded.bytes).ok()?);
        let shards = sharded.shards.iter().map(|bytes| Model::load(bytes).ok()).collect::<Option<_>>()?;
        Some(Library::Divided { head, shards })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists::{Occurrences, Shape, count};
    use crate::log::read;
    use crate::tune::clicks;
    use vitrine_engine::recommend::rank;

    #[test]
    fn every_item_is_found_in_its_shard_and_ranks_there_as_in_the_whole() {
        // Kinds of ten items; a session stays within its kind.
        let mut text = String::new();
        for visit in 0..3000u32 {
            let kind = visit % 40;
            (0..4).for_each(|step| text.push_str(&format!("{kind}-{} ", (visit / 40 + step * step) % 10)));
            text.push('\n');
        }
        let log = read(&mut text.as_bytes(), &[], &mut |_| ()).unwrap();
        let occurrences = Occurrences::new(&log.sessions, log.sessions.len(), log.ids.len());
        let goods = Goods {
            ids: &log.ids,
            clicks: &clicks(&occurrences),
            lists: &count(&log.sessions, &occurrences, Shape::default(), 1),
            together: None,
            returns: &[0.0, 1.0],
            cards: &[],
            intent: None,
        };
        let (whole, _) = within(&goods, Serving::default(), 1 << 20).unwrap();
        let index = Index::new(&whole);
        for count in [5, 20] {
            let sharded = divide(&goods, Serving::default(), count, 1 << 20).unwrap();
            assert_eq!(sharded.shards.len(), count);
            let library = Library::of(&sharded).unwrap();
            let mut same = 0;
            for id in &log.ids {
                let (model, shard) = library.open(&[id]);
                assert!(shard.find(id).is_some(), "{id} is in none of {count} shards");
                let ids = |model: &Model, index: &Index, count: usize| -> Vec<String> {
                    let list = rank(model, index, &[id], &[], count);
                    list.into_iter().filter_map(|item| index.id(item)).collect()
                };
                // Equals stand in the order of their places, which differs.
                let near = ids(&whole, &index, 6);
                same += usize::from(ids(model, shard, 3).iter().all(|id| near.contains(id)));
            }
            assert!(same * 10 >= log.ids.len() * 9, "{same} of {}", log.ids.len());
            let (head, _) = library.open(&["nobody"]);
            assert!(head.directory.is_some() && !head.popular.is_empty());
        }
        assert!(divide(&goods, Serving::default(), 4, 500).is_none(), "no budget holds this");
    }
}
