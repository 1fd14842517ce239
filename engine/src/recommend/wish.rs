//! What the marketer asks of a strip. Never read by a page: it hands the packed
//! wish to whoever ranks, as it came with the plan.

use alloc::string::String;
use alloc::vec::Vec;

use crate::pack::{Input, Pack, pack_enum, pack_struct};

/// Products of one strip.
pub const COUNT_LIMIT: u8 = 12;
/// A factor that changes nothing: boosts are in 1/256.
pub const FACTOR_ONE: u16 = 256;
/// The highest boost, tenfold: nothing is eleven places behind what it should
/// overtake.
pub const FACTOR_MAX: u16 = 10 * FACTOR_ONE;
/// Pins, bans and boosts of one strip, each: a merchant's list, not a catalogue.
pub const NAMED_LIMIT: usize = 64;

/// How products are ranked, filtered and mixed for one strip.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wish {
    /// By what.
    pub ranking: Ranking,
    /// How many at most, 1..=[`COUNT_LIMIT`].
    pub count: u8,
    /// What must not be offered.
    pub exclude: Exclude,
    /// Products of one category at most; 0 without a limit.
    pub per_category: u8,
    /// Ids that stand first, in this order, where they may be offered.
    pub pins: Vec<String>,
    /// What is never offered.
    pub bans: Vec<(Trait, String)>,
    /// What weighs more or less, in 1/256 up to [`FACTOR_MAX`].
    pub boosts: Vec<(Trait, String, u16)>,
    /// What stands there where this finds no product at all.
    pub otherwise: Option<Otherwise>,
}

/// Another row in the place of an empty one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Otherwise {
    /// By what.
    pub ranking: Ranking,
    /// Its heading: a language, its text, and so on; a language stands behind
    /// those that begin with it, and the last is empty and fits every page.
    pub titles: Vec<String>,
}

/// By what products are ranked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ranking {
    /// What others went on to.
    #[default]
    Next,
    /// What goes into the same basket as what is in the cart, or was bought.
    BoughtTogether,
    /// What this visitor looked at, the latest first.
    RecentlyViewed,
    /// What most people look at, in the category at hand.
    Popular,
    /// What costs less than when this visitor looked at it.
    BackInReach,
}

/// What a ban or a boost goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trait {
    /// The product's id.
    Item,
    /// Its category, folded.
    Category,
    /// Its brand, folded.
    Brand,
}

/// What must not be offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exclude {
    /// What was bought.
    pub purchased: bool,
    /// What is in the cart.
    pub in_cart: bool,
    /// What was viewed.
    pub viewed: bool,
}

impl Otherwise {
    /// The heading for a page's language.
    #[must_use]
    pub fn title(&self, language: &str) -> Option<&String> {
        for pair in self.titles.chunks_exact(2) {
            let [own, text] = pair else { continue };
            let rest = language.strip_prefix(own.as_str());
            if own.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-')) {
                return Some(text);
            }
        }
        None
    }
}

impl Wish {
    /// The packed wish, as a plan carries it.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.pack(&mut out);
        out
    }

    /// Reads a packed wish; foreign bytes are no wish.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Wish> {
        let mut input = Input::new(bytes);
        let wish = Wish::unpack(&mut input);
        let named = wish.pins.len().max(wish.bans.len()).max(wish.boosts.len());
        let fits = named <= NAMED_LIMIT && (1..=COUNT_LIMIT).contains(&wish.count);
        let is_mild = wish.boosts.iter().all(|(_, _, factor)| *factor <= FACTOR_MAX);
        (fits && is_mild && input.is_done() && !input.is_broken()).then_some(wish)
    }
}

/// As a pair and a factor.
impl Pack for (Trait, String, u16) {
    fn pack(&self, out: &mut Vec<u8>) {
        self.0.pack(out);
        self.1.pack(out);
        self.2.pack(out);
    }

    fn unpack(input: &mut Input) -> Self {
        (Pack::unpack(input), Pack::unpack(input), Pack::unpack(input))
    }
}

pack_struct!(Wish { ranking, count, exclude, per_category, pins, bans, boosts, otherwise });
pack_struct!(Otherwise { ranking, titles });
pack_struct!(Exclude { purchased, in_cart, viewed });
pack_enum!(Ranking {
    0 Next, 1 BoughtTogether, 2 RecentlyViewed, 3 Popular, 4 BackInReach,
} else Ranking::Next);
pack_enum!(Trait { 0 Item, 1 Category, 2 Brand } else Trait::Item);
