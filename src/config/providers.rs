//! Sections of the accounting systems and the agencies. Every address defaults to the provider's own, so that the
//! product can be pointed at any peer of the same shape.

use std::path::PathBuf;

use serde::Deserialize;

/// Xero. Without it nobody can connect Xero.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Xero {
    /// The app's client id.
    pub client_id: String,
    /// Its secret.
    #[serde(default)]
    pub client_secret: Option<String>,
    /// The same as a file.
    #[serde(default)]
    pub client_secret_file: Option<PathBuf>,
    /// Where people consent.
    #[serde(default)]
    pub authorize_url: Option<String>,
    /// Where codes and refresh tokens are traded.
    #[serde(default)]
    pub token_url: Option<String>,
    /// Where grants are ended.
    #[serde(default)]
    pub revocation_url: Option<String>,
    /// Where the organisations of a login are listed.
    #[serde(default)]
    pub connections_url: Option<String>,
    /// The accounting API.
    #[serde(default)]
    pub api_url: Option<String>,
    /// Signs webhooks.
    #[serde(default)]
    pub webhook_key: Option<String>,
    /// The same as a file.
    #[serde(default)]
    pub webhook_key_file: Option<PathBuf>,
    /// Where Xero sends the browser back to. None: the public URL with `/integrations/xero/callback`.
    #[serde(default)]
    pub redirect_url: Option<String>,
    /// Ask for the right to write notes into the books.
    #[serde(default)]
    pub write_notes: bool,
}

/// Xentral. Works without settings; these are for instances of one's own network.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Xentral {
    /// Hosts (`name` or `name:port`) that may be called although they are private or not served by TLS.
    #[serde(deserialize_with = "list")]
    pub allowed_hosts: Vec<String>,
}

/// PowerOffice GO. Without it nobody can connect PowerOffice.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PowerOffice {
    /// The application's key.
    #[serde(default)]
    pub application_key: Option<String>,
    /// The same as a file.
    #[serde(default)]
    pub application_key_file: Option<PathBuf>,
    /// The subscription's key.
    #[serde(default)]
    pub subscription_key: Option<String>,
    /// The same as a file.
    #[serde(default)]
    pub subscription_key_file: Option<PathBuf>,
    /// Where tokens are made.
    #[serde(default)]
    pub token_url: Option<String>,
    /// The API.
    #[serde(default)]
    pub api_url: Option<String>,
    /// Where onboarding sends the browser back to. None: the public URL with `/integrations/poweroffice/callback`.
    #[serde(default)]
    pub redirect_url: Option<String>,
}

/// Amili's collection API, for agencies that work with it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Amili {
    /// Where tokens are made.
    pub token_url: Option<String>,
    /// The API.
    pub api_url: Option<String>,
}

/// A list, or one text with commas as the environment has it.
pub(super) fn list<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Given {
        List(Vec<String>),
        Text(String),
    }
    Ok(match Given::deserialize(deserializer)? {
        Given::List(list) => list,
        Given::Text(text) => text.split(',').map(str::trim).filter(|host| !host.is_empty()).map(str::to_owned).collect(),
    })
}
