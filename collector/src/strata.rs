//! Counts by day and odds, for judging and for learning. Never counts what the
//! marketer's weights or the holdout did as evidence to learn from.

use std::collections::BTreeMap;

use vitrine_engine::arm::{HOLDOUT, Stream};
use vitrine_engine::bandit::{Aim, Odds};
use vitrine_engine::hash::hash64;
use vitrine_engine::plan::{Campaign, Plan};
use vitrine_engine::report::{Counts, Row};
use vitrine_engine::time::DAY;
use vitrine_learn::delay::{self, Cohort, LAGS};
use vitrine_learn::evidence::{Count, History, Window};
use vitrine_learn::settled;

use crate::counters::{Sums, Table};

/// Days that reports may be late: a device that was away for a night.
const LATE: u32 = 1;

/// A site's counts by how they were drawn.
#[derive(Debug, Clone, Default)]
pub struct Strata {
    campaigns: BTreeMap<String, Drawn>,
    /// The part of them that came from browsers which forget.
    forgetful: BTreeMap<String, Drawn>,
    /// Each campaign's converters by the day of the draw and the days since.
    lags: BTreeMap<String, BTreeMap<u32, Vec<u64>>>,
    /// Each leaf's odds by epoch, oldest first.
    odds: BTreeMap<(String, String), Vec<(u32, Weights)>>,
    /// The day on which a campaign's messages or weights last changed.
    changed: BTreeMap<String, u32>,
}

/// A campaign's counts by how they were drawn.
type Drawn = BTreeMap<Key, Counts>;

/// Messages and their weights.
type Weights = Vec<(String, u32)>;

/// Whose counts are judged, and when.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// One leaf, or all.
    pub leaf: Option<&'a str>,
    /// Without the browsers that forget after seven days.
    pub is_lasting: bool,
    /// The site's local day.
    pub today: u32,
}

/// What was drawn alike, and the message. The epoch is 0 where it says nothing
/// of the odds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    leaf: String,
    day: u32,
    stream: Stream,
    epoch: u32,
    message: String,
}

impl Strata {
    /// Adds a row of a report.
    pub fn add(&mut self, row: &Row, is_forgetful: bool) {
        add(&mut self.campaigns, row);
        if is_forgetful {
            self.add_forgetful(row);
        }
    }

    /// Adds what a group of reports added up to.
    pub fn merged(&mut self, sums: &Sums) {
        for ((campaign, day, lag), converters) in &sums.lags {
            self.add_lag(campaign, (*day, *lag), *converters);
        }
        for (table, row) in &sums.rows {
            match table {
                Table::All => self.add(row, false),
                Table::Forgetful => self.add_forgetful(row),
            }
        }
    }

    /// Marks a row that was added as one of a browser that forgets.
    pub fn add_forgetful(&mut self, row: &Row) {
        add(&mut self.forgetful, row);
    }

    /// Adds converters who came so many days after the day of their draw.
    pub fn add_lag(&mut self, campaign: &str, (day, lag): (u32, u32), converters: u64) {
        let campaign = self.lags.entry(campaign.into()).or_default();
        let (by_lag, lag) = (campaign.entry(day).or_default(), (lag as usize).min(LAGS));
        by_lag.resize(by_lag.len().max(lag + 1), 0);
        by_lag.get_mut(lag).into_iter().for_each(|sum| *sum = sum.saturating_add(converters));
    }

    /// How many of a campaign's visitors have browsers that forget.
    #[must_use]
    pub fn forgetful(&self, campaign: &str) -> u64 {
        self.forgetful.get(campaign).map_or(0, |drawn| drawn.values().map(|counts| counts.visitors).sum())
    }

    /// Remembers odds that were published.
    pub fn publish_odds(&mut self, odds: &Odds) {
        for leaf in &odds.leaves {
            let known = self.odds.entry((leaf.campaign.clone(), leaf.leaf.clone())).or_default();
            if known.last().is_none_or(|(_, weights)| *weights != leaf.weights) {
                known.push((odds.epoch, leaf.weights.clone()));
            }
        }
    }

    /// Remembers on which day each campaign's draws changed with a new plan.
    pub fn publish(&mut self, old: Option<&Plan>, new: &Plan, day: u32) {
        for campaign in &new.campaigns {
            let before = old.and_then(|old| old.campaigns.iter().find(|other| other.id == campaign.id));
            if before.is_none_or(|before| draws(before) != draws(campaign)) {
                self.changed.insert(campaign.id.clone(), day);
            }
        }
    }

    /// What is to be judged of a campaign, of one leaf or all.
    #[must_use]
    pub fn campaign(&self, plan: &Plan, campaign: &Campaign, asked: &Asked<'_>) -> settled::Campaign {
        let Asked { leaf, is_lasting, today } = *asked;
        let patience = window(plan, campaign).saturating_add(LATE);
        let arms = campaign.messages.len();
        let mut judged = settled::Campaign {
            baseline: campaign.messages.iter().position(|message| message.baseline),
            open: vec![Counts::default(); arms],
            by_revenue: campaign.by_revenue,
            starves: campaign.aim == Aim::Earn,
            is_top_two: campaign.aim == Aim::Learn,
            seed: hash64(campaign.id.as_bytes()),
            ..settled::Campaign::default()
        };
        let mut leaves: BTreeMap<&str, usize> = BTreeMap::new();
        let mut strata: BTreeMap<(usize, u32, Stream, u32), settled::Stratum> = BTreeMap::new();
        let mut cohorts: BTreeMap<(usize, u32), settled::Cohort> = BTreeMap::new();
        let mut first = today;
        let forgetful = self.forgetful.get(&campaign.id).filter(|_| is_lasting);
        for (key, counts) in self.campaigns.get(&campaign.id).into_iter().flatten() {
            let part = forgetful.and_then(|drawn| drawn.get(key));
            let counts = &part.map_or(*counts, |part| less(counts, part));
            if key.stream == Stream::Global || leaf.is_some_and(|leaf| leaf != key.leaf) {
                continue;
            }
            first = first.min(key.day);
            let at = campaign.messages.iter().position(|message| message.id == key.message);
            let is_held = key.message == HOLDOUT;
            if key.day.saturating_add(patience) >= today {
                judged.open_days = judged.open_days.max(today.saturating_sub(key.day) + 1);
                let open = if is_held {
                    Some(&mut judged.open_holdout)
                } else {
                    at.and_then(|at| judged.open.get_mut(at))
                };
                open.into_iter().for_each(|open| open.add(counts));
                continue;
            }
            let count = leaves.len();
            let leaf = *leaves.entry(&key.leaf).or_insert(count);
            let none = || vec![Counts::default(); arms];
            let cohort = cohorts
                .entry((leaf, key.day))
                .or_insert_with(|| settled::Cohort { arms: none(), ..settled::Cohort::default() });
            if is_held {
                cohort.holdout.add(counts);
                continue;
            }
            let Some(at) = at else { continue };
            cohort.arms.get_mut(at).into_iter().for_each(|arm| arm.add(counts));
            let stratum = strata
                .entry((leaf, key.day, key.stream, key.epoch))
                .or_insert_with(|| settled::Stratum { leaf, arms: none(), ..self.stratum(campaign, key) });
            stratum.arms.get_mut(at).into_iter().for_each(|arm| arm.add(counts));
        }
        judged.settles_in = first.saturating_add(patience).saturating_add(1).saturating_sub(today);
        judged.strata = strata.into_values().collect();
        judged.cohorts = cohorts.into_values().collect();
        judged
    }

    /// What odds are learnt from: each leaf's counts by message, day by day, in
    /// which who may still convert counts only in part.
    #[must_use]
    pub fn history(&self, plan: &Plan, campaign: &Campaign, leaves: &[String]) -> History {
        let longest = window(plan, campaign) as usize;
        let none: Window = vec![vec![Count::default(); campaign.messages.len()]; leaves.len()];
        let mut days: BTreeMap<u32, (Cohort, u64)> = BTreeMap::new();
        for (key, counts) in self.campaigns.get(&campaign.id).into_iter().flatten() {
            if key.message == HOLDOUT {
                continue;
            }
            let (cohort, converters) = days
                .entry(key.day)
                .or_insert_with(|| (Cohort { day: key.day, counts: none.clone(), by_lag: None }, 0));
            *converters += counts.converters;
            let leaf = leaves.iter().position(|leaf| *leaf == key.leaf);
            let arm = campaign.messages.iter().position(|message| message.id == key.message);
            let (Some(leaf), Some(arm), Stream::Random | Stream::Adaptive) = (leaf, arm, key.stream) else {
                continue;
            };
            let cell = cohort.counts.get_mut(leaf).and_then(|arms| arms.get_mut(arm));
            cell.into_iter().for_each(|cell| cell.add(&Count::from(counts)));
        }
        let lags = self.lags.get(&campaign.id);
        let cohorts = days.into_iter().map(|(day, (cohort, converters))| {
            // Of days from before lags were kept only late ones are known.
            let mut by_lag = lags.and_then(|lags| lags.get(&day)).cloned().unwrap_or_default();
            let is_whole = by_lag.iter().sum::<u64>() == converters;
            // No device tells of a converter after the goal's window.
            by_lag.truncate(longest.saturating_add(1));
            Cohort { by_lag: is_whole.then_some(by_lag), ..cohort }
        });
        delay::history(&cohorts.collect::<Vec<_>>(), &none)
    }

    /// How visitors were drawn, before they are counted.
    fn stratum(&self, campaign: &Campaign, key: &Key) -> settled::Stratum {
        let is_steady = self.changed.get(&campaign.id).is_none_or(|day| key.day > *day);
        let odds = self.odds(campaign, key);
        settled::Stratum {
            day: key.day,
            is_checked: is_steady,
            // Uniform and the marketer's weights are known as they are now.
            odds: odds.filter(|_| is_steady || key.stream == Stream::Adaptive),
            is_learnt: key.stream != Stream::Fixed,
            ..settled::Stratum::default()
        }
    }

    /// The weights of the campaign's messages by which a stratum was drawn.
    fn odds(&self, campaign: &Campaign, key: &Key) -> Option<Vec<u32>> {
        match key.stream {
            Stream::Random => Some(vec![1; campaign.messages.len()]),
            Stream::Fixed if campaign.aim == Aim::Split => {
                Some(campaign.messages.iter().map(|message| message.weight).collect())
            }
            Stream::Adaptive => {
                let known = self.odds.get(&(campaign.id.clone(), key.leaf.clone()))?;
                let after = known.partition_point(|(epoch, _)| *epoch <= key.epoch);
                let (_, weights) = known.get(after.checked_sub(1)?)?;
                let weight = |id: &str| weights.iter().find(|(known, _)| known == id).map_or(0, |(_, w)| *w);
                Some(campaign.messages.iter().map(|message| weight(&message.id)).collect())
            }
            _ => None,
        }
    }
}

fn add(campaigns: &mut BTreeMap<String, Drawn>, row: &Row) {
    let epoch = if row.stream == Stream::Adaptive { row.epoch } else { 0 };
    let key =
        Key { leaf: row.leaf.clone(), day: row.day, stream: row.stream, epoch, message: row.message.clone() };
    let campaign = campaigns.entry(row.campaign.clone()).or_default();
    campaign.entry(key).or_default().add(&row.counts);
}

/// What judging reads of counts, without a part of them.
fn less(counts: &Counts, part: &Counts) -> Counts {
    Counts {
        visitors: counts.visitors.saturating_sub(part.visitors),
        converters: counts.converters.saturating_sub(part.converters),
        revenue: counts.revenue.saturating_sub(part.revenue),
        revenue2: counts.revenue2.saturating_sub(part.revenue2),
        ..*counts
    }
}

/// What decides how a campaign's visitors are allotted.
fn draws(campaign: &Campaign) -> (Aim, Vec<(&str, u32)>) {
    (campaign.aim, campaign.messages.iter().map(|message| (message.id.as_str(), message.weight)).collect())
}

/// Days that a campaign's visitors have to convert.
fn window(plan: &Plan, campaign: &Campaign) -> u32 {
    let window = plan.goals.get(usize::from(campaign.goal)).map_or(0, |goal| goal.window);
    u32::try_from(window.div_ceil(DAY)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
