//! Reads counts out of what test runners print. It never takes silence for
//! success: a runner that printed no result line has no tally at all.

/// Tests of one step.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl Tally {
    /// A check that either holds or not, such as formatting.
    pub fn one(holds: bool) -> Self {
        Self { passed: u64::from(holds), failed: u64::from(!holds), skipped: 0 }
    }

    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// `12 passed, 0 failed`, and `, 1 skipped` where any were.
impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

/// Adds up the `test result:` lines of libtest and of `wasm-bindgen-test`.
pub fn cargo(output: &str) -> Option<Tally> {
    let mut sum = None::<Tally>;
    for line in output.lines() {
        // A browser's console is replayed with an indent; the verdict has none.
        let Some(rest) = line.trim_start().strip_prefix("test result: ") else {
            continue;
        };
        let count = |word: &str| number_before(rest, word).unwrap_or_default();
        sum.get_or_insert_default().add(Tally {
            passed: count("passed"),
            failed: count("failed"),
            skipped: count("ignored"),
        });
    }
    sum
}

/// Reads the closing lines of Node's test runner (`ℹ pass 3` or `# pass 3`).
pub fn node(output: &str) -> Option<Tally> {
    let count = |word: &str| {
        output.lines().rev().find_map(|line| {
            let line = line.trim_start_matches(['ℹ', '#']).trim_start();
            let number = line.strip_prefix(word)?.strip_prefix(' ')?;
            number.trim().parse::<u64>().ok()
        })
    };
    Some(Tally {
        passed: count("pass")?,
        failed: count("fail")? + count("cancelled").unwrap_or_default(),
        skipped: count("skipped").unwrap_or_default() + count("todo").unwrap_or_default(),
    })
}

/// The part of a runner's output that says why: libtest's `failures:` blocks,
/// Node's `failing tests:`, the compiler's errors. `None` where there is none.
pub fn reasons(output: &str) -> Option<String> {
    let mut kept = Vec::new();
    let mut inside = false;
    for line in output.lines() {
        let plain = line.trim_start_matches(['✖', ' ']);
        if line == "failures:" || plain.starts_with("failing tests:") || is_error(line) {
            inside = true;
        }
        if inside {
            kept.push(line);
        }
        if line.starts_with("test result:") {
            inside = false;
        }
    }
    (!kept.is_empty()).then(|| kept.join("\n"))
}

fn is_error(line: &str) -> bool {
    line.starts_with("error:") || line.starts_with("error[")
}

fn number_before(text: &str, word: &str) -> Option<u64> {
    let mut last = None;
    for piece in text.split([' ', ';', '.']) {
        if piece == word {
            return last;
        }
        last = piece.parse().ok();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_lines_of_all_crates_are_added_up() {
        let output = "running 3 tests\n\
            test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
            noise about 7 passed\n\
            test result: FAILED. 9 passed; 2 failed; 0 ignored; 0 measured; 4 filtered out\n";
        let want = Tally { passed: 12, failed: 2, skipped: 1 };
        assert_eq!(cargo(output), Some(want));
        assert_eq!(want.to_string(), "12 passed, 2 failed, 1 skipped");
    }

    #[test]
    fn silence_is_no_tally() {
        assert_eq!(cargo("no tests to run!"), None);
        assert_eq!(node("TypeError: boom"), None);
    }

    #[test]
    fn both_of_nodes_reporters_are_read() {
        let spec = "✔ opens (12ms)\nℹ tests 4\nℹ pass 2\nℹ fail 1\nℹ cancelled 1\nℹ skipped 0\nℹ todo 0\n";
        let want = Tally { passed: 2, failed: 2, skipped: 0 };
        assert_eq!(node(spec), Some(want));
        assert_eq!(node(&spec.replace('ℹ', "#")), Some(want));
    }

    #[test]
    fn reasons_are_cut_out_of_the_noise() {
        let output = "test a ... ok\ntest b ... FAILED\n\nfailures:\n\n---- b stdout ----\nboom\n\n\
            test result: FAILED. 1 passed; 1 failed\nnext crate\ntest c ... ok\n";
        let why = reasons(output).unwrap();
        assert!(why.contains("boom") && !why.contains("test c"), "{why}");
        assert!(reasons("error[E0308]: mismatched\n --> x").is_some());
        assert_eq!(reasons("all is well"), None);
    }
}
