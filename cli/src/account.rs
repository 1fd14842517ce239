//! What `vitrine train` says of a model, for programs, and what both accounts
//! share. Never computes any of it.

use serde_json::{Value, json};
use vitrine_engine::recommend::MODEL_BYTES;
use vitrine_trainer::Trained;
use vitrine_trainer::evaluate::Figures;
use vitrine_trainer::propensity::Propensity;
use vitrine_trainer::tune::{Point, Price};

/// Accuracy by budget, each size once, and whether it is that of the budget asked
/// for: a small log's model does not grow with its budget.
pub fn points(trained: &Trained, budget: usize) -> Vec<(&Point, bool)> {
    let mut found: Vec<(&Point, bool)> = Vec::new();
    for point in &trained.curve {
        let is_asked = point.budget == budget.min(MODEL_BYTES);
        match found.last_mut() {
            Some(last) if last.0.bytes == point.bytes => last.1 |= is_asked,
            _ => found.push((point, is_asked)),
        }
    }
    found
}

/// The whole account.
pub fn json(trained: &Trained, seconds: f64) -> Value {
    let shards: Vec<usize> = trained.shards.iter().map(Vec::len).collect();
    let price =
        |Price { support, figures }: &Price| json!({ "support": support, "accuracy": accuracy(figures) });
    let point = |Point { budget, bytes, figures }: &Point| json!({ "budget": budget, "bytes": bytes, "accuracy": accuracy(figures) });
    json!({
        "sessions": trained.sessions,
        "clicks": trained.clicks,
        "items": trained.items,
        "items_kept": trained.model.items,
        "baskets": trained.baskets,
        "bytes": trained.bytes.len(),
        "shard_bytes": shards,
        "by_support": trained.prices.iter().map(price).collect::<Vec<_>>(),
        "by_budget": trained.curve.iter().map(point).collect::<Vec<_>>(),
        "divided": trained.divided.as_ref().map(accuracy),
        "cards": trained.model.cards.len(),
        "hours": trained.hours,
        "intent": trained.propensity.as_ref().map(intent),
        "seconds": seconds,
        "peak_bytes": peak_memory().map(|kilobytes| kilobytes * 1024),
    })
}

fn accuracy(figures: &Figures) -> Value {
    json!({
        "hr20": figures.hr20,
        "mrr20": figures.mrr20,
        "novel_hr20": figures.novel_hr20,
        "novel_mrr20": figures.novel_mrr20,
        "rows": figures.rows,
    })
}

fn intent(propensity: &Propensity) -> Value {
    match propensity {
        Propensity::NoPurchases => Value::Null,
        Propensity::TooFew { buyers } => json!({ "buyers": buyers }),
        Propensity::Fitted(fitted) => json!({
            "auc": fitted.auc,
            "brier": fitted.brier.0,
            "log_loss": fitted.loss.0,
            "moments": fitted.tail,
            "clusters": fitted.clusters.len(),
        }),
    }
}

/// The most memory that this process has held, in kilobytes, where the system
/// tells (Linux).
pub fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}
