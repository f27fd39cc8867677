//! Starting the run that takes a file over.

use entity::{IntegrationId, IntegrationStatus, Provider, SyncRunId, SyncTrigger, UploadId, sync_run};
use sea_orm::{ActiveModelTrait, IntoActiveModel};

use super::{ImportRequest, preview, preview::check_whole};
use crate::{
    actor::{Action, Viewer},
    change::Change,
    env::Env,
    error::{Refusal, RefusalCode, Result},
    event::{Happened, kind},
    idempotency::{self, Once},
    integration,
    port::Work,
};

/// Rows looked at before a run is started, so that a file that is no table changes nothing.
const PROBE_ROWS: usize = 20;

/// What to import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartImport {
    /// Into which integration.
    pub integration: IntegrationId,
    /// Which file.
    pub upload: UploadId,
    /// How to read it and what to take.
    pub request: ImportRequest,
    /// Keep mapping and formats for the next file.
    pub save_mapping: bool,
}

/// Starts an import. What the preview detected is fixed for the whole run.
///
/// # Errors
///
/// A refusal: see [`preview`]; an integration that reads no files or is not active.
pub async fn start(env: &Env, viewer: &Viewer, start: StartImport) -> Result<sync_run::Model> {
    let probed = probe(env, viewer, &start).await?;
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let run = start_in(&mut change, viewer, &start, &probed).await?;
    change.commit().await?;
    Ok(run)
}

/// The same, once: a repeated call answers the run of the first.
///
/// # Errors
///
/// See [`start`] and [`idempotency::once`].
pub async fn start_once(env: &Env, viewer: &Viewer, start: StartImport, call: &Once) -> Result<SyncRunId> {
    if let Some(run) = idempotency::done_before(env, viewer, call).await? {
        return Ok(run);
    }
    let probed = probe(env, viewer, &start).await?;
    let viewer = *viewer;
    idempotency::once(env, &viewer, call, move |change| Box::pin(async move { Ok(start_in(change, &viewer, &start, &probed).await?.id) }))
        .await
}

/// Looks into the file, with no transaction open; what it finds is fixed for the whole run.
async fn probe(env: &Env, viewer: &Viewer, start: &StartImport) -> Result<ImportRequest> {
    viewer.require(Action::Import)?;
    let seen = integration::find(&env.db, viewer.tenant, start.integration).await?;
    if seen.provider != Provider::Csv || seen.status != IntegrationStatus::Active {
        let message = "files are imported into an active integration for files";
        return Err(Refusal::new(RefusalCode::IllegalTransition, message).at("integrationId").into());
    }
    let request = preview(env, viewer, start.integration, start.upload, start.request.clone(), PROBE_ROWS).await?.request;
    check_whole(env, viewer, start.integration, start.upload, &request).await?;
    Ok(request)
}

async fn start_in(change: &mut Change<'_>, viewer: &Viewer, start: &StartImport, probed: &ImportRequest) -> Result<sync_run::Model> {
    let mut row = integration::lock(change, start.integration).await?;
    if start.save_mapping {
        let kept = ImportRequest { selection: super::Selection::default(), ..probed.clone() };
        row.mapping = Some(serde_json::to_value(&kept)?);
        integration::save(change, &mut row).await?;
    }
    let run = new_run(change, viewer, &start.integration, start.upload, probed)?;
    let run = run.into_active_model().reset_all().insert(&change.tx).await?;
    change.record(Happened::new(kind::SYNC_QUEUED).run(&run));
    change.enqueue(Work::Sync { tenant: viewer.tenant, run: run.id });
    Ok(run)
}

fn new_run(
    change: &Change<'_>,
    viewer: &Viewer,
    integration: &IntegrationId,
    upload: UploadId,
    request: &ImportRequest,
) -> Result<sync_run::Model> {
    let mut run = crate::sync::blank_run(change, *integration, SyncTrigger::Import);
    run.upload_id = Some(upload);
    run.request = Some(serde_json::to_value(request)?);
    run.created_by = Some(viewer.user);
    Ok(run)
}
