//! `vitrine build`: a rule file to a plan. Never writes a plan that has a mistake,
//! and never leaves half of one behind.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use vitrine_engine::seal;

use crate::failure::Failure;
use crate::output::{replace, tell};
use crate::rule_file::{RuleFile, Tongue};

/// Compile a rule file to a plan and print the plan's name
#[derive(Debug, Args)]
pub struct Build {
    /// The rule file; `-` is standard input
    rules: PathBuf,
    /// Where to write the plan; `-` is standard output
    #[arg(short, long, value_name = "SITE.plan")]
    output: PathBuf,
    /// The language of the sentences
    #[arg(long, value_enum, default_value_t)]
    language: Tongue,
}

impl Build {
    /// Runs the verb: exit code 1, and no plan, where the rules have an error.
    pub fn run(&self) -> Result<ExitCode, Failure> {
        let file = RuleFile::read(&self.rules, self.language)?;
        file.complain();
        let Some(plan) = &file.compiled.plan else {
            eprintln!("{}: {}", file.name, file.count());
            return Ok(ExitCode::FAILURE);
        };
        let bytes = plan.seal();
        let name = seal::name(&bytes);
        replace(&self.output, &bytes)?;
        tell(&name, &self.output)?;
        Ok(ExitCode::SUCCESS)
    }
}
