//! Starting runs: by the clock, by a person, by what a provider told. One run of an integration goes at a time, oldest
//! first; a run that waits already is not asked for twice.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    HintSubject, IntegrationId, IntegrationStatus, Scoped, SyncRunId, SyncStatus, SyncTrigger, TenantId, UserId, integration, sync_hint,
    sync_run,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, DatabaseConnection, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, sea_query::Expr,
};

use crate::{
    actor::{Action, Actor, Viewer},
    change::Change,
    env::Env,
    error::{Refusal, RefusalCode, Result},
    event::{Happened, kind},
    integration as integrations,
    port::{Scope, Wanted, Work},
};

/// Most records of one run that looks at certain ones only; further ones get a run of their own.
pub(crate) const MAX_WANTED: usize = 1_000;

/// A due run that cannot start because another is under way is looked at again after this time.
const BEHIND_ANOTHER: TimeDelta = TimeDelta::minutes(1);

/// Starts what is due of an integration: what the provider told us to look at, then the regular pull. Jobs call it;
/// called twice it starts nothing twice.
///
/// # Errors
///
/// When the database refuses.
pub async fn start_due(env: &Env, tenant: TenantId, id: IntegrationId) -> Result<()> {
    let mut change = Change::begin(env, tenant, Actor::System).await?;
    let mut row = integrations::lock(&change, id).await?;
    if row.status != IntegrationStatus::Active {
        return Ok(());
    }
    follow_hints(&mut change, &row).await?;
    if row.next_sync_at.is_some_and(|at| at <= change.now) {
        regular(&mut change, &mut row).await?;
    }
    change.commit().await
}

/// The regular pull: everything at first and once a night, in between what changed.
async fn regular(change: &mut Change<'_>, row: &mut integration::Model) -> Result<()> {
    if waiting(change, row.id).await? {
        row.next_sync_at = Some(change.now + BEHIND_ANOTHER);
        return integrations::save(change, row).await;
    }
    let sweep = row.next_sweep_at.is_none_or(|at| at <= change.now);
    let (scope, trigger) = match row.mark.clone() {
        None => (Scope::Everything, SyncTrigger::Initial),
        Some(_) if sweep => (Scope::Everything, SyncTrigger::Schedule),
        Some(mark) => (Scope::Changes(mark), SyncTrigger::Schedule),
    };
    if scope == Scope::Everything {
        row.next_sweep_at = Some(integrations::next_sweep(change, row).await?);
    }
    row.next_sync_at = row.poll_minutes.map(|minutes| change.now + TimeDelta::minutes(minutes.into()));
    integrations::save(change, row).await?;
    put(change, row.id, trigger, scope, None).await.map(drop)
}

/// Whether a run of the whole integration waits or goes on already.
async fn waiting(change: &Change<'_>, id: IntegrationId) -> Result<bool> {
    let unfinished = sync_run::Entity::of(change.tenant)
        .filter(sync_run::Column::IntegrationId.eq(id))
        .filter(sync_run::Column::Status.is_in([SyncStatus::Queued, SyncStatus::Running]))
        .all(&change.tx)
        .await?;
    Ok(unfinished.iter().any(|run| !matches!(scope_of(run), Ok(Some(Scope::Only(_))))))
}

/// How far a run reaches; none for files.
///
/// # Errors
///
/// When the row's document is none of ours.
pub(crate) fn scope_of(run: &sync_run::Model) -> Result<Option<Scope>> {
    Ok(run.scope.clone().map(serde_json::from_value).transpose()?)
}

/// Runs for what a provider told us to look at.
async fn follow_hints(change: &mut Change<'_>, row: &integration::Model) -> Result<()> {
    let open = sync_hint::Entity::of(change.tenant)
        .filter(sync_hint::Column::IntegrationId.eq(row.id))
        .filter(sync_hint::Column::RunId.is_null())
        .order_by_asc(sync_hint::Column::Id)
        .limit(u64::try_from(MAX_WANTED).unwrap_or(u64::MAX));
    let hints = open.all(&change.tx).await?;
    if hints.is_empty() || hinted(change, row.id).await? {
        return Ok(());
    }
    let of = |subject| {
        let mut ids: Vec<String> = hints.iter().filter(|h| h.subject == subject).map(|h| h.external_id.clone()).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    let wanted = Wanted { invoices: of(HintSubject::Invoice), debtors: of(HintSubject::Debtor) };
    // What is neither an invoice nor a debtor shows in the next pull of changes: it comes now.
    let scope = match row.mark.clone() {
        Some(mark) if hints.iter().any(|h| h.subject == HintSubject::Other) => Scope::Changes(mark),
        _ => Scope::Only(wanted),
    };
    let run = put(change, row.id, SyncTrigger::Webhook, scope, None).await?;
    sync_hint::Entity::update_of(change.tenant)
        .col_expr(sync_hint::Column::RunId, Expr::value(run))
        .filter(sync_hint::Column::Id.is_in(hints.iter().map(|h| h.id)))
        .exec(&change.tx)
        .await?;
    Ok(())
}

/// Whether a run for hints waits to begin: what was told since is looked at after it, together.
async fn hinted(change: &Change<'_>, id: IntegrationId) -> Result<bool> {
    let queued = sync_run::Entity::of(change.tenant)
        .filter(sync_run::Column::IntegrationId.eq(id))
        .filter(sync_run::Column::Status.eq(SyncStatus::Queued))
        .filter(sync_run::Column::Trigger.eq(SyncTrigger::Webhook));
    Ok(queued.count(&change.tx).await? > 0)
}

/// Asks for a pull now: of what changed, or of everything that is open.
///
/// # Errors
///
/// A refusal: unknown integration, one that reads files or is not active.
pub async fn request(env: &Env, viewer: &Viewer, id: IntegrationId, everything: bool) -> Result<sync_run::Model> {
    viewer.require(Action::Import)?;
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let mut row = askable(&change, id).await?;
    let scope = row.mark.clone().filter(|_| !everything).map_or(Scope::Everything, Scope::Changes);
    row.next_sync_at = row.poll_minutes.map(|minutes| change.now + TimeDelta::minutes(minutes.into()));
    integrations::save(&change, &mut row).await?;
    let run = if let Some(run) = waiting_run(&change, id).await? {
        run
    } else {
        let run = put(&mut change, id, SyncTrigger::Manual, scope, Some(viewer.user)).await?;
        read(&change, run).await?
    };
    change.commit().await?;
    Ok(run)
}

/// Asks for certain invoices: the ticked ones of a preview.
///
/// # Errors
///
/// A refusal: as [`request`], or too many at once.
pub async fn request_only(env: &Env, viewer: &Viewer, id: IntegrationId, invoices: Vec<String>) -> Result<sync_run::Model> {
    viewer.require(Action::Import)?;
    if invoices.is_empty() || invoices.len() > MAX_WANTED {
        return Err(Refusal::new(RefusalCode::LimitExceeded, format!("1 to {MAX_WANTED} invoices at once"))
            .at("invoiceExternalIds")
            .into());
    }
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    askable(&change, id).await?;
    let scope = Scope::Only(Wanted { invoices, debtors: Vec::new() });
    let run = put(&mut change, id, SyncTrigger::Manual, scope, Some(viewer.user)).await?;
    let run = read(&change, run).await?;
    change.commit().await?;
    Ok(run)
}

async fn askable(change: &Change<'_>, id: IntegrationId) -> Result<integration::Model> {
    let row = integrations::lock(change, id).await?;
    if !integrations::can_be_asked(&row) {
        let message = "only an active integration with an accounting system can be synced";
        return Err(Refusal::new(RefusalCode::IllegalTransition, message).at("id").into());
    }
    Ok(row)
}

/// A queued run of the whole integration that has not begun: asking again would only repeat it.
async fn waiting_run(change: &Change<'_>, id: IntegrationId) -> Result<Option<sync_run::Model>> {
    let queued = sync_run::Entity::of(change.tenant)
        .filter(sync_run::Column::IntegrationId.eq(id))
        .filter(sync_run::Column::Status.eq(SyncStatus::Queued))
        .order_by_asc(sync_run::Column::Id)
        .all(&change.tx)
        .await?;
    Ok(queued.into_iter().find(|run| !matches!(scope_of(run), Ok(Some(Scope::Only(_))))))
}

async fn read(change: &Change<'_>, id: SyncRunId) -> Result<sync_run::Model> {
    let found = sync_run::Entity::of(change.tenant).filter(sync_run::Column::Id.eq(id)).one(&change.tx).await?;
    found.ok_or_else(|| Refusal::not_found("sync run").into())
}

/// Writes a run that waits for a worker.
pub(crate) async fn put(
    change: &mut Change<'_>,
    integration: IntegrationId,
    trigger: SyncTrigger,
    scope: Scope,
    by: Option<UserId>,
) -> Result<SyncRunId> {
    let mut run = blank(change, integration, trigger);
    run.scope = Some(serde_json::to_value(scope)?);
    run.created_by = by;
    let id = run.id;
    let run = run.into_active_model().reset_all().insert(&change.tx).await?;
    change.record(Happened::new(kind::SYNC_QUEUED).run(&run));
    change.enqueue(Work::Sync { tenant: change.tenant, run: id });
    Ok(id)
}

/// A run with nothing done.
pub(crate) fn blank(change: &Change<'_>, integration: IntegrationId, trigger: SyncTrigger) -> sync_run::Model {
    sync_run::Model {
        tenant_id: change.tenant,
        id: change.env.new_id(),
        integration_id: integration,
        upload_id: None,
        trigger,
        status: SyncStatus::Queued,
        request: None,
        position: None,
        scope: None,
        mark: None,
        resume_at: None,
        skipped: None,
        rows_done: 0,
        bytes_done: 0,
        bytes_total: None,
        invoices_seen: 0,
        invoices_new: 0,
        invoices_updated: 0,
        invoices_unchanged: 0,
        payments_new: 0,
        payments_updated: 0,
        debtors_new: 0,
        debtors_updated: 0,
        rows_failed: 0,
        cases_proposed: 0,
        cases_closed: 0,
        attempts: 0,
        error_code: None,
        error_message: None,
        created_by: None,
        created_at: change.now,
        started_at: None,
        finished_at: None,
    }
}

/// Lets an integration be pulled soon, because somebody needs fresh facts. Asked often, it is pulled once.
pub(crate) async fn ask_soon(change: &Change<'_>, id: IntegrationId) -> Result<()> {
    integration::Entity::update_of(change.tenant)
        .col_expr(integration::Column::NextSyncAt, Expr::value(change.now))
        .filter(integration::Column::Id.eq(id))
        .filter(integration::Column::Status.eq(IntegrationStatus::Active))
        .filter(integration::Column::NextSyncAt.gt(change.now))
        .exec(&change.tx)
        .await?;
    Ok(())
}

/// Integrations that are to be pulled from, by the clock or because their provider told something: for the dispatcher.
///
/// # Errors
///
/// When the database refuses.
#[expect(clippy::disallowed_methods, reason = "the dispatcher serves all tenants and only learns ids")]
pub async fn due(db: &DatabaseConnection, now: DateTime<Utc>, limit: u64) -> Result<Vec<(TenantId, IntegrationId)>> {
    let mut due: Vec<(TenantId, IntegrationId)> = integration::Entity::find()
        .select_only()
        .column(integration::Column::TenantId)
        .column(integration::Column::Id)
        .filter(integration::Column::Status.eq(IntegrationStatus::Active))
        .filter(integration::Column::NextSyncAt.lte(now))
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?;
    // Hints of one that is paused or has to wait stay until it goes on.
    let goes = integration::Entity::find()
        .select_only()
        .column(integration::Column::Id)
        .filter(integration::Column::Status.eq(IntegrationStatus::Active))
        .filter(Condition::any().add(integration::Column::ParkedUntil.is_null()).add(integration::Column::ParkedUntil.lte(now)));
    let by_hint: Vec<(TenantId, IntegrationId)> = sync_hint::Entity::find()
        .select_only()
        .column(sync_hint::Column::TenantId)
        .column(sync_hint::Column::IntegrationId)
        .filter(sync_hint::Column::RunId.is_null())
        .filter(sync_hint::Column::IntegrationId.in_subquery(goes.into_query()))
        .distinct()
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?;
    due.extend(by_hint);
    due.sort_unstable();
    due.dedup();
    Ok(due)
}
