//! The end of a run: what became eligible is proposed, what a full pull did not see is asked for by name, and the
//! integration remembers where the next pull begins.

use entity::{IntegrationStatus, Scoped, SyncRunId, SyncStatus, TenantId, integration, sync_run, upload, upload_chunk};
use sea_orm::{ColumnTrait, QueryFilter};

use super::{
    Ran, missing,
    page::{lock_run, save_run},
    propose, skipped,
    start::scope_of,
    trouble,
};
use crate::{
    actor::Actor,
    change::Change,
    env::Env,
    error::Result,
    event::{Happened, kind},
    integration as integrations,
    port::{Scope, SourceError},
};

/// Proposes what became eligible and ends the run.
pub(crate) async fn end(env: &Env, tenant: TenantId, id: SyncRunId, error: Option<SourceError>) -> Result<Ran> {
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
        run.error_code = Some(trouble::code(error));
        run.error_message = Some(error.to_string().chars().take(500).collect());
    }
    let mut row = integrations::lock(&change, run.integration_id).await?;
    run.skipped = Some(skipped::count(&change, &row).await?);
    save_run(&change, &run).await?;
    match &error {
        None => succeeded(&mut change, &mut row, &run).await?,
        // A file that is no table says nothing about the integration.
        Some(SourceError::Refused { .. }) if run.upload_id.is_some() => {}
        Some(error) => failed(&mut change, &mut row, error),
    }
    integrations::save(&change, &mut row).await?;
    drop_file(&change, &run).await?;
    change.record(Happened::new(kind::SYNC_FINISHED).run(&run).with("status", serde_json::to_value(run.status)?));
    change.commit().await?;
    Ok(Ran::Ended)
}

/// The integration was paused or disconnected while its run was under way.
pub(crate) async fn cancelled(env: &Env, tenant: TenantId, id: SyncRunId) -> Result<Ran> {
    let mut change = Change::begin(env, tenant, Actor::System).await?;
    let Some(mut run) = lock_run(&change, id).await? else { return Ok(Ran::Ended) };
    if matches!(run.status, SyncStatus::Queued | SyncStatus::Running) {
        trouble::cancel(&mut change, &mut run).await?;
        change.commit().await?;
    }
    Ok(Ran::Ended)
}

async fn succeeded(change: &mut Change<'_>, row: &mut integration::Model, run: &sync_run::Model) -> Result<()> {
    let scope = scope_of(run)?;
    if let Some(Scope::Only(wanted)) = &scope {
        // It looked at some records: nothing is known of the others.
        return missing::tell(change, row, &wanted.invoices).await;
    }
    if row.failing_since.is_some() {
        change.record(Happened::new(kind::INTEGRATION_CHANGED).integration(row.id).with("healthy", true));
    }
    trouble::clear(row);
    row.stale_alerts = 0;
    // What was pulled may be as old as the run's beginning.
    row.last_synced_at = run.started_at.or(Some(change.now));
    row.mark = match (row.mark.take(), &scope) {
        // What changed on closed invoices since the last pull of changes was not in it: the next one still brings that.
        (Some(mark), Some(Scope::Everything)) => Some(mark),
        (mark, _) => run.mark.clone().or(mark),
    };
    match (scope, run.started_at) {
        (Some(Scope::Everything), Some(started)) => missing::ask(change, row, started).await,
        _ => Ok(()),
    }
}

fn failed(change: &mut Change<'_>, row: &mut integration::Model, error: &SourceError) {
    let told = row.failing_since.is_some() && row.health_code.as_deref() == Some(trouble::code(error).as_str());
    trouble::note(row, change, error);
    if matches!(error, SourceError::Unauthorised(_)) && row.status == IntegrationStatus::Active {
        row.status = IntegrationStatus::NeedsReauthorization;
    }
    if !told {
        let happened = Happened::new(kind::INTEGRATION_CHANGED).integration(row.id).with("healthy", false);
        change.record(happened.with("code", trouble::code(error)));
    }
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
