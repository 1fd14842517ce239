//! What odds are learnt from and what is judged, whatever way reports come.
//! Never part of the product.

mod late;

use super::*;
use crate::counters::Table;
use crate::report::Report;
use crate::store::{Kept, Place, open};
use std::collections::BTreeMap;
use vitrine_engine::rng::Rng;
use vitrine_learn::evidence::Evidence;
use vitrine_learn::judge::{Verdict, judge};
use vitrine_learn::odds::odds;
use vitrine_learn::settled;

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
                let counts = Counts { converters: 1, revenue: 100, revenue2: 10_000, ..Counts::default() };
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
        let mut store = open(&Place::Folder(folder.clone())).unwrap();
        let (mut live, mut was_early) = (Strata::default(), false);
        let arrivals = arrivals(seed);
        for today in 0..=DAYS + 12 {
            let batch = arrivals.get(&today).map_or(&[][..], Vec::as_slice);
            let merged = store.merge(&[("demo", batch.iter().collect())]).remove(0).unwrap();
            live.merged(&merged.sums);
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
            let cohort = settled::Cohort { arms: known.open.clone(), ..settled::Cohort::default() };
            let odds = None;
            known.strata =
                vec![settled::Stratum { odds, arms: known.open.clone(), ..settled::Stratum::default() }];
            known.cohorts = vec![cohort];
            was_early |= matches!(judge(&known).verdict, Verdict::Winner(1));
        }
        too_early += u32::from(was_early);
        // What is on disk is what was live, to the last count.
        let mut again = Strata::default();
        store
            .each("demo", &mut |kept| match kept {
                Kept::Row(Table::All, row) => again.add(&row, false),
                Kept::Row(Table::Forgetful, row) => again.add_forgetful(&row),
                Kept::Lag(campaign, at, converters) => again.add_lag(&campaign, at, converters),
                _ => panic!("nothing was published"),
            })
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
        let mut store = open(&Place::Folder(folder.clone())).unwrap();
        while !left.is_empty() {
            let (group, rest) = left.split_at(left.len().min(1 + rng.below(2000) as usize));
            left = rest;
            let fresh = store.merge(&[("demo", group.iter().map(|(_, report)| *report).collect())]);
            let fresh = fresh.into_iter().next().unwrap().unwrap().fresh;
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
