//! The `vitrine` command.

mod serve;

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.split_first() {
        Some((verb, rest)) if verb == "serve" => serve::serve(rest),
        Some((verb, rest)) if verb == "key" => serve::key(rest),
        _ => ExitCode::from(2),
    }
}
