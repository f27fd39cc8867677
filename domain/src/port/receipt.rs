//! What providers tell later, without being asked, about what they were handed: it left, it arrived, it came back; and
//! what debtors answer. A [`Herald`] checks and reads one provider's calls; `domain::delivery::told` judges what they
//! mean.

use chrono::{DateTime, Utc};
use entity::{Channel, DeliveryId, NewsKind, SuppressionReason};

use super::webhook::WebhookError;

/// Which delivery a provider speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum NewsOf {
    /// By our own id, which we gave it along. Ids are unguessable and unique over all tenants.
    Delivery(DeliveryId),
    /// By the provider's name for it, as the hand-over's receipt told it.
    Provider(Channel, String),
}

/// Why something did not arrive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trouble {
    /// Stable reason, e.g. `MAILBOX_UNKNOWN`.
    pub code: String,
    /// For people, without secrets.
    pub message: String,
    /// Set when the address is to blame and must not be used any more.
    pub suppress: Option<SuppressionReason>,
}

/// One thing that a provider told about one delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryNews {
    /// Which delivery.
    pub of: NewsOf,
    /// What it means. `Undelivered` is for good; what is still tried is `Delayed`.
    pub kind: NewsKind,
    /// Why it did not arrive, for `Delayed`, `Undelivered`, `Bounced` and `Returned`.
    pub trouble: Option<Trouble>,
    /// The provider's own word, e.g. `undelivered`.
    pub word: String,
    /// Tells this news from others about the same delivery; the same when it is told again.
    pub mark: String,
    /// When it happened, as the provider says; never trusted for more than showing it.
    pub at: Option<DateTime<Utc>>,
    /// What may serve as evidence: the fields that matter, bounded, without secrets.
    pub raw: serde_json::Value,
}

/// What a debtor answered to a short message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbound {
    /// Who wrote: a number in E.164.
    pub from: String,
    /// The provider's id of the message; the same when it is told again.
    pub id: String,
    /// What was written.
    pub text: String,
    /// What the provider's own keyword handling made of it, if it did: `STOP`, `START`, `HELP`.
    pub keyword: Option<String>,
}

/// What one call told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// About a delivery.
    Delivery(DeliveryNews),
    /// A debtor wrote back.
    Inbound(Inbound),
}

/// A provider's call, as it came in.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// Path and query as called, e.g. `/webhooks/twilio/status?d=…`; the public address before it is configuration.
    pub path_and_query: &'a str,
    /// Reads a header; none when it is absent or no text.
    pub header: &'a (dyn Fn(&str) -> Option<String> + Sync),
    /// The raw bytes.
    pub body: &'a [u8],
    /// The machine's time, against replays.
    pub now: DateTime<Utc>,
}

/// Checks and reads one provider's calls. Pure.
pub trait Herald: Send + Sync + 'static {
    /// Checks the signature in constant time, then reads. What is none of our business gives an empty list.
    ///
    /// # Errors
    ///
    /// [`WebhookError`].
    fn read(&self, call: &Call<'_>) -> Result<Vec<News>, WebhookError>;
}
