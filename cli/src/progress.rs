//! How far long work has come: one line on a terminal. Never a byte on a pipe.

use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::path::Path;

use crate::failure::Failure;
use crate::input::open;

/// Cells of the bar.
const WIDTH: u64 = 24;

/// One line that is drawn over itself.
pub struct Bar {
    is_shown: bool,
    /// Of the file that is read; 0 where nobody knows.
    size: u64,
    drawn: String,
}

impl Bar {
    /// A bar for work on a file, or on none.
    pub fn new(file: Option<&Path>) -> Bar {
        let size = file.and_then(|file| std::fs::metadata(file).ok()).filter(std::fs::Metadata::is_file);
        Bar {
            is_shown: io::stderr().is_terminal(),
            size: size.map_or(0, |file| file.len()),
            drawn: String::new(),
        }
    }

    /// A bar that would be drawn between the lines of the verb's own output is not
    /// drawn.
    pub fn beside_output(mut self) -> Bar {
        self.is_shown &= !io::stdout().is_terminal();
        self
    }

    /// So many bytes of the file are read.
    pub fn read(&mut self, bytes: u64) {
        if !self.is_shown {
            return;
        }
        match self.size {
            0 => self.draw(&format!("reading {} MB", bytes >> 20)),
            size => self.done(bytes.min(size), size, "reading"),
        }
    }

    /// So much of all is done.
    pub fn done(&mut self, part: u64, all: u64, what: &str) {
        let all = all.max(1);
        let full = part.saturating_mul(WIDTH) / all;
        let cells: String = (0..WIDTH).map(|cell| if cell < full { '█' } else { '░' }).collect();
        self.draw(&format!("{cells} {:3} %  {what}", part.saturating_mul(100) / all));
    }

    fn draw(&mut self, line: &str) {
        if self.is_shown && self.drawn != line {
            self.drawn = line.to_owned();
            let _unheard = write!(io::stderr(), "\r\x1b[K{line}");
        }
    }
}

/// Leaves the line empty for what comes.
impl Drop for Bar {
    fn drop(&mut self) {
        if !self.drawn.is_empty() {
            let _unheard = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

/// A file that tells how far it has been read.
pub struct Watched {
    file: Box<dyn BufRead>,
    bar: Bar,
    bytes: u64,
}

impl Watched {
    /// Opens a file; `-` is standard input.
    pub fn open(path: &Path) -> Result<Watched, Failure> {
        Ok(Watched { file: open(path)?, bar: Bar::new(Some(path)), bytes: 0 })
    }
}

impl Read for Watched {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(into)?;
        self.bytes += read as u64;
        self.bar.read(self.bytes);
        Ok(read)
    }
}

impl BufRead for Watched {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.bar.read(self.bytes);
        self.file.fill_buf()
    }

    fn consume(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
        self.file.consume(bytes);
    }
}
