//! Amounts as JSON writes them: minor units with two decimal places, as text or as a bare number, never through a float.

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// Minor units as a decimal: `1337` is `13.37`.
pub fn decimal(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let digits = minor.unsigned_abs();
    format!("{sign}{}.{:02}", digits / 100, digits % 100)
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
}
