//! Why a pattern is refused, in words. Never finds a fault: whoever reads a
//! pattern does.

use crate::notes::quote;
use crate::said::Said;

/// Why a pattern cannot be used, and where in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// Byte offset in the pattern of the part that is wrong.
    pub at: usize,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// `(?=`, `(?!`, `(?<=` or `(?<!`.
    LookAround,
    /// `\1` or `\k<name>`.
    BackReference,
    /// The table would have too many states, or too much work to find them.
    TooLarge,
    /// More different letters than a table tells apart.
    TooVaried,
    /// More letters than a pattern may have.
    TooLong,
    /// Brackets nested too deep.
    TooDeep,
    /// `*` or its like with nothing before it.
    NothingToRepeat,
    /// `{3,2}`.
    CountsReversed,
    /// `[z-a]`.
    RangeReversed,
    /// `(` without `)`.
    OpenGroup,
    /// `)` without `(`.
    StrayBracket,
    /// `[` without `]`.
    OpenClass,
    /// `(?` and something that is no group.
    UnknownGroup,
    /// A group's name that is none.
    BadGroupName,
    /// Two groups of one name.
    SameGroupName,
    /// `\` at the end.
    LoneBackslash,
    /// An escape that means nothing here.
    BadEscape,
    /// A path pattern that does not begin with `/`.
    NoSlash,
    /// `?` or `#` in a path pattern.
    NoPath,
    /// `**` that is not a whole part of a path.
    StarsInPart,
    /// `{…}` that is neither `{id}` nor a list of alternatives.
    UnknownPlaceholder,
    /// Alternatives within alternatives, or `/` within them.
    NotWithinPart,
}

impl Refusal {
    /// What is wrong with a pattern, whole.
    pub(crate) fn of(&self, pattern: &str) -> Said {
        say!(
            en: "{pattern} {why}", ko: "{pattern:은<} 쓸 수 없는 패턴입니다. {why}",
            pattern = quote(pattern), why = self.fault.sentence(),
        )
    }
}

impl Fault {
    /// What is wrong, as the end of a sentence that begins with the pattern.
    pub(crate) fn sentence(self) -> Said {
        match self {
            Fault::LookAround => say!(
                en: "looks ahead or behind, which no device's table can do",
                ko: "앞이나 뒤를 살피는 표현이 있어 기기의 표로 만들 수 없습니다",
            ),
            Fault::BackReference => say!(
                en: "refers back to an earlier group, which no device's table can do",
                ko: "앞의 그룹을 다시 가리키는 표현이 있어 기기의 표로 만들 수 없습니다",
            ),
            Fault::TooLarge => say!(
                en: "needs too large a table for a device; use fewer or smaller counts, or begin it with `^`",
                ko: "기기에 담기에는 표가 너무 커집니다. 반복 횟수를 줄이거나 `^`로 시작하세요",
            ),
            Fault::TooVaried => say!(
                en: "tells more than 250 different letters apart; split it into several patterns",
                ko: "구별하는 글자가 250가지를 넘습니다. 패턴을 여럿으로 나누세요",
            ),
            Fault::TooLong => say!(en: "is longer than a pattern may be", ko: "패턴의 한도보다 깁니다"),
            Fault::TooDeep => say!(
                en: "nests its brackets deeper than a pattern may", ko: "괄호가 패턴의 한도보다 깊이 겹쳐 있습니다",
            ),
            Fault::NothingToRepeat => say!(
                en: "repeats nothing: a letter or group must stand before", ko: "반복할 글자나 그룹이 앞에 없습니다",
            ),
            Fault::CountsReversed => {
                say!(en: "counts from more to fewer", ko: "반복 횟수의 앞 숫자가 뒤 숫자보다 큽니다")
            }
            Fault::RangeReversed => say!(
                en: "has a range from a higher to a lower letter", ko: "글자 범위의 앞뒤가 바뀌었습니다",
            ),
            Fault::OpenGroup => say!(en: "has a `(` that is never closed", ko: "`(`가 닫히지 않았습니다"),
            Fault::StrayBracket => say!(
                en: "has a `)` that closes nothing; write `\\)` for the sign itself",
                ko: "`)`가 닫을 것이 없습니다. 글자 그대로라면 `\\)`로 쓰세요",
            ),
            Fault::OpenClass => say!(en: "has a `[` that is never closed", ko: "`[`가 닫히지 않았습니다"),
            Fault::UnknownGroup => say!(
                en: "has a kind of group that browsers do not agree on; write `(?:…)`",
                ko: "브라우저마다 다르게 읽는 그룹이 있습니다. `(?:…)`로 쓰세요",
            ),
            Fault::BadGroupName => {
                say!(en: "has a group whose name is no name", ko: "그룹 이름이 올바르지 않습니다")
            }
            Fault::SameGroupName => {
                say!(en: "has two groups of one name", ko: "이름이 같은 그룹이 둘 있습니다")
            }
            Fault::LoneBackslash => say!(
                en: "ends with a backslash that escapes nothing", ko: "끝의 역슬래시 뒤에 글자가 없습니다",
            ),
            Fault::BadEscape => say!(
                en: "escapes a letter that means nothing here", ko: "역슬래시 뒤의 글자에 여기서는 뜻이 없습니다",
            ),
            Fault::NoSlash => say!(en: "must begin with `/`", ko: "`/`로 시작해야 합니다"),
            Fault::NoPath => say!(
                en: "is held against paths, which have no `?` and no `#`",
                ko: "경로와 견주는 패턴인데, 경로에는 `?`와 `#`이 없습니다",
            ),
            Fault::StarsInPart => say!(
                en: "has `**` beside other text; `**` stands for whole parts, as in `/list/**`",
                ko: "`**`가 다른 글자와 붙어 있습니다. `/list/**`처럼 `**`는 경로의 마디 전체를 나타냅니다",
            ),
            Fault::UnknownPlaceholder => say!(
                en: "has a placeholder that does not exist; there are `{{id}}` and lists such as `{{shoes,bags}}`",
                ko: "없는 자리표시자가 있습니다. `{{id}}`와 `{{shoes,bags}}` 같은 목록을 쓸 수 있습니다",
            ),
            Fault::NotWithinPart => say!(
                en: "has alternatives that are nested or reach over a `/`",
                ko: "선택지가 겹쳐 있거나 `/`를 넘어갑니다",
            ),
        }
    }
}
