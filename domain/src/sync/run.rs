//! Carrying a run from where it stands to its end. May run twice and die anywhere: each page is fenced by the run's
//! position, and the end is one more transaction.

use entity::{IntegrationId, IntegrationStatus, Scoped, SyncRunId, SyncStatus, TenantId, sync_run, upload, upload_chunk};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    page::{lock_run, save_run},
    propose, take_page,
};
use crate::{
    actor::Actor,
    calendar,
    change::Change,
    env::Env,
    error::{Error, Result},
    event::{Happened, kind},
    import::StoredFile,
    integration,
    port::{Pull, Scope, Source, SourceError},
    sync::Taken,
    tenant,
};

/// Attempts without any page after which a run counts as failed.
const MAX_ATTEMPTS: i32 = 10;

/// What carrying a run on did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ran {
    /// It ended, now or before.
    Ended,
    /// Somebody else carries it on, or an older run of the integration goes first.
    Elsewhere,
    /// The source is not available: try again.
    TryAgain(String),
}

/// Carries a run on.
///
/// # Errors
///
/// When the database refuses.
pub async fn run(env: &Env, tenant_id: TenantId, id: SyncRunId) -> Result<Ran> {
    let Some(run) = begin(env, tenant_id, id).await? else { return Ok(Ran::Elsewhere) };
    if !matches!(run.status, SyncStatus::Running) {
        return Ok(Ran::Ended);
    }
    if run.attempts > MAX_ATTEMPTS {
        return end(env, tenant_id, id, Some(SourceError::Unavailable(format!("gave up after {MAX_ATTEMPTS} attempts")))).await;
    }
    let pulled = match open(env, &run).await? {
        Ok(source) => pull(env, &run, source).await?,
        Err(error) => Err(error),
    };
    match pulled {
        Ok(Taken::Yes) => end(env, tenant_id, id, None).await,
        Ok(Taken::Overtaken) => Ok(Ran::Elsewhere),
        Err(SourceError::Unavailable(why)) if run.attempts < MAX_ATTEMPTS => Ok(Ran::TryAgain(why)),
        Err(SourceError::RateLimited(seconds)) if run.attempts < MAX_ATTEMPTS => Ok(Ran::TryAgain(format!("asked to wait {seconds} s"))),
        Err(error) => end(env, tenant_id, id, Some(error)).await,
    }
}

/// Marks the run as running; none when it is unknown or an older run of the same integration is not through.
async fn begin(env: &Env, tenant: TenantId, id: SyncRunId) -> Result<Option<sync_run::Model>> {
    let change = Change::begin(env, tenant, Actor::Provider).await?;
    let Some(mut run) = lock_run(&change, id).await? else { return Ok(None) };
    if !matches!(run.status, SyncStatus::Queued | SyncStatus::Running) {
        return Ok(Some(run));
    }
    let older = sync_run::Entity::of(tenant)
        .filter(sync_run::Column::IntegrationId.eq(run.integration_id))
        .filter(sync_run::Column::Status.is_in([SyncStatus::Queued, SyncStatus::Running]))
        .filter(sync_run::Column::Id.lt(run.id))
        .one(&change.tx)
        .await?;
    if older.is_some() {
        return Ok(None);
    }
    run.status = SyncStatus::Running;
    run.started_at = run.started_at.or(Some(change.now));
    run.attempts += 1;
    save_run(&change, &run).await?;
    change.commit().await?;
    Ok(Some(run))
}

async fn open(env: &Env, run: &sync_run::Model) -> Result<Result<Box<dyn Source>, SourceError>> {
    let integration = integration::find(&env.db, run.tenant_id, run.integration_id).await?;
    let tenant = tenant::find(&env.db, run.tenant_id).await?;
    let connector = &integration::system(env, integration.provider)?.connector;
    let file = match run.upload_id {
        Some(upload) => {
            let request = run.request.clone().map(serde_json::from_value).transpose()?.unwrap_or_default();
            let blob: Box<dyn crate::port::Blob> = match StoredFile::open(&env.db, run.tenant_id, upload).await {
                Ok(file) => Box::new(file),
                // The file was swept away before its turn came: the run ends, and later ones are not held up.
                Err(Error::Refused(refusal)) => {
                    return Ok(Err(SourceError::Refused { code: refusal.code.as_str().into(), message: refusal.message }));
                }
                Err(error) => return Err(error),
            };
            Some((blob, request))
        }
        None => None,
    };
    let pull = Pull {
        tenant: run.tenant_id,
        integration: run.integration_id,
        currency: tenant.currency,
        position: run.position.clone(),
        scope: Scope::Everything,
        link: None,
        file,
        today: calendar::local_date(calendar::zone(&tenant.time_zone)?, env.now()),
    };
    Ok(connector.pull(pull).await)
}

async fn pull(env: &Env, run: &sync_run::Model, mut source: Box<dyn Source>) -> Result<Result<Taken, SourceError>> {
    let mut position = run.position.clone();
    let mut pages = 0;
    loop {
        let page = match source.next_page().await {
            Ok(Some(page)) => page,
            Ok(None) => return Ok(Ok(Taken::Yes)),
            Err(error) => return Ok(Err(error)),
        };
        let next = page.position.clone();
        if take_page(env, run.tenant_id, run.id, position.as_deref(), page).await? == Taken::Overtaken {
            return Ok(Ok(Taken::Overtaken));
        }
        position = Some(next);
        pages += 1;
        if STATISTICS_AFTER.contains(&pages) {
            refresh_statistics(env).await;
        }
    }
}

/// Pages after which PostgreSQL is told to look at the tables that grew.
const STATISTICS_AFTER: [u32; 4] = [2, 8, 32, 128];

/// Lets PostgreSQL see how large the tables have become: a first import fills empty ones faster than its own daemon
/// looks, and plans made for ten rows compare each row of the table with each key of a page. A hint only.
async fn refresh_statistics(env: &Env) {
    if env.db.get_database_backend() == DbBackend::Postgres
        && let Err(error) = env.db.execute_unprepared("ANALYZE debtor, invoice, payment").await
    {
        tracing::warn!(%error, "the tables' statistics were not refreshed; imports go on, slower");
    }
}

/// Proposes what became eligible and ends the run.
async fn end(env: &Env, tenant: TenantId, id: SyncRunId, error: Option<SourceError>) -> Result<Ran> {
    let Some(seen) = sync_run::Entity::of(tenant).filter(sync_run::Column::Id.eq(id)).one(&env.db).await? else { return Ok(Ran::Ended) };
    let proposed = propose(env, tenant, seen.integration_id).await?;
    let mut change = Change::begin(env, tenant, Actor::Provider).await?;
    let Some(mut run) = lock_run(&change, id).await? else { return Ok(Ran::Ended) };
    if run.status != SyncStatus::Running {
        return Ok(Ran::Ended);
    }
    run.status = match (&error, run.rows_failed) {
        (Some(_), _) => SyncStatus::Failed,
        (None, 0) => SyncStatus::Succeeded,
        (None, _) => SyncStatus::PartiallySucceeded,
    };
    run.cases_proposed += i64::from(proposed);
    run.finished_at = Some(change.now);
    if let Some(error) = &error {
        run.error_code = Some(code(error));
        run.error_message = Some(error.to_string().chars().take(500).collect());
    }
    save_run(&change, &run).await?;
    note_health(&change, run.integration_id, error.as_ref()).await?;
    drop_file(&change, &run).await?;
    change.record(Happened::new(kind::SYNC_FINISHED).run(&run).with("status", serde_json::to_value(run.status)?));
    change.commit().await?;
    Ok(Ran::Ended)
}

fn code(error: &SourceError) -> String {
    match error {
        SourceError::Unavailable(_) => "UNAVAILABLE".into(),
        SourceError::RateLimited(_) => "RATE_LIMITED".into(),
        SourceError::Unauthorised(_) => "UNAUTHORISED".into(),
        SourceError::Broken(_) => "CONTRACT_BROKEN".into(),
        SourceError::Refused { code, .. } => code.clone(),
    }
}

/// Notes on the integration how its last run went. A file that is no table says nothing about the integration.
async fn note_health(change: &Change<'_>, id: IntegrationId, error: Option<&SourceError>) -> Result<()> {
    let mut row = integration::lock(change, id).await?;
    match error {
        None => {
            row.last_synced_at = Some(change.now);
            row.failing_since = None;
            row.health_code = None;
            row.consecutive_failures = 0;
        }
        Some(SourceError::Refused { .. }) => return Ok(()),
        Some(error) => {
            row.failing_since = row.failing_since.or(Some(change.now));
            row.health_code = Some(code(error));
            row.consecutive_failures += 1;
            if matches!(error, SourceError::Unauthorised(_)) {
                row.status = IntegrationStatus::NeedsReauthorization;
            }
        }
    }
    integration::save(change, &mut row).await
}

/// The bytes of an imported file are not needed any more.
async fn drop_file(change: &Change<'_>, run: &sync_run::Model) -> Result<()> {
    if let Some(upload) = run.upload_id {
        upload_chunk::Entity::delete_of(change.tenant).filter(upload_chunk::Column::UploadId.eq(upload)).exec(&change.tx).await?;
        upload::Entity::update_of(change.tenant)
            .col_expr(upload::Column::Status, sea_orm::sea_query::Expr::value(entity::UploadStatus::Pending))
            .filter(upload::Column::Id.eq(upload))
            .exec(&change.tx)
            .await?;
    }
    Ok(())
}

/// Runs that have not ended, oldest first: for the dispatcher.
///
/// # Errors
///
/// When the database refuses.
#[expect(clippy::disallowed_methods, reason = "the dispatcher serves all tenants and only learns ids")]
pub async fn unfinished(db: &DatabaseConnection, limit: u64) -> Result<Vec<(TenantId, SyncRunId)>> {
    Ok(sync_run::Entity::find()
        .select_only()
        .column(sync_run::Column::TenantId)
        .column(sync_run::Column::Id)
        .filter(sync_run::Column::Status.is_in([SyncStatus::Queued, SyncStatus::Running]))
        .order_by_asc(sync_run::Column::Id)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?)
}
