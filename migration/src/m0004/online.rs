//! Columns of `invoice`: when its page on the web was first asked for, and when it is asked for next. Their meaning is
//! documented in `entity`.

use sea_orm_migration::{prelude::*, schema::timestamp_with_time_zone_null};

/// Adds them.
///
/// # Errors
///
/// When the database refuses.
pub async fn up(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    for column in ["online_asked_at", "online_ask_at"] {
        m.alter_table(Table::alter().table("invoice").add_column(timestamp_with_time_zone_null(column)).to_owned()).await?;
    }
    // Emptied with the answer: only what is still to be asked is in it.
    let index = "CREATE INDEX ix_invoice_online_ask_at ON invoice (online_ask_at) WHERE online_ask_at IS NOT NULL";
    m.get_connection().execute_unprepared(index).await.map(drop)
}
