//! The Korean particle that fits a word: `세그먼트를`, `캠페인을`. Never guesses
//! aloud: after a letter whose sound nobody can tell, both forms are written.

/// Hangul syllables, first to last, in 28 finals each.
const SYLLABLES: core::ops::RangeInclusive<char> = '가'..='힣';
const FINALS: u32 = 28;
/// Among the finals: ㄹ, after which `으로` loses its vowel.
const RIEUL: u32 = 8;

/// How a word ends when it is read aloud in Korean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// With a vowel, as in 메시지.
    Vowel,
    /// With the consonant ㄹ, as in 채널.
    Rieul,
    /// With another consonant, as in 캠페인.
    Consonant,
    /// With a letter that can be read in several ways.
    Unsure,
}

/// The form of a particle that fits; `particle` is one of `은 이 을 과 으 라 여`,
/// the last three for `으로`, `이라는` and `이어야`.
pub(crate) fn particle(particle: char, word: &str) -> &'static str {
    // After a consonant, after a vowel, after neither.
    let [consonant, vowel, both] = match particle {
        '은' => ["은", "는", "은(는)"],
        '이' => ["이", "가", "이(가)"],
        '을' => ["을", "를", "을(를)"],
        '과' => ["과", "와", "과(와)"],
        '으' => ["으로", "로", "(으)로"],
        '라' => ["이라", "라", "(이)라"],
        '여' => ["이어", "여", "(이)여"],
        _ => return "",
    };
    match ending(word) {
        Ending::Consonant => consonant,
        Ending::Rieul if particle == '으' => vowel,
        Ending::Rieul => consonant,
        Ending::Vowel => vowel,
        Ending::Unsure => both,
    }
}

/// How a word ends; marks behind its last letter, such as a backtick, are silent.
pub(crate) fn ending(word: &str) -> Ending {
    let Some((at, last)) = word.char_indices().rev().find(|(_, c)| c.is_alphanumeric()) else {
        return Ending::Vowel;
    };
    if SYLLABLES.contains(&last) {
        return match (u32::from(last) - u32::from(*SYLLABLES.start())) % FINALS {
            0 => Ending::Vowel,
            RIEUL => Ending::Rieul,
            _ => Ending::Consonant,
        };
    }
    match last {
        // 영, 십, 백, 천, 만 all end alike; 삼 and 육 too.
        '0' | '3' | '6' => Ending::Consonant,
        // 일, 칠, 팔.
        '1' | '7' | '8' => Ending::Rieul,
        '2' | '4' | '5' | '9' => Ending::Vowel,
        _ if last.is_ascii_alphabetic() => {
            let head = word.get(..at + 1).unwrap_or_default();
            let from = head.rfind(|c: char| !c.is_ascii_alphabetic()).map_or(0, |odd| {
                odd + head.get(odd..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
            });
            latin(head.get(from..).unwrap_or_default())
        }
        _ => Ending::Unsure,
    }
}

/// How an English word ends as Koreans say it: 카트, 이벤트, 슬롯, 타이틀.
fn latin(word: &str) -> Ending {
    let spelt = word.len() == 1 || word.bytes().all(|byte| byte.is_ascii_uppercase());
    if spelt {
        // Letter by letter: 엘, 알, 엠, 엔; the others end with a vowel.
        return match word.bytes().last().map(|byte| byte.to_ascii_uppercase()) {
            Some(b'L' | b'R') => Ending::Rieul,
            Some(b'M' | b'N') => Ending::Consonant,
            _ => Ending::Vowel,
        };
    }
    let word = word.to_ascii_lowercase();
    let is_vowel = |byte: u8| b"aeiouy".contains(&byte);
    let mut back = word.bytes().rev();
    let (last, before, third) = (back.next(), back.next(), back.next());
    match (third, before, last) {
        // 타이틀, 스케줄, 롤.
        (_, Some(b'l'), Some(b'e')) | (_, _, Some(b'l')) => Ending::Rieul,
        // 타임, 존.
        (_, Some(b'm' | b'n'), Some(b'e')) | (_, _, Some(b'm' | b'n')) => Ending::Consonant,
        // 쇼핑.
        (_, Some(b'n'), Some(b'g')) => Ending::Consonant,
        // 클릭, 룩, 홀드아웃.
        (_, Some(b'c'), Some(b'k')) | (Some(b'o'), Some(b'o'), Some(b'k')) => Ending::Consonant,
        (Some(b'o'), Some(b'u'), Some(b't')) => Ending::Consonant,
        // 퍼블릭, and behind one short vowel 슬롯, 팝, 웹; not 위크 or 카트.
        (third, Some(vowel), Some(b'c' | b'p' | b't' | b'k' | b'b'))
            if is_vowel(vowel) && !third.is_some_and(is_vowel) =>
        {
            Ending::Consonant
        }
        _ => Ending::Vowel,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn particles_fit_the_last_letter_whatever_its_script() {
        for (word, want) in [
            ("세그먼트", "세그먼트를"),
            ("캠페인", "캠페인을"),
            ("`add_to_cart`", "`add_to_cart`를"),
            ("`slot`", "`slot`을"),
            ("`title`", "`title`을"),
            ("`timezone`", "`timezone`을"),
            ("`KRW`", "`KRW`를"),
            ("`EUR`", "`EUR`을"),
            ("`$in`", "`$in`을"),
            ("`$and`", "`$and`를"),
            ("`cart.value`", "`cart.value`를"),
            ("`c1`", "`c1`을"),
            ("`c2`", "`c2`를"),
            ("100", "100을"),
            ("40`…", "40`…을"),
            ("`x가나…`", "`x가나…`를"),
            ("`{}`", "`{}`를"),
            ("`東京`", "`東京`을(를)"),
            ("`é`", "`é`을(를)"),
        ] {
            assert_eq!(format!("{word}{}", particle('을', word)), want);
        }
    }

    #[test]
    fn every_particle_has_its_forms() {
        let forms = |word: &str| {
            ['은', '이', '을', '과', '으', '라', '여'].map(|which| particle(which, word)).join(" ")
        };
        assert_eq!(forms("캠페인"), "은 이 을 과 으로 이라 이어");
        assert_eq!(forms("메시지"), "는 가 를 와 로 라 여");
        assert_eq!(forms("채널"), "은 이 을 과 로 이라 이어");
        assert_eq!(forms("中"), "은(는) 이(가) 을(를) 과(와) (으)로 (이)라 (이)여");
        assert_eq!(particle(' ', "채널"), "");
    }

    #[test]
    fn the_words_of_the_language_are_read_as_koreans_read_them() {
        for (words, want) in [
            (
                "event page path purchase message pace interest visits cart list week brand category price device",
                Ending::Vowel,
            ),
            ("goal model channel title schedule email role L R", Ending::Rieul),
            ("item campaign click session slot holdout top public pop time line shopping", Ending::Consonant),
        ] {
            for word in words.split(' ') {
                assert_eq!(ending(word), want, "{word}");
            }
        }
    }
}
