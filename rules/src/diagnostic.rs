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

/// A language that sentences are said in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Korean.
    Korean,
}

/// One mistake, as a sentence for the person who can mend it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Whether it stands in the way of publishing.
    pub severity: Severity,
    /// Its kind, one of [`CODES`]; stable, for tools.
    pub code: &'static str,
    /// What is wrong, whole, with the suggestion in words where there is one;
    /// in English.
    pub message: String,
    /// The same in Korean.
    pub message_ko: String,
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
    /// What is wrong, in a language.
    #[must_use]
    pub fn message(&self, language: Language) -> &str {
        match language {
            Language::English => &self.message,
            Language::Korean => &self.message_ko,
        }
    }

    /// The diagnostic as compilers print it:
    /// ``rules.json:4:12: error: unknown field `pathh` in segment `returning`; did you mean `path`?``
    #[must_use]
    pub fn sentence(&self, file: &str, language: Language) -> String {
        let severity = match (self.severity, language) {
            (Severity::Error, Language::English) => "error",
            (Severity::Warning, Language::English) => "warning",
            (Severity::Error, Language::Korean) => "오류",
            (Severity::Warning, Language::Korean) => "경고",
        };
        format!("{file}:{}:{}: {severity}: {}", self.line, self.column, self.message(language))
    }
}

/// A kind of mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// Its name in diagnostics; stable, for tools.
    pub name: &'static str,
    /// What it says, in English.
    pub en: &'static str,
    /// What it says, in Korean.
    pub ko: &'static str,
}

const fn code(name: &'static str, en: &'static str, ko: &'static str) -> Code {
    Code { name, en, ko }
}

/// Every code that a diagnostic can carry, with what it says.
pub const CODES: &[Code] = &[
    code("syntax", "the text is not JSON", "JSON 문법에 맞지 않습니다"),
    code("too_large", "the text is longer than a rule file may be", "파일이 너무 큽니다"),
    code("too_deep", "brackets are nested deeper than any rule needs", "괄호가 너무 깊이 겹쳐 있습니다"),
    code("too_many_mistakes", "the list of mistakes was cut", "틀린 곳이 너무 많아 목록을 줄였습니다"),
    code("duplicate_key", "an object names one field twice", "같은 필드가 두 번 나옵니다"),
    code("unknown_field", "a field that the language does not have", "없는 필드입니다"),
    code("missing_field", "a field that must be there", "있어야 할 필드가 없습니다"),
    code("wrong_type", "a text where a number belongs, and the like", "값의 종류가 다릅니다"),
    code("bad_value", "a value outside of what is allowed", "허용되지 않는 값입니다"),
    code("bad_id", "a name with characters that names may not have", "이름으로 쓸 수 없습니다"),
    code("duplicate_id", "two things of one kind with one name", "이름이 겹칩니다"),
    code("unknown_name", "a segment, slot, goal or message that is not declared", "선언되지 않은 이름입니다"),
    code(
        "unknown_attribute",
        "an attribute that neither the device knows nor the file declares",
        "알 수 없는 속성입니다",
    ),
    code("unknown_event", "an event that is neither GA4's nor declared", "알 수 없는 이벤트입니다"),
    code("unknown_channel", "a channel that does not exist", "없는 채널입니다"),
    code(
        "unsupported",
        "a part of the language that this version does not have",
        "이 버전에서 아직 쓸 수 없습니다",
    ),
    code("conflict", "two fields that exclude each other", "함께 쓸 수 없는 값입니다"),
    code("empty", "a condition or list that says nothing", "내용이 비어 있습니다"),
    code(
        "segment_cycle",
        "segments that are defined by themselves",
        "세그먼트가 자기 자신으로 정의되어 있습니다",
    ),
    code("bad_duration", "a span of time that cannot be read", "기간을 읽을 수 없습니다"),
    code("bad_date", "a date, hour or weekday that cannot be read", "날짜나 시각을 읽을 수 없습니다"),
    code("bad_path", "a path or pattern that no page can have", "경로가 올바르지 않습니다"),
    code("bad_pattern", "a pattern that no device could hold against a text", "패턴을 쓸 수 없습니다"),
    code("bad_text", "a gap in a text that cannot be filled", "글의 빈칸을 채울 수 없습니다"),
    code("bad_link", "a link that does not lead to a page", "링크가 올바르지 않습니다"),
    code(
        "name_collision",
        "two names that devices could not tell apart",
        "기기에서 구별할 수 없는 이름입니다",
    ),
    code("limit", "more of something than a device may be given", "한도를 넘었습니다"),
    code("never_true", "a condition that can never be true", "절대 참이 될 수 없는 조건입니다"),
    code("always_true", "a condition that is true of everybody", "모든 방문자에게 참인 조건입니다"),
    code(
        "true_without_value",
        "a comparison by size that visitors without the value pass",
        "값이 없는 방문자에게도 참인 비교입니다",
    ),
    code(
        "unreachable",
        "a campaign or a wait that can never come about",
        "이루어질 수 없는 캠페인이나 기다림입니다",
    ),
    code("dead_pattern", "a page pattern that no page can fit", "맞는 페이지가 있을 수 없는 패턴입니다"),
    code("schedule_over", "a schedule that has ended", "이미 끝난 일정입니다"),
    code("shadowed", "a campaign whose slot another always holds", "차례가 오지 않는 캠페인입니다"),
    code("two_at_once", "two messages over the page at one moment", "두 메시지가 한꺼번에 보일 수 있습니다"),
    code("empty_row", "a row of products that may find none", "상품이 없어 빌 수 있는 자리입니다"),
    code("zero_weight", "a message that is never drawn", "뽑히지 않는 메시지입니다"),
    code("nothing_to_learn", "a draw of one message", "나눌 메시지가 하나뿐입니다"),
    code("large_holdout", "a holdout of half the visitors or more", "홀드아웃이 너무 큽니다"),
    code(
        "odd_window",
        "a goal's window too long or too short to tell anything, or a ramp longer than its schedule",
        "목표 기간이 너무 길거나 짧습니다. 또는 늘리는 기간이 일정보다 깁니다",
    ),
    code("long_text", "a text too long for where it stands", "자리에 견주어 글이 너무 깁니다"),
    code(
        "secret",
        "what nobody should know, in a file that everybody can read",
        "누구나 읽을 수 있는 파일에 비밀이 있습니다",
    ),
    code("unused_name", "a segment, slot, goal or coupon that nothing uses", "쓰이지 않는 이름입니다"),
];
