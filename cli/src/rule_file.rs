//! A rule file from disk or standard input. Never reads more than a rule file
//! may have.

use std::fs::File;
use std::io::{Read, Write, stdin, stdout};
use std::path::Path;

use vitrine_rules::{Compiled, Severity, TEXT_BYTES, compile_bytes};

/// A rule file and what became of it.
pub struct RuleFile {
    /// Its name in sentences.
    pub name: String,
    /// The plan or the mistakes.
    pub compiled: Compiled,
}

impl RuleFile {
    /// Reads and compiles; `-` is standard input.
    ///
    /// # Errors
    /// Says why the file cannot be read.
    pub fn read(path: &Path) -> Result<RuleFile, String> {
        let is_stdin = path == Path::new("-");
        let name = if is_stdin { "standard input".into() } else { path.display().to_string() };
        // One byte more than allowed is enough to see that there are too many.
        let limit = TEXT_BYTES as u64 + 1;
        let mut bytes = Vec::new();
        let read = if is_stdin {
            stdin().lock().take(limit).read_to_end(&mut bytes)
        } else {
            File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes))
        };
        read.map_err(|error| format!("cannot read {name}: {error}"))?;
        Ok(RuleFile { name, compiled: compile_bytes(&bytes) })
    }

    /// All mistakes as sentences, to standard error.
    pub fn complain(&self) {
        for diagnostic in &self.compiled.diagnostics {
            eprintln!("{}", diagnostic.sentence(&self.name));
        }
    }

    /// How many mistakes there are, in words: `2 errors, 1 warning`.
    pub fn count(&self) -> String {
        let count =
            |severity| self.compiled.diagnostics.iter().filter(|found| found.severity == severity).count();
        let words = |count: usize, word: &str| match count {
            1 => format!("1 {word}"),
            _ => format!("{count} {word}s"),
        };
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        format!("{}, {}", words(errors, "error"), words(warnings, "warning"))
    }
}

/// A line to standard output, which may be a pipe that nobody reads any more.
///
/// # Errors
/// Says why it cannot be written.
pub fn say(line: &str) -> Result<(), String> {
    writeln!(stdout().lock(), "{line}").map_err(|error| format!("cannot write to standard output: {error}"))
}
