//! A logged campaign and a policy that might have been, as files in the form
//! of the Open Bandit Dataset. Never reads a visitor's features.

use std::collections::BTreeMap;
use std::io::BufRead;

use crate::csv::{Table, Trouble};

/// Rows of a log: at 24 bytes each, 1.2 GB at the very worst.
const ROWS: usize = 50_000_000;
/// Choices of a policy: items times positions.
const CHOICES: usize = 1_000_000;
/// How far the probabilities of a position may be from 1 in all: what rounding
/// to five places does to a hundred items.
const ROUNDING: f64 = 1e-3;

/// What a policy would show: probabilities by position and item.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// One entry a choice, in the order of the file.
    pub choices: Vec<Choice>,
    known: BTreeMap<(String, String), usize>,
    /// Each position's number.
    positions: BTreeMap<String, usize>,
}

/// One item at one position.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// The position's number.
    pub position: usize,
    /// The item's number.
    pub item: usize,
    /// How probable the policy shows it there, 0 to 1.
    pub probability: f64,
}

/// What was shown once, and what came of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shown {
    /// Which of the policy's choices it was; one that it never makes has an
    /// entry of probability 0.
    pub choice: usize,
    /// 1 / the probability with which it was shown.
    pub inverse: f64,
    /// The click, 0 or 1, or another reward.
    pub reward: f64,
}

impl Policy {
    /// Reads `item_id,position,probability`.
    ///
    /// # Errors
    /// A line is not what it should be, a choice stands twice, or a position's
    /// probabilities are not 1 in all.
    pub fn read(input: impl BufRead) -> Result<Policy, Trouble> {
        let wanted = ["item_id", "position", "probability"];
        let mut table = Table::open(input, &wanted)?;
        need(&table, &wanted)?;
        let (mut policy, mut items) = (Policy::default(), BTreeMap::new());
        let mut sums: Vec<f64> = Vec::new();
        while let Some(row) = table.row()? {
            let [item, position, probability] = row.as_slice() else { continue };
            let probability = number(&table, "probability", probability)?;
            if !(0.0..=1.0).contains(&probability) {
                return Err(table.bad(&format!("`probability` is {probability}; it lies between 0 and 1")));
            }
            if policy.choices.len() >= CHOICES {
                return Err(table.bad(&format!("more than {CHOICES} choices")));
            }
            let count = policy.positions.len();
            let place = *policy.positions.entry(position.clone()).or_insert(count);
            let count = items.len();
            let number = *items.entry(item.clone()).or_insert(count);
            let key = (position.clone(), item.clone());
            if policy.known.insert(key, policy.choices.len()).is_some() {
                return Err(table.bad(&format!("item `{item}` at position `{position}` stands twice")));
            }
            policy.choices.push(Choice { position: place, item: number, probability });
            if sums.len() <= place {
                sums.resize(place + 1, 0.0);
            }
            if let Some(sum) = sums.get_mut(place) {
                *sum += probability;
            }
        }
        for (name, at) in &policy.positions {
            let sum = sums.get(*at).copied().unwrap_or_default();
            if (sum - 1.0).abs() > ROUNDING {
                return Err(Trouble::Bad(format!(
                    "the probabilities of position `{name}` sum up to {sum}; they have to be 1 in all"
                )));
            }
        }
        if policy.choices.is_empty() {
            return Err(Trouble::Bad("it names no choice".into()));
        }
        Ok(policy)
    }

    /// The choice of an item at a position; `None` at a position that the
    /// policy does not know.
    fn choice(&mut self, position: &str, item: &str) -> Option<usize> {
        let key = (position.to_owned(), item.to_owned());
        if let Some(at) = self.known.get(&key) {
            return Some(*at);
        }
        let place = *self.positions.get(position)?;
        // An item that the policy never shows needs no number of its own: it
        // weighs nothing.
        self.choices.push(Choice { position: place, item: usize::MAX, probability: 0.0 });
        self.known.insert(key, self.choices.len() - 1);
        Some(self.choices.len() - 1)
    }
}

/// Reads a log: `item_id`, `position`, `propensity_score`, and `click` or
/// `reward`; other columns are passed over.
///
/// # Errors
/// A line is not what it should be, or nothing was logged.
pub fn read(input: impl BufRead, policy: &mut Policy) -> Result<Vec<Shown>, Trouble> {
    let wanted = ["item_id", "position", "propensity_score", "click", "reward"];
    let mut table = Table::open(input, &wanted)?;
    let result = if table.has(3) { "click" } else { "reward" };
    if !table.has(3) && !table.has(4) {
        return Err(Trouble::Bad("line 1: there is neither a column `click` nor one `reward`".into()));
    }
    need(&table, &wanted[..3])?;
    let mut log = Vec::new();
    while let Some(row) = table.row()? {
        let [item, position, propensity, click, reward] = row.as_slice() else { continue };
        let propensity = number(&table, "propensity_score", propensity)?;
        if !(propensity > 0.0 && propensity <= 1.0) {
            return Err(table.bad(&format!(
                "`propensity_score` is {propensity}; it is the probability with which this item was shown here, above 0 and at most 1"
            )));
        }
        let reward = number(&table, result, if table.has(3) { click } else { reward })?;
        if table.has(3) && reward != 0.0 && reward != 1.0 {
            return Err(table.bad(&format!("`click` is {reward}; it is 0 or 1")));
        }
        let Some(choice) = policy.choice(position, item) else {
            return Err(table.bad(&format!("the policy says nothing of position `{position}`")));
        };
        if log.len() >= ROWS || policy.choices.len() > CHOICES {
            return Err(table.bad(&format!("more than {ROWS} rows or {CHOICES} choices")));
        }
        log.push(Shown { choice, inverse: 1.0 / propensity, reward });
    }
    if log.is_empty() {
        return Err(Trouble::Bad("it has no rows below its first line".into()));
    }
    Ok(log)
}

fn need<R: BufRead>(table: &Table<R>, wanted: &[&str]) -> Result<(), Trouble> {
    match wanted.iter().enumerate().find(|(at, _)| !table.has(*at)) {
        Some((_, name)) => Err(Trouble::Bad(format!("line 1: there is no column `{name}`"))),
        None => Ok(()),
    }
}

fn number<R: BufRead>(table: &Table<R>, name: &str, text: &str) -> Result<f64, Trouble> {
    let number = text.trim().parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| {
        let shown = vitrine_engine::text::clip(text, 40);
        table.bad(&format!("`{shown}` in the column `{name}` is not a number"))
    })
}
