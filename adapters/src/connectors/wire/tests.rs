//! The traps of the providers' documents, as tables, and what holds for every number.

use chrono::{DateTime, NaiveDate};
use domain::money::{MAX_AMOUNT_MINOR, to_decimal};
use proptest::{prelude::*, sample::select};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{CONTRACT_BROKEN, Day, Instant, Number, WireError, each, records, text};

/// Stands for a debtor's data, which no message may hold.
const CANARY: &str = "CANARY7f3a";

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

#[test]
fn a_day_is_the_one_in_the_books() {
    for (json, expected) in [
        (r#""/Date(1439434356790)/""#, "2015-08-13"),
        (r#""\/Date(1439434356790)\/""#, "2015-08-13"),
        (r#""\\/Date(1439434356790)\\/""#, "2015-08-13"),
        // 11:00 in UTC, the day after in Auckland.
        (r#""/Date(1419937200000+1300)/""#, "2014-12-30"),
        (r#""/Date(1541548800000+0000)/""#, "2018-11-07"),
        (r#""/Date(1541548800000+1300)/""#, "2018-11-07"),
        (r#""/Date(1541548800000-1100)/""#, "2018-11-07"),
        (r#""/Date(0)/""#, "1970-01-01"),
        (r#""/Date(-1)/""#, "1969-12-31"),
        (r#""/Date(-86400000+0000)/""#, "1969-12-31"),
        (r#""2018-11-07T00:00:00""#, "2018-11-07"),
        (r#""2018-11-07T00:00:00.0000000""#, "2018-11-07"),
        (r#""2018-11-07T00:00:00Z""#, "2018-11-07"),
        (r#""2018-11-07T00:00:00+13:00""#, "2018-11-07"),
        (r#""2018-11-07T23:00:00-11:00""#, "2018-11-07"),
        (r#""2018-11-07 00:00:00""#, "2018-11-07"),
        (r#"" 2018-11-07 ""#, "2018-11-07"),
        (r#""2024-02-29""#, "2024-02-29"),
    ] {
        let expected: NaiveDate = expected.parse().unwrap();
        assert_eq!(serde_json::from_str::<Day>(json).ok(), Some(Day(expected)), "{json}");
    }
}

#[test]
fn what_is_no_day_is_not_guessed() {
    for given in [
        "",
        "0000-00-00",
        "2018-02-29",
        "2018-13-01",
        "2018-1-7",
        "07.11.2018",
        "11/07/2018",
        "20181107",
        "2018-11-07T",
        "2018-11-07T00:00",
        "2018-11-07T25:00:00",
        "2018-11-07x",
        "+2018-11-7",
        "-018-11-07",
        "２０18-11-07",
        "/Date()/",
        "/Date(-)/",
        "/Date(1e3)/",
        "/Date(1.5)/",
        "/Date(15414 88000)/",
        "/Date(1541548800000+13)/",
        "/Date(1541548800000+1360)/",
        "/Date(99999999999999999999)/",
        "/Date(9223372036854775807)/",
        "/Date(1541548800000)",
        "Date(1541548800000)",
        "1541548800000",
        "äöü/Date(1)/",
    ] {
        assert_eq!(given.parse::<Day>(), Err(WireError::NotADay), "{given:?}");
    }
    assert!(serde_json::from_str::<Day>("1541548800000").is_err(), "a bare number has no unit");
}

#[test]
fn an_instant_is_the_same_in_every_spelling() {
    for (given, expected) in [
        ("2018-11-07T01:02:03Z", "2018-11-07T01:02:03Z"),
        ("2018-11-07t01:02:03z", "2018-11-07T01:02:03Z"),
        ("2018-11-07T01:02:03", "2018-11-07T01:02:03Z"),
        ("2018-11-07 01:02:03", "2018-11-07T01:02:03Z"),
        ("2018-11-07T01:02:03.1234567", "2018-11-07T01:02:03.1234567Z"),
        ("2018-11-07T01:02:03.902Z", "2018-11-07T01:02:03.902Z"),
        ("2018-11-07T01:02:03.123456789+00:00", "2018-11-07T01:02:03.123456789Z"),
        ("2018-11-07T01:02:03+13:00", "2018-11-06T12:02:03Z"),
        ("2018-11-07T01:02:03-1100", "2018-11-07T12:02:03Z"),
        ("/Date(1541552523000)/", "2018-11-07T01:02:03Z"),
        ("/Date(1541552523000+1300)/", "2018-11-07T01:02:03Z"),
        ("\\/Date(1541552523004-0500)\\/", "2018-11-07T01:02:03.004Z"),
        ("/Date(-1)/", "1969-12-31T23:59:59.999Z"),
    ] {
        let expected = DateTime::parse_from_rfc3339(expected).unwrap().to_utc();
        assert_eq!(given.parse(), Ok(Instant(expected)), "{given}");
    }
}

#[test]
fn what_is_no_instant_is_not_guessed() {
    for given in [
        "",
        "2018-11-07",
        "2018-11-07T01:02",
        "2018-11-07T1:02:03",
        "2018-11-07T24:00:00Z",
        "2018-11-07T01:02:60Z",
        "2018-11-07T01:02:03.",
        "2018-11-07T01:02:03.1234567890",
        "2018-11-07T01:02:03+25:00",
        "2018-11-07T01:02:03+0160",
        "2018-11-07T01:02:03+1",
        "2018-11-07T01:02:03 CET",
        "2018-02-30T01:02:03Z",
        "2018-11-07_01:02:03",
        "2018-11-07T01-02-03",
        "Wed, 07 Nov 2018 01:02:03 GMT",
        "1541552523",
    ] {
        assert_eq!(given.parse::<Instant>(), Err(WireError::NotAnInstant), "{given:?}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_readers_of_dates_fall_over(anything in "\\PC{0,40}", near in "(\\\\?/Date\\()?[-+0-9TZ:. é]{0,30}(\\)\\\\?/)?") {
        for given in [anything, near] {
            let (_, _) = (given.parse::<Day>(), given.parse::<Instant>());
        }
    }

    #[test]
    fn a_day_told_in_milliseconds_is_never_moved_by_the_offset(days in -40_000..40_000_i64, hours in 0..14_u32, sign in select(vec!['+', '-'])) {
        let expected = DateTime::from_timestamp(days * 86_400, 0).unwrap().date_naive();
        let given = format!("/Date({}{sign}{hours:02}00)/", days * 86_400_000);
        prop_assert_eq!(given.parse(), Ok(Day(expected)));
    }
}

#[test]
fn texts_are_one_clean_line() {
    for (given, expected) in [
        (None, None),
        (Some(""), None),
        (Some(" \t\r\n\u{a0} "), None),
        (Some("\0\u{1}\u{202e}"), None),
        (Some("  Acme Parts Co. "), Some("Acme Parts Co.")),
        (Some("12 Fake\r\nStreet"), Some("12 Fake  Street")),
        (Some("a\0b\u{7f}c\u{9b}d"), Some("abcd")),
        (Some("abc\u{202e}gpj.exe\u{2066}x\u{2069}"), Some("abcgpj.exex")),
        (Some("\u{feff}Müller"), Some("Müller")),
        (Some("می\u{200c}خواهم"), Some("می\u{200c}خواهم")),
        (Some("   1234567890123"), Some("1234567890")),
        (Some("ääääääääääää"), Some("ääääääääää")),
    ] {
        let longest = if given.is_some_and(|given| given.contains("1234") || given.contains("ää")) { 10 } else { 100 };
        assert_eq!(text(given, longest).as_deref(), expected, "{given:?}");
    }
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Invoice {
    invoice_id: String,
    total: Number,
    due_date: Option<Day>,
    contact: Contact,
    #[serde(default)]
    lines: Vec<Number>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Contact {
    name: String,
}

const GOOD: &str =
    r#"{"InvoiceId": "good", "Total": 115.0, "DueDate": "\/Date(1541548800000+0000)\/", "Contact": {"Name": "A"}, "New": [1]}"#;

fn told(item: &str) -> (Option<String>, String) {
    let document = format!(r#"{{"Id": 1, "Invoices": [{GOOD}, {item}, {GOOD}], "After": {{}}}}"#);
    let read = records::<Invoice>(document.as_bytes(), Some("Invoices"), &["InvoiceId", "Number"]).unwrap();
    assert_eq!(read.good.len(), 2, "the neighbours of {item} are kept");
    assert_eq!(read.good[0].total.minor("NZD"), Ok(11_500));
    let [problem] = read.problems.as_slice() else { panic!("{:?}", read.problems) };
    assert_eq!(problem.code, CONTRACT_BROKEN);
    assert!(!problem.message.contains(CANARY), "{}", problem.message);
    (problem.external_id.clone(), problem.message.clone())
}

#[test]
fn a_bad_record_names_its_field_and_hides_no_good_one() {
    let contact = r#""Contact": {"Name": "A"}"#;
    for (item, id, message) in [
        (format!(r#"{{"InvoiceId": "i1", "Total": "{CANARY}", {contact}}}"#), Some("i1"), "the field Total is not of the documented form"),
        (format!(r#"{{"InvoiceId": "i1", "Total": true, {contact}}}"#), Some("i1"), "the field Total is not of the documented form"),
        (format!(r#"{{"InvoiceId": "i1", {contact}}}"#), Some("i1"), "the field Total is missing"),
        (format!(r#"{{"InvoiceId": "i1", "Total": null, {contact}}}"#), Some("i1"), "the field Total is not of the documented form"),
        (format!(r#"{{"InvoiceId": "i1", "Total": 1, "Total": 2, {contact}}}"#), Some("i1"), "the field Total is there twice"),
        (
            format!(r#"{{"InvoiceId": "i1", "Total": 1, "DueDate": "{CANARY}", {contact}}}"#),
            Some("i1"),
            "the field DueDate is not of the documented form",
        ),
        (
            format!(r#"{{"InvoiceId": "i1", "Total": 1, "Contact": {{"Name": ["{CANARY}"]}}}}"#),
            Some("i1"),
            "the field Contact.Name is not of the documented form",
        ),
        (r#"{"InvoiceId": "i1", "Total": 1, "Contact": {}}"#.into(), Some("i1"), "the field Contact.Name is missing"),
        (
            format!(r#"{{"InvoiceId": "i1", "Total": 1, {contact}, "Lines": [1, "{CANARY}"]}}"#),
            Some("i1"),
            "the field Lines[1] is not of the documented form",
        ),
        (
            format!(r#"{{"InvoiceId": ["{CANARY}"], "Number": 4711, "Total": 1, {contact}}}"#),
            Some("4711"),
            "the field InvoiceId is not of the documented form",
        ),
        (format!(r#""{CANARY}""#), None, "the record is not of the documented form"),
        ("null".into(), None, "the record is not of the documented form"),
        ("17".into(), None, "the record is not of the documented form"),
    ] {
        assert_eq!(told(&item), (id.map(str::to_owned), message.to_owned()), "{item}");
    }
}

#[test]
fn a_bare_list_and_an_empty_one_are_read() {
    let bare = format!("[{GOOD}]");
    assert_eq!(records::<Invoice>(bare.as_bytes(), None, &[]).unwrap().good.len(), 1);
    let empty = records::<Invoice>(br#"{"Invoices": []}"#, Some("Invoices"), &[]).unwrap();
    assert!(empty.good.is_empty() && empty.problems.is_empty());
}

#[test]
fn an_envelope_without_its_list_is_broken_and_not_empty() {
    for document in ["", "{}", "[]", "null", r#"{"Invoices": null}"#, r#"{"Invoices": {}}"#, r#"{"Invoices": [{}"#, r#"{"invoices": []}"#] {
        assert_eq!(records::<Invoice>(document.as_bytes(), Some("Invoices"), &[]), Err(WireError::Missing), "{document}");
    }
    for document in ["", "{}", "[1", "null"] {
        assert_eq!(records::<Invoice>(document.as_bytes(), None, &[]), Err(WireError::Missing), "{document}");
    }
}

#[test]
fn a_connectors_own_envelope_is_split_the_same_way() {
    #[derive(Deserialize)]
    struct Envelope<'a> {
        page: Number,
        #[serde(borrow)]
        data: Vec<&'a RawValue>,
    }
    let document = format!(r#"{{"page": "3", "data": [{GOOD}, 1]}}"#);
    let envelope: Envelope = serde_json::from_str(&document).unwrap();
    let read = each::<Invoice>(envelope.data, &["InvoiceId"]);
    assert_eq!((envelope.page.whole(), read.good.len(), read.problems.len()), (Ok(3), 1, 1));
}

#[test]
fn a_mapping_names_the_field_that_it_could_not_use() {
    let problem = WireError::TooFine.at("AmountDue", Some("i1"));
    assert_eq!((problem.external_id.as_deref(), problem.code.as_str()), (Some("i1"), CONTRACT_BROKEN));
    assert_eq!(problem.message, "the field AmountDue has more decimals than its currency");
}
