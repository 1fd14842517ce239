//! `vitrine build`: a rule file to a plan. Never writes a plan that has a mistake,
//! and never leaves half of one behind.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use vitrine_engine::seal;

use crate::rule_file::{RuleFile, Tongue, say};

/// Compile a rule file to a plan and print the plan's name
#[derive(Debug, Args)]
pub struct Build {
    /// The rule file; `-` is standard input
    rules: PathBuf,
    /// Where to write the plan
    #[arg(short, long, value_name = "SITE.plan")]
    output: PathBuf,
    /// The language of the sentences
    #[arg(long, value_enum, default_value_t)]
    language: Tongue,
}

impl Build {
    /// Runs the verb: exit code 1, and no plan, where the rules have an error.
    pub fn run(&self) -> Result<ExitCode, String> {
        let file = RuleFile::read(&self.rules, self.language)?;
        file.complain();
        let Some(plan) = &file.compiled.plan else {
            eprintln!("{}: {}", file.name, file.count());
            return Ok(ExitCode::FAILURE);
        };
        let bytes = plan.seal();
        let name = seal::name(&bytes);
        // Beside the target and then in its place, so that whoever serves the
        // old plan meanwhile never sees half of the new one.
        let mut beside = self.output.clone().into_os_string();
        beside.push(format!(".{}.tmp", std::process::id()));
        let beside = PathBuf::from(beside);
        let written = fs::write(&beside, &bytes).and_then(|()| fs::rename(&beside, &self.output));
        if let Err(error) = written {
            // What was written of it is of no use; that it may not be there is fine.
            drop(fs::remove_file(&beside));
            return Err(format!("cannot write {}: {error}", self.output.display()));
        }
        say(&name)?;
        Ok(ExitCode::SUCCESS)
    }
}
