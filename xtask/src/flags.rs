//! The words after a verb. It never guesses: a word that nobody asked for is
//! an error, so that a mistyped flag does not silently do the default.

use crate::shell::Outcome;

/// The words of the command line that are not read yet.
pub struct Flags {
    words: Vec<String>,
}

impl Flags {
    pub fn new(words: Vec<String>) -> Self {
        Self { words }
    }

    /// Takes a switch such as `--fresh`.
    pub fn switch(&mut self, name: &str) -> bool {
        let before = self.words.len();
        self.words.retain(|word| word != name);
        self.words.len() != before
    }

    /// Takes `--name value` or `--name=value`.
    ///
    /// # Errors
    /// The flag is there and its value is not.
    pub fn value(&mut self, name: &str) -> Outcome<Option<String>> {
        for at in 0..self.words.len() {
            let Some(word) = self.words.get(at) else {
                break;
            };
            if let Some(value) = word.strip_prefix(name).and_then(|v| v.strip_prefix('=')) {
                let value = value.to_owned();
                self.words.remove(at);
                return Ok(Some(value));
            }
            if word == name {
                self.words.remove(at);
                if at == self.words.len() {
                    return Err(format!("`{name}` needs a value after it."));
                }
                return Ok(Some(self.words.remove(at)));
            }
        }
        Ok(None)
    }

    /// Takes a TCP port, 1..=65535, or the given one.
    ///
    /// # Errors
    /// The value is not a port.
    pub fn port(&mut self, name: &str, default: u16) -> Outcome<u16> {
        let Some(value) = self.value(name)? else {
            return Ok(default);
        };
        match value.parse() {
            Ok(port) if port > 0 => Ok(port),
            _ => Err(format!("`{name} {value}`: a port is a number from 1 to 65535.")),
        }
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// Names the first word that no one took.
    pub fn none(self) -> Outcome<()> {
        match self.words.first() {
            None => Ok(()),
            Some(word) => Err(format!("`{word}` is not known here; `cargo xtask help` lists the flags.")),
        }
    }

    /// The one switch of a verb that has no other flag.
    pub fn only_switch(mut self, name: &str) -> Outcome<bool> {
        let on = self.switch(name);
        self.none()?;
        Ok(on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(words: &[&str]) -> Flags {
        Flags::new(words.iter().map(|w| (*w).to_owned()).collect())
    }

    #[test]
    fn values_are_read_in_both_spellings() {
        let mut given = flags(&["--port", "9000", "--data=/tmp/x", "--fresh"]);
        assert_eq!(given.port("--port", 8080), Ok(9000));
        assert_eq!(given.value("--data"), Ok(Some("/tmp/x".to_owned())));
        assert!(given.switch("--fresh"));
        assert_eq!(given.none(), Ok(()));
    }

    #[test]
    fn a_word_that_nobody_asked_for_is_an_error() {
        assert!(flags(&["--frseh"]).none().unwrap_err().contains("`--frseh`"));
        assert!(flags(&["--port"]).value("--port").is_err());
        assert!(flags(&["--port", "0"]).port("--port", 1).is_err());
        assert!(flags(&["--port", "70000"]).port("--port", 1).is_err());
    }
}
