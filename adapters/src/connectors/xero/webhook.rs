//! Xero's webhook: signed events that name what changed. They are hints; what they name is pulled.
//!
//! Before it sends events, Xero tries us with calls that have none ("intent to receive"), some of them signed wrongly on
//! purpose: each must be told apart. <https://developer.xero.com/documentation/webhooks/configuring-your-server>

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::port::{
    vault::{ExposeSecret, SecretString},
    webhook::{Hint, HintSubject, Webhook, WebhookError},
};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;

/// Reads webhooks that are signed with the app's key.
pub(super) struct XeroWebhook {
    pub(super) key: SecretString,
}

#[derive(Deserialize)]
struct Message {
    events: Vec<Event>,
}

/// Only what a hint needs. Sequences are not looked at: intent to receive sends zeros, against the description.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "Xero's names")]
struct Event {
    resource_id: String,
    event_date_utc: String,
    event_type: String,
    event_category: String,
    tenant_id: String,
}

impl Webhook for XeroWebhook {
    fn header(&self) -> &'static str {
        "x-xero-signature"
    }

    fn read(&self, signature: Option<&str>, body: &[u8]) -> Result<Vec<Hint>, WebhookError> {
        self.verify(signature, body).ok_or(WebhookError::BadSignature)?;
        let message: Message = serde_json::from_slice(body).map_err(|_| WebhookError::Unreadable)?;
        Ok(message.events.into_iter().map(hint).collect())
    }
}

impl XeroWebhook {
    /// Base64 of HMAC-SHA256 over the raw bytes.
    fn verify(&self, signature: Option<&str>, body: &[u8]) -> Option<()> {
        let key = self.key.expose_secret();
        // Without a key anybody could sign.
        let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok().filter(|_| !key.is_empty())?;
        let told = STANDARD.decode(signature?).ok()?;
        mac.chain_update(body).verify_slice(&told).ok()
    }
}

fn hint(event: Event) -> Hint {
    let subject = match event.event_category.as_str() {
        "INVOICE" => HintSubject::Invoice,
        "CONTACT" => HintSubject::Debtor,
        _ => HintSubject::Other,
    };
    let mark = [event.tenant_id.as_str(), &event.resource_id, &event.event_date_utc, &event.event_type].join("|");
    Hint { account: event.tenant_id, subject, external_id: event.resource_id, mark }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "test-signing-key";
    const INTENT: &str = r#"{"events":[],"firstEventSequence":0,"lastEventSequence":0,"entropy":"S0m3r4Nd0mt3xt"}"#;
    const INTENT_SIGNED: &str = "cwu4n5P9T+31FPEJOCzJg31PwZ7C7FAVsLyOwgVpyys=";

    fn webhook(key: &str) -> XeroWebhook {
        XeroWebhook { key: key.into() }
    }

    fn signed(body: &str) -> String {
        let mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).unwrap();
        STANDARD.encode(mac.chain_update(body).finalize().into_bytes())
    }

    fn event(category: &str) -> String {
        format!(
            r#"{{"resourceUrl":"https://api.xero.com/api.xro/2.0/x","resourceId":"717f2bfc-c6d4-41fd-b238-3f2f0c0cf777",
            "eventDateUtc":"2024-06-21T01:15:39.902","eventType":"UPDATE","eventCategory":"{category}",
            "tenantId":"c2cc9b6e-9458-4c7d-93cc-f02b81b0594f","tenantType":"ORGANISATION","data":{{"Type":"ACCRECCREDIT"}}}}"#
        )
    }

    #[test]
    fn intent_to_receive_is_told_apart_by_its_signature() {
        assert_eq!(signed(INTENT), INTENT_SIGNED);
        assert_eq!(webhook(KEY).read(Some(INTENT_SIGNED), INTENT.as_bytes()), Ok(vec![]));
        for (signature, body) in [
            (None, INTENT.to_owned()),
            (Some(""), INTENT.to_owned()),
            (Some("not base64!"), INTENT.to_owned()),
            (Some("cwu4n5P9T+31FPEJOCzJg31PwZ7C7FAVsLyOwgVpyy0="), INTENT.to_owned()),
            (Some("cwu4n5P9T+31FPEJOCzJg31PwZ7C7FAVsLyO"), INTENT.to_owned()),
            (Some(INTENT_SIGNED), format!("{INTENT} ")),
        ] {
            assert_eq!(webhook(KEY).read(signature, body.as_bytes()), Err(WebhookError::BadSignature), "{signature:?}");
        }
        assert_eq!(webhook("other").read(Some(INTENT_SIGNED), INTENT.as_bytes()), Err(WebhookError::BadSignature));
    }

    #[test]
    fn without_a_key_nothing_is_believed() {
        let mac = Hmac::<Sha256>::new_from_slice(b"").unwrap();
        let signature = STANDARD.encode(mac.chain_update(INTENT).finalize().into_bytes());
        assert_eq!(webhook("").read(Some(&signature), INTENT.as_bytes()), Err(WebhookError::BadSignature));
    }

    #[test]
    fn events_become_hints_by_their_category() {
        for (category, subject) in [
            ("INVOICE", HintSubject::Invoice),
            ("CONTACT", HintSubject::Debtor),
            ("CREDITNOTE", HintSubject::Other),
            ("OVERPAYMENT", HintSubject::Other),
            ("SOMETHINGNEW", HintSubject::Other),
        ] {
            let body = format!(r#"{{"events":[{}],"lastEventSequence":1,"firstEventSequence":1,"entropy":"x"}}"#, event(category));
            let hints = webhook(KEY).read(Some(&signed(&body)), body.as_bytes());
            let expected = Hint {
                account: "c2cc9b6e-9458-4c7d-93cc-f02b81b0594f".into(),
                subject,
                external_id: "717f2bfc-c6d4-41fd-b238-3f2f0c0cf777".into(),
                mark: "c2cc9b6e-9458-4c7d-93cc-f02b81b0594f|717f2bfc-c6d4-41fd-b238-3f2f0c0cf777|2024-06-21T01:15:39.902|UPDATE".into(),
            };
            assert_eq!(hints, Ok(vec![expected]), "{category}");
        }
    }

    #[test]
    fn a_signed_message_of_another_shape_is_unreadable() {
        for body in ["", "[]", "{}", r#"{"events":[{"resourceId":"x"}]}"#, r#"{"events":["#] {
            assert_eq!(webhook(KEY).read(Some(&signed(body)), body.as_bytes()), Err(WebhookError::Unreadable), "{body}");
        }
    }
}
