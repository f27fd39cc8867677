//! Webhooks: the changes that the stand-in remembers are sent as signed events to an address, and the address can be put
//! through the ritual by which Xero finds out whether it checks signatures.

use std::time::{Duration, Instant};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::identity::sign;

/// How long a receiver may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// A contact.
    Contact,
    /// An invoice.
    Invoice,
    /// A credit note, with its type and status.
    CreditNote,
}

/// A change that is told to the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What it is about.
    pub category: Category,
    /// Whether it is new; otherwise it was changed.
    pub created: bool,
    /// The organisation.
    pub tenant: Uuid,
    /// The document.
    pub resource: Uuid,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// For credit notes: the status.
    pub status: Option<&'static str>,
}

/// How a receiver took a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// The status; none when there was no answer in time.
    pub status: Option<u16>,
    /// Whether Xero would take the answer for a receipt: in time, 2xx, without a body or cookies.
    pub accepted: bool,
}

/// The outcome of the intent to receive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Intent {
    /// Whether the receiver was right each time.
    pub passed: bool,
    /// For each attempt: whether it was signed rightly, and how it was taken.
    pub attempts: Vec<(bool, Delivery)>,
}

impl Event {
    fn shown(&self) -> Value {
        let (category, folder) = match self.category {
            Category::Contact => ("CONTACT", "Contacts"),
            Category::Invoice => ("INVOICE", "Invoices"),
            Category::CreditNote => ("CREDITNOTE", "CreditNotes"),
        };
        let mut shown = json!({
            "resourceUrl": format!("https://api.xero.com/api.xro/2.0/{folder}/{}", self.resource),
            "resourceId": self.resource, "tenantId": self.tenant, "tenantType": "ORGANISATION", "eventCategory": category,
            "eventType": if self.created { "CREATE" } else { "UPDATE" },
            "eventDateUtc": self.at.format("%Y-%m-%dT%H:%M:%S%.3f").to_string(),
        });
        if let Some(status) = self.status {
            shown["data"] = json!({ "Type": "ACCRECCREDIT", "Status": status });
        }
        shown
    }
}

/// The signature of a body: base64 of its HMAC-SHA256.
pub fn signature(key: &str, body: &[u8]) -> String {
    STANDARD.encode(sign(key.as_bytes(), body))
}

/// The body that tells events, the first of which has a number.
pub fn body(events: &[Event], first: u32, entropy: &str) -> Vec<u8> {
    let last = first + u32::try_from(events.len()).unwrap_or(u32::MAX).saturating_sub(1);
    let events: Vec<Value> = events.iter().map(Event::shown).collect();
    json!({ "events": events, "firstEventSequence": first, "lastEventSequence": last, "entropy": entropy }).to_string().into_bytes()
}

/// The body of the intent to receive: no events, numbered 0.
pub fn intent_body(entropy: &str) -> Vec<u8> {
    json!({ "events": [], "firstEventSequence": 0, "lastEventSequence": 0, "entropy": entropy }).to_string().into_bytes()
}

/// Sends a body to a receiver.
pub async fn deliver(url: &str, body: Vec<u8>, signature: &str) -> Delivery {
    let started = Instant::now();
    // A receiver that sends elsewhere has not received.
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap_or_default();
    let request = client.post(url).timeout(PATIENCE).header("x-xero-signature", signature);
    let Ok(answer) = request.header("content-type", "application/json").body(body).send().await else {
        return Delivery { status: None, accepted: false };
    };
    let (status, cookies) = (answer.status(), answer.headers().contains_key("set-cookie"));
    let empty = answer.bytes().await.is_ok_and(|bytes| bytes.is_empty());
    Delivery { status: Some(status.as_u16()), accepted: status.is_success() && empty && !cookies && started.elapsed() < PATIENCE }
}
