//! Links to accounting systems.

mod books;
mod settings;

use async_graphql::{
    Context, ID, Object, SimpleObject,
    connection::{Connection, Edge},
};
use chrono::{DateTime, Utc};
use domain::{import::ImportRequest, port::Account};
use entity::{Scoped, SyncRunId, integration, sync_run};
use sea_orm::{ColumnTrait, QueryFilter};

pub use books::Books;
pub use settings::IntegrationSettings;

use super::{
    accounting_system::{self, AccountingSystem},
    connection::{Counted, db, page_cost},
    error::query_error,
    id,
    import_options::ImportOptions,
    keyset::Paging,
    kind::{IntegrationStatus, Provider},
    loader::{self, KeysOf, KnownKeys, RunsOf, Slice},
    seal::Seal,
    sync_run::SyncRun,
};

/// A tenant's link to one accounting system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integration(pub integration::Model);

impl From<integration::Model> for Integration {
    fn from(row: integration::Model) -> Self {
        Self(row)
    }
}

impl Integration {
    async fn known_keys(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<KnownKeys>> {
        match self.0.credential_id {
            Some(keys) => loader::one(ctx, KeysOf(self.0.tenant_id, keys)).await,
            None => Ok(None),
        }
    }
}

/// Whether an integration works.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct IntegrationHealth {
    /// Whether the last run ended well and the access is good.
    pub ok: bool,
    /// Stable reason of the failures.
    pub code: Option<String>,
    /// What is wrong and what to do, for people.
    pub message: Option<String>,
    /// Since when runs fail.
    pub failing_since: Option<DateTime<Utc>>,
    /// How many in a row.
    pub consecutive_failures: i32,
    /// The provider asked to wait until this instant, by the machine's clock.
    pub parked_until: Option<DateTime<Utc>>,
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

    /// What that system can do and how it is joined; null when it is not set up on this server any more.
    async fn system(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<AccountingSystem>> {
        accounting_system::one(ctx, self.0.provider)
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
            ok: self.0.consecutive_failures == 0 && self.0.health_code.is_none(),
            code: self.0.health_code.clone(),
            message: self.0.health_message.clone(),
            failing_since: self.0.failing_since,
            consecutive_failures: self.0.consecutive_failures,
            parked_until: self.0.parked_until,
        }
    }

    /// Whose books it is linked to, or was; null for files.
    async fn account(&self) -> async_graphql::Result<Option<Books>> {
        let account: Option<Account> = self.0.account.clone().map(serde_json::from_value).transpose().map_err(|e| query_error(e.into()))?;
        Ok(account.map(Books::from))
    }

    /// The last characters of the key that was pasted, to tell it from others; null for other ways to join.
    async fn key_hint(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<String>> {
        Ok(self.known_keys(ctx).await?.and_then(|keys| keys.hint))
    }

    /// What the provider lets us do, as it spells it; empty when nothing was granted or it does not say.
    async fn granted_scopes(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<String>> {
        Ok(self.known_keys(ctx).await?.map(|keys| keys.scopes).unwrap_or_default())
    }

    /// When it was last connected; null for files.
    async fn connected_at(&self) -> Option<DateTime<Utc>> {
        self.0.connected_at
    }

    /// Whether `integrationSyncNow`, `pullPreview` and `integrationImport` are possible now.
    async fn can_sync(&self) -> bool {
        domain::integration::can_be_asked(&self.0)
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

    /// When everything that is open is next looked at, not only what changed; null for files.
    async fn next_sweep_at(&self) -> Option<DateTime<Utc>> {
        self.0.next_sweep_at
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
