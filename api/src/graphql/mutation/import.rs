//! Taking files over.

use async_graphql::{Context, ID, Object, Result};
use domain::import::{self, StartImport};

use super::{
    once,
    payload::{ImportPayload, answer_with},
};
use crate::graphql::{
    access::{env, viewer},
    id,
    import_options::{ImportOptionsInput, ImportSelectionInput},
    loader::{self, Row},
};

/// Taking files over.
#[derive(Default)]
pub struct ImportMutations;

#[Object]
impl ImportMutations {
    /// Starts to take an uploaded file over. `@idempotent` required. A file that is no table is refused and changes
    /// nothing; single bad rows are listed with the run. For owners and accountants.
    async fn import_start(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Into which integration; it must be active and for files.")] integration_id: ID,
        #[graphql(desc = "Which file; its bytes must be there.")] upload_id: ID,
        #[graphql(desc = "How to read it.")] options: Option<ImportOptionsInput>,
        #[graphql(desc = "Which records to take; all when left out.")] selection: Option<ImportSelectionInput>,
        #[graphql(desc = "Keep mapping and formats for the next file.", default)] save_mapping: bool,
    ) -> Result<ImportPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let started = async {
            let call = once::call(ctx)?;
            let (integration, upload) = (id::named(&integration_id, "integrationId")?, id::named(&upload_id, "uploadId")?);
            let mut request = options.unwrap_or_default().request()?;
            request.selection = selection.unwrap_or_default().selection()?;
            import::start_once(env, &viewer, StartImport { integration, upload, request, save_mapping }, &call).await
        };
        answer_with(started.await, |run| async move {
            let run = loader::one(ctx, Row(viewer.tenant, run)).await?;
            Ok(ImportPayload { sync_run: run.map(Into::into), user_errors: Vec::new() })
        })
        .await
    }
}
