//! The server itself.

use async_graphql::{Context, SimpleObject};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::access;

/// What the schema knows of the installation; goes into its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    schema_hash: String,
    demo: bool,
}

impl Installed {
    /// Of a schema's SDL.
    pub fn new(sdl: &str, demo: bool) -> Self {
        Self { schema_hash: Sha256::digest(sdl.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect(), demo }
    }
}

/// The server itself.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct ServerInfo {
    /// The program's version.
    pub version: String,
    /// Hex SHA-256 of the schema's SDL: it changes when the schema does.
    pub schema_hash: String,
    /// Whether it runs as a demo, with a clock that can be moved.
    pub demo_mode: bool,
    /// Now, by the product's clock.
    pub clock: DateTime<Utc>,
}

impl ServerInfo {
    /// Of this server, now.
    ///
    /// # Errors
    ///
    /// When the schema was built without surroundings.
    pub fn now(ctx: &Context<'_>) -> async_graphql::Result<Self> {
        let installed = ctx.data::<Installed>()?;
        Ok(Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            schema_hash: installed.schema_hash.clone(),
            demo_mode: installed.demo,
            clock: access::env(ctx)?.now(),
        })
    }
}
