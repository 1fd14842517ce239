//! What each epoch's odds were computed from, as it is kept. Never rounds: what
//! is read again is what was written, to the last count.

use serde_json::{Value, json};
use vitrine_engine::bandit::Aim;
use vitrine_learn::evidence::{Count, Evidence, Window, Worth};
use vitrine_learn::tally::Tally;

use crate::odds::Learnt;

/// Raised whenever the same counts may give other odds.
pub const RULE: u64 = 5;

/// A campaign, and the leaves of it whose odds changed.
pub type Change = (Learnt, Vec<String>);

/// Campaigns and the leaves of them that changed, as JSON.
#[must_use]
pub fn write(changed: &[(&Learnt, Vec<String>)]) -> String {
    let campaign = |(learnt, leaves): &(&Learnt, Vec<String>)| {
        json!({
            "campaign": learnt.id,
            "aim": learnt.aim.word(),
            "optimize": if learnt.evidence.worth == Worth::Revenue { "revenue" } else { "conversion" },
            "spread": learnt.spread,
            "leaves": learnt.leaves,
            "messages": learnt.messages,
            "changed": leaves,
            "windows": learnt.evidence.windows.iter().map(window).collect::<Vec<_>>(),
        })
    };
    let campaigns: Vec<Value> = changed.iter().map(campaign).collect();
    json!({ "rule": RULE, "campaigns": campaigns }).to_string()
}

/// A stretch of time: by leaf and message visitors, converters, revenue, and
/// the sum of its squares, the last two left out where there is none.
fn window(window: &Window) -> Value {
    let count = |count: &Count| {
        let Tally { visitors, converters } = count.tally;
        match count.revenue {
            0 => json!([visitors, converters]),
            _ => json!([visitors, converters, count.revenue.to_string(), count.revenue2.to_string()]),
        }
    };
    window.iter().map(|leaf| leaf.iter().map(count).collect::<Value>()).collect()
}

/// What was kept of an epoch: each campaign with the leaves that changed;
/// `None` where another version of Vitrine wrote it.
///
/// # Errors
/// A sentence.
pub fn read(text: &str) -> Result<Option<Vec<Change>>, String> {
    let kept: Value = serde_json::from_str(text).map_err(|e| format!("its evidence is no JSON: {e}"))?;
    if kept.get("rule").and_then(Value::as_u64) != Some(RULE) {
        return Ok(None);
    }
    let campaigns = kept.get("campaigns").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let read: Option<Vec<_>> = campaigns.iter().map(learnt).collect();
    read.map(Some).ok_or_else(|| "its evidence is incomplete".into())
}

fn learnt(campaign: &Value) -> Option<Change> {
    let words = |key: &str| -> Option<Vec<String>> {
        campaign.get(key)?.as_array()?.iter().map(|word| Some(word.as_str()?.to_string())).collect()
    };
    let worth = match campaign.get("optimize")?.as_str()? {
        "revenue" => Worth::Revenue,
        _ => Worth::Conversion,
    };
    let windows: Option<Vec<Window>> = campaign.get("windows")?.as_array()?.iter().map(counts).collect();
    let learnt = Learnt {
        id: campaign.get("campaign")?.as_str()?.into(),
        aim: [Aim::Earn, Aim::Learn]
            .into_iter()
            .find(|aim| campaign.get("aim").is_some_and(|word| word == aim.word()))?,
        leaves: words("leaves")?,
        messages: words("messages")?,
        spread: u32::try_from(campaign.get("spread")?.as_u64()?).ok()?,
        evidence: Evidence { worth, spread: None, windows: windows? },
    };
    Some((learnt, words("changed")?))
}

fn counts(window: &Value) -> Option<Window> {
    let money = |cell: &Value, at: usize| match cell.get(at) {
        None => Some(0),
        Some(digits) => digits.as_str()?.parse().ok(),
    };
    let count = |cell: &Value| {
        let tally = Tally { visitors: cell.get(0)?.as_u64()?, converters: cell.get(1)?.as_u64()? };
        Some(Count { tally, revenue: money(cell, 2)?, revenue2: money(cell, 3)? })
    };
    let leaf = |leaf: &Value| leaf.as_array()?.iter().map(count).collect();
    window.as_array()?.iter().map(leaf).collect()
}
