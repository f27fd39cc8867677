//! A tenant's links to accounting systems: making one for files, joining a provider by consent in a browser
//! ([`connect`]) or by pasted keys ([`paste`]), new keys ([`rotate`]), its settings, pause and resume, leaving
//! ([`disconnect`]), and when it is next looked at. How accounts become integrations is `join`'s.

mod choose;
pub mod connect;
pub mod disconnect;
mod groups;
mod join;
mod origin;
pub mod paste;
pub mod rotate;
mod settings;

use chrono::{DateTime, Days, TimeDelta, Utc};
use entity::{IntegrationId, IntegrationStatus, OverdueBasis, Provider, Scoped, SyncStatus, TenantId, integration, sync_run};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};

pub use settings::{IntegrationChanges, set_paused, update};

use crate::{
    actor::{Action, Viewer},
    calendar,
    change::Change,
    env::Env,
    error::{Refusal, RefusalCode, Result},
    event::{Happened, kind},
    letter::text,
    port::{Profile, System},
    tenant,
};

/// Most integrations of one tenant.
const MAX_INTEGRATIONS: usize = 50;

/// What is known of an accounting system.
pub(crate) fn system(env: &Env, provider: Provider) -> Result<&System> {
    let message = "this accounting system is not set up on this server any more";
    env.outside.systems.get(&provider).ok_or_else(|| Refusal::new(RefusalCode::NotConfigured, message).into())
}

/// Makes an integration for files.
///
/// # Errors
///
/// A refusal for a bad name or too many integrations.
pub async fn create_csv(env: &Env, viewer: &Viewer, name: &str) -> Result<integration::Model> {
    viewer.require(Action::Configure)?;
    let name = check_name(name)?;
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let tenant = tenant::find(&change.tx, viewer.tenant).await?;
    check_room(&change).await?;
    let profile = &system(env, Provider::Csv)?.profile;
    let row = blank(&change, Provider::Csv, profile, name, next_midnight(&tenant.time_zone, change.now)?);
    let row = row.into_active_model().reset_all().insert(&change.tx).await?;
    change.record(Happened::new(kind::INTEGRATION_CHANGED).integration(row.id).with("created", true));
    change.commit().await?;
    Ok(row)
}

/// Refuses when a tenant has as many integrations as it may.
async fn check_room(change: &Change<'_>) -> Result<()> {
    let there = integration::Entity::of(change.tenant).count(&change.tx).await?;
    if usize::try_from(there).unwrap_or(usize::MAX) >= MAX_INTEGRATIONS {
        return Err(Refusal::new(RefusalCode::LimitExceeded, format!("at most {MAX_INTEGRATIONS} integrations")).into());
    }
    Ok(())
}

/// An integration with its system's defaults, linked to nothing yet.
fn blank(change: &Change<'_>, provider: Provider, profile: &Profile, name: String, next_proposal_at: DateTime<Utc>) -> integration::Model {
    integration::Model {
        tenant_id: change.tenant,
        id: change.env.new_id(),
        provider,
        name,
        status: IntegrationStatus::Active,
        minimum_days_overdue: profile.minimum_days,
        overdue_basis: OverdueBasis::DueDate,
        activate_from: None,
        minimum_amount_minor: 0,
        auto_approve: false,
        freshness_hours: profile.freshness_hours,
        mapping: None,
        credential_id: None,
        account: None,
        account_key: None,
        mark: None,
        poll_minutes: profile.poll_minutes,
        next_sweep_at: None,
        parked_until: None,
        write_back: false,
        excluded_groups: None,
        connected_at: None,
        health_message: None,
        stale_alerts: 0,
        last_synced_at: None,
        next_sync_at: None,
        next_proposal_at: Some(next_proposal_at),
        failing_since: None,
        health_code: None,
        consecutive_failures: 0,
        policy_id: None,
        version: 1,
        created_at: change.now,
        updated_at: change.now,
    }
}

/// Whether its books can be asked now: it has such, and is neither paused nor to be connected again first.
pub fn can_be_asked(row: &integration::Model) -> bool {
    row.poll_minutes.is_some() && row.status == IntegrationStatus::Active
}

/// The start of the next day of a tenant.
pub(crate) fn next_midnight(zone: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
    let zone = calendar::zone(zone)?;
    Ok(calendar::day_start(zone, calendar::local_date(zone, now) + Days::new(1)))
}

/// When everything that is open is next looked at: two hours into the tenant's next day, when nobody works in the books.
pub(crate) async fn next_sweep(change: &Change<'_>, row: &integration::Model) -> Result<DateTime<Utc>> {
    let zone = tenant::find(&change.tx, row.tenant_id).await?.time_zone;
    Ok(next_midnight(&zone, change.now)? + TimeDelta::hours(2))
}

fn check_name(name: &str) -> Result<String, Refusal> {
    let name = text::clean_line(name).map_err(|e| Refusal::new(RefusalCode::Invalid, e.to_string()).at("name"))?;
    if name.is_empty() || name.chars().count() > 100 {
        return Err(Refusal::new(RefusalCode::Invalid, "a name has 1 to 100 characters").at("name"));
    }
    Ok(name)
}

/// Reads an integration of the tenant.
///
/// # Errors
///
/// `NOT_FOUND`, the same for an unknown id and a neighbour's.
pub async fn find(db: &impl ConnectionTrait, tenant: TenantId, id: IntegrationId) -> Result<integration::Model> {
    let found = integration::Entity::of(tenant).filter(integration::Column::Id.eq(id)).one(db).await?;
    found.ok_or_else(|| Refusal::not_found("integration").at("integrationId").into())
}

/// Locks and reads an integration: pages, proposals and settings of one integration follow each other.
pub(crate) async fn lock(change: &Change<'_>, id: IntegrationId) -> Result<integration::Model> {
    let select = integration::Entity::of(change.tenant).filter(integration::Column::Id.eq(id));
    let found = select.lock_exclusive().one(&change.tx).await?;
    found.ok_or_else(|| Refusal::not_found("integration").at("id").into())
}

/// The same, when its unfinished runs are to be ended as well. They are locked first, as their pages do it.
async fn lock_with_runs(change: &Change<'_>, id: IntegrationId) -> Result<integration::Model> {
    let runs = sync_run::Entity::of(change.tenant)
        .filter(sync_run::Column::IntegrationId.eq(id))
        .filter(sync_run::Column::Status.is_in([SyncStatus::Queued, SyncStatus::Running]));
    runs.order_by_asc(sync_run::Column::Id).lock_exclusive().all(&change.tx).await?;
    lock(change, id).await
}

/// Saves a locked integration.
pub(crate) async fn save(change: &Change<'_>, row: &mut integration::Model) -> Result<()> {
    row.updated_at = change.now;
    row.clone().into_active_model().reset_all().update(&change.tx).await?;
    Ok(())
}

/// Integrations whose eligible invoices must be looked for: for the dispatcher.
///
/// # Errors
///
/// When the database refuses.
#[expect(clippy::disallowed_methods, reason = "the dispatcher serves all tenants and only learns ids")]
pub async fn due_proposals(db: &DatabaseConnection, now: DateTime<Utc>, limit: u64) -> Result<Vec<(TenantId, IntegrationId)>> {
    Ok(integration::Entity::find()
        .select_only()
        .column(integration::Column::TenantId)
        .column(integration::Column::Id)
        .filter(integration::Column::Status.eq(IntegrationStatus::Active))
        .filter(integration::Column::NextProposalAt.lte(now))
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?)
}
