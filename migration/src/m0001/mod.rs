//! The first version's tables, by theme. Enumerations are short text, never native types; instants carry a zone;
//! every tenant's table is keyed by `(tenant_id, id)` and its foreign keys repeat the tenant.

mod claims;
mod events;
mod intake;
mod letters;
mod people;
mod policies;

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// The migration.
pub struct Migration;

/// Said, not derived: a name derived from this file would be `mod`, and so would the next one's.
impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0001"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whole or not at all, also when the process is killed; on SQLite nobody does it unasked.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        people::up(m).await?;
        policies::up(m).await?;
        intake::up(m).await?;
        claims::up(m).await?;
        letters::up(m).await?;
        events::up(m).await
    }
}

/// The default of `event.txid`: the writing transaction, where the database has such a thing.
fn transaction_id(m: &SchemaManager<'_>) -> Expr {
    match m.get_database_backend() {
        DbBackend::Postgres => Expr::cust("(pg_current_xact_id()::text::bigint)"),
        _ => Expr::val(0),
    }
}
