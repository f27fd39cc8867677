//! The server itself.

use std::sync::{Arc, LazyLock};

use async_graphql::{Context, SimpleObject};
use chrono::{DateTime, Utc};
use domain::digest::sha256_hex;

use super::access;
use crate::DemoControl;

/// Computed once: the schema does not change while the program runs.
static SCHEMA_HASH: LazyLock<String> = LazyLock::new(|| sha256_hex(crate::sdl().as_bytes()));

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
        Ok(Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            schema_hash: SCHEMA_HASH.clone(),
            demo_mode: ctx.data_opt::<Arc<dyn DemoControl>>().is_some(),
            clock: access::env(ctx)?.now(),
        })
    }
}
