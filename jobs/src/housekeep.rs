//! Sweeping away what is finished, and looking for what grew old.

use std::time::Duration;

use domain::integration::disconnect;
use queue::{Attempt, Enqueue, Fail, Handler, Job, Keep};
use serde::{Deserialize, Serialize};

use crate::{Context, Farewell, outcome::fail};

/// Most farewells that are enqueued at once; the next hour goes on.
const FAREWELLS: u64 = 100;

/// Finished jobs say nothing that the events do not say; dead letters are kept for a person to see.
const KEEP: Keep = Keep { done: Duration::from_hours(1), dead: Duration::from_hours(30 * 24) };

/// Sweeps finished jobs, old idempotency keys, expired sessions and abandoned files; warns of claims that near the end of
/// their limitation period.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Housekeep {}

impl Job for Housekeep {
    const QUEUE: &'static str = "housekeep";
    const CONCURRENCY: usize = 1;
}

impl Handler<Context> for Housekeep {
    async fn run(self, context: Context, _attempt: Attempt) -> Result<(), Fail> {
        let jobs = queue::sweep(&context.env.db, KEEP).await?;
        farewells(&context).await.map_err(fail)?;
        let rows = domain::housekeep::sweep(&context.env).await.map_err(fail)?;
        let warned = domain::case::warn_of_limitation(&context.env).await.map_err(fail)?;
        tracing::debug!(jobs, rows, warned, "swept");
        Ok(())
    }
}

/// Enqueues again what a provider that was down for long did not hear.
async fn farewells(context: &Context) -> domain::Result<()> {
    let left = disconnect::not_heard(&context.env.db, FAREWELLS).await?;
    if left.is_empty() {
        return Ok(());
    }
    let tx = entity::database::begin_write(&context.env.db).await?;
    for (tenant, integration) in left {
        queue::enqueue(&tx, &Farewell { tenant, integration }, Enqueue::keyed(integration.to_string())).await?;
    }
    tx.commit().await?;
    context.wake.notify(Farewell::QUEUE);
    Ok(())
}
