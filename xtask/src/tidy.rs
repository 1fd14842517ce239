//! What a compiler cannot check. It never judges style that rustfmt or clippy
//! judge, and never changes a file: every complaint is a sentence with its
//! place.

mod arrows;
mod layers;
mod mask;
mod prose;

use std::path::{Path, PathBuf};

use crate::fingerprint::files_under;
use crate::shell::Workshop;
use mask::Masked;

/// Where the project's own sources lie; everything else is built or fetched.
const HOME: [&str; 17] = [
    "engine",
    "rules",
    "trainer",
    "learn",
    "src",
    "collector",
    "cli",
    "xtask",
    "www",
    "tests",
    "benches",
    "fuzz",
    "pkg/package.json",
    "pkg/README.md",
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
];

/// One source file, read once for all the checks.
pub struct Source {
    /// From the root, with `/`: `engine/src/plan.rs`.
    pub name: String,
    pub text: String,
    /// Rust only: code without comments and strings, and the strings.
    pub masked: Masked,
    /// Lines before the `#[cfg(test)]` module that ends the file.
    pub own_lines: usize,
}

impl Source {
    pub fn new(name: &str, text: String) -> Self {
        let masked = if name.ends_with(".rs") { Masked::new(&text) } else { Masked::default() };
        let own_lines = own_lines(&masked, &text);
        Self { name: name.to_owned(), text, masked, own_lines }
    }

    /// Code lines before the tests, with their numbers from 1.
    pub fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.masked.code.lines()).take(self.own_lines)
    }

    /// Whether the whole file is a test.
    pub fn is_test(&self) -> bool {
        let mut parts = self.name.split('/');
        parts.any(|part| part == "tests" || part == "tests.rs")
    }
}

/// Prints the complaints; `true` when there are none.
pub fn report(shop: &Workshop) -> bool {
    let complaints = complaints(&shop.root);
    for complaint in &complaints {
        println!("{complaint}");
    }
    match complaints.len() {
        0 => println!("Everything is tidy."),
        1 => println!("1 complaint."),
        n => println!("{n} complaints."),
    }
    complaints.is_empty()
}

/// Every complaint about the repository, file by file.
pub fn complaints(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut sources = Vec::new();
    for place in HOME {
        for file in files_under(&root.join(place)) {
            match source(root, &file) {
                Some(Ok(source)) => sources.push(source),
                Some(Err(complaint)) => found.push(complaint),
                None => {}
            }
        }
    }
    found.extend(layers::check(&sources));
    found.extend(arrows::check(root, &sources));
    found.extend(prose::check(root, &sources));
    found
}

/// Reads a file that the checks are about; `None` for pictures, data and the like.
fn source(root: &Path, file: &Path) -> Option<Result<Source, String>> {
    let ending = file.extension()?.to_str()?;
    if !matches!(ending, "rs" | "mjs" | "js" | "css" | "html" | "md" | "toml") {
        return None;
    }
    let name = file.strip_prefix(root).map(PathBuf::from).ok()?;
    let name = name.to_string_lossy().replace('\\', "/");
    Some(match std::fs::read_to_string(file) {
        Ok(text) => Ok(Source::new(&name, text)),
        Err(e) => Err(format!("{name}:1: cannot be read: {e}.")),
    })
}

/// Counts up to a `#[cfg(test)]` at the margin that is followed by a module
/// with a body; a test module that ends the file does not count.
fn own_lines(masked: &Masked, text: &str) -> usize {
    let lines: Vec<&str> = masked.code.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let body = || {
            let mut rest = lines.iter().skip(at + 1).map(|l| l.trim());
            let next = rest.find(|l| !l.is_empty() && !l.starts_with("#["));
            next.is_some_and(|l| l.contains("mod ") && l.ends_with('{'))
        };
        if *line == "#[cfg(test)]" && body() {
            return at;
        }
    }
    text.lines().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_module_at_the_end_does_not_count() {
        let source = |text: &str| Source::new("engine/src/a.rs", text.to_owned());
        let tail = "fn a() {}\n\n#[cfg(test)]\nmod tests {\n    use super::*;\n}\n";
        assert_eq!(source(tail).own_lines, 2);
        let declared = "#[cfg(test)]\nmod tests;\nfn a() {}\n";
        assert_eq!(source(declared).own_lines, 3);
        let allowed = "fn a() {}\n#[cfg(test)]\n#[allow(x)]\nmod tests {\n}\n";
        assert_eq!(source(allowed).own_lines, 1);
    }

    #[test]
    fn this_repository_can_be_read() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let engine = source(root, &root.join("engine/src/lib.rs"));
        assert_eq!(engine.unwrap().unwrap().name, "engine/src/lib.rs");
    }
}
