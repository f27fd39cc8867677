//! What Lob tells later: events signed with the webhook's secret over the time and the raw body.
//! <https://help.lob.com/print-and-mail/getting-data-and-results/using-webhooks>

use chrono::{DateTime, TimeDelta, Utc};
use domain::port::{
    receipt::{Call, DeliveryNews, Herald, News, NewsOf, Trouble},
    vault::SecretString,
    webhook::WebhookError,
};
use entity::{Channel, DeliveryId, NewsKind, SuppressionReason};
use serde_json::json;

use super::{METADATA, wire};
use crate::delivery::{post::signature::is_signed, said};

/// How old, or how far ahead, a call may be.
pub const REPLAY_WINDOW: TimeDelta = TimeDelta::minutes(5);

/// Above this, a time is told in milliseconds: in seconds it would be the year 5138.
const SURELY_MILLISECONDS: i64 = 100_000_000_000;

/// Reads Lob's webhooks.
pub struct LobHerald {
    key: SecretString,
}

impl LobHerald {
    /// With the secret that signs them; without one nothing is believed.
    pub fn new(key: SecretString) -> Self {
        Self { key }
    }
}

impl Herald for LobHerald {
    fn read(&self, call: &Call<'_>) -> Result<Vec<News>, WebhookError> {
        let header = |name| (call.header)(name).ok_or(WebhookError::BadSignature);
        let (signature, told_at) = (header("lob-signature")?, header("lob-signature-timestamp")?);
        if !is_signed(&self.key, &[told_at.as_bytes(), b".", call.body], &signature) {
            return Err(WebhookError::BadSignature);
        }
        let at = instant(&told_at).ok_or(WebhookError::BadSignature)?;
        if (call.now - at).abs() > REPLAY_WINDOW {
            return Err(WebhookError::BadSignature);
        }
        let told: wire::Told = serde_json::from_slice(call.body).map_err(|_| WebhookError::Unreadable)?;
        Ok(news(&told).map(News::Delivery).into_iter().collect())
    }
}

fn instant(text: &str) -> Option<DateTime<Utc>> {
    let number: i64 = text.trim().parse().ok()?;
    if number > SURELY_MILLISECONDS { DateTime::from_timestamp_millis(number) } else { DateTime::from_timestamp(number, 0) }
}

/// The news of a letter; none of what is not about one.
fn news(told: &wire::Told) -> Option<DeliveryNews> {
    let word = told.event_type.id.strip_prefix("letter.")?;
    let (kind, trouble) = meaning(word.strip_prefix("certified.").unwrap_or(word))?;
    let ours = told.body.metadata.as_ref().and_then(|metadata| metadata.get(METADATA)?.parse().ok()).map(DeliveryId);
    Some(DeliveryNews {
        of: ours.map_or_else(|| NewsOf::Provider(Channel::Post, told.body.id.clone()), NewsOf::Delivery),
        kind,
        trouble,
        word: said(word),
        mark: format!("lob:{}", said(&told.id)),
        at: told.date_created.as_deref().and_then(|text| DateTime::parse_from_rfc3339(text).ok()).map(|at| at.to_utc()),
        raw: json!({ "event": said(&told.id), "type": said(&told.event_type.id), "letter": said(&told.body.id), "at": told.date_created }),
    })
}

/// What an event means; none of those that are not known.
fn meaning(word: &str) -> Option<(NewsKind, Option<Trouble>)> {
    let trouble = |code: &str, message: &str, suppress| Some(Trouble { code: code.into(), message: message.into(), suppress });
    Some(match word {
        "created" | "rendered_pdf" | "rendered_thumbnails" | "viewed" => (NewsKind::Accepted, None),
        "mailed" | "in_transit" | "in_local_area" | "processed_for_delivery" | "international_exit" | "pickup_available" => {
            (NewsKind::Sent, None)
        }
        "delivered" => (NewsKind::Delivered, None),
        "re-routed" => (NewsKind::Delayed, trouble("FORWARDED", "Lob says: it goes to another address", None)),
        "issue" => (NewsKind::Delayed, trouble("CARRIER_ISSUE", "Lob says: the carrier has trouble with it", None)),
        "returned_to_sender" => {
            let returned = Some(SuppressionReason::Returned);
            (NewsKind::Returned, trouble("LETTER_RETURNED", "Lob says: it comes back to the sender", returned))
        }
        "failed" | "rejected" => (NewsKind::Undelivered, trouble("PDF_REFUSED", "Lob says: it could not be printed", None)),
        "deleted" => (NewsKind::Undelivered, trouble("CANCELLED_AT_PROVIDER", "Lob says: it was cancelled there", None)),
        _ => return None,
    })
}
