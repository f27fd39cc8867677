//! Starting runs and carrying them on.

use std::time::Duration;

use domain::sync::{Ran, run, start_due};
use entity::{IntegrationId, SyncRunId, TenantId};
use queue::{Attempt, Fail, Handler, Job};
use serde::{Deserialize, Serialize};

use crate::{Context, outcome::fail};

/// Carries a run on to its end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SyncIntegration {
    /// The tenant.
    pub tenant: TenantId,
    /// The run.
    pub run: SyncRunId,
}

impl Job for SyncIntegration {
    const QUEUE: &'static str = "sync_integration";
    const MAX_ATTEMPTS: u32 = 10;
    const CONCURRENCY: usize = 2;
    // A file of five million rows takes minutes; a run that is cut goes on at its last page.
    const TIMEOUT: Duration = Duration::from_hours(1);
}

impl Handler<Context> for SyncIntegration {
    async fn run(self, context: Context, _attempt: Attempt) -> Result<(), Fail> {
        match run(&context.env, self.tenant, self.run).await.map_err(fail)? {
            // Elsewhere: an older run goes first, or another worker has it; the dispatcher comes back to it.
            // Parked: the dispatcher comes back when its instant is over.
            Ran::Ended | Ran::Elsewhere | Ran::Parked => Ok(()),
            Ran::TryAgain(why) => Err(Fail::retry(why)),
        }
    }
}

/// Starts what is due of an integration.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StartSync {
    /// The tenant.
    pub tenant: TenantId,
    /// The integration.
    pub integration: IntegrationId,
}

impl Job for StartSync {
    const QUEUE: &'static str = "start_sync";
    const MAX_ATTEMPTS: u32 = 5;
    const CONCURRENCY: usize = 2;
    const TIMEOUT: Duration = Duration::from_mins(1);
}

impl Handler<Context> for StartSync {
    async fn run(self, context: Context, _attempt: Attempt) -> Result<(), Fail> {
        start_due(&context.env, self.tenant, self.integration).await.map_err(fail)
    }
}
