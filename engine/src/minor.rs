//! How many digits a currency's minor unit has. Never converts an amount, and is
//! part of no page: a plan carries its currency's digits.

/// Currencies without a minor unit.
const WHOLE: [&str; 17] = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF",
    "XOF", "XPF",
];
/// Currencies of a thousand minor units.
const THOUSANDTHS: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];
/// Units of account, of ten thousand minor units.
const TEN_THOUSANDTHS: [&str; 2] = ["CLF", "UYW"];

/// Digits of a currency by its code, as in ISO 4217, from 0 to 4; two for a code
/// that is in none of its lists, nothing for what is no code.
#[must_use]
pub fn digits(code: &str) -> Option<u8> {
    let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    is_code.then(|| match code {
        _ if WHOLE.contains(&code) => 0,
        _ if THOUSANDTHS.contains(&code) => 3,
        _ if TEN_THOUSANDTHS.contains(&code) => 4,
        _ => 2,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_those_of_iso_4217() {
        for (code, wanted) in [
            ("KRW", Some(0)),
            ("CLP", Some(0)),
            ("XPF", Some(0)),
            ("EUR", Some(2)),
            ("MGA", Some(2)),
            ("XTS", Some(2)),
            ("BHD", Some(3)),
            ("CLF", Some(4)),
            ("krw", None),
            ("WON ", None),
            ("원", None),
        ] {
            assert_eq!(digits(code), wanted, "{code}");
        }
    }
}
