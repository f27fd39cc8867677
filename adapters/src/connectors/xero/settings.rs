//! What the operator sets to have Xero: the app's registration and, for stand-ins, other addresses.

use secrecy::SecretString;

/// Read access to what is collected, and a refresh token. Apps registered since 2 March 2026 get granular scopes only;
/// nobody's profile is asked for. <https://developer.xero.com/faq/granular-scopes>
const READ_SCOPES: [&str; 5] =
    ["offline_access", "accounting.invoices.read", "accounting.payments.read", "accounting.contacts.read", "accounting.settings.read"];

/// Needed besides to write a note into an invoice's history.
const NOTES_SCOPE: &str = "accounting.invoices";

/// An app's registration with Xero.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The app's client id.
    pub client_id: String,
    /// The app's client secret.
    pub client_secret: SecretString,
    /// Where consent leads back to, letter by letter as registered.
    pub redirect_url: String,
    /// The key that webhooks are signed with.
    pub webhook_key: SecretString,
    /// Asks for the right to write notes into invoices' history.
    pub write_notes: bool,
    /// Xero's page of consent.
    pub authorize_url: String,
    /// Where codes and refresh tokens are traded.
    pub token_url: String,
    /// Where a grant is ended.
    pub revocation_url: String,
    /// Where organisations are listed and disconnected.
    pub connections_url: String,
    /// Base of the accounting API, without a slash at the end.
    pub api_url: String,
}

impl Settings {
    /// An app at Xero itself, without the right to write notes.
    pub fn new(
        client_id: impl Into<String>,
        client_secret: SecretString,
        redirect_url: impl Into<String>,
        webhook_key: SecretString,
    ) -> Self {
        Self {
            client_id: client_id.into(),
            client_secret,
            redirect_url: redirect_url.into(),
            webhook_key,
            write_notes: false,
            authorize_url: "https://login.xero.com/identity/connect/authorize".into(),
            token_url: "https://identity.xero.com/connect/token".into(),
            revocation_url: "https://identity.xero.com/connect/revocation".into(),
            connections_url: "https://api.xero.com/connections".into(),
            api_url: "https://api.xero.com/api.xro/2.0".into(),
        }
    }

    /// The scopes that consent is asked for.
    pub(super) fn scopes(&self) -> impl Iterator<Item = &'static str> {
        READ_SCOPES.into_iter().chain(self.write_notes.then_some(NOTES_SCOPE))
    }
}
