//! An index over `invoice`: whose reference a payer quoted.

use sea_orm_migration::prelude::*;

/// Creates it.
///
/// # Errors
///
/// When the database refuses.
pub async fn up(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let index = "CREATE INDEX ix_invoice_payment_reference ON invoice (tenant_id, payment_reference) WHERE payment_reference IS NOT NULL";
    m.get_connection().execute_unprepared(index).await.map(drop)
}
