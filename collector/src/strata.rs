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
use vitrine_learn::judge;

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
    pub fn campaign(&self, plan: &Plan, campaign: &Campaign, asked: &Asked<'_>) -> judge::Campaign {
        let Asked { leaf, is_lasting, today } = *asked;
        let patience = window(plan, campaign).saturating_add(LATE);
        let arms = campaign.messages.len();
        let mut judged = judge::Campaign {
            baseline: campaign.messages.iter().position(|message| message.baseline),
            open: vec![Counts::default(); arms],
            by_revenue: campaign.by_revenue,
            starves: campaign.aim == Aim::Earn,
            is_top_two: campaign.aim == Aim::Learn,
            seed: hash64(campaign.id.as_bytes()),
            ..judge::Campaign::default()
        };
        let mut leaves: BTreeMap<&str, usize> = BTreeMap::new();
        let mut strata: BTreeMap<(usize, u32, Stream, u32), judge::Stratum> = BTreeMap::new();
        let mut cohorts: BTreeMap<(usize, u32), judge::Cohort> = BTreeMap::new();
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
                .or_insert_with(|| judge::Cohort { arms: none(), ..judge::Cohort::default() });
            if is_held {
                cohort.holdout.add(counts);
                continue;
            }
            let Some(at) = at else { continue };
            cohort.arms.get_mut(at).into_iter().for_each(|arm| arm.add(counts));
            let stratum = strata
                .entry((leaf, key.day, key.stream, key.epoch))
                .or_insert_with(|| judge::Stratum { leaf, arms: none(), ..self.stratum(campaign, key) });
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
    fn stratum(&self, campaign: &Campaign, key: &Key) -> judge::Stratum {
        let is_steady = self.changed.get(&campaign.id).is_none_or(|day| key.day > *day);
        let odds = self.odds(campaign, key);
        judge::Stratum {
            day: key.day,
            is_checked: is_steady,
            // Uniform and the marketer's weights are known as they are now.
            odds: odds.filter(|_| is_steady || key.stream == Stream::Adaptive),
            is_learnt: key.stream != Stream::Fixed,
            ..judge::Stratum::default()
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
pub(crate) mod tests {
    use super::*;
    use crate::counters::Table;
    use crate::report::Report;
    use crate::store::Store;
    use std::collections::BTreeMap;
    use vitrine_engine::rng::Rng;
    use vitrine_learn::evidence::Evidence;
    use vitrine_learn::judge::{Verdict, judge};
    use vitrine_learn::odds::odds;

    const DAYS: u32 = 24;
    const VISITORS: u64 = 300;
    const RATE: f64 = 0.1;
    /// Local days within which a visitor may convert.
    const WINDOW: u64 = 7;

    fn plan() -> Plan {
        let text = r#"{
          "version": 1, "site": "demo", "currency": "KRW", "timezone": "Asia/Seoul",
          "goals": { "order": { "event": "purchase", "window": "7d" } },
          "campaigns": [ { "id": "c", "slot": "bottom", "goal": "order", "allocation": { "aim": "earn" },
            "messages": [ { "id": "slow", "kind": "bar", "title": "A", "baseline": true }, { "id": "fast", "kind": "bar", "title": "B" } ] } ]
        }"#;
        crate::compile::check(text, None, "rules.json").unwrap().plan
    }

    /// What the collector does with a report that was merged.
    pub(crate) fn count(live: &mut Strata, report: &Report) {
        report.rows.iter().for_each(|row| live.add(row, report.is_forgetful));
        for (row, lag) in report.lags() {
            live.add_lag(&row.campaign, (row.day, lag), row.counts.converters);
        }
    }

    /// Reports of two equally good messages by the day on which they arrive:
    /// one converts at once, the other late. One in ten is lost, one in ten
    /// comes a day late, one in ten comes twice.
    fn arrivals(seed: u64) -> BTreeMap<u32, Vec<Report>> {
        let mut rng = Rng::new(seed, 11);
        let mut arrivals: BTreeMap<u32, Vec<Report>> = BTreeMap::new();
        let mut number = 0u64;
        for day in 0..DAYS {
            for _ in 0..VISITORS {
                // More and more visitors for the one that is ahead because it is fast.
                let is_fast = rng.unit() < 0.5 + 0.4 * f64::from(day) / f64::from(DAYS);
                let row = |counts| Row {
                    campaign: "c".into(),
                    message: if is_fast { "fast" } else { "slow" }.into(),
                    leaf: "else".into(),
                    stream: Stream::Adaptive,
                    epoch: day,
                    day,
                    counts,
                };
                let mut sent = vec![(day, row(Counts { visitors: 1, due: 1, ..Counts::default() }))];
                if rng.unit() < RATE {
                    let after = if is_fast { 0 } else { 3 + rng.below(WINDOW - 2) as u32 };
                    let counts =
                        Counts { converters: 1, revenue: 100, revenue2: 10_000, ..Counts::default() };
                    sent.push((day + after, row(counts)));
                }
                for (on, row) in sent {
                    if rng.unit() < 0.1 {
                        continue;
                    }
                    let on = on + u32::from(rng.unit() < 0.1);
                    number += 1;
                    let mut id = [0; 16];
                    id.iter_mut().zip(number.to_be_bytes()).for_each(|(byte, digit)| *byte = digit);
                    let is_forgetful = number.is_multiple_of(4);
                    let report = Report { id, rows: vec![row], made: on, is_forgetful };
                    let again = if rng.unit() < 0.1 { vec![report.clone(), report] } else { vec![report] };
                    arrivals.entry(on).or_default().extend(again);
                }
            }
        }
        arrivals
    }

    #[test]
    fn late_lost_and_repeated_reports_bias_nothing_and_a_fast_message_is_no_better_one() {
        let (plan, campaigns) = (plan(), 12);
        let campaign = &plan.campaigns[0];
        let (mut too_early, mut outside) = (0, 0);
        for seed in 0..campaigns {
            let folder = std::env::temp_dir().join(format!("vitrine-strata-{}-{seed}", std::process::id()));
            let mut store = Store::open(&folder).unwrap();
            let (mut live, mut was_early) = (Strata::default(), false);
            let arrivals = arrivals(seed);
            for today in 0..=DAYS + 12 {
                let batch = arrivals.get(&today).map_or(&[][..], Vec::as_slice);
                let fresh = store.merge(batch.iter().map(|report| ("demo", report))).unwrap();
                for (report, _) in batch.iter().zip(fresh).filter(|(_, is_new)| *is_new) {
                    count(&mut live, report);
                }
                let mut known =
                    live.campaign(&plan, campaign, &Asked { leaf: None, is_lasting: seed % 2 == 1, today });
                let judged = judge(&known);
                let is_open = matches!(judged.verdict, Verdict::Open(_) | Verdict::Waiting(_));
                assert!(is_open, "day {today} of {seed}: {judged:?}");
                for arm in judged.arms.iter().filter(|arm| !arm.worth.is_provisional) {
                    let rate = arm.worth.rate;
                    outside += u32::from(rate.is_some_and(|rate| !(rate.low..=rate.high).contains(&RATE)));
                }
                // Whoever compares visitors who may still convert is misled.
                let cohort = judge::Cohort { arms: known.open.clone(), ..judge::Cohort::default() };
                let odds = None;
                known.strata =
                    vec![judge::Stratum { odds, arms: known.open.clone(), ..judge::Stratum::default() }];
                known.cohorts = vec![cohort];
                was_early |= matches!(judge(&known).verdict, Verdict::Winner(1));
            }
            too_early += u32::from(was_early);
            // What is on disk is what was live, to the last count.
            let mut again = Strata::default();
            store.each_row(Table::All, "demo", |row| again.add(&row, false)).unwrap();
            store.each_row(Table::Forgetful, "demo", |row| again.add_forgetful(&row)).unwrap();
            store
                .each_lag("demo", |campaign, at, converters| again.add_lag(campaign, at, converters))
                .unwrap();
            let parts = |strata: Strata| (strata.campaigns, strata.forgetful, strata.lags);
            assert_eq!(parts(again), parts(live));
            drop(store);
            let _ = std::fs::remove_dir_all(&folder);
        }
        assert_eq!(outside, 0);
        assert!(too_early >= 10, "{too_early} of {campaigns}: the world is too kind to prove anything");
    }

    #[test]
    fn reports_in_any_order_and_grouping_are_judged_alike_to_the_bit() {
        let plan = plan();
        let reports: Vec<Report> = arrivals(1).into_values().flatten().collect();
        let mut known: Option<String> = None;
        for seed in 0..4 {
            let folder = std::env::temp_dir().join(format!("vitrine-order-{}-{seed}", std::process::id()));
            let mut rng = Rng::new(seed, 12);
            let mut shuffled: Vec<(u64, &Report)> =
                reports.iter().map(|report| (rng.next_u64(), report)).collect();
            shuffled.sort_by_key(|(key, _)| *key);
            let (mut live, mut left) = (Strata::default(), shuffled.as_slice());
            let mut store = Store::open(&folder).unwrap();
            while !left.is_empty() {
                let (group, rest) = left.split_at(left.len().min(1 + rng.below(2000) as usize));
                left = rest;
                let fresh = store.merge(group.iter().map(|(_, report)| ("demo", *report))).unwrap();
                for ((_, report), _) in group.iter().zip(fresh).filter(|(_, is_new)| *is_new) {
                    count(&mut live, report);
                }
            }
            let asked = Asked { leaf: None, is_lasting: false, today: DAYS + 1 };
            let judged = judge(&live.campaign(&plan, &plan.campaigns[0], &asked));
            let windows = live.history(&plan, &plan.campaigns[0], &["else".into()]).windows();
            let odds = odds(Aim::Earn, &Evidence { windows: windows.clone(), ..Evidence::default() });
            let found = format!("{judged:?} {windows:?} {odds:?}");
            assert_eq!(*known.get_or_insert_with(|| found.clone()), found);
            drop(store);
            let _ = std::fs::remove_dir_all(&folder);
        }
    }
}
