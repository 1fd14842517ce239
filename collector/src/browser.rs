//! Which browsers forget. Never keeps what a browser calls itself: one bit of
//! it is counted, whether WebKit deletes what a page stored after seven days
//! without a visit (Intelligent Tracking Prevention, since 2020).
//!
//! A visitor who comes back after such a week is a new one, draws anew, and
//! what they buy then belongs to no message. So their counts are also kept
//! apart, and results can be read without them.

/// Whether a browser forgets after seven days: Safari on a Mac, and every
/// browser and app on an iPhone or iPad, which all run on WebKit there.
#[must_use]
pub fn is_forgetful(agent: &str) -> bool {
    let has = |word: &str| agent.contains(word);
    let is_handheld = has("iPhone") || has("iPad") || has("iPod");
    let is_safari = has("Macintosh") && has("Version/") && has("Safari/") && !has("Chrome/");
    has("AppleWebKit/") && (is_handheld || is_safari)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn webkit_is_told_from_those_that_borrow_its_name() {
        for forgetful in [
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 KAKAOTALK 11.0.0",
        ] {
            assert!(is_forgetful(forgetful), "{forgetful}");
        }
        for lasting in [
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
            "Mozilla/5.0 (Linux; Android 15; SM-S928N) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
            "Mozilla/5.0 (Linux; Android 15; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/131.0.0.0 Mobile Safari/537.36",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:133.0) Gecko/20100101 Firefox/133.0",
            "",
        ] {
            assert!(!is_forgetful(lasting), "{lasting}");
        }
    }
}
