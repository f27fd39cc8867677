//! Looking into a file before anything is imported.

use entity::{IntegrationId, UploadId};

use super::{ImportRequest, StoredFile};
use crate::{
    actor::{Action, Viewer},
    calendar,
    env::Env,
    error::{Error, Refusal, RefusalCode, Result},
    integration,
    port::{Preview, Pull, SourceError},
    tenant,
};

/// Most rows of a preview.
pub const MAX_PREVIEW_ROWS: usize = 100;

/// Reads the first rows of a file as they would be taken over. An empty mapping starts from the one saved with the
/// integration, or is detected.
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
    let tenant = tenant::find(&env.db, viewer.tenant).await?;
    let blob = StoredFile::open(&env.db, viewer.tenant, upload).await?;
    let pull = Pull {
        tenant: viewer.tenant,
        integration: integration_id,
        currency: tenant.currency,
        position: None,
        changed_since: None,
        file: Some((Box::new(blob), request)),
        today: calendar::local_date(calendar::zone(&tenant.time_zone)?, env.now()),
    };
    let connector = env.outside.connectors.get(&integration.provider);
    let connector = connector.ok_or_else(|| Error::Bug(format!("no connector for {:?}", integration.provider)))?;
    connector.preview(pull, rows.clamp(1, MAX_PREVIEW_ROWS)).await.map_err(refused)
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
