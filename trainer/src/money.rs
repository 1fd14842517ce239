//! How many digits a currency's minor unit has. Never converts an amount.

/// Currencies without a minor unit.
const WHOLE: [&str; 15] =
    ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF"];
/// Currencies of a thousand minor units.
const THOUSANDTHS: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

/// Digits of a currency by its code, as in ISO 4217; nothing for what is no code.
#[must_use]
pub fn digits(code: &str) -> Option<u8> {
    let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    is_code.then(|| match code {
        _ if WHOLE.contains(&code) => 0,
        _ if THOUSANDTHS.contains(&code) => 3,
        _ => 2,
    })
}
