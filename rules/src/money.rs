//! How amounts are written, by currency. Never converts one into another.

use vitrine_engine::minor::digits;
use vitrine_engine::plan::Grid;
use vitrine_engine::template::Currency;

/// A currency's code, before, after, thousands, point; and the amount,
/// in main units, to which revenue is rounded where the file says nothing:
/// about what a coffee or a bus ride costs, so that sums stay useful and no
/// amount names a person.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str, u64);

/// The currencies that shops use most, as their own countries write them.
const TABLE: &[Row] = &[
    ("AED", "AED ", "", ",", ".", 5),
    ("AUD", "A$", "", ",", ".", 1),
    ("BRL", "R$ ", "", ".", ",", 5),
    ("CAD", "CA$", "", ",", ".", 1),
    ("CHF", "CHF ", "", "’", ".", 1),
    ("CNY", "CN¥", "", ",", ".", 5),
    ("CZK", "", " Kč", " ", ",", 20),
    ("DKK", "", " kr.", ".", ",", 10),
    ("EUR", "", " €", ".", ",", 1),
    ("GBP", "£", "", ",", ".", 1),
    ("HKD", "HK$", "", ",", ".", 10),
    ("HUF", "", " Ft", " ", ",", 500),
    ("IDR", "Rp ", "", ".", ",", 10_000),
    ("ILS", "₪", "", ",", ".", 5),
    ("INR", "₹", "", ",", ".", 100),
    ("JPY", "¥", "", ",", ".", 100),
    ("KRW", "₩", "", ",", ".", 1_000),
    ("KWD", "KWD ", "", ",", ".", 1),
    ("MXN", "MX$", "", ",", ".", 20),
    ("MYR", "RM ", "", ",", ".", 5),
    ("NOK", "", " kr", " ", ",", 10),
    ("NZD", "NZ$", "", ",", ".", 1),
    ("PHP", "₱", "", ",", ".", 50),
    ("PLN", "", " zł", " ", ",", 5),
    ("SAR", "SAR ", "", ",", ".", 5),
    ("SEK", "", " kr", " ", ",", 10),
    ("SGD", "S$", "", ",", ".", 1),
    ("THB", "฿", "", ",", ".", 50),
    ("TRY", "₺", "", ".", ",", 50),
    ("TWD", "NT$", "", ",", ".", 50),
    ("USD", "$", "", ",", ".", 1),
    ("VND", "", " ₫", ".", ",", 10_000),
    ("ZAR", "R ", "", ",", ".", 20),
];

/// Revenue is clipped at so many steps where the file says nothing: ten
/// million won, or ten thousand euro.
const CLIP_STEPS: u64 = 10_000;

/// The engine's own bound on one visitor's revenue, in minor units: its square
/// fits into a report's 128 bits with room for a site's visitors.
pub(crate) const CLIP_LIMIT: u64 = 1_000_000_000;

/// A currency and its usual grid. One that is not in the table is written with
/// its code in front, and what its unit is worth is not known: an order may be
/// millions, so only the engine's own bound clips it. `None` for what is no code.
pub(crate) fn currency(code: &str) -> Option<(Currency, Grid)> {
    let digits = digits(code)?;
    let unknown = format!("{code} ");
    let row = TABLE.iter().find(|row| row.0 == code);
    let (_, before, after, group, point, step) = row.copied().unwrap_or(("", "", "", ",", ".", 1));
    let currency = Currency {
        code: code.into(),
        digits,
        before: if row.is_some() { before.into() } else { unknown },
        after: after.into(),
        group: group.into(),
        point: point.into(),
    };
    let step = step * u64::from(minor_per_unit(&currency));
    let most = if row.is_some() { step * CLIP_STEPS } else { CLIP_LIMIT };
    Some((currency, Grid { step, clip: most.min(CLIP_LIMIT) }))
}

/// Minor units in one unit: 1 for won, 100 for euro.
pub(crate) fn minor_per_unit(currency: &Currency) -> u32 {
    10u32.saturating_pow(currency.digits.into())
}

/// Every code of the table, for suggestions.
pub(crate) fn codes() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|row| row.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_in_their_country() {
        let show = |code: &str, minor| currency(code).unwrap().0.show(minor);
        assert_eq!(show("KRW", 1_290_000), "₩1,290,000");
        assert_eq!(show("EUR", 123_405), "1.234,05 €");
        assert_eq!(show("KWD", 1_234_567), "KWD 1,234.567");
        assert_eq!(show("XTS", 123_456), "XTS 1,234.56");
        assert_eq!(show("CLP", 12_990), "CLP 12,990");
        assert_eq!(show("BHD", 12_990), "BHD 12.990");
    }

    #[test]
    fn a_currency_of_unknown_worth_keeps_orders_of_millions() {
        let clip = |code: &str| currency(code).unwrap().1.clip;
        assert_eq!((clip("EUR"), clip("COP"), clip("CLP")), (1_000_000, CLIP_LIMIT, CLIP_LIMIT));
    }

    #[test]
    fn every_row_is_a_code_of_its_own_with_a_grid_that_the_engine_takes() {
        for pair in TABLE.windows(2) {
            assert!(pair[0].0 < pair[1].0, "{} and {}", pair[0].0, pair[1].0);
        }
        for code in codes() {
            let (_, grid) = currency(code).unwrap();
            assert!(grid.step >= 1 && grid.step < grid.clip && grid.clip <= CLIP_LIMIT, "{code}");
        }
    }
}
