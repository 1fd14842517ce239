//! What the chosen settings achieve, on the last tenth of the log. Never chooses:
//! no choice has seen these rows.

use vitrine_engine::recommend::Index;

use super::{Bench, ROWS_NEEDED, Settings, Split};
use crate::assemble::{Serving, fit};
use crate::cut::{Cut, Pairs};
use crate::evaluate::{Figures, by_tail};
use crate::library::Library;
use crate::lists::{Lists, count};
use crate::order::by_likeness;
use crate::shards::divide;
use crate::trial::{Stand, Trial};

/// Rows by which the choice is proved.
const ROWS_PROVED: usize = 20_000;

/// The accuracy of one minimum support, without a budget.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Price {
    /// Distinct sessions a pair.
    pub support: u32,
    /// What it leaves.
    pub figures: Figures,
}

/// The accuracy of one budget.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The most bytes.
    pub budget: usize,
    /// The bytes taken.
    pub bytes: usize,
    /// What they hold.
    pub figures: Figures,
}

impl Bench<'_> {
    /// The accuracy on the last tenth, counted on what is before it, for each
    /// support and without a budget; nothing if the tenth is too small to say.
    #[must_use]
    pub fn prices(&self, settings: Settings, supports: &[u32]) -> Vec<Price> {
        let Split { occurrences, returns, popular, tail, .. } = &self.proved;
        let serving = Serving { cut: Cut::default(), ..settings.serving };
        let price = |support: &u32| {
            let lists = count(&self.log.sessions, occurrences, settings.shape, *support);
            let pairs = Pairs::of(&lists);
            let ranks = vec![0; lists.followers()];
            let stand = Stand { lists: &lists, pairs: &pairs, ranks: &ranks };
            let trial = Trial::new(stand, serving, usize::MAX);
            let figures = trial.judge(self.log, (tail.clone(), ROWS_PROVED), (serving, returns, popular));
            Price { support: *support, figures }
        };
        supports.iter().map(price).filter(|price| price.figures.rows >= ROWS_NEEDED).collect()
    }

    /// As [`Bench::prices`], for budgets, each with settings of its own; those that
    /// hold no model are left out.
    #[must_use]
    pub fn curve(&self, budgets: &[(usize, Settings)]) -> Vec<Point> {
        let mut curve = Vec::new();
        // They are all counted alike.
        let Some((_, settings)) = budgets.first() else { return curve };
        let lists = self.count(*settings);
        let likeness = self.likeness.get_or_init(|| by_likeness(&lists));
        for (budget, settings) in budgets {
            let fitted = fit(&self.goods(&self.proved, &lists), settings.serving, likeness, (*budget, 0));
            let Some(fitted) = fitted else { continue };
            let index = Index::new(&fitted.model);
            let open = |_: &[&str]| (&fitted.model, &index);
            let figures = by_tail(&open, self.log, self.proved.tail.clone(), ROWS_PROVED);
            if figures.rows >= ROWS_NEEDED {
                curve.push(Point { budget: *budget, bytes: fitted.bytes.len(), figures });
            }
        }
        curve
    }

    /// The accuracy of a head and any one shard, as [`Bench::curve`].
    #[must_use]
    pub fn divided(&self, settings: Settings, shards: usize, budget: usize) -> Option<Figures> {
        let lists = self.count(settings);
        let sharded = divide(&self.goods(&self.proved, &lists), settings.serving, shards, budget)?;
        let library = Library::of(&sharded)?;
        let open = |session: &[&str]| {
            let (model, index) = library.open(session);
            (model, index)
        };
        let figures = by_tail(&open, self.log, self.proved.tail.clone(), ROWS_PROVED);
        (figures.rows >= ROWS_NEEDED).then_some(figures)
    }

    fn count(&self, settings: Settings) -> Lists {
        count(&self.log.sessions, &self.proved.occurrences, settings.shape, self.support)
    }
}
