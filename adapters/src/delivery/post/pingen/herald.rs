//! What Pingen tells later. Each category of webhook has a signing key of its own there; give them all the same one.
//!
//! The signature has no time in it: what is replayed has the mark of what was told before and changes nothing.

use domain::port::{
    receipt::{Call, DeliveryNews, Herald, News, NewsOf, Trouble},
    vault::SecretString,
    webhook::WebhookError,
};
use entity::{Channel, DeliveryId, NewsKind, SuppressionReason};
use serde_json::json;

use super::wire;
use crate::delivery::{post::signature::is_signed, said};

/// Reads Pingen's webhooks.
pub struct PingenHerald {
    key: SecretString,
}

impl PingenHerald {
    /// With the key that signs them; without one nothing is believed.
    pub fn new(key: SecretString) -> Self {
        Self { key }
    }
}

impl Herald for PingenHerald {
    fn read(&self, call: &Call<'_>) -> Result<Vec<News>, WebhookError> {
        let signature = (call.header)("signature").ok_or(WebhookError::BadSignature)?;
        if !is_signed(&self.key, &[call.body], &signature) {
            return Err(WebhookError::BadSignature);
        }
        let told: wire::Told = serde_json::from_slice(call.body).map_err(|_| WebhookError::Unreadable)?;
        Ok(news(&told).map(News::Delivery).into_iter().collect())
    }
}

/// The news of a letter; none of what is not about one.
fn news(told: &wire::Told) -> Option<DeliveryNews> {
    let event = &told.data;
    let letter = event.relationships.deliverable.as_ref().or(event.relationships.letter.as_ref()).map(|related| &related.data)?;
    if letter.kind != "letters" {
        return None;
    }
    let of = |kind: &str, id: &str| told.included.iter().find(|one| one.kind == kind && one.id == id).map(|one| &one.attributes);
    let along = of("letters", &letter.id);
    let status = along.and_then(|letter| letter.status.as_deref()).unwrap_or_default();
    // By our own id where it came along: the call may be faster than the answer that told us theirs.
    let ours = along.and_then(|letter| letter.file_original_name.as_deref()?.strip_suffix(".pdf")?.parse().ok()).map(DeliveryId);
    let happened = event.relationships.event.as_ref().and_then(|related| of(&related.data.kind, &related.data.id));
    let code = happened.and_then(|event| event.code.as_deref()).unwrap_or_default();
    // Captured calls say webhook_sent, the official examples sent.
    let category = event.kind.strip_prefix("webhook_").unwrap_or(&event.kind);
    let (kind, trouble) = meaning(category, status, code, event.attributes.reason.as_deref())?;
    let at = happened.and_then(|event| event.emitted_at.as_deref()).or(event.attributes.created_at.as_deref());
    Some(DeliveryNews {
        of: ours.map_or_else(|| NewsOf::Provider(Channel::Post, letter.id.clone()), NewsOf::Delivery),
        kind,
        trouble,
        word: if status.is_empty() { category.to_owned() } else { said(status) },
        mark: format!("pingen:{}", said(&event.id)),
        at: at.and_then(wire::instant),
        raw: json!({ "event": said(&event.id), "category": said(category), "status": said(status), "code": said(code), "at": at.map(said) }),
    })
}

/// What a category means; none of those that are not known.
fn meaning(category: &str, status: &str, code: &str, reason: Option<&str>) -> Option<(NewsKind, Option<Trouble>)> {
    let trouble = |stable: &str, suppress| {
        let message = format!("Pingen says: {}", said(reason.filter(|text| !text.is_empty()).unwrap_or(status)));
        Some(Trouble { code: stable.to_owned(), message, suppress })
    };
    Some(match category {
        "sent" => (NewsKind::Sent, None),
        "delivered" => (NewsKind::Delivered, None),
        "undeliverable" => (NewsKind::Returned, trouble("LETTER_RETURNED", Some(SuppressionReason::Returned))),
        "issues" => match status {
            // It will not be printed as it is.
            "invalid" | "unprintable" if code.contains("address") => (NewsKind::Undelivered, trouble("ADDRESS_REFUSED", None)),
            "invalid" | "unprintable" => (NewsKind::Undelivered, trouble("PDF_REFUSED", None)),
            "rejected" => (NewsKind::Undelivered, trouble("REFUSED", None)),
            "cancelled" | "expired" => (NewsKind::Undelivered, trouble("CANCELLED_AT_PROVIDER", None)),
            "awaiting_credits" => (NewsKind::Delayed, trouble("NO_CREDIT_AT_PROVIDER", None)),
            // A person may still mend it at Pingen.
            _ => (NewsKind::Delayed, trouble("ACTION_REQUIRED_AT_PROVIDER", None)),
        },
        _ => return None,
    })
}
