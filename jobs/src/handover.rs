//! Doing what is due of a hand-over: offering's end, submission, questions to the agency.

use std::time::Duration;

use domain::handover::step;
use entity::{HandoverId, TenantId};
use queue::{Attempt, Fail, Handler, Job};
use serde::{Deserialize, Serialize};

use crate::{Context, outcome::fail};

/// Does what is due of a hand-over. The agency's refusal is an outcome on the row: its next attempt is a date there,
/// not a retry of this job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HandOver {
    /// The tenant.
    pub tenant: TenantId,
    /// The hand-over.
    pub handover: HandoverId,
}

impl Job for HandOver {
    const QUEUE: &'static str = "hand_over";
    const CONCURRENCY: usize = 2;
    // Longer than a call and the drawing of a case's letters, shorter than the lease of a submission.
    const TIMEOUT: Duration = Duration::from_mins(5);
}

impl Handler<Context> for HandOver {
    async fn run(self, context: Context, _attempt: Attempt) -> Result<(), Fail> {
        step(&context.env, self.tenant, self.handover).await.map_err(fail)
    }
}
