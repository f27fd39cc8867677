//! Numbers as they were written. Some systems write amounts bare, some in quotes, and some both ways in one document.

use std::{fmt, str::FromStr};

use domain::money::{MAX_AMOUNT_MINOR, minor_digits};
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::value::RawValue;

use super::WireError;

/// Longest spelling that is read. The longest documented one has 18 digits, a point and six decimals.
const MAX_CHARS: usize = 64;

/// A decimal number, kept as it was written: `115.0`, `-7`, `1.15E2`; in JSON also in quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number(String);

/// A number's parts: `whole`.`fraction` times ten to the power of `exponent`.
struct Decimal<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
    exponent: i64,
}

impl Number {
    /// As it was written, without quotes: right for ids that are numbers.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The amount in the currency's minor units, exactly.
    ///
    /// # Errors
    ///
    /// [`WireError::TooFine`] when a part of a minor unit would be lost (zeros at the end are not), [`WireError::TooLarge`]
    /// beyond [`MAX_AMOUNT_MINOR`], [`WireError::UnknownCurrency`].
    pub fn minor(&self, currency: &str) -> Result<i64, WireError> {
        let digits = minor_digits(currency).ok_or(WireError::UnknownCurrency)?;
        self.scaled(digits.into())
    }

    /// The number as a whole one: counts, page numbers, days.
    ///
    /// # Errors
    ///
    /// [`WireError::TooFine`] for one with a fraction, [`WireError::TooLarge`] beyond [`MAX_AMOUNT_MINOR`].
    pub fn whole(&self) -> Result<i64, WireError> {
        self.scaled(0)
    }

    /// The number times ten to the power of `digits`.
    fn scaled(&self, digits: i64) -> Result<i64, WireError> {
        let decimal = read(&self.0).ok_or(WireError::NotANumber)?;
        let written = format!("{}{}", decimal.whole, decimal.fraction);
        let significant = written.trim_start_matches('0').trim_end_matches('0');
        if significant.is_empty() {
            return Ok(0);
        }
        let dropped_zeros = written.len() - written.trim_end_matches('0').len();
        let power = digits + decimal.exponent + length(dropped_zeros) - length(decimal.fraction.len());
        if power < 0 {
            return Err(WireError::TooFine);
        }
        // Checked before the zeros are written out: an exponent may ask for a billion of them.
        if length(significant.len()).saturating_add(power) > 18 {
            return Err(WireError::TooLarge);
        }
        let zeros = "0".repeat(usize::try_from(power).map_err(|_| WireError::TooLarge)?);
        let minor: i64 = format!("{significant}{zeros}").parse().map_err(|_| WireError::TooLarge)?;
        if minor > MAX_AMOUNT_MINOR {
            return Err(WireError::TooLarge);
        }
        Ok(if decimal.negative { -minor } else { minor })
    }
}

/// At most [`MAX_CHARS`], so it fits.
fn length(chars: usize) -> i64 {
    i64::try_from(chars).unwrap_or(i64::MAX)
}

/// Takes a number apart; none for anything else.
fn read(text: &str) -> Option<Decimal<'_>> {
    let (negative, body) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = match body.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, read_exponent(exponent)?),
        None => (body, 0),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (is_digits(whole) && is_digits(fraction)).then_some((whole, fraction))?,
        None => is_digits(mantissa).then_some((mantissa, ""))?,
    };
    Some(Decimal { negative, whole, fraction, exponent })
}

fn read_exponent(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if !is_digits(digits) {
        return None;
    }
    // Beyond this every number but zero is too large or too fine anyway.
    let size: i64 = digits.parse().unwrap_or(i64::MAX).min(1_000_000);
    Some(if negative { -size } else { size })
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl FromStr for Number {
    type Err = WireError;

    fn from_str(text: &str) -> Result<Self, WireError> {
        if text.len() > MAX_CHARS || read(text).is_none() {
            return Err(WireError::NotANumber);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = raw.get();
        let number = match text.as_bytes().first() {
            Some(b'"') => serde_json::from_str::<String>(text).map_err(D::Error::custom)?.trim().parse(),
            _ => text.parse(),
        };
        number.map_err(D::Error::custom)
    }
}
