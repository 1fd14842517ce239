//! Lines of foreign text, one at a time. Never holds more than one line, and
//! never passes on what is not UTF-8.

use std::fmt;
use std::io::{self, BufRead, Read};

/// Bytes of one line: a session of ten thousand clicks, or an event with two
/// hundred items.
const LINE_BYTES: usize = 1024 * 1024;

/// Why an input was not taken.
#[derive(Debug)]
pub enum Trouble {
    /// It could not be read at all.
    Io(io::Error),
    /// It is wrong; a sentence for the person who can mend it.
    Bad(String),
}

impl Trouble {
    /// A sentence about one line.
    #[must_use]
    pub fn at(line: u64, sentence: &str) -> Trouble {
        Trouble::Bad(format!("line {line}: {sentence}"))
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Io(error) => write!(f, "cannot be read: {error}"),
            Trouble::Bad(sentence) => f.write_str(sentence),
        }
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Trouble {
        Trouble::Io(error)
    }
}

/// Reads lines and counts them and their bytes.
#[derive(Debug)]
pub struct Lines<R> {
    input: R,
    line: Vec<u8>,
    number: u64,
    bytes: u64,
}

impl<R: BufRead> Lines<R> {
    /// From the beginning of `input`.
    pub fn new(input: R) -> Lines<R> {
        Lines { input, line: Vec::new(), number: 0, bytes: 0 }
    }

    /// Bytes read so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The next line that is not blank, with its number from 1, without its
    /// end and without a byte order mark.
    ///
    /// # Errors
    /// Where the input fails, is not UTF-8, or has an endless line.
    pub fn read(&mut self) -> Result<Option<(u64, &str)>, Trouble> {
        while self.fill()? {
            if !self.line.iter().all(u8::is_ascii_whitespace) {
                return self.text().map(Some);
            }
        }
        Ok(None)
    }

    /// The same, also of a blank line.
    ///
    /// # Errors
    /// As [`Lines::read`].
    pub fn read_any(&mut self) -> Result<Option<(u64, &str)>, Trouble> {
        if self.fill()? { self.text().map(Some) } else { Ok(None) }
    }

    /// Takes the next line's bytes in; whether there is one.
    fn fill(&mut self) -> Result<bool, Trouble> {
        self.line.clear();
        let mut bounded = (&mut self.input).take(LINE_BYTES as u64 + 1);
        let read = bounded.read_until(b'\n', &mut self.line)?;
        self.number += u64::from(read > 0);
        self.bytes += read as u64;
        if read > LINE_BYTES {
            return Err(Trouble::at(self.number, "is longer than a mebibyte; is this the right file?"));
        }
        Ok(read > 0)
    }

    fn text(&self) -> Result<(u64, &str), Trouble> {
        let text = std::str::from_utf8(&self.line)
            .map_err(|_| Trouble::at(self.number, "is not UTF-8 text; is this the right file?"))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Ok((self.number, text.trim_end_matches(['\n', '\r'])))
    }
}
