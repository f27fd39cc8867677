//! Questions about integrations, runs and files.

use async_graphql::{Context, ID, Object};
use domain::import;
use entity::{IntegrationId, SyncRunId};

use crate::graphql::{
    access,
    connection::list_cost,
    error::{bad_input, query_error},
    id,
    import_options::ImportOptionsInput,
    import_preview::ImportPreview,
    integration::Integration,
    loader::{self, Row},
    sync_run::SyncRun,
    tenant::tenant_row,
};

/// Questions about integrations, runs and files.
#[derive(Default)]
pub struct Imports;

/// Questions about integrations, runs and files.
#[Object]
impl Imports {
    /// An integration; null when there is none.
    async fn integration(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: ID) -> async_graphql::Result<Option<Integration>> {
        let tenant = access::viewer(ctx)?.tenant;
        Ok(loader::one(ctx, Row(tenant, id::queried::<IntegrationId>(&id, "id")?)).await?.map(Integration))
    }

    /// A run; null when there is none.
    async fn sync_run(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: ID) -> async_graphql::Result<Option<SyncRun>> {
        let tenant = access::viewer(ctx)?.tenant;
        Ok(loader::one(ctx, Row(tenant, id::queried::<SyncRunId>(&id, "id")?)).await?.map(SyncRun))
    }

    /// What an import would bring, with what is wrong in each row and column. Nothing is changed.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn import_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Into which integration.")] integration_id: ID,
        #[graphql(desc = "Which uploaded file.")] upload_id: ID,
        #[graphql(desc = "How to read it; what is left out is taken from what was saved, or detected.")] options: Option<
            ImportOptionsInput,
        >,
        #[graphql(desc = "How many rows, 1 to 100.", default = 20)] rows: i32,
    ) -> async_graphql::Result<ImportPreview> {
        let viewer = access::viewer(ctx)?;
        let rows = usize::try_from(rows).ok().filter(|rows| (1..=100).contains(rows)).ok_or_else(|| bad_input("`rows` is 1 to 100"))?;
        let integration = id::queried(&integration_id, "integrationId")?;
        let upload = id::queried(&upload_id, "uploadId")?;
        let request = options.unwrap_or_default().request().map_err(|refusal| query_error(refusal.into()))?;
        let seen = import::preview(access::env(ctx)?, &viewer, integration, upload, request, rows).await.map_err(query_error)?;
        Ok(ImportPreview::of(seen, &tenant_row(ctx, viewer.tenant).await?.currency))
    }
}
