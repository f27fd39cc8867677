//! Tables of the first version: `event`. The columns' meaning is documented in `entity`.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, json_binary, text, timestamp_with_time_zone, uuid, uuid_null},
};

use super::transaction_id;
use crate::table::{create, index, word};

/// Creates them.
///
/// # Errors
///
/// When the database refuses.
pub async fn up(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    event(m).await?;
    Ok(())
}

async fn event(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("event")
        .col(big_integer("sequence").auto_increment().primary_key())
        .col(big_integer("txid").default(transaction_id(m)))
        .col(uuid("tenant_id"))
        .col(text("kind"))
        .col(uuid_null("case_id"))
        .col(uuid_null("debtor_id"))
        .col(uuid_null("integration_id"))
        .col(uuid_null("sync_run_id"))
        .col(uuid_null("subject_id"))
        .col(word("actor"))
        .col(uuid_null("actor_id"))
        .col(json_binary("data"))
        .col(timestamp_with_time_zone("at"))
        .to_owned();
    create(m, table).await?;
    index(m, "event", &["txid", "sequence"]).await?;
    index(m, "event", &["tenant_id", "case_id", "sequence"]).await?;
    index(m, "event", &["tenant_id", "sync_run_id", "sequence"]).await?;
    index(m, "event", &["tenant_id", "txid", "sequence"]).await?;
    Ok(())
}
