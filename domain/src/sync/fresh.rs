//! Facts grew too old to send on: the source is asked, and when it stays silent somebody is told, once.

use chrono::TimeDelta;
use entity::{IntegrationId, Scoped, TenantId, integration};
use sea_orm::{ColumnTrait, QueryFilter, sea_query::Expr};

use super::start::ask_soon;
use crate::{
    actor::Actor,
    change::Change,
    env::Env,
    error::Result,
    event::{Happened, kind},
};

/// How long letters wait for fresh facts, past the limit, before somebody is told.
const TELL_AFTER: TimeDelta = TimeDelta::hours(24);

/// Asks for fresh facts on behalf of a letter that waits for them. A transaction of its own: whoever holds a case must
/// not wait for an integration, because pages lock them the other way round.
pub(crate) async fn want(env: &Env, tenant: TenantId, id: IntegrationId) -> Result<()> {
    let mut change = Change::begin(env, tenant, Actor::System).await?;
    ask_soon(&change, id).await?;
    tell_once(&mut change, id).await?;
    change.commit().await
}

/// Tells somebody when letters have waited for too long.
async fn tell_once(change: &mut Change<'_>, id: IntegrationId) -> Result<()> {
    let Some(row) = integration::Entity::of(change.tenant).filter(integration::Column::Id.eq(id)).one(&change.tx).await? else {
        return Ok(());
    };
    let limit = row.freshness_hours.map_or(TimeDelta::zero(), |hours| TimeDelta::hours(hours.into()));
    let silent_since = row.last_synced_at.unwrap_or(row.created_at) + limit;
    if change.now - silent_since <= TELL_AFTER {
        return Ok(());
    }
    let first = integration::Entity::update_of(change.tenant)
        .col_expr(integration::Column::StaleAlerts, Expr::value(1))
        .filter(integration::Column::Id.eq(id))
        .filter(integration::Column::StaleAlerts.eq(0))
        .exec(&change.tx)
        .await?;
    if first.rows_affected == 1 {
        let since = silent_since.to_rfc3339();
        change.record(Happened::new(kind::INTEGRATION_STALE).integration(id).with("since", since));
    }
    Ok(())
}
