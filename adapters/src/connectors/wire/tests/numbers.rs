//! Amounts: exact, or an error.

use domain::money::{MAX_AMOUNT_MINOR, to_decimal};
use proptest::{prelude::*, sample::select};

use crate::connectors::wire::{Number, WireError};

fn minor(json: &str, currency: &str) -> Result<i64, WireError> {
    serde_json::from_str::<Number>(json).map_err(|_| WireError::NotANumber)?.minor(currency)
}

#[test]
fn amounts_are_exact_in_every_spelling() {
    for (json, currency, expected) in [
        ("115.0", "NZD", 11_500),
        ("115.00", "EUR", 11_500),
        ("115", "EUR", 11_500),
        (r#""50.00""#, "NZD", 5_000),
        (r#"" 50 ""#, "NZD", 5_000),
        (r#""5\u0030""#, "NZD", 5_000),
        ("1.15E2", "EUR", 11_500),
        ("1.15e+2", "EUR", 11_500),
        ("11500e-2", "EUR", 11_500),
        ("1150000E-4", "EUR", 11_500),
        ("-8.5", "NOK", -850),
        ("-0.00", "EUR", 0),
        ("0", "EUR", 0),
        ("0E999999999999999999999999", "EUR", 0),
        ("0.010000000000000000000000", "EUR", 1),
        // A float of 32 bits makes 148062.77 of it, and one of 64 bits 1.1500000000000001 of the next.
        ("148062.76", "AUD", 14_806_276),
        ("1.15", "EUR", 115),
        ("9007199254740.93", "EUR", 900_719_925_474_093),
        ("980", "JPY", 980),
        ("980.000", "JPY", 980),
        ("1.234", "KWD", 1_234),
        ("10000000000000.00", "EUR", MAX_AMOUNT_MINOR),
        ("1e13", "EUR", MAX_AMOUNT_MINOR),
        ("-1e13", "EUR", -MAX_AMOUNT_MINOR),
    ] {
        assert_eq!(minor(json, currency), Ok(expected), "{json} {currency}");
    }
}

#[test]
fn what_would_lose_or_overflow_is_refused() {
    for (json, currency, expected) in [
        ("8.5212", "USD", WireError::TooFine),
        ("0.001", "EUR", WireError::TooFine),
        ("1E-400000000", "EUR", WireError::TooFine),
        ("0.5", "JPY", WireError::TooFine),
        ("1.2345", "KWD", WireError::TooFine),
        ("10000000000000.01", "EUR", WireError::TooLarge),
        ("-10000000000000.01", "EUR", WireError::TooLarge),
        ("99999999999999999999999999", "EUR", WireError::TooLarge),
        ("1E400000000", "EUR", WireError::TooLarge),
        ("1E99999999999999999999", "EUR", WireError::TooLarge),
        ("1", "XYZ", WireError::UnknownCurrency),
        ("1", "eur", WireError::UnknownCurrency),
        ("1", "", WireError::UnknownCurrency),
    ] {
        assert_eq!(minor(json, currency), Err(expected), "{json} {currency}");
    }
}

#[test]
fn what_is_no_number_is_not_taken_for_one() {
    for json in [
        "NaN",
        "Infinity",
        "-Infinity",
        r#""NaN""#,
        r#""Infinity""#,
        r#""""#,
        r#"" ""#,
        r#""1,50""#,
        r#""1.500,00""#,
        r#""+1""#,
        r#""1.""#,
        r#"".5""#,
        r#""--1""#,
        r#""1e""#,
        r#""1e1.5""#,
        r#""0x10""#,
        r#""١٢""#,
        r#""1 000""#,
        r#""EUR 1""#,
        r#""1\u0000""#,
        "true",
        "null",
        "[1]",
        "{}",
        "01",
        "1.",
        "-",
    ] {
        assert_eq!(minor(json, "EUR"), Err(WireError::NotANumber), "{json}");
    }
    let endless = format!("\"{}\"", "1".repeat(1000));
    assert_eq!(minor(&endless, "EUR"), Err(WireError::NotANumber));
}

#[test]
fn whole_numbers_are_whole() {
    let whole = |text: &str| text.parse::<Number>().unwrap().whole();
    assert_eq!(whole("14"), Ok(14));
    assert_eq!(whole("14.0"), Ok(14));
    assert_eq!(whole("14.5"), Err(WireError::TooFine));
}

proptest! {
    #[test]
    fn every_amount_survives_its_decimal_spelling(
        amount in -MAX_AMOUNT_MINOR..=MAX_AMOUNT_MINOR, currency in select(vec!["JPY", "EUR", "KWD"]), quoted: bool, zeros in 0..5_usize,
    ) {
        let written = to_decimal(amount, currency);
        let padded = if written.contains('.') { format!("{written}{}", "0".repeat(zeros)) } else { written };
        let json = if quoted { format!("\"{padded}\"") } else { padded };
        prop_assert_eq!(minor(&json, currency), Ok(amount));
    }

    #[test]
    fn moving_the_point_with_an_exponent_changes_nothing(amount in -MAX_AMOUNT_MINOR..=MAX_AMOUNT_MINOR, places in 0..20_usize) {
        let shifted = format!("{amount}{}E-{}", "0".repeat(places), places + 2);
        prop_assert_eq!(minor(&shifted, "EUR"), Ok(amount));
    }

    #[test]
    fn half_a_minor_unit_is_never_rounded_away(amount in 0..MAX_AMOUNT_MINOR, digit in 1..=9) {
        let written = format!("{}{digit}", to_decimal(amount, "EUR"));
        prop_assert_eq!(minor(&written, "EUR"), Err(WireError::TooFine));
    }

    #[test]
    fn any_text_is_a_number_or_an_error(text in "\\PC{0,80}", digits in "[-+0-9.eE]{0,70}") {
        for given in [text, digits] {
            if let Ok(number) = given.parse::<Number>() {
                prop_assert_eq!(number.text(), given.as_str());
                let _ = number.minor("EUR");
                let _ = number.whole();
            }
        }
    }
}
