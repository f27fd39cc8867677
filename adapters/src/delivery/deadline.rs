//! The instant before which a hand-over must have started. Later, another process may have taken this one for dead and
//! looked after the letter itself; a process that was stopped in between must find that out before it sends.

use std::time::Duration;

use domain::port::SendError;
use tokio::time::Instant;

/// Counts from the call of `send`, on the machine's monotonic clock: it bounds this process's own work and decides
/// nothing of the product.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline(Instant);

impl Deadline {
    pub(super) fn start(valid_for: Duration) -> Self {
        let now = Instant::now();
        Self(now.checked_add(valid_for).unwrap_or(now))
    }

    /// Refuses a hand-over that would start too late.
    pub(super) fn check(self) -> Result<(), SendError> {
        if Instant::now() < self.0 { Ok(()) } else { Err(too_late()) }
    }

    /// Waits for what comes before the hand-over, no longer than there is time for it.
    pub(super) async fn within<T>(self, work: impl Future<Output = T>) -> Result<T, SendError> {
        let done = tokio::time::timeout_at(self.0, work).await.map_err(|_| too_late())?;
        self.check().map(|()| done)
    }
}

fn too_late() -> SendError {
    SendError::Transient { message: "the hand-over could not start in time; nothing was sent".into(), retry_after: None }
}
