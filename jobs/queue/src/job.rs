//! What a job is, what a handler may answer, and the list of registered jobs with their types erased.

use std::{error::Error, fmt::Write as _, time::Duration};

use futures_util::{FutureExt, future::BoxFuture};
use serde::{Serialize, de::DeserializeOwned};
use ulid::Ulid;

/// Any error of a handler.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Longest text of an error kept on a job's row, in characters.
const ERROR_LENGTH: usize = 1_000;

/// Arguments of one kind of job: ids and the tenant, never names or amounts.
pub trait Job: Serialize + DeserializeOwned + Clone + Send + Sync + Unpin + 'static {
    /// Name of the queue; one kind of job per queue.
    const QUEUE: &'static str;
    /// Runs before the job is given up as a dead letter, the first one included.
    const MAX_ATTEMPTS: u32 = 5;
    /// Jobs of this queue run at once by one process, at most.
    const CONCURRENCY: usize = 4;
    /// A run that takes longer is stopped and counts as failed.
    const TIMEOUT: Duration = Duration::from_mins(5);

    /// Wait after the failed run number `attempt` (from 1): 5 s, 20 s, 80 s, … at most an hour. Up to a fifth is added,
    /// different for each job, so that jobs that failed together do not come back together.
    fn backoff(attempt: u32) -> Duration {
        let factor = 4_u32.saturating_pow(attempt.saturating_sub(1).min(6));
        Duration::from_secs(5 * u64::from(factor)).min(Duration::from_hours(1))
    }
}

/// How a job is run; `C` is what the process hands to all its handlers (use cases, database, …).
pub trait Handler<C>: Job {
    /// Runs the job once. It reloads and re-checks everything, because it may run twice.
    fn run(self, ctx: C, attempt: Attempt) -> impl Future<Output = Result<(), Fail>> + Send;
}

/// Which run of a job this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// The job's id.
    pub job: Ulid,
    /// Number of this run, from 1; a run that ended with its process counts.
    pub number: u32,
    /// Runs allowed.
    pub of: u32,
}

impl Attempt {
    /// Whether a failure of this run makes the job a dead letter.
    pub fn is_last(&self) -> bool {
        self.number >= self.of
    }
}

/// Why a run failed, decided where it happens.
#[derive(Debug)]
pub enum Fail {
    /// Running again would not help: the job becomes a dead letter now.
    GiveUp(BoxError),
    /// Run again after this long (`None` = [`Job::backoff`]), as long as attempts are left.
    Retry(BoxError, Option<Duration>),
}

impl Fail {
    /// Never again.
    pub fn give_up(error: impl Into<BoxError>) -> Self {
        Self::GiveUp(error.into())
    }

    /// Again, after the job's own back-off.
    pub fn retry(error: impl Into<BoxError>) -> Self {
        Self::Retry(error.into(), None)
    }

    /// Again, not before `wait` has passed.
    pub fn retry_after(error: impl Into<BoxError>, wait: Duration) -> Self {
        Self::Retry(error.into(), Some(wait))
    }
}

impl<E: Into<BoxError>> From<E> for Fail {
    fn from(error: E) -> Self {
        Self::retry(error)
    }
}

/// Decodes a payload and makes the run's future.
type Start<C> = fn(&[u8], C, Attempt) -> serde_json::Result<BoxFuture<'static, Result<(), Fail>>>;

/// One kind of job with its type erased.
pub(crate) struct Registered<C> {
    pub(crate) queue: &'static str,
    pub(crate) concurrency: usize,
    pub(crate) timeout: Duration,
    pub(crate) backoff: fn(u32) -> Duration,
    pub(crate) start: Start<C>,
}

impl<C: Send + 'static> Registered<C> {
    pub(crate) fn of<H: Handler<C>>() -> Self {
        Self {
            queue: H::QUEUE,
            concurrency: H::CONCURRENCY,
            timeout: H::TIMEOUT,
            backoff: H::backoff,
            start: |payload, ctx, attempt| {
                let job: H = serde_json::from_slice(payload)?;
                Ok(async move { job.run(ctx, attempt).await }.boxed())
            },
        }
    }
}

/// An error with its causes, as one line that fits on a row.
pub(crate) fn describe(error: &BoxError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        let _ = write!(text, ": {deeper}");
        cause = deeper.source();
    }
    clip(&text)
}

/// What `PostgreSQL`'s JSON takes (no NUL) and a row should carry.
pub(crate) fn clip(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').take(ERROR_LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde::{Deserialize, Serialize};

    use super::{ERROR_LENGTH, Job, clip};

    #[derive(Clone, Serialize, Deserialize)]
    struct Plain;
    impl Job for Plain {
        const QUEUE: &'static str = "plain";
    }

    #[test]
    fn backoff_grows_and_stays_within_an_hour() {
        let waits: Vec<u64> = (1..=4).map(|n| Plain::backoff(n).as_secs()).collect();
        assert_eq!(waits, [5, 20, 80, 320]);
        assert_eq!(Plain::backoff(u32::MAX), Duration::from_hours(1));
    }

    #[test]
    fn kept_errors_are_short_and_free_of_nul() {
        assert_eq!(clip("a\0b"), "ab");
        assert_eq!(clip(&"å".repeat(5_000)).chars().count(), ERROR_LENGTH);
    }
}
