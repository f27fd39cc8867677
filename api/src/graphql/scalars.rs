//! Scalars of the schema. Each is a type of its own, so that a currency cannot be passed as a country; what the domain
//! checks again is checked here only for its form.

use async_graphql::{InputType, InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{NaiveDate, NaiveTime};

/// Longest text that a scalar takes, in bytes.
const MAX_BYTES: usize = 320;

/// Longest address that is taken, in bytes.
const MAX_URL_BYTES: usize = 2_000;

fn text<T: InputType>(value: Value, most: usize, fits: impl FnOnce(&str) -> bool) -> Result<String, InputValueError<T>> {
    match value {
        Value::String(text) if text.len() <= most && fits(&text) => Ok(text),
        other => Err(InputValueError::expected_type(shorten(other))),
    }
}

/// A refused text is shown to its sender, but not a megabyte of it.
fn shorten(value: Value) -> Value {
    match value {
        Value::String(text) if text.len() > MAX_BYTES => Value::String("(too long)".into()),
        other => other,
    }
}

fn is_capitals(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn is_decimal(text: &str) -> bool {
    let body = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = body.split_once('.').unwrap_or((body, "0"));
    let digits = |part: &str| (1..=30).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(fraction)
}

fn is_language_tag(text: &str) -> bool {
    let mut parts = text.split('-');
    let primary = parts.next().is_some_and(|part| (2..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_lowercase()));
    primary && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

macro_rules! text_scalars {
    ($($(#[$doc:meta])* $name:ident = $url:literal, $most:expr, $fits:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name(pub String);

        $(#[$doc])*
        #[Scalar(specified_by_url = $url)]
        impl ScalarType for $name {
            fn parse(value: Value) -> InputValueResult<Self> {
                let fits: fn(&str) -> bool = $fits;
                text(value, $most, fits).map(Self)
            }

            fn to_value(&self) -> Value {
                Value::String(self.0.clone())
            }
        }
    )+};
}

text_scalars! {
    /// A decimal number as a string, e.g. `"1234.50"`: ASCII digits, at most one point, no exponent. Never a float.
    Decimal = "https://www.w3.org/TR/xmlschema-2/#decimal", MAX_BYTES, is_decimal;
    /// A currency by its code of ISO 4217, e.g. `EUR`.
    CurrencyCode = "https://www.iso.org/iso-4217-currency-codes.html", MAX_BYTES, |text| is_capitals(text, 3);
    /// A country by its code of ISO 3166-1 alpha-2, e.g. `NZ`.
    CountryCode = "https://www.iso.org/iso-3166-country-codes.html", MAX_BYTES, |text| is_capitals(text, 2);
    /// A language by its tag of BCP 47, e.g. `de` or `nb-NO`.
    Locale = "https://www.rfc-editor.org/info/bcp47", MAX_BYTES, is_language_tag;
    /// A time zone of the IANA database, e.g. `Pacific/Auckland`.
    TimeZone = "https://www.iana.org/time-zones", MAX_BYTES, |text| !text.is_empty() && text.is_ascii();
    /// An e-mail address; empty where an argument says that it clears.
    EmailAddress = "https://www.rfc-editor.org/rfc/rfc5321", MAX_BYTES, |text| !text.chars().any(char::is_control);
    /// A phone number, shown in the form of E.164; empty where an argument says that it clears.
    PhoneNumber = "https://www.itu.int/rec/T-REC-E.164", MAX_BYTES, |text| !text.chars().any(char::is_control);
    /// An address on the web.
    Url = "https://www.rfc-editor.org/rfc/rfc3986", MAX_URL_BYTES, |text| text.starts_with("http://") || text.starts_with("https://");
}

/// A day of the calendar, e.g. `2026-11-21`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(pub NaiveDate);

/// A day of the calendar, e.g. `2026-11-21`.
#[Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = text(value, MAX_BYTES, |text| text.len() == 10)?;
        // The way back tells whether it was the one spelling: the parser takes blanks and signs as well.
        let day = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok().filter(|day| day.to_string() == text);
        day.map(Self).ok_or_else(|| InputValueError::custom("a day looks like 2026-11-21, and must exist"))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A time of the day without a zone, e.g. `09:30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay(pub NaiveTime);

/// A time of the day without a zone, e.g. `09:30`.
#[Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339")]
impl ScalarType for TimeOfDay {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = text(value, MAX_BYTES, |text| text.len() == 5)?;
        let time = NaiveTime::parse_from_str(&text, "%H:%M").ok().filter(|time| time.format("%H:%M").to_string() == text);
        time.map(Self).ok_or_else(|| InputValueError::custom("a time looks like 09:30"))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.format("%H:%M").to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes<T: ScalarType>(text: &str) -> bool {
        T::parse(Value::String(text.to_owned())).is_ok()
    }

    #[test]
    fn a_decimal_is_digits_and_at_most_one_point() {
        for good in ["0", "1234.50", "-0.05", "12345678901234567890"] {
            assert!(takes::<Decimal>(good), "{good:?}");
        }
        for bad in ["", " 1", "1e3", "1,00", "NaN", "Infinity", "١٢", "1.", ".5", "+1", "--1", "1.2.3"] {
            assert!(!takes::<Decimal>(bad), "{bad:?}");
        }
        assert!(<Decimal as ScalarType>::parse(Value::Number(1.into())).is_err(), "a number is not a decimal: it may be a float");
    }

    #[test]
    fn dates_are_real_days_in_one_spelling() {
        assert!(takes::<Date>("2024-02-29"));
        for bad in ["2025-02-29", "0000-00-00", "24-02-29", "2026-1-01", "2026-11-21T00:00", "+2026-1-1", " 026-11-21"] {
            assert!(!takes::<Date>(bad), "{bad:?}");
        }
    }

    #[test]
    fn codes_and_tags_have_their_form() {
        assert!(takes::<CurrencyCode>("NZD") && !takes::<CurrencyCode>("nzd") && !takes::<CurrencyCode>("EURO"));
        assert!(takes::<CountryCode>("NO") && !takes::<CountryCode>("NOR"));
        assert!(takes::<Locale>("nb-NO") && takes::<Locale>("de") && !takes::<Locale>("DE") && !takes::<Locale>("e"));
        assert!(takes::<TimeOfDay>("09:30") && !takes::<TimeOfDay>("24:00") && !takes::<TimeOfDay>("9:30"));
        assert!(!takes::<EmailAddress>("a@b\r\nBcc: x"), "a line break would be a header");
    }
}
