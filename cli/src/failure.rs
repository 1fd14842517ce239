//! How a verb fails: a sentence on standard error and an exit code. Never a
//! backtrace and never a type's name.

use std::io::{self, Write};
use std::process::ExitCode;

use vitrine_collector::StartError;

/// Why a verb did not do its work.
#[derive(Debug)]
pub enum Failure {
    /// The input is bad; exit 1.
    Input(String),
    /// A file or a stream failed, or the words do not fit together; exit 2.
    Outside(String),
    /// Whoever read the output has seen enough, such as `head`: no failure.
    Unheard,
}

/// What a collector's place says of itself.
impl From<StartError> for Failure {
    fn from(error: StartError) -> Failure {
        match error {
            StartError::Input(sentences) => Failure::Input(sentences),
            StartError::Unusable(sentence) => Failure::Outside(sentence),
        }
    }
}

/// Standard output failed: every other stream is named where it fails.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::Unheard,
            _ => Failure::Outside(format!("standard output: {error}")),
        }
    }
}

/// The exit code, after saying what went wrong.
pub fn exit(done: Result<ExitCode, Failure>) -> ExitCode {
    let (sentence, code) = match done {
        Ok(code) => return code,
        Err(Failure::Unheard) => return ExitCode::SUCCESS,
        Err(Failure::Input(sentence)) => (sentence, 1),
        Err(Failure::Outside(sentence)) => (sentence, 2),
    };
    let _unheard = writeln!(io::stderr(), "vitrine: {sentence}");
    ExitCode::from(code)
}

/// Writes to standard output; a closed pipe ends the program in peace.
pub fn stdout<E: Into<Failure>>(write: impl FnOnce(&mut dyn Write) -> Result<(), E>) -> Result<(), Failure> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let written = write(&mut out).map_err(Into::into);
    // What was said before a bad line is said, whatever came of that line.
    let flushed = out.flush().map_err(Failure::from);
    written.and(flushed)
}
