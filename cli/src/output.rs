//! What a verb writes besides what it says: whole files, or none.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::failure::{Failure, stdout};
use crate::input::outside;

/// Whether a file is standard output.
pub fn is_standard(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Writes a file whole or not at all: beside it first, then in its place, so that
/// whoever serves the old one meanwhile never sees half of the new one, and with
/// the old one's permissions. A link to a file stays a link; a device or a pipe is
/// written to, never replaced.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if is_standard(path) {
        return stdout(|out| out.write_all(bytes));
    }
    let place = fs::canonicalize(path).unwrap_or_else(|_| path.into());
    let is_stream = fs::metadata(&place).is_ok_and(|found| !found.is_file() && !found.is_dir());
    let written = if is_stream { fs::write(&place, bytes) } else { swap(&place, bytes) };
    written.map_err(|error| outside(path, &error))
}

fn swap(place: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut beside = place.as_os_str().to_owned();
    beside.push(format!(".{}.part", std::process::id()));
    let beside = PathBuf::from(beside);
    let kept = fs::metadata(place).map(|found| found.permissions());
    let written = fs::write(&beside, bytes)
        .and_then(|()| kept.map_or(Ok(()), |kept| fs::set_permissions(&beside, kept)))
        .and_then(|()| fs::rename(&beside, place));
    if written.is_err() {
        // What was written of it is of no use; that it may not be there is fine.
        drop(fs::remove_file(&beside));
    }
    written
}

/// A line for people: to standard output, or to standard error where what was
/// made went to standard output.
pub fn tell(line: &str, made: &Path) -> Result<(), Failure> {
    if is_standard(made) {
        let _unheard = writeln!(io::stderr(), "{line}");
        return Ok(());
    }
    stdout(|out| writeln!(out, "{line}"))
}
