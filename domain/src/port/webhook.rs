//! What a provider tells without being asked: hints that something changed. They are never facts; what they name is
//! pulled.

pub use entity::HintSubject;

/// A hint.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Hint {
    /// Whose books, the account's id there.
    pub account: String,
    /// What changed.
    pub subject: HintSubject,
    /// Its id there.
    pub external_id: String,
    /// Tells this hint from others about the same thing; the same when it is told again.
    pub mark: String,
}

/// Why a webhook's call is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// The signature is missing or wrong.
    #[error("the signature is wrong")]
    BadSignature,
    /// Signed, but not of the documented shape.
    #[error("the message is not of the documented shape")]
    Unreadable,
}

/// Reads a provider's webhook. Pure.
pub trait Webhook: Send + Sync + 'static {
    /// Name of the header that carries the signature.
    fn header(&self) -> &'static str;

    /// Checks the signature over the raw bytes, in constant time, then reads.
    ///
    /// # Errors
    ///
    /// [`WebhookError`].
    fn read(&self, signature: Option<&str>, body: &[u8]) -> Result<Vec<Hint>, WebhookError>;
}
