//! Webhooks: what happened is posted to the creditor's address once, with the documented headers. How the real signature
//! is made is not documented where we could read it; here it is HMAC-SHA256 of the raw body in hexadecimal digits. There
//! is no retry: a delivery that failed is on the list and can be sent again, with the same key.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::Sha256;
use uuid::Uuid;

use super::{case::Case, office::Event};

/// Where webhooks go and by which key they are signed.
#[derive(Clone, Debug)]
pub struct Target {
    /// The creditor's address.
    pub url: String,
    /// The key.
    pub secret: String,
}

/// One webhook, sent or not.
#[derive(Clone, Debug, Serialize)]
pub struct Delivery {
    /// The key by which a receiver knows a repetition.
    pub idempotency_key: Uuid,
    /// The word of the header `X-Amili-Event`.
    pub event: &'static str,
    /// The body.
    pub body: String,
    /// The receiver's answer; none while there is none.
    pub status: Option<u16>,
}

impl Event {
    /// The webhook that tells this.
    pub fn delivery(&self, organization: Uuid, id: Uuid, now: DateTime<Utc>) -> Delivery {
        let (event, body) = match self {
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
        };
        Delivery { idempotency_key: id, event, body: body.to_string(), status: None }
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

/// Posts a webhook and tells the answer's status; none when nobody answered.
pub async fn post(client: &reqwest::Client, target: &Target, delivery: &Delivery, request_id: Uuid) -> Option<u16> {
    let request = client
        .post(&target.url)
        .header("Content-Type", "application/json")
        .header("X-Amili-Event", delivery.event)
        .header("IdempotencyKey", delivery.idempotency_key.to_string())
        .header("X-Amili-Request-Id", request_id.to_string())
        .header("X-Webhook-Signature", signature(&target.secret, delivery.body.as_bytes()))
        .body(delivery.body.clone());
    request.send().await.ok().map(|answer| answer.status().as_u16())
}

/// HMAC-SHA256 in hexadecimal digits.
pub fn signature(secret: &str, body: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(body);
    mac.finalize().into_bytes().iter().fold(String::new(), |mut digits, byte| {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_rfc_4231() {
        let of_case_2 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(signature("Jefe", b"what do ya want for nothing?"), of_case_2);
    }
}
