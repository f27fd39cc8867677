//! Links to accounting systems.

use async_graphql::{
    Context, ID, Object, SimpleObject,
    connection::{Connection, Edge},
};
use chrono::{DateTime, Utc};
use domain::import::ImportRequest;
use entity::{Scoped, SyncRunId, integration, sync_run};
use sea_orm::{ColumnTrait, QueryFilter};

use super::{
    connection::{Counted, db, page_cost},
    error::query_error,
    id,
    import_options::ImportOptions,
    keyset::Paging,
    kind::{IntegrationStatus, OverdueBasis, Provider},
    loader::{self, RunsOf, Slice},
    money::Money,
    scalars::Date,
    seal::Seal,
    sync_run::SyncRun,
    tenant::tenant_row,
};

/// A tenant's link to one accounting system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integration(pub integration::Model);

impl From<integration::Model> for Integration {
    fn from(row: integration::Model) -> Self {
        Self(row)
    }
}

/// Which invoices become proposals, and what happens then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntegrationSettings(integration::Model);

/// Which invoices become proposals, and what happens then.
#[Object]
impl IntegrationSettings {
    /// An invoice is eligible from this many days after the basis date.
    async fn minimum_days_overdue(&self) -> i32 {
        self.0.minimum_days_overdue
    }

    /// Which date the days count from.
    async fn overdue_basis(&self) -> OverdueBasis {
        self.0.overdue_basis.into()
    }

    /// Only invoices issued on or after this day are eligible.
    async fn activate_from(&self) -> Option<Date> {
        self.0.activate_from.map(Date)
    }

    /// Only invoices with at least this much outstanding are eligible, in their own currency; shown in the tenant's.
    async fn minimum_amount(&self, ctx: &Context<'_>) -> async_graphql::Result<Money> {
        let tenant = tenant_row(ctx, self.0.tenant_id).await?;
        Ok(Money::new(self.0.minimum_amount_minor, &tenant.currency))
    }

    /// Proposals are approved at once, without a person.
    async fn auto_approve(&self) -> bool {
        self.0.auto_approve
    }

    /// A letter waits when the last sync is older than this; null for systems that cannot be asked (files).
    async fn freshness_hours(&self) -> Option<i32> {
        self.0.freshness_hours
    }
}

/// Whether an integration works.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct IntegrationHealth {
    /// Whether the last run ended well.
    pub ok: bool,
    /// Stable reason of the failures.
    pub code: Option<String>,
    /// Since when runs fail.
    pub failing_since: Option<DateTime<Utc>>,
    /// How many in a row.
    pub consecutive_failures: i32,
}

/// A tenant's link to one accounting system.
#[Object]
impl Integration {
    /// Its id, `int_…`.
    pub async fn id(&self) -> ID {
        id::encode(self.0.id)
    }

    /// Which system.
    async fn provider(&self) -> Provider {
        self.0.provider.into()
    }

    /// Shown to people.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Where it stands.
    async fn status(&self) -> IntegrationStatus {
        self.0.status.into()
    }

    /// Which invoices become proposals, and what happens then.
    async fn settings(&self) -> IntegrationSettings {
        IntegrationSettings(self.0.clone())
    }

    /// Whether it works.
    async fn health(&self) -> IntegrationHealth {
        IntegrationHealth {
            ok: self.0.consecutive_failures == 0,
            code: self.0.health_code.clone(),
            failing_since: self.0.failing_since,
            consecutive_failures: self.0.consecutive_failures,
        }
    }

    /// How its files were read the last time that this was saved; null for none.
    async fn saved_mapping(&self) -> async_graphql::Result<Option<ImportOptions>> {
        let saved: Option<ImportRequest> =
            self.0.mapping.clone().map(serde_json::from_value).transpose().map_err(|error| query_error(error.into()))?;
        Ok(saved.as_ref().map(ImportOptions::of))
    }

    /// End of the last run that took everything over.
    async fn last_synced_at(&self) -> Option<DateTime<Utc>> {
        self.0.last_synced_at
    }

    /// When the next run is due; null for files.
    async fn next_sync_at(&self) -> Option<DateTime<Utc>> {
        self.0.next_sync_at
    }

    /// Its runs, newest first.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn sync_runs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Runs from the newest, or after `after`; at most 100.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Runs from the oldest, or before `before`; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<Connection<String, SyncRun, Counted>> {
        runs(ctx, &self.0, &Paging { first, after, last, before }).await
    }

    /// Grows with each change by a person; for `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}

async fn runs(
    ctx: &Context<'_>,
    integration: &integration::Model,
    paging: &Paging,
) -> async_graphql::Result<Connection<String, SyncRun, Counted>> {
    let seal = Seal::of(ctx, "syncRuns")?;
    let (asked, backward) = paging.window()?;
    let place = |cursor: &Option<String>| cursor.as_deref().map(|cursor| seal.open::<SyncRunId>(cursor)).transpose();
    let slice = Slice { after: place(&paging.after)?, before: place(&paging.before)?, limit: asked as u64 + 1, backward };
    let rows = loader::one(ctx, RunsOf(integration.tenant_id, integration.id, slice)).await?.unwrap_or_default();
    let (rows, previous, next) = loader::page(&slice, rows, asked);
    let all = sync_run::Entity::of(integration.tenant_id).filter(sync_run::Column::IntegrationId.eq(integration.id));
    let mut connection = Connection::with_additional_fields(previous, next, Counted::new(db(ctx)?, all));
    for row in rows {
        connection.edges.push(Edge::new(seal.close(&row.id)?, SyncRun(row)));
    }
    Ok(connection)
}
