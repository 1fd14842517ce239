//! What is wrong with a rule file, and where. Never decides what is wrong.

use serde::Serialize;

/// Whether a rule file can be published in spite of a diagnostic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It cannot.
    Error,
    /// It can; probably something else was meant.
    Warning,
}

/// One mistake, as a sentence for the person who can mend it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Whether it stands in the way of publishing.
    pub severity: Severity,
    /// Its kind, one of [`CODES`]; stable, for tools.
    pub code: &'static str,
    /// What is wrong, whole, with the suggestion in words where there is one.
    pub message: String,
    /// A JSON pointer (RFC 6901) to the value meant. A pointer of more than
    /// 1,024 bytes stops at the last part that fits.
    pub pointer: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
    /// What to write in place of the offending text, for a tool that mends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
}

impl Diagnostic {
    /// The diagnostic as compilers print it:
    /// ``rules.json:4:12: error: unknown field `pathh` in segment `returning`; did you mean `path`?``
    #[must_use]
    pub fn sentence(&self, file: &str) -> String {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        format!("{file}:{}:{}: {severity}: {}", self.line, self.column, self.message)
    }
}

/// Every code that a diagnostic can carry, with what it says.
pub const CODES: &[(&str, &str)] = &[
    ("syntax", "the text is not JSON"),
    ("too_large", "the text is longer than a rule file may be"),
    ("too_deep", "brackets are nested deeper than any rule needs"),
    ("too_many_mistakes", "the list of mistakes was cut"),
    ("duplicate_key", "an object names one field twice"),
    ("unknown_field", "a field that the language does not have"),
    ("missing_field", "a field that must be there"),
    ("wrong_type", "a text where a number belongs, and the like"),
    ("bad_value", "a value outside of what is allowed"),
    ("bad_id", "a name with characters that names may not have"),
    ("duplicate_id", "two things of one kind with one name"),
    ("unknown_name", "a segment, slot, goal or message that is not declared"),
    ("unknown_attribute", "an attribute that neither the device knows nor the file declares"),
    ("unknown_event", "an event that is not GA4's"),
    ("unknown_channel", "a channel that does not exist"),
    ("unsupported", "a part of the language that this version does not have"),
    ("conflict", "two fields that exclude each other"),
    ("empty", "a condition or list that says nothing"),
    ("segment_cycle", "segments that are defined by themselves"),
    ("bad_duration", "a span of time that cannot be read"),
    ("bad_date", "a date, hour or weekday that cannot be read"),
    ("bad_path", "a path or pattern that no page can have"),
    ("bad_text", "a gap in a text that cannot be filled"),
    ("bad_link", "a link that does not lead to a page"),
    ("name_collision", "two names that devices could not tell apart"),
    ("limit", "more of something than a device may be given"),
    ("long_title", "a title too long for its bar"),
];
