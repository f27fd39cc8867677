//! Which hand-overs are due: for the dispatcher.

use chrono::{DateTime, Utc};
use entity::{HandoverId, HandoverStatus, TenantId, handover, tenant};
use sea_orm::{ColumnTrait, Condition, DatabaseConnection, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use super::LEASE;
use crate::error::Result;

/// Hand-overs that are due, oldest promise first. Nothing is decided or submitted while a tenant's master switch is off;
/// what is with an agency is asked about all the same.
///
/// # Errors
///
/// When the database refuses.
#[expect(clippy::disallowed_methods, reason = "the dispatcher serves all tenants and only learns ids")]
pub async fn due(db: &DatabaseConnection, now: DateTime<Utc>, limit: u64) -> Result<Vec<(TenantId, HandoverId)>> {
    let on = tenant::Entity::find().select_only().column(tenant::Column::Id).filter(tenant::Column::AutomaticActions.eq(true));
    let leaving = Condition::all()
        .add(handover::Column::Status.is_in([HandoverStatus::Offered, HandoverStatus::Confirmed]))
        .add(handover::Column::TenantId.in_subquery(on.into_query()));
    let there = handover::Column::Status.is_in([HandoverStatus::Sent, HandoverStatus::Accepted]);
    let select = ids().filter(handover::Column::NextActionAt.lte(now)).filter(Condition::any().add(leaving).add(there));
    Ok(select.order_by_asc(handover::Column::NextActionAt).limit(limit).into_tuple().all(db).await?)
}

/// Submissions that are under way for longer than [`LEASE`].
///
/// # Errors
///
/// When the database refuses.
pub async fn orphaned(db: &DatabaseConnection, machine: DateTime<Utc>, limit: u64) -> Result<Vec<(TenantId, HandoverId)>> {
    let select = ids().filter(handover::Column::Status.eq(HandoverStatus::Sending));
    Ok(select.filter(handover::Column::SendingSince.lt(machine - LEASE)).limit(limit).into_tuple().all(db).await?)
}

#[expect(clippy::disallowed_methods, reason = "the dispatcher serves all tenants and only learns ids")]
fn ids() -> sea_orm::Select<handover::Entity> {
    handover::Entity::find().select_only().column(handover::Column::TenantId).column(handover::Column::Id)
}
