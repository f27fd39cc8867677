//! The fourth version: what the third is swept by.

mod limitation;
mod online;
mod reference;

use sea_orm_migration::prelude::*;

/// The migration.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0004"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whole or not at all, also when the process is killed; on SQLite nobody does it unasked.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        limitation::up(m).await?;
        online::up(m).await?;
        reference::up(m).await
    }
}
