//! Calendar dates. A due date is a day in the books, not an instant: it is taken as written and never moved by a zone.

use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, de::Error};

use super::{WireError, iso};

/// A calendar date, written `2018-11-07`, `2018-11-07T00:00:00` with or without a zone, or `/Date(1541548800000+0000)/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub NaiveDate);

impl FromStr for Day {
    type Err = WireError;

    fn from_str(text: &str) -> Result<Self, WireError> {
        let text = text.trim();
        let written = || iso::date(text).filter(|(_, rest)| rest.is_empty() || iso::time(rest).is_some()).map(|(date, _)| date);
        // A date is told as its midnight in UTC, whatever the offset says.
        let counted = || iso::slashed(text).map(|at| at.date_naive());
        written().or_else(counted).map(Self).ok_or(WireError::NotADay)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
