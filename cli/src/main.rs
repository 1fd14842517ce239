//! The `vitrine` command: thin verbs over the crates. It never decides
//! anything itself; a verb reads, calls one crate, writes.
#![forbid(unsafe_code)]

mod account;
mod bandit;
mod behaviour;
mod build;
mod channel;
mod check;
mod eval;
mod evaluate;
mod explain;
mod failure;
mod input;
mod kept;
mod listen;
mod output;
mod progress;
mod published;
mod recommend;
mod render;
mod replay;
mod rule_file;
mod serve;
mod train;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A shop window that rearranges itself for each visitor, in the visitor's own browser.
///
/// Exit codes: 0 done, 1 the input is bad (the reason on stderr), 2 usage or I/O.
#[derive(Debug, Parser)]
#[command(name = "vitrine", version)]
struct Vitrine {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Check(check::Check),
    Build(build::Build),
    Eval(eval::Eval),
    Channel(channel::Channel),
    Replay(replay::Replay),
    Explain(explain::Explain),
    Render(render::Render),
    Serve(serve::Serve),
    Key(serve::Key),
    Train(train::Train),
    Recommend(recommend::Recommend),
    Evaluate(evaluate::Evaluate),
    Bandit(bandit::Bandit),
}

fn main() -> ExitCode {
    let done = |outcome: Result<(), failure::Failure>| outcome.map(|()| ExitCode::SUCCESS);
    failure::exit(match Vitrine::parse().verb {
        Verb::Check(verb) => verb.run(),
        Verb::Build(verb) => verb.run(),
        Verb::Eval(verb) => done(verb.run()),
        Verb::Channel(verb) => done(verb.run()),
        Verb::Replay(verb) => done(verb.run()),
        Verb::Explain(verb) => done(verb.run()),
        Verb::Render(verb) => done(verb.run()),
        Verb::Serve(verb) => verb.run().map_err(failure::Failure::Outside),
        Verb::Key(verb) => done(verb.run()),
        Verb::Train(verb) => done(verb.run()),
        Verb::Recommend(verb) => done(verb.run()),
        Verb::Evaluate(verb) => done(verb.run()),
        Verb::Bandit(verb) => done(verb.run()),
    })
}
