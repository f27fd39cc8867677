//! The envelope around every answer.

use chrono::{DateTime, Utc};
use serde::{
    Serialize,
    ser::{SerializeMap as _, Serializer},
};
use uuid::Uuid;

/// Where a page stands in its list.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pagination {
    /// From 1.
    pub page: usize,
    /// Rows on a full page.
    pub page_size: usize,
    /// Pages there are.
    pub page_count: usize,
    /// Rows there are.
    pub item_count: usize,
}

struct Envelope<'a, R> {
    id: Uuid,
    at: DateTime<Utc>,
    pagination: Option<Pagination>,
    name: &'a str,
    rows: R,
}

impl<R: Iterator<Item: Serialize> + Clone> Serialize for Envelope<'_, R> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("Id", &self.id)?;
        map.serialize_entry("Status", "OK")?;
        map.serialize_entry("ProviderName", "Stand-in")?;
        map.serialize_entry("DateTimeUTC", &format_args!("/Date({})/", self.at.timestamp_millis()))?;
        if let Some(pagination) = &self.pagination {
            map.serialize_entry("pagination", pagination)?;
        }
        map.serialize_entry(self.name, &Rows(self.rows.clone()))?;
        map.end()
    }
}

struct Rows<R>(R);

impl<R: Iterator<Item: Serialize> + Clone> Serialize for Rows<R> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.clone())
    }
}

/// An answer's body: the rows under their name, with the marks that every answer of Xero bears.
///
/// # Errors
/// When a row cannot be written.
pub fn envelope<R: Iterator<Item: Serialize> + Clone>(
    id: Uuid,
    at: DateTime<Utc>,
    pagination: Option<Pagination>,
    name: &str,
    rows: R,
) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(&Envelope { id, at, pagination, name, rows })
}
