//! Tables of the third version: attempts and suppressed addresses. The columns' meaning is documented in `entity`.

use sea_orm_migration::prelude::*;

/// Creates them.
///
/// # Errors
///
/// When the database refuses.
#[expect(clippy::unused_async, clippy::unnecessary_wraps, reason = "its tables come with the next commits")]
pub async fn up(_m: &SchemaManager<'_>) -> Result<(), DbErr> {
    Ok(())
}
