//! Hashes of files, so that an unchanged tree rebuilds nothing. They are never
//! kept in the repository and protect against nothing: 64 bits, not secure.

use std::path::{Path, PathBuf};

use crate::shell::{Outcome, Workshop};

/// What a build was made from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// Begins with a sentence that names the recipe; another recipe, another hash.
    pub fn of(recipe: &str) -> Self {
        let mut print = Self(0xcbf2_9ce4_8422_2325);
        print.add(recipe.as_bytes());
        print
    }

    /// FNV-1a, with the length first so that two pieces cannot trade bytes.
    pub fn add(&mut self, bytes: &[u8]) {
        for byte in bytes.len().to_le_bytes().iter().chain(bytes) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    /// Adds a file, or a folder with all that is in it; one that is not there
    /// counts as empty, so that its coming is a change.
    pub fn add_path(&mut self, path: &Path) {
        for file in files_under(path) {
            self.add(file.to_string_lossy().as_bytes());
            self.add(&std::fs::read(&file).unwrap_or_default());
        }
    }

    /// Sixteen hexadecimal digits.
    pub fn text(&self) -> String {
        format!("{:016x}", self.0)
    }
}

/// Remembers in the target folder what an artefact was made from.
pub struct Stamp {
    file: PathBuf,
    print: Fingerprint,
}

impl Stamp {
    pub fn new(shop: &Workshop, name: &str, print: Fingerprint) -> Self {
        let file = shop.target.join("xtask").join(format!("{name}.stamp"));
        Self { file, print }
    }

    /// Whether the last finished build was made from the same, and its outputs
    /// are still there.
    pub fn fresh(&self, outputs: &[PathBuf]) -> bool {
        let kept = std::fs::read_to_string(&self.file).unwrap_or_default();
        kept == self.print.text() && outputs.iter().all(|file| file.exists())
    }

    /// # Errors
    /// The target folder cannot be written.
    pub fn keep(&self) -> Outcome<()> {
        if let Some(dir) = self.file.parent() {
            make_dir(dir)?;
        }
        write(&self.file, self.print.text().as_bytes())
    }
}

/// Every file under a path, in a stable order; a file is its own only one.
/// Build outputs, dependencies and hidden entries are left out.
pub fn files_under(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_path_buf()];
    }
    let mut found = Vec::new();
    let mut entries: Vec<_> = std::fs::read_dir(path).into_iter().flatten().flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') || name == "target" || name == "node_modules" {
            continue;
        }
        found.extend(files_under(&entry.path()));
    }
    found
}

/// # Errors
/// Names the folder.
pub fn make_dir(dir: &Path) -> Outcome<()> {
    std::fs::create_dir_all(dir).map_err(|e| format!("`{}` cannot be created: {e}.", dir.display()))
}

/// # Errors
/// Names the file.
pub fn read(file: &Path) -> Outcome<Vec<u8>> {
    std::fs::read(file).map_err(|e| format!("`{}` cannot be read: {e}.", file.display()))
}

/// # Errors
/// Names the file.
pub fn write(file: &Path, bytes: &[u8]) -> Outcome<()> {
    std::fs::write(file, bytes).map_err(|e| format!("`{}` cannot be written: {e}.", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cannot_trade_bytes() {
        let hash = |pieces: &[&str]| {
            let mut print = Fingerprint::of("recipe");
            pieces.iter().for_each(|piece| print.add(piece.as_bytes()));
            print.0
        };
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
        assert_eq!(hash(&["ab", "c"]), hash(&["ab", "c"]));
    }

    #[test]
    fn a_changed_a_renamed_and_a_new_file_change_the_hash() {
        let dir = std::env::temp_dir().join(format!("vitrine-print-{}", std::process::id()));
        make_dir(&dir).unwrap();
        let hash = || {
            let mut print = Fingerprint::of("x");
            print.add_path(&dir);
            print.0
        };
        let mut seen = vec![hash()];
        write(&dir.join("a"), b"1").unwrap();
        seen.push(hash());
        write(&dir.join("a"), b"2").unwrap();
        seen.push(hash());
        std::fs::rename(dir.join("a"), dir.join("b")).unwrap();
        seen.push(hash());
        std::fs::remove_dir_all(&dir).unwrap();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 4);
    }
}
