//! One run of one job, the same for workers and for draining: fence, decode, time limit, panic guard, verdict.

use std::{collections::HashMap, sync::Arc, time::Duration};

use sea_orm::{DatabaseConnection, DbErr};
use tokio::task::JoinError;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use tracing::Instrument;
use ulid::Ulid;

use crate::{
    job::{Attempt, Fail, Registered, clip, describe},
    state::{self, Begun, End, Held},
};

/// The longest pause between two tries to write down how a run ended while the database is away.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What every run needs.
pub(crate) struct Core<C> {
    pub(crate) db: DatabaseConnection,
    pub(crate) ctx: C,
    pub(crate) jobs: HashMap<&'static str, Arc<Registered<C>>>,
    /// Cancelled when the time for a graceful end is over: runs are cut and given back.
    pub(crate) cut: CancellationToken,
}

impl<C: Clone + Send + Sync + 'static> Core<C> {
    /// Runs a fetched row; answers how it ended, or `None` when it was no longer this worker's to run or to end.
    pub(crate) async fn execute(&self, worker: &str, held: Held) -> Option<End> {
        let span = tracing::info_span!("job", queue = held.queue, id = held.id);
        self.run_held(worker, held).instrument(span).await
    }

    async fn run_held(&self, worker: &str, held: Held) -> Option<End> {
        let Some(begun) = until_written(|again| state::start(&self.db, &held.id, worker, again)).await else {
            tracing::warn!("a job was taken from its worker before it began");
            return None;
        };
        let end = self.verdict(&held, begun).await;
        log(&end, begun);
        if until_written(|_| state::finish(&self.db, &held.id, worker, begun.attempt, &end)).await {
            return Some(end);
        }
        tracing::warn!("a job was taken from its worker while it ran; its outcome was not written");
        None
    }

    async fn verdict(&self, held: &Held, begun: Begun) -> End {
        let Ok(id) = held.id.parse::<Ulid>() else {
            return End::Dead("the job's id is not one of ours".into());
        };
        let Some(job) = self.jobs.get(held.queue.as_str()) else {
            return End::Dead("no handler for this queue".into());
        };
        let attempt = Attempt { job: id, number: begun.attempt, of: begun.max };
        if attempt.number > attempt.of {
            return End::Dead("no attempt is left".into());
        }
        match self.attempt(job, &held.payload, attempt).await {
            Ok(end) => end,
            Err(Fail::GiveUp(error)) => End::Dead(describe(&error)),
            Err(Fail::Retry(error, _)) if attempt.is_last() => End::Dead(describe(&error)),
            Err(Fail::Retry(error, wait)) => {
                let wait = wait.unwrap_or_else(|| spread((job.backoff)(attempt.number), id));
                End::Later(describe(&error), wait)
            }
        }
    }

    /// The handler runs as a task of its own: its panic is its own, and a handler that computes for long does not keep
    /// the worker from fetching and heart-beating.
    async fn attempt(&self, job: &Registered<C>, payload: &[u8], attempt: Attempt) -> Result<End, Fail> {
        let run = (job.start)(payload, self.ctx.clone(), attempt)
            .map_err(|error| Fail::give_up(format!("the payload cannot be read: {error}")))?;
        let run = AbortOnDropHandle::new(tokio::spawn(run.in_current_span()));
        tokio::select! {
            // A run that has ended has ended, however late this task looks: it is neither cut nor over its time.
            biased;
            ended = run => ended.unwrap_or_else(|error| Err(Fail::retry(panic_text(error)))).map(|()| End::Done),
            () = self.cut.cancelled() => Ok(End::GivenBack),
            () = tokio::time::sleep(job.timeout) => {
                Err(Fail::retry(format!("stopped after {} s", job.timeout.as_secs())))
            }
        }
    }
}

/// Adds up to a fifth, fixed by the job's id.
fn spread(wait: Duration, id: Ulid) -> Duration {
    let share = u32::try_from(id.0 % 101).unwrap_or_default();
    wait + wait * share / 500
}

fn panic_text(error: JoinError) -> String {
    let Ok(panic) = error.try_into_panic() else {
        return "the run was aborted".into();
    };
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    clip(&format!("panicked: {}", text.as_deref().unwrap_or("(no text)")))
}

fn log(end: &End, begun: Begun) {
    let Begun { attempt, max } = begun;
    match end {
        End::Done => tracing::debug!(attempt, "job done"),
        End::Later(error, wait) => tracing::warn!(attempt, max, wait_s = wait.as_secs(), error, "job failed, runs again"),
        End::Dead(error) => tracing::error!(attempt, max, error, "job given up as a dead letter"),
        End::GivenBack => tracing::warn!(attempt, "job cut off by the end of the process, given back"),
    }
}

/// Tries until the database answers: a verdict that is not written would leave the row with a living worker for ever.
/// Should the process end before, the row is found by another worker's look for orphans.
///
/// `write` is told whether it is tried again: a connection that breaks may have taken along the answer to a write that
/// was done.
async fn until_written<T, F>(write: impl Fn(bool) -> F) -> T
where
    F: Future<Output = Result<T, DbErr>>,
{
    let mut pause = Duration::from_millis(50);
    let mut again = false;
    loop {
        match write(again).await {
            Ok(done) => return done,
            Err(error) => tracing::warn!(%error, "the queue's row cannot be written, trying again"),
        }
        tokio::time::sleep(pause).await;
        again = true;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ulid::Ulid;

    use super::spread;

    #[test]
    fn jobs_that_failed_together_come_back_apart_but_within_a_fifth() {
        let wait = Duration::from_secs(100);
        let waits: Vec<Duration> = (0..101).map(|n| spread(wait, Ulid(n))).collect();
        assert_eq!(waits.first(), Some(&wait));
        assert_eq!(waits.last(), Some(&Duration::from_mins(2)));
        assert!(waits.is_sorted());
    }
}
