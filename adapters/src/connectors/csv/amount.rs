//! Amounts as files spell them, read exactly into minor units: `1,234.50`, `1.234,50 €`, `1 234,50`, `1'234.50`,
//! `100,-`.
//!
//! Whether `1,234` is one thousand or one and a bit is a question to the whole file ([`super::evidence`]). Groups must be
//! whole (three digits each); exactly three decimals are never taken for a currency with two, because that is what a
//! misread group looks like; more than three may only be zeros.

use domain::{RefusalCode, import::DecimalMark, money};

/// Why a cell is no amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AmountFault {
    pub code: RefusalCode,
    pub message: String,
}

/// What one amount tells about the file's decimal mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MarkHint {
    /// Nothing: no mark, or no amount.
    None,
    /// This is the decimal mark.
    Sure(DecimalMark),
    /// This mark with three digits behind it: decimals or a group.
    Open(DecimalMark),
}

/// Looks at the marks of one cell.
pub(super) fn hint(cell: &str) -> MarkHint {
    let Some(mark) = cell.chars().rev().find_map(mark_of) else { return MarkHint::None };
    let other = if mark == DecimalMark::Point { DecimalMark::Comma } else { DecimalMark::Point };
    let body: String = cell.chars().filter(|char| char.is_ascii_digit() || mark_of(*char).is_some()).collect();
    let (before, after) = body.rsplit_once(sign_of(mark)).unwrap_or((&body, ""));
    if !before.bytes().any(|byte| byte.is_ascii_digit()) {
        return MarkHint::None;
    }
    if before.contains(sign_of(mark)) {
        let grouped = before.split(sign_of(mark)).skip(1).chain([after]).all(|group| group.len() == 3);
        return if grouped { MarkHint::Sure(other) } else { MarkHint::None };
    }
    let grouped_before = cell.contains(['\'', '’']) || before.contains(sign_of(other));
    if after.len() != 3 || grouped_before || before.len() > 3 || before.starts_with('0') {
        return MarkHint::Sure(mark);
    }
    MarkHint::Open(mark)
}

/// Minor units of the currency. Without a mark only what fits one mark alone is read.
pub(super) fn read(cell: &str, mark: Option<DecimalMark>, currency: &str) -> Result<i64, AmountFault> {
    let digits = money::minor_digits(currency).ok_or_else(|| unknown_currency(currency))?;
    let mark = match (mark, hint(cell)) {
        (Some(mark), _) | (None, MarkHint::Sure(mark)) => mark,
        (None, MarkHint::None) => DecimalMark::Point,
        (None, MarkHint::Open(_)) => {
            return Err(invalid(format!("{} may be decimals or thousands: say which decimal mark the file uses", excerpt(cell))));
        }
    };
    let plain = plain(bare(cell, currency)?, mark, digits as usize).ok_or_else(|| {
        let example = if mark == DecimalMark::Point { "1,234.50" } else { "1.234,50" };
        invalid(format!("{} is not an amount in {currency} like {example} ({digits} decimals at most)", excerpt(cell)))
    })?;
    money::from_decimal(&plain, currency).map_err(|refusal| AmountFault { code: refusal.code, message: refusal.message })
}

/// The first characters of a cell, in quotes, for messages.
pub(super) fn excerpt(cell: &str) -> String {
    let short: String = cell.chars().filter(|char| !char.is_control()).take(40).collect();
    if short.len() < cell.len() { format!("\"{short}…\"") } else { format!("\"{short}\"") }
}

/// Without the currency's sign or code, which must be the row's.
fn bare<'a>(cell: &'a str, currency: &str) -> Result<&'a str, AmountFault> {
    let is_sign = |char: char| !char.is_ascii_digit() && mark_of(char).is_none() && !matches!(char, '-' | '\u{2212}' | '+');
    let start = cell.trim_start_matches(is_sign);
    let lead = cell.strip_suffix(start).unwrap_or_default();
    let body = start.trim_end_matches(is_sign);
    let tail = start.strip_prefix(body).unwrap_or_default();
    for sign in [lead.trim(), tail.trim()] {
        if sign.is_empty() || names_currency(sign, currency) {
            continue;
        }
        let code = sign.to_ascii_uppercase();
        return Err(if names_some_currency(&code) {
            AmountFault { code: RefusalCode::CurrencyMismatch, message: format!("{} is not in {currency}", excerpt(cell)) }
        } else {
            invalid(format!("{} is not an amount", excerpt(cell)))
        });
    }
    Ok(body)
}

fn names_currency(sign: &str, currency: &str) -> bool {
    match sign {
        "€" => currency == "EUR",
        "£" => currency == "GBP",
        "¥" => matches!(currency, "JPY" | "CNY"),
        "$" => currency.ends_with('D'),
        "NZ$" => currency == "NZD",
        "A$" | "AU$" => currency == "AUD",
        "US$" => currency == "USD",
        "kr" | "kr." | "Kr" => matches!(currency, "NOK" | "SEK" | "DKK" | "ISK"),
        _ => sign.eq_ignore_ascii_case(currency),
    }
}

fn names_some_currency(code: &str) -> bool {
    matches!(code, "€" | "£" | "¥" | "$" | "KR") || money::minor_digits(code).is_some()
}

/// A plain decimal with a point and at most the currency's decimals.
fn plain(body: &str, mark: DecimalMark, digits: usize) -> Option<String> {
    let (negative, body) = body.strip_prefix(['-', '\u{2212}']).map_or((false, body), |rest| (true, rest.trim_start()));
    let (whole, decimals) = match body.rsplit_once(sign_of(mark)) {
        Some((whole, "-" | "–")) => (whole, ""),
        Some((_, "")) => return None,
        Some((whole, decimals)) => (whole, decimals),
        None => (body, ""),
    };
    let whole = ungroup(whole, mark)?;
    let kept = if decimals.len() > digits.max(3) { decimals.get(..digits)? } else { decimals };
    let rest = decimals.get(kept.len()..)?;
    if kept.len() > digits || !kept.bytes().all(|byte| byte.is_ascii_digit()) || !rest.bytes().all(|byte| byte == b'0') {
        return None;
    }
    let sign = if negative { "-" } else { "" };
    Some(if kept.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{kept}") })
}

/// Digits without their groups.
fn ungroup(whole: &str, mark: DecimalMark) -> Option<String> {
    if whole.is_empty() {
        return None;
    }
    if whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(whole.to_owned());
    }
    let between = whole.chars().find(|char| !char.is_ascii_digit())?;
    let groups_by = mark_of(between).is_some_and(|found| found != mark)
        || matches!(between, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '\u{2019}');
    let mut groups = whole.split(between);
    let first = groups.next().filter(|first| (1..=3).contains(&first.len()))?;
    let mut digits = first.to_owned();
    for group in groups {
        if group.len() != 3 {
            return None;
        }
        digits.push_str(group);
    }
    (groups_by && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

const fn mark_of(char: char) -> Option<DecimalMark> {
    match char {
        '.' => Some(DecimalMark::Point),
        ',' => Some(DecimalMark::Comma),
        _ => None,
    }
}

const fn sign_of(mark: DecimalMark) -> char {
    match mark {
        DecimalMark::Point => '.',
        DecimalMark::Comma => ',',
    }
}

fn invalid(message: String) -> AmountFault {
    AmountFault { code: RefusalCode::Invalid, message }
}

fn unknown_currency(currency: &str) -> AmountFault {
    invalid(format!("{} is not a currency of ISO 4217", excerpt(currency)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use DecimalMark::{Comma, Point};

    #[test]
    fn amounts_are_read_to_the_minor_unit() {
        let cases = [
            ("55.94", Point, "NZD", 5_594),
            ("1,234.50", Point, "NZD", 123_450),
            ("1.234,50", Comma, "EUR", 123_450),
            ("1 234,50", Comma, "NOK", 123_450),
            ("1\u{a0}234,5", Comma, "NOK", 123_450),
            ("1'234'567.05", Point, "CHF", 123_456_705),
            ("€ 1.234,50", Comma, "EUR", 123_450),
            ("1.234,50 €", Comma, "EUR", 123_450),
            ("1,234.50 nzd", Point, "NZD", 123_450),
            ("$55.94", Point, "USD", 5_594),
            ("kr 100,-", Comma, "NOK", 10_000),
            ("980", Comma, "JPY", 980),
            ("1.234", Point, "KWD", 1_234),
            ("12.5000", Point, "EUR", 1_250),
            ("-12.50", Point, "EUR", -1_250),
            ("\u{2212}12,50", Comma, "EUR", -1_250),
            ("12.345.678", Comma, "EUR", 1_234_567_800),
            ("10000000000000.00", Point, "EUR", 1_000_000_000_000_000),
        ];
        for (cell, mark, currency, minor) in cases {
            let found = read(cell, Some(mark), currency).unwrap_or_default();
            assert_eq!(found, minor, "{cell}");
        }
    }

    #[test]
    fn odd_quantities_are_refused() {
        for cell in [
            "",
            "1e3",
            "NaN",
            "Infinity",
            "١٢",
            "0x10",
            "1.2.3",
            "12.345",
            "0.001",
            "12.3456",
            "1,00",
            "1,2345",
            "12,34.50",
            "1,234,5",
            ".5",
            "5.",
            "--1",
            "=1+1",
            "1 2",
            "(12.50)",
            "12.50-",
            "12 50",
            "abc",
            "1,234.50 apples",
            "1\u{a0}234\u{202f}567",
        ] {
            let found = read(cell, Some(Point), "EUR");
            assert_eq!(found.map_err(|fault| fault.code), Err(RefusalCode::Invalid), "{cell:?}");
        }
        for cell in ["99999999999999999999999999999", "10000000000000.01"] {
            assert_eq!(read(cell, Some(Point), "EUR").map_err(|fault| fault.code), Err(RefusalCode::OutOfRange), "{cell}");
        }
        for cell in ["€ 5", "5 USD", "$5", "5 kr"] {
            assert_eq!(read(cell, Some(Point), "CHF").map_err(|fault| fault.code), Err(RefusalCode::CurrencyMismatch), "{cell}");
        }
        assert_eq!(read("1.5", Some(Point), "JPY").map_err(|fault| fault.code), Err(RefusalCode::Invalid), "yen have no cents");
        assert_eq!(read("1.5", Some(Point), "XYZ").map_err(|fault| fault.code), Err(RefusalCode::Invalid), "no such currency");
    }

    #[test]
    fn marks_are_told_apart_where_they_can_be() {
        let cases = [
            ("1234", MarkHint::None),
            ("", MarkHint::None),
            ("n/a.", MarkHint::None),
            ("55.94", MarkHint::Sure(Point)),
            ("55,9", MarkHint::Sure(Comma)),
            ("1,234.50", MarkHint::Sure(Point)),
            ("1.234,500", MarkHint::Sure(Comma)),
            ("1.234.567", MarkHint::Sure(Comma)),
            ("1234,567", MarkHint::Sure(Comma)),
            ("0.500", MarkHint::Sure(Point)),
            ("1'234.500", MarkHint::Sure(Point)),
            ("1.234 €", MarkHint::Open(Point)),
            ("1,234", MarkHint::Open(Comma)),
            ("100,-", MarkHint::Sure(Comma)),
        ];
        for (cell, expected) in cases {
            assert_eq!(hint(cell), expected, "{cell:?}");
        }
        assert!(read("1,234", None, "EUR").is_err(), "not guessed for a single cell");
        assert_eq!(read("1,23", None, "EUR"), Ok(123));
    }
}
