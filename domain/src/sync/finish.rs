//! The end of a run: what became eligible is proposed, what a full pull did not see is asked for by name, and the
//! integration remembers where the next pull begins.

use chrono::{DateTime, Utc};
use entity::{
    IntegrationStatus, InvoiceStatus, Scoped, SyncRunId, SyncStatus, SyncTrigger, TenantId, integration, invoice, sync_run, upload,
    upload_chunk,
};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use super::{
    Ran,
    page::{lock_run, save_run},
    propose, skipped,
    start::{MAX_WANTED, put, scope_of},
    trouble,
};
use crate::{
    actor::Actor,
    change::Change,
    env::Env,
    error::Result,
    event::{Happened, kind},
    integration as integrations,
    port::{Scope, SourceError, Wanted},
};

/// Most runs that one full pull asks for to look at what it did not see; the next night goes on.
const MAX_FOLLOW_UPS: usize = 10;

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
    if matches!(scope, Some(Scope::Only(_))) {
        // It looked at some records: nothing is known of the others.
        return Ok(());
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
        (Some(Scope::Everything), Some(started)) => ask_for_the_unseen(change, row, started).await,
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

/// What we hold for open and a full pull did not tell of is paid, voided or gone there: it is looked at by name. Until
/// then nobody has checked it, and no letter leaves on it, however fresh the pull was.
async fn ask_for_the_unseen(change: &mut Change<'_>, row: &integration::Model, started: DateTime<Utc>) -> Result<()> {
    invoice::Entity::update_of(change.tenant)
        .col_expr(invoice::Column::CheckedAt, Expr::value(None::<DateTime<Utc>>))
        .filter(invoice::Column::IntegrationId.eq(row.id))
        .filter(invoice::Column::Status.eq(InvoiceStatus::Open))
        .filter(invoice::Column::CheckedAt.lt(started))
        .exec(&change.tx)
        .await?;
    let unseen: Vec<String> = invoice::Entity::of(change.tenant)
        .select_only()
        .column(invoice::Column::ExternalId)
        .filter(invoice::Column::IntegrationId.eq(row.id))
        .filter(invoice::Column::Status.eq(InvoiceStatus::Open))
        .filter(invoice::Column::CheckedAt.is_null())
        .order_by_asc(invoice::Column::Id)
        .limit(u64::try_from(MAX_WANTED * MAX_FOLLOW_UPS).unwrap_or(u64::MAX))
        .into_tuple()
        .all(&change.tx)
        .await?;
    for chunk in unseen.chunks(MAX_WANTED) {
        let wanted = Wanted { invoices: chunk.to_vec(), debtors: Vec::new() };
        put(change, row.id, SyncTrigger::Schedule, Scope::Only(wanted), None).await?;
    }
    Ok(())
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
