//! What died between beginning and finishing: asked about, never re-sent blindly.

use chrono::TimeDelta;
use entity::{DeliveryId, DeliveryStatus, TenantId};

use super::{Outcome, finish};
use crate::{
    env::Env,
    error::{Error, Result},
};

/// Machine time after which a hand-over under way counts as dead: far longer than a channel's time-outs and than a
/// hand-over may start late.
pub const LEASE: TimeDelta = TimeDelta::minutes(5);

/// Reconciles a hand-over that began before `LEASE`, or any at all when this process is the only one and just started.
///
/// # Errors
///
/// When the database refuses.
pub async fn recover(env: &Env, tenant: TenantId, id: DeliveryId, sole_process: bool) -> Result<()> {
    let Some(row) = super::find(&env.db, tenant, id).await? else { return Ok(()) };
    let dead = row.sending_since.is_none_or(|since| sole_process || env.clock.machine() - since > LEASE);
    if row.status != DeliveryStatus::Sending || !dead {
        return Ok(());
    }
    let postman = env.outside.postmen.get(&row.channel).ok_or_else(|| Error::Bug(format!("no postman for {:?}", row.channel)))?;
    let reconciled = postman.reconcile(id, tenant, &row.recipient).await;
    finish(env, &row, Outcome::Reconciled(reconciled)).await
}
