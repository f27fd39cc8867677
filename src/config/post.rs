//! Section of the provider that prints and posts letters. Without it they lie in the outbox folder until a person does.

use std::path::PathBuf;

use serde::Deserialize;

/// Who prints and posts, and how.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Post {
    /// `none` (default), `pingen` or `lob`.
    pub provider: PostProvider,
    /// `production`, where letters are truly posted, or `staging`, where none is. It must be said: a letter that counts as
    /// sent and never left would be worse than one that waits.
    pub environment: Option<PostEnvironment>,
    /// How fast: `cheap` (default), `fast`, `bulk` or `premium` at Pingen; `cheap` and `fast` at Lob.
    pub speed: PostSpeed,
    /// Print on both sides of the sheet.
    pub duplex: bool,
    /// Print in colour.
    pub colour: bool,
    /// Pages of a letter at most: each costs. None: 12. What the provider takes holds besides.
    pub max_pages: Option<usize>,
    /// Countries that letters may go to, ISO 3166-1 alpha-2. Empty: wherever the provider serves.
    #[serde(deserialize_with = "super::providers::list")]
    pub countries: Vec<String>,
    /// Pingen's keys.
    pub pingen: Option<Pingen>,
    /// Lob's.
    pub lob: Option<Lob>,
}

/// Who prints and posts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PostProvider {
    /// A person.
    #[default]
    None,
    /// Pingen, Europe.
    Pingen,
    /// Lob, United States.
    Lob,
}

/// Whether letters are truly posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PostEnvironment {
    /// Nothing is printed.
    Staging,
    /// They are.
    Production,
}

/// How fast.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PostSpeed {
    /// The cheapest.
    #[default]
    Cheap,
    /// The fastest.
    Fast,
    /// Many letters, slow.
    Bulk,
    /// Fast and tracked.
    Premium,
}

/// Pingen's account.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pingen {
    /// The organisation's id, as in Pingen's addresses.
    pub organisation: String,
    /// The application's id, of the type client credentials.
    pub client_id: String,
    /// Its secret.
    #[serde(default)]
    pub client_secret: Option<String>,
    /// The same as a file.
    #[serde(default)]
    pub client_secret_file: Option<PathBuf>,
    /// Signs webhooks; the same for each of their categories.
    #[serde(default)]
    pub webhook_key: Option<String>,
    /// The same as a file.
    #[serde(default)]
    pub webhook_key_file: Option<PathBuf>,
    /// The API. None: Pingen's own, by the environment.
    #[serde(default)]
    pub api_url: Option<String>,
    /// Where tokens are made. None: Pingen's own, by the environment.
    #[serde(default)]
    pub token_url: Option<String>,
}

/// Lob's account.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lob {
    /// The secret key, `test_…` or `live_…` by the environment.
    #[serde(default)]
    pub api_key: Option<String>,
    /// The same as a file.
    #[serde(default)]
    pub api_key_file: Option<PathBuf>,
    /// Signs webhooks.
    #[serde(default)]
    pub webhook_key: Option<String>,
    /// The same as a file.
    #[serde(default)]
    pub webhook_key_file: Option<PathBuf>,
    /// The API. None: Lob's own.
    #[serde(default)]
    pub api_url: Option<String>,
    /// Where letters come back to, in the United States.
    pub sender: LobSender,
}

/// An address in the United States.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LobSender {
    /// Person or company, 40 characters at most.
    pub name: String,
    /// Street and number.
    pub line1: String,
    /// Floor, suite.
    #[serde(default)]
    pub line2: Option<String>,
    /// Town.
    pub city: String,
    /// Two letters.
    pub state: String,
    /// ZIP code.
    pub zip: String,
}
