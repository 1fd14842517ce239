//! `vitrine bandit …`: what a bandit would do, and what one did. Never decides
//! anything itself.

mod audit;
mod evaluate;
mod simulate;

use clap::{Args, Subcommand};

use crate::failure::Failure;

/// Simulate, judge and re-run bandits.
#[derive(Debug, Args)]
pub struct Bandit {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Audit(audit::Audit),
    Evaluate(evaluate::Evaluate),
    Simulate(simulate::Simulate),
}

impl Bandit {
    /// Does it.
    pub fn run(self) -> Result<(), Failure> {
        match self.verb {
            Verb::Audit(verb) => verb.run(),
            Verb::Evaluate(verb) => verb.run(),
            Verb::Simulate(verb) => verb.run(),
        }
    }
}
