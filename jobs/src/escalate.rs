//! Looking at a case whose promise is due.

use domain::escalation::advance;
use entity::{CaseId, TenantId};
use queue::{Attempt, Fail, Handler, Job};
use serde::{Deserialize, Serialize};

use crate::{Context, outcome::fail};

/// Does what is due on a case.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Escalate {
    /// The tenant.
    pub tenant: TenantId,
    /// The case.
    pub case: CaseId,
}

impl Job for Escalate {
    const QUEUE: &'static str = "escalate";
}

impl Handler<Context> for Escalate {
    async fn run(self, context: Context, _attempt: Attempt) -> Result<(), Fail> {
        advance(&context.env, self.tenant, self.case).await.map_err(fail)?;
        Ok(())
    }
}
