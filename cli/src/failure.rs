//! How a verb fails: a sentence on standard error and an exit code. Never a
//! backtrace and never a type's name.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::ExitCode;

/// Why a verb did not do its work.
#[derive(Debug)]
pub enum Failure {
    /// The input is bad; exit 1.
    Input(String),
    /// A file or a stream failed; exit 2.
    Outside(String),
}

/// The exit code, after saying what went wrong. A reader that has seen enough,
/// such as `head`, is no failure; see [`stdout`].
pub fn exit(done: Result<(), Failure>) -> ExitCode {
    let (sentence, code) = match done {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::Input(sentence)) => (sentence, 1),
        Err(Failure::Outside(sentence)) => (sentence, 2),
    };
    let _unheard = writeln!(io::stderr(), "vitrine: {sentence}");
    ExitCode::from(code)
}

/// Opens a file for reading, `-` being standard input.
pub fn open(path: &Path) -> Result<Box<dyn BufRead>, Failure> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(io::stdin().lock()));
    }
    match File::open(path) {
        Ok(file) => Ok(Box::new(BufReader::with_capacity(1 << 16, file))),
        Err(error) => Err(outside(path, &error)),
    }
}

/// The first `limit` bytes of a file and one more, so that a longer one is seen.
pub fn bytes(path: &Path, limit: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let mut bounded = open(path)?.take(limit as u64 + 1);
    bounded.read_to_end(&mut bytes).map_err(|error| outside(path, &error))?;
    Ok(bytes)
}

/// Writes a file whole or not at all: beside it first, then in its place.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    std::fs::write(&beside, bytes)
        .and_then(|()| std::fs::rename(&beside, path))
        .map_err(|error| outside(path, &error))
}

/// Writes to standard output; a closed pipe ends the program in peace.
pub fn stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Outside(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// A failure of a file.
pub fn outside(path: &Path, error: &io::Error) -> Failure {
    Failure::Outside(format!("{}: {error}", path.display()))
}
