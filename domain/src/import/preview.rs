//! Looking into a file before anything is imported.

use entity::{IntegrationId, UploadId};

use super::{ImportRequest, StoredFile};
use crate::{
    actor::{Action, Viewer},
    calendar,
    env::Env,
    error::{Error, Refusal, RefusalCode, Result},
    integration,
    port::{Connector, Preview, Pull, SourceError},
    tenant,
};

/// Most rows of a preview.
pub const MAX_PREVIEW_ROWS: usize = 100;

/// Reads the first rows of a file as they would be taken over. An empty mapping starts from the one saved with the
/// integration when that fits the file, and is detected otherwise.
///
/// # Errors
///
/// A refusal: unknown upload or integration, a file that is not a table, a mapping that does not fit.
pub async fn preview(
    env: &Env,
    viewer: &Viewer,
    integration_id: IntegrationId,
    upload: UploadId,
    request: ImportRequest,
    rows: usize,
) -> Result<Preview> {
    viewer.require(Action::Import)?;
    let integration = integration::find(&env.db, viewer.tenant, integration_id).await?;
    let connector = connector(env, &integration)?;
    let rows = rows.clamp(1, MAX_PREVIEW_ROWS);
    if let Some(saved) = saved(&integration, &request)? {
        let looked = connector.preview(pull(env, viewer, integration_id, upload, saved).await?, rows).await;
        // Another kind of file than last time, payments after invoices say, is detected afresh.
        if let Ok(fitting) = looked {
            return Ok(fitting);
        }
    }
    connector.preview(pull(env, viewer, integration_id, upload, request).await?, rows).await.map_err(refused)
}

/// Starts to read the whole file with settled settings, so that what a run would refuse is refused before there is one.
pub(super) async fn check_whole(
    env: &Env,
    viewer: &Viewer,
    integration_id: IntegrationId,
    upload: UploadId,
    request: &ImportRequest,
) -> Result<()> {
    let integration = integration::find(&env.db, viewer.tenant, integration_id).await?;
    let pull = pull(env, viewer, integration_id, upload, request.clone()).await?;
    connector(env, &integration)?.pull(pull).await.map(drop).map_err(refused)
}

fn connector<'e>(env: &'e Env, integration: &entity::integration::Model) -> Result<&'e dyn Connector> {
    Ok(integration::system(env, integration.provider)?.connector.as_ref())
}

async fn pull(env: &Env, viewer: &Viewer, integration: IntegrationId, upload: UploadId, request: ImportRequest) -> Result<Pull> {
    let tenant = tenant::find(&env.db, viewer.tenant).await?;
    let blob = StoredFile::open(&env.db, viewer.tenant, upload).await?;
    Ok(Pull {
        tenant: viewer.tenant,
        integration,
        today: calendar::local_date(calendar::zone(&tenant.time_zone)?, env.now()),
        currency: tenant.currency,
        position: None,
        scope: crate::port::Scope::Everything,
        link: None,
        file: Some((Box::new(blob), request)),
    })
}

/// What the person left out, taken from what was saved with the integration; none when nothing was left out or saved.
fn saved(integration: &entity::integration::Model, request: &ImportRequest) -> Result<Option<ImportRequest>> {
    let Some(saved) = integration.mapping.clone().filter(|_| request.mapping.is_empty()) else { return Ok(None) };
    let saved: ImportRequest = serde_json::from_value(saved)?;
    Ok(Some(ImportRequest {
        mapping: saved.mapping,
        delimiter: request.delimiter.or(saved.delimiter),
        encoding: request.encoding.or(saved.encoding),
        date_order: request.date_order.or(saved.date_order),
        decimal_mark: request.decimal_mark.or(saved.decimal_mark),
        selection: request.selection.clone(),
    }))
}

/// A source's refusal as the caller sees it.
fn refused(error: SourceError) -> Error {
    match error {
        SourceError::Refused { code, message } => Refusal::new(code_of(&code), message).at("uploadId").into(),
        other => Error::Bug(format!("reading a stored file: {other}")),
    }
}

fn code_of(code: &str) -> RefusalCode {
    [RefusalCode::NotATable, RefusalCode::EmptyFile, RefusalCode::LimitExceeded, RefusalCode::TooLong, RefusalCode::Required]
        .into_iter()
        .find(|known| known.as_str() == code)
        .unwrap_or(RefusalCode::Invalid)
}
