//! What a verb reads: files and standard input, as bytes or as lines. Never
//! minds how an editor ended a line or began a file.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use vitrine_trainer::Trouble;
use vitrine_trainer::lines as trainer;

use crate::failure::Failure;

/// Some editors begin a text with it.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A file's name in sentences.
pub fn name(path: &Path) -> String {
    if is_standard(path) { "standard input".into() } else { path.display().to_string() }
}

/// Whether a file is standard input.
pub fn is_standard(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Opens a file for reading, behind its byte order mark.
pub fn open(path: &Path) -> Result<Box<dyn BufRead>, Failure> {
    let mut file: Box<dyn BufRead> = if is_standard(path) {
        Box::new(io::stdin().lock())
    } else {
        let file = File::open(path).map_err(|error| outside(path, &error))?;
        Box::new(BufReader::with_capacity(1 << 16, file))
    };
    if file.fill_buf().map_err(|error| outside(path, &error))?.starts_with(BYTE_ORDER_MARK) {
        file.consume(BYTE_ORDER_MARK.len());
    }
    Ok(file)
}

/// The first `limit` bytes of a file and one more, so that a longer one is seen.
pub fn bytes(path: &Path, limit: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let mut bounded = open(path)?.take(limit as u64 + 1);
    bounded.read_to_end(&mut bytes).map_err(|error| outside(path, &error))?;
    Ok(bytes)
}

/// Lines of a text.
pub struct Lines<'a> {
    path: &'a Path,
    lines: trainer::Lines<Box<dyn BufRead>>,
}

/// Opens a text for reading line by line.
pub fn lines(path: &Path) -> Result<Lines<'_>, Failure> {
    Ok(Lines { path, lines: trainer::Lines::new(open(path)?) })
}

impl Lines<'_> {
    /// The next line without its end, and its number from 1.
    pub fn any(&mut self) -> Result<Option<(u64, &str)>, Failure> {
        self.lines.read_any().map_err(|trouble| troubled(self.path, trouble))
    }

    /// The next that is not blank.
    pub fn full(&mut self) -> Result<Option<(u64, &str)>, Failure> {
        self.lines.read().map_err(|trouble| troubled(self.path, trouble))
    }

    /// Bytes read so far.
    pub fn bytes(&self) -> u64 {
        self.lines.bytes()
    }
}

/// What is wrong with a line: its place, and the end of the sentence.
pub fn refuse(path: &Path, number: u64, why: &str) -> Failure {
    troubled(path, Trouble::at(number, why))
}

/// A file that cannot be read or written.
pub fn outside(path: &Path, error: &io::Error) -> Failure {
    Failure::Outside(format!("{}: {error}", name(path)))
}

/// What is wrong with a file, as a failure.
pub fn troubled(path: &Path, trouble: Trouble) -> Failure {
    match trouble {
        Trouble::Io(error) => outside(path, &error),
        Trouble::Bad(sentence) => Failure::Input(format!("{}: {sentence}", name(path))),
    }
}

/// Refuses to read two things from standard input.
pub fn at_most_one_standard(paths: &[Option<&Path>]) -> Result<(), Failure> {
    match paths.iter().flatten().filter(|path| is_standard(path)).count() {
        0 | 1 => Ok(()),
        _ => Err(Failure::Outside("only one of the files can be `-`, standard input".into())),
    }
}
