//! Which rarely seen sites a plan carries along for its pages: those of the
//! channels that its author names. Never adds one unasked, since every visitor
//! would load it.

use jsonc_parser::ast::Value;
use vitrine_engine::channel::Medium;
use vitrine_engine::sites::RARE;

use crate::desk::Desk;

impl Desk<'_> {
    /// The rows of the channels in `rareSites`, in the table's order.
    pub fn rare_sites(&mut self, value: &Value) -> Option<String> {
        let known: Vec<&str> = Medium::ALL.iter().map(|medium| medium.word()).collect();
        let wanted = self.some_words(value, "`rareSites`", &known)?;
        let letters: Vec<u8> =
            (b'A'..).zip(known).filter(|(_, word)| wanted.contains(word)).map(|(letter, _)| letter).collect();
        let is_wanted = |row: &&str| letter(row).is_some_and(|letter| letters.contains(&letter));
        let rows = RARE.lines().filter(is_wanted);
        Some(rows.fold(String::new(), |text, row| text + row + "\n"))
    }
}

/// The capital that ends a row's key: its medium.
fn letter(row: &str) -> Option<u8> {
    row.bytes().find(u8::is_ascii_uppercase)
}
