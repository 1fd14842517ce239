//! Lists as they would speak from a model, without making one: so that hundreds
//! of ways to count and to cut can be tried. Never differs from the engine's
//! `rank`, which a test holds it to; only the place of one item is asked for, so
//! that nothing needs to be sorted.

use std::ops::Range;

use vitrine_engine::lists::scale;
use vitrine_engine::recommend::{HISTORY, HOP_SHIFT, HOPS, Model, POPULAR_LIMIT};

use crate::assemble::{Serving, serve};
use crate::cut::{Mill, Pairs};
use crate::evaluate::{Figures, Judge};
use crate::lists::Lists;
use crate::log::Log;

/// The followers of every item, with weight × scale.
#[derive(Debug, Clone)]
pub struct Trial {
    starts: Vec<u32>,
    followers: Vec<(u32, u32)>,
    /// What the weights and scales cost, by how often each is said, in bits.
    pub bits: f64,
}

/// Lists with all that does not change from trial to trial.
#[derive(Debug, Clone, Copy)]
pub struct Stand<'a> {
    /// The lists.
    pub lists: &'a Lists,
    /// Their pairs.
    pub pairs: &'a Pairs,
    /// The pairs' ranks.
    pub ranks: &'a [u32],
}

impl Trial {
    /// With the best `pairs`.
    #[must_use]
    pub fn new(stand: Stand, serving: Serving, pairs: usize) -> Trial {
        let Stand { lists, ranks, .. } = stand;
        let mill = Mill::new(serving.cut.grain);
        let strengths: Vec<f32> =
            (0..lists.items()).map(|item| crate::assemble::strength(lists, item, serving.power)).collect();
        let strongest = strengths.iter().copied().fold(0.0, f32::max);
        let mut trial = Trial { starts: vec![0], followers: Vec::new(), bits: 0.0 };
        let mut said = vec![0u8; lists.followers()];
        let mut scales = [0u32; 32];
        for (item, strength) in (0..lists.items()).zip(&strengths) {
            let followers = lists.get(item);
            let first = followers.first().map_or(1.0, |(_, weight)| *weight);
            let step = mill.scale(strength / strongest);
            let mut is_empty = true;
            for ((other, weight), at) in followers.iter().zip(lists.start(item)..) {
                if ranks.get(at).is_some_and(|rank| (*rank as usize) < pairs) {
                    let weight = mill.weight(weight / first);
                    if let Some(said) = said.get_mut(at) {
                        *said = weight;
                    }
                    trial.followers.push((*other, u32::from(weight) * scale(step)));
                    is_empty = false;
                }
            }
            if let Some(count) = scales.get_mut(if is_empty { 0 } else { usize::from(step) }) {
                *count += 1;
            }
            trial.starts.push(trial.followers.len() as u32);
        }
        let mut weights = vec![0u32; 256];
        for [one, other] in stand.pairs.ends() {
            let weight = |end: &u32| said.get(*end as usize).copied().unwrap_or_default();
            let both = usize::from(weight(one)) << 4 | usize::from(weight(other));
            if let Some(count) = weights.get_mut(both).filter(|_| both > 0) {
                *count += 1;
            }
        }
        trial.bits = entropy(&weights) + entropy(&scales);
        trial
    }

    fn get(&self, item: u32) -> &[(u32, u32)] {
        let Some([start, end, ..]) = self.starts.get(item as usize..) else { return &[] };
        self.followers.get(*start as usize..*end as usize).unwrap_or_default()
    }

    /// The figures on a span of a log's sessions, on at most about `rows` rows
    /// spread evenly, as [`crate::evaluate::by_tail`] has them.
    #[must_use]
    pub fn judge(
        &self,
        log: &Log,
        (span, rows): (Range<usize>, usize),
        (serving, returns, popular): (Serving, &[f32], &[u32]),
    ) -> Figures {
        let mut model = Model::default();
        serve(&mut model, returns, serving);
        let mut desk = Desk { scores: vec![0; log.ids.len()], touched: Vec::new() };
        let mut judge = Judge::default();
        let popular = popular.get(..POPULAR_LIMIT).unwrap_or(popular);
        for (prefix, label) in log.sessions.rows(span, rows) {
            let recent = recent(prefix);
            self.score(&model, &recent, &mut desk);
            let place = desk.place(label, popular, &[]);
            let novel = (!prefix.contains(&label)).then(|| desk.place(label, popular, prefix));
            judge.record(place, novel);
            desk.clear();
        }
        judge.figures()
    }

    /// As the engine's `rank::score`.
    fn score(&self, model: &Model, recent: &[u32], desk: &mut Desk) {
        for (ago, item) in recent.iter().enumerate() {
            let decay = u32::from(model.decay.get(ago).copied().unwrap_or_default());
            desk.add(*item, model.repeat.get(ago).copied().unwrap_or_default());
            for (other, word) in self.get(*item) {
                desk.add(*other, decay * word);
            }
        }
        if model.hop == 0 {
            return;
        }
        let mut best: Vec<(u32, u32)> = Vec::with_capacity(HOPS + 1);
        for item in &desk.touched {
            let score = desk.score(*item);
            let is_better = |(than, other): &(u32, u32)| (score, other) > (*than, item);
            if score == 0
                || best.len() >= HOPS && !best.last().is_some_and(is_better)
                || recent.contains(item)
            {
                continue;
            }
            let at = best.iter().position(is_better).unwrap_or(best.len());
            best.insert(at, (score, *item));
            best.truncate(HOPS);
        }
        for (score, item) in best {
            for (other, word) in self.get(item) {
                let more = (u64::from(score) * u64::from(*word) * u64::from(model.hop)) >> HOP_SHIFT;
                desk.add(*other, more.min(u64::from(u32::MAX)) as u32);
            }
        }
    }
}

/// Scores by item, and whose are not zero.
struct Desk {
    scores: Vec<u32>,
    touched: Vec<u32>,
}

impl Desk {
    fn add(&mut self, item: u32, more: u32) {
        if let Some(score) = self.scores.get_mut(item as usize).filter(|_| more > 0) {
            if *score == 0 {
                self.touched.push(item);
            }
            *score = score.saturating_add(more);
        }
    }

    fn score(&self, item: u32) -> u32 {
        self.scores.get(item as usize).copied().unwrap_or_default()
    }

    fn clear(&mut self) {
        for item in self.touched.drain(..) {
            if let Some(score) = self.scores.get_mut(item as usize) {
                *score = 0;
            }
        }
    }

    /// The place of an item among all that are not kept out, from 1 on.
    fn place(&self, item: u32, popular: &[u32], out: &[u32]) -> usize {
        let own = self.score(item);
        let stands_before = |other: &&u32| {
            let score = self.score(**other);
            (score > own || score == own && **other < item) && !out.contains(other)
        };
        let before = self.touched.iter().filter(stands_before).count();
        if own > 0 {
            return before + 1;
        }
        let mut fill = popular.iter().filter(|other| self.score(**other) == 0 && !out.contains(other));
        fill.position(|other| *other == item).map_or(usize::MAX, |at| before + at + 1)
    }
}

/// The last distinct items of a session, the last one first.
fn recent(session: &[u32]) -> Vec<u32> {
    let mut recent = Vec::with_capacity(HISTORY);
    for item in session.iter().rev() {
        if recent.len() < HISTORY && !recent.contains(item) {
            recent.push(*item);
        }
    }
    recent
}

/// What symbols cost that are said so often, in bits.
fn entropy(counts: &[u32]) -> f64 {
    let all: f64 = counts.iter().map(|count| f64::from(*count)).sum();
    let bits = |count: &u32| f64::from(*count) * libm::log2(all / f64::from(*count));
    counts.iter().filter(|count| **count > 0).map(bits).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assemble::{Goods, by_clicks, fit};
    use crate::cut::Cut;
    use crate::evaluate::by_tail;
    use crate::lists::{Occurrences, Shape, count, returns};
    use crate::read::read;
    use crate::tune::clicks;
    use vitrine_engine::recommend::Index;
    use vitrine_engine::rng::Rng;

    /// Walks among 400 items in rings of twenty, with steps back and strays.
    fn log() -> Log {
        let mut rng = Rng::new(21, 0);
        let mut text = String::new();
        for _ in 0..900 {
            let (mut ring, mut at) = (rng.below(20), rng.below(20));
            for _ in 0..1 + rng.below(9) {
                text.push_str(&format!("{:03} ", ring * 20 + at));
                at = if rng.below(4) == 0 { (at + 19) % 20 } else { (at + 1 + rng.below(3)) % 20 };
                ring = if rng.below(10) == 0 { rng.below(20) } else { ring };
            }
            text.push('\n');
        }
        read(&mut text.as_bytes(), &[], &mut |_| ()).unwrap()
    }

    #[test]
    fn a_trial_judges_as_the_model_made_of_it() {
        let log = log();
        let (end, items) = (log.sessions.len() * 8 / 10, log.ids.len());
        let occurrences = Occurrences::new(&log.sessions, end, items);
        let (clicks, returns) = (clicks(&occurrences), returns(&log.sessions, end, HISTORY));
        let lists = count(&log.sessions, &occurrences, Shape::default(), 1);
        let goods = Goods {
            ids: &log.ids,
            clicks: &clicks,
            lists: &lists,
            returns: &returns,
            cards: &[],
            together: None,
            hours: &[],
            intent: None,
        };
        let (pairs, popular) = (Pairs::of(&lists), by_clicks(&clicks, items));
        // Places in the order of the ids, so that equals stand alike.
        let places: Vec<u32> = (0..items as u32).collect();
        let wide = Serving::default();
        let coarse = Cut { grain: 2.0, depth: 0.5, trust: 1.4, keep: 0.8 };
        for (serving, budget) in [
            (wide, 1 << 20),
            (Serving { hop: 0.0, repeat: 0.1, ..wide }, 3000),
            (Serving { cut: coarse, hop: 1.2, ..wide }, 1 << 20),
            (Serving { cut: coarse, ..wide }, 2500),
        ] {
            let fitted = fit(&goods, serving, &places, (budget, 0)).unwrap();
            let index = Index::new(&fitted.model);
            let ranks = pairs.ranks(&lists, serving.cut);
            let trial =
                Trial::new(Stand { lists: &lists, pairs: &pairs, ranks: &ranks }, serving, fitted.pairs);
            let rows = (end..log.sessions.len(), 700);
            let tried = trial.judge(&log, rows.clone(), (serving, &returns, &popular));
            let open = |_: &[&str]| (&fitted.model, &index);
            assert_eq!(tried, by_tail(&open, &log, rows.0, rows.1), "{serving:?} within {budget}");
            assert!(tried.rows > 300 && tried.hr20 > 0.4, "{tried:?}");
            // What weights cost is most of what is not gaps.
            let packed = fitted.model.lists.0.len() as f64 * 8.0;
            assert!(trial.bits < packed && trial.bits > packed * 0.2, "{} of {packed} bits", trial.bits);
        }
    }
}
