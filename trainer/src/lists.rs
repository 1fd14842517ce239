//! Which item follows which: counted over a log, one item at a time, so that
//! memory holds twelve bytes a click and no table of pairs. Never looks further
//! than a window, and never counts a pair below its support.

use crate::sessions::Sessions;

/// Clicks between two items of a pair, at most. It bounds the work a click;
/// at the usual step of 0.55 the last one weighs a two-hundredth.
const WINDOW: usize = 10;
/// Followers kept of one item: as many as a strip or a page shows.
pub const LENGTH: usize = 20;

/// How a click speaks for those around it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shape {
    /// What is left of a pair's weight with each click between; above 0, below 1.
    pub step: f32,
    /// What the item seen before counts, when the one after counts 1; 0..=1.
    pub back: f32,
    /// How much older sessions count less: the first of a log counts e to minus
    /// this, when the last counts 1; 0..=4.
    pub age: f32,
    /// A session's pairs count by its clicks to minus this power; 0..=1.
    pub crowd: f32,
    /// A follower counts by its own clicks to minus this power, so that lists do
    /// not fill with what everybody sees; 0..=1.
    pub lift: f32,
}

/// Where the search begins, and what a log too short to choose by gets.
impl Default for Shape {
    fn default() -> Self {
        Shape { step: 0.55, back: 0.8, age: 0.5, crowd: 0.2, lift: 0.15 }
    }
}

/// The followers of every item.
#[derive(Debug, Clone, Default)]
pub struct Lists {
    starts: Vec<u32>,
    followers: Vec<(u32, f32)>,
    totals: Vec<f32>,
}

impl Lists {
    /// Of no items yet.
    #[must_use]
    pub fn empty() -> Lists {
        Lists { starts: vec![0], ..Lists::default() }
    }

    /// The next item's followers, best first, and the weights of all there were.
    pub fn push(&mut self, total: f32, followers: &[(u32, f32)]) {
        self.totals.push(total);
        self.followers.extend(followers);
        self.starts.push(self.followers.len() as u32);
    }

    /// The followers of `item` with their counted weights, best first; equals
    /// by place.
    #[must_use]
    pub fn get(&self, item: usize) -> &[(u32, f32)] {
        let bound = |at: usize| self.starts.get(at).map_or(0, |start| *start as usize);
        self.followers.get(bound(item)..bound(item + 1)).unwrap_or_default()
    }

    /// Where the followers of `item` begin among all lists' followers.
    #[must_use]
    pub fn start(&self, item: usize) -> usize {
        self.starts.get(item).map_or(0, |start| *start as usize)
    }

    /// How many followers all lists have.
    #[must_use]
    pub fn followers(&self) -> usize {
        self.followers.len()
    }

    /// The weights of all followers of `item` before their lift, kept or not.
    #[must_use]
    pub fn total(&self, item: usize) -> f32 {
        self.totals.get(item).copied().unwrap_or_default()
    }

    /// How many items there are.
    #[must_use]
    pub fn items(&self) -> usize {
        self.totals.len()
    }
}

/// Where each item occurs, by item.
#[derive(Debug)]
pub struct Occurrences {
    /// How many sessions were looked at.
    sessions: usize,
    starts: Vec<u32>,
    places: Vec<(u32, u32)>,
}

impl Occurrences {
    /// Of the first `until` sessions.
    #[must_use]
    pub fn new(sessions: &Sessions, until: usize, items: usize) -> Occurrences {
        let mut starts = vec![0u32; items + 1];
        let clicks = || {
            (0..until).flat_map(|session| {
                sessions.get(session).iter().zip(0u32..).map(move |(item, at)| (*item, session as u32, at))
            })
        };
        for (item, _, _) in clicks() {
            if let Some(count) = starts.get_mut(item as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut places = vec![(0, 0); sum as usize];
        let mut next = starts.clone();
        for (item, session, at) in clicks() {
            if let Some(free) = next.get_mut(item as usize) {
                if let Some(place) = places.get_mut(*free as usize) {
                    *place = (session, at);
                }
                *free += 1;
            }
        }
        Occurrences { sessions: until, starts, places }
    }

    /// The (session, place) pairs of an item, in order.
    #[must_use]
    pub fn get(&self, item: usize) -> &[(u32, u32)] {
        let bound = |at: usize| self.starts.get(at).map_or(0, |start| *start as usize);
        self.places.get(bound(item)..bound(item + 1)).unwrap_or_default()
    }

    /// How many items there are.
    #[must_use]
    pub fn items(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }
}

/// What one other item has gathered while the followers of an item are counted.
#[derive(Debug, Clone, Copy)]
struct Tally {
    weight: f32,
    sessions: u32,
    last: u32,
}

/// No session has this number.
const NEVER: u32 = u32::MAX;

/// Counts the followers of every item; pairs seen in fewer than `support`
/// distinct sessions are left out.
#[must_use]
pub fn count(sessions: &Sessions, occurrences: &Occurrences, shape: Shape, support: u32) -> Lists {
    let items = occurrences.items();
    let mut lists = Lists::empty();
    let mut tallies = vec![Tally { weight: 0.0, sessions: 0, last: NEVER }; items];
    let mut touched: Vec<u32> = Vec::new();
    let mut found: Vec<(u32, f32)> = Vec::new();
    // Powers of whole numbers up to the longest session and the most clicks.
    let clicks = |item: usize| occurrences.get(item).len();
    let power = |count: usize, power: f32| libm::powf(count.max(1) as f32, -power);
    let lifts: Vec<f32> = (0..items).map(|item| power(clicks(item), shape.lift)).collect();
    let until = occurrences.sessions.max(1) as f32;
    let words: Vec<f32> = (0..occurrences.sessions)
        .map(|session| {
            let age = libm::expf(-shape.age * (1.0 - session as f32 / until));
            age * power(sessions.get(session).len(), shape.crowd)
        })
        .collect();
    for item in 0..items {
        for (session, at) in occurrences.get(item) {
            let clicks = sessions.get(*session as usize);
            let (before, after) = clicks.split_at_checked(*at as usize).unwrap_or_default();
            let word = words.get(*session as usize).copied().unwrap_or_default();
            let mut say = |others: &mut dyn Iterator<Item = &u32>, first: f32| {
                let mut weight = first;
                // The item's next occurrence speaks for itself.
                for other in others.take(WINDOW).take_while(|other| **other as usize != item) {
                    if let Some(tally) = tallies.get_mut(*other as usize) {
                        if tally.sessions == 0 {
                            touched.push(*other);
                        }
                        if tally.last != *session {
                            tally.sessions += 1;
                            tally.last = *session;
                        }
                        tally.weight += weight;
                    }
                    weight *= shape.step;
                }
            };
            say(&mut after.iter().skip(1), word);
            say(&mut before.iter().rev(), shape.back * word);
        }
        found.clear();
        for other in touched.drain(..) {
            if let Some(tally) = tallies.get_mut(other as usize) {
                if tally.sessions >= support && tally.weight > 0.0 {
                    found.push((other, tally.weight));
                }
                *tally = Tally { weight: 0.0, sessions: 0, last: NEVER };
            }
        }
        let total = found.iter().map(|(_, weight)| weight).sum();
        for (other, weight) in &mut found {
            *weight *= lifts.get(*other as usize).copied().unwrap_or(1.0);
        }
        lists.push(total, best_followers(&mut found));
    }
    lists
}

/// The best [`LENGTH`] of all followers, best first; equals by place.
pub fn best_followers(found: &mut Vec<(u32, f32)>) -> &[(u32, f32)] {
    let better = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
    if found.len() > LENGTH {
        found.select_nth_unstable_by(LENGTH, better);
        found.truncate(LENGTH);
    }
    found.sort_unstable_by(better);
    found
}

/// How often the next click goes back to the item seen n other items ago, as a
/// share of the highest of these; index 0 the last item.
#[must_use]
pub fn returns(sessions: &Sessions, until: usize, depth: usize) -> Vec<f32> {
    let mut chances = vec![0u64; depth];
    let mut returned = vec![0u64; depth];
    let mut recent: Vec<u32> = Vec::new();
    for session in 0..until {
        recent.clear();
        for item in sessions.get(session) {
            chances.iter_mut().take(recent.len()).for_each(|count| *count += 1);
            let ago = recent.iter().rev().position(|known| known == item);
            if let Some(count) = returned.get_mut(ago.unwrap_or(depth)) {
                *count += 1;
            }
            recent.retain(|known| known != item);
            recent.push(*item);
            if recent.len() > depth {
                recent.remove(0);
            }
        }
    }
    let shares: Vec<f32> =
        returned.iter().zip(&chances).map(|(hits, all)| *hits as f32 / (*all).max(1) as f32).collect();
    let most = shares.iter().copied().fold(0.0, f32::max);
    shares.iter().map(|share| if most > 0.0 { share / most } else { 0.0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::read;

    const FLAT: Shape = Shape { step: 0.5, back: 0.5, age: 0.0, crowd: 0.0, lift: 0.0 };

    fn lists_of(text: &str, shape: Shape, support: u32) -> Lists {
        let log = read(&mut text.as_bytes(), &[], &mut |_| ()).unwrap();
        let occurrences = Occurrences::new(&log.sessions, log.sessions.len(), log.ids.len());
        count(&log.sessions, &occurrences, shape, support)
    }

    #[test]
    fn what_comes_after_counts_more_than_what_came_before_and_near_more_than_far() {
        let lists = lists_of("a b c d", Shape { step: 0.5, back: 0.25, ..FLAT }, 1);
        assert_eq!(lists.get(1), [(2, 1.0), (3, 0.5), (0, 0.25)]);
        assert_eq!(lists.total(1), 1.75);
        assert_eq!(lists.get(3), [(2, 0.25), (1, 0.125), (0, 0.0625)]);
    }

    #[test]
    fn late_sessions_short_ones_and_rare_items_count_more() {
        let late = lists_of("a b\na c", Shape { age: 1.0, ..FLAT }, 1);
        assert_eq!(late.get(0), [(2, libm::expf(-0.5)), (1, libm::expf(-1.0))]);
        let short = lists_of("a b\na c d e", Shape { crowd: 0.5, ..FLAT }, 1);
        assert_eq!(short.get(0)[..2], [(1, libm::powf(2.0, -0.5)), (2, libm::powf(4.0, -0.5))]);
        let rare = lists_of("a b c\nd b\nd b\nd b", Shape { lift: 1.0, ..FLAT }, 1);
        assert_eq!((rare.get(0), rare.total(0)), ([(2, 0.5), (1, 0.25)].as_slice(), 1.5));
    }

    #[test]
    fn support_counts_sessions_and_not_clicks() {
        let shape = Shape { step: 0.5, back: 0.25, ..FLAT };
        let lists = lists_of("a b a b a b\na c\na c", shape, 2);
        assert_eq!(lists.get(0), [(2, 2.0)]);
        assert!(lists.get(1).is_empty());
    }

    #[test]
    fn returns_are_shares_of_the_most_common_one() {
        let log = read(&mut "a b a\na b a\na b c a".as_bytes(), &[], &mut |_| ()).unwrap();
        // One other item ago: 2 of 4 clicks; two ago: 1 of 1.
        assert_eq!(returns(&log.sessions, 3, 3), [0.0, 0.5, 1.0]);
    }
}
