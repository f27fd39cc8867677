//! Telling a provider that an integration left it.

use std::time::Duration;

use domain::integration::disconnect::{Left, farewell};
use entity::{IntegrationId, TenantId};
use queue::{Attempt, Fail, Handler, Job};
use serde::{Deserialize, Serialize};

use crate::{Context, outcome::fail};

/// Tells a provider that an integration left it, and forgets its keys.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Farewell {
    /// The tenant.
    pub tenant: TenantId,
    /// The integration.
    pub integration: IntegrationId,
}

impl Job for Farewell {
    const QUEUE: &'static str = "farewell";
    const MAX_ATTEMPTS: u32 = 5;
    const CONCURRENCY: usize = 1;
    const TIMEOUT: Duration = Duration::from_mins(2);
}

impl Handler<Context> for Farewell {
    async fn run(self, context: Context, _attempt: Attempt) -> Result<(), Fail> {
        match farewell(&context.env, self.tenant, self.integration).await.map_err(fail)? {
            Left::Done => Ok(()),
            Left::TryAgain(why) => Err(Fail::retry(why)),
        }
    }
}
