//! An index over `invoice`: what is open of cases, oldest first, so that old claims are found without walking over all
//! that were ever paid.

use sea_orm_migration::prelude::*;

/// Creates it.
///
/// # Errors
///
/// When the database refuses.
pub async fn up(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let index = "CREATE INDEX ix_invoice_collected ON invoice (tenant_id, due_on, id) WHERE case_id IS NOT NULL AND status = 'open'";
    m.get_connection().execute_unprepared(index).await.map(drop)
}
