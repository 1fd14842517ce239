//! Running other programs. It never hides why one failed: the sentence names
//! the command, and the end of its output follows.

use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// What went wrong is a sentence for the person at the keyboard.
pub type Outcome<T> = Result<T, String>;

/// Lines of a failed command that are shown: a compiler error with its notes
/// fits, a whole log does not.
const TAIL: usize = 60;

/// The repository, and where its tools lie.
pub struct Workshop {
    /// The folder that holds the workspace's `Cargo.toml`.
    pub root: PathBuf,
    /// Cargo's target folder: `$CARGO_TARGET_DIR`, or `target` in the root.
    pub target: PathBuf,
    /// `PATH` with cargo's own `bin` first: `cargo install` puts tools there
    /// even where the shell does not look.
    path: std::ffi::OsString,
}

impl Workshop {
    /// Walks up from the current folder to the workspace.
    ///
    /// # Errors
    /// Started outside the repository.
    pub fn find() -> Outcome<Self> {
        let here = std::env::current_dir().map_err(|e| format!("No current folder: {e}."))?;
        let root = here
            .ancestors()
            .find(|dir| {
                std::fs::read_to_string(dir.join("Cargo.toml"))
                    .is_ok_and(|text| text.lines().any(|line| line.trim() == "[workspace]"))
            })
            .ok_or("Run `cargo xtask` inside the repository.")?
            .to_path_buf();
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(dir) => root.join(dir),
            None => root.join("target"),
        };
        Ok(Self { root, target, path: path_with(cargo_bin())? })
    }

    /// A command that runs in the root and finds cargo's own tools.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(&self.root)
            .env("PATH", &self.path)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_TERM_COLOR", "never")
            .stdin(Stdio::null());
        command
    }

    /// The same, with arguments separated by single spaces: `"cargo build -p x"`.
    pub fn line(&self, line: &str) -> Command {
        let mut words = line.split(' ');
        let mut command = self.command(words.next().unwrap_or_default());
        command.args(words);
        command
    }

    /// The path of a program, if one is installed.
    pub fn which(&self, program: &str) -> Option<PathBuf> {
        std::env::split_paths(&self.path).map(|dir| dir.join(program)).find(|file| file.is_file())
    }

    /// Where the `vitrine` command is built.
    pub fn vitrine(&self) -> PathBuf {
        self.target.join("release").join("vitrine")
    }
}

fn cargo_bin() -> Option<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::var_os("HOME").map(|h| Path::new(&h).join(".cargo")));
    home.map(|home| home.join("bin"))
}

fn path_with(first: Option<PathBuf>) -> Outcome<std::ffi::OsString> {
    let rest = std::env::var_os("PATH").unwrap_or_default();
    let dirs = first.into_iter().chain(std::env::split_paths(&rest));
    std::env::join_paths(dirs).map_err(|e| format!("`PATH` cannot be read: {e}."))
}

/// Everything that a finished command said, stdout and stderr as they came.
pub struct Said {
    pub status: ExitStatus,
    pub text: String,
}

/// Runs to the end and keeps what was said.
///
/// # Errors
/// The program cannot be started.
pub fn listen(mut command: Command) -> Outcome<Said> {
    let name = spoken(&command);
    let missing = |e: std::io::Error| format!("`{name}` cannot be started: {e}.");
    let (reader, writer) = std::io::pipe().map_err(missing)?;
    command.stdout(writer.try_clone().map_err(missing)?);
    command.stderr(writer);
    let mut child = command.spawn().map_err(missing)?;
    // The command holds the pipe's other end open until it is dropped.
    drop(command);
    let mut text = String::new();
    let mut lines = BufReader::new(reader);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
        text.push_str(&String::from_utf8_lossy(&line));
        line.clear();
    }
    let status = child.wait().map_err(missing)?;
    Ok(Said { status, text })
}

/// Runs to the end; what it said comes back.
///
/// # Errors
/// It could not be started, or failed: its last lines are in the sentence.
pub fn quiet(command: Command) -> Outcome<String> {
    let name = spoken(&command);
    let said = listen(command)?;
    if said.status.success() {
        return Ok(said.text);
    }
    Err(format!("{}\n`{name}` failed.", tail(&said.text)))
}

/// Runs with its output on the screen, for long work with progress of its own.
///
/// # Errors
/// It could not be started, or failed.
pub fn shown(mut command: Command) -> Outcome<()> {
    let name = spoken(&command);
    let status = command.status().map_err(|e| format!("`{name}` cannot be started: {e}."))?;
    if status.success() { Ok(()) } else { Err(format!("`{name}` failed.")) }
}

/// Says what is being done while it is done, and how long it took.
///
/// # Errors
/// Those of the work.
pub fn progress<T>(what: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    let started = Instant::now();
    let terminal = std::io::stderr().is_terminal();
    if terminal {
        eprint!("  … {what}");
        let _ = std::io::stderr().flush();
    }
    let done = work();
    let (back, mark) = (if terminal { "\r" } else { "" }, if done.is_ok() { "✓" } else { "✗" });
    eprintln!("{back}  {mark} {what} ({})", seconds(started.elapsed()));
    done
}

/// `0.4 s`, `12 s`, `3 min 20 s`.
pub fn seconds(took: Duration) -> String {
    let whole = took.as_secs();
    match whole {
        0..=9 => format!("{:.1} s", took.as_secs_f64()),
        10..=119 => format!("{whole} s"),
        _ => format!("{} min {} s", whole / 60, whole % 60),
    }
}

/// The last lines of a log.
pub fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let skipped = lines.len().saturating_sub(TAIL);
    lines.into_iter().skip(skipped).collect::<Vec<_>>().join("\n")
}

/// The command as it would be typed.
fn spoken(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for word in command.get_args() {
        text.push(' ');
        text.push_str(&word.to_string_lossy());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_its_command_and_shows_the_end_of_its_output() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo first; echo why >&2; exit 3"]);
        let sentence = quiet(command).unwrap_err();
        assert!(sentence.contains("first\nwhy"), "{sentence}");
        assert!(sentence.ends_with("failed."), "{sentence}");
    }

    #[test]
    fn a_program_that_is_not_there_is_a_sentence() {
        let sentence = quiet(Command::new("/nowhere/tool")).unwrap_err();
        assert!(sentence.starts_with("`/nowhere/tool` cannot be started"));
    }

    #[test]
    fn a_long_log_is_cut_at_its_beginning() {
        let log: String = (0..500).map(|n| format!("line {n}\n")).collect();
        let end = tail(&log);
        assert_eq!(end.lines().count(), TAIL);
        assert!(end.ends_with("line 499"));
    }
}
