//! Handing deliveries to their channels, and reconciling those that were cut off.

use std::time::Duration;

use domain::delivery::{deliver, recover};
use entity::{DeliveryId, TenantId};
use queue::{Attempt, Fail, Handler, Job};
use serde::{Deserialize, Serialize};

use crate::{Context, outcome::fail};

/// Hands a delivery to its channel. A channel's refusal is an outcome on the row: its next attempt is a date there,
/// not a retry of this job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deliver {
    /// The tenant.
    pub tenant: TenantId,
    /// The delivery.
    pub delivery: DeliveryId,
}

impl Job for Deliver {
    const QUEUE: &'static str = "deliver";
    const CONCURRENCY: usize = 8;
    // Longer than the channels' own time-outs together, shorter than the lease of a hand-over.
    const TIMEOUT: Duration = Duration::from_mins(3);
}

impl Handler<Context> for Deliver {
    async fn run(self, context: Context, _attempt: Attempt) -> Result<(), Fail> {
        deliver(&context.env, self.tenant, self.delivery).await.map_err(fail)?;
        Ok(())
    }
}

/// Asks what became of a hand-over that outlived its lease.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecoverDelivery {
    /// The tenant.
    pub tenant: TenantId,
    /// The delivery.
    pub delivery: DeliveryId,
}

impl Job for RecoverDelivery {
    const QUEUE: &'static str = "recover_delivery";
}

impl Handler<Context> for RecoverDelivery {
    async fn run(self, context: Context, _attempt: Attempt) -> Result<(), Fail> {
        recover(&context.env, self.tenant, self.delivery, false).await.map_err(fail)
    }
}
