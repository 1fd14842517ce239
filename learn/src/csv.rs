//! A table of comma-separated values, line by line. Never guesses a column and
//! never keeps more than one line.

use std::io::{BufRead, Read};

/// Bytes of a line: the widest log has a few hundred columns.
const LINE_BYTES: u64 = 64 * 1024;

/// What is wrong with a file, as a sentence; or the system's error.
#[derive(Debug)]
pub enum Trouble {
    /// The file is not what it should be.
    Bad(String),
    /// It cannot be read.
    Io(std::io::Error),
}

/// A table whose first line names its columns.
pub struct Table<R> {
    input: R,
    line: u64,
    wanted: Vec<Option<usize>>,
    bytes: Vec<u8>,
}

impl<R: BufRead> Table<R> {
    /// Reads the names of the columns and finds those wanted.
    ///
    /// # Errors
    /// The file is empty, or names a wanted column twice.
    pub fn open(input: R, wanted: &[&str]) -> Result<Table<R>, Trouble> {
        let mut table = Table { input, line: 0, wanted: Vec::new(), bytes: Vec::new() };
        let Some(text) = table.next_line()? else {
            return Err(Trouble::Bad("it is empty; its first line has to name the columns".into()));
        };
        let names = fields(text.strip_prefix('\u{feff}').unwrap_or(&text)).map_err(|e| table.bad(e))?;
        for name in wanted {
            let mut places = names.iter().enumerate().filter(|(_, found)| found == name).map(|(at, _)| at);
            let place = places.next();
            if places.next().is_some() {
                return Err(table.bad(&format!("the column `{name}` stands twice")));
            }
            table.wanted.push(place);
        }
        Ok(table)
    }

    /// Whether a wanted column is there.
    #[must_use]
    pub fn has(&self, wanted: usize) -> bool {
        self.wanted.get(wanted).is_some_and(Option::is_some)
    }

    /// The wanted fields of the next line that is not empty, in the order in
    /// which they were wanted; a column that is not there is an empty text.
    ///
    /// # Errors
    /// The line is no text, too long, badly quoted, or lacks a wanted field.
    pub fn row(&mut self) -> Result<Option<Vec<String>>, Trouble> {
        loop {
            let Some(text) = self.next_line()? else { return Ok(None) };
            if text.is_empty() {
                continue;
            }
            let mut found = fields(&text).map_err(|e| self.bad(e))?;
            let mut row = Vec::with_capacity(self.wanted.len());
            for place in &self.wanted {
                row.push(match place {
                    None => String::new(),
                    Some(at) => match found.get_mut(*at) {
                        Some(field) => std::mem::take(field),
                        None => return Err(self.bad("it has fewer fields than the first line")),
                    },
                });
            }
            return Ok(Some(row));
        }
    }

    /// A sentence with the number of the line that was read last.
    #[must_use]
    pub fn bad(&self, sentence: &str) -> Trouble {
        Trouble::Bad(format!("line {}: {sentence}", self.line))
    }

    fn next_line(&mut self) -> Result<Option<String>, Trouble> {
        self.bytes.clear();
        self.line += 1;
        let limit = &mut self.input;
        let read = limit.take(LINE_BYTES).read_until(b'\n', &mut self.bytes).map_err(Trouble::Io)?;
        if read == 0 {
            return Ok(None);
        }
        if read as u64 == LINE_BYTES && self.bytes.last() != Some(&b'\n') {
            return Err(self.bad("it is longer than 64 kB; is this a CSV file?"));
        }
        let bytes = self.bytes.strip_suffix(b"\n").unwrap_or(&self.bytes);
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Some(text.to_owned())),
            Err(_) => Err(self.bad("it is not UTF-8 text")),
        }
    }
}

/// The fields of a line (RFC 4180, but for line ends within quotes).
fn fields(line: &str) -> Result<Vec<String>, &'static str> {
    let mut fields = Vec::new();
    let mut letters = line.chars().peekable();
    loop {
        let mut field = String::new();
        let is_quoted = letters.next_if_eq(&'"').is_some();
        if is_quoted {
            loop {
                match letters.next() {
                    None => return Err("a quotation mark is not closed"),
                    Some('"') if letters.next_if_eq(&'"').is_none() => break,
                    Some(letter) => field.push(letter),
                }
            }
        }
        while let Some(letter) = letters.next_if(|letter| *letter != ',') {
            if is_quoted {
                return Err("something follows a closing quotation mark");
            }
            field.push(letter);
        }
        fields.push(field);
        if letters.next().is_none() {
            return Ok(fields);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_read_and_bad_ones_refused() {
        assert_eq!(fields(r#"a,"b,""c""",,d"#).unwrap(), ["a", r#"b,"c""#, "", "d"]);
        assert_eq!(fields("").unwrap(), [""]);
        assert!(fields(r#""a"#).is_err() && fields(r#""a"b,c"#).is_err());
    }

    #[test]
    fn a_line_lacks_nothing_that_is_wanted() {
        let mut table = Table::open("\u{feff}a,b,c\r\n\n1,2,3\n4\n".as_bytes(), &["c", "a", "x"]).unwrap();
        assert_eq!((table.has(0), table.has(2)), (true, false));
        assert_eq!(table.row().unwrap().unwrap(), ["3", "1", ""]);
        let Err(Trouble::Bad(sentence)) = table.row() else { panic!("the line is too short") };
        assert_eq!(sentence, "line 4: it has fewer fields than the first line");
        assert!(Table::open("".as_bytes(), &[]).is_err() && Table::open("a,a".as_bytes(), &["a"]).is_err());
        let long = format!("a\n{}", "1".repeat(70_000));
        assert!(Table::open(long.as_bytes(), &["a"]).unwrap().row().is_err());
    }
}
