//! Joining and leaving a provider: by a person's consent in a browser, or by keys that a person pastes.

pub use entity::BookEvent;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    access::{Access, Fresh},
    vault::SecretString,
};

/// One organisation, instance or client at a provider: what an integration is linked to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Its id there: a Xero tenant id, a Xentral host, a PowerOffice client key's hint and organisation number.
    pub external_id: String,
    /// Its name there.
    pub name: String,
    /// Where it is, for providers with an address per customer; without a slash at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// The connection's own id, for providers that have one besides the account's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_id: Option<String>,
    /// IANA time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// ISO 4217, the books' currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// What connecting brought.
#[derive(Debug, Clone)]
pub struct Granted {
    /// The keys, one set for all the accounts.
    pub fresh: Fresh,
    /// The accounts that they open.
    pub accounts: Vec<Account>,
    /// The last four characters of what a person knows the keys by; none for tokens that nobody ever sees.
    pub hint: Option<String>,
}

/// Why connecting did not work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// The provider does not answer; later may help.
    #[error("{0}")]
    Unavailable(String),
    /// The keys or the code are refused.
    #[error("{0}")]
    Refused(String),
    /// They are valid but lack a right; says which, and where to switch it on.
    #[error("{0}")]
    Missing(String),
    /// The given address may not be called or is none.
    #[error("{0}")]
    BadAddress(String),
}

/// What a browser is sent with.
#[derive(Debug, Clone)]
pub struct ConsentAsk {
    /// Single use, comes back with the answer.
    pub state: String,
    /// PKCE S256 challenge of RFC 7636, base64url without padding.
    pub challenge: String,
}

/// Consent in a browser.
#[async_trait::async_trait]
pub trait Consent: Send + Sync + 'static {
    /// Where to send the browser.
    ///
    /// # Errors
    ///
    /// [`ConnectError`], for providers that must be asked for the address.
    async fn page(&self, ask: &ConsentAsk) -> Result<String, ConnectError>;

    /// Trades what came back for keys and looks which accounts they open.
    ///
    /// # Errors
    ///
    /// [`ConnectError`].
    async fn trade(&self, code: &SecretString, verifier: &SecretString) -> Result<Granted, ConnectError>;
}

/// Keys as a person pasted them.
#[derive(Debug, Clone)]
pub struct PastedKeys {
    /// The instance's address, for providers with one per customer.
    pub address: Option<String>,
    /// The key.
    pub key: SecretString,
}

/// Keys that a person pastes.
#[async_trait::async_trait]
pub trait Pasted: Send + Sync + 'static {
    /// Checks them by a cheap call.
    ///
    /// # Errors
    ///
    /// [`ConnectError`].
    async fn check(&self, pasted: &PastedKeys) -> Result<Granted, ConnectError>;
}

/// Leaving a provider that must be told.
#[async_trait::async_trait]
pub trait Farewell: Send + Sync + 'static {
    /// Ends the link to one account, and with `all` the whole grant. Done twice it succeeds.
    ///
    /// # Errors
    ///
    /// [`ConnectError`].
    async fn leave(&self, access: &dyn Access, account: &Account, all: bool) -> Result<(), ConnectError>;
}

/// A note for an invoice in the books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookNote {
    /// The invoice's id there.
    pub invoice_external_id: String,
    /// What happened.
    pub about: BookEvent,
    /// For people.
    pub text: String,
    /// Idempotency key.
    pub id: Uuid,
}

/// The invoices' pages on the web, where debtors see and pay them.
#[async_trait::async_trait]
pub trait OnlinePages: Send + Sync + 'static {
    /// The address of one invoice's page; none when the provider shows none of it.
    ///
    /// # Errors
    ///
    /// [`super::SourceError`].
    async fn page_of(&self, link: &super::Link, invoice_external_id: &str) -> Result<Option<String>, super::SourceError>;
}

/// Writes notes into the books.
#[async_trait::async_trait]
pub trait Notes: Send + Sync + 'static {
    /// Writes one. Done twice with one id it is there once, where the provider can tell.
    ///
    /// # Errors
    ///
    /// [`super::SourceError`].
    async fn write(&self, link: &super::Link, note: &BookNote) -> Result<(), super::SourceError>;
}
