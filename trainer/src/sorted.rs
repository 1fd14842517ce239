//! Rows in any order → rows by time, in bounded memory: what is more than a run
//! waits on disk, sorted, and the runs are merged. Never leaves a file behind, and
//! never lets the order in which rows came show in the order in which they leave.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::lines::Trouble;

/// Bytes of rows that are held in memory; some two hundred thousand events.
pub const RUN_BYTES: usize = 64 * 1024 * 1024;
/// Runs that may wait on disk, each an open file while they are merged: 32 GB of
/// rows, several times as much as a log of the most clicks that is read.
const RUN_LIMIT: usize = 500;
/// What a row takes beside its text: when, what else orders it, its length.
const HEAD_BYTES: usize = 20;

/// When a row happened, and what comes first of the same instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// In one unit for all rows.
    pub at: u64,
    /// Of rows of one instant the lower first; equals by their text.
    pub tie: u64,
}

/// Takes rows in.
#[derive(Debug)]
pub struct Sorter {
    room: usize,
    text: String,
    rows: Vec<(Key, usize, usize)>,
    runs: Vec<Run>,
}

/// Sorted rows that wait on disk.
#[derive(Debug)]
pub struct Run {
    path: PathBuf,
}

impl Drop for Run {
    fn drop(&mut self) {
        let _gone = std::fs::remove_file(&self.path);
    }
}

impl Default for Sorter {
    fn default() -> Self {
        Sorter::new(RUN_BYTES)
    }
}

impl Sorter {
    /// With so many bytes of rows in memory.
    #[must_use]
    pub fn new(room: usize) -> Sorter {
        Sorter { room, text: String::new(), rows: Vec::new(), runs: Vec::new() }
    }

    /// Takes one row in.
    ///
    /// # Errors
    /// Where there are more rows than fit, or none can wait on disk.
    pub fn take(&mut self, key: Key, text: &str) -> Result<(), Trouble> {
        if self.text.len() + text.len() + (self.rows.len() + 1) * HEAD_BYTES > self.room {
            self.put_away()?;
        }
        self.rows.push((key, self.text.len(), text.len()));
        self.text.push_str(text);
        Ok(())
    }

    fn sort(&mut self) {
        let text = |row: &(Key, usize, usize)| self.text.get(row.1..row.1 + row.2).unwrap_or_default();
        self.rows.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| text(a).cmp(text(b))));
    }

    /// Writes what is held to disk, where only the operator can read it.
    fn put_away(&mut self) -> Result<(), Trouble> {
        if self.rows.is_empty() {
            return Ok(());
        }
        if self.runs.len() >= RUN_LIMIT {
            let gigabytes = (RUN_LIMIT * self.room) >> 30;
            let sentence = format!("the log's events take more than {gigabytes} GB; give its latest part");
            return Err(Trouble::Bad(sentence));
        }
        static RUNS: AtomicU64 = AtomicU64::new(0);
        let name = format!("vitrine-{}-{}.rows", std::process::id(), RUNS.fetch_add(1, Ordering::Relaxed));
        let run = Run { path: std::env::temp_dir().join(name) };
        self.sort();
        let mut file = BufWriter::new(create(&run)?);
        for (key, start, length) in &self.rows {
            file.write_all(&key.at.to_le_bytes())?;
            file.write_all(&key.tie.to_le_bytes())?;
            file.write_all(&(*length as u32).to_le_bytes())?;
            file.write_all(self.text.get(*start..start + length).unwrap_or_default().as_bytes())?;
        }
        file.flush()?;
        self.runs.push(run);
        self.rows.clear();
        self.text.clear();
        Ok(())
    }

    /// All rows, by time.
    ///
    /// # Errors
    /// Where what waits on disk cannot be read again.
    pub fn finish(mut self) -> Result<Sorted, Trouble> {
        if self.runs.is_empty() {
            self.sort();
            return Ok(Sorted::Held { text: self.text, rows: self.rows.into_iter() });
        }
        self.put_away()?;
        let mut readers = Vec::with_capacity(self.runs.len());
        let mut heads = BinaryHeap::with_capacity(self.runs.len());
        for run in &self.runs {
            let mut reader = BufReader::new(File::open(&run.path)?);
            if let Some((key, text)) = next(&mut reader)? {
                heads.push(Reverse((key, text, readers.len())));
            }
            readers.push(reader);
        }
        Ok(Sorted::Merged { _runs: self.runs, readers, heads })
    }
}

fn create(run: &Run) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&run.path)
}

/// The next row of a run; nothing at its end.
fn next(run: &mut impl Read) -> io::Result<Option<(Key, String)>> {
    let mut number = [0; 8];
    match run.read_exact(&mut number) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        done => done?,
    }
    let at = u64::from_le_bytes(number);
    run.read_exact(&mut number)?;
    let tie = u64::from_le_bytes(number);
    let mut length = [0; 4];
    run.read_exact(&mut length)?;
    let mut text = vec![0; u32::from_le_bytes(length) as usize];
    run.read_exact(&mut text)?;
    let text = String::from_utf8(text).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    Ok(Some((Key { at, tie }, text)))
}

/// Rows by time.
#[derive(Debug)]
pub enum Sorted {
    /// All were held in memory.
    Held {
        /// The rows' texts.
        text: String,
        /// Where each begins, and its length.
        rows: std::vec::IntoIter<(Key, usize, usize)>,
    },
    /// Runs on disk.
    Merged {
        /// They are removed at the end.
        _runs: Vec<Run>,
        /// One a run.
        readers: Vec<BufReader<File>>,
        /// The first row of each run that is not at its end.
        heads: BinaryHeap<Reverse<(Key, String, usize)>>,
    },
}

impl Sorted {
    /// The next row.
    ///
    /// # Errors
    /// Where what waits on disk cannot be read again.
    pub fn next(&mut self) -> Result<Option<String>, Trouble> {
        match self {
            Sorted::Held { text, rows } => Ok(rows
                .next()
                .and_then(|(_, start, length)| text.get(start..start + length))
                .map(String::from)),
            Sorted::Merged { readers, heads, .. } => {
                let Some(Reverse((_, text, run))) = heads.pop() else { return Ok(None) };
                if let Some((key, text)) = readers.get_mut(run).map(next).transpose()?.flatten() {
                    heads.push(Reverse((key, text, run)));
                }
                Ok(Some(text))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_engine::rng::Rng;

    fn sorted(rows: &[(u64, u64, String)], room: usize) -> Vec<String> {
        let mut sorter = Sorter::new(room);
        for (at, tie, text) in rows {
            sorter.take(Key { at: *at, tie: *tie }, text).unwrap();
        }
        let mut sorted = sorter.finish().unwrap();
        std::iter::from_fn(|| sorted.next().unwrap()).collect()
    }

    #[test]
    fn rows_leave_by_time_whatever_order_they_came_in_and_however_little_is_held() {
        let mut rng = Rng::new(31, 0);
        let mut rows: Vec<(u64, u64, String)> = (0..2000)
            .map(|_| {
                (
                    rng.below(300),
                    rng.below(3),
                    format!("row {} {}", rng.below(9), "x".repeat(rng.below(40) as usize)),
                )
            })
            .collect();
        let mut wanted = rows.clone();
        wanted.sort();
        let wanted: Vec<String> = wanted.into_iter().map(|(_, _, text)| text).collect();
        for room in [RUN_BYTES, 20_000, 500] {
            for at in (1..rows.len()).rev() {
                rows.swap(at, rng.below(at as u64 + 1) as usize);
            }
            assert_eq!(sorted(&rows, room), wanted, "{room} bytes held");
        }
        assert!(sorted(&[], 100).is_empty());
    }

    #[test]
    fn nothing_stays_on_disk() {
        let mut sorter = Sorter::new(100);
        for at in 0..50 {
            sorter.take(Key { at: 50 - at, tie: 0 }, "a row of some length").unwrap();
        }
        let paths: Vec<PathBuf> = sorter.runs.iter().map(|run| run.path.clone()).collect();
        assert!(paths.len() > 5 && paths.iter().all(|path| path.exists()));
        let mut sorted = sorter.finish().unwrap();
        assert_eq!(sorted.next().unwrap().as_deref(), Some("a row of some length"));
        drop(sorted);
        assert!(!paths.iter().any(|path| path.exists()));
    }
}
