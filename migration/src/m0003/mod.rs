//! The third version: escalation, law and letters in full. Policies are chosen by case, debtor, integration or tenant;
//! steps may be tasks; letters come from templates and may stand for several cases; claims carry charges; deliveries
//! keep each attempt, and addresses that must not be used again.

mod charges;
mod columns;
mod deliveries;
mod prints;
mod tasks;
mod templates;

use sea_orm_migration::prelude::*;

/// The migration.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0003"
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
        charges::up(m).await?;
        deliveries::up(m).await?;
        prints::up(m).await?;
        tasks::up(m).await?;
        templates::up(m).await
    }
}
