//! Instants: when a record was changed, when a token was made.

use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, de::Error};

use super::{WireError, iso};

/// An instant, written `2018-11-07T01:02:03` with up to nine decimals, a blank for the `T`, and `Z`, an offset or
/// nothing (which means UTC) behind it; or `/Date(1541552523000+1300)/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(pub DateTime<Utc>);

impl FromStr for Instant {
    type Err = WireError;

    fn from_str(text: &str) -> Result<Self, WireError> {
        let text = text.trim();
        written(text).or_else(|| iso::slashed(text)).map(Self).ok_or(WireError::NotAnInstant)
    }
}

fn written(text: &str) -> Option<DateTime<Utc>> {
    let (date, rest) = iso::date(text)?;
    let (time, east_seconds) = iso::time(rest)?;
    let at = date.and_time(time).checked_sub_signed(TimeDelta::seconds(east_seconds.into()))?;
    Some(at.and_utc())
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
