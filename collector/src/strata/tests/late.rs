//! Shops whose visitors buy days after they came, with the odds learnt as the
//! collector learns them. Never part of the product: only its tests.

use std::collections::BTreeMap;

use vitrine_engine::arm::Stream;
use vitrine_engine::bandit::Aim;
use vitrine_engine::report::{Counts, Row};
use vitrine_engine::rng::Rng;
use vitrine_learn::evidence::Evidence;
use vitrine_learn::odds::odds;

use super::count;
use crate::report::Report;
use crate::strata::Strata;

/// A shop where conversions come late, told of or not.
#[derive(Clone, Copy)]
struct Shop {
    /// Of each message; the last comes on the day that it is added.
    rates: [f64; 5],
    began: u32,
    /// Days from the draw to the conversion, in the mean; a week at most.
    slow: f64,
    has_lags: bool,
}

/// Looks a day, at which odds are computed.
const LOOKS: u32 = 6;
/// Days that a shop is looked at from `began` on.
const WATCHED: u32 = 9;

/// The part that the last message gets, look by look from the day on which it
/// is added, and the conversions lost against the best message from the start.
fn visit(shop: &Shop, seed: u64) -> (Vec<f64>, f64) {
    let text = r#"{ "version": 1, "site": "demo", "currency": "KRW", "timezone": "Asia/Seoul",
      "goals": { "order": { "event": "purchase", "window": "7d" } },
      "campaigns": [ { "id": "c", "slot": "bottom", "goal": "order", "allocation": { "aim": "earn" },
        "messages": [ { "id": "a", "kind": "bar", "title": "A" }, { "id": "b", "kind": "bar", "title": "B" },
          { "id": "c", "kind": "bar", "title": "C" }, { "id": "d", "kind": "bar", "title": "D" },
          { "id": "e", "kind": "bar", "title": "E" } ] } ] }"#;
    let plan = crate::compile::check(text, None, "rules.json").unwrap().plan;
    let mut campaign = plan.campaigns[0].clone();
    let last = campaign.messages.pop();
    let mut rng = Rng::new(seed, 13);
    let mut arrivals: BTreeMap<u32, Vec<Report>> = BTreeMap::new();
    let (mut live, mut parts, mut lost) = (Strata::default(), Vec::new(), 0.0);
    for look in 0..(shop.began + WATCHED) * LOOKS {
        let day = look / LOOKS;
        if look == shop.began * LOOKS {
            campaign.messages.extend(last.clone());
        }
        let windows = live.history(&plan, &campaign, &["else".into()]).windows();
        let known = Evidence { windows, ..Evidence::default() };
        let arms = campaign.messages.len();
        let weights = odds(Aim::Earn, &known).map_or(vec![1; arms], |mut odds| odds.remove(0));
        let whole: u32 = weights.iter().sum();
        if day >= shop.began {
            parts.push(f64::from(weights[4]) / f64::from(whole));
        }
        // Eight conversions a day.
        for _ in 0..(8.0 / shop.rates[0]) as u32 / LOOKS {
            let (mut at, mut drawn) = (0, rng.below(whole.into()) as u32);
            while drawn >= weights[at] {
                drawn -= weights[at];
                at += 1;
            }
            lost += shop.rates[..arms].iter().copied().fold(0.0, f64::max) - shop.rates[at];
            let report = |on: u32, counts| {
                let message = campaign.messages[at].id.clone();
                let (leaf, stream) = ("else".into(), Stream::Adaptive);
                let row = Row { campaign: "c".into(), message, leaf, stream, epoch: 0, day, counts };
                Report { id: [0; 16], rows: vec![row], made: on / LOOKS, is_forgetful: false }
            };
            let came = report(look, Counts { visitors: 1, ..Counts::default() });
            arrivals.entry(look).or_default().push(came);
            if rng.unit() < shop.rates[at] {
                let after = (-shop.slow * (1.0 - rng.unit()).ln()).min(7.0);
                let on = look + (after * f64::from(LOOKS)) as u32;
                let bought = report(on, Counts { converters: 1, ..Counts::default() });
                arrivals.entry(on).or_default().push(bought);
            }
        }
        for report in arrivals.remove(&look).into_iter().flatten() {
            match shop.has_lags {
                true => count(&mut live, &report),
                false => live.add(&report.rows[0], false),
            }
        }
    }
    (parts, lost)
}

/// The means over so many visits.
fn visits(shop: &Shop, runs: u64) -> (Vec<f64>, f64) {
    let (mut parts, mut lost) = (vec![0.0; (WATCHED * LOOKS) as usize], 0.0);
    for seed in 0..runs {
        let (part, loss) = visit(shop, seed);
        parts.iter_mut().zip(part).for_each(|(sum, part)| *sum += part / runs as f64);
        lost += loss / runs as f64;
    }
    (parts, lost)
}

fn runs(usual: u64) -> u64 {
    std::env::var("VITRINE_RUNS").map_or(usual, |runs| runs.parse().unwrap())
}

#[test]
fn a_message_added_late_is_drawn_like_its_sisters_although_its_visitors_have_yet_to_buy() {
    for rate in [0.02, 0.4] {
        let shop = Shop { rates: [rate; 5], began: 20, slow: 2.0, has_lags: true };
        let part = |shop: &Shop| {
            let parts = visits(shop, runs(50)).0;
            // In the mean of the first day, and after two, three and seven days.
            [parts[..6].iter().sum::<f64>() / 6.0, parts[12], parts[18], parts[42]]
        };
        let (known, unknown) = (part(&shop), part(&Shop { has_lags: false, ..shop }));
        let at_once = part(&Shop { slow: 0.0, ..shop });
        println!("{rate}: {unknown:.2?} without lags, {known:.2?} with, {at_once:.2?} if all bought at once");
        assert!(known[1..3].iter().all(|part| (part - 0.2).abs() < 0.06), "{known:?}");
        assert!(unknown[1..3].iter().all(|part| *part < 0.14), "{unknown:?}: the world is too kind");
    }
}

#[test]
fn where_all_messages_began_together_late_conversions_cost_nothing() {
    for rates in [[0.03, 0.02, 0.02, 0.022, 0.02], [0.5, 0.4, 0.4, 0.42, 0.4]] {
        let shop = Shop { rates, began: 30, slow: 2.0, has_lags: true };
        let lost = |shop: &Shop| visits(shop, runs(40)).1;
        let (known, unknown) = (lost(&shop), lost(&Shop { has_lags: false, ..shop }));
        println!("{rates:?}: {unknown:.1} lost without lags, {known:.1} with");
        assert!(known < 1.1 * unknown, "{known} {unknown}");
    }
}
