//! Amounts as JSON writes them: minor units with two decimal places, as text or as a bare number, never through a float
//! as long as they are written straight. Within a `Value` a number becomes `serde_json`'s own, which shows the same amount.

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// Minor units as a decimal: `1337` is `13.37`.
pub fn decimal(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let digits = minor.unsigned_abs();
    format!("{sign}{}.{:02}", digits / 100, digits % 100)
}

/// Minor units of a decimal with at most two places; none for what is not one.
pub fn minor(text: &str) -> Option<i64> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let valid = !whole.is_empty() && part.len() <= 2 && whole.bytes().chain(part.bytes()).all(|byte| byte.is_ascii_digit());
    let cents: i64 = format!("{part:0<2}").parse().ok()?;
    valid.then(|| whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(cents)).flatten().map(|value| sign * value)
}

/// Minor units that are written as a bare JSON number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number(pub i64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(decimal(self.0)).map_err(serde::ser::Error::custom)?.serialize(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_every_digit() {
        let written = [0, 5, -5, 1337, -120_000, i64::MAX].map(|minor| serde_json::to_string(&Number(minor)).unwrap());
        assert_eq!(written, ["0.00", "0.05", "-0.05", "13.37", "-1200.00", "92233720368547758.07"]);
    }

    #[test]
    fn decimals_become_cents_and_nonsense_does_not() {
        let read = ["13.37", "13.3", "13", "-0.05", "0"].map(minor);
        assert_eq!(read, [Some(1337), Some(1330), Some(1300), Some(-5), Some(0)]);
        for text in ["", ".5", "1.234", "1,5", "x", "1e3", "--1", "+1"] {
            assert_eq!(minor(text), None, "{text}");
        }
    }
}
