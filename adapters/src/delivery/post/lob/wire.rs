//! Lob's documents, as far as we read them.

use std::collections::BTreeMap;

use domain::port::Receipt;
use serde::Deserialize;
use serde_json::json;

/// A letter.
#[derive(Debug, Deserialize)]
pub(super) struct Letter {
    pub(super) id: String,
    #[serde(default)]
    pub(super) metadata: BTreeMap<String, String>,
    #[serde(default)]
    date_created: Option<String>,
    #[serde(default)]
    expected_delivery_date: Option<String>,
    #[serde(default)]
    tracking_number: Option<String>,
}

impl Letter {
    /// What proves that Lob has it.
    pub(super) fn receipt(self) -> Receipt {
        let proof = json!({
            "provider": "lob",
            "letter": self.id,
            "createdAt": self.date_created,
            "expectedOn": self.expected_delivery_date,
            "tracking": self.tracking_number,
        });
        Receipt { provider_id: Some(self.id), posts_itself: true, proof: Some(proof) }
    }
}

/// A page of letters.
#[derive(Deserialize)]
pub(super) struct Listed {
    pub(super) data: Vec<Letter>,
}

/// A refusal.
#[derive(Deserialize)]
pub(super) struct Refusal {
    pub(super) error: Error,
}

/// Why.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Error {
    #[serde(default)]
    pub(super) code: Option<String>,
    #[serde(default)]
    pub(super) message: Option<String>,
}

/// A webhook.
#[derive(Deserialize)]
pub(super) struct Told {
    pub(super) id: String,
    pub(super) event_type: EventType,
    pub(super) body: ToldLetter,
    #[serde(default)]
    pub(super) date_created: Option<String>,
}

/// What happened.
#[derive(Deserialize)]
pub(super) struct EventType {
    /// Like `letter.delivered`.
    pub(super) id: String,
}

/// To which letter.
#[derive(Deserialize)]
pub(super) struct ToldLetter {
    pub(super) id: String,
    #[serde(default)]
    pub(super) metadata: Option<BTreeMap<String, String>>,
}
