//! A column of `invoice`: since when its source does not tell of it although it was asked for it by name. Its meaning is
//! documented in `entity`.

use sea_orm_migration::{prelude::*, schema::timestamp_with_time_zone_null};

/// Adds it.
///
/// # Errors
///
/// When the database refuses.
pub async fn up(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    m.alter_table(Table::alter().table("invoice").add_column(timestamp_with_time_zone_null("missing_since")).to_owned()).await
}
