//! Proposing everything that is eligible in one integration, batch by batch, each in its own transaction.

use entity::{IntegrationId, IntegrationStatus, TenantId};

use crate::{
    actor::Actor,
    calendar, case,
    change::Change,
    env::Env,
    error::Result,
    integration::{lock, next_midnight, save},
    tenant,
};

/// Proposes what is eligible today and moves the promise to the tenant's next midnight. Returns how many cases were
/// proposed.
///
/// # Errors
///
/// When the database refuses.
pub async fn propose(env: &Env, tenant_id: TenantId, id: IntegrationId) -> Result<u32> {
    let mut proposed = 0;
    loop {
        let mut change = Change::begin(env, tenant_id, Actor::System).await?;
        let mut integration = lock(&change, id).await?;
        if integration.status != IntegrationStatus::Active {
            return Ok(proposed);
        }
        let tenant = tenant::find(&change.tx, tenant_id).await?;
        let today = calendar::local_date(calendar::zone(&tenant.time_zone)?, change.now);
        let (count, more) = case::propose_batch(&mut change, &tenant, &integration, today).await?;
        proposed += count;
        if !more {
            integration.next_proposal_at = Some(next_midnight(&tenant.time_zone, change.now)?);
            save(&change, &mut integration).await?;
        }
        change.commit().await?;
        if !more {
            return Ok(proposed);
        }
    }
}
