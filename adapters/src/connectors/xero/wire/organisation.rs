//! `Organisation`: whose books they are.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::Listed;

/// The organisation of `GET /Organisation`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::connectors::xero) struct Organisation {
    pub name: Option<String>,
    pub timezone: Option<String>,
    pub base_currency: Option<String>,
    pub country_code: Option<String>,
}

impl Listed for Organisation {
    fn updated(&self) -> Option<DateTime<Utc>> {
        None
    }
}
