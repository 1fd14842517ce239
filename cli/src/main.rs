//! The `vitrine` command: thin verbs over the crates. Never decides anything
//! itself, and never prints half a result: it ends with 0 (done), 1 (the input
//! is bad) or 2 (usage, or a file that cannot be read or written).

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod evaluate;
mod failure;
mod recommend;
mod train;

#[derive(Parser)]
#[command(name = "vitrine", version, about = "A shop window that rearranges itself for each visitor")]
struct Command {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Make a recommendation model of a shop's own log
    Train(train::Train),
    /// Rank items after sessions read from standard input
    Recommend(recommend::Recommend),
    /// Judge a model by rows of items seen and the one that came next
    Evaluate(evaluate::Evaluate),
}

fn main() -> ExitCode {
    let done = match Command::parse().verb {
        Verb::Train(verb) => verb.run(),
        Verb::Recommend(verb) => verb.run(),
        Verb::Evaluate(verb) => verb.run(),
    };
    failure::exit(done)
}
