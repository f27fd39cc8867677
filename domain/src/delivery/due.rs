//! Which deliveries are due: for the dispatcher.

use chrono::{DateTime, Utc};
use entity::{DeliveryId, DeliveryStatus, TenantId, delivery, tenant};
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use super::LEASE;
use crate::error::Result;

/// Deliveries that are due, oldest promise first; none of tenants whose master switch is off.
///
/// # Errors
///
/// When the database refuses.
#[expect(clippy::disallowed_methods, reason = "the dispatcher serves all tenants and only learns ids")]
pub async fn due_deliveries(db: &DatabaseConnection, now: DateTime<Utc>, limit: u64) -> Result<Vec<(TenantId, DeliveryId)>> {
    let on = tenant::Entity::find().select_only().column(tenant::Column::Id).filter(tenant::Column::AutomaticActions.eq(true));
    Ok(ids()
        .filter(delivery::Column::Status.eq(DeliveryStatus::Scheduled))
        .filter(delivery::Column::NextAttemptAt.lte(now))
        .filter(delivery::Column::TenantId.in_subquery(on.into_query()))
        .order_by_asc(delivery::Column::NextAttemptAt)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?)
}

/// Hand-overs that are under way for longer than [`LEASE`], or all of them when this process is the only one and just
/// started.
///
/// # Errors
///
/// When the database refuses.
pub async fn orphaned_deliveries(
    db: &DatabaseConnection,
    machine: DateTime<Utc>,
    sole_process: bool,
    limit: u64,
) -> Result<Vec<(TenantId, DeliveryId)>> {
    let mut select = ids().filter(delivery::Column::Status.eq(DeliveryStatus::Sending));
    if !sole_process {
        select = select.filter(delivery::Column::SendingSince.lt(machine - LEASE));
    }
    Ok(select.limit(limit).into_tuple().all(db).await?)
}

#[expect(clippy::disallowed_methods, reason = "the dispatcher serves all tenants and only learns ids")]
fn ids() -> sea_orm::Select<delivery::Entity> {
    delivery::Entity::find().select_only().column(delivery::Column::TenantId).column(delivery::Column::Id)
}
