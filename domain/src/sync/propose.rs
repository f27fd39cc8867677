//! Proposing everything that is eligible in one integration, batch by batch, each in its own transaction. Whoever dies
//! in between has lost nothing: what was proposed is in a case, and the next walk finds the rest.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{IntegrationId, IntegrationStatus, TenantId};

use super::run::refresh_statistics;
use crate::{
    actor::Actor,
    calendar,
    case::{self, Place},
    change::Change,
    env::Env,
    error::Result,
    integration::{lock, next_midnight, save},
    tenant,
};

/// Batches after which PostgreSQL is told to look at the tables that they changed.
const STATISTICS_AFTER: u32 = 8;

/// Proposes what is eligible today and moves the promise to the tenant's next midnight. Returns how many cases were
/// proposed.
///
/// # Errors
///
/// When the database refuses.
pub async fn propose(env: &Env, tenant_id: TenantId, id: IntegrationId) -> Result<u32> {
    let (mut proposed, mut batches) = (0, 0);
    let mut pass: Option<Pass> = None;
    loop {
        let mut change = Change::begin(env, tenant_id, Actor::System).await?;
        let mut integration = lock(&change, id).await?;
        if integration.status != IntegrationStatus::Active {
            return Ok(proposed);
        }
        let tenant = tenant::find(&change.tx, tenant_id).await?;
        let today = calendar::local_date(calendar::zone(&tenant.time_zone)?, change.now);
        let asked = (today, integration.next_proposal_at);
        let from = pass.get_or_insert_with(|| Pass::new(asked));
        let batch = case::propose_batch(&mut change, &tenant, &integration, today, from.place).await?;
        (proposed, batches) = (proposed + batch.proposed, batches + 1);
        let over = from.walked(batch, asked);
        if over {
            integration.next_proposal_at = Some(next_midnight(&tenant.time_zone, change.now)?);
            save(&change, &mut integration).await?;
        }
        change.commit().await?;
        if batch.next.is_none() && batches >= STATISTICS_AFTER {
            refresh_statistics(env, "collection_case, invoice").await;
            batches = 0;
        }
        if over {
            return Ok(proposed);
        }
        if batch.next.is_none() {
            pass = None;
        }
    }
}

/// One walk from the first eligible invoice to the last. Between its batches people change settings and days end, and
/// then what it left behind may be eligible after all: the last walk is one that nothing came between.
struct Pass {
    place: Place,
    /// The day that it goes by, and the promise that it keeps: who changes settings sets a new one.
    asked: (NaiveDate, Option<DateTime<Utc>>),
    proposed: u32,
}

impl Pass {
    fn new(asked: (NaiveDate, Option<DateTime<Utc>>)) -> Self {
        Self { place: Place::default(), asked, proposed: 0 }
    }

    /// Goes on behind a batch; whether nothing is left to propose.
    fn walked(&mut self, batch: case::Batch, asked: (NaiveDate, Option<DateTime<Utc>>)) -> bool {
        let at_once = self.place == Place::default();
        self.proposed += batch.proposed;
        match batch.next {
            Some(place) => {
                self.place = place;
                false
            }
            None => at_once || (self.proposed == 0 && self.asked == asked),
        }
    }
}
