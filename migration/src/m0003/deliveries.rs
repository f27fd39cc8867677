//! Tables of the third version: `attempt`, `receipt`, `suppression`. The columns' meaning is documented in `entity`.

use sea_orm_migration::{
    prelude::*,
    schema::{boolean, integer, json_binary, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null},
};

use crate::table::{create, index, unique, word, word_null};

/// Creates them.
///
/// # Errors
///
/// When the database refuses.
pub async fn up(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    attempt(m).await?;
    receipt(m).await?;
    suppression(m).await?;
    // Providers name a delivery by its id or by theirs, and do not know our tenants.
    index(m, "delivery", &["id"]).await?;
    index(m, "delivery", &["provider_id"]).await?;
    index(m, "delivery", &["recipient"]).await
}

async fn attempt(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("attempt")
        .col(uuid("tenant_id"))
        .col(uuid("delivery_id"))
        .col(integer("number"))
        .col(timestamp_with_time_zone("started_at"))
        .col(timestamp_with_time_zone_null("finished_at"))
        .col(word_null("outcome"))
        .col(text_null("code"))
        .col(text_null("message"))
        .col(text_null("provider_id"))
        .primary_key(Index::create().col("tenant_id").col("delivery_id").col("number"))
        .foreign_key(&mut of_delivery("attempt"))
        .to_owned();
    create(m, table).await
}

async fn receipt(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("receipt")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(uuid("delivery_id"))
        .col(text("mark"))
        .col(word("kind"))
        .col(text("word"))
        .col(text_null("code"))
        .col(text_null("message"))
        .col(timestamp_with_time_zone_null("happened_at"))
        .col(json_binary("raw"))
        .col(boolean("moved"))
        .col(timestamp_with_time_zone("created_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(&mut of_delivery("receipt"))
        .to_owned();
    create(m, table).await?;
    unique(m, "receipt", &["tenant_id", "delivery_id", "mark"]).await
}

async fn suppression(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("suppression")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(word("channel"))
        .col(text("address"))
        .col(word("reason"))
        .col(text_null("detail"))
        .col(uuid_null("debtor_id"))
        .col(uuid_null("delivery_id"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("lifted_at"))
        .col(uuid_null("lifted_by"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().name("fk_suppression_tenant").from("suppression", "tenant_id").to("tenant", "id"))
        .to_owned();
    create(m, table).await?;
    // Both databases have partial indexes in the same words; the builder has not.
    let once = "CREATE UNIQUE INDEX uq_suppression_in_force ON suppression (tenant_id, channel, address) WHERE lifted_at IS NULL";
    m.get_connection().execute_unprepared(once).await?;
    Ok(())
}

fn of_delivery(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("fk_{table}_delivery"))
        .from(table, ("tenant_id", "delivery_id"))
        .to("delivery", ("tenant_id", "id"))
        .to_owned()
}
