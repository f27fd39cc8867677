//! Keys to a provider: lent for one call, renewed when they run out or are refused, never kept by a connector.

use std::time::Duration;

use super::{SourceError, vault::SecretString};

/// Keys as lent for a call. Their text is the connector's own JSON document; it does not print.
#[derive(Debug, Clone)]
pub struct Lent {
    /// The keys.
    pub keys: SecretString,
    /// Grows with each renewal.
    pub version: i64,
}

/// Lends the keys of one integration.
#[async_trait::async_trait]
pub trait Access: Send + Sync {
    /// The keys, good for at least another minute: they are renewed first when they are not.
    ///
    /// # Errors
    ///
    /// [`SourceError::Unauthorised`] when a person must connect again, [`SourceError::Unavailable`] when the renewal
    /// got no answer.
    async fn lend(&self) -> Result<Lent, SourceError>;

    /// The provider refused these keys: renews them, unless somebody else did already.
    ///
    /// # Errors
    ///
    /// As [`Access::lend`].
    async fn refused(&self, lent: &Lent) -> Result<Lent, SourceError>;
}

/// Keys as a provider gave them.
#[derive(Debug, Clone)]
pub struct Fresh {
    /// The connector's own JSON document.
    pub keys: SecretString,
    /// How long they are good for; none for keys that do not run out.
    pub good_for: Option<Duration>,
    /// What they allow, as the provider spells it.
    pub scopes: Vec<String>,
}

/// Why keys were not renewed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenewError {
    /// No answer, or one that says to come back. The old keys may or may not be used up: try again with them.
    #[error("{0}")]
    Unavailable(String),
    /// The provider refuses these keys for good; a person must connect again.
    #[error("{0}")]
    Refused(String),
}

/// Renews keys that run out. Called by one process at a time for one set of keys.
#[async_trait::async_trait]
pub trait Renewal: Send + Sync + 'static {
    /// New keys for old.
    ///
    /// # Errors
    ///
    /// [`RenewError`].
    async fn renew(&self, keys: &SecretString) -> Result<Fresh, RenewError>;
}
