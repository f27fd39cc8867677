//! Dates and instants as Xero writes them.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Serialize, Serializer};

/// Written as `/Date(1541176648927+0000)/`.
#[derive(Clone, Copy)]
pub struct Ms(i64);

/// Written as `2018-11-02T00:00:00`, without a zone.
#[derive(Clone, Copy)]
pub struct Plain(pub NaiveDate);

/// Written as `2018-11-02T16:37:28Z`.
#[derive(Clone, Copy)]
pub struct Iso(pub DateTime<Utc>);

impl Ms {
    /// An instant.
    pub fn at(instant: DateTime<Utc>) -> Self {
        Self(instant.timestamp_millis())
    }

    /// A calendar date: its midnight UTC, whatever zone the organisation is in.
    pub fn on(date: NaiveDate) -> Self {
        Self(date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis())
    }
}

impl Serialize for Ms {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("/Date({}+0000)/", self.0))
    }
}

impl Serialize for Plain {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("{}T00:00:00", self.0))
    }
}

impl Serialize for Iso {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0.format("%Y-%m-%dT%H:%M:%SZ"))
    }
}
