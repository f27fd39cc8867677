//! Instants as PowerOffice writes them: a space where RFC 3339 has a `T`, and microseconds.

use chrono::{DateTime, Utc};
use serde::Serializer;

/// How an instant is written.
const FORM: &str = "%Y-%m-%d %H:%M:%S%.6f+00:00";

/// Writes an instant.
pub fn write<S: Serializer>(at: &DateTime<Utc>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&at.format(FORM))
}

/// Reads an instant with its offset, written with a space or a `T`.
pub fn read(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
}

/// An instant as text.
pub fn text(at: DateTime<Utc>) -> String {
    at.format(FORM).to_string()
}
