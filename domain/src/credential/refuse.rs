//! Keys that the provider refuses for good: everything that uses them waits for a person, and says so.

use entity::{IntegrationStatus, Scoped, credential, integration};
use sea_orm::{ActiveModelTrait, ColumnTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};

use super::machine_now;
use crate::{
    actor::Actor,
    change::Change,
    env::Env,
    error::{RefusalCode, Result},
    event::{Happened, kind},
    integration as links,
};

/// Marks keys as refused, with every integration that uses them. False when they were replaced meanwhile.
///
/// # Errors
///
/// When the database refuses.
pub(super) async fn for_good(env: &Env, seen: &credential::Model) -> Result<bool> {
    let mut change = Change::begin(env, seen.tenant_id, Actor::Provider).await?;
    // Integrations before their keys, as everywhere.
    let users = integration::Entity::of(seen.tenant_id).filter(integration::Column::CredentialId.eq(seen.id));
    let users = users.order_by_asc(integration::Column::Id).lock_exclusive().all(&change.tx).await?;
    let select = credential::Entity::of(seen.tenant_id).filter(credential::Column::Id.eq(seen.id));
    let Some(mut row) = select.lock_exclusive().one(&change.tx).await? else { return Ok(true) };
    if row.version != seen.version {
        return Ok(false);
    }
    if row.refused_at.is_some() {
        return Ok(true);
    }
    row.refused_at = Some(machine_now(env));
    row.renewing_since = None;
    row.updated_at = machine_now(env);
    let provider = row.provider;
    row.into_active_model().reset_all().update(&change.tx).await?;
    let name = links::system(env, provider)?.profile.name;
    for user in users {
        mark(&mut change, user, name).await?;
    }
    change.commit().await?;
    tracing::warn!(tenant = %seen.tenant_id, credential = %seen.id, "a provider refuses our keys: a person must connect again");
    Ok(true)
}

/// Says of an integration that its keys are refused. One that a person paused stays paused and says so too: resuming
/// it finds out.
pub(crate) async fn mark(change: &mut Change<'_>, mut row: integration::Model, name: &str) -> Result<()> {
    match row.status {
        IntegrationStatus::Disconnected => return Ok(()),
        IntegrationStatus::Active => row.status = IntegrationStatus::NeedsReauthorization,
        IntegrationStatus::Paused | IntegrationStatus::NeedsReauthorization => {}
    }
    let code = RefusalCode::ProviderUnauthorized.as_str();
    row.health_code = Some(code.into());
    row.health_message = Some(format!("{name} no longer accepts our access. Connect this integration again; nothing is lost until then."));
    row.failing_since = row.failing_since.or(Some(change.now));
    links::save(change, &mut row).await?;
    let status = serde_json::to_value(row.status)?;
    change.record(Happened::new(kind::INTEGRATION_CHANGED).integration(row.id).with("status", status).with("because", code));
    Ok(())
}
