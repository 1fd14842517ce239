//! `vitrine check`: says what is wrong with a rule file. Never writes a plan.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::failure::{Failure, stdout};
use crate::rule_file::{RuleFile, Tongue};

/// Check a rule file: every mistake at its line, in a sentence
#[derive(Debug, Args)]
pub struct Check {
    /// The rule file; `-` is standard input
    rules: PathBuf,
    /// Print the mistakes as one JSON list
    #[arg(long)]
    json: bool,
    /// The language of the sentences; with `--json` there are both
    #[arg(long, value_enum, default_value_t)]
    language: Tongue,
}

impl Check {
    /// Runs the verb: exit code 1 where any mistake is an error.
    pub fn run(&self) -> Result<ExitCode, Failure> {
        let file = RuleFile::read(&self.rules, self.language)?;
        if self.json {
            let list = serde_json::to_string_pretty(&file.compiled.diagnostics)
                .map_err(|error| Failure::Outside(format!("cannot write JSON: {error}")))?;
            stdout(|out| writeln!(out, "{list}"))?;
        } else {
            file.complain();
            match &file.compiled.plan {
                Some(plan) => stdout(|out| writeln!(out, "{}", file.praise(plan)))?,
                None => eprintln!("{}: {}", file.name, file.count()),
            }
        }
        Ok(if file.compiled.plan.is_some() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
