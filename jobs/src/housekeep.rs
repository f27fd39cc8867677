//! Sweeping away what is finished.

use std::time::Duration;

use queue::{Attempt, Fail, Handler, Job, Keep};
use serde::{Deserialize, Serialize};

use crate::{Context, outcome::fail};

/// Finished jobs say nothing that the events do not say; dead letters are kept for a person to see.
const KEEP: Keep = Keep { done: Duration::from_hours(1), dead: Duration::from_hours(30 * 24) };

/// Sweeps finished jobs, old idempotency keys, expired sessions and abandoned files.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Housekeep {}

impl Job for Housekeep {
    const QUEUE: &'static str = "housekeep";
    const CONCURRENCY: usize = 1;
}

impl Handler<Context> for Housekeep {
    async fn run(self, context: Context, _attempt: Attempt) -> Result<(), Fail> {
        let jobs = queue::sweep(&context.env.db, KEEP).await?;
        let rows = domain::housekeep::sweep(&context.env).await.map_err(fail)?;
        tracing::debug!(jobs, rows, "swept");
        Ok(())
    }
}
