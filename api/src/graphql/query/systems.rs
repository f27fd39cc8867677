//! Questions about accounting systems, and to them.

use async_graphql::{Context, ID, Object};
use domain::sync::{self, LookFrom};

use crate::graphql::{
    access,
    accounting_system::{self, AccountingSystem},
    connection::list_cost,
    error::query_error,
    id,
    pull_preview::PullPreview,
    scalars::Date,
    tenant::tenant_row,
};

/// The cost of asking a provider: an operation may do so a few times, not a hundred.
const ASKING_COST: usize = 4_000;

/// Questions about accounting systems, and to them.
#[derive(Default)]
pub struct Systems;

/// Questions about accounting systems, and to them.
#[Object]
impl Systems {
    /// The accounting systems that are set up on this server, and how each is joined. A provider that is not listed is not
    /// set up.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn accounting_systems(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<AccountingSystem>> {
        access::viewer(ctx)?;
        accounting_system::all(ctx)
    }

    /// What a pull from an accounting system would bring now, read at its source. Nothing is changed; tick invoices and
    /// give them to `integrationImport`. For owners and accountants.
    #[graphql(complexity = "ASKING_COST + list_cost(child_complexity)")]
    async fn pull_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which integration; it must be active and have an accounting system.")] integration_id: ID,
        #[graphql(desc = "Only invoices issued on or after this day.")] invoices_from: Option<Date>,
        #[graphql(desc = "Only payments received on or after this day.")] payments_from: Option<Date>,
    ) -> async_graphql::Result<PullPreview> {
        let viewer = access::viewer(ctx)?;
        let from = LookFrom { invoices: invoices_from.map(|day| day.0), payments: payments_from.map(|day| day.0) };
        let integration = id::queried(&integration_id, "integrationId")?;
        let found = sync::look(access::env(ctx)?, &viewer, integration, from).await.map_err(query_error)?;
        Ok(PullPreview::of(found, &tenant_row(ctx, viewer.tenant).await?.currency))
    }
}
