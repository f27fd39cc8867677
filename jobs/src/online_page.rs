//! Asking for an invoice's page on the web.

use std::time::Duration;

use domain::online_page::ask;
use entity::{InvoiceId, TenantId};
use queue::{Attempt, Fail, Handler, Job};
use serde::{Deserialize, Serialize};

use crate::{Context, outcome::fail};

/// Asks for one. A source that is silent is asked again by the promise on the row, not by this job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AskOnlinePage {
    /// The tenant.
    pub tenant: TenantId,
    /// Of which invoice.
    pub invoice: InvoiceId,
}

impl Job for AskOnlinePage {
    const QUEUE: &'static str = "ask_online_page";
    const CONCURRENCY: usize = 2;
    const TIMEOUT: Duration = Duration::from_mins(3);
}

impl Handler<Context> for AskOnlinePage {
    async fn run(self, context: Context, _attempt: Attempt) -> Result<(), Fail> {
        ask(&context.env, self.tenant, self.invoice).await.map_err(fail)
    }
}
