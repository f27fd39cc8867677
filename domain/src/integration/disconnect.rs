//! Leaving a provider: at once in the books of ours, and then told to the provider by a job that may run twice.
//!
//! Proposals of the integration are declined and their invoices set free, so that they are proposed again if it comes
//! back. Cases under way go on or are withdrawn, as the person says; a letter of one that goes on waits at the
//! freshness gate, because no pull brings facts any more. Cases that an agency works stay with the agency.

use entity::{
    CaseId, CaseStatus, IntegrationId, IntegrationStatus, Scoped, SyncStatus, TaskStatus, TenantId, book_note, collection_case,
    integration, invoice, sync_hint, sync_run,
};
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use super::{find, join::account_of, lock, lock_with_runs, save};
use crate::{
    actor::{Action, Actor, Viewer},
    case,
    change::Change,
    credential,
    env::Env,
    error::{Refusal, RefusalCode, Result},
    event::{Happened, kind},
    port::{Work, connect::ConnectError},
    sync,
};

/// What the cases' events say.
const BECAUSE: &str = "the integration was disconnected";

/// Cases whose invoices are set free by one statement.
const CASES_PER_UPDATE: usize = 5_000;

/// What telling the provider did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Left {
    /// Nothing is left to do.
    Done,
    /// The provider does not answer: try again.
    TryAgain(String),
}

/// Disconnects an integration: nothing is pulled or proposed any more, and its keys are given back and forgotten.
///
/// # Errors
///
/// A refusal: no right, unknown integration, one that is disconnected already.
pub async fn disconnect(env: &Env, viewer: &Viewer, id: IntegrationId, close_cases: bool) -> Result<integration::Model> {
    viewer.require(Action::Configure)?;
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let mut row = lock_with_runs(&change, id).await?;
    if row.status == IntegrationStatus::Disconnected {
        let message = "the integration is disconnected already";
        return Err(Refusal::new(RefusalCode::IllegalTransition, message).at("id").into());
    }
    let freshness_hours = env.outside.systems.get(&row.provider).and_then(|system| system.profile.freshness_hours);
    end(&mut row, freshness_hours);
    save(&change, &mut row).await?;
    drop_work(&mut change, id).await?;
    decline_proposals(&mut change, id).await?;
    if close_cases {
        withdraw_cases(&mut change, id).await?;
    }
    let status = serde_json::to_value(row.status)?;
    change.record(Happened::new(kind::INTEGRATION_CHANGED).integration(id).with("status", status).with("casesClosed", close_cases));
    if row.credential_id.is_some() {
        change.enqueue(Work::Farewell { tenant: viewer.tenant, integration: id });
    }
    change.commit().await?;
    Ok(row)
}

/// The account stays known, so that the same link comes back when the account does; its key is free for others. A limit
/// on the age of facts that was lifted holds again: from now on they only grow older.
fn end(row: &mut integration::Model, freshness_hours: Option<i32>) {
    row.freshness_hours = row.freshness_hours.or(freshness_hours);
    row.status = IntegrationStatus::Disconnected;
    row.account_key = None;
    row.mark = None;
    row.next_sync_at = None;
    row.next_sweep_at = None;
    row.next_proposal_at = None;
    row.parked_until = None;
    row.failing_since = None;
    row.health_code = None;
    row.health_message = None;
    row.consecutive_failures = 0;
    row.version += 1;
}

/// Runs, hints and notes that wait have nobody to go to any more.
async fn drop_work(change: &mut Change<'_>, id: IntegrationId) -> Result<()> {
    sync::cancel_runs(change, id).await?;
    // Imports of files go on while an integration is paused, not when it ends.
    sync_run::Entity::update_of(change.tenant)
        .col_expr(sync_run::Column::Status, Expr::value(SyncStatus::Cancelled))
        .col_expr(sync_run::Column::FinishedAt, Expr::value(change.now))
        .filter(sync_run::Column::IntegrationId.eq(id))
        .filter(sync_run::Column::Status.is_in([SyncStatus::Queued, SyncStatus::Running]))
        .exec(&change.tx)
        .await?;
    sync_hint::Entity::delete_of(change.tenant).filter(sync_hint::Column::IntegrationId.eq(id)).exec(&change.tx).await?;
    book_note::Entity::update_of(change.tenant)
        .col_expr(book_note::Column::Status, Expr::value(TaskStatus::Cancelled))
        .col_expr(book_note::Column::NextAttemptAt, Expr::value(None::<chrono::DateTime<chrono::Utc>>))
        .filter(book_note::Column::IntegrationId.eq(id))
        .filter(book_note::Column::Status.eq(TaskStatus::Waiting))
        .exec(&change.tx)
        .await?;
    Ok(())
}

async fn locked(change: &Change<'_>, id: IntegrationId, statuses: &[CaseStatus]) -> Result<Vec<collection_case::Model>> {
    let ids: Vec<CaseId> = collection_case::Entity::of(change.tenant)
        .filter(collection_case::Column::IntegrationId.eq(id))
        .filter(collection_case::Column::Status.is_in(statuses.iter().copied()))
        .select_only()
        .column(collection_case::Column::Id)
        .order_by_asc(collection_case::Column::Id)
        .into_tuple()
        .all(&change.tx)
        .await?;
    let mut rows = case::lock_many(change, &ids).await?;
    // The lock may have had to wait for a change of the case.
    rows.retain(|row| statuses.contains(&row.status));
    Ok(rows)
}

async fn decline_proposals(change: &mut Change<'_>, id: IntegrationId) -> Result<()> {
    let mut proposals = locked(change, id, &[CaseStatus::Proposed]).await?;
    for proposal in &mut proposals {
        case::decline_in(change, proposal, BECAUSE).await?;
    }
    for chunk in proposals.chunks(CASES_PER_UPDATE) {
        invoice::Entity::update_of(change.tenant)
            .col_expr(invoice::Column::CaseId, Expr::value(None::<CaseId>))
            .col_expr(invoice::Column::UpdatedAt, Expr::value(change.now))
            .filter(invoice::Column::CaseId.is_in(chunk.iter().map(|case| case.id)))
            .exec(&change.tx)
            .await?;
    }
    Ok(())
}

async fn withdraw_cases(change: &mut Change<'_>, id: IntegrationId) -> Result<()> {
    for row in locked(change, id, &[CaseStatus::Active, CaseStatus::OnHold, CaseStatus::AwaitingHandover]).await? {
        case::withdraw_in(change, row, BECAUSE).await?;
    }
    Ok(())
}

/// Tells the provider that an integration left it, and forgets the keys once nobody uses them. Done twice it succeeds.
///
/// # Errors
///
/// When the database refuses.
pub async fn farewell(env: &Env, tenant: TenantId, id: IntegrationId) -> Result<Left> {
    let row = find(&env.db, tenant, id).await?;
    let Some(keys) = row.credential_id.filter(|_| row.status == IntegrationStatus::Disconnected) else { return Ok(Left::Done) };
    let told = env.outside.systems.get(&row.provider).and_then(|system| system.farewell.as_ref());
    if let (Some(farewell), Some(account)) = (told, account_of(&row)) {
        let sharing = integration::Entity::of(tenant)
            .filter(integration::Column::CredentialId.eq(keys))
            .filter(integration::Column::Status.ne(IntegrationStatus::Disconnected));
        let all = sharing.count(&env.db).await? == 0;
        let access = credential::access(env, tenant, id).await?;
        match farewell.leave(access.as_ref(), &account, all).await {
            Ok(()) => {}
            Err(ConnectError::Unavailable(why)) => return Ok(Left::TryAgain(why)),
            // Keys that are refused have nothing left to give back.
            Err(error) => tracing::info!(%error, %tenant, integration = %id, "a provider refused the farewell; the keys are forgotten"),
        }
    }
    forget(env, tenant, id).await?;
    Ok(Left::Done)
}

/// Unlinks the keys, and deletes them when nobody else uses them.
async fn forget(env: &Env, tenant: TenantId, id: IntegrationId) -> Result<()> {
    let change = Change::begin(env, tenant, Actor::System).await?;
    let mut row = lock(&change, id).await?;
    let Some(keys) = row.credential_id.filter(|_| row.status == IntegrationStatus::Disconnected) else { return Ok(()) };
    row.credential_id = None;
    save(&change, &mut row).await?;
    credential::remove_unused(&change, keys).await?;
    change.commit().await
}

/// Disconnected integrations that still have keys: their provider was not told yet.
///
/// # Errors
///
/// When the database refuses.
#[expect(clippy::disallowed_methods, reason = "the housekeeper serves all tenants and only learns ids")]
pub async fn not_heard(db: &DatabaseConnection, limit: u64) -> Result<Vec<(TenantId, IntegrationId)>> {
    Ok(integration::Entity::find()
        .select_only()
        .column(integration::Column::TenantId)
        .column(integration::Column::Id)
        .filter(integration::Column::Status.eq(IntegrationStatus::Disconnected))
        .filter(integration::Column::CredentialId.is_not_null())
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?)
}
