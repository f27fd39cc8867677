//! Amounts as whole cents, written as bare JSON numbers with two decimals and read from the same: never through a float.

use std::{
    fmt,
    iter::Sum,
    ops::{Add, Neg, Sub},
    str::FromStr,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// An amount in cents of its document's currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cents(pub i64);

/// The text is no amount with at most two decimals.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no amount")]
pub struct NoAmount(String);

impl fmt::Display for Cents {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let whole = self.0.unsigned_abs();
        write!(to, "{sign}{}.{:02}", whole / 100, whole % 100)
    }
}

impl FromStr for Cents {
    type Err = NoAmount;

    fn from_str(text: &str) -> Result<Self, NoAmount> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let well_formed = !whole.is_empty() && part.len() <= 2 && [whole, part].concat().bytes().all(|byte| byte.is_ascii_digit());
        let cents = format!("{whole}{part:0<2}").parse::<i64>();
        cents.ok().filter(|_| well_formed).map(|cents| Self(sign * cents)).ok_or_else(|| NoAmount(text.to_owned()))
    }
}

impl Serialize for Cents {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.to_string()).map_err(serde::ser::Error::custom)?.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Cents {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Add for Cents {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Cents {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Cents {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Sum for Cents {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self(0), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_and_read_exactly() {
        for (cents, text) in [(14_806_276, "148062.76"), (5, "0.05"), (-120, "-1.20"), (0, "0.00")] {
            assert_eq!(serde_json::to_string(&Cents(cents)).unwrap(), text);
            assert_eq!(text.parse(), Ok(Cents(cents)));
        }
        assert_eq!("115".parse(), Ok(Cents(11_500)));
        assert_eq!("1.5".parse(), Ok(Cents(150)));
        for wrong in ["", "1.234", "1,00", "a", ".5", "--1"] {
            assert!(wrong.parse::<Cents>().is_err(), "{wrong}");
        }
    }
}
