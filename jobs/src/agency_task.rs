//! Telling an agency about a case that it works.

use std::time::Duration;

use domain::agency_task::tell;
use entity::{AgencyTaskId, TenantId};
use queue::{Attempt, Fail, Handler, Job};
use serde::{Deserialize, Serialize};

use crate::{Context, outcome::fail};

/// Tells an agency one thing. Its refusal is an outcome on the row, not a retry of this job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TellAgency {
    /// The tenant.
    pub tenant: TenantId,
    /// What.
    pub task: AgencyTaskId,
}

impl Job for TellAgency {
    const QUEUE: &'static str = "tell_agency";
    const CONCURRENCY: usize = 2;
    const TIMEOUT: Duration = Duration::from_mins(3);
}

impl Handler<Context> for TellAgency {
    async fn run(self, context: Context, _attempt: Attempt) -> Result<(), Fail> {
        tell(&context.env, self.tenant, self.task).await.map_err(fail)
    }
}
