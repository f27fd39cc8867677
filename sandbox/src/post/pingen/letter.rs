//! A letter at Pingen and the webhook that tells of it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::ORGANISATION;

/// A letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Letter {
    /// Unique over Pingen.
    pub id: String,
    /// Where it stands: `submitted`, `invalid`, `sent` …
    pub status: String,
    /// The file's name as the sender gave it.
    pub file_original_name: String,
    /// Sheets' sides.
    pub pages: usize,
    /// `cheap`, `fast` …
    pub delivery_product: String,
    /// `simplex` or `duplex`.
    pub print_mode: String,
    /// `color` or `grayscale`.
    pub print_spectrum: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// The PDF's bytes, for tests.
    #[serde(skip)]
    pub pdf: Vec<u8>,
}

/// An instant as Pingen writes it: an offset without a colon.
fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%z").to_string()
}

impl Letter {
    /// The letter as the API writes it.
    pub fn view(&self) -> Value {
        json!({
            "id": self.id,
            "type": "letters",
            "attributes": {
                "status": self.status,
                "file_original_name": self.file_original_name,
                "file_pages": self.pages,
                "address_position": "left",
                "delivery_product": self.delivery_product,
                "print_mode": self.print_mode,
                "print_spectrum": self.print_spectrum,
                "price_currency": "CHF",
                "price_value": 1.68,
                "source": "api",
                "created_at": instant(self.created_at),
                "updated_at": instant(self.created_at),
            },
            "relationships": { "organisation": { "data": { "type": "organisations", "id": ORGANISATION } } },
        })
    }

    /// The webhook's category for where it stands.
    pub fn category(&self) -> &'static str {
        match self.status.as_str() {
            "sent" => "webhook_sent",
            "delivered" => "webhook_delivered",
            "undeliverable" => "webhook_undeliverable",
            _ => "webhook_issues",
        }
    }

    /// The webhook's body.
    pub fn told(&self, event: &str, code: &str, reason: &str, now: DateTime<Utc>) -> Value {
        let happened = format!("{event}-event");
        json!({
            "data": {
                "type": self.category(),
                "id": event,
                "attributes": { "reason": reason, "url": "https://example.com/hook", "created_at": instant(now) },
                "relationships": {
                    "organisation": { "data": { "type": "organisations", "id": ORGANISATION } },
                    "deliverable": { "data": { "type": "letters", "id": self.id } },
                    "event": { "data": { "type": "deliverables_events", "id": happened } },
                },
            },
            "included": [
                self.view(),
                { "type": "deliverables_events", "id": happened, "attributes": { "code": code, "name": code, "emitted_at": instant(now) } },
            ],
        })
    }
}
