//! Indexes that are in the way of others. On PostgreSQL every index that begins with the tenant may serve a statement
//! about one row of it; where a table is small or has no statistics they all look alike, the youngest is taken, and what
//! was planned then stays in use while the table grows. So what is about few rows holds these rows only, and no other
//! statement can be led through it.

use sea_orm_migration::prelude::*;

use crate::table::index;

/// Makes them anew.
///
/// # Errors
///
/// When the database refuses.
pub async fn up(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    for sql in [
        "DROP INDEX ix_debtor_tenant_id_merged_into",
        "CREATE INDEX ix_debtor_merged_into ON debtor (tenant_id, merged_into) WHERE merged_into IS NOT NULL",
        "DROP INDEX ix_letter_tenant_id_lead_id",
        "CREATE INDEX ix_letter_lead_id ON letter (tenant_id, lead_id) WHERE lead_id IS NOT NULL",
        // A case's letters are read in the order of their ids: without it the whole tenant's may be, for their order.
        "DROP INDEX ix_letter_tenant_id_case_id_step",
    ] {
        m.get_connection().execute_unprepared(sql).await?;
    }
    index(m, "letter", &["tenant_id", "case_id", "id"]).await
}
