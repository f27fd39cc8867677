//! Looking for eligible invoices.

use domain::sync::propose;
use entity::{IntegrationId, TenantId};
use queue::{Attempt, Fail, Handler, Job};
use serde::{Deserialize, Serialize};

use crate::{Context, outcome::fail};

/// Proposes what became eligible in an integration.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProposeCases {
    /// The tenant.
    pub tenant: TenantId,
    /// The integration.
    pub integration: IntegrationId,
}

impl Job for ProposeCases {
    const QUEUE: &'static str = "propose_cases";
}

impl Handler<Context> for ProposeCases {
    async fn run(self, context: Context, _attempt: Attempt) -> Result<(), Fail> {
        propose(&context.env, self.tenant, self.integration).await.map_err(fail)?;
        Ok(())
    }
}
