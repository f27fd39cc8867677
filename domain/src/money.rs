//! Money is integer minor units of an ISO 4217 currency; decimals are strings at the edges. No floats anywhere.

use crate::error::{Refusal, RefusalCode};

/// No single amount is larger: 10^15 minor units leave room to add millions of them in an `i64`.
pub const MAX_AMOUNT_MINOR: i64 = 1_000_000_000_000_000;

/// How many digits the currency has after the decimal mark (JPY 0, EUR 2, KWD 3); none for an unknown code.
pub fn minor_digits(currency: &str) -> Option<u32> {
    let known = iso_currency::Currency::from_code(currency)?;
    Some(known.exponent().unwrap_or(2).into())
}

/// Minor units as a plain decimal string: `123450` EUR is `1234.50`.
pub fn to_decimal(minor: i64, currency: &str) -> String {
    let digits = minor_digits(currency).unwrap_or(2) as usize;
    let sign = if minor < 0 { "-" } else { "" };
    let all = format!("{:0>width$}", minor.unsigned_abs(), width = digits + 1);
    let (whole, cents) = all.split_at(all.len() - digits);
    if digits == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{cents}") }
}

/// Reads a plain decimal string: ASCII digits, at most one point, at most the currency's decimals, no exponent, no
/// blanks, no sign but a leading minus.
///
/// # Errors
///
/// `INVALID` for another form or an unknown currency, `OUT_OF_RANGE` beyond [`MAX_AMOUNT_MINOR`].
pub fn from_decimal(text: &str, currency: &str) -> Result<i64, Refusal> {
    let digits = minor_digits(currency).ok_or_else(|| Refusal::new(RefusalCode::Invalid, "unknown currency code").at("currency"))? as usize;
    let invalid = || Refusal::new(RefusalCode::Invalid, format!("an amount looks like 1234.{:0<digits$}", "5")).at("amount");
    let (negative, body) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = match body.split_once('.') {
        Some((_, "")) => return Err(invalid()),
        Some((whole, fraction)) => (whole, fraction),
        None => (body, ""),
    };
    if whole.is_empty() || fraction.len() > digits || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        return Err(invalid());
    }
    let out_of_range = || Refusal::new(RefusalCode::OutOfRange, "the amount is larger than this system keeps").at("amount");
    if whole.len() > 18 {
        return Err(out_of_range());
    }
    let minor: i64 = format!("{whole}{fraction:0<digits$}").parse().map_err(|_| out_of_range())?;
    if minor > MAX_AMOUNT_MINOR {
        return Err(out_of_range());
    }
    Ok(if negative { -minor } else { minor })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_round_trip_in_the_scale_of_the_currency() {
        for (text, currency, minor) in
            [("1234.50", "EUR", 123_450), ("0.05", "NZD", 5), ("-0.05", "NOK", -5), ("980", "JPY", 980), ("1.234", "KWD", 1_234)]
        {
            assert_eq!(from_decimal(text, currency).unwrap_or(0), minor, "{text} {currency}");
            assert_eq!(to_decimal(minor, currency), text);
        }
        assert_eq!(from_decimal("7", "EUR").unwrap_or(0), 700);
        assert_eq!(from_decimal("7.5", "EUR").unwrap_or(0), 750);
    }

    #[test]
    fn odd_numbers_are_refused() {
        for text in ["", " 1", "1 ", "1e3", "1,00", "NaN", "Infinity", "١٢", "1.", ".5", "+1", "--1", "0x10", "1.234", "1.2.3"] {
            assert_eq!(from_decimal(text, "EUR").map_err(|r| r.code), Err(RefusalCode::Invalid), "{text:?}");
        }
        assert_eq!(from_decimal("1.5", "JPY").map_err(|r| r.code), Err(RefusalCode::Invalid), "yen have no cents");
        assert_eq!(from_decimal("1", "XYZ").map_err(|r| r.code), Err(RefusalCode::Invalid), "unknown currency");
        for text in ["99999999999999999999999999999", "10000000000000.01", "9223372036854775807"] {
            assert_eq!(from_decimal(text, "EUR").map_err(|r| r.code), Err(RefusalCode::OutOfRange), "{text:?}");
        }
    }
}
