//! A provider's limits, obeyed before it says no, over all processes of one database.

use std::time::Duration;

use super::SourceError;

/// One limit of a provider on one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// Whom it counts for: `xero:<organisation>`, `xero:app`, `poweroffice`. The same spelling everywhere.
    pub key: String,
    /// What is limited.
    pub kind: LimitKind,
}

/// What a limit limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitKind {
    /// At most so many calls within any such span.
    Calls {
        /// How many.
        most: u32,
        /// Within which span.
        per: Duration,
    },
    /// At most so many calls at one time.
    AtOnce {
        /// How many.
        most: u32,
    },
}

/// The right to make one call. Give it back with [`Throttle::leave`]; one that is lost runs out by itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Turn {
    /// The keys it was taken from, each with the place taken there.
    pub places: Vec<(String, u64)>,
}

/// What the provider's answer said about its limits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// No call on this key for so long.
    pub closed: Option<(String, Duration)>,
}

/// Takes turns at a provider.
#[async_trait::async_trait]
pub trait Throttle: Send + Sync {
    /// Waits for a turn under all these limits.
    ///
    /// # Errors
    ///
    /// [`SourceError::RateLimited`] when the wait would hold a worker for long: come back after these seconds.
    async fn enter(&self, limits: &[Limit]) -> Result<Turn, SourceError>;

    /// Gives a turn back after the call, with what the answer said.
    async fn leave(&self, turn: Turn, told: Told);
}
