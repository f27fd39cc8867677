//! The second version: connected accounting systems with their sealed keys, hints, notes and limits; agencies and
//! hand-overs; what pulls from a provider remember on the rows that are there already.

mod agencies;
mod columns;
mod providers;

use sea_orm_migration::prelude::*;

/// The migration.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0002"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whole or not at all, also when the process is killed; on SQLite nobody does it unasked.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        columns::up(m).await?;
        providers::up(m).await?;
        agencies::up(m).await
    }
}
