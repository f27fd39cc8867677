//! What Amili's webhooks say, with the documented headers. How the real signature is made is not documented where we
//! could read it; here it is HMAC-SHA256 of the raw body in hexadecimal digits. One that is sent again has the same key.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{case::Case, office::Event};
use crate::webhooks::{Delivery, Headers, digits};

impl Event {
    /// How a webhook tells this: the word of the header `X-Amili-Event`, and the body.
    pub fn told(&self, organization: Uuid, id: Uuid, now: DateTime<Utc>) -> (&'static str, Value) {
        match self {
            Self::BatchCompleted { batch, status } => {
                let data = json!({ "batchId": batch, "organizationId": organization, "status": status });
                ("BATCH_COMPLETED", json!({ "id": id, "type": "BATCH_COMPLETED", "source": "COLLECTION", "timeStamp": now, "data": data }))
            }
            Self::CaseCreated(case) => ("CASE", told("CASE", case, organization, id, now)),
            Self::CaseUpdated { case, fields } => {
                let mut body = told("CASE_UPDATED", case, organization, id, now);
                body["data"]["fields"] = json!(fields);
                ("CASE_UPDATED", body)
            }
        }
    }
}

fn told(event: &str, case: &Case, organization: Uuid, id: Uuid, now: DateTime<Utc>) -> Value {
    let data = json!({
        "orgId": organization,
        "caseId": case.id,
        "caseNumber": case.number,
        "type": case.kind,
        "status": case.status,
        "invoices": [case.invoice_id],
    });
    json!({ "id": id, "eventType": event, "source": "COLLECTION", "timeStamp": now, "data": data })
}

/// The documented headers beside the body.
pub fn headers(secret: &str, told: &Delivery, request_id: Uuid) -> Headers {
    vec![
        ("X-Amili-Event", told.event.clone()),
        ("IdempotencyKey", told.id.clone()),
        ("X-Amili-Request-Id", request_id.to_string()),
        ("X-Webhook-Signature", digits(secret, &[told.body.as_bytes()])),
    ]
}
