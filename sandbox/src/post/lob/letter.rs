//! A letter at Lob and the webhook that tells of it.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::Serialize;
use serde_json::{Value, json};

/// A letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Letter {
    /// `ltr_` and more.
    pub id: String,
    /// All fields of the form, as they came.
    pub fields: BTreeMap<String, String>,
    /// Sheets' sides, without the one in front.
    pub pages: usize,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// What was told of it, oldest first: `mailed`, `delivered` …
    pub events: Vec<String>,
    /// The PDF's bytes, for tests.
    #[serde(skip)]
    pub pdf: Vec<u8>,
}

/// An instant as Lob writes it.
fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

impl Letter {
    /// The metadata that came with it.
    pub fn metadata(&self) -> BTreeMap<&str, &str> {
        self.fields.iter().filter_map(|(key, value)| bracketed("metadata[", key, value)).collect()
    }

    /// The letter as the API writes it.
    pub fn view(&self) -> Value {
        let side = |whose: &str| {
            let own = self.fields.iter().filter_map(|(key, value)| bracketed(&format!("{whose}["), key, value));
            own.map(|(key, value)| (key.to_owned(), value.to_uppercase().into())).collect::<serde_json::Map<_, _>>()
        };
        json!({
            "id": self.id,
            "description": null,
            "metadata": self.metadata(),
            "to": side("to"),
            "from": side("from"),
            "color": self.fields.get("color").is_some_and(|text| text == "true"),
            "double_sided": self.fields.get("double_sided").is_none_or(|text| text == "true"),
            "address_placement": self.fields.get("address_placement"),
            "mail_type": self.fields.get("mail_type"),
            "use_type": self.fields.get("use_type"),
            "carrier": "USPS",
            "tracking_number": null,
            "tracking_events": [],
            "expected_delivery_date": (self.created_at + TimeDelta::days(7)).date_naive(),
            "date_created": instant(self.created_at),
            "date_modified": instant(self.created_at),
            "object": "letter",
        })
    }

    /// The webhook's body.
    pub fn told(&self, event: &str, word: &str, now: DateTime<Utc>) -> Value {
        json!({
            "id": event,
            "body": self.view(),
            "reference_id": self.id,
            "event_type": { "id": format!("letter.{word}"), "enabled_for_test": true, "resource": "letters", "object": "event_type" },
            "date_created": instant(now),
            "object": "event",
        })
    }
}

/// The name in brackets and the value, of fields that begin so.
fn bracketed<'a>(begin: &str, key: &'a str, value: &'a str) -> Option<(&'a str, &'a str)> {
    Some((key.strip_prefix(begin)?.strip_suffix(']')?, value))
}
