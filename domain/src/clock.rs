//! Time and chance as arguments. `src` hands in the real ones, `demo` and tests a moved clock; `clippy.toml` bans the
//! ambient ones everywhere else.

use std::time::Duration;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// The product's clock.
pub trait Clock: Send + Sync + 'static {
    /// Now, by the product: what due instants are compared with. May be moved in demos and tests.
    fn now(&self) -> DateTime<Utc>;

    /// Now, by the machine: for leases of work under way, which must not age when the product's clock is moved.
    fn machine(&self) -> DateTime<Utc>;
}

/// Chance, for ids and tokens.
pub trait Entropy: Send + Sync + 'static {
    /// Fills the buffer from a cryptographically secure source.
    fn fill(&self, buffer: &mut [u8]);
}

/// Cuts to the precision that both databases keep, so that what is written reads back equal.
pub fn to_micros(at: DateTime<Utc>) -> DateTime<Utc> {
    at.trunc_subsecs(6)
}

/// How long somebody who does not answer is left alone: a minute, doubled with each attempt after the first, `most` at
/// most.
pub(crate) fn doubled(attempts: i32, most: TimeDelta) -> TimeDelta {
    TimeDelta::minutes(1 << (attempts.clamp(1, 32) - 1)).min(most)
}

/// Waits a moment with no transaction open: for a turn at a provider, for another process that renews keys. Whatever
/// waits longer than half a minute is a due instant on a row instead.
pub(crate) async fn moment(span: Duration) {
    // Nothing ever comes: the end of the time is what is waited for.
    let _ = tokio::time::timeout(span, std::future::pending::<()>()).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let minutes = [0, 1, 2, 5, 6, 7, 1_000, i32::MAX].map(|attempts| doubled(attempts, TimeDelta::hours(1)).num_minutes());
        assert_eq!(minutes, [1, 1, 2, 16, 32, 60, 60, 60]);
    }
}
