//! A judged campaign as JSON. Never computes: what it writes was judged in
//! `vitrine-learn`.

use serde_json::{Map, Value, json};
use vitrine_engine::plan::Campaign;
use vitrine_engine::ramp::PLACES;
use vitrine_engine::report::Counts;
use vitrine_engine::time::{Millis, Zone, date};
use vitrine_learn::forecast::Forecast;
use vitrine_learn::harm;
use vitrine_learn::interval::Estimate;
use vitrine_learn::judge::{Against, Arm, Judged, Verdict, Worth};
use vitrine_learn::words::{name, words};

/// Visitors for whom expected losses are told.
const PEOPLE: f64 = 10_000.0;

/// What is judged of one arm, as fields of its row.
#[must_use]
pub fn worth(worth: &Worth, counts: &Counts) -> Map<String, Value> {
    let rate = worth.rate.as_ref();
    let revenue = worth.revenue.as_ref();
    let mean = (counts.visitors > 0).then(|| counts.revenue as f64 / counts.visitors as f64);
    let mut row = Map::new();
    row.insert("settled".into(), json!(if worth.is_provisional { 0 } else { worth.visitors }));
    row.insert("provisional".into(), json!(worth.is_provisional));
    row.insert("rate".into(), json!(rate.map(|rate| rate.value)));
    row.insert("rate_low".into(), json!(rate.map(|rate| rate.low)));
    row.insert("rate_high".into(), json!(rate.map(|rate| rate.high)));
    row.insert("revenue_per_visitor".into(), json!(revenue.map(|revenue| revenue.value).or(mean)));
    row.insert("revenue_per_visitor_low".into(), json!(revenue.map(|revenue| revenue.low)));
    row.insert("revenue_per_visitor_high".into(), json!(revenue.map(|revenue| revenue.high)));
    row
}

/// What is judged of one message, as fields of its row.
#[must_use]
pub fn message(arm: &Arm, counts: &Counts) -> Map<String, Value> {
    let mut row = worth(&arm.worth, counts);
    row.insert("to_baseline".into(), json!(arm.to_baseline.as_ref().map(against)));
    row.insert("to_holdout".into(), json!(arm.to_holdout.as_ref().map(against)));
    let is_known = !arm.worth.is_provisional && arm.worth.visitors > 0;
    row.insert("best".into(), json!(is_known.then_some(arm.belief.best)));
    let lost = is_known.then(|| {
        json!({
            "conversions": arm.belief.conversions_lost * PEOPLE,
            "revenue": arm.belief.revenue_lost * PEOPLE,
        })
    });
    row.insert("loss_per_10000".into(), json!(lost));
    row
}

/// What is judged of a campaign, as fields of its row; `id` names its messages.
#[must_use]
pub fn campaign<'m>(judged: &Judged, id: impl Fn(usize) -> &'m str) -> Map<String, Value> {
    let said = words(&judged.verdict, &id);
    let (mut about, mut days, mut span) = (None, None, (None, None));
    match judged.verdict {
        Verdict::Winner(at) => about = Some(id(at)),
        Verdict::Mismatch(alarm) => about = Some(id(alarm.arm)),
        Verdict::Waiting(left) => days = Some(left),
        Verdict::Open(Forecast::Days(left)) => {
            days = left.about;
            span = (Some(left.low), Some(left.high));
        }
        Verdict::Open(Forecast::After(left)) => span.0 = Some(left),
        Verdict::Open(_) | Verdict::Alone | Verdict::Nobody | Verdict::Equivalent => {}
    }
    let mut row = Map::new();
    row.insert(
        "verdict".into(),
        json!({
            "state": name(&judged.verdict),
            "message": about,
            "days": days,
            "days_low": span.0,
            "days_high": span.1,
            "words": { "en": said.en, "ko": said.ko },
        }),
    );
    let gain = judged.gain.map(
        |gain| json!({ "conversions": estimate(&gain.conversions), "revenue": estimate(&gain.revenue) }),
    );
    row.insert("gain".into(), json!(gain));
    row
}

/// How far a campaign has been let grow, and why it had better not grow on;
/// `None` where it does not ramp up.
#[must_use]
pub fn ramp<'m>(
    campaign: &Campaign,
    judged: &Judged,
    (now, zone): (Millis, &Zone),
    id: impl Fn(usize) -> &'m str,
) -> Option<Value> {
    let ramp = campaign.ramp?;
    let share = |places: u64| places as f64 / PLACES as f64;
    let grows = now < ramp.end();
    let warning = harm::harm(judged, campaign.by_revenue).filter(|_| grows).map(|harm| {
        let said = harm::words(&harm, &id);
        json!({ "en": said.en, "ko": said.ko })
    });
    Some(json!({
        "share": share(ramp.share(now)),
        "to": share(ramp.to),
        "starts": clock(ramp.start, zone),
        "ends": clock(ramp.end(), zone),
        "warning": warning,
    }))
}

/// A moment on the site's clock: `2026-12-01T09:00`.
fn clock(at: Millis, zone: &Zone) -> String {
    let minute = zone.minute_of_day(at);
    format!("{}T{:02}:{:02}", date(zone.day(at)), minute / 60, minute % 60)
}

fn against(against: &Against) -> Value {
    json!({
        "lift": estimate(&against.lift),
        "difference": estimate(&against.difference),
        "revenue_per_visitor": against.revenue.as_ref().map(estimate),
    })
}

/// JSON has no infinity: an end that nothing bounds yet is `null`.
fn estimate(estimate: &Estimate) -> Value {
    let end = |end: f64| end.is_finite().then_some(end);
    json!({ "value": end(estimate.value), "low": end(estimate.low), "high": end(estimate.high) })
}
