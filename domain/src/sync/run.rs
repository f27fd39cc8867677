//! Carrying a run from where it stands to its end. May run twice and die anywhere: each page is fenced by the run's
//! position, and the end is one more transaction.

use chrono::{DateTime, Utc};
use entity::{Scoped, SyncRunId, SyncStatus, TenantId, UploadId, sync_run};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    finish::{cancelled, end},
    link,
    page::{lock_run, save_run},
    start::scope_of,
    take_page,
    trouble::{self, MAX_ATTEMPTS},
};
use crate::{
    actor::Actor,
    calendar,
    change::Change,
    env::Env,
    error::{Error, Refusal, Result},
    import::{ImportRequest, StoredFile},
    integration,
    port::{Blob, Pull, Source, SourceError},
    sync::Taken,
    tenant,
};

/// What carrying a run on did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ran {
    /// It ended, now or before.
    Ended,
    /// Somebody else carries it on, or an older run of the integration goes first.
    Elsewhere,
    /// The source asked to wait or does not answer: the run stands on its row until it goes on by itself.
    Parked,
    /// The stored file could not be read: try again.
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
        return end(env, tenant_id, id, Some(trouble::given_up(&run))).await;
    }
    let pulled = match open(env, &run).await? {
        Ok(source) => pull(env, &run, source).await?,
        Err(error) => Err(error),
    };
    let error = match pulled {
        Ok(Taken::Yes) => return end(env, tenant_id, id, None).await,
        Ok(Taken::Overtaken) => return Ok(Ran::Elsewhere),
        Ok(Taken::Stopped) => return cancelled(env, tenant_id, id).await,
        Err(error) => error,
    };
    match (&error, run.upload_id) {
        (SourceError::Unavailable(why), Some(_)) if run.attempts < MAX_ATTEMPTS => Ok(Ran::TryAgain(why.clone())),
        (SourceError::Unavailable(_) | SourceError::RateLimited(_), None) => trouble::park(env, tenant_id, id, &error).await,
        _ => end(env, tenant_id, id, Some(error)).await,
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
    if run.resume_at.is_some_and(|at| at > env.clock.machine()) {
        return Ok(None);
    }
    run.status = SyncStatus::Running;
    run.resume_at = None;
    run.started_at = run.started_at.or(Some(change.now));
    run.attempts += 1;
    save_run(&change, &run).await?;
    change.commit().await?;
    Ok(Some(run))
}

async fn open(env: &Env, run: &sync_run::Model) -> Result<Result<Box<dyn Source>, SourceError>> {
    let integration = integration::find(&env.db, run.tenant_id, run.integration_id).await?;
    let tenant = tenant::find(&env.db, run.tenant_id).await?;
    let connector = match integration::system(env, integration.provider) {
        Ok(system) => &system.connector,
        Err(Error::Refused(refusal)) => return Ok(Err(refused(refusal))),
        Err(error) => return Err(error),
    };
    let (file, link) = match run.upload_id {
        Some(upload) => match file(env, run, upload).await? {
            Ok(file) => (Some(file), None),
            Err(error) => return Ok(Err(error)),
        },
        None => match link(env, &integration).await? {
            Ok(link) => (None, Some(link)),
            Err(error) => return Ok(Err(error)),
        },
    };
    let pull = Pull {
        tenant: run.tenant_id,
        integration: run.integration_id,
        currency: tenant.currency,
        position: run.position.clone(),
        scope: scope_of(run)?.unwrap_or_default(),
        link,
        file,
        today: calendar::local_date(calendar::zone(&tenant.time_zone)?, env.now()),
    };
    Ok(connector.pull(pull).await)
}

fn refused(refusal: Refusal) -> SourceError {
    SourceError::Refused { code: refusal.code.as_str().into(), message: refusal.message }
}

/// The stored file of an import and how to read it.
async fn file(env: &Env, run: &sync_run::Model, upload: UploadId) -> Result<Result<(Box<dyn Blob>, ImportRequest), SourceError>> {
    let request = run.request.clone().map(serde_json::from_value).transpose()?.unwrap_or_default();
    match StoredFile::open(&env.db, run.tenant_id, upload).await {
        Ok(file) => Ok(Ok((Box::new(file), request))),
        // The file was swept away before its turn came: the run ends, and later ones are not held up.
        Err(Error::Refused(refusal)) => Ok(Err(refused(refusal))),
        Err(error) => Err(error),
    }
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
        match Box::pin(take_page(env, run.tenant_id, run.id, position.as_deref(), page)).await? {
            Taken::Yes => {}
            stopped => return Ok(Ok(stopped)),
        }
        position = Some(next);
        pages += 1;
        if STATISTICS_AFTER.contains(&pages) {
            refresh_statistics(env, "debtor, invoice, payment").await;
        }
    }
}

/// Pages after which PostgreSQL is told to look at the tables that grew.
const STATISTICS_AFTER: [u32; 4] = [2, 8, 32, 128];

/// Lets PostgreSQL see what the tables have become: a first import fills empty ones faster than its own daemon looks, and
/// plans made for ten rows compare each row of the table with each key of a page. A hint only.
pub(super) async fn refresh_statistics(env: &Env, tables: &str) {
    if env.db.get_database_backend() == DbBackend::Postgres
        && let Err(error) = env.db.execute_unprepared(&format!("ANALYZE {tables}")).await
    {
        tracing::warn!(%error, "the tables' statistics were not refreshed; imports go on, slower");
    }
}

/// Runs that have not ended and do not stand parked at this instant of the machine, oldest first: for the dispatcher.
///
/// # Errors
///
/// When the database refuses.
#[expect(clippy::disallowed_methods, reason = "the dispatcher serves all tenants and only learns ids")]
pub async fn unfinished(db: &DatabaseConnection, machine: DateTime<Utc>, limit: u64) -> Result<Vec<(TenantId, SyncRunId)>> {
    Ok(sync_run::Entity::find()
        .select_only()
        .column(sync_run::Column::TenantId)
        .column(sync_run::Column::Id)
        .filter(sync_run::Column::Status.is_in([SyncStatus::Queued, SyncStatus::Running]))
        .filter(Condition::any().add(sync_run::Column::ResumeAt.is_null()).add(sync_run::Column::ResumeAt.lte(machine)))
        .order_by_asc(sync_run::Column::Id)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?)
}
