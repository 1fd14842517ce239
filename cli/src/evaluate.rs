//! `vitrine evaluate`: a model and rows of what came next → one line of JSON.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use vitrine_trainer::evaluate::{Interval, by_file};

use crate::failure::{Failure, stdout};
use crate::input::{at_most_one_standard, troubled};
use crate::progress::Watched;
use crate::recommend::load;

/// Judge a model by rows of items seen and the one that came next. Of a model in
/// shards each row sees the head and one shard, and `bytes` is the most of these.
#[derive(Debug, Args)]
pub struct Evaluate {
    /// The model, as `vitrine train` wrote it
    #[arg(long)]
    model: PathBuf,
    /// Rows: the items seen, oldest first, a tab, and the item that came next;
    /// `-` is standard input
    test: PathBuf,
}

impl Evaluate {
    /// Does it.
    pub fn run(self) -> Result<(), Failure> {
        at_most_one_standard(&[Some(&self.model), Some(&self.test)])?;
        let (library, bytes) = load(&self.model)?;
        let (figures, intervals) = by_file(&library, &mut Watched::open(&self.test)?)
            .map_err(|trouble| troubled(&self.test, trouble))?;
        // Five digits: a row of a hundred thousand moves the last one.
        let digits = |share: f64| (share * 1e5).round() / 1e5;
        let ends = |interval: Interval| [digits(interval.low), digits(interval.high)];
        let line = json!({
            "hr20": digits(figures.hr20),
            "mrr20": digits(figures.mrr20),
            "hr10": digits(figures.hr10),
            "novel_hr20": digits(figures.novel_hr20),
            "novel_mrr20": digits(figures.novel_mrr20),
            "coverage20": digits(figures.coverage20),
            "rows": figures.rows,
            "bytes": bytes,
            "novel_rows": figures.novel_rows,
            "interval95": {
                "hr20": ends(intervals.hr20),
                "mrr20": ends(intervals.mrr20),
                "novel_hr20": ends(intervals.novel_hr20),
                "novel_mrr20": ends(intervals.novel_mrr20),
            },
        });
        stdout(|out| writeln!(out, "{line}"))
    }
}
