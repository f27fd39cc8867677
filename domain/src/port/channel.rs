//! Handing a letter to a channel.

use std::time::Duration;

use entity::{Channel, DeliveryId, LetterId, TenantId};

/// What leaves the building: everything frozen, ready to hand over.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// The tenant, for the outbox folder; not shown to debtors.
    pub tenant: TenantId,
    /// The delivery: the idempotency key towards providers that have one.
    pub delivery: DeliveryId,
    /// The letter.
    pub letter: LetterId,
    /// Which way.
    pub channel: Channel,
    /// E-mail address, E.164 number, or the postal address in one line.
    pub recipient: String,
    /// The postal address in parts; of paper alone.
    pub postal: Option<Postal>,
    /// The debtor's name.
    pub recipient_name: String,
    /// The creditor's name: who writes.
    pub sender_name: String,
    /// Where answers go: the creditor's e-mail address.
    pub reply_to: String,
    /// Message-ID in angle brackets, the same on every attempt.
    pub message_id: String,
    /// Subject line.
    pub subject: String,
    /// Plain text: the mail's text part, or the whole short message.
    pub text: String,
    /// The mail's HTML part.
    pub html: Option<String>,
    /// The letter as PDF, and its file name made from ids.
    pub pdf: Option<(String, Vec<u8>)>,
    /// BCP 47.
    pub language: String,
    /// E-mail only: where the recipient ends e-mails by one click.
    pub unsubscribe_url: Option<String>,
    /// Machine time before which the hand-over must have started: later, another process may have taken it for dead.
    pub valid_for: Duration,
}

/// Where paper goes: what the letter's window shows and, when the debtor's record still says the same, its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Postal {
    /// Person or company.
    pub name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// None when the record changed since the letter was written.
    pub parts: Option<PostalParts>,
}

/// The parts of a postal address, for providers that print it themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PostalParts {
    /// Street and number, or a box.
    pub line1: String,
    /// Floor, building, care of.
    pub line2: Option<String>,
    /// As the country writes it.
    pub postal_code: Option<String>,
    /// Town.
    pub city: String,
    /// State or county.
    pub region: Option<String>,
}

/// The provider's yes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Receipt {
    /// The provider's name for it.
    pub provider_id: Option<String>,
    /// Paper only: a provider prints and posts it, so that nobody here has to.
    pub posts_itself: bool,
    /// What proves the hand-over: the fields of the answer that matter, bounded, without secrets.
    pub proof: Option<serde_json::Value>,
}

/// The provider's no, sorted by what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Not accepted; trying again later may help.
    #[error("{message}")]
    Transient {
        /// For people, without secrets.
        message: String,
        /// What the provider asked for.
        retry_after: Option<Duration>,
    },
    /// Refused for good: this recipient or content never works.
    #[error("{message}")]
    Rejected {
        /// Stable reason, e.g. `MAILBOX_UNKNOWN`.
        code: String,
        /// For people, without secrets.
        message: String,
    },
    /// Our credentials are refused: nobody's letters go out on this channel until a person acts.
    #[error("{message}")]
    Unauthorised {
        /// For people, without secrets.
        message: String,
    },
    /// It may have been accepted: the answer was lost. Never re-sent blindly.
    #[error("{message}")]
    Unknown {
        /// For people, without secrets.
        message: String,
    },
}

/// What a provider says about a hand-over whose answer we lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reconciled {
    /// It was accepted.
    Sent(Receipt),
    /// It was never accepted, and handing it over again under the same key cannot double it.
    SafeToRepeat,
    /// The provider cannot tell: a person must look.
    Unknown,
}

/// A channel. Stateless; called with no transaction open.
#[async_trait::async_trait]
pub trait Postman: Send + Sync + 'static {
    /// Hands a letter over, once.
    ///
    /// # Errors
    ///
    /// [`SendError`], sorted by what to do.
    async fn send(&self, outgoing: &Outgoing) -> Result<Receipt, SendError>;

    /// The domain that its mails come from, which their Message-IDs bear (RFC 5322 § 3.6.4); of e-mail alone.
    fn mail_domain(&self) -> Option<&str> {
        None
    }

    /// Asks what became of a hand-over whose answer was lost.
    async fn reconcile(&self, delivery: DeliveryId, tenant: TenantId, recipient: &str) -> Reconciled;
}

/// Makes the address by which the recipient of an e-mail ends e-mails to that address (RFC 8058): https, opaque,
/// signed, good for ever.
pub trait Unsubscribe: Send + Sync + 'static {
    /// The address.
    fn url(&self, tenant: TenantId, delivery: DeliveryId) -> String;
}
