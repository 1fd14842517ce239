//! `vitrine bandit evaluate`: a logged campaign and a policy → what the policy
//! would have earned, as one line of JSON.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::{Map, json};
use vitrine_learn::csv::Trouble;
use vitrine_learn::logged::{Policy, read};
use vitrine_learn::offpolicy::{Estimator, judge};

use crate::failure::{Failure, stdout};
use crate::input::{at_most_one_standard, name, open, outside};
use crate::progress::Watched;

/// Tell what a policy would have earned, from the log of another.
///
/// The files' columns are described in `docs/off-policy.md`.
#[derive(Debug, Args)]
pub struct Evaluate {
    /// The log: CSV with `item_id`, `position`, `propensity_score` and `click` or `reward`;
    /// `-` is standard input
    log: PathBuf,
    /// The policy: CSV with `item_id`, `position` and `probability`
    #[arg(long, value_name = "POLICY.csv")]
    policy: PathBuf,
    /// Which estimators
    #[arg(long, value_enum, value_delimiter = ',', default_value = "ipw,snipw,dm,dr,sndr")]
    estimators: Vec<Word>,
    /// The seed of the bootstrap's draws
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
}

/// An estimator on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Word {
    Ipw,
    Snipw,
    Dm,
    Dr,
    Sndr,
}

impl Word {
    fn estimator(self) -> Estimator {
        match self {
            Word::Ipw => Estimator::Ipw,
            Word::Snipw => Estimator::Snipw,
            Word::Dm => Estimator::Dm,
            Word::Dr => Estimator::Dr,
            Word::Sndr => Estimator::Sndr,
        }
    }
}

impl Evaluate {
    /// Does it.
    pub fn run(self) -> Result<(), Failure> {
        at_most_one_standard(&[Some(&self.policy), Some(&self.log)])?;
        let mut policy = Policy::read(open(&self.policy)?).map_err(|e| failure(&self.policy, e))?;
        let log = read(Watched::open(&self.log)?, &mut policy).map_err(|e| failure(&self.log, e))?;
        let estimators: Vec<Estimator> = self.estimators.iter().map(|word| word.estimator()).collect();
        let judged = judge(&policy, &log, &estimators, self.seed)
            .map_err(|sentence| Failure::Input(format!("{}: {sentence}", name(&self.log))))?;
        let mut values = Map::new();
        for (estimator, value) in estimators.iter().zip(&judged.values) {
            let row = json!({ "value": value.value, "low": value.low, "high": value.high });
            values.insert(estimator.word().into(), row);
        }
        let line = json!({
            "estimators": values,
            "ess": judged.sample,
            "max_weight": judged.max_weight,
            "rows": judged.rows,
        });
        stdout(|out| writeln!(out, "{line}"))
    }
}

fn failure(path: &Path, trouble: Trouble) -> Failure {
    match trouble {
        Trouble::Bad(sentence) => Failure::Input(format!("{}: {sentence}", name(path))),
        Trouble::Io(error) => outside(path, &error),
    }
}
