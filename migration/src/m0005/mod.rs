//! The fifth version: invoices that their source lost, and indexes that no longer stand in the way of others.

mod lookups;
mod missing;

use sea_orm_migration::prelude::*;

/// The migration.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0005"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whole or not at all, also when the process is killed; on SQLite nobody does it unasked.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        missing::up(m).await?;
        lookups::up(m).await
    }
}
