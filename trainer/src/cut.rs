//! Which pairs of items a model keeps, and how finely it says what they weigh.
//! Never counts, and never looks at a budget: it puts pairs in order, the ones
//! worth most first, and whoever packs takes as many as fit.

use vitrine_engine::lists::{SCALE_MAX, WEIGHT_MAX};

use crate::lists::{LENGTH, Lists};

/// Steps of a list's scale in one doubling; see [`vitrine_engine::lists::scale`].
const STEPS_A_DOUBLING: f32 = 4.0;
/// An end of a pair that is not there: only one of the two follows the other.
const NONE: u32 = u32::MAX;

/// What is left out where bytes are short.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cut {
    /// A follower is worth its weight to this power: above 1, what was seen once
    /// is trusted the less; 0.5..=4.
    pub trust: f32,
    /// And the less the further down its list, where better ones have taken the
    /// places already: by the place to minus this power; 0..=2.
    pub depth: f32,
    /// How coarsely weights and scales are said, as a place among [`GRAINS`].
    pub grain: f32,
    /// The part of all pairs that is worth keeping where bytes are plenty; above
    /// 0, at most 1.
    pub keep: f32,
}

/// Where the search begins, and what a log too short to choose by gets.
impl Default for Cut {
    fn default() -> Self {
        Cut { trust: 1.0, depth: 1.0, grain: 0.0, keep: 1.0 }
    }
}

/// A way to say weights: fewer different ones cost fewer bits each, so that more
/// pairs find room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grain {
    /// The weights that are said, ascending.
    weights: &'static [u8],
    /// Steps between two scales that are said.
    step: u8,
}

/// From the finest to the coarsest.
pub const GRAINS: [Grain; 5] = [
    Grain { weights: &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], step: 1 },
    Grain { weights: &[1, 2, 3, 4, 6, 8, 11, 15], step: 2 },
    Grain { weights: &[2, 4, 8, 15], step: 2 },
    Grain { weights: &[2, 6, 15], step: 4 },
    Grain { weights: &[4, 15], step: 4 },
];

/// A grain ready for use.
#[derive(Debug, Clone, Copy)]
pub struct Mill {
    /// For each weight of the finest grain the one that is said.
    weights: [u8; WEIGHT_MAX as usize + 1],
    step: u8,
}

impl Mill {
    /// Of a grain by its place, the finest where there is none such.
    #[must_use]
    pub fn new(grain: f32) -> Mill {
        let [finest, ..] = GRAINS;
        let Grain { weights, step } = GRAINS.get(grain as usize).copied().unwrap_or(finest);
        let mut said = [1; WEIGHT_MAX as usize + 1];
        for (weight, said) in (0u8..).zip(&mut said).skip(1) {
            // Near is what is so many times as much, since it is shares that count.
            let far = |known: &&u8| {
                let (less, more) = (weight.min(**known), weight.max(**known));
                u32::from(more) * 1000 / u32::from(less)
            };
            *said = weights.iter().min_by_key(far).copied().unwrap_or(weight);
        }
        Mill { weights: said, step }
    }

    /// The weight that is said of a follower whose share of the first one's is this.
    #[must_use]
    pub fn weight(&self, share: f32) -> u8 {
        let weight = libm::roundf(share * f32::from(WEIGHT_MAX)).clamp(1.0, f32::from(WEIGHT_MAX));
        self.weights.get(weight as usize).copied().unwrap_or(1)
    }

    /// The scale of a list that is this part of the strongest one.
    #[must_use]
    pub fn scale(&self, part: f32) -> u8 {
        let below = libm::roundf(-libm::log2f(part) * STEPS_A_DOUBLING / f32::from(self.step));
        let below = below.clamp(0.0, f32::from(SCALE_MAX)) as u8;
        SCALE_MAX.saturating_sub(below.saturating_mul(self.step))
    }
}

/// The pairs of some lists: two items of which one follows the other, or each
/// the other, since the second end costs but a weight.
#[derive(Debug, Clone, Default)]
pub struct Pairs {
    /// The places of both ends among all lists' followers.
    ends: Vec<[u32; 2]>,
}

impl Pairs {
    /// Of these lists.
    #[must_use]
    pub fn of(lists: &Lists) -> Pairs {
        let mut ends = Vec::with_capacity(lists.followers());
        for item in 0..lists.items() {
            for ((other, _), at) in lists.get(item).iter().zip(lists.start(item) as u32..) {
                let back = lists.get(*other as usize).iter().position(|(back, _)| *back as usize == item);
                match back {
                    None => ends.push([at, NONE]),
                    Some(place) if item < *other as usize => {
                        ends.push([at, (lists.start(*other as usize) + place) as u32]);
                    }
                    Some(_) => {}
                }
            }
        }
        Pairs { ends }
    }

    /// The places of both ends of each among all lists' followers; the second is
    /// [`u32::MAX`] where only one follows.
    #[must_use]
    pub fn ends(&self) -> &[[u32; 2]] {
        &self.ends
    }

    /// For each follower the rank of its pair, 0 for the one worth most. A pair is
    /// worth what both of its ends are.
    #[must_use]
    pub fn ranks(&self, lists: &Lists, cut: Cut) -> Vec<u32> {
        let depths: [f32; LENGTH] = std::array::from_fn(|place| libm::powf((place + 1) as f32, -cut.depth));
        let mut worths = Vec::with_capacity(lists.followers());
        for item in 0..lists.items() {
            for ((_, weight), depth) in lists.get(item).iter().zip(&depths) {
                let trusted = if cut.trust == 1.0 { *weight } else { libm::powf(*weight, cut.trust) };
                worths.push(trusted * depth);
            }
        }
        let worth = |end: u32| worths.get(end as usize).copied().unwrap_or_default();
        let pairs: Vec<f32> = self.ends.iter().map(|[one, other]| worth(*one) + worth(*other)).collect();
        let mut ranks = vec![0u32; worths.len()];
        for (pair, rank) in highest_first(&pairs).iter().zip(0..) {
            for end in self.ends.get(*pair as usize).into_iter().flatten() {
                if let Some(known) = ranks.get_mut(*end as usize) {
                    *known = rank;
                }
            }
        }
        ranks
    }
}

/// The places of numbers of at least 0, the highest first, equals in order: sorted
/// by their bits, some at a time, which for hundreds of thousands is several
/// times as fast as comparing them.
fn highest_first(numbers: &[f32]) -> Vec<u32> {
    /// A third of a number's bits, and the values that they have.
    const BITS: u32 = 11;
    const VALUES: usize = 1 << BITS;
    // The bits of such numbers grow as they do.
    let mut order: Vec<(u32, u32)> = numbers.iter().map(|number| !number.to_bits()).zip(0..).collect();
    let mut sorted = vec![(0, 0); order.len()];
    for shift in [0, BITS, 2 * BITS] {
        let digit = |key: u32| (key >> shift) as usize % VALUES;
        let mut places = [0u32; VALUES];
        for (key, _) in &order {
            if let Some(count) = places.get_mut(digit(*key)) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for place in &mut places {
            (*place, sum) = (sum, sum + *place);
        }
        for (key, at) in &order {
            if let Some(place) = places.get_mut(digit(*key)) {
                if let Some(free) = sorted.get_mut(*place as usize) {
                    *free = (*key, *at);
                }
                *place += 1;
            }
        }
        std::mem::swap(&mut order, &mut sorted);
    }
    order.into_iter().map(|(_, at)| at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_engine::rng::Rng;

    #[test]
    fn a_coarse_grain_says_the_nearest_of_few_weights() {
        let fine = Mill::new(0.0);
        let coarse = Mill::new(2.0);
        for weight in 1..=WEIGHT_MAX {
            let share = f32::from(weight) / f32::from(WEIGHT_MAX);
            assert_eq!(fine.weight(share), weight);
            assert!([2, 4, 8, 15].contains(&coarse.weight(share)));
        }
        assert_eq!(
            (coarse.weight(0.0), coarse.weight(0.2), coarse.weight(0.4), coarse.weight(1.0)),
            (2, 4, 8, 15)
        );
        assert_eq!((fine.scale(1.0), fine.scale(0.5), fine.scale(0.0)), (31, 27, 0));
        assert_eq!((coarse.scale(0.9), coarse.scale(0.7), coarse.scale(1e-9)), (31, 29, 0));
    }

    #[test]
    fn numbers_are_put_in_order_as_by_comparing_them() {
        let mut rng = Rng::new(61, 0);
        let mut numbers: Vec<f32> = (0..5000).map(|_| (rng.unit() * rng.unit() * 1e4) as f32).collect();
        numbers.extend([0.0, 0.0, 1e-30, f32::MAX, 1.0, 1.0]);
        let mut wanted: Vec<u32> = (0..numbers.len() as u32).collect();
        wanted.sort_by(|a, b| numbers[*b as usize].total_cmp(&numbers[*a as usize]));
        assert_eq!(highest_first(&numbers), wanted);
        assert!(highest_first(&[]).is_empty());
    }

    #[test]
    fn a_pair_is_worth_both_its_ends_and_ranks_follow_trust_and_depth() {
        let mut lists = Lists::empty();
        lists.push(5.0, &[(1, 3.0), (2, 2.0)]);
        lists.push(4.0, &[(0, 4.0)]);
        lists.push(9.0, &[(3, 6.5)]);
        lists.push(0.0, &[]);
        let pairs = Pairs::of(&lists);
        assert_eq!(pairs.ends().len(), 3);
        let flat = Cut { depth: 0.0, ..Cut::default() };
        assert_eq!(pairs.ranks(&lists, flat), [0, 2, 0, 1]);
        assert_eq!(pairs.ranks(&lists, Cut { trust: 3.0, ..flat }), [1, 2, 1, 0]);
    }
}
