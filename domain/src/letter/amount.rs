//! Amounts as a reader of the language expects them: integers in, text out.

use iso_currency::Currency;
use thiserror::Error;

use super::Language;

/// No-break space: an amount never ends a line between number and currency.
const NBSP: char = '\u{a0}';
/// A true minus sign has the width of a digit.
const MINUS: char = '\u{2212}';

/// Why an amount cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AmountError {
    /// Not a currency that money is counted in.
    #[error("unknown currency {0:?}")]
    UnknownCurrency(String),
}

/// The amount without its currency, for example `1,234.50` or `1.234,50`.
///
/// # Errors
/// [`AmountError::UnknownCurrency`] when `currency` is not an ISO 4217 code with minor units.
pub fn format_number(amount_minor: i64, currency: &str, language: Language) -> Result<String, AmountError> {
    let exponent = exponent(currency)?;
    let (group, decimal) = separators(language);
    let digits = format!("{:0>width$}", amount_minor.unsigned_abs(), width = exponent + 1);
    let (whole, fraction) = digits.split_at(digits.len() - exponent);
    let mut out = String::with_capacity(digits.len() * 2);
    if amount_minor < 0 {
        out.push(MINUS);
    }
    push_grouped(&mut out, whole, group);
    if exponent > 0 {
        out.push(decimal);
        out.push_str(fraction);
    }
    Ok(out)
}

/// The amount with its currency, for example `NZD 1,234.50` or `1.234,50 €`.
///
/// # Errors
/// [`AmountError::UnknownCurrency`] when `currency` is not an ISO 4217 code with minor units.
pub fn format_amount(amount_minor: i64, currency: &str, language: Language) -> Result<String, AmountError> {
    let number = format_number(amount_minor, currency, language)?;
    Ok(match language {
        Language::En => format!("{currency}{NBSP}{number}"),
        Language::De if currency == "EUR" => format!("{number}{NBSP}€"),
        Language::Nb if currency == "NOK" => format!("{number}{NBSP}kr"),
        Language::De | Language::Nb => format!("{number}{NBSP}{currency}"),
    })
}

fn exponent(currency: &str) -> Result<usize, AmountError> {
    Currency::from_code(currency)
        .and_then(Currency::exponent)
        .map(usize::from)
        .ok_or_else(|| AmountError::UnknownCurrency(currency.chars().take(8).collect()))
}

const fn separators(language: Language) -> (char, char) {
    match language {
        Language::En => (',', '.'),
        Language::De => ('.', ','),
        Language::Nb => (NBSP, ','),
    }
}

fn push_grouped(out: &mut String, whole: &str, group: char) {
    for (index, digit) in whole.char_indices() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push(group);
        }
        out.push(digit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn scale_and_separators_follow_currency_and_language() {
        let cases = [
            (123_450, "EUR", Language::De, "1.234,50\u{a0}€"),
            (123_450, "NZD", Language::De, "1.234,50\u{a0}NZD"),
            (123_450, "NZD", Language::En, "NZD\u{a0}1,234.50"),
            (5, "EUR", Language::En, "EUR\u{a0}0.05"),
            (0, "NOK", Language::En, "NOK\u{a0}0.00"),
            (1_234_567, "JPY", Language::En, "JPY\u{a0}1,234,567"),
            (999, "JPY", Language::De, "999\u{a0}JPY"),
            (1_234_567, "KWD", Language::En, "KWD\u{a0}1,234.567"),
            (7, "KWD", Language::De, "0,007\u{a0}KWD"),
            (123_450, "NOK", Language::Nb, "1\u{a0}234,50\u{a0}kr"),
            (123_450, "NOK", Language::De, "1.234,50\u{a0}NOK"),
            (123_450_000, "EUR", Language::Nb, "1\u{a0}234\u{a0}500,00\u{a0}EUR"),
            (-100_000, "EUR", Language::De, "\u{2212}1.000,00\u{a0}€"),
            (i64::MIN, "EUR", Language::En, "EUR\u{a0}\u{2212}92,233,720,368,547,758.08"),
            (i64::MAX, "JPY", Language::De, "9.223.372.036.854.775.807\u{a0}JPY"),
        ];
        for (minor, currency, language, expected) in cases {
            assert_eq!(format_amount(minor, currency, language).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn codes_that_are_no_money_are_refused() {
        for code in ["", "EU", "eur", "XXX", "XAU", "ZZZ", "€"] {
            assert!(format_amount(1, code, Language::En).is_err(), "{code:?} was accepted");
        }
    }

    proptest! {
        #[test]
        fn every_amount_keeps_its_digits(minor: i64, currency in "EUR|JPY|KWD|NZD") {
            for language in Language::ALL {
                let text = format_number(minor, &currency, language).expect("known currency");
                let digits: String = text.chars().filter(char::is_ascii_digit).collect();
                prop_assert_eq!(digits.parse::<u64>().ok(), Some(minor.unsigned_abs()));
                prop_assert_eq!(text.starts_with(MINUS), minor < 0);
            }
        }
    }
}
